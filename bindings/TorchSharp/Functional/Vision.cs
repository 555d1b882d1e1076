using static TorchSharp.Dispatch;

namespace TorchSharp;

public enum PaddingModes
{
    Zeros = 0,
    Reflect = 1,
    Replicate = 2,
    Circular = 3,
    Constant = 4,
}

public static partial class torch
{
    public enum InterpolationMode
    {
        Nearest = 0,
        Linear = 1,
        Bilinear = 2,
        Bicubic = 3,
        Trilinear = 4,
        Area = 5,
    }

    public enum GridSampleMode
    {
        Nearest = 0,
        Bilinear = 2,
    }

    public enum GridSamplePaddingMode
    {
        Zeros = 0,
        Reflection = 1,
        Border = 2,
    }

    public static partial class nn
    {
        // Padding, resizing and sampling of images [N, C, H, W].
        public static partial class functional
        {
            /// <param name="input">Any tensor.</param>
            /// <param name="pad">Before and after the last dimension, then before and after the one before it, and so on.</param>
            /// <param name="mode">Constant, Reflect, Replicate or Circular.</param>
            /// <param name="value">The constant.</param>
            public static Tensor pad(Tensor input, long[] pad, PaddingModes mode = PaddingModes.Constant, double value = 0) =>
                One(Aten.pad, input, pad, NameOf(mode), mode == PaddingModes.Constant ? value : (double?)null);

            public static Tensor pad(
                Tensor input, ReadOnlySpan<long> pad, PaddingModes mode = PaddingModes.Constant, double value = 0) =>
                functional.pad(input, pad.ToArray(), mode, value);

            public static Tensor pad(Tensor input, (long, long) pad, PaddingModes mode = PaddingModes.Constant, double value = 0) =>
                functional.pad(input, [pad.Item1, pad.Item2], mode, value);

            public static Tensor pad(
                Tensor input, (long, long, long, long) pad, PaddingModes mode = PaddingModes.Constant, double value = 0) =>
                functional.pad(input, [pad.Item1, pad.Item2, pad.Item3, pad.Item4], mode, value);

            /// <summary>Pads every side of every dimension alike.</summary>
            public static Tensor pad(Tensor input, long pad, PaddingModes mode = PaddingModes.Constant, double value = 0)
            {
                var all = new long[input.ndim * 2];
                Array.Fill(all, pad);
                return functional.pad(input, all, mode, value);
            }

            /// <param name="input">[N, C, H, W].</param>
            /// <param name="grid">[N, H', W', 2]: x and y in [-1, 1] of where each output pixel reads.</param>
            /// <param name="mode">How to read between pixels.</param>
            /// <param name="padding_mode">What is outside.</param>
            /// <param name="align_corners">Whether -1 and 1 are the centres of the outermost pixels, or their outer edges (also if null).</param>
            public static Tensor grid_sample(
                Tensor input,
                Tensor grid,
                GridSampleMode mode = GridSampleMode.Bilinear,
                GridSamplePaddingMode padding_mode = GridSamplePaddingMode.Zeros,
                bool? align_corners = null)
            {
                var padding = padding_mode switch
                {
                    GridSamplePaddingMode.Zeros => 0L,
                    GridSamplePaddingMode.Border => 1L,
                    _ => 2L,
                };
                return One(Aten.grid_sampler, input, grid, mode == GridSampleMode.Bilinear ? 0L : 1L, padding, align_corners ?? false);
            }

            public static Tensor affine_grid(Tensor theta, long[]? size = null, bool align_corners = false) =>
                One(Aten.affine_grid_generator, theta, size, align_corners);

            /// <summary>Resizes images [N, C, H, W] (Linear: sequences [N, C, W]) to a size, or by a factor.</summary>
            /// <param name="x">The images.</param>
            /// <param name="size">Height and width of the result; or else</param>
            /// <param name="scale_factor">of each side.</param>
            /// <param name="mode">Nearest, Linear, Bilinear, Bicubic or Area.</param>
            /// <param name="align_corners">Whether the centres of the corner pixels stay where they are (not for Nearest and Area).</param>
            /// <param name="recompute_scale_factor">Use the ratio of the sizes, rounded as they are, instead of the factor given.</param>
            /// <param name="antialias">Widen the kernel when shrinking, as Pillow does (Bilinear and Bicubic only).</param>
            public static Tensor interpolate(
                Tensor x,
                long[]? size = null,
                double[]? scale_factor = null,
                InterpolationMode mode = InterpolationMode.Nearest,
                bool? align_corners = null,
                bool recompute_scale_factor = false,
                bool antialias = false)
            {
                if (size is null == scale_factor is null)
                    throw new ArgumentException("interpolate wants either a size or a scale factor.", nameof(size));
                if (align_corners is not null && mode is InterpolationMode.Nearest or InterpolationMode.Area)
                    throw new ArgumentException($"align_corners means nothing to {mode}.", nameof(align_corners));
                if (antialias && mode is not (InterpolationMode.Bilinear or InterpolationMode.Bicubic))
                    throw new ArgumentException($"{mode} has no antialiased form.", nameof(antialias));
                if (scale_factor is not null && (recompute_scale_factor || mode == InterpolationMode.Area))
                {
                    size = Scaled(x.shape, scale_factor);
                    scale_factor = null;
                }
                var corners = align_corners ?? false;
                return mode switch
                {
                    InterpolationMode.Nearest when x.ndim == 3 => One(Aten.upsample_nearest1d, x, size, scale_factor),
                    InterpolationMode.Nearest => One(Aten.upsample_nearest2d, x, size, scale_factor),
                    InterpolationMode.Area => adaptive_avg_pool2d(x, size!),
                    InterpolationMode.Linear => One(Aten.upsample_linear1d, x, size, corners, scale_factor),
                    InterpolationMode.Bilinear when antialias => One(Aten.upsample_bilinear2d_aa, x, size, corners, scale_factor),
                    InterpolationMode.Bilinear => One(Aten.upsample_bilinear2d, x, size, corners, scale_factor),
                    InterpolationMode.Bicubic when antialias => One(Aten.upsample_bicubic2d_aa, x, size, corners, scale_factor),
                    InterpolationMode.Bicubic => One(Aten.upsample_bicubic2d, x, size, corners, scale_factor),
                    _ => throw new NotSupportedException($"{mode} is not part of this subset."),
                };
            }

            public static Tensor pixel_shuffle(Tensor x, long upscale_factor) => One(Aten.pixel_shuffle, x, upscale_factor);

            public static Tensor pixel_unshuffle(Tensor x, long downscale_factor) => One(Aten.pixel_unshuffle, x, downscale_factor);

            private static long[] Scaled(long[] shape, double[] factors)
            {
                var sides = shape.AsSpan()[2..];
                var scaled = new long[sides.Length];
                for (var d = 0; d < sides.Length; d++)
                    scaled[d] = (long)Math.Floor((float)sides[d] * factors[factors.Length == 1 ? 0 : d]);
                return scaled;
            }

            private static string NameOf(PaddingModes mode) => mode switch
            {
                PaddingModes.Constant or PaddingModes.Zeros => "constant",
                PaddingModes.Reflect => "reflect",
                PaddingModes.Replicate => "replicate",
                _ => "circular",
            };
        }
    }
}

internal static partial class Aten
{
    public static readonly Op pad = new("pad");
    public static readonly Op grid_sampler = new("grid_sampler");
    public static readonly Op affine_grid_generator = new("affine_grid_generator");
    public static readonly Op upsample_nearest1d = new("upsample_nearest1d", "vec");
    public static readonly Op upsample_nearest2d = new("upsample_nearest2d", "vec");
    public static readonly Op upsample_linear1d = new("upsample_linear1d", "vec");
    public static readonly Op upsample_bilinear2d = new("upsample_bilinear2d", "vec");
    public static readonly Op upsample_bicubic2d = new("upsample_bicubic2d", "vec");
    public static readonly Op upsample_bilinear2d_aa = new("_upsample_bilinear2d_aa", "vec");
    public static readonly Op upsample_bicubic2d_aa = new("_upsample_bicubic2d_aa", "vec");
    public static readonly Op pixel_shuffle = new("pixel_shuffle");
    public static readonly Op pixel_unshuffle = new("pixel_unshuffle");
}
