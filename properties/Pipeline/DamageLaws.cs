using FsCheck.Fluent;
using Motion.Contracts;
using Motion.Forward;
using Motion.Kernels;
using Motion.Properties.Generators;
using Motion.Runner.Folders;
using Motion.Runner.Stations;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Pipeline;

/// <summary>Every file that a run keeps for itself notices that it is not what was written.</summary>
public sealed class DamageLaws : TinyRuns
{
    [Fact, Law]
    public void Seal_AnyDamageOfAnySealedFile_IsNoticed() =>
        Laws.Hold(
            from before in Gen.Choose(0, 20)
            from after in Gen.Choose(0, 300)
            from damage in Damage.Any
            select (before, after, damage),
            drawn =>
            {
                var body = string.Concat(Enumerable.Range(0, drawn.after).Select(i => (char)('a' + (i * 7 % 26))));
                var file = Seal.Close($"{new string('#', drawn.before)} {Seal.Key} {Seal.Blank} {body}");
                var changed = drawn.damage.Of(file);
                var isGone = changed.AsSpan().IndexOf("motion-checksum"u8) < 0 && changed.AsSpan().IndexOf("xxh128:"u8) < 0; // all of it: what is left is no file of its format either
                return Seal.Check(file) is SealState.Whole && Seal.Check(changed) == (isGone ? SealState.Absent : SealState.Broken);
            },
            cases: 1000
        );

    [Fact, Law]
    public void Checkpoint_AnyDamage_IsNoticed()
    {
        using var scope = NewDisposeScope();
        var path = Path.Combine(Folder, "iteration-000007.safetensors");
        var seed = new Seed(5);
        using var state = new TrainState(Weights(0), Weights(1), 7);
        Motion.Forward.Checkpoints.Write(state, seed, null, path).OrThrow();
        var whole = File.ReadAllBytes(path);
        Assert.Null(ForwardStage.CheckpointProblem(path, 7, seed));
        Assert.Contains("iteration 7", ForwardStage.CheckpointProblem(path, 8, seed), StringComparison.Ordinal);
        Assert.Contains("another seed", ForwardStage.CheckpointProblem(path, 7, new Seed(6)), StringComparison.Ordinal);
        Laws.Hold(
            Damage.Any,
            damage =>
            {
                File.WriteAllBytes(path, damage.Of(whole));
                return ForwardStage.CheckpointProblem(path, 7, seed) is { Length: > 0 } problem
                    && !problem.Contains("   at ", StringComparison.Ordinal);
            },
            cases: 500
        );
    }

    [Fact, Law]
    public void Features_AnyDamage_IsNoticed()
    {
        var options = new FeatureOptions
        {
            Folder = Directory.CreateDirectory(Path.Combine(Folder, "features")).FullName,
            MemoryMegabytes = 0,
        };
        var entry = new NativeBytes(700);
        _ = entry.Use(bytes =>
        {
            for (var i = 0; i < bytes.Length; i++)
                bytes[i] = (byte)(i * 7);
            return true;
        });
        new FeatureStore(options).Keep(5, entry);
        var path = Assert.Single(Directory.EnumerateFiles(options.Folder));
        var whole = File.ReadAllBytes(path);
        Assert.NotNull(new FeatureStore(options).Find(5, entry.Length));
        File.Copy(path, Path.Combine(options.Folder, $"{(UInt128)6:x32}.features"));
        Assert.Null(new FeatureStore(options).Find(6, entry.Length)); // another's, under this one's name
        Laws.Hold(
            Damage.Any,
            damage =>
            {
                var said = new List<string>();
                var changed = damage.Of(whole);
                File.WriteAllBytes(path, changed);
                return new FeatureStore(options, said.Add).Find(5, entry.Length) is null
                    && (said.Count == 1 || changed.Length == entry.Length + 8);
            },
            cases: 500
        );
    }

    private static Weights Weights(int value) =>
        Motion.Contracts.Weights.Of([
            KeyValuePair.Create("a", full([3, 5], Held.Of(value + 0.1), ScalarType.Float32).DetachFromDisposeScope()),
            KeyValuePair.Create("b", Held.Range(11).Plus(value).DetachFromDisposeScope()),
        ]);

    private static CurveLine Line(int iteration) =>
        new(
            new(iteration, [new("loss_a", 1.0 / (iteration + 3)), new("loss_b", iteration)], 0.01, iteration * 0.25),
            iteration,
            (2 * iteration) + 1
        );

    private string Written(int lines)
    {
        var path = Path.Combine(Folder, "metrics.jsonl");
        File.Delete(path);
        var curve = Curve.Open(path);
        for (var i = 0; i < lines; i++)
            curve = Curve.Append(path, curve, Line(i));
        return path;
    }

    [Fact, Law]
    public void Curve_AnyDamage_IsCutOffAtTheLastWholeLine() =>
        Laws.Hold(
            from lines in Gen.Choose(1, 12)
            from damage in Damage.Any
            select (lines, damage),
            drawn =>
            {
                var path = Written(drawn.lines);
                var whole = File.ReadAllBytes(path);
                var changed = drawn.damage.Of(whole);
                File.WriteAllBytes(path, changed);
                var first = whole.AsSpan().CommonPrefixLength(changed);
                var intact = whole.AsSpan(0, first).Count((byte)'\n');
                var read = Curve.Open(path);
                return (read.Damage is not null || (drawn.damage.Kind == "cut" && changed.Length == read.Bytes))
                    && read.Lines.Length == intact
                    && read.Lines.Select(line => line.ToJson()).SequenceEqual(Enumerable.Range(0, intact).Select(i => Line(i).ToJson()));
            },
            cases: 500
        );

    [Fact]
    public void Curve_LinesLostDoubledOrMoved_AreNoticed()
    {
        var path = Written(6);
        var lines = File.ReadAllLines(path);
        foreach (
            var changed in new[] { lines[..2].Concat(lines[3..]), lines.Take(3).Concat(lines.Skip(2)), [lines[1], lines[0], .. lines[2..]] }
        )
        {
            File.WriteAllLines(path, changed);
            Assert.NotNull(Curve.Open(path).Damage);
        }
    }

    [Fact]
    public void Curve_OfAnEarlierVersion_IsRead()
    {
        var path = Path.Combine(Folder, "old.jsonl");
        File.WriteAllLines(path, Enumerable.Range(0, 3).Select(i => Line(i).ToJson()));
        Assert.Equal((3, null), (Curve.Open(path).Lines.Length, Curve.Open(path).Damage));
        Assert.Equal(2, Curve.CutAt(path, 2).Length);
        Assert.Equal((2, null), (Curve.Open(path).Lines.Length, Curve.Open(path).Damage));
    }

    [Fact, Law]
    public void FilesOfJson_AnyDamage_AreNoticed() =>
        Laws.Hold(
            Damage.Any,
            damage =>
            {
                var path = Path.Combine(Folder, "catalogue.json");
                Facts.WriteCatalogue(new([new(1, "thing")], [new("clip", 8, new(3, 4))]), path);
                var whole = File.ReadAllBytes(path);
                Facts.ReadCatalogue(path);
                File.WriteAllBytes(path, damage.Of(whole));
                return !SealedJson.IsWhole(path)
                    && Assert.ThrowsAny<DamagedFile>(() => Facts.ReadCatalogue(path)).Message.Contains(path, StringComparison.Ordinal);
            },
            cases: 300
        );

    [Fact, Law]
    public void RunYaml_AnyDamage_IsRefusedWithTheFile()
    {
        var settings = Read(Yaml);
        using var claim = ClaimFolder.New(settings).OrThrow();
        claim.Dispose();
        var whole = File.ReadAllBytes(claim.Folder.Yaml);
        ClaimFolder.Again(settings).OrThrow().Dispose();
        Laws.Hold(
            Damage.Any,
            damage =>
            {
                File.WriteAllBytes(claim.Folder.Yaml, damage.Of(whole));
                return ClaimFolder
                        .Again(settings)
                        .Match(
                            again =>
                            {
                                again.Dispose();
                                return false;
                            },
                            error => error.Text.Contains(claim.Folder.Yaml, StringComparison.Ordinal)
                        )
                    || damage.Of(whole).Length < 60; // not even the first line is there: nothing of what was set
            },
            cases: 300
        );
    }

    [Fact, Law]
    public async Task Recording_AnyDamage_IsNoticed()
    {
        var path = Path.Combine(Folder, "flow.rec");
        using (var writer = RecordingWriter.Create(path).OrThrow())
        {
            for (var i = 0; i < 5; i++)
            {
                using var pair = TinyStages.Pair(i);
                (await writer.Append(pair)).OrThrow();
            }

            (await writer.Append(new EndOfStream(5))).OrThrow();
            writer.Finish().OrThrow();
        }

        var whole = await File.ReadAllBytesAsync(path);
        Assert.True(IsWhole(path));
        Laws.Hold(
            Damage.Any,
            damage =>
            {
                File.WriteAllBytes(path, damage.Of(whole));
                return !IsWhole(path);
            },
            cases: 500
        );
    }

    /// <summary>The reader's first megabyte ends where the stream does: it has no byte behind that at hand, and must look.</summary>
    [Fact]
    public async Task Recording_ThatFillsAWholeRead_IsNotWholeWithZerosBehindIt()
    {
        const int read = 1 << 20;
        var path = Path.Combine(Folder, "full.rec");
        async Task<int> Record(int width, string clip)
        {
            using (var writer = RecordingWriter.Create(path).OrThrow())
            {
                using var pair = new FramePair(
                    new(0, clip, 0),
                    new(1, 1),
                    zeros([3, 1, width], ScalarType.Byte),
                    zeros([3, 1, width], ScalarType.Byte),
                    1,
                    null,
                    null
                );
                (await writer.Append(pair)).OrThrow();
                (await writer.Append(new EndOfStream(1))).OrThrow();
                writer.Finish().OrThrow();
            }

            return (int)new FileInfo(path).Length;
        }

        var width = 100_000 + ((read - await Record(100_000, "")) / 6);
        for (
            var missing = read - await Record(width - 2, "");
            missing != 0;
            missing = read - await Record(width - 2, new string('c', missing))
        ) { }

        Assert.True(IsWhole(path));
        await File.WriteAllBytesAsync(path, [.. await File.ReadAllBytesAsync(path), .. new byte[4096]]);
        Assert.False(IsWhole(path));
    }

    /// <summary>As a reader sees it that stops at the end of the stream.</summary>
    private static bool IsWhole(string path)
    {
        foreach (var message in Recording.Read(path).ToBlockingEnumerable())
        {
            switch (message)
            {
                case Result<Message, WireError>.Ok(EndOfStream):
                    return true;
                case Result<Message, WireError>.Error:
                    return false;
            }
        }

        return false;
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public async Task Resume_WithADamagedCheckpoint_GoesOnFromTheOneBefore(int cut)
    {
        var usual = await Whole();
        await Run(Yaml, ["run.name=hurt"], stopAt: 16);
        var folder = new RunFolder(Path.Combine(Folder, "hurt"));
        var newest = folder.AllCheckpoints().Last();
        await File.WriteAllTextAsync(newest.Path, (await File.ReadAllTextAsync(newest.Path))[..cut] + "?");
        var resumed = await Run(Yaml, ["run.name=hurt"], resume: true);
        Assert.Equal(usual.Fingerprint(), resumed.Fingerprint());
        var log = await File.ReadAllTextAsync(folder.Log);
        Assert.Contains($"{newest.Path} cannot be gone on from: it is damaged", log, StringComparison.Ordinal);
        Assert.Contains("goes on from iteration 15, the checkpoint before", log, StringComparison.Ordinal);
        Assert.True(File.Exists(newest.Path + ".damaged"));
    }

    [Fact]
    public async Task Resume_WithARenamedCheckpoint_IsNotMistaken()
    {
        var usual = await Whole();
        await Run(Yaml, ["run.name=swapped"], stopAt: 16);
        var folder = new RunFolder(Path.Combine(Folder, "swapped"));
        File.Copy(folder.Checkpoint(10), folder.Checkpoint(17), overwrite: true);
        Assert.Equal(usual.Fingerprint(), (await Run(Yaml, ["run.name=swapped"], resume: true)).Fingerprint());
    }

    [Fact]
    public async Task Resume_BehindAPowerCut_CutsTheCurveAndGoesOn()
    {
        var usual = await Whole();
        await Run(Yaml, ["run.name=cut"], stopAt: 16);
        var folder = new RunFolder(Path.Combine(Folder, "cut"));
        await File.WriteAllBytesAsync(folder.Curve, [.. await File.ReadAllBytesAsync(folder.Curve), .. new byte[4096]]);
        Assert.Equal(usual.Fingerprint(), (await Run(Yaml, ["run.name=cut"], resume: true)).Fingerprint());
    }

    [Fact]
    public async Task Resume_WithNothingToGoOnFrom_SaysSoAndKeepsTheFiles()
    {
        await Run(Yaml, ["run.name=lost"], stopAt: 16);
        var folder = new RunFolder(Path.Combine(Folder, "lost"));
        var lines = await File.ReadAllLinesAsync(folder.Curve);
        lines[1] = lines[1].Replace('1', '2');
        await File.WriteAllLinesAsync(folder.Curve, lines);
        var before = folder.AllCheckpoints();
        var text = Assert.IsType<StartFailed>((await Run(Yaml, ["run.name=lost"], resume: true)).Failure).Message;
        Assert.Contains("line 2 is damaged", text, StringComparison.Ordinal);
        Assert.Equal(before.AsEnumerable(), folder.AllCheckpoints());
    }

    [Fact]
    public async Task Checkpoints_KeepOneAskedFor_AreTwo()
    {
        var ran = await Whole("train.keepCheckpoints=1");
        Assert.Equal([20, 23], ran.Folder.AllCheckpoints().Select(checkpoint => checkpoint.Iteration));
    }

    [Fact]
    public async Task Resume_ForLonger_KeepsAScheduleThatWasGivenInShares()
    {
        const string yaml = """
            run: {name: shares}
            stages: {decode: {frames: 50%}, flow: {refuses: 300%}, forward: {}, loss: {}, evaluate: {}, report: {}}
            train: {iterations: 24, batch: 3, checkpointEvery: 5}
            """;
        var given = yaml.Replace("300%", "100%", StringComparison.Ordinal);
        Assert.Null((await Run(given, ["stages.flow.onError=skip"])).Failure);
        var longer = Read(given, "train.iterations=40", "stages.flow.onError=skip");
        Assert.Equal(
            ["stages.decode.test.frames 12", "stages.decode.train.frames 12", "stages.flow.refuses 24"],
            ClaimFolder.KeptShares(longer).Select(kept => $"{kept.Path} {kept.Value}").Order()
        );
        var resumed = await Run(
            given,
            [
                "train.iterations=40",
                "stages.flow.onError=skip",
                .. ClaimFolder.KeptShares(longer).Select(kept => $"{kept.Path}={kept.Value}"),
            ],
            resume: true
        );
        Assert.Equal((null, 40), (resumed.Failure, resumed.Outcome!.Iterations));
    }

    [Fact]
    public void Pace_AfterAFirstThatTookLong_IsThatOfTheOthers()
    {
        var pace = new Motion.Runner.Running.Pace();
        for (var done = 0; done < 20; done++)
        {
            pace.Seen(done, done == 0 ? 0 : 77 + (0.5 * done));
            Assert.Equal(done > 4 ? 0.5 : null, pace.SecondsEach);
        }
    }

    [Fact]
    public void Sweep_TakesWhatTheDeadLeftAndNothingElse()
    {
        using var live = System.Diagnostics.Process.GetCurrentProcess();
        var (dead, mine, other) = (
            Path.Combine(Folder, "a.bin.999999999-1.tmp"),
            WholeFile.Temporary(Path.Combine(Folder, "b.bin")),
            Path.Combine(Folder, "c.tmp")
        );
        foreach (var path in new[] { dead, mine, other })
            File.WriteAllText(path, "half");
        using (new FileStream(dead, FileMode.Open, FileAccess.ReadWrite, FileShare.Delete))
            Assert.Equal(0, WholeFile.Sweep(Folder)); // held open: in another container, say
        Assert.Equal(4, WholeFile.Sweep(Folder));
        Assert.Equal((false, true, true), (File.Exists(dead), File.Exists(mine), File.Exists(other)));
    }
}
