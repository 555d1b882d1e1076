using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using Motion.Contracts;
using Motion.Forward;
using Motion.Kernels;
using Motion.Loss;
using Motion.Properties.Generators;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Forward;

/// <summary>The trainer as its callers see it.</summary>
public sealed class TrainerLaws
{
    private static readonly ComputeLoss Loss = LossStage.Create(new LossOptions { Pairwise = new() { WarmupIterations = 5 } });

    private static readonly ForwardOptions Frozen = FlowFrames.Tiny with
    {
        Backbone = FlowFrames.Tiny.Backbone with { Freeze = Freeze.All },
    };

    private static readonly Gen<FrameSketch[]> Batches = FlowFrames
        .Any.ArrayOf()
        .Where(batch => batch.Length > 0)
        .Select(batch => batch.Take(3).ToArray());

    [Fact, Law]
    public void Predict_AnyBatch_IsWellFormed() =>
        Laws.Hold(
            from batch in Batches
            from frozen in Gen.Elements(false, true)
            select (Batch: batch, Frozen: frozen),
            law =>
            {
                using var scope = NewDisposeScope();
                var trainer = Trainer(law.Frozen ? Frozen : FlowFrames.Tiny);
                using var state = trainer.Start().OrThrow();
                var pass = trainer.Predict(state, 7, Draw(law.Batch)).OrThrow();
                using var graph = pass.Graph;
                using var p = pass.Prediction;
                var (l, b, q, g) = (
                    p.Maps.ClassLogits.shape[0],
                    (long)law.Batch.Length,
                    p.Instances.MaskLogits.shape[0],
                    law.Batch.Sum(sketch => sketch.Boxes)
                );
                var (height, width) = (p.Instances.MaskLogits.shape[1], p.Instances.MaskLogits.shape[2]);
                return p.Sequence == 7
                    && p.Iteration == 0
                    && p.Tensors.All(tensor => !tensor.requires_grad)
                    && p.Maps.ClassLogits.shape.SequenceEqual([l, FlowFrames.Classes])
                    && p.Maps.BoxRegression.shape.SequenceEqual([l, 4])
                    && p.Maps.Centerness.shape.SequenceEqual([l])
                    && p.Targets.Labels.shape.SequenceEqual([l])
                    && p.Targets.Regression.shape.SequenceEqual([l, 4])
                    && p.Instances.Images.shape.SequenceEqual([q])
                    && p.Instances.Boxes.shape.SequenceEqual([q])
                    && p.Scene.Boxes.shape.SequenceEqual([g, 4])
                    && p.Scene.BoxImages.shape.SequenceEqual([g])
                    && p.Scene.ColourImages.shape.SequenceEqual([b, 3, height, width])
                    && p.Scene.ColourImages.dtype == ScalarType.Byte
                    && p.Scene.FlowImages.shape.SequenceEqual([b, 3, height, width])
                    && (float)p.Scene.FlowImages.min().Number() >= 0
                    && (float)p.Scene.FlowImages.max().Number() <= 1
                    && p.Scene.ValidSizes.shape.SequenceEqual([b, 2])
                    && (
                        q == 0
                        || (
                            (long)p.Instances.Boxes.min().Number() >= 0
                            && Tensors.SameBits(p.Scene.BoxImages.index_select(0, p.Instances.Boxes), p.Instances.Images)
                        )
                    );
            },
            cases: 25
        );

    [Fact]
    public void Steps_OnOneFrame_LowerTheLoss()
    {
        var trainer = Trainer(FlowFrames.Tiny with { View = FlowFrames.Tiny.View with { ShortestSides = [48], FlipProbability = 0 } });
        var sketch = new FrameSketch(new Size2(48, 60), 2, 3);
        var state = trainer.Start().OrThrow();
        var totals = new List<double>();
        for (var step = 0; step < 25; step++)
        {
            (state, var gradient) = Step(trainer, state, step, [sketch]);
            totals.Add(gradient.Terms.Where(term => term.Name != "loss_pairwise").Sum(term => term.Value)); // its weight grows meanwhile
            gradient.Dispose();
        }

        state.Dispose();
        Assert.Equal(25, totals.Count(double.IsFinite));
        Assert.True(totals[^3..].Average() < 0.75 * totals[..3].Average(), string.Join(" ", totals.Select(total => total.ToString("f3"))));
    }

    [Fact]
    public void Steps_Repeated_GiveTheSameBits()
    {
        using var one = Train(Trainer(FlowFrames.Tiny), steps: 3);
        using var two = Train(Trainer(FlowFrames.Tiny), steps: 3);
        using var other = Train(ForwardStage.CreateTrainer(FlowFrames.Tiny, FlowFrames.Classes, new Seed(12), CPU).OrThrow(), steps: 3);
        AssertSame(one, two);
        Assert.False(Tensors.SameBits(one.Weights["controller.weight"], other.Weights["controller.weight"]));
    }

    [Fact]
    public void Step_ChangesWhatIsTrainedAndStatisticsAlone()
    {
        var options = FlowFrames.Tiny with { Backbone = FlowFrames.Tiny.Backbone with { Freeze = Freeze.Res2 } };
        var settings = TrainerSettings.Of(options, FlowFrames.Classes, new Seed(11), CPU);
        var trainer = ForwardStage.CreateTrainer(options, FlowFrames.Classes, new Seed(11), CPU).OrThrow();
        using var before = trainer.Start().OrThrow();
        using var after = Train(trainer, steps: 3);
        Assert.Equal(3, after.Iteration);
        Assert.Equal(3f, (float)after.Weights[Segmenter.IterationName].Number());
        Assert.Equal(3, (long)after.Weights["mask_branch.refine.0.1.num_batches_tracked"].Number());
        var trained = settings.Trained.Select(entry => entry.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var (name, tensor) in before.Weights.All)
        {
            var changes =
                trained.Contains(name) || name.StartsWith("mask_branch.", StringComparison.Ordinal) || name == Segmenter.IterationName;
            Assert.True(changes != Tensors.SameBits(tensor, after.Weights[name]), $"{name} {(changes ? "did not change" : "changed")}");
        }
    }

    [Fact]
    public void Predict_SamplesRoundTheMiddleOfTheBitmaskNotOfTheBox()
    {
        using var scope = NewDisposeScope();
        var trainer = Trainer(FlowFrames.Tiny with { View = FlowFrames.Tiny.View with { ShortestSides = [64], FlipProbability = 0 } });
        using var state = trainer.Start().OrThrow();
        var frame = new FrameSketch(new Size2(64, 96), 0, 1).Draw();
        var truth = new Annotation([new Instance(1, 0, new Box(0.9f, 0.9f, 63.2f, 63.2f))]); // middle 32.05, of its pixels 0 .. 63 31.5
        var pass = trainer.Predict(state, 0, [frame with { Truth = truth }]).OrThrow();
        pass.Graph.Dispose();
        // P3: 12 columns; 12 pixels reach
        long Label(int pixel) => (long)pass.Prediction.Targets.Labels[(12 * (pixel / 8)) + (pixel / 8)].Number();
        Assert.Equal((0, FlowFrames.Classes), (Label(20), Label(44)));
        pass.Prediction.Dispose();
    }

    [Fact]
    public void Batch_WithoutAnyBox_LearnsBackgroundAlone()
    {
        var trainer = Trainer(FlowFrames.Tiny);
        var state = trainer.Start().OrThrow();
        var pass = trainer.Predict(state, 0, Draw([new FrameSketch(new Size2(40, 40), 0, 1)])).OrThrow();
        Assert.Equal((0, 0), (pass.Prediction.Instances.MaskLogits.shape[0], pass.Prediction.Scene.Boxes.shape[0]));
        Assert.True(pass.Prediction.Targets.Labels.eq(Held.Of(FlowFrames.Classes)).all().item<bool>());
        using var gradient = Loss(pass.Prediction).OrThrow();
        Assert.All(gradient.Terms.Where(term => term.Name != "loss_fcos_cls"), term => Assert.Equal(0, term.Value));
        using var weight = state.Weights["controller.bias"].clone();
        using var next = trainer.Learn(state, pass, gradient).OrThrow();
        Assert.True(Tensors.SameBits(weight, next.Weights["controller.bias"])); // zeros: neither gradient nor decay moves them
        Assert.Equal(1, next.Iteration);
    }

    [Fact]
    public void Checkpoint_InTheMiddle_ContinuesToTheSameBits()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "checkpoint.safetensors");
        var trainer = Trainer(FlowFrames.Tiny);
        using var whole = Train(trainer, steps: 5);
        using (var half = Train(trainer, steps: 2))
        {
            Assert.True(trainer.Save(half, path).IsOk);
        }

        var loaded = Trainer(FlowFrames.Tiny).Load(path).OrThrow();
        Assert.Equal(2, loaded.Iteration);
        using var resumed = Train(trainer, steps: 5, loaded);
        AssertSame(whole, resumed);
    }

    [Fact]
    public void Load_WhatIsNoCheckpoint_SaysWhy()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "checkpoint.safetensors");
        var trainer = Trainer(FlowFrames.Tiny);
        Assert.Contains(path, Refused(trainer.Load(path)), StringComparison.Ordinal);

        using (var state = trainer.Start().OrThrow())
        {
            Assert.True(trainer.Save(state, path).IsOk);
            var cut = File.ReadAllBytes(path)[..^10];
            File.WriteAllBytes(path, cut);
            Assert.Contains(path, Refused(trainer.Load(path)), StringComparison.Ordinal);

            Assert.True(Safetensors.Write(path, state.Weights).IsOk);
            Assert.Contains("forward.weights", Refused(trainer.Load(path)), StringComparison.Ordinal);

            Assert.True(trainer.Save(state, path).IsOk);
        }

        var wider = Trainer(FlowFrames.Tiny with { Pyramid = new() { Channels = 16 } });
        Assert.Contains("options", Refused(wider.Load(path)), StringComparison.Ordinal);
    }

    [Fact]
    public void Weights_OfACheckpoint_StartATrainingAnew()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "checkpoint.safetensors");
        var trainer = Trainer(FlowFrames.Tiny);
        using var state = Train(trainer, steps: 2);
        Assert.True(trainer.Save(state, path).IsOk);
        using var fresh = Trainer(FlowFrames.Tiny with { Weights = path }).Start().OrThrow();
        Assert.Equal((0, 0f), (fresh.Iteration, (float)fresh.Weights[Segmenter.IterationName].Number()));
        Assert.True(Tensors.SameBits(state.Weights["controller.weight"], fresh.Weights["controller.weight"]));
        Assert.All(fresh.Momentum.All, entry => Assert.Equal(0, (float)entry.Value.abs().max().Number()));
    }

    [Fact]
    public void FrozenFeatures_HoweverTheyAreKept_GiveTheSameBits()
    {
        using var folder = new TemporaryFolder();
        var view = Frozen.View with { ShortestSides = [40] }; // few views, so that they come again
        ForwardOptions Kept(FeatureOptions features) => Frozen with { Features = features, View = view };
        using var computed = Train(Trainer(Kept(new() { MemoryMegabytes = 0 })), steps: 5);
        using var remembered = Train(Trainer(Kept(new() { MemoryMegabytes = 100 })), steps: 5);
        using var written = Train(Trainer(Kept(new() { MemoryMegabytes = 0, Folder = folder.Path })), steps: 5);
        AssertSame(computed, remembered);
        AssertSame(computed, written);

        var files = Directory.GetFiles(folder.Path).Order(StringComparer.Ordinal).ToArray();
        Assert.NotEmpty(files);
        Assert.All(files, file => Assert.EndsWith(".features", file, StringComparison.Ordinal));
        File.WriteAllBytes(files[0], File.ReadAllBytes(files[0])[..^1]);
        foreach (var file in files[1..])
        {
            var bytes = File.ReadAllBytes(file);
            bytes[100] ^= 1;
            File.WriteAllBytes(file, bytes);
        }

        using var damaged = Train(Trainer(Kept(new() { MemoryMegabytes = 100, Folder = folder.Path })), steps: 5);
        AssertSame(computed, damaged);
        using var read = Train(Trainer(Kept(new() { MemoryMegabytes = 100, Folder = folder.Path })), steps: 5);
        AssertSame(computed, read);
    }

    [Fact]
    public void FrozenFeatures_OfAnotherBackbone_AreNotMistaken()
    {
        using var folder = new TemporaryFolder();
        var options = Frozen with { Features = new() { Folder = folder.Path } };
        using (Train(Trainer(options), steps: 2)) { }

        Trainer Other(ForwardOptions each) => ForwardStage.CreateTrainer(each, FlowFrames.Classes, new Seed(77), CPU).OrThrow();
        using var expected = Train(Other(Frozen), steps: 2);
        using var actual = Train(Other(options), steps: 2);
        AssertSame(expected, actual);
    }

    [Theory]
    [InlineData(1, "model.")]
    [InlineData(5, "")]
    public void Start_FromAModelOfOtherClasses_DrawsTheClassLayerAfreshAndSaysSo(int classes, string prefix)
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "model.pth");
        var options = FlowFrames.Tiny with { Head = FlowFrames.Tiny.Head with { Classes = HeadClasses.Dataset } };
        using var first = ForwardStage.CreateTrainer(options, FlowFrames.Classes, new Seed(5), CPU).OrThrow().Start().OrThrow();
        TorchFile.Write(path, first.Weights.All.Select(pair => KeyValuePair.Create(prefix + pair.Key, pair.Value))).OrThrow();
        var said = new List<string>();
        using var second = ForwardStage
            .CreateTrainer(options with { Weights = path }, classes, new Seed(6), CPU, said.Add)
            .OrThrow()
            .Start()
            .OrThrow();
        using var fresh = ForwardStage.CreateTrainer(options, classes, new Seed(6), CPU).OrThrow().Start().OrThrow();
        Assert.All(
            second.Weights.All,
            pair =>
                Assert.True(
                    Tensors.SameBits(pair.Value, (FcosHead.ClassLayer.Contains(pair.Key) ? fresh : first).Weights[pair.Key]),
                    pair.Key
                )
        );
        Assert.Contains($"its class layer is of {FlowFrames.Classes} classes", Assert.Single(said), StringComparison.Ordinal);
        Assert.False(ForwardStage.ReadWeights(path, options, classes).IsOk);
    }

    [Fact]
    public void Checkpoint_OfAFrozenBackboneFromAFile_HoldsWhatIsTrainedAndTheFilesNumbersByName()
    {
        using var folder = new TemporaryFolder();
        var (file, copy, path) = (
            Path.Combine(folder.Path, "backbone.safetensors"),
            Path.Combine(folder.Path, "copy.safetensors"),
            Path.Combine(folder.Path, "iteration-000002.safetensors")
        );
        const string prefix = Backbones.Scope + ".";
        using (var start = Trainer(Frozen).Start().OrThrow())
        {
            Safetensors
                .Write(
                    file,
                    start.Weights.At(Backbones.Scope).All.Select(pair => KeyValuePair.Create(pair.Key[prefix.Length..], pair.Value))
                )
                .OrThrow();
        }

        var options = Frozen with { Backbone = Frozen.Backbone with { Weights = file } };
        var trainer = Trainer(options);
        using var state = Train(trainer, steps: 2);
        trainer.Save(state, path).OrThrow();
        Assert.DoesNotContain(Safetensors.ReadShapes(path).OrThrow().Keys, name => name.StartsWith(prefix, StringComparison.Ordinal));
        using (var loaded = trainer.Load(path).OrThrow())
            AssertSame(state, loaded);
        using (var model = ForwardStage.ReadWeights(path, Frozen, FlowFrames.Classes).OrThrow())
            Assert.All(state.Weights.All, pair => Assert.True(Tensors.SameBits(pair.Value, model[pair.Key]), pair.Key));
        using (var opened = WeightFiles.Open(path).OrThrow())
        using (var whole = FrozenBackbone.Join(path, opened.Weights, opened.Metadata, FrozenBackbone.OptionsOf(opened)).OrThrow())
        {
            Assert.All(state.Weights.All, pair => Assert.True(Tensors.SameBits(pair.Value, whole[pair.Key]), pair.Key));
        }

        File.Move(file, copy);
        Assert.Contains("is not there any more", Refused(trainer.Load(path)), StringComparison.Ordinal);
        using (var elsewhere = Trainer(Frozen with { Backbone = Frozen.Backbone with { Weights = copy } }).Load(path).OrThrow())
            AssertSame(state, elsewhere);
        using var other = ForwardStage.CreateTrainer(Frozen, FlowFrames.Classes, new Seed(99), CPU).OrThrow().Start().OrThrow();
        Safetensors
            .Write(file, other.Weights.At(Backbones.Scope).All.Select(pair => KeyValuePair.Create(pair.Key[prefix.Length..], pair.Value)))
            .OrThrow();
        Assert.Contains("holds other numbers now", Refused(trainer.Load(path)), StringComparison.Ordinal);
    }

    [Fact]
    public void TrainingAndDetecting_LeaveNoTensorBehind() =>
        Leaks.Check(() =>
        {
            var separate = FlowFrames.Tiny with
            {
                Pyramid = new() { Channels = 8, Separate = true },
            };
            foreach (var options in (ForwardOptions[])[FlowFrames.Tiny, Frozen, separate])
            {
                Train(Trainer(options), steps: 2).Dispose();
            }
        });

    [Fact]
    public void GivenUpPass_LeavesNoTensorBehind() =>
        Leaks.Check(() =>
        {
            var trainer = Trainer(FlowFrames.Tiny);
            using var state = trainer.Start().OrThrow();
            var pass = trainer.Predict(state, 0, Draw([new FrameSketch(new Size2(40, 60), 1, 1)])).OrThrow();
            pass.Prediction.Dispose();
            pass.Graph.Dispose();
        });

    [Fact]
    public void Learn_AGradientThatIsNotFinite_RefusesAndLeavesTheState()
    {
        var trainer = Trainer(FlowFrames.Tiny);
        using var state = trainer.Start().OrThrow();
        using var before = state.Weights["controller.weight"].clone();
        var pass = trainer.Predict(state, 0, Draw([new FrameSketch(new Size2(48, 60), 2, 3)])).OrThrow();
        using var gradient = Loss(pass.Prediction).OrThrow();
        gradient.Maps.ClassLogits.fill_(Held.Of(float.NaN));
        var refusal = Refused(trainer.Learn(state, pass, gradient));
        Assert.Contains("learningRate", refusal, StringComparison.Ordinal);
        Assert.True(Tensors.SameBits(before, state.Weights["controller.weight"]));
    }

    [Fact]
    public void Predict_FramesThatBreakARule_SaysWhich()
    {
        var trainer = Trainer(FlowFrames.Tiny);
        using var state = trainer.Start().OrThrow();
        string Refusal(Func<FlowFrame, FlowFrame> spoil) =>
            Refused(trainer.Predict(state, 0, [spoil(new FrameSketch(new Size2(40, 60), 1, 1).Draw(sequence: 4))]));
        Annotation Truth(Instance instance) => new([instance]);
        Assert.Contains("[2, 40, 60]", Refusal(frame => frame with { Flow = zeros(2, 40, 61) }), StringComparison.Ordinal);
        Assert.Contains(
            "[3, height, width]",
            Refusal(frame => frame with { Image = frame.Image.to(ScalarType.Float32) }),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "message 4",
            Refusal(frame => frame with { Truth = Truth(new Instance(5, 0, new Box(float.NaN, 0, 1, 1))) }),
            StringComparison.Ordinal
        );
        Assert.Contains("no annotation", Refusal(frame => frame with { Truth = null }), StringComparison.Ordinal);
        Assert.Contains(
            "class 3",
            Refusal(frame => frame with { Truth = Truth(new Instance(5, 3, new Box(0, 0, 9, 9))) }),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void CreateTrainer_SettingsThatBreakRules_AreAllNamed()
    {
        var options = FlowFrames.Tiny with
        {
            Backbone = FlowFrames.Tiny.Backbone with { PixelMean = [1, 2] },
            Optimiser = new() { LearningRate = 0 },
            View = new() { ShortestSides = [] },
        };
        var refusal = Refused(ForwardStage.CreateTrainer(options, 0, new Seed(1), CPU));
        Assert.All(
            ["pixelMean", "learningRate", "shortestSides", "0 categories"],
            name => Assert.Contains(name, refusal, StringComparison.Ordinal)
        );
        Assert.Contains(
            "backbone.weights",
            Refused(ForwardStage.CreateTrainer(new ForwardOptions(), 1, new Seed(1), CPU)),
            StringComparison.Ordinal
        );
    }

    internal static Trainer Trainer(ForwardOptions options) =>
        ForwardStage.CreateTrainer(options, FlowFrames.Classes, new Seed(11), CPU).OrThrow();

    internal static ImmutableArray<FlowFrame> Draw(IEnumerable<FrameSketch> sketches, long first = 0) =>
        [.. sketches.Select((sketch, index) => sketch.Draw(first + index))];

    /// <summary>Steps up to a number, each on two of four frames.</summary>
    internal static TrainState Train(Trainer trainer, int steps, TrainState? from = null)
    {
        var state = from ?? trainer.Start().OrThrow();
        for (var step = state.Iteration; step < steps; step++)
        {
            var sketches = Enumerable
                .Range(2 * step, 2)
                .Select(n => new FrameSketch(new Size2(40 + (8 * (n % 2)), 60), 1 + (n % 3), (ulong)(n % 4)));
            (state, var gradient) = Step(trainer, state, step, sketches);
            gradient.Dispose();
        }

        return state;
    }

    private static (TrainState State, Gradient Gradient) Step(
        Trainer trainer,
        TrainState state,
        int step,
        IEnumerable<FrameSketch> sketches
    )
    {
        var pass = trainer.Predict(state, step, Draw(sketches, 2 * step)).OrThrow();
        var gradient = Loss(pass.Prediction).OrThrow();
        return (trainer.Learn(state, pass, gradient).OrThrow(), gradient);
    }

    private static void AssertSame(TrainState a, TrainState b)
    {
        Assert.Equal(a.Iteration, b.Iteration);
        Assert.Equal(a.Weights.All.Select(entry => entry.Key), b.Weights.All.Select(entry => entry.Key));
        Assert.All(a.Weights.All, entry => Assert.True(Tensors.SameBits(entry.Value, b.Weights[entry.Key]), entry.Key));
        Assert.All(a.Momentum.All, entry => Assert.True(Tensors.SameBits(entry.Value, b.Momentum[entry.Key]), $"momentum of {entry.Key}"));
    }

    private static string Refused<T>(Result<T, ForwardError> result) =>
        result.Match(_ => throw new InvalidOperationException("was not refused"), error => error.Describe());
}
