using System.Collections.Immutable;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Pipeline.Cli;
using Motion.Pipeline.Settings;
using Motion.Properties.Generators;
using Motion.Runner.Settings;
using Motion.Runner.Yaml;
using Xunit;

namespace Motion.Properties.Pipeline;

public sealed class ConfigurationTests
{
    private const string Whole = """
        run: {name: a, seed: 7, device: cpu, threads: 2}
        stages:
          decode:
            frames: 5
            test: {frames: 9}
          flow: {network: zero, cache: false, process: own, copies: 3, buffer: 16, onError: skip, record: true, inner: {on: false}}
          forward: {}
          loss:
          evaluate: {}
          report: {from: [flow, forward]}
        train: {iterations: 300, batch: 2, checkpointEvery: 100}
        """;

    internal static PipelineSettings Read(string yaml, Overrides? overrides = null, StageTable? table = null) =>
        ReadSettings.Text(yaml, "p.yaml", overrides ?? Overrides.None, table ?? TinyStages.Kinds).OrThrow();

    private static string[] Errors(string yaml, Overrides? overrides = null) =>
        ReadSettings
            .Text(yaml, "p.yaml", overrides ?? Overrides.None, TinyStages.Kinds)
            .Match<string[]>(_ => [], errors => [.. errors.All.Select(error => error.Describe())]);

    private static string OnlyError(string yaml) => Assert.Single(Errors(yaml));

    [Fact]
    public void Read_AWholeYaml_FillsRecordsAndKeepsDefaults()
    {
        var settings = Read(Whole);
        Assert.Equal((7UL, "cpu", 2, "runs"), (settings.Run.Seed, settings.Run.Device, settings.Run.Threads, settings.Run.Folder));
        Assert.Equal(new TrainSettings(300, 2, 100), settings.Train);
        var flow = settings.Find("flow")!;
        Assert.Equal(
            (Home.Own, 3, 16, OnError.Skip, true),
            (flow.Placement.Process, flow.Placement.Copies, flow.Placement.Buffer, flow.Placement.OnError, flow.Placement.Record)
        );
        // rate keeps the default of the record that holds it
        Assert.Equal(new TinyInner(0.25, On: false), flow.Of<TinyFlow>(Phase.Test).Inner);
        Assert.Equal(new TinyExtras(Cache: false), flow.Extras);
        Assert.Equal(
            (5, 9),
            (settings.Find("decode")!.Of<TinyDecode>(Phase.Train).Frames, settings.Find("decode")!.Of<TinyDecode>(Phase.Test).Frames)
        );
    }

    [Fact]
    public void Extends_AFile_KeepsWhatTheTopLeavesOut()
    {
        using var folder = new Generators.TemporaryFolder();
        File.WriteAllText(Path.Combine(folder.Path, "base.yaml"), Whole);
        Directory.CreateDirectory(Path.Combine(folder.Path, "sub"));
        File.WriteAllText(Path.Combine(folder.Path, "sub", "middle.yaml"), "extends: ../base.yaml\nstages: {flow: {copies: 2}}");
        File.WriteAllText(Path.Combine(folder.Path, "over.yaml"), "train: {batch: 5}");
        var file = Path.Combine(folder.Path, "top.yaml");
        File.WriteAllText(file, "extends: sub/middle.yaml\nrun: {seed: 8}\ntrain: {iterations: 10}");
        var settings = ReadSettings
            .File(file, Overrides.None with { LaidOver = [Path.Combine(folder.Path, "over.yaml")] }, TinyStages.Kinds)
            .OrThrow();
        Assert.Equal(("a", 8UL), (settings.Run.Name, settings.Run.Seed));
        Assert.Equal(new TrainSettings(10, 5, 100), settings.Train);
        Assert.Equal((2, 16), (settings.Find("flow")!.Placement.Copies, settings.Find("flow")!.Placement.Buffer));
    }

    [Theory]
    [InlineData("extends: nowhere.yaml", "nowhere.yaml")]
    [InlineData("extends: top.yaml", "extends itself")]
    [InlineData("extends: [a, b]", "Name one yaml file")]
    [InlineData("extends: wrong.yaml", "wrong.yaml:1:7: run: the key nmae is not known here")]
    public void Extends_OfWhatCannotBe_SaysWhere(string line, string said)
    {
        using var folder = new Generators.TemporaryFolder();
        File.WriteAllText(Path.Combine(folder.Path, "wrong.yaml"), "run: {nmae: x}");
        var file = Path.Combine(folder.Path, "top.yaml");
        File.WriteAllText(file, $"{line}\nstages: {{decode: {{}}, flow: {{}}, report: {{}}}}");
        var text = ReadSettings.File(file, Overrides.None, TinyStages.Kinds).Match(_ => "", errors => errors.Describe());
        Assert.Contains(said, text, StringComparison.Ordinal);
    }

    [Fact]
    public void Resolved_ReadAgain_IsTheSame()
    {
        var text = ResolvedYaml.Text(Read(Whole));
        Assert.Equal(text, ResolvedYaml.Text(Read(text)));
        Assert.Contains("checkpointEvery: 100", text, StringComparison.Ordinal);
        Assert.Contains("rate: 0.25", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("true")]
    [InlineData("null")]
    [InlineData("a: b # c")]
    [InlineData("- x")]
    [InlineData("")]
    [InlineData(" spaces ")]
    [InlineData("tab\tand \"quotes\" 'both'")]
    [InlineData("${plain}")]
    [InlineData("*star")]
    [InlineData("clip/0001.mp4")]
    public void Resolved_AnyText_ComesBack(string text)
    {
        var settings = Read("stages: {decode: {}, flow: {}, report: {}}", new([new("stages.decode.path", text, "--set", IsText: true)]));
        Assert.Equal(text, Read(ResolvedYaml.Text(settings)).Find("decode")!.Of<TinyDecode>(Phase.Train).Path);
    }

    [Fact]
    public void Read_EveryMistake_IsListedWithItsPlace()
    {
        var errors = Errors(
            """
            run: {sed: 1, threads: none}
            stages:
              decode: {frames: 0}
              flow:
                netwerk: zero
                inner: {rate: 1.5}
                network: raft
              report: {onError: skp}
            train: {iterations: 10}
            trian: {}
            """
        );
        Assert.Equal(
            [
                "p.yaml:1:7: run: the key sed is not known here. Did you mean seed? Known: name, folder, seed, device, threads, silence, spool.",
                "p.yaml:1:24: run.threads: got \"none\". Expected a whole number in 1 .. 256.",
                "p.yaml:3:20: stages.decode.frames: got \"0\". Expected a whole number in 1 .. 100000.",
                "p.yaml:5:5: stages.flow: the key netwerk is not known here. Did you mean network? Known: inner, network, refuses, throws, from, process, copies, buffer, onError, record, cache.",
                "p.yaml:6:19: stages.flow.inner.rate: got \"1.5\". Expected a number in 0 .. 1.",
                "p.yaml:7:14: stages.flow.network: got \"raft\". Expected text: one of gma, zero.",
                "p.yaml:8:21: stages.report.onError: got \"skp\". Expected one of stop, skip. Did you mean skip?",
                "p.yaml:9:1: train: there is no forward stage to train. Add stages.forward, or leave out train.",
                "p.yaml:10:1: the key trian is not known here. Did you mean train? Known: run, stages, train.",
            ],
            errors
        );
    }

    [Fact]
    public void Read_AKeyTwice_NamesBothLines() =>
        Assert.Equal(
            "p.yaml:4:1: the key stages is here a second time (first in line 1). Keep one of them.",
            OnlyError("stages:\n  decode: {}\n  flow: {}\nstages: {decode: {}, flow: {}}\n")
        );

    [Theory]
    [InlineData("stages: [decode", 2)]
    [InlineData("stages:\n\tdecode: {}", 2)]
    [InlineData("a: *nowhere", 1)]
    public void Read_WhatIsNoYaml_IsOneErrorWithALine(string yaml, int line) =>
        Assert.StartsWith($"p.yaml:{line}:", OnlyError(yaml), StringComparison.Ordinal);

    [Theory]
    [InlineData("", "this section is required")]
    [InlineData("stages: {}", null)]
    [InlineData("just text", "Expected a map of run, stages, train")]
    public void Read_WithoutStages_SaysSo(string yaml, string? expected) =>
        Assert.Contains(expected ?? "", string.Join('\n', Errors(yaml)), StringComparison.Ordinal);

    [Theory]
    [InlineData(
        "stages: {flow: {}, report: {}}",
        "p.yaml:1:10: stages.flow: nothing feeds it FramePair. Add the stage that emits it (decode)."
    )]
    [InlineData(
        "stages: {decode: {}, flow: {}, evaluate: {}}",
        "p.yaml:1:32: stages.evaluate: nothing feeds it Detections. Add the stage that emits it (forward)."
    )]
    [InlineData(
        "stages: {decode: {}, flow: {}, forward: {}, evaluate: {from: [decode]}}",
        "p.yaml:1:45: stages.evaluate.from: decode emits FramePair, but evaluate takes Detections. Feed evaluate from forward."
    )]
    [InlineData(
        "stages: {decode: {}, flow: {from: [deocde]}, report: {}}",
        "p.yaml:1:22: stages.flow.from: there is no stage deocde. Did you mean decode? Known: decode, flow, forward, loss, evaluate, report."
    )]
    [InlineData(
        "stages: {decode: {}, flow: {}, forward: {}, loss: {}, report: {}}",
        "p.yaml:1:45: stages.loss: the loss is only used in training, and there is no train section. Add train: {iterations: ...}, or leave out stages.loss."
    )]
    [InlineData(
        "stages: {decode: {copies: 2}, flow: {}, report: {}}",
        "p.yaml:1:10: stages.decode.copies: got 2. decode depends on the order of its messages and runs once; copies are for flow, forward."
    )]
    [InlineData(
        "{stages: {decode: {}, flow: {}, forward: {}}, train: {}}",
        "p.yaml:1:47: train: training needs a loss stage. Add stages.loss, or leave out train."
    )]
    public void Graph_ThatDoesNotFit_IsRefusedAtItsPlace(string yaml, string expected) => Assert.Contains(expected, Errors(yaml));

    [Fact]
    public void Graph_WithoutAnythingToDo_IsRefused() =>
        Assert.Contains("nothing to do", OnlyError("stages: {decode: {}, flow: {}}"), StringComparison.Ordinal);

    [Fact]
    public void Overrides_WinOverTheFile()
    {
        var settings = Read(
            Whole,
            new([
                new("run.seed", "9", "--seed"),
                new("stages.flow.inner.rate", "1", "--set"),
                new("stages.decode.clips", "[a, 'b c']", "--clip"),
            ])
        );
        Assert.Equal(9UL, settings.Run.Seed);
        Assert.Equal(new TinyInner(1, On: false), settings.Find("flow")!.Of<TinyFlow>(Phase.Train).Inner);
        Assert.Equal(["a", "b c"], settings.Find("decode")!.Of<TinyDecode>(Phase.Train).Clips!.Value.ToArray());
    }

    [Fact]
    public void Null_TakesSectionsAndStagesOut()
    {
        var settings = Read(Whole, new([new("train", "null", "--set"), new("stages.evaluate", "null", "--set")]));
        Assert.Null(settings.Train);
        Assert.Equal(["decode", "flow", "forward", "report"], settings.Stages.Select(stage => stage.Name).ToArray());
        Assert.Equal(new TrainSettings(), Read("stages: {decode: {}, flow: {}, forward: {}, loss: {}}\ntrain:\n").Train); // nothing behind the key is not null
    }

    [Fact]
    public void Overrides_ThatAreWrong_NameTheOption() =>
        Assert.Equal(
            ["--set run.seed: run.seed: got \"x\". Expected a whole number."],
            Errors(Whole, new([new("run.seed", "x", "--set run.seed")]))
        );

    [Fact]
    public void Data_FillsItsPlaceholder_OrElseThePath()
    {
        Assert.Equal("/d", Read(Whole, Overrides.None with { Data = "/d" }).Find("decode")!.Of<TinyDecode>(Phase.Test).Path);
        var yaml = Whole.Replace("frames: 5", "path: '${data}/train'", StringComparison.Ordinal);
        Assert.Equal("/d/train", Read(yaml, Overrides.None with { Data = "/d" }).Find("decode")!.Of<TinyDecode>(Phase.Train).Path);
        Assert.Equal("p.yaml:4:11: ${data} stands here, but no data was named. Give --data PATH.", OnlyError(yaml));
    }

    [Fact]
    public void Data_GivenOnTheCommandLine_HoldsInBothPhases()
    {
        var yaml = Whole.Replace("test: {frames: 9}", "test: {frames: 9, path: b}", StringComparison.Ordinal);
        Assert.Equal("b", Read(yaml).Find("decode")!.Of<TinyDecode>(Phase.Test).Path);
        Assert.Equal("/d", Read(yaml, Overrides.None with { Data = "/d" }).Find("decode")!.Of<TinyDecode>(Phase.Test).Path);
        Assert.Equal(9, Read(yaml, Overrides.None with { Data = "/d" }).Find("decode")!.Of<TinyDecode>(Phase.Test).Frames);
    }

    [Fact]
    public void Changes_OfTheRunCommand_BecomeOverrides()
    {
        var changes = new RunChanges(null, ["a", "it's"], "v.mp4", "v.csv", 5, "n", ["run.threads=3"]).ToOverrides().OrThrow();
        Assert.Equal(
            [
                "stages.decode.source=video",
                "stages.decode.path=v.mp4",
                "stages.decode.boxes=v.csv",
                "stages.decode.clips=['a', 'it''s']",
                "run.seed=5",
                "run.name=n",
                "run.threads=3",
            ],
            changes.Values.Select(change => $"{change.Path}={change.Value}").ToArray()
        );
        Assert.Contains(
            "Expected KEY=VALUE",
            new RunChanges(null, [], null, null, null, null, ["nonsense"]).ToOverrides().Match(_ => "", errors => errors.Describe()),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Name_NotGiven_IsTheFiles() => Assert.Equal("p", Read("stages: {decode: {}, flow: {}, report: {}}").Run.Name);

    [Fact]
    public void Anchors_AreFollowed() =>
        Assert.Equal(3, Read("stages: {decode: {frames: &n 3}, flow: {}, report: {}}\nrun: {threads: *n}").Run.Threads);

    [Fact]
    public void Hash_ChangesWithOptionsAndSeed_NotWithPlacement()
    {
        string Hash(string yaml) => ResolvedYaml.HashOf(Read(yaml).Find("flow")!, Read(yaml));
        Assert.Equal(Hash(Whole), Hash(Whole.Replace("copies: 3, buffer: 16", "copies: 1, buffer: 2", StringComparison.Ordinal)));
        Assert.NotEqual(Hash(Whole), Hash(Whole.Replace("network: zero", "network: gma", StringComparison.Ordinal)));
        Assert.NotEqual(Hash(Whole), Hash(Whole.Replace("seed: 7", "seed: 8", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("seed", "sed", 1)]
    [InlineData("network", "netwrok", 1)]
    [InlineData("", "abc", 3)]
    [InlineData("iterations", "iterations", 0)]
    public void Distance_CountsEdits(string a, string b, int edits) => Assert.Equal(edits, Suggest.Distance(a, b));
}
