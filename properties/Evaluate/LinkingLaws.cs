using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Evaluate;
using Motion.Kernels;
using Motion.Properties.Generators;
using TorchSharp;
using Xunit;

namespace Motion.Properties.Evaluate;

public static class LinkingLaws
{
    private static LinkOptions Options { get; } = new();

    private static Gen<MovingScene> Moving { get; } = MovingScene.Some.Select(scene => scene.Within);

    private static ImmutableArray<LinkedTrack> Tracks(
        MovingScene scene,
        Func<int, Detections>? found = null,
        bool withFlow = true,
        LinkOptions? options = null
    ) =>
        Linking.Link(
            [
                .. Enumerable
                    .Range(0, scene.Frames)
                    .Select(t => Linking.See((found ?? scene.Frame)(t), withFlow ? scene.Flow(t) : null, options ?? Options)),
            ],
            options ?? Options
        );

    private static string Shown(IEnumerable<LinkedTrack> tracks) =>
        string.Join(
            "; ",
            tracks.Select(track =>
                $"{track.Class} {track.Score}: {string.Join(" ", track.Items.Select(item => $"{item.Frame} {item.Item.Found.Box}"))}"
            )
        );

    [Fact, Law]
    public static void Link_RigidObjectsWithExactFlow_GivesEachOneTrack() =>
        Laws.Hold(
            Moving,
            scene =>
            {
                var tracks = Tracks(scene);
                return tracks.Length == scene.Movers.Length
                    && tracks.All(track => track.Items.Select(item => item.Frame).SequenceEqual(Enumerable.Range(0, scene.Frames)))
                    && scene.Movers.All(mover =>
                        tracks.Any(track => track.Items.All(item => item.Item.Found.Box == Rles.Box(scene.MaskOf(mover, item.Frame))))
                    );
            },
            cases: 40
        );

    [Fact]
    public static void Link_FastObject_IsFollowedByItsFlowAndLostWithout()
    {
        var scene = new MovingScene([new Mover(0, true, 20, 12, 12, 12, 30, 0)], 4);
        Assert.Single(Tracks(scene));
        Assert.Equal(4, Tracks(scene, withFlow: false).Length);
    }

    [Fact, Law]
    public static void Link_DetectionsOfAFramePermuted_SameTracks() =>
        Laws.Hold(
            from scene in Moving
            from orders in Gen.Shuffle(Enumerable.Range(0, scene.Movers.Length).ToArray()).ArrayOf(scene.Frames)
            select (scene, orders),
            pair => Shown(Tracks(pair.scene)) == Shown(Tracks(pair.scene, t => pair.scene.Frame(t, pair.orders[t]))),
            cases: 30
        );

    [Fact, Law]
    public static void Link_AnyFrames_EachDetectionIsInOneTrackAndClassesNeverMix() =>
        Laws.Hold(
            Scenes.Some,
            frames =>
            {
                var seen = frames.Select(frame => Linking.See(frame, null, Options)).ToImmutableArray();
                var tracks = Linking.Link(seen, Options);
                var items = tracks.SelectMany(track => track.Items).ToList();
                return items.Count == seen.Sum(frame => frame.Items.Length)
                    && items.Select(item => item.Item).Distinct(ReferenceEqualityComparer.Instance).Count() == items.Count
                    && tracks.All(track =>
                        track.Items.All(item => item.Item.Found.Class == track.Class)
                        && track
                            .Items.Zip(track.Items.Skip(1))
                            .All(pair =>
                                pair.First.Frame < pair.Second.Frame && pair.Second.Frame - pair.First.Frame <= Options.Patience + 1
                            )
                    );
            }
        );

    [Fact, Law]
    public static void Link_ZeroFlow_IsPlainOverlap() =>
        Laws.Hold(
            Scenes.Some,
            frames =>
            {
                ImmutableArray<LinkedTrack> Linked(Func<Detections, FlowPlanes?> flow) =>
                    Linking.Link([.. frames.Select(frame => Linking.See(frame, flow(frame), Options))], Options);
                using var none = torch.zeros(2, frames[0].OriginalSize.Height, frames[0].OriginalSize.Width);
                return Shown(Linked(_ => null)) == Shown(Linked(frame => FlowPlanes.Of(none, frame.OriginalSize)));
            },
            cases: 30
        );

    [Fact, Law]
    public static void Link_ObjectUnseen_GoesOnForAsLongAsPatienceLasts() =>
        Laws.Hold(
            from scene in MovingScene.Some.Select(scene => (scene with { Frames = 6 }).Within)
            from gap in Gen.Choose(0, 4)
            from patience in Gen.Choose(0, 4)
            select (scene, gap, patience),
            drawn =>
            {
                Detections Found(int t) => t >= 1 && t <= drawn.gap ? drawn.scene.Frame(t) with { Items = [] } : drawn.scene.Frame(t);
                var tracks = Tracks(drawn.scene, Found, options: Options with { Patience = drawn.patience });
                return tracks.Length == drawn.scene.Movers.Length * (drawn.gap <= drawn.patience ? 1 : 2);
            },
            cases: 40
        );

    [Fact]
    public static void Link_FramesNotListed_ArePassedByTheMeanMove()
    {
        var scene = new MovingScene([new Mover(1, false, 20, 12, 10, 10, 9, 1)], 7);
        var seen = new[] { 0, 3, 6 }.Select(t => Linking.See(scene.Frame(t), scene.Flow(t), Options)).ToImmutableArray();
        Assert.Single(Linking.Link(seen, Options));
    }

    [Fact]
    public static void Link_ScoreOfATrack_IsTheMeanOfItsDetections()
    {
        var scene = new MovingScene([new Mover(1, false, 20, 12, 10, 10, 9, 1)], 3);
        Assert.Equal(Enumerable.Range(0, 3).Average(t => (double)scene.Frame(t).Items[0].Score), Tracks(scene)[0].Score);
    }

    [Fact]
    public static void See_WorstDetections_AreLeftOut()
    {
        var frame = new MovingScene(
            [.. Enumerable.Range(0, 3).Select(lane => new Mover(0, false, 90, 12 + (40 * lane), 9, 9, 0, 0))],
            1
        ).Frame(0);
        Assert.Equal(2, Linking.See(frame, null, Options with { Most = 2 }).Items.Length);
        Assert.Equal(
            frame.Items.Take(1).Select(item => item.Score),
            Linking.See(frame, null, Options with { Score = 0.88 }).Items.Select(item => item.Found.Score)
        );
    }

    [Fact, Law]
    public static void Assignment_SmallMatrices_GivesTheBestSumOfAll() =>
        Laws.Hold(
            from rows in Gen.Choose(0, 4)
            from columns in Gen.Choose(0, 4)
            from gains in Gen.Choose(0, 10).ArrayOf(16)
            select (rows, columns, gains),
            drawn =>
            {
                var gains = new double[drawn.rows, drawn.columns];
                for (var i = 0; i < gains.Length; i++)
                {
                    gains[i / drawn.columns, i % drawn.columns] = drawn.gains[i] / 10.0;
                }

                var best = Assignment.Best(gains);
                var taken = best.Where(column => column >= 0).ToList();
                return taken.Distinct().Count() == taken.Count
                    && Math.Abs(best.Select((column, row) => column < 0 ? 0 : gains[row, column]).Sum() - Most(gains, 0, [])) < 1e-9;
            }
        );

    private static double Most(double[,] gains, int row, ImmutableHashSet<int> taken) =>
        row == gains.GetLength(0)
            ? 0
            : Enumerable
                .Range(0, gains.GetLength(1))
                .Where(column => !taken.Contains(column))
                .Select(column => gains[row, column] + Most(gains, row + 1, taken.Add(column)))
                .Append(Most(gains, row + 1, taken))
                .Max();

    [Fact]
    public static void Assignment_TwoRivals_BothGoOnWhereGreedyWouldLoseOne() =>
        Assert.Equal(
            [1, 0],
            Assignment.Best(
                new[,]
                {
                    { 0.9, 0.8 },
                    { 0.8, 0.0 },
                }
            )
        );
}
