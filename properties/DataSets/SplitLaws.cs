using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Decode;
using Motion.Properties.Decode;
using Motion.Properties.Generators;
using Xunit;

namespace Motion.Properties.DataSets;

/// <summary>The paper's split.</summary>
public sealed class SplitLaws
{
    private sealed record Case(int[][] Classes, int Names, int PerClass, SplitReading Reading, ulong Seed)
    {
        public long[] Ids => [.. Classes.Select((_, i) => 7L + (3 * i))];

        public string[] Categories => [.. Enumerable.Range(0, Names).Select(c => $"class {c}")];

        public Halves Halves => DrawSplit.Of(Ids, Classes, Categories, PerClass, Reading, new Seed(Seed));
    }

    private static readonly Gen<Case> Cases =
        from names in Gen.Choose(1, 6)
        from videos in Gen.Choose(0, 90)
        from perClass in Gen.Choose(1, 12)
        from reading in Gen.Elements(SplitReading.Union, SplitReading.Fill)
        from seed in Gen.Choose(0, 1_000_000)
        from classes in Gen.Choose(0, names - 1).ListOf().Select(list => list.Distinct().Order().ToArray()).ArrayOf(videos)
        select new Case(classes, names, perClass, reading, (ulong)seed);

    [Fact, Law]
    public void Halves_AreAPartition() =>
        Laws.Hold(Cases, one => one.Halves.Val.Concat(one.Halves.Train).Order().SequenceEqual(Enumerable.Range(0, one.Classes.Length)));

    [Fact, Law]
    public void Val_HasTenOfEveryClass_WhereThereAreEnough() =>
        Laws.Hold(
            Cases,
            one =>
            {
                var halves = one.Halves;
                return Enumerable
                    .Range(0, one.Names)
                    .All(c =>
                    {
                        int Of(IEnumerable<int> half) => half.Count(video => one.Classes[video].Contains(c));
                        var (train, val) = (Of(halves.Train), Of(halves.Val));
                        var plenty = train + val > one.PerClass * one.Names; // no other draws can use it up
                        var others = one
                            .Classes.Where(video => video.Contains(c))
                            .SelectMany(video => video)
                            .Distinct()
                            .All(d => one.Classes.Count(video => video.Contains(d)) > one.PerClass * one.Names);
                        return (train + val == 0 || train > 0)
                            && (!plenty || !others || val >= one.PerClass)
                            && halves.Drawn[c] <= Math.Max(one.PerClass, val);
                    });
            },
            300
        );

    [Fact, Law]
    public void EveryClass_OfTwoVideosOfItsOwn_IsInBothHalves() =>
        Laws.Hold(
            Gen.Choose(2, 30).ListOf().SelectMany(counts => Gen.Choose(0, 1000).Select(seed => (counts, seed))),
            drawn =>
            {
                var classes = drawn.counts.SelectMany((count, c) => Enumerable.Repeat((int[])[c], count)).ToArray();
                var one = new Case(classes, drawn.counts.Count, 10, SplitReading.Union, (ulong)drawn.seed);
                return drawn
                    .counts.Index()
                    .All(c => one.Halves.Val.Count(video => classes[video][0] == c.Index) == Math.Min(10, c.Item - 1));
            }
        );

    [Fact, Law]
    public void Reading_Fill_DrawsNoMoreThanUnion_AndBothAreTenAClass_WhereVideosHaveOneClass() =>
        Laws.Hold(
            Cases,
            one =>
            {
                var (union, fill) = ((one with { Reading = SplitReading.Union }).Halves, (one with { Reading = SplitReading.Fill }).Halves);
                return one.Classes.Any(video => video.Length > 1) || union.Val.SequenceEqual(fill.Val);
            }
        );

    [Fact, Law]
    public void Order_OfTheFile_DoesNotMatter() =>
        Laws.Hold(
            Cases.SelectMany(one => Gen.Shuffle(Enumerable.Range(0, one.Classes.Length).ToArray()).Select(order => (one, order))),
            drawn =>
            {
                var (one, order) = drawn;
                var shuffled = DrawSplit.Of(
                    [.. order.Select(i => one.Ids[i])],
                    [.. order.Select(i => one.Classes[i])],
                    one.Categories,
                    one.PerClass,
                    one.Reading,
                    new Seed(one.Seed)
                );
                return shuffled.Val.Select(i => one.Ids[order[i]]).Order().SequenceEqual(one.Halves.Val.Select(i => one.Ids[i]).Order());
            }
        );

    [Fact]
    public void Seed_DecidesTheDraw()
    {
        var one = new Case([.. Enumerable.Range(0, 200).Select(i => (int[])[i % 4])], 4, 10, SplitReading.Union, 1);
        Assert.Equal(one.Halves.Val.AsEnumerable(), one.Halves.Val);
        Assert.NotEqual(one.Halves.Val.AsEnumerable(), (one with { Seed = 2 }).Halves.Val);
        Assert.Equal([40, 160], new[] { one.Halves.Val.Length, one.Halves.Train.Length });
        Assert.Equal([0, 6, 7, 13, 23], one.Halves.Val.Take(5)); // published runs depend on it: a change is one of every split
    }

    [Fact]
    public void Files_OfTheHalves_HoldTheirVideosAndTracksByteByByte_AndNothingElse()
    {
        using var folder = new TemporaryFolder();
        var json = new MadeSet(
            ["dog", "cat"],
            [
                .. Enumerable
                    .Range(0, 9)
                    .Select(i => new MadeVideo(
                        new Size2(4, 4),
                        1,
                        [
                            new MadeTrack(
                                i % 2,
                                false,
                                [new MadeSight(new CocoBox(0, 0, 1.50, 2), Rles.Encode(new byte[16], new Size2(4, 4)), false)]
                            ),
                        ]
                    )),
            ]
        ).ToJson();
        folder.Write("a.json", json.ToJsonString());
        var report = DataSplit.Run(folder["a.json"], new DataPlace(), folder["out"], new SplitOptions(PerClass: 2)).OrThrow();
        Assert.Equal((5, 4), (report.TrainVideos, report.ValVideos));
        var halves = new[] { "train_train", "train_val" }
            .Select(name => JsonNode.Parse(File.ReadAllText(folder[$"out/{name}.json"]))!)
            .ToArray();
        foreach (var list in (string[])["videos", "annotations"])
        {
            Assert.Equal(
                json[list]!.AsArray().Select(item => item!.ToJsonString()).Order(StringComparer.Ordinal),
                halves.SelectMany(half => half[list]!.AsArray()).Select(item => item!.ToJsonString()).Order(StringComparer.Ordinal)
            );
        }

        foreach (var half in halves)
        {
            var videos = half["videos"]!.AsArray().Select(video => (int)video!["id"]!).ToHashSet();
            Assert.All(half["annotations"]!.AsArray(), track => Assert.Contains((int)track!["video_id"]!, videos));
            Assert.All(
                (string[])["info", "licenses", "categories"],
                name => Assert.Equal(json[name]!.ToJsonString(), half[name]!.ToJsonString())
            );
        }

        Assert.Equal(4, File.ReadAllLines(folder["out/train_val.txt"]).Length);
        Assert.Contains(
            "there already",
            DataSplit.Run(folder["a.json"], new DataPlace(), folder["out"], new SplitOptions()).Match(_ => "", error => error.Describe()),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Published_IsAnAskedForSizeOfTheRealSet()
    {
        Assert.Equal(DataSplit.PublishedVideos, DataSplit.PublishedTrainVideos + DataSplit.PublishedValVideos);
        Assert.Equal(DataSplit.PublishedFrames, DataSplit.PublishedTrainFrames + DataSplit.PublishedValFrames);
    }
}
