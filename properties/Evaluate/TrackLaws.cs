using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Decode;
using Motion.Evaluate;
using Motion.Pipeline.Evaluating;
using Motion.Pipeline.Show;
using Motion.Properties.Contracts;
using Motion.Properties.Generators;
using Motion.Runner.Folders;
using TorchSharp;
using Xunit;

namespace Motion.Properties.Evaluate;

/// <summary>Tracks of a run: linked, measured, written and measured again.</summary>
public static class TrackLaws
{
    /// <summary>Numbers summed in another order; see <see cref="Expected"/>.</summary>
    private const double SummationOrder = 1e-12;

    private static Catalogue Catalogue { get; } =
        new([.. Enumerable.Range(0, 3).Select(k => new Category((10 * k) + 3, $"class {k}"))], []);

    private static FlowFrame FlowFrameOf(MovingScene scene, int frame) =>
        new(
            scene.Frame(frame).Key,
            scene.Size,
            torch.zeros([3, 1, 1], torch.uint8),
            scene.FlowTensor(frame),
            1,
            "gma",
            scene.Frame(frame).Truth
        );

    private static Evaluation Run(IEnumerable<SeenFrame> frames)
    {
        var fold = EvaluateStage.Create(new EvaluateOptions(), Catalogue);
        return fold.Finish(frames.Aggregate(fold.Start(), (state, frame) => fold.Step(state, frame).OrThrow())).OrThrow();
    }

    [Fact]
    public static void Evaluate_ObjectsFoundAsTheyAre_HaveTrackApOne()
    {
        var scene = new MovingScene([new Mover(0, true, 20, 12, 12, 12, 30, 0), new Mover(2, false, 150, 52, 14, 9, -25, 1)], 4);
        var tracks = Run(Enumerable.Range(0, 4).Select(t => new SeenFrame(scene.Frame(t), FlowFrameOf(scene, t)))).Tracks!;
        Assert.Equal(1, tracks.Scores.Stats.Ap, SummationOrder);
        Assert.Equal([4, 4], tracks.Clips[0].Found.Select(track => track.Masks.Count(mask => mask is not null)));
        var lost = Run(Enumerable.Range(0, 4).Select(t => new SeenFrame(scene.Frame(t)))).Tracks!;
        Assert.True(lost.Scores.Stats.Ap < 0.5, $"without flow AP is {lost.Scores.Stats.Ap}");
    }

    [Fact]
    public static void Step_AFrameWithItsFlow_IsDisposed()
    {
        var scene = new MovingScene([new Mover(0, true, 20, 12, 12, 12, 30, 0)], 2);
        var frame = FlowFrameOf(scene, 0);
        Run([new SeenFrame(scene.Frame(0), frame)]);
        Assert.All(frame.Tensors, tensor => Assert.True(tensor.IsInvalid));
    }

    [Fact]
    public static void Evaluate_FramesWithoutAnnotation_HelpLinkingAndAreNotMeasured()
    {
        var scene = new MovingScene([new Mover(0, true, 20, 12, 12, 12, 10, 0)], 5);
        var tracks = Run(
            Enumerable.Range(0, 5).Select(t => new SeenFrame(t == 2 ? scene.Frame(t) with { Truth = null } : scene.Frame(t)))
        ).Tracks!;
        Assert.Equal([0, 1, 3, 4], tracks.Clips[0].Frames.ToArray());
        Assert.All(tracks.Clips[0].Found.Concat(tracks.Clips[0].Truths), track => Assert.Equal(4, track.Masks.Length));
    }

    [Fact]
    public static void Evaluate_WithoutMasksOrNotWanted_MeasuresNoTracks()
    {
        var frame = new MovingScene([new Mover(0, true, 20, 12, 12, 12, 10, 0)], 1).Frame(0);
        var bare = frame with
        {
            Items = [.. frame.Items.Select(item => item with { Mask = null })],
            Truth = new Annotation([.. frame.Truth!.Instances.Select(item => item with { Mask = null })]),
        };
        Assert.Null(Run([new SeenFrame(bare)]).Tracks);
        var fold = EvaluateStage.Create(new EvaluateOptions { Tracks = false }, Catalogue);
        Assert.Null(fold.Finish(fold.Step(fold.Start(), frame).OrThrow()).OrThrow().Tracks);
    }

    [Fact, Law]
    public static void Files_OfARun_GiveTheRunsOwnFigures() =>
        Laws.Hold(
            Scenes.Some,
            frames =>
            {
                using var folder = new TemporaryFolder();
                var run = new RunFolder(folder.Path);
                var catalogue = new Catalogue(
                    [.. Enumerable.Range(0, Scenes.Classes).Select(k => new Category((7 * k) + 2, $"class {k}"))],
                    []
                );
                var fold = EvaluateStage.Create(new EvaluateOptions(), catalogue);
                var clips = frames.Select((frame, i) => frame with { Key = frame.Key with { Clip = i % 2 == 0 ? "even" : "odd" } });
                var tracks = fold.Finish(clips.Aggregate(fold.Start(), (state, frame) => fold.Step(state, frame).OrThrow()))
                    .OrThrow()
                    .Tracks!;
                TrackFiles.Write(tracks, catalogue, run);
                var read = EvaluateFiles
                    .Run(run.TrackTruths, run.Tracks, CocoType.Ytvis, new FileComparison(ReadingPolicy.Strict, Threads: 1))
                    .OrThrow();
                return SampleMessages.Describe(read.Scores) == SampleMessages.Describe(tracks.Scores);
            },
            cases: 20
        );
}
