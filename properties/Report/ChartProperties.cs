using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;
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

    [Fact]
    public void Buckets_AnyCurve_KeepItsRangeMeanAndEnds() => Laws.Hold(Curves, curve =>
    {
        var buckets = Chart.Buckets(curve);
        return buckets.Length is >= 1 and <= 80
            && buckets[0].FirstX == curve[0].X && buckets[^1].LastX == curve[^1].X
            && buckets.Min(b => b.Low) == curve.Min(p => p.Y) && buckets.Max(b => b.High) == curve.Max(p => p.Y)
            && buckets.All(b => b.Low <= b.Mean * (1 + 1e-12) && b.Mean <= b.High * (1 + 1e-12));
    });

    [Fact]
    public void Svg_AnyCurveOnAnyAxis_DrawsInsideTheFrame() => Laws.Hold(Curves, curve =>
        new[] { AxisScale.Linear, AxisScale.Log }.All(scale =>
        {
            var svg = Chart.Svg("label", "iteration", [new Line(curve)], scale, "");
            var numbers = Coordinates().Matches(svg).SelectMany(match => match.Groups[1].Value.Split(' ', ',')).Select(text => double.Parse(text, CultureInfo.InvariantCulture));
            return !svg.Contains("NaN", StringComparison.Ordinal) && !svg.Contains('∞', StringComparison.Ordinal) && numbers.All(number => number is >= 0 and <= 341);
        }));

    [Fact]
    public void Ticks_AnyRange_LieInItAndAreFew() => Laws.Hold(Curves, curve =>
    {
        var (min, max) = (curve.Min(p => p.Y), curve.Max(p => p.Y));
        var ticks = Chart.Axes.Ticks(min, max, 6);
        return max <= min || (ticks.Length is >= 2 and <= 7 && ticks.All(tick => tick >= min - (1e-6 * max) && tick <= max * (1 + 1e-6)));
    });

    [Fact]
    public void LogTicks_AnyRange_LieInItAndAreFew() => Laws.Hold(Curves, curve =>
    {
        var positive = curve.Where(p => p.Y > 0).Select(p => p.Y).DefaultIfEmpty(1).ToArray();
        var (min, max) = (positive.Min() / 2, positive.Max() * 2);
        var ticks = Chart.Axes.LogTicks(min, max);
        return ticks.Length is >= 1 and <= 7 && ticks.All(tick => tick >= min * 0.999 && tick <= max * 1.001);
    });

    [Fact]
    public void Svg_NothingAboveZeroOnALogAxis_SaysSo() =>
        Assert.Contains("nothing above zero", Chart.Svg("label", "x", [new Line([(0, 0), (1, 0)])], AxisScale.Log, ""), StringComparison.Ordinal);

    [Fact]
    public void Svg_TwoPoints_TellsTheirValuesUnderThePointer()
    {
        var svg = Chart.Svg("label", "iteration", [new Line([(0, 0.5), (1000, 0.25)])], AxisScale.Linear, "");
        Assert.Contains(">iteration 0: 0.5<", svg, StringComparison.Ordinal);
        Assert.Contains(">iteration 1\u202f000: 0.25<", svg, StringComparison.Ordinal);
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
