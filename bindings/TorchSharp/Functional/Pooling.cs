using static TorchSharp.Dispatch;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        // Pooling, and the sliding windows behind convolutions.
        public static partial class functional
        {
            public static Tensor max_pool2d(
                Tensor input,
                long[] kernel_size,
                long[]? stride = null,
                long[]? padding = null,
                long[]? dilation = null,
                bool ceil_mode = false) =>
                One(Aten.max_pool2d, input, kernel_size, stride ?? kernel_size, padding ?? [0, 0], dilation ?? [1, 1], ceil_mode);

            public static Tensor max_pool2d(
                Tensor input, long kernel_size, long? stride = null, long? padding = null, long? dilation = null, bool ceil_mode = false) =>
                max_pool2d(input, Square(kernel_size), Square(stride), Square(padding), Square(dilation), ceil_mode);

            public static Tensor max_pool2d(
                Tensor input,
                (long, long) kernel_size,
                (long, long)? stride = null,
                (long, long)? padding = null,
                (long, long)? dilation = null,
                bool ceil_mode = false) =>
                max_pool2d(input, Pair(kernel_size)!, Pair(stride), Pair(padding), Pair(dilation), ceil_mode);

            public static (Tensor Values, Tensor Indices) max_pool2d_with_indices(
                Tensor input,
                long[] kernelSize,
                long[]? strides = null,
                long[]? padding = null,
                long[]? dilation = null,
                bool ceil_mode = false) =>
                Two(
                    Aten.max_pool2d_with_indices,
                    input,
                    kernelSize,
                    strides ?? kernelSize,
                    padding ?? [0, 0],
                    dilation ?? [1, 1],
                    ceil_mode);

            public static Tensor avg_pool2d(
                Tensor input,
                long[] kernel_size,
                long[]? stride = null,
                long[]? padding = null,
                bool ceil_mode = false,
                bool count_include_pad = true,
                long? divisor_override = null) =>
                One(
                    Aten.avg_pool2d,
                    input,
                    kernel_size,
                    stride ?? kernel_size,
                    padding ?? [0, 0],
                    ceil_mode,
                    count_include_pad,
                    divisor_override);

            public static Tensor avg_pool2d(
                Tensor input,
                long kernel_size,
                long? stride = null,
                long? padding = null,
                bool ceil_mode = false,
                bool count_include_pad = true,
                long? divisor_override = null) =>
                avg_pool2d(input, Square(kernel_size), Square(stride), Square(padding), ceil_mode, count_include_pad, divisor_override);

            public static Tensor avg_pool2d(
                Tensor input,
                (long, long) kernel_size,
                (long, long)? stride = null,
                (long, long)? padding = null,
                bool ceil_mode = false,
                bool count_include_pad = true,
                long? divisor_override = null) =>
                avg_pool2d(input, Pair(kernel_size)!, Pair(stride), Pair(padding), ceil_mode, count_include_pad, divisor_override);

            public static Tensor adaptive_avg_pool2d(Tensor input, long[] output_size) =>
                One(Aten.adaptive_avg_pool2d, input, output_size);

            public static Tensor adaptive_avg_pool2d(Tensor input, (long, long) output_size) =>
                adaptive_avg_pool2d(input, Pair(output_size)!);

            public static Tensor adaptive_avg_pool2d(Tensor input, long output_size) => adaptive_avg_pool2d(input, Square(output_size));

            /// <summary>[N, C, H, W] to its windows [N, C * kernel area, windows].</summary>
            public static Tensor unfold(Tensor input, long kernel_size, long dilation = 1, long padding = 0, long stride = 1) =>
                One(Aten.im2col, input, Square(kernel_size), Square(dilation), Square(padding), Square(stride));

            public static Tensor unfold(
                Tensor input,
                (long, long) kernel_size,
                (long, long)? dilation = null,
                (long, long)? padding = null,
                (long, long)? stride = null) =>
                One(
                    Aten.im2col,
                    input,
                    Pair(kernel_size),
                    Pair(dilation) ?? [1, 1],
                    Pair(padding) ?? [0, 0],
                    Pair(stride) ?? [1, 1]);

            /// <summary>Adds windows [N, C * kernel area, windows] up to [N, C, H, W].</summary>
            public static Tensor fold(
                Tensor input, long output_size, long kernel_size, long dilation = 1, long padding = 0, long stride = 1) =>
                One(
                    Aten.col2im,
                    input,
                    Square(output_size),
                    Square(kernel_size),
                    Square(dilation),
                    Square(padding),
                    Square(stride));

            public static Tensor fold(
                Tensor input,
                (long, long) output_size,
                (long, long) kernel_size,
                (long, long)? dilation = null,
                (long, long)? padding = null,
                (long, long)? stride = null) =>
                One(
                    Aten.col2im,
                    input,
                    Pair(output_size),
                    Pair(kernel_size),
                    Pair(dilation) ?? [1, 1],
                    Pair(padding) ?? [0, 0],
                    Pair(stride) ?? [1, 1]);

            private static long[] Square(long side) => [side, side];

            private static long[]? Square(long? side) => side is { } s ? [s, s] : null;

            private static long[]? Pair((long, long)? pair) => pair is { } p ? [p.Item1, p.Item2] : null;
        }
    }
}

internal static partial class Aten
{
    public static readonly Op max_pool2d = new("max_pool2d");
    public static readonly Op max_pool2d_with_indices = new("max_pool2d_with_indices");
    public static readonly Op avg_pool2d = new("avg_pool2d");
    public static readonly Op adaptive_avg_pool2d = new("adaptive_avg_pool2d");
    public static readonly Op im2col = new("im2col");
    public static readonly Op col2im = new("col2im");
}
