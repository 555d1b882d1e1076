using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Kernels;

/// <summary>Which vector length of a picture is drawn at full colour.</summary>
public enum FlowNormaliser
{
    /// <summary>The longest vector, as the published colour code does.</summary>
    Maximum,

    /// <summary>
    /// A high percentile of the lengths, so that a few outliers do not wash out the rest; longer vectors are drawn at full colour too.
    /// </summary>
    Percentile,
}

/// <summary>How flow becomes colour.</summary>
/// <param name="Normaliser">Which length is full colour; per picture.</param>
/// <param name="Percentile">For <see cref="FlowNormaliser.Percentile"/>: share of the known vectors that are at most of the normalising
/// length, in (0, 1].</param>
/// <param name="Clip">Where given, both components are first clipped to [0, Clip] pixels; negative ones become 0, as in the published
/// code.</param>
public sealed record FlowColourOptions(FlowNormaliser Normaliser = FlowNormaliser.Maximum, double Percentile = 0.99, double? Clip = null);

/// <summary>The flow colour wheel: direction as hue, length as saturation, no motion white.</summary>
/// <remarks>
/// Baker et al., "A Database and Evaluation Methodology for Optical Flow", ICCV 2007, in the arithmetic of the Python code that GMA and the
/// authors of the paper draw with: lengths and angles in float32, blending in double, the result floored. With the maximum as normaliser a
/// vector can come out longer than 1 by rounding and is then darkened to 75 %, as there. Unknown vectors (<see cref="FlowField"/>) take no
/// part in the normalisation and are drawn like no motion, white: the published code has no rule for them.
/// </remarks>
public static class FlowColour
{
    /// <summary>Colours of the wheel: red to yellow, green, cyan, blue, magenta and back.</summary>
    public const int Colours = 55;

    private const double Epsilon = 1e-5;
    private const int BandPixels = 1 << 14;

    /// <summary>Draws flow.</summary>
    /// <param name="flow">
    /// float32 [2, H, W] or [N, 2, H, W], pixels; each picture of a batch is normalised on its own. float64 is drawn in float64 throughout,
    /// as the published code draws it too; single pixels can differ.
    /// </param>
    /// <param name="options">Default: the maximum, no clipping.</param>
    /// <returns>uint8 [3, H, W] or [N, 3, H, W], RGB.</returns>
    public static Tensor Wheel(Tensor flow, FlowColourOptions? options = null)
    {
        options ??= new FlowColourOptions();
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var batch = flow.dim() == 4 ? flow : flow.unsqueeze(0); // [N, 2, H, W]
        var known = FlowField.Known(batch); // [N, 1, H, W]
        var vectors = batch.masked_fill(known.logical_not(), Held.Of(0));
        if (options.Clip is { } clip)
        {
            vectors = vectors.clamp(Held.Of(0), Held.Of(clip));
        }

        var unit = Normalised(vectors, known, options); // [N, 2, H, W]
        var picture = Joins.Cat([.. Bands(unit).Select(band => Draw(band, options.Normaliser))], 2); // [N, 3, H, W]
        return (flow.dim() == 4 ? picture : picture.squeeze(0)).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The rows of a batch in bands [N, 2, rows, W]: a pixel takes some 200 bytes while it is drawn, and those of a band stay in the cache.
    /// On an accelerator all at once.
    /// </summary>
    private static IEnumerable<Tensor> Bands(Tensor unit)
    {
        var (n, h, w) = (unit.shape[0], unit.shape[2], unit.shape[3]);
        var rows = unit.device.type == DeviceType.CPU ? Math.Max(1, BandPixels / Math.Max(1, n * w)) : h;
        for (var y = 0L; y == 0 || y < h; y += rows)
            yield return unit.narrow(2, y, Math.Min(rows, h - y));
    }

    /// <summary>uint8 [N, 3, rows, W] of a band.</summary>
    private static Tensor Draw(Tensor unit, FlowNormaliser normaliser)
    {
        using var scope = NewDisposeScope();
        var (u, v) = (unit.select(1, 0), unit.select(1, 1)); // [N, rows, W] each
        var colours = Shade(Hue(u, v), Length(u, v), normaliser); // [N, rows, W, 3]
        // [N, 3, rows, W]
        return colours.Times(255).floor().to_type(ScalarType.Byte).permute(0, 3, 1, 2).contiguous().MoveToOuterDisposeScope();
    }

    /// <summary>The colour wheel.</summary>
    /// <returns>float32 [55, 3], RGB, whole numbers 0..255.</returns>
    public static Tensor Table() => tensor(WheelTable(), [Colours, 3]);

    /// <summary>Flow in units of the picture's normalising length.</summary>
    private static Tensor Normalised(Tensor vectors, Tensor known, FlowColourOptions options)
    {
        var lengths = Length(vectors.select(1, 0), vectors.select(1, 1)).flatten(1); // [N, HW]
        var longest =
            // [N]
            options.Normaliser == FlowNormaliser.Maximum
                ? lengths.amax([1])
                : Quantile(lengths, known.flatten(1), options.Percentile);
        var divisor = longest.to_type(ScalarType.Float64).Plus(Epsilon).to_type(vectors.dtype);
        return vectors.div(divisor.view(-1, 1, 1, 1));
    }

    /// <summary>The smallest known length that the given share of the known lengths does not exceed; 0 where none is known.</summary>
    private static Tensor Quantile(Tensor lengths, Tensor known, double share)
    {
        var (sorted, _) = lengths.masked_fill(known.logical_not(), Held.Of(-1)).sort(1); // unknown ones first
        var count = known.sum(1, keepdim: true); // [N, 1] int64
        var rank = count.to_type(ScalarType.Float64).Times(share).ceil().to_type(ScalarType.Int64);
        var index = rank.sub(count).Plus(lengths.shape[1] - 1).clamp(Held.Of(0), Held.Of(lengths.shape[1] - 1));
        return sorted.gather(1, index).squeeze(1).clamp_min(Held.Of(0));
    }

    private static Tensor Length(Tensor u, Tensor v) => u.Squared().Plus(v.Squared()).sqrt();

    /// <summary>The colour of a direction at full saturation: float64 [N, H, W, 3], 0..1.</summary>
    private static Tensor Hue(Tensor u, Tensor v)
    {
        var angle = atan2(v.neg(), u.neg()).Over(u.dtype == ScalarType.Float64 ? Math.PI : (float)Math.PI); // -1..1
        var place = angle.Plus(1).Over(2).Times(Colours - 1); // 0..54
        var below = place.floor();
        var index = below.to_type(ScalarType.Int64).flatten(); // [NHW]
        var fraction = place.sub(below).to_type(ScalarType.Float64).unsqueeze(-1); // [N, H, W, 1]
        var table = Table().to_type(ScalarType.Float64).Over(255).to(u.device); // [55, 3]
        var shape = u.shape.Append(3).ToArray();
        var first = table.index_select(0, index).view(shape); // [N, H, W, 3]
        var second = table.index_select(0, index.Plus(1).remainder(Held.Of(Colours))).view(shape);
        return fraction.neg().Plus(1).mul(first).Plus(fraction.mul(second));
    }

    /// <summary>White at length 0, the hue at 1; beyond, by the normaliser's rule.</summary>
    private static Tensor Shade(Tensor hue, Tensor length, FlowNormaliser normaliser)
    {
        var saturation = length.to_type(ScalarType.Float64).unsqueeze(-1); // [N, H, W, 1]
        if (normaliser == FlowNormaliser.Percentile)
        {
            saturation = saturation.clamp_max(Held.Of(1));
        }

        var inside = hue.neg().Plus(1).mul(saturation).neg().Plus(1);
        return where(saturation.le(Held.Of(1)), inside, hue.Times(0.75));
    }

    private static float[] WheelTable()
    {
        // Each arc runs from one primary or secondary colour to the next: which channel moves, whether it falls, in how many steps.
        (int Steps, int Channel, bool Falls, int Full)[] arcs =
        [
            (15, 1, false, 0),
            (6, 0, true, 1),
            (4, 2, false, 1),
            (11, 1, true, 2),
            (13, 0, false, 2),
            (6, 2, true, 0),
        ];
        var table = new float[Colours * 3];
        var row = 0;
        foreach (var (steps, channel, falls, full) in arcs)
        {
            for (var step = 0; step < steps; step++, row++)
            {
                var ramp = 255 * step / steps;
                table[(row * 3) + full] = 255;
                table[(row * 3) + channel] = falls ? 255 - ramp : ramp;
            }
        }

        return table;
    }
}
