using Motion.Contracts;
using Motion.DataSets;
using Motion.Forward;
using Motion.Kernels;
using Motion.Properties.Generators;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Forward;

/// <summary>The detector as its callers see it.</summary>
public sealed class DetectorLaws
{
    // A threshold of 0 lets an untrained network find something.
    private static readonly ForwardOptions Options = FlowFrames.Tiny with
    {
        Inference = new()
        {
            ScoreThreshold = 0,
            PerLevel = 20,
            PerFrame = 15,
        },
    };

    [Fact, Law]
    public void Detect_AnyFrame_IsWellFormed() =>
        Laws.Hold(
            FlowFrames.Any,
            sketch =>
            {
                using var state = TrainerLaws.Trainer(Options).Start().OrThrow();
                var frame = sketch.Draw(sequence: 3);
                var (key, truth) = (frame.Key, frame.Truth);
                using var found = Detector(state.Weights)(frame).OrThrow();
                return found.Key == key
                    && ReferenceEquals(found.Truth, truth)
                    && found.OriginalSize == sketch.Size
                    && found.Items.Skip(15).All(item => item.Score == found.Items[14].Score) // beyond the fifteenth only its equals; of some pictures fresh weights find nothing
                    && found.Items.Zip(found.Items.Skip(1)).All(pair => pair.First.Score >= pair.Second.Score)
                    && found.Items.All(item =>
                        item.Score is > 0 and <= 1
                        && item.Class is >= 0 and < FlowFrames.Classes
                        && item.Box.IsProper
                        && item.Box == item.Box.Clip(sketch.Size)
                        && item.Mask is { } mask
                        && mask.Size == sketch.Size
                        && Rles.Problem(mask) is null
                    )
                    && Image(frame).IsInvalid; // consumed
            },
            cases: 20
        );

    [Fact]
    public void Detect_AfterTraining_GivesWhatTheCheckpointGives()
    {
        using var folder = new TemporaryFolder();
        var path = Path.Combine(folder.Path, "checkpoint.safetensors");
        var trainer = TrainerLaws.Trainer(Options);
        using var state = TrainerLaws.Train(trainer, steps: 3);
        Assert.True(trainer.Save(state, path).IsOk);
        using var stored = ForwardStage.ReadWeights(path, Options, FlowFrames.Classes).OrThrow();
        AssertSame(Find(Detector(state.Weights)), Find(Detector(stored)));
    }

    [Fact]
    public void Detector_KeepsItsNumbers_WhileTrainingGoesOn()
    {
        var trainer = TrainerLaws.Trainer(Options);
        var state = TrainerLaws.Train(trainer, steps: 1);
        var detect = Detector(state.Weights);
        var before = Find(detect);
        state = TrainerLaws.Train(trainer, steps: 3, state);
        AssertSame(before, Find(detect));
        var after = Find(Detector(state.Weights));
        Assert.NotEqual(before.Items.Select(item => item.Score), after.Items.Select(item => item.Score));
        state.Dispose();
        AssertSame(before, Find(detect));
    }

    [Fact]
    public void Detect_TrainingForwardOfTheSameView_HasTheSameHeads()
    {
        using var scope = NewDisposeScope();
        using var state = TrainerLaws.Trainer(Options).Start().OrThrow();
        var frame = new FrameSketch(new Size2(48, 60), 1, 5).Draw();
        var view = Views.Test(Options.View, frame);
        var batch = Encoder.Learning(Options, state.Weights, [frame], [view], CPU);
        var expected = Segmenter.Forward(Options, state.Weights, batch.Features, 1, new Dictionary<string, Tensor>(StringComparer.Ordinal));
        var model = DetectorModel.Of(Options, FlowFrames.Classes, state.Weights, CPU);
        Tensor[] pictures = [Views.Image(frame, view), Views.Wheel(frame, view, Options.FlowPicture)];
        var input = Joins.Cat([.. pictures.Select(picture => Views.Normalise(picture, Options.Backbone, view.Padded))], 0);
        var actual = Segmenter.Forward(Options, model.Weights, Backbones.Forward(Options.Backbone, model.Backbone, input), 1, next: null);
        Assert.All(
            actual.Levels.Zip(expected.Levels),
            level => Assert.True(Tensors.SameBits(level.First.ClassLogits, level.Second.ClassLogits))
        );
        model.Weights.Dispose();
    }

    [Fact]
    public void Detect_NothingAboveTheThreshold_IsAnEmptyAnswer()
    {
        using var state = TrainerLaws.Trainer(Options).Start().OrThrow();
        var options = Options with { Inference = new() { ScoreThreshold = 0.99 } };
        var detect = ForwardStage.CreateDetector(options, FlowFrames.Classes, state.Weights, CPU).OrThrow();
        Assert.Empty(Find(detect).Items);
    }

    [Fact]
    public void Detect_WithoutMasks_GivesTheSameBoxes()
    {
        using var state = TrainerLaws.Trainer(Options).Start().OrThrow();
        var options = Options with { Inference = Options.Inference with { Masks = false } };
        var boxes = ForwardStage.CreateDetector(options, FlowFrames.Classes, state.Weights, CPU).OrThrow();
        var (with, without) = (Find(Detector(state.Weights)), Find(boxes));
        Assert.Equal(Marks(with), Marks(without));
        Assert.All(without.Items, item => Assert.Null(item.Mask));
    }

    [Fact]
    public void Detect_ManyTimes_LeavesNoTensorBehind()
    {
        using var state = TrainerLaws.Trainer(Options).Start().OrThrow();
        var detect = Detector(state.Weights);
        Leaks.Check(() =>
        {
            Find(detect);
            Find(detect);
        });
    }

    [Fact]
    public void CreateDetector_WeightsOfOtherOptions_AreRefusedByName()
    {
        using var state = TrainerLaws.Trainer(Options).Start().OrThrow();
        var wider = Options with { Mask = Options.Mask with { Channels = 5 } };
        var refusal = ForwardStage.CreateDetector(wider, FlowFrames.Classes, state.Weights, CPU).Match(_ => "", error => error.Describe());
        Assert.Contains("controller.weight", refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void Masks_OfCertainLogits_AreTheViewStretchedToTheFrame()
    {
        using var scope = NewDisposeScope();
        var logits = full([2, 8, 8], Held.Of(-9f));
        logits[0].fill_(Held.Of(9f));
        var masks = MaskPaste.Masks(logits, new Size2(30, 27), new Size2(61, 55));
        Assert.Equal([61L * 55, 0], masks.Select(Rles.Area));
        var left = full([1, 8, 8], Held.Of(-9f));
        left.narrow(2, 0, 4).fill_(Held.Of(9f)); // to the middle between cells 3 and 4: pixel 16 of 32
        Assert.InRange(Rles.Area(MaskPaste.Masks(left, new Size2(32, 32), new Size2(32, 32))[0]), 15 * 32, 17 * 32);
    }

    [Fact, Law]
    public void Masks_OfAnyLogits_AreSampledAtTheMiddlesOfThePixels() =>
        Laws.Hold(
            FlowFrames.Any,
            sketch =>
            {
                using var scope = NewDisposeScope();
                var logits = LossCase.Normal(new Seed(sketch.Seed).Draws(), 2, 1, 8, 8); // view padded to 32x32
                var view = new Size2(27, 31);
                var mask = Rles.Decode(MaskPaste.Masks(logits, view, sketch.Size)[0]);
                var probability = AlignedBilinear.Upsample(logits.sigmoid().unsqueeze(1), 4).Elements<float>(); // [32, 32]
                double At(int row, int column) =>
                    probability[(32 * Math.Clamp(row, 0, view.Height - 1)) + Math.Clamp(column, 0, view.Width - 1)];
                return Enumerable
                    .Range(0, mask.Length)
                    .All(pixel =>
                    {
                        var y = Math.Max(0, (((pixel / sketch.Size.Width) + 0.5) * view.Height / sketch.Size.Height) - 0.5);
                        var x = Math.Max(0, (((pixel % sketch.Size.Width) + 0.5) * view.Width / sketch.Size.Width) - 0.5);
                        var (row, column, v, u) = ((int)y, (int)x, y % 1, x % 1);
                        var value =
                            ((1 - v) * (((1 - u) * At(row, column)) + (u * At(row, column + 1))))
                            + (v * (((1 - u) * At(row + 1, column)) + (u * At(row + 1, column + 1))));
                        return Math.Abs(value - 0.5) < 1e-4 || mask[pixel] == (value > 0.5 ? 1 : 0);
                    });
            },
            cases: 20
        );

    private static Tensor Image(FlowFrame frame) => frame.Image;

    private static Detect Detector(Weights weights) => ForwardStage.CreateDetector(Options, FlowFrames.Classes, weights, CPU).OrThrow();

    private static Detections Find(Detect detect) => detect(new FrameSketch(new Size2(48, 60), 1, 5).Draw()).OrThrow();

    private static IEnumerable<(Box, float, int)> Marks(Detections found) => found.Items.Select(item => (item.Box, item.Score, item.Class));

    private static void AssertSame(Detections a, Detections b)
    {
        Assert.Equal(Marks(a), Marks(b));
        Assert.All(a.Items.Zip(b.Items), pair => Assert.True(Rles.Same(pair.First.Mask!, pair.Second.Mask!)));
    }
}
