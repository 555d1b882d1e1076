using System.Collections.Immutable;
using System.Text;

namespace Motion.Report.Page;

/// <summary>A line to draw: x rising, y finite.</summary>
internal sealed record Line(ImmutableArray<(double X, double Y)> Points, string Class = "");

/// <summary>What a chart's axis says.</summary>
internal enum AxisScale
{
    Linear,
    Log,
}

/// <summary>Some neighbouring points of a line, drawn as one.</summary>
internal readonly record struct Bucket(double FirstX, double LastX, double Low, double Mean, double High)
{
    public double X => (FirstX + LastX) / 2;
}

/// <summary>Line charts as inline SVG, with values under the pointer and without a script.</summary>
internal static class Chart
{
    private const double Width = 340;
    private const double Height = 190;
    private const double PlotLeft = 44;
    private const double PlotRight = Width - 10;
    private const double PlotTop = 18;
    private const double PlotBottom = Height - 24;
    private const int MostBuckets = 101;

    /// <summary>One chart.</summary>
    /// <param name="label">What a reader who cannot see it is told.</param>
    /// <param name="xName">The x axis, for the values under the pointer.</param>
    /// <param name="lines">The first one shows values; many points are drawn as their mean within a band of their range.</param>
    /// <param name="scale">Of y. On a log axis values at or below 0 are left out.</param>
    /// <param name="cssClass">Of the svg element.</param>
    /// <param name="top">Where a linear axis ends; null for the highest value.</param>
    public static string Svg(string label, string xName, ImmutableArray<Line> lines, AxisScale scale, string cssClass, double? top = null)
    {
        var buckets = lines.Select(line => Buckets(scale == AxisScale.Log ? [.. line.Points.Where(p => p.Y > 0)] : line.Points)).ToArray();
        var text = new StringBuilder(
            $"""<svg class="{cssClass}" viewBox="0 0 {Width} {Height}" role="img" aria-label="{Html.Text(label)}">"""
        );
        if (buckets[0].Length == 0)
        {
            return text.Append($"""<text x="{PlotLeft}" y="{Height / 2}">nothing above zero</text></svg>""").ToString();
        }

        var axes = Axes.Of([.. buckets.SelectMany(b => b)], scale, top);
        AppendGrid(text, axes);
        for (var i = lines.Length - 1; i >= 0; i--)
        {
            AppendLine(text, axes, buckets[i], lines[i].Class);
        }

        AppendHits(text, axes, buckets[0], xName);
        return text.Append("</svg>").ToString();
    }

    /// <summary>At most so many groups of neighbours, of equal size.</summary>
    internal static ImmutableArray<Bucket> Buckets(ImmutableArray<(double X, double Y)> points)
    {
        var size = Math.Max(1, (points.Length + MostBuckets - 1) / MostBuckets);
        return
        [
            .. points
                .Chunk(size)
                .Select(group => new Bucket(group[0].X, group[^1].X, group.Min(p => p.Y), group.Average(p => p.Y), group.Max(p => p.Y))),
        ];
    }

    private static void AppendGrid(StringBuilder text, Axes axes)
    {
        foreach (var y in axes.YTicks)
        {
            text.Append($"""<line class="grid" x1="{PlotLeft}" x2="{PlotRight}" y1="{axes.Y(y)}" y2="{axes.Y(y)}"/>""")
                .Append(
                    $"""<text x="{PlotLeft - 5}" y="{axes.Y(y)}" text-anchor="end" dominant-baseline="middle">{Html.Short(y)}</text>"""
                );
        }

        foreach (var x in axes.XTicks)
        {
            text.Append($"""<text x="{axes.X(x)}" y="{PlotBottom + 16}" text-anchor="middle">{Html.Short(x)}</text>""");
        }
    }

    private static void AppendLine(StringBuilder text, Axes axes, ImmutableArray<Bucket> buckets, string cssClass)
    {
        if (buckets.Any(b => b.High > b.Low))
        {
            var outline = buckets
                .Select(b => $"{axes.X(b.X)},{axes.Y(b.High)}")
                .Concat(buckets.Reverse().Select(b => $"{axes.X(b.X)},{axes.Y(b.Low)}"));
            text.Append($"""<polygon class="band" points="{string.Join(' ', outline)}"/>""");
        }

        text.Append(
            $"""<polyline class="line {cssClass}" points="{string.Join(' ', buckets.Select(b => $"{axes.X(b.X)},{axes.Y(b.Mean)}"))}"/>"""
        );
        if (buckets.Length == 1)
        {
            text.Append($"""<circle r="3" fill="var(--first)" cx="{axes.X(buckets[0].X)}" cy="{axes.Y(buckets[0].Mean)}"/>""");
        }
    }

    /// <summary>A strip over each bucket that shows its value while the pointer is on it.</summary>
    private static void AppendHits(StringBuilder text, Axes axes, ImmutableArray<Bucket> buckets, string xName)
    {
        var step = (PlotRight - PlotLeft) / buckets.Length;
        foreach (var b in buckets)
        {
            var x = double.Parse(axes.X(b.X));
            var anchor =
                x < Width / 3 ? "start"
                : x < Width * 2 / 3 ? "middle"
                : "end";
            var range = b.High > b.Low ? $" ({Html.Short(b.Low)} to {Html.Short(b.High)})" : "";
            var (left, right) = (Math.Max(PlotLeft, x - (step / 2)), Math.Min(PlotRight, x + (step / 2)));
            text.Append(
                    $"""<g class="hit"><rect x="{Html.Pixel(left)}" y="{PlotTop}" width="{Html.Pixel(right - left)}" height="{PlotBottom - PlotTop}"/><g>"""
                )
                .Append(
                    $"""<line x1="{axes.X(b.X)}" x2="{axes.X(b.X)}" y1="{PlotTop}" y2="{PlotBottom}"/><circle r="3" cx="{axes.X(b.X)}" cy="{axes.Y(b.Mean)}"/>"""
                )
                .Append(
                    $"""<text x="{axes.X(b.X)}" y="11" text-anchor="{anchor}">{Html.Text(xName)} {Html.Short(b.X)}: {Html.Short(b.Mean)}{range}</text></g></g>"""
                );
        }
    }

    /// <summary>From values to pixels.</summary>
    internal sealed record Axes(
        double MinX,
        double MaxX,
        double MinY,
        double MaxY,
        AxisScale Scale,
        ImmutableArray<double> XTicks,
        ImmutableArray<double> YTicks
    )
    {
        public static Axes Of(ImmutableArray<Bucket> buckets, AxisScale scale, double? top)
        {
            var (minX, maxX) = (buckets.Min(b => b.FirstX), buckets.Max(b => b.LastX));
            var (low, high) = (buckets.Min(b => b.Low), top ?? buckets.Max(b => b.High));
            var (minY, maxY) =
                scale == AxisScale.Log ? LogRange(low, high) : (Math.Min(0, low), high > Math.Min(0, low) ? high : Math.Min(0, low) + 1);
            return new Axes(
                minX,
                maxX > minX ? maxX : minX + 1,
                minY,
                maxY,
                scale,
                Ticks(minX, maxX, 6),
                scale == AxisScale.Log ? LogTicks(minY, maxY) : Ticks(minY, maxY, 6)
            );
        }

        public string X(double x) => Html.Pixel(PlotLeft + ((x - MinX) / (MaxX - MinX) * (PlotRight - PlotLeft)));

        public string Y(double y) => Html.Pixel(PlotBottom - (Share(y) * (PlotBottom - PlotTop)));

        private double Share(double y) =>
            Scale == AxisScale.Log
                ? (Math.Log10(y) - Math.Log10(MinY)) / (Math.Log10(MaxY) - Math.Log10(MinY))
                : (y - MinY) / (MaxY - MinY);

        /// <summary>At least a factor of two, so that a flat line is not all axis.</summary>
        private static (double Min, double Max) LogRange(double low, double high) =>
            high >= 2 * low ? (low, high) : (low / Math.Sqrt(2), high * Math.Sqrt(2));

        /// <summary>1, 2 or 5 times a power of ten apart.</summary>
        internal static ImmutableArray<double> Ticks(double min, double max, int about)
        {
            if (max <= min)
            {
                return [min];
            }

            var rough = (max - min) / about;
            var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
            var step = new[] { 1, 2, 5, 10 }.Select(factor => factor * power).First(candidate => candidate >= rough * 0.999);
            var first = (long)Math.Ceiling((min / step) - 1e-9);
            return [.. Enumerable.Range(0, (int)(Math.Floor((max / step) + 1e-9) - first) + 1).Select(i => (first + i) * step)];
        }

        /// <summary>Powers of ten if there are two, else 1, 2 and 5 of each, else even steps.</summary>
        internal static ImmutableArray<double> LogTicks(double min, double max)
        {
            var (first, last) = ((int)Math.Floor(Math.Log10(min)), (int)Math.Ceiling(Math.Log10(max)));
            var powers = Enumerable.Range(first, last - first + 1).Select(e => Math.Pow(10, e)).ToArray();
            var inside = powers.Where(p => p >= min * 0.999 && p <= max * 1.001).ToArray();
            var every = (inside.Length + 5) / 6;
            var finer = powers.SelectMany(p => new[] { p, 2 * p, 5 * p }).Where(p => p >= min && p <= max).ToArray();
            return inside.Length >= 2 ? [.. inside.Where((_, i) => i % every == 0)]
                : finer.Length >= 2 ? [.. finer]
                : Ticks(min, max, 4);
        }
    }
}
