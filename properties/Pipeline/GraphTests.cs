using System.Collections.Immutable;
using FsCheck.Fluent;
using Motion.Contracts;
using Motion.Pipeline.Stages;
using Motion.Properties.Generators;
using Motion.Properties.Verify;
using Motion.Runner.Folders;
using Motion.Runner.Settings;
using Motion.Runner.Streams;
using Xunit;

namespace Motion.Properties.Pipeline;

/// <summary>The graph is what the settings say, and what runs is the graph.</summary>
public sealed class GraphTests : TinyRuns
{
    private static readonly string[] Ends = ["evaluate", "report"];

    private static string[] ErrorsOf(StageTable table, string yaml) =>
        ReadSettings
            .Text(yaml, "p.yaml", Overrides.None, table)
            .Match<string[]>(_ => [], errors => [.. errors.All.Select(error => error.Describe())]);

    /// <summary>A stage of one's own: frames with their flow in, the same out.</summary>
    private static StageKind Middle(string name)
    {
        var part = StagePart.Map<TinyEvaluate, FlowFrame, FlowFrame>(
            (_, _) => Result.Ok<Func<FlowFrame, Result<FlowFrame, IStageError>>, IStageError>(frame => frame)
        );
        return new(name, typeof(TinyEvaluate), "passes on")
        {
            Train = part,
            Test = part,
            MayCopy = true,
        };
    }

    private static StageTable With(params string[] middles) => new([.. TinyStages.Kinds, .. middles.Select(Middle)]);

    [Fact]
    public async Task From_FlowAlone_GivesTheReportFlowAlone()
    {
        var ran = await Whole("stages.report.from=[flow]");
        Assert.Equal(Enumerable.Range(0, 40).Select(n => $"FlowFrame {n}"), ran.Report);
        Assert.Equal(40, ran.Outcome!.Evaluation!.Frames); // evaluate is fed as ever
        var alone = await Run("stages: {decode: {frames: 3}, flow: {}, forward: {}, report: {from: [flow]}}");
        Assert.Equal(["FlowFrame 0", "FlowFrame 1", "FlowFrame 2"], alone.Report);
    }

    [Fact]
    public async Task From_FlowAndForward_LeavesTheScoresOut()
    {
        var ran = await Whole("stages.report.from=[flow, forward]");
        Assert.Equal(Enumerable.Range(0, 40).SelectMany(n => new[] { $"FlowFrame {n}", $"Detections {n}" }), ran.Report);
    }

    [Fact]
    public void Drawing_SaysWhoIsFedOtherwise()
    {
        Assert.Equal("decode -> flow -> forward <-> loss, 23 iterations; then -> evaluate, report", DrawGraph.Line(Read(Yaml)));
        Assert.Equal(
            "decode -> flow (own process, 2 copies) -> forward <-> loss, 23 iterations; then -> evaluate, report (from flow)",
            DrawGraph.Line(Read(Yaml, "stages.report.from=[flow]", "stages.flow.process=own", "stages.flow.copies=2"))
        );
        Assert.Equal(
            "decode -> flow; then -> report (from flow)",
            DrawGraph.Line(Read("stages: {decode: {}, flow: {}, forward: {}, report: {from: [flow]}}"))
        );
    }

    [Theory]
    [InlineData(
        "stages: {decode: {}, flow: {}, calm: {}, report: {}}",
        "p.yaml:1:42: stages.report: flow and calm give it FlowFrame. Say which it takes: from: [calm]."
    )]
    [InlineData(
        "stages: {decode: {}, flow: {}, calm: {}, forward: {}, evaluate: {}}",
        "p.yaml:1:42: stages.forward: flow and calm give it FlowFrame. Say which it takes: from: [calm]."
    )]
    [InlineData(
        "stages: {decode: {}, flow: {}, calm: {}, forward: {from: [flow]}, report: {}}",
        "p.yaml:1:67: stages.report: flow and calm give it FlowFrame. Say which it takes: from: [calm, forward]."
    )]
    [InlineData(
        "{stages: {decode: {}, flow: {}, calm: {}, forward: {from: [calm]}, loss: {}}, train: {}}",
        "p.yaml:1:43: stages.forward: nothing feeds it Gradient. Add loss to from."
    )]
    [InlineData(
        "stages: {decode: {}, flow: {}, calm: {from: [still]}, still: {from: [calm]}, report: {from: [calm]}}",
        "p.yaml:1:32: stages.calm.from: calm would feed itself. Take a stage out of from."
    )]
    [InlineData(
        "stages: {decode: {}, flow: {}, calm: {from: [calm]}, report: {from: [calm]}}",
        "p.yaml:1:32: stages.calm.from: calm emits FlowFrame, but calm takes FlowFrame. Feed calm from flow."
    )]
    [InlineData(
        "stages: {decode: {}, flow: {}, report: {from: [flow, flow]}}",
        "p.yaml:1:32: stages.report.from: flow is named twice. Name it once."
    )]
    public void Graph_ThatIsNotClear_IsRefusedAtItsPlace(string yaml, string expected) =>
        Assert.Contains(expected, ErrorsOf(With("calm", "still"), yaml));

    /// <summary>
    /// However many stages of one's own stand in the stream, wherever the ends are fed from and however many copies there are: what each
    /// end sees is what `from` says, in order.
    /// </summary>
    [Fact, Law]
    public void Graph_WithAnyChainOfOwnStages_GivesEachEndWhatFromSays() =>
        Laws.Hold(
            from length in Gen.Choose(0, 4)
            from at in Gen.Choose(0, 4).ArrayOf(3)
            from copies in Gen.Choose(1, 3)
            select (length, at: at.Select(each => each % (length + 1)).ToArray(), copies),
            drawn =>
            {
                string[] chain = ["flow", .. Enumerable.Range(1, drawn.length).Select(n => $"own{n}")];
                var table = With(chain[1..]);
                var yaml = $$"""
                    stages:
                      decode: {frames: 5}
                      flow: {}
                      {{string.Join(
                        "\n  ",
                        chain.Skip(1).Select((name, i) => $"{name}: {{from: [{chain[i]}], copies: {drawn.copies}}}").DefaultIfEmpty(
                            "# none of one's own"
                        )
                    )}}
                      forward: {from: [{{chain[drawn.at[0]]}}]}
                      evaluate: {from: [forward]}
                      report: {from: [{{chain[drawn.at[1]]}}, forward, evaluate]}
                    """;
                var settings = ReadSettings.Text(yaml, "p.yaml", Overrides.None, table).OrThrow();
                var graph = Graph.Of(settings, Phase.Test);
                var names = graph.Stages.Select(stage => stage.Name).ToList();
                return graph.Edges.All(edge => names.IndexOf(edge.From) < names.IndexOf(edge.To))
                    && graph
                        .Edges.Where(edge => edge.Port.Message == typeof(FlowFrame) && edge.To is "forward" or "report")
                        .All(edge => settings.Find(edge.To)!.Placement.From!.Value.Contains(edge.From))
                    && Ends.All(end => names.Contains(end))
                    && chain.Skip(1).Index().All(own => names.Contains(own.Item) == (own.Index < Math.Max(drawn.at[0], drawn.at[1])));
            },
            cases: 100
        );

    /// <summary>
    /// A frame that cannot be read in the middle of a test: what came before is evaluated and reported, then the failure is told.
    /// </summary>
    [Theory]
    [InlineData("stages.decode.bad=[17]", "frame 17 is bad", "")]
    [InlineData("stages.flow.refuses=17", "flow refuses 17", "")]
    [InlineData("stages.decode.bad=[17]", "frame 17 is bad", "stages.decode.process=own")]
    [InlineData("stages.flow.refuses=17", "flow refuses 17", "stages.flow.copies=3")]
    public async Task Test_CutShortByAFailure_KeepsWhatCameBefore(string change, string said, string place)
    {
        var ran = await Run(
            "stages: {decode: {frames: 40}, flow: {}, forward: {}, evaluate: {}, report: {}}",
            [change, .. place.Length > 0 ? [place] : Array.Empty<string>()]
        );
        Assert.Equal(said, Assert.IsType<StageStopped>(ran.Failure).Fault.Text);
        Assert.Equal(
            Enumerable.Range(0, 17).SelectMany(n => new[] { $"FlowFrame {n}", $"Detections {n}" }).Append("Evaluation 0"),
            ran.Report
        );
        Assert.Contains(
            Facts.Read(ran.Folder.Facts).Notes,
            note =>
                note.Contains(
                    $"The test ended before its time, and all that is shown is of the frames before that: {said[..4]}",
                    StringComparison.Ordinal
                ) || note.EndsWith(said, StringComparison.Ordinal)
        );
    }

    [SourceFact]
    public void Table_OfStages_IsThatOfTheKinds()
    {
        var page = File.ReadAllText(Path.Combine(SourceFactAttribute.Root!, "docs", "running.md"));
        foreach (var kind in RealStages.Table.Kinds)
            Assert.Contains(Row(kind), page, StringComparison.Ordinal);
    }

    private static string Row(StageKind kind)
    {
        static string Types(IEnumerable<string> names) => string.Join(", ", names.Distinct().DefaultIfEmpty("-"));
        return $"| `{kind.Name}` | {kind.Does} | {Types(kind.Parts.SelectMany(part => part.Takes).Select(port => $"{port.Message.Name}{(port.Required ? "" : "?")}"))} | {Types(kind.Parts.Select(part => part.Gives?.Name).OfType<string>())} | {string.Join(", ", new[] { kind.Train is null ? null : "training", kind.Test is null ? null : "test" }.OfType<string>())} |";
    }
}
