using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Immutable;
using FsCheck.Fluent;
using Motion.Contracts;
using Motion.Properties.Generators;
using Xunit;

namespace Motion.Properties.Contracts;

/// <summary>What a frame costs to read: at most a stated multiple of its bytes, whatever its header holds.</summary>
public sealed class WireCostLaws
{
    private const int Multiple = 20; // docs/wire-format.md
    private const int Items = 20_000;

    /// <summary>Headers of very many very small items.</summary>
    private static readonly (string Name, Func<Message> Make)[] Dense =
    [
        ("empty texts", () => new Handshake(1, "", Many(""), [], "")),
        ("texts of a letter", () => new Handshake(1, "", Many("a"), [], "")),
        ("detections without masks", () => new Detections(Key, Nothing, Many(new Detection(NoBox, 0, 0, null)), null)),
        ("detections with empty masks", () => new Detections(Key, Nothing, Many(new Detection(NoBox, 0, 0, new Rle(Nothing, []))), null)),
        ("instances", () => new Detections(Key, Nothing, [], new Annotation(Many(new Instance(0, 0, NoBox))))),
        ("clips of nothing", () => Of(Many(new ClipTracks("", Nothing, [], [], [])))),
        ("frames", () => Of([new ClipTracks("", Nothing, Many(0), [], [])])),
        ("tracks of nothing", () => Of([new ClipTracks("", Nothing, [], Many(new Track(0, 0, 0, false, [], [])), [])])),
        ("masks that are none", () => Of([new ClipTracks("", Nothing, [], [new Track(0, 0, 0, false, Many<Rle?>(null), [])], [])])),
        ("areas that are none", () => Of([new ClipTracks("", Nothing, [], [new Track(0, 0, 0, false, [], Many<double?>(null))], [])])),
        ("runs", () => new Detections(Key, Nothing, [new Detection(NoBox, 0, 0, new Rle(Nothing, Many(0u)))], null)),
    ];

    private static FrameKey Key => new(0, "", 0);
    private static Size2 Nothing => default;
    private static Box NoBox => default;

    public static TheoryData<string> Names => [.. Dense.Select(dense => dense.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void TryRead_OfVeryManyTinyItems_TakesAtMostTwentyBytesForOne(string name)
    {
        using var message = Dense.Single(dense => dense.Name == name).Make();
        var bytes = WireLaws.Encode(message);
        Assert.InRange(bytes.Length, Items, int.MaxValue);
        _ = Cost(bytes); // code that is compiled once
        Assert.InRange(Cost(bytes), 0, (Multiple * (long)bytes.Length) + (1 << 16));
    }

    [Fact, Law]
    public void TryRead_OfAnyMutation_TakesAtMostTwentyBytesForOne() =>
        Laws.Hold(
            Gen.Choose(0, int.MaxValue - 1),
            seed =>
            {
                var draws = new Seed((ulong)seed).Draws();
                using var message = SampleMessages.Make(draws.Next(SampleMessages.Kinds), draws.Next(1000));
                var bytes = WireLaws.Encode(message);
                for (var i = 0; i < 3; i++)
                {
                    bytes[12 + draws.Next(bytes.Length - 16)] = (byte)(
                        draws.Next(2) == 0 ? 0xDCu + (uint)draws.Next(2) : draws.NextUInt64()
                    ); // DC, DD: arrays of any length
                }

                BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(bytes.Length - 4), Crc32C.Of(bytes.AsSpan(0, bytes.Length - 4)));
                return Cost(bytes) < (Multiple * (long)bytes.Length) + (1 << 16);
            },
            300
        );

    private static long Cost(byte[] bytes)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var sequence = new ReadOnlySequence<byte>(bytes);
        var read = WireCodec.TryRead(ref sequence);
        var cost = GC.GetAllocatedBytesForCurrentThread() - before;
        (read as WireRead.Frame)?.Message.Dispose();
        return cost;
    }

    private static ImmutableArray<T> Many<T>(T item) => [.. Enumerable.Repeat(item, Items)];

    private static Evaluation Of(ImmutableArray<ClipTracks> clips)
    {
        var none = new TypeEvaluation("", new CocoStats([.. new double[12]]), [], [], [], []);
        return new Evaluation(none, null, null, null, null, 0, 0, 0, new TrackEvaluation(none, clips));
    }
}
