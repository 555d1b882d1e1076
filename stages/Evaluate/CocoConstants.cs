using System.Collections.Immutable;

namespace Motion.Evaluate;

/// <summary>
/// The constants of COCO's evaluation, to the bit: its thresholds are sums and products of doubles, not the nearest doubles.
/// </summary>
public static class CocoConstants
{
    /// <summary>Ten IoU thresholds, .50 to .95.</summary>
    public static ImmutableArray<double> IouThresholds { get; } = [.. Enumerable.Range(0, 10).Select(i => (i * ((0.95 - 0.5) / 9)) + 0.5)];

    /// <summary>101 recalls at which precision is read, 0 to 1.</summary>
    public static ImmutableArray<double> RecallThresholds { get; } = [.. Enumerable.Range(0, 101).Select(i => i * 0.01)];

    /// <summary>How many detections of a class and image count, where nobody says it.</summary>
    public static ImmutableArray<int> MaxDetections => DetectionLimits.Usual.Values;

    internal const int Thresholds = 10;
    internal const int Recalls = 101;
    internal const int Ranges = 4;
    internal const int Limits = 3;
    internal const int MostDetections = 100;
}

/// <summary>
/// How many detections of a class and image count, the best first: three limits, the last of which holds for all but the first two recalls.
/// </summary>
public sealed record DetectionLimits
{
    private DetectionLimits(ImmutableArray<int> values) => Values = values;

    /// <summary>COCO's: 1, 10, 100.</summary>
    public static DetectionLimits Usual { get; } = new([1, 10, CocoConstants.MostDetections]);

    /// <summary>Rising.</summary>
    public ImmutableArray<int> Values { get; }

    /// <summary>The largest.</summary>
    public int Most => Values[^1];

    /// <summary>
    /// Three limits from 1 on, none below the one before it; or one, beside which 1 and 10 stay as far as they are lower. Null for others.
    /// </summary>
    public static DetectionLimits? Create(IReadOnlyList<int> limits) =>
        limits switch
        {
            [>= 1 and var most] => new([Math.Min(1, most), Math.Min(10, most), most]),
            [>= 1 and var first, var second, var third] when first <= second && second <= third => new([first, second, third]),
            _ => null,
        };
}

/// <summary>Size ranges in pixels, both ends included: all, small, medium, large.</summary>
public sealed record AreaRanges
{
    private AreaRanges(double small, double medium) => Bounds = [(0, 1e10), (0, small), (small, medium), (medium, 1e10)];

    /// <summary>COCO: 32 and 96 squared.</summary>
    public static AreaRanges Images { get; } = new(32 * 32, 96 * 96);

    /// <summary>YouTube-VIS: 128 and 256 squared.</summary>
    public static AreaRanges Videos { get; } = new(128 * 128, 256 * 256);

    public ImmutableArray<(double Low, double High)> Bounds { get; }

    /// <summary>Bit r says that the area lies in range r.</summary>
    internal int RangesOf(double area)
    {
        var ranges = 0;
        for (var r = 0; r < CocoConstants.Ranges; r++)
        {
            ranges |= area >= Bounds[r].Low && area <= Bounds[r].High ? 1 << r : 0;
        }

        return ranges;
    }
}
