using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using Motion.Contracts;
using Motion.Evaluate;
using Motion.Pipeline.Comparing;
using Motion.Properties.Generators;
using Xunit;
using Bounds = Motion.Pipeline.Comparing.Interval;

namespace Motion.Properties.Pipeline;

/// <summary>Comparing methods over folds and seeds.</summary>
public static class CompareLaws
{
    private const int Resamples = 20;

    /// <summary>Clips of one frame each, of two methods and two seeds: the same truths, other detections.</summary>
    private static Gen<(Method First, Method Second)> Methods { get; } =
        from frames in Scenes.Some
        from kept in Gen.Choose(0, 3).ArrayOf(4 * frames.Length)
        let seeds = Enumerable
            .Range(0, 4)
            .Select(seed =>
                MatchedClip
                    .Of(
                        frames.Select(
                            (frame, i) =>
                                frame with
                                {
                                    Key = frame.Key with { Clip = $"clip {i}" },
                                    Items = [.. frame.Items.Skip(kept[(seed * frames.Length) + i])],
                                }
                        ),
                        Scenes.Classes,
                        new EvaluateOptions()
                    )
                    .OrThrow()
            )
            .ToImmutableArray()
        select (new Method("first", seeds[..2]), new Method("second", seeds[2..]));

    [Fact, Law]
    public static void Measure_OfAllClips_IsTheEvaluationOfAllFrames() =>
        Laws.Hold(
            Scenes.Some,
            frames =>
            {
                var fold = EvaluateStage.Create(new EvaluateOptions { Tracks = false }, Scenes.Catalogue);
                var state = frames.Aggregate(fold.Start(), (all, frame) => fold.Step(all, frame).OrThrow());
                var whole = fold.Finish(state).OrThrow();
                var clips = MatchedClip.Measure(
                    MatchedClip.Of(frames.Reverse(), Scenes.Classes, new EvaluateOptions()).OrThrow(),
                    Scenes.Classes
                );
                return clips.Masks!.Stats.Values.SequenceEqual(whole.Masks!.Stats.Values)
                    && clips.Boxes.Stats.Values.SequenceEqual(whole.Boxes.Stats.Values)
                    && clips.MeanBestIou.Equals(whole.MeanBestIou);
            },
            cases: 30
        );

    [Fact, Law]
    public static void Difference_OfAMethodAndItself_IsNothingForCertain() =>
        Holds(pair =>
            Of(pair.First, pair.First with { Name = "again" })
                .Differences.All(one => one.Pooled == new Bounds(0, 0, 0) && one.OfClips.Values.All(value => value == 0))
        );

    [Fact, Law]
    public static void Difference_OfMethodsTheOtherWayRound_IsItsNegative() =>
        Holds(pair =>
            Of(pair.First, pair.Second)
                .Differences.Zip(Of(pair.Second, pair.First).Differences)
                .All(both =>
                    both.First.Pooled.Value == -both.Second.Pooled.Value
                    && Close(both.First.Pooled.Low, -both.Second.Pooled.High)
                    && Close(both.First.Pooled.High, -both.Second.Pooled.Low)
                )
        );

    [Fact, Law]
    public static void Comparison_OnAnyNumberOfThreads_IsTheSame() =>
        Holds(pair =>
            Of(pair.First, pair.Second)
                .Differences.Select(one => one.Pooled)
                .SequenceEqual(Of(pair.First, pair.Second, threads: 4).Differences.Select(one => one.Pooled))
        );

    /// <summary>What the pooled numbers say is what the mean of the seeds says; the interval is no wider than what there can be.</summary>
    [Fact, Law]
    public static void Reached_IsTheMeanOfTheSeeds_BetweenItsBounds() =>
        Holds(pair =>
            Of(pair.First, pair.Second)
                .Reached.All(one =>
                    Close(one.Pooled.Value, one.OfSeeds.Where(double.IsFinite).Average())
                    && one.Pooled is { Low: >= 0, High: <= 100 }
                    && one.Pooled.Low <= one.Pooled.High
                )
        );

    [Fact, Law]
    public static void Folds_TestEachClipOnce_AndNeverWhatTheyLearntFrom() =>
        Laws.Hold(
            from clips in Gen.Choose(1, 30)
            from folds in Gen.Choose(2, 9)
            where folds <= clips
            select (clips, folds),
            drawn =>
            {
                ImmutableArray<string> names = [.. Enumerable.Range(0, drawn.clips).Select(i => $"clip {i}")];
                var parts = Enumerable.Range(0, drawn.folds).Select(fold => CompareRuns.Deal(names, drawn.folds, fold)).ToArray();
                return parts.SelectMany(part => part.Tested).Order().SequenceEqual(names.Order())
                    && parts.All(part => part.Learnt.Concat(part.Tested).Order().SequenceEqual(names.Order()))
                    && parts.Max(part => part.Tested.Length) - parts.Min(part => part.Tested.Length) <= 1;
            }
        );

    private static void Holds(Func<(Method First, Method Second), bool> law) =>
        Prop.ForAll(Methods.ToArbitrary(), law).Check(Laws.Cases(5)); // a case is some thousand evaluations

    private static Compared Of(Method first, Method second, int threads = 1) =>
        Comparison.Of([first, second], Scenes.Classes, Resamples, new Seed(7), threads);

    /// <summary>Quantiles between the same neighbours from the other side, in percent.</summary>
    private static bool Close(double a, double b) => Math.Abs(a - b) <= 1e-10;
}
