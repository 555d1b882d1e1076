using System.Collections;
using System.Collections.Immutable;
using System.Globalization;
using System.Reflection;
using FsCheck;
using FsCheck.Fluent;
using Motion.Contracts;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Properties.Contracts;

/// <summary>Messages of every type, made from a number: equal numbers give equal messages, and none is shared between cases.</summary>
public static class SampleMessages
{
    private static readonly Func<Draws, Message>[] Makers =
    [
        draws => new FramePair(
            Key(draws),
            Size(draws),
            Bytes(draws, 3, Side(draws), Side(draws)),
            Bytes(draws, 3, Side(draws), Side(draws)),
            draws.Next(3) - 1,
            draws.Next(2) == 0 ? null : Floats(draws, 2, Side(draws), Side(draws)),
            Truth(draws)
        ),
        draws => new FlowFrame(
            Key(draws),
            Size(draws),
            Bytes(draws, 3, Side(draws), Side(draws)),
            Floats(draws, 2, Side(draws), Side(draws)),
            draws.Next(3) - 1,
            Text(draws),
            Truth(draws)
        ),
        draws =>
        {
            var (l, k, q, g, b, h, w) = (Side(draws), Side(draws), Side(draws), Side(draws), Side(draws), Side(draws), Side(draws));
            return new Prediction(
                Long(draws),
                draws.Next(90_000),
                new(Floats(draws, l, k), Floats(draws, l, 4), Floats(draws, l)),
                new(Longs(draws, l), Floats(draws, l, 4)),
                new(Floats(draws, q, h, w), Longs(draws, q), Longs(draws, q)),
                new(Floats(draws, g, 4), Longs(draws, g), Bytes(draws, b, 3, h, w), Floats(draws, b, 3, h, w), Longs(draws, b, 2))
            );
        },
        draws => new Gradient(
            Long(draws),
            draws.Next(90_000),
            Many(draws, d => new LossTerm(Text(d), Double(d))),
            new(Floats(draws, Side(draws), Side(draws)), Floats(draws, Side(draws), 4), Floats(draws, Side(draws))),
            Floats(draws, Side(draws), Side(draws), Side(draws))
        ),
        draws => new Detections(
            Key(draws),
            Size(draws),
            Many(draws, d => new Detection(Box(d), Single(d), d.Next(80), Mask(d))),
            Truth(draws)
        ),
        draws => new Evaluation(
            Evaluated(draws),
            draws.Next(2) == 0 ? null : Evaluated(draws),
            draws.Next(2) == 0 ? null : Evaluated(draws),
            Optional(draws),
            Optional(draws),
            draws.Next(1000),
            draws.Next(1000),
            draws.Next(1000),
            draws.Next(2) == 0 ? null : Tracked(draws)
        ),
        draws => new Handshake(draws.Next(3), Text(draws), Many(draws, Text), Many(draws, Text), Text(draws)),
        draws => new Fault(Long(draws), Text(draws), Text(draws), draws.Next(2) == 0),
        draws => new EndOfStream(Long(draws)),
    ];

    public static int Kinds => Makers.Length;

    /// <summary>A message of one kind (0 .. Kinds-1).</summary>
    public static Message Make(int kind, int seed) => Makers[kind](new Seed((ulong)seed).Derive(kind).Draws());

    /// <summary>Kind and seed of any message; the kind stands first, so that a counterexample says its type.</summary>
    public static Arbitrary<(int Kind, int Seed)> Any { get; } =
        Gen.Choose(0, Makers.Length - 1).Zip(Gen.Choose(0, 1_000_000)).ToArbitrary();

    /// <summary>
    /// All that a message is, as text: every public property that its constructor takes, found by reflection so that none can be forgotten;
    /// floats and tensors by their bits.
    /// </summary>
    public static string Describe(object? value) =>
        value switch
        {
            null => "nil",
            Tensor tensor => Describe(tensor),
            string text => $"\"{text}\"",
            float number => BitConverter.SingleToUInt32Bits(number).ToString("x8", CultureInfo.InvariantCulture),
            double number => BitConverter.DoubleToUInt64Bits(number).ToString("x16", CultureInfo.InvariantCulture),
            IEnumerable items => $"[{string.Join(", ", items.Cast<object?>().Select(Describe))}]",
            IFormattable number when value.GetType().IsPrimitive => number.ToString(null, CultureInfo.InvariantCulture),
            bool flag => flag ? "true" : "false",
            _ =>
                $"{value.GetType().Name}({string.Join(", ", Parts(value).Select(part => $"{part.Name} {Describe(part.GetValue(value))}"))})",
        };

    private static string Describe(Tensor tensor)
    {
        using var whole = tensor.contiguous();
        return $"{tensor.dtype} {string.Join('x', tensor.shape)} {Convert.ToHexString(whole.bytes)}";
    }

    private static IEnumerable<PropertyInfo> Parts(object value) =>
        value
            .GetType()
            .GetConstructors()
            .OrderByDescending(c => c.GetParameters().Length)
            .First()
            .GetParameters()
            .Select(parameter => value.GetType().GetProperty(parameter.Name!)!);

    private static int Side(Draws draws) =>
        draws.Next(6) switch
        {
            0 => 0,
            1 => 1,
            _ => 1 + draws.Next(7),
        };

    private static long Long(Draws draws) => (long)(draws.NextUInt64() >> draws.Next(64));

    private static float Single(Draws draws) =>
        draws.Next(8) switch
        {
            0 => float.NaN,
            1 => float.PositiveInfinity,
            2 => -0f,
            3 => float.Epsilon,
            4 => float.MaxValue,
            _ => (float)draws.NextNormal(),
        };

    private static double Double(Draws draws) =>
        draws.Next(6) switch
        {
            0 => double.NaN,
            1 => -1,
            2 => double.NegativeInfinity,
            _ => draws.NextNormal(),
        };

    private static double? Optional(Draws draws) => draws.Next(2) == 0 ? null : Double(draws);

    private static string Text(Draws draws) =>
        draws.Next(4) switch
        {
            0 => "",
            1 => "bmx-trees",
            2 => "計測\n\"é\" 🎬",
            _ => new string('x', draws.Next(300)),
        };

    private static FrameKey Key(Draws draws) => new(Long(draws), Text(draws), draws.Next(int.MaxValue));

    private static Size2 Size(Draws draws) => new(draws.Next(2000), draws.Next(2000));

    private static Box Box(Draws draws) => new(Single(draws), Single(draws), Single(draws), Single(draws));

    private static ImmutableArray<T> Many<T>(Draws draws, Func<Draws, T> one) =>
        [.. Enumerable.Range(0, draws.Next(4)).Select(_ => one(draws))];

    private static Annotation? Truth(Draws draws) =>
        draws.Next(3) == 0
            ? null
            : new Annotation(Many(draws, d => new Instance(Long(d), d.Next(80), Box(d), Mask(d), d.Next(2) == 0, Optional(d))));

    private static Rle? Mask(Draws draws)
    {
        if (draws.Next(3) == 0)
        {
            return null;
        }

        var size = Size(draws);
        var counts = new List<uint>();
        for (var left = size.Area; left > 0; )
        {
            var run = draws.Next(3) == 0 ? left : Math.Min(left, draws.Next(100_000));
            counts.Add((uint)run);
            left -= run;
        }

        return new Rle(size, [.. counts]);
    }

    private static TypeEvaluation Evaluated(Draws draws) =>
        new(
            Text(draws),
            new CocoStats([.. Enumerable.Range(0, 12).Select(_ => Double(draws))]),
            Many(
                draws,
                d => new CategoryStats(
                    d.Next(80),
                    Double(d),
                    Double(d),
                    Double(d),
                    Double(d),
                    Double(d),
                    Double(d),
                    Double(d),
                    Double(d),
                    Double(d)
                )
            ),
            Many(draws, Double),
            Many(draws, Double),
            Many(draws, Double)
        );

    private static TrackEvaluation Tracked(Draws draws) =>
        new(
            Evaluated(draws),
            Many(draws, d => new ClipTracks(Text(d), Size(d), Many(d, f => f.Next(100)), Many(d, Track), Many(d, Track)))
        );

    private static Track Track(Draws draws) =>
        new(Long(draws), draws.Next(80), Double(draws), draws.Next(2) == 0, Many(draws, Mask), Many(draws, Optional));

    private static Tensor Bytes(Draws draws, params long[] shape) => Fill(empty(shape, dtype: ScalarType.Byte), draws);

    private static Tensor Longs(Draws draws, params long[] shape) => Fill(empty(shape, dtype: ScalarType.Int64), draws);

    private static Tensor Floats(Draws draws, params long[] shape) => Fill(empty(shape, dtype: ScalarType.Float32), draws);

    private static Tensor Fill(Tensor tensor, Draws draws)
    {
        foreach (ref var one in tensor.bytes)
        {
            one = (byte)draws.NextUInt64();
        }

        return tensor;
    }
}
