using System.Collections.Immutable;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Evaluate;
using Motion.Kernels;
using Motion.Properties.Generators;
using Xunit;

namespace Motion.Properties.Evaluate;

/// <summary>What the stage refuses, what it says then, and what it passes over.</summary>
public static class EvaluateRefusals
{
    private static Size2 Size { get; } = new(10, 12);

    private static Box Somewhere { get; } = new(1, 2, 6, 8);

    private static Rle Mask { get; } = Rles.FromBox(Somewhere, Size);

    private static Detection Good { get; } = new(Somewhere, 0.5f, 1, Mask);

    private static Instance Truth { get; } = new(0, 1, Somewhere, Mask);

    public static TheoryData<string, Detection> BadDetections =>
        new()
        {
            { "score NaN", Good with { Score = float.NaN } },
            { "score Infinity", Good with { Score = float.PositiveInfinity } },
            { "class 3", Good with { Class = 3 } },
            { "class -1", Good with { Class = -1 } },
            { "NaN", Good with { Box = Somewhere with { X1 = float.NaN } } },
            { "right and bottom", Good with { Box = new Box(6, 2, 1, 8) } },
            { "12x10", Good with { Mask = Rles.Empty(new Size2(12, 10)) } },
            { "119 pixels", Good with { Mask = new Rle(Size, [100, 19]) } },
            { "no runs", Good with { Mask = new Rle(Size, default) } },
        };

    public static TheoryData<string, Instance> BadTruths =>
        new()
        {
            { "class 3", Truth with { Class = 3 } },
            { "area NaN", Truth with { Area = double.NaN } },
            { "NaN", Truth with { Box = Somewhere with { Y2 = float.NaN } } },
            { "12x10", Truth with { Mask = Rles.Empty(new Size2(12, 10)) } },
        };

    [Theory]
    [MemberData(nameof(BadDetections))]
    public static void Step_BadDetection_NamesFrameItemAndProblem(string problem, Detection bad) =>
        AssertSays(Run(Frame(4, [Good, bad], [Truth])), "frame 4", "detection 1", problem);

    [Theory]
    [MemberData(nameof(BadTruths))]
    public static void Step_BadTruth_NamesFrameItemAndProblem(string problem, Instance bad) =>
        AssertSays(Run(Frame(4, [Good], [Truth, bad])), "frame 4", "annotated object 1", problem);

    [Fact]
    public static void Step_SomeMasksLacking_IsAnError()
    {
        AssertSays(Run(Frame(0, [Good, Good with { Mask = null }], [Truth])), "frame 0", "1 of its 2 detections");
        AssertSays(Run(Frame(0, [Good], [Truth, Truth, Truth with { Mask = null }])), "frame 0", "1 of its 3 annotated objects");
    }

    [Fact]
    public static void Finish_MasksHereAndNotThere_NamesTheFirstFrameWithout()
    {
        AssertSays(
            Run(Frame(0, [Good], [Truth]), Frame(2, [], [Truth with { Mask = null }]), Frame(1, [], [Truth with { Mask = null }])),
            "frame 1",
            "annotated objects"
        );
        AssertSays(Run(Frame(0, [Good with { Mask = null }], [Truth]), Frame(1, [Good], [Truth])), "frame 0", "detections");
    }

    [Fact]
    public static void Finish_OneFrameTwice_IsAnError() => AssertSays(Run(Frame(3, [Good], [Truth]), Frame(3, [], [])), "frame 3", "twice");

    [Fact]
    public static void Finish_NothingAnnotated_IsNoTruth()
    {
        AssertSays(Run(), "annotat");
        AssertSays(Run(Frame(0, [Good], []) with { Truth = null }), "annotat");
    }

    [Fact]
    public static void Frames_WithoutAnnotation_ArePassedOver()
    {
        var with = Run(Frame(0, [Good], [Truth]), Frame(1, [Good, Good], []) with { Truth = null }).OrThrow();
        Assert.Equal((1, 1, 1), (with.Frames, with.Truths, with.Found));
        Assert.Equal(1, with.Masks!.Stats.Ap50, 1e-12);
    }

    [Fact]
    public static void Frames_AnnotatedAsEmpty_CountTheirDetectionsAsFalse()
    {
        var with = Run(Frame(0, [Good], [Truth]), Frame(1, [Good with { Score = 0.9f }], [])).OrThrow();
        Assert.Equal(2, with.Frames);
        Assert.Equal(0.5, with.Masks!.Stats.Ap50, 1e-12);
    }

    [Fact]
    public static void Truth_WithoutMasks_GivesBoxesOnly()
    {
        var evaluation = Run(Frame(0, [Good], [Truth with { Mask = null }])).OrThrow();
        Assert.Equal(1, evaluation.Boxes.Stats.Ap50, 1e-12);
        Assert.Equal(
            (null, null, null, null),
            (evaluation.Masks, evaluation.FilledBoxes, evaluation.MeanBestIou, evaluation.MeanFilledBoxIou)
        );
    }

    [Fact]
    public static void Detector_WithoutMasks_GivesBoxesAndFilledBoxes()
    {
        var evaluation = Run(Frame(0, [Good with { Mask = null }], [Truth])).OrThrow();
        Assert.Equal((null, null), (evaluation.Masks, evaluation.MeanBestIou));
        Assert.Equal(1, evaluation.FilledBoxes!.Stats.Ap50, 1e-12);
        Assert.Equal(1, evaluation.MeanFilledBoxIou!.Value, 1e-12);
    }

    [Fact]
    public static void Detector_ThatFindsNothing_HasZeros()
    {
        var evaluation = Run(Frame(0, [], [Truth])).OrThrow();
        Assert.Equal(
            (0, 0, 0, 0),
            (evaluation.Boxes.Stats.Ap, evaluation.Masks!.Stats.Ap, evaluation.FilledBoxes!.Stats.Ap, evaluation.MeanBestIou!.Value)
        );
    }

    [Fact]
    public static void Options_WithoutMasks_CompareBoxesOnly()
    {
        var options = new EvaluateOptions { Masks = false };
        Assert.Null(
            Run(options, Frame(0, [Good], [Truth]), Frame(1, [Good with { Mask = null }], [Truth with { Mask = null }])).OrThrow().Masks
        );
        Assert.Null(Run(new EvaluateOptions { FilledBoxes = false }, Frame(0, [Good], [Truth])).OrThrow().FilledBoxes);
    }

    [Fact]
    public static void EqualScores_OfTwoFrames_GoByTheirSequence()
    {
        var miss = Frame(0, [Good], []) with { Key = new FrameKey(0, "z", 9) };
        var hit = Frame(1, [Good], [Truth]) with { Key = new FrameKey(1, "a", 3) };
        Assert.Equal(0.5, Run(hit, miss).OrThrow().Masks!.Stats.Ap50, 1e-12); // the false positive comes first
        Assert.Equal(0.5, Run(miss, hit).OrThrow().Masks!.Stats.Ap50, 1e-12);
    }

    [Fact]
    public static void Sizes_OfDetections_AreThoseOfWhatIsCompared()
    {
        // Two unmatched detections whose box is small (30x30) in one kind and whose mask is not of that size range in the other.
        var size = new Size2(200, 200);
        var (box, mask) = (new Box(0, 0, 50, 50), Rles.FromBox(new Box(0, 0, 10, 10), size));
        var truth = new Instance(0, 0, new Box(100, 100, 110, 110), Rles.FromBox(new Box(100, 100, 110, 110), size));
        var hit = new Detection(truth.Box, 0.5f, 0, truth.Mask);
        var miss = new Detection(box, 0.9f, 0, mask);
        var frame = new Detections(new FrameKey(0, "clip", 0), size, [miss, hit], new Annotation([truth]));
        var evaluation = Run(frame).OrThrow();
        Assert.Equal(1, evaluation.Boxes.Stats.Values[3], 1e-12); // a box of 2500 pixels is no small one: ignored there
        Assert.Equal(0.5, evaluation.Masks!.Stats.Values[3], 1e-12); // a mask of 100 pixels is
        Assert.Equal(1, evaluation.FilledBoxes!.Stats.Values[3], 1e-12);
    }

    private static Detections Frame(int index, ImmutableArray<Detection> found, ImmutableArray<Instance> truths) =>
        new(new FrameKey(index, "clip", index), Size, found, new Annotation(truths));

    private static Result<Evaluation, EvaluateError> Run(params Detections[] frames) => Run(new EvaluateOptions(), frames);

    private static Result<Evaluation, EvaluateError> Run(EvaluateOptions options, params Detections[] frames)
    {
        var fold = EvaluateStage.Create(options, Scenes.Catalogue);
        return frames
            .Aggregate(Result.Ok<EvaluateState, EvaluateError>(fold.Start()), (state, frame) => state.Bind(s => fold.Step(s, frame)))
            .Bind(fold.Finish);
    }

    private static void AssertSays(Result<Evaluation, EvaluateError> result, params string[] words)
    {
        var text = result.Match(_ => "no error", error => error.Describe());
        Assert.All(words, word => Assert.Contains(word, text, StringComparison.Ordinal));
    }
}
