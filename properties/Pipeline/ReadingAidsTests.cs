using Motion.Contracts;
using Motion.Flow;
using Motion.Kernels;
using Motion.Loss;
using Motion.Pipeline.Settings;
using Motion.Pipeline.Show;
using Motion.Pipeline.Stages;
using Motion.Runner.Running;
using Motion.Runner.Settings;
using Motion.Runner.Stations;
using Motion.Runner.Yaml;
using Xunit;

namespace Motion.Properties.Pipeline;

/// <summary>Shares of the training and choices of weights, which become plain values before settings are read.</summary>
public sealed class ReadingAidsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("motion-weights-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("50%", 150)]
    [InlineData("1%", 3)]
    [InlineData("100%", 300)]
    [InlineData("33.5%", 101)] // 100.5, half away from zero
    [InlineData("7", 7)]
    public void Share_OfTheTraining_IsANumberOfIterations(string text, int expected)
    {
        var settings = ConfigurationTests.Read(
            $$"""
            stages:
              decode:
                frames: {{text}}
              flow: {network: zero}
              forward: {}
              loss: {}
            train: {iterations: 300, batch: 2}
            """
        );
        Assert.Equal(expected, settings.Find("decode")!.Of<TinyDecode>(Phase.Train).Frames);
    }

    [Fact]
    public void Share_BeyondTheTraining_IsAnErrorWithItsPlace()
    {
        var problems = new Problems();
        SharesOfTraining.In(Document("stages:\n  decode: {frames: 120%}\ntrain: {iterations: 10}"), TinyStages.Kinds, problems);
        var error = Assert.Single(problems.Errors.All).Describe();
        Assert.Contains("p.yaml:2:20", error, StringComparison.Ordinal);
        Assert.Contains("120%", error, StringComparison.Ordinal);
    }

    [Fact]
    public void Share_InQuotes_StaysText()
    {
        var document = Document("stages:\n  decode: {path: '50%'}");
        var decode = (Node.Map)((Node.Map)SharesOfTraining.In(document, TinyStages.Kinds, new Problems()).Find("stages")!).Find("decode")!;
        Assert.Equal("50%", ((Node.Scalar)decode.Find("path")!).Text);
    }

    [Fact]
    public void Weights_ListOfFiles_AreTheFirstThatIsThere()
    {
        var (missing, there) = (Path.Combine(_folder, "a.pth"), Path.Combine(_folder, "b.pth"));
        File.WriteAllText(there, "");
        Assert.Equal(there, Weights($"[{missing}, {there}, {missing}]", new Problems()));
    }

    [Theory]
    [InlineData("gma-sintel", "gma-sintel.pth")]
    [InlineData("gma-things", "gma-things.pth")]
    [InlineData("raft-small", "raft-small.pth")]
    [InlineData("resnet50", "resnet50-imagenet.safetensors")]
    public void Weights_APublishedNameThatWasFetched_IsItsFileInTheStore(string name, string file)
    {
        var path = Path.Combine(_folder, file);
        File.WriteAllText(path, "");
        var problems = new Problems();
        var document = Document($"stages:\n  flow: {{weights: [{_folder}/none.pth, {name}]}}");
        var flow = (Node.Map)
            ((Node.Map)ChooseWeights.In(document, problems, published => Path.Combine(_folder, published.File)).Find("stages")!).Find(
                "flow"
            )!;
        Assert.Equal(path, ((Node.Scalar)flow.Find("weights")!).Text);
        Assert.False(problems.Any);
    }

    [Theory]
    [InlineData(1, "", "torchvision")] // pixels of variance 1
    [InlineData(3249, "", null)] // of 0..255: the defaults
    [InlineData(1, ", layout: msra", "msra")] // what the user says stays
    public void Backbone_OfAFileOfTorchvision_GetsItsFormWhereTheYamlSaysNothing(double variance, string more, string? expected)
    {
        var path = Path.Combine(_folder, "backbone.pth");
        using (var weight = TorchSharp.torch.ones(4, 3, 7, 7))
        using (var seen = TorchSharp.torch.full([4], Held.Of(147 * variance)))
        {
            Assert.True(TorchFile.Write(path, [new("conv1.weight", weight), new("bn1.running_var", seen)]).IsOk);
        }

        var document = Document($"stages:\n  forward:\n    backbone: {{weights: {path}{more}}}");
        var backbone = (Node.Map)((Node.Map)((Node.Map)FormOfBackbone.In(document).Find("stages")!).Find("forward")!).Find("backbone")!;
        Assert.Equal(expected, (backbone.Find("layout") as Node.Scalar)?.Text);
        Assert.Equal(expected == "torchvision", backbone.Find("pixelStd") is Node.List { Items.Length: 3 });
        Assert.Equal(expected == "torchvision" ? "rgb" : null, (backbone.Find("channels") as Node.Scalar)?.Text);
    }

    [Fact]
    public void Weights_NoneOfThem_AreAllNamedInOneError()
    {
        var problems = new Problems();
        Weights($"[raft-small, {_folder}/none.pth]", problems);
        var error = Assert.Single(problems.Errors.All).Describe();
        Assert.Contains("none.pth", error, StringComparison.Ordinal);
        Assert.Contains("motion weights fetch raft-small", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("some/path.pth")]
    [InlineData("random")]
    [InlineData("null")]
    public void Weights_OneValueWithoutAName_IsTheStagesOwnMatter(string value) => Assert.Equal(value, Weights(value, new Problems()));

    /// <summary>Where no number of iterations is meant, a text that ends in % is a text, or no number.</summary>
    [Fact]
    public void Share_WhereNoneIsAllowed_StaysAText()
    {
        var settings = ConfigurationTests.Read(
            """
            stages: {decode: {path: 90%, clips: [50%, b], frames: 50%}, flow: {}, report: {}}
            """
        );
        var decode = settings.Find("decode")!.Of<TinyDecode>(Phase.Test);
        Assert.Equal(("90%", 45_000), (decode.Path, decode.Frames));
        Assert.Equal(["50%", "b"], decode.Clips!.Value.AsEnumerable());
        Assert.Contains(
            "stages.flow.throws: got \"50%\". Expected a whole number",
            ReadSettings
                .Text("stages: {decode: {}, flow: {throws: 50%}, report: {}}", "p.yaml", Overrides.None, TinyStages.Kinds)
                .Match(_ => "", errors => errors.Describe()),
            StringComparison.Ordinal
        );
    }

    /// <summary>What a run would refuse is refused where it stands, before anything is opened.</summary>
    [Theory]
    [InlineData("forward", "head: {prior: 2}", "p.yaml:3:27: stages.forward.head.prior: got \"2\". Expected a number above 0 and below 1.")]
    [InlineData(
        "forward",
        "optimiser: {learningRate: 0}",
        "p.yaml:3:39: stages.forward.optimiser.learningRate: got \"0\". Expected a number above 0 to 1000000000."
    )]
    [InlineData("decode", "every: 0", "p.yaml:3:19: stages.decode.every: got \"0\". Expected a whole number in 1 .. 1000000.")]
    public void Setting_OutOfItsRange_IsRefusedAtTheDoor(string stage, string setting, string expected)
    {
        var stages = new[] { "decode", "flow", "forward", "report" }.Select(name =>
            $"  {name}: {{{(name == stage ? setting : name switch { "flow" => "network: zero", "forward" => "weights: x.pth", _ => "" })}}}"
        );
        var said = ReadSettings
            .Text(
                $"stages:\n{string.Join('\n', stages.OrderBy(line => !line.Contains(setting, StringComparison.Ordinal)).Prepend("  # the value is in the first"))}",
                "p.yaml",
                Overrides.None,
                RealStages.Table
            )
            .Match(_ => "", errors => errors.Describe());
        Assert.Contains(expected, said, StringComparison.Ordinal);
    }

    [Fact]
    public void WithoutWeights_IsTakenExactlyWhereTheyAreMissing()
    {
        var there = Path.Combine(_folder, "here.pth");
        Assert.Equal(("null", "small"), BackboneOf($"[{there}, {there}]"));
        File.WriteAllText(there, "");
        Assert.Equal((there, "large"), BackboneOf($"[{there}]"));
    }

    /// <summary>A video of one's own needs no download; what the command line says holds with weights and without.</summary>
    [Theory]
    [InlineData("network: raft-small, weights: [none.pth], withoutWeights: {network: dis, weights: null}", null, "Dis")]
    [InlineData("network: raft-small, weights: [none.pth], withoutWeights: {network: dis, weights: null}", "zero", "Zero")]
    [InlineData("network: raft-small, weights: random, withoutWeights: {network: dis, weights: null}", null, "RaftSmall")]
    [InlineData("", null, "Dis")]
    [InlineData("weights: random", null, "Gma")]
    public void Flow_WithoutWeights_IsDenseInverseSearch(string flow, string? set, string expected)
    {
        var changes = new Overrides(set is null ? [] : [new("stages.flow.network", set, "--set")]);
        var settings = ReadSettings
            .Text($"stages:\n  decode: {{path: clips}}\n  flow: {{{flow}}}\n  report: {{}}", "p.yaml", changes, RealStages.Table)
            .OrThrow();
        Assert.Equal(expected, settings.OptionsOf<FlowOptions>(FlowKind.Kind, Phase.Test)!.Source().ToString());
    }

    [Theory]
    [InlineData("precomputed", "synthetic", "exact flow")]
    [InlineData("precomputed", "frames", "read from files")]
    [InlineData("zero", "synthetic", "no motion")]
    [InlineData("gma", "synthetic", null)]
    [InlineData("dis", "frames", null)]
    public void FlowNote_WhereNothingWasEstimated_SaysWhereMotionComesFrom(string network, string source, string? expected)
    {
        var settings = ReadSettings
            .Text(
                $$"""
                stages:
                  decode: {source: {{source}}, path: clips}
                  flow: {network: {{network}}, weights: random}
                  report: {}
                """,
                "p.yaml",
                Overrides.None,
                RealStages.Table
            )
            .OrThrow();
        Assert.Equal(expected is null, FlowNote.Of(settings) is null);
        if (expected is not null)
            Assert.Contains(expected, FlowNote.Of(settings), StringComparison.Ordinal);
    }

    /// <summary>What no range can say is said at the door too, at its value, and not by the stage when it is made.</summary>
    [Theory]
    [InlineData(
        "forward: {backbone: {network: small, freeze: none, pixelMean: [1, 2]}}",
        "p.yaml:4:65: stages.forward.backbone.pixelMean: needs 3 numbers; got 2. Give one a channel."
    )]
    [InlineData(
        "forward: {backbone: {network: small, freeze: none, grow: true}}",
        "p.yaml:4:60: stages.forward.backbone.grow: is for backbone.network: resnet101. Take one of them out."
    )]
    [InlineData("flow: {network: raft-small}", "p.yaml:4:3: stages.flow.weights: the network raft-small needs weights.")]
    public void Options_ThatDoNotFitTogether_AreRefusedAtTheDoor(string stage, string expected)
    {
        var others = new[]
        {
            "decode: {source: synthetic}",
            "flow: {network: zero}",
            "forward: {backbone: {network: small, freeze: none}}",
            "loss: {}",
        }.Where(other => other[..other.IndexOf(':', StringComparison.Ordinal)] != stage[..stage.IndexOf(':', StringComparison.Ordinal)]);
        var yaml = $"run: {{name: a}}\ntrain: {{iterations: 3}}\nstages:\n  {stage}\n  {string.Join("\n  ", others)}\n";
        var said = ReadSettings.Text(yaml, "p.yaml", Overrides.None, RealStages.Table).Match(_ => "", errors => errors.Describe());
        Assert.Contains(expected, said, StringComparison.Ordinal);
    }

    [Fact]
    public void FlowNote_OfFramesTooLargeForTheNetwork_SaysAtWhatSizeItWorks()
    {
        IEnumerable<string> Notes(FlowSource network, Catalogue clips) =>
            FlowKind.Kind.Notes!(new FlowOptions { Network = network }, clips);
        Catalogue Of(int height, int width) => new([], [new("clip", 5, new(height, width))]);
        Assert.Equal(
            ["flow of frames of 3840x2160 is estimated at 1280x720 and enlarged (stages.flow.maxArea: 921600)"],
            Notes(FlowSource.RaftSmall, Of(2160, 3840))
        );
        Assert.Empty(Notes(FlowSource.RaftSmall, Of(720, 1280)));
        Assert.Empty(Notes(FlowSource.Zero, Of(2160, 3840)));
        Assert.Empty(Notes(FlowSource.Dis, Of(2160, 3840)));
    }

    /// <summary>
    /// One stage has a message and does not answer: it is named, once, and again when the time has doubled; what moves is not spoken of.
    /// </summary>
    [Fact]
    public void Stall_OfAPhaseInWhichNothingMoves_NamesWhoIsAtWork()
    {
        var silence = TimeSpan.FromSeconds(60);
        var (decode, flow) = (new Meter("decode", _ => { }), new Meter("flow", _ => { }));
        var phase = new PhaseStatus(Phase.Test, [decode, flow], 0, 10, 0);
        var (stall, now, said) = (default(Stall), 0, new List<(int, string)>());
        void Wait(int seconds)
        {
            for (var until = now + seconds; now < until; now++)
            {
                (stall, var sentence) = stall.Look(phase, TimeSpan.FromSeconds(now), silence);
                if (sentence is not null)
                    said.Add((now, sentence));
            }
        }

        for (var i = 0; i < 5; i++, decode.Give(), flow.Take())
            Wait(290);
        Assert.Empty(said);
        var moved = now;
        Wait(2000);
        Assert.Equal([300, 600, 1200], said.Select(each => each.Item1 - moved));
        Assert.StartsWith("nothing has moved for 5 min 00 s; at work: flow.", said[0].Item2, StringComparison.Ordinal);
        phase = phase with { Phase = Phase.Train }; // another one
        Wait(299);
        Assert.Equal(3, said.Count);
    }

    private static (string Weights, string Network) BackboneOf(string weights)
    {
        var document = Document(
            $$"""
            stages:
              forward:
                backbone: {network: large, weights: {{weights}}}
                withoutWeights:
                  backbone: {network: small, weights: null}
            """
        );
        var problems = new Problems();
        var forward = (Node.Map)((Node.Map)ChooseWeights.In(document, problems).Find("stages")!).Find("forward")!;
        Assert.False(problems.Any);
        Assert.Null(forward.Find("withoutWeights"));
        var backbone = (Node.Map)forward.Find("backbone")!;
        return (((Node.Scalar)backbone.Find("weights")!).Text, ((Node.Scalar)backbone.Find("network")!).Text);
    }

    /// <summary>What a flow stage's weights become.</summary>
    private static string Weights(string value, Problems problems)
    {
        // A cache folder that holds nothing: published names are then missing whatever this machine has.
        var document = Document($"stages:\n  flow: {{weights: {value}}}");
        var flow = (Node.Map)
            (
                (Node.Map)
                    ChooseWeights
                        .In(document, problems, published => Path.Combine(Path.GetTempPath(), "no-such-folder", published.File))
                        .Find("stages")!
            ).Find("flow")!;
        return ((Node.Scalar)flow.Find("weights")!).Text;
    }

    private static Node.Map Document(string yaml) => (Node.Map)ReadYaml.Document(yaml, "p.yaml", new Problems())!;
}
