using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Evaluate;
using Motion.Kernels;
using Motion.Parity.Fills;
using Motion.Properties.Contracts;
using Motion.Properties.Generators;
using Xunit;

namespace Motion.Properties.Evaluate;

public static class EvaluateLaws
{
    /// <summary>Numbers summed in another order; see <see cref="Expected"/>.</summary>
    private const double SummationOrder = 1e-12;

    [Fact, Law]
    public static void Evaluate_FramesInAnyOrder_SameToTheBit() =>
        Holds(
            Scenes.Some.SelectMany(frames => Gen.Shuffle(frames.ToArray()).Select(other => (frames, other))),
            pair => Same(Run(pair.frames), Run([.. pair.other]))
        );

    [Fact, Law]
    public static void Evaluate_SplitOverCopiesAndMerged_SameToTheBit() =>
        Holds(
            from frames in Scenes.Some
            from copies in Gen.Choose(0, 2).ArrayOf(frames.Length)
            select (frames, copies),
            pair =>
            {
                var fold = Stage();
                var states = Enumerable
                    .Range(0, 3)
                    .Select(copy => State(fold, pair.frames.Where((_, i) => pair.copies[i] == copy)))
                    .ToArray();
                var merged = EvaluateStage.Merge(states[2], EvaluateStage.Merge(states[0], states[1]));
                return Same(fold.Finish(merged).OrThrow(), Run(pair.frames));
            }
        );

    [Fact, Law]
    public static void Evaluate_ImagesRenumbered_SameNumbers() =>
        Holds(
            Scenes.Some.SelectMany(frames => Gen.Shuffle(frames.ToArray()).Select(other => (frames, other))),
            pair =>
            {
                var (before, after) = (
                    Run(pair.frames),
                    Run([.. pair.other.Select((frame, i) => frame with { Key = frame.Key with { Sequence = i } })])
                );
                return Same(before.Boxes, after.Boxes)
                    && Same(before.Masks!, after.Masks!)
                    && Same(before.FilledBoxes!, after.FilledBoxes!)
                    && Close(before.MeanBestIou!.Value, after.MeanBestIou!.Value);
            }
        );

    [Fact, Law]
    public static void Evaluate_ScoresChangedMonotonically_SameCurves() =>
        Holds(
            Scenes.Some,
            frames =>
            {
                var (before, after) = (Run(frames), Run(Rescored(frames, score => score * score * 0.5f)));
                return before.Boxes.Precision.SequenceEqual(after.Boxes.Precision)
                    && before.Masks!.Precision.SequenceEqual(after.Masks!.Precision)
                    && before.Boxes.Recall.SequenceEqual(after.Boxes.Recall)
                    && before.MeanBestIou == after.MeanBestIou;
            }
        );

    /// <summary>An open vocabulary: categories that nobody uses change no number, and no array grows by them.</summary>
    [Fact, Law]
    public static void Evaluate_WithCategoriesThatNobodyUses_SameNumbersAndArrays() =>
        Holds(
            Scenes.Some.SelectMany(frames => Gen.Choose(1, 20_000).Select(more => (frames, more))),
            pair =>
            {
                var wide = Scenes.Catalogue with
                {
                    Categories =
                    [
                        .. Scenes.Catalogue.Categories,
                        .. Enumerable.Range(0, pair.more).Select(k => new Category(1000 + k, $"unused {k}")),
                    ],
                };
                var (before, after) = (
                    Run(pair.frames).Boxes,
                    Finish(EvaluateStage.Create(new EvaluateOptions(), wide), pair.frames).OrThrow().Boxes
                );
                return before.Stats.Values.SequenceEqual(after.Stats.Values)
                    && before.Precision.SequenceEqual(after.Precision)
                    && before.Recall.SequenceEqual(after.Recall)
                    && before.Scores.SequenceEqual(after.Scores)
                    && after.Categories.Take(before.Categories.Length).SequenceEqual(before.Categories)
                    && after.Categories.Skip(before.Categories.Length).All(category => category is { Ap: -1, Ar100: -1 })
                    && before.Counted.SequenceEqual(after.Counted);
            }
        );

    [Fact, Law]
    public static void Evaluate_PerfectDetections_HaveApOne() =>
        Holds(
            Scenes.Some,
            frames =>
            {
                var perfect = Run([.. frames.Select(Perfected)]);
                return Perfect(perfect.Boxes) && Perfect(perfect.Masks!) && Close(perfect.MeanBestIou!.Value, 1);
            }
        );

    [Fact, Law]
    public static void Evaluate_FilledBoxesOfMasksThatAreBoxes_EqualTheMasks() =>
        Holds(
            Scenes.Some,
            frames =>
            {
                var filled = Run([
                    .. frames.Select(frame =>
                        frame with
                        {
                            Items = [.. frame.Items.Select(item => item with { Mask = Rles.FromBox(item.Box, frame.OriginalSize) })],
                            Truth = new Annotation([
                                .. frame.Truth!.Instances.Select(item => item with { Mask = Rles.FromBox(item.Box, frame.OriginalSize) }),
                            ]),
                        }
                    ),
                ]);
                return Same(filled.Masks!, filled.FilledBoxes!) && Close(filled.MeanFilledBoxIou!.Value, 1);
            }
        );

    [Fact, Law]
    public static void Evaluate_WorstDetectionAdded_LowersNothing() =>
        Holds(
            Scenes.Some,
            frames =>
            {
                var more = frames.SetItem(
                    0,
                    frames[0] with
                    {
                        Items = frames[0]
                            .Items.Add(
                                new Detection(new Box(3, 3, 9, 9), 0.001f, 0, Rles.FromBox(new Box(3, 3, 9, 9), frames[0].OriginalSize))
                            ),
                    }
                );
                return Run(frames)
                    .Masks!.Stats.Values.Zip(Run(more).Masks!.Stats.Values)
                    .All(pair => pair.First <= pair.Second + SummationOrder);
            }
        );

    [Fact, Law]
    public static void Evaluate_Numbers_AreBoundedAndOrdered() =>
        Holds(
            Scenes.Some,
            frames =>
            {
                var (masks, all) = (Run(frames).Masks!, Run(frames));
                var s = masks.Stats.Values;
                return s.All(value => value is -1 or (>= 0 and <= 1 + SummationOrder))
                    && s[0] <= s[1] + SummationOrder
                    && s[2] <= s[1] + SummationOrder
                    && s[6] <= s[7] + SummationOrder
                    && s[7] <= s[8] + SummationOrder
                    && all.MeanBestIou is > 0 and <= 1
                    && all.MeanFilledBoxIou is > 0 and <= 1;
            }
        );

    [Fact, Law]
    public static void Evaluate_MeanIous_EqualTheObviousLoops() =>
        Holds(
            Scenes.Some,
            frames =>
            {
                var objects = frames
                    .SelectMany(frame => frame.Truth!.Instances.Where(item => !item.IsCrowd).Select(item => (frame, item)))
                    .ToList();
                var best = objects.Select(pair =>
                    pair.frame.Items.Select(found => Rles.Iou(found.Mask!, pair.item.Mask!, false)).DefaultIfEmpty(0).Max()
                );
                var filled = objects.Select(pair => Rles.Iou(Rles.FromBox(pair.item.Box, pair.frame.OriginalSize), pair.item.Mask!, false));
                var actual = Run(frames);
                return Close(actual.MeanBestIou!.Value, best.Average()) && Close(actual.MeanFilledBoxIou!.Value, filled.Average());
            }
        );

    [Fact, Law]
    public static void Evaluate_Threads_ChangeNothing() =>
        Holds(Scenes.Some, frames => Same(Run(frames), Finish(Stage(new EvaluateOptions { Threads = 4 }), frames).OrThrow()));

    [Fact]
    public static void Stage_OnAGeneratedDataSet_EqualsTheCoreToTheBit()
    {
        var parameters = new LargeParameters(7, 12, 4, new Size2(120, 160), 30);
        var images = LargeCase.Images(parameters).ToList();
        var catalogue = new Catalogue([.. Enumerable.Range(0, 4).Select(k => new Category(k, $"{k}"))], []);
        var fold = EvaluateStage.Create(new EvaluateOptions(), catalogue);
        var evaluation = Finish(fold, [.. images.Select(image => image.ToMessage(parameters.Size))]).OrThrow();
        foreach (var (kind, actual) in new[] { (OverlapKind.Boxes, evaluation.Boxes), (OverlapKind.Masks, evaluation.Masks!) })
        {
            var (truths, detections) = LargeCase.Lists(parameters, images, kind);
            Assert.True(Same(CocoEvaluation.Evaluate(truths, detections, kind), actual));
        }
    }

    private static void Holds<T>(Gen<T> values, Func<T, bool> law) => Laws.Hold(values, law, cases: 30);

    private static Fold<SeenFrame, EvaluateState, Evaluation, EvaluateError> Stage(EvaluateOptions? options = null) =>
        EvaluateStage.Create(options ?? new EvaluateOptions(), Scenes.Catalogue);

    private static EvaluateState State(Fold<SeenFrame, EvaluateState, Evaluation, EvaluateError> fold, IEnumerable<Detections> frames) =>
        frames.Aggregate(fold.Start(), (state, frame) => fold.Step(state, frame).OrThrow());

    private static Result<Evaluation, EvaluateError> Finish(
        Fold<SeenFrame, EvaluateState, Evaluation, EvaluateError> fold,
        IEnumerable<Detections> frames
    ) => fold.Finish(State(fold, frames));

    private static Evaluation Run(ImmutableArray<Detections> frames) => Finish(Stage(), frames).OrThrow();

    private static ImmutableArray<Detections> Rescored(ImmutableArray<Detections> frames, Func<float, float> change) =>
        [.. frames.Select(frame => frame with { Items = [.. frame.Items.Select(item => item with { Score = change(item.Score) })] })];

    private static Detections Perfected(Detections frame) =>
        frame with
        {
            Items =
            [
                .. frame.Truth!.Instances.Where(item => !item.IsCrowd).Select(item => new Detection(item.Box, 0.7f, item.Class, item.Mask)),
            ],
        };

    private static bool Perfect(TypeEvaluation evaluation) =>
        new[] { 0, 1, 2, 8 }.All(i => Close(evaluation.Stats.Values[i], 1))
        && evaluation.Stats.Values.All(value => value is -1 || value > 0);

    private static bool Close(double a, double b) => Math.Abs(a - b) <= SummationOrder;

    private static bool Same(Evaluation a, Evaluation b) =>
        Same(a.Boxes, b.Boxes)
        && Same(a.Masks!, b.Masks!)
        && Same(a.FilledBoxes!, b.FilledBoxes!)
        && a.MeanBestIou.Equals(b.MeanBestIou)
        && a.MeanFilledBoxIou.Equals(b.MeanFilledBoxIou)
        && (a.Frames, a.Truths, a.Found) == (b.Frames, b.Truths, b.Found)
        && SampleMessages.Describe(a.Tracks) == SampleMessages.Describe(b.Tracks);

    private static bool Same(TypeEvaluation a, TypeEvaluation b) =>
        a.Stats.Values.SequenceEqual(b.Stats.Values)
        && a.Precision.SequenceEqual(b.Precision)
        && a.Recall.SequenceEqual(b.Recall)
        && a.Scores.SequenceEqual(b.Scores)
        && a.Categories.SequenceEqual(b.Categories);
}
