using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
using Motion.Contracts;
using Motion.Properties.Generators;
using Motion.Report.Page;
using Xunit;

namespace Motion.Properties.Report;

public sealed partial class ChartProperties
{
    private static readonly Gen<ImmutableArray<(double X, double Y)>> Curves =
        from count in Gen.Choose(1, 300)
        from exponent in Gen.Choose(-6, 6)
        from offset in Gen.Choose(0, 3)
        from values in Gen.Choose(0, 1000).ArrayOf(count)
        select values.Select((value, i) => (X: (double)i, Y: (offset + (value / 1000.0)) * Math.Pow(10, exponent))).ToImmutableArray();

    [Fact, Law]
    public void Buckets_AnyCurve_KeepItsRangeMeanAndEnds() =>
        Laws.Hold(
            Curves,
            curve =>
            {
                var buckets = Chart.Buckets(curve);
                return buckets.Length is >= 1 and <= 101
                    && buckets[0].FirstX == curve[0].X
                    && buckets[^1].LastX == curve[^1].X
                    && buckets.Min(b => b.Low) == curve.Min(p => p.Y)
                    && buckets.Max(b => b.High) == curve.Max(p => p.Y)
                    && buckets.All(b => b.Low <= b.Mean * (1 + 1e-12) && b.Mean <= b.High * (1 + 1e-12));
            }
        );

    [Fact, Law]
    public void Svg_AnyCurveOnAnyAxis_DrawsInsideTheFrame() =>
        Laws.Hold(
            Curves,
            curve =>
                new[] { AxisScale.Linear, AxisScale.Log }.All(scale =>
                {
                    var svg = Chart.Svg("label", "iteration", [new Line(curve)], scale, "");
                    var numbers = Coordinates()
                        .Matches(svg)
                        .SelectMany(match => match.Groups[1].Value.Split(' ', ','))
                        .Select(text => double.Parse(text, CultureInfo.InvariantCulture));
                    return !svg.Contains("NaN", StringComparison.Ordinal)
                        && !svg.Contains('∞', StringComparison.Ordinal)
                        && numbers.All(number => number is >= 0 and <= 341);
                })
        );

    [Fact, Law]
    public void Ticks_AnyRange_LieInItAndAreFew() =>
        Laws.Hold(
            Curves,
            curve =>
            {
                var (min, max) = (curve.Min(p => p.Y), curve.Max(p => p.Y));
                var ticks = Chart.Axes.Ticks(min, max, 6);
                return max <= min
                    || (ticks.Length is >= 2 and <= 7 && ticks.All(tick => tick >= min - (1e-6 * max) && tick <= max * (1 + 1e-6)));
            }
        );

    [Fact, Law]
    public void LogTicks_AnyRange_LieInItAndAreFew() =>
        Laws.Hold(
            Curves,
            curve =>
            {
                var positive = curve.Where(p => p.Y > 0).Select(p => p.Y).DefaultIfEmpty(1).ToArray();
                var (min, max) = (positive.Min() / 2, positive.Max() * 2);
                var ticks = Chart.Axes.LogTicks(min, max);
                return ticks.Length is >= 2 and <= 7 && ticks.All(tick => tick >= min * 0.999 && tick <= max * 1.001);
            }
        );

    [Fact]
    public void Svg_NothingAboveZeroOnALogAxis_SaysSo() =>
        Assert.Contains(
            "nothing above zero",
            Chart.Svg("label", "x", [new Line([(0, 0), (1, 0)])], AxisScale.Log, ""),
            StringComparison.Ordinal
        );

    [Fact]
    public void Svg_TwoPoints_TellsTheirValuesUnderThePointer()
    {
        var svg = Chart.Svg("label", "iteration", [new Line([(0, 0.5), (1000, 0.25)])], AxisScale.Linear, "");
        Assert.Contains(">iteration 0: 0.5<", svg, StringComparison.Ordinal);
        Assert.Contains(">iteration 1\u202f000: 0.25<", svg, StringComparison.Ordinal);
    }

    [Fact]
    public void Axes_HigherValues_AreHigherUpAndLaterOnesFurtherRight()
    {
        foreach (var scale in new[] { AxisScale.Linear, AxisScale.Log })
        {
            var axes = Chart.Axes.Of([new Bucket(0, 10, 1, 5, 100)], scale, top: null);
            double Y(double y) => double.Parse(axes.Y(y), CultureInfo.InvariantCulture);
            double X(double x) => double.Parse(axes.X(x), CultureInfo.InvariantCulture);
            Assert.True(Y(90) < Y(20) && Y(20) < Y(2) && X(2) < X(9));
        }
    }

    [Fact]
    public void MeanPrecision_AllClassesSizesAndLimits_AveragesTheClassesAtAllSizesAndAHundredDetections()
    {
        double Value(int t, int r, int k, int a, int m) => (t * 0.1) + (r * 0.001) + (k * 0.0001) + (a == 0 ? 0 : 5) + (m == 2 ? 0 : 7);
        var precision =
            from t in Enumerable.Range(0, 10)
            from r in Enumerable.Range(0, 101)
            from k in new[] { 0, 2 } // class 1 has no objects, and no place in the arrays
            from a in Enumerable.Range(0, 4)
            from m in Enumerable.Range(0, 3)
            select Value(t, r, k, a, m);
        var kind = new TypeEvaluation(
            "segm",
            new CocoStats([]),
            [.. Enumerable.Range(0, 3).Select(k => new CategoryStats(k, 0, 0, 0, 0, 0, 0, 0, 0, k == 1 ? -1 : 0))],
            [.. precision],
            [],
            []
        );

        var line = Scores.MeanPrecision(kind, threshold: 5);

        Assert.Equal(101, line.Length);
        Assert.Equal(0.37, line[37].X, 9);
        Assert.Equal(0.5 + 0.037 + 0.0001, line[37].Y, 9); // classes 0 and 2
    }

    [Theory]
    [InlineData(0, "0")]
    [InlineData(0.000051, "5.1e-5")]
    [InlineData(0.01234, "0.0123")]
    [InlineData(1.5, "1.5")]
    [InlineData(123.4, "123")]
    [InlineData(12345, "12\u202f345")]
    [InlineData(2.5e7, "2.5e7")]
    public void Short_Number_HasThreeDigits(double number, string expected) => Assert.Equal(expected, Html.Short(number));

    [GeneratedRegex("""(?: x| y|x1|x2|y1|y2|cx|cy|points)="([-0-9., ]+)" ?""")]
    private static partial Regex Coordinates();
}
