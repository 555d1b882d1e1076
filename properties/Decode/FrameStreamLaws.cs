using FsCheck.Fluent;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Decode;
using Motion.Kernels;
using Motion.Properties.Generators;
using Xunit;
using static TorchSharp.torch;
using Picture = Motion.Decode.Picture;

namespace Motion.Properties.Decode;

/// <summary>The order of frames, whatever the source.</summary>
public sealed class FrameStreamLaws
{
    private static readonly Size2 Size = new(6, 8);

    [Fact, Law]
    public void Sequential_OfAnyClips_ListsEveryNthFrameOfEach_UpToTheMost() =>
        Laws.Hold(
            from clips in Gen.Choose(1, 9).ArrayOf().Where(lengths => lengths.Length > 0)
            from every in Gen.Choose(1, 4)
            from most in Gen.Choose(1, 30)
            select (clips, every, most),
            drawn =>
            {
                var source = new Fake(drawn.clips);
                var expected = drawn
                    .clips.SelectMany((length, c) => Enumerable.Range(0, length).Where(t => t % drawn.every == 0).Select(t => ($"c{c}", t)))
                    .Take(drawn.most);
                var pairs = source.Pairs(new DecodeOptions { Every = drawn.every, MaxFrames = drawn.most });
                return pairs.Select(pair => (pair.Key.Clip, pair.Key.Frame)).SequenceEqual(expected)
                    && pairs.Select(pair => pair.Sequence).SequenceEqual(Enumerable.Range(0, pairs.Count).Select(i => (long)i))
                    && pairs.All(pair =>
                        pair.Step == Step(pair.Key.Frame, drawn.clips[int.Parse(pair.Key.Clip[1..])])
                        && Shown(pair.Second) == Shown(pair.First) + pair.Step
                    );
            }
        );

    [Theory]
    [InlineData(0)]
    [InlineData(64)]
    public void Sequential_ReadsEachPictureOnce_WhateverTheCache(int megabytes)
    {
        var source = new Fake([5, 1, 4]);
        source.Pairs(new DecodeOptions { CacheMegabytes = megabytes });
        Assert.Equal(10, source.Reads);
    }

    [Fact]
    public void Shuffled_ReadsEachAnnotationOnceAnEpoch()
    {
        var source = new Fake([6]); // 4 of them labelled
        source.Pairs(new DecodeOptions { Order = FrameOrder.Shuffled }, 4);
        Assert.InRange(source.Truths, 4, 6);
    }

    [Fact, Law]
    public void Shuffled_EveryEpoch_IsAnotherPermutationOfTheLabelledFrames() =>
        Laws.Hold(
            Gen.Choose(2, 6).ArrayOf(4).SelectMany(clips => Gen.Choose(0, 1000).Select(seed => (clips, seed))),
            drawn =>
            {
                var source = new Fake(drawn.clips);
                var labelled = drawn
                    .clips.SelectMany((length, c) => Enumerable.Range(0, length).Select(t => (Clip: $"c{c}", Frame: t)))
                    .Where(at => Fake.Labelled(at.Frame))
                    .ToArray();
                var pairs = source.Pairs(
                    new DecodeOptions { Order = FrameOrder.Shuffled },
                    3 * labelled.Length,
                    new Seed((ulong)drawn.seed)
                );
                return pairs
                        .Chunk(labelled.Length)
                        .All(epoch => epoch.Select(pair => (pair.Key.Clip, pair.Key.Frame)).Order().SequenceEqual(labelled.Order()))
                    && pairs.Select(pair => pair.Sequence).SequenceEqual(Enumerable.Range(0, pairs.Count).Select(i => (long)i))
                    && pairs.All(pair => FrameStream.Trainable(pair.Truth));
            },
            50
        );

    [Fact]
    public void Shuffled_OfOneSeed_IsOneOrder_OfAnotherAnother()
    {
        string Order(ulong seed) =>
            string.Join(
                ' ',
                new Fake([40]).Pairs(new DecodeOptions { Order = FrameOrder.Shuffled }, 80, new Seed(seed)).Select(pair => pair.Key.Frame)
            );
        Assert.Equal(Order(3), Order(3));
        Assert.NotEqual(Order(3), Order(4));
        var frames = Order(3).Split(' ');
        Assert.NotEqual(frames[..30], frames[30..60]); // 30 of the 40 are labelled: the second epoch is not the first again
    }

    [Fact]
    public void Shuffled_WithoutAnyBox_EndsWithOneError()
    {
        var items = new Fake([1]).Items(new DecodeOptions { Order = FrameOrder.Shuffled });
        Assert.Contains("boxes: FILE", Reading.Text(Assert.Single(items)), StringComparison.Ordinal);
    }

    [Fact, Law]
    public void UnreadablePictures_AreOneItemEach_AndEndNothing() =>
        Laws.Hold(
            Gen.Choose(2, 9).SelectMany(length => Gen.Choose(0, length - 1).Select(bad => (length, bad))),
            drawn =>
            {
                var items = new Fake([drawn.length], bad: drawn.bad).Items(new DecodeOptions());
                return items.Count == drawn.length
                    && items.Select((item, t) => (item, t)).All(at => at.item.IsOk == (at.t != drawn.bad))
                    && items
                        .Where(item => item.IsOk)
                        .Select(item => item.OrThrow())
                        .All(pair => Shown(pair.Second) == Shown(pair.First) + pair.Step && Shown(pair.Second) != drawn.bad);
            }
        );

    [Fact]
    public void Clip_ThatBreaksOff_IsOneItem_AndTheNextClipFollows()
    {
        var items = new Fake([5, 2], bad: 2, breaksOff: true).Items(new DecodeOptions());
        Assert.Equal(
            ["c0 0 1", "c0 1 -1", "error", "c1 0 1", "c1 1 -1"],
            items.Select(item => item.Match(pair => $"{pair.Key.Clip} {pair.Key.Frame} {pair.Step}", _ => "error"))
        );
    }

    [Fact]
    public void Pictures_AreScaledToTheAskedSize_FlowWithThem_AnnotationsAreNot()
    {
        Leaks.Check(() =>
        {
            var pairs = new Fake([3]).Pairs(new DecodeOptions { Shortest = 9, Longest = 100 });
            Assert.All(
                pairs,
                pair =>
                {
                    Assert.Equal(Size, pair.OriginalSize);
                    Assert.Equal([3, 9, 12], pair.First.shape);
                    Assert.Equal([3, 9, 12], pair.Second.shape);
                    Assert.Equal([2, 9, 12], pair.KnownFlow!.shape);
                    Assert.All(
                        pair.KnownFlow!.Elements<float>().Chunk(9 * 12).SelectMany((plane, c) => plane.Select(v => (v, c))),
                        at => Assert.Equal(at.c == 0 ? 1.5f * 2 : 1.5f * -4, at.v, Rounding)
                    );
                    Assert.Equal(new Box(1, 2, 5, 6), pair.Truth!.Instances[0].Box);
                    pair.Dispose();
                }
            );
        });
    }

    private const float Rounding = 1e-5f; // of float32 interpolation weights

    [Fact]
    public void Enumerations_OfOneStage_AreIndependentAndEqual()
    {
        var source = new Fake([4, 3]);
        var frames = FrameStream.Of(source.Source, new DecodeOptions { Order = FrameOrder.Shuffled }, Reading.Seed);
        Assert.Equal(Take(frames, 9).Select(Reading.Text), Take(frames, 9).Select(Reading.Text));
    }

    [Fact, Law]
    public void Frames_FromAnyPosition_AreTheTailOfAll_AlsoWhereAClipBreaksOff() =>
        Laws.Hold(
            from position in Gen.Choose(0, 12)
            from order in Gen.Elements(FrameOrder.Sequential, FrameOrder.Shuffled)
            from bad in Gen.Choose(-1, 4)
            from breaksOff in Gen.Elements(true, false)
            select (position, order, bad, breaksOff: breaksOff && order == FrameOrder.Sequential),
            drawn =>
            {
                var frames = FrameStream.Of(
                    new Fake([5, 6], drawn.bad, drawn.breaksOff).Source,
                    new DecodeOptions { Order = drawn.order },
                    Reading.Seed
                );
                return Take(frames, 20)
                    .Skip(drawn.position)
                    .Select(Reading.Text)
                    .SequenceEqual(Take(frames, 20 - drawn.position, drawn.position).Select(Reading.Text));
            }
        );

    [Fact]
    public void Frames_FromAPosition_DoNotReadWhatComesBefore()
    {
        var source = new Fake([50]);
        Assert.Equal(40, Take(FrameStream.Of(source.Source, new DecodeOptions(), Reading.Seed), 1, 40)[0].OrThrow().Key.Frame);
        Assert.Equal(2, source.Reads);
    }

    [Fact]
    public async Task Cancelled_Enumeration_Throws()
    {
        using var cancel = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (
                var item in FrameStream.Of(new Fake([9]).Source, new DecodeOptions { Order = FrameOrder.Shuffled }, Reading.Seed)(
                    0,
                    cancel.Token
                )
            )
            {
                item.OrThrow().Dispose();
                await cancel.CancelAsync();
            }
        });
    }

    [Fact]
    public void BadSettings_OfEveryKind_NameTheSetting()
    {
        (DecodeOptions Options, string Setting)[] bad =
        [
            (new() { Every = 0 }, "every"),
            (new() { MaxFrames = 0 }, "maxFrames"),
            (new() { Shortest = 1 }, "shortest"),
            (new() { Shortest = 100, Longest = 50 }, "longest"),
            (new() { CacheMegabytes = -1 }, "cacheMegabytes"),
            (new() { Source = SourceKind.Frames }, "path"),
            (new() { Clips = ["train-0000", "train-0000"] }, "clips"),
            (new() { Clips = ["dog"] }, "clips"),
            (new() { Classes = ClassNaming.Ytvis }, "classes"),
            (new() { Categories = ["a", "a"] }, "categories"),
        ];
        Assert.All(bad, pair => Assert.StartsWith(pair.Setting, Reading.Refusal(pair.Options), StringComparison.Ordinal));
    }

    [Fact, Law]
    public void Cache_OfAnyBudget_KeepsTheLastThree_AndItsBudget() =>
        Laws.Hold(
            Gen.Choose(0, 20).NonEmptyListOf().SelectMany(use => Gen.Choose(0, 2000).Select(budget => (use, budget))),
            drawn =>
            {
                var cache = new PictureCache(drawn.budget);
                var recent = new List<int>();
                foreach (var frame in drawn.use)
                {
                    var at = new FrameAt(0, frame);
                    if (cache.Find(at) is null)
                    {
                        cache.Add(at, new Picture(Size, new byte[3 * Size.Area]));
                    }

                    recent.Remove(frame);
                    recent.Add(frame);
                }

                var kept = Math.Max(3, drawn.budget / (3 * (int)Size.Area));
                return Enumerable
                    .Range(0, 21)
                    .All(frame => cache.Find(new FrameAt(0, frame)) is not null == recent.TakeLast(kept).Contains(frame));
            }
        );

    private static int Step(int frame, int length) =>
        frame + 1 < length ? 1
        : frame > 0 ? -1
        : 0;

    /// <summary>Fake pictures are painted with the number of their frame.</summary>
    private static int Shown(Tensor image) => Reading.Bytes(image)[0];

    /// <summary>The fake source never waits, so everything happens on this thread.</summary>
    private static List<Result<FramePair, DecodeError>> Take(DecodeFrames frames, int most, long from = 0) =>
        [.. frames(from, CancellationToken.None).ToBlockingEnumerable().Take(most)];

    /// <summary>Clips of given lengths; frames whose number is a multiple of four have no box; one frame may be unreadable.</summary>
    private sealed class Fake(int[] lengths, int bad = -1, bool breaksOff = false) : IFrameReader
    {
        public int Reads { get; private set; }

        public int Truths { get; private set; }

        public bool MayLoseFrames => breaksOff;

        public FrameSource Source =>
            new(new Catalogue([new Category(1, "x")], [.. lengths.Select((length, c) => new ClipInfo($"c{c}", length, Size))]), _ => this);

        public static bool Labelled(int frame) => frame % 4 != 0;

        public List<Result<FramePair, DecodeError>> Items(DecodeOptions options, int most = 1000, Seed? seed = null) =>
            Take(FrameStream.Of(Source, options, seed ?? Reading.Seed), most);

        public List<FramePair> Pairs(DecodeOptions options, int most = 1000, Seed? seed = null) =>
            [.. Items(options, most, seed).Select(item => item.OrThrow())];

        public ValueTask<Result<Picture, ReadFailure>> Picture(FrameAt at, CancellationToken cancel)
        {
            Reads++;
            return new(
                at is { Clip: 0 } && (at.Frame == bad || (breaksOff && at.Frame > bad))
                    ? new ReadFailure(new DecodeError.Missing($"{at.Frame}", "a picture"), breaksOff)
                    : new Picture(Size, [.. Enumerable.Repeat((byte)at.Frame, 3 * 48)])
            );
        }

        /// <summary>A frame to be left out has a crowd and an empty box.</summary>
        public Result<Annotation?, DecodeError> Truth(FrameAt at)
        {
            Truths++;
            return Labelled(at.Frame)
                ? new Annotation([new Instance(1, 0, new Box(1, 2, 5, 6))])
                : new Annotation([new Instance(1, 0, new Box(1, 2, 5, 6), IsCrowd: true), new Instance(2, 0, new Box(1, 2, 1, 6))]);
        }

        public Result<Tensor?, DecodeError> Flow(FrameAt at) =>
            tensor([.. Enumerable.Repeat(2f, 48), .. Enumerable.Repeat(-4f, 48)], [2, 6, 8], dtype: float32);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
