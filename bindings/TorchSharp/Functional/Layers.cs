using static TorchSharp.Dispatch;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        // Linear maps: convolutions, matrices, look-up tables.
        public static partial class functional
        {
            public static Tensor conv1d(
                Tensor input,
                Tensor weight,
                Tensor? bias = null,
                long? stride = null,
                long? padding = null,
                long? dilation = null,
                long groups = 1) =>
                One(Aten.conv1d, input, weight, bias, Single(stride, 1), Single(padding, 0), Single(dilation, 1), groups);

            public static Tensor conv2d(
                Tensor input,
                Tensor weight,
                Tensor? bias = null,
                long[]? strides = null,
                long[]? padding = null,
                long[]? dilation = null,
                long groups = 1) =>
                One(Aten.conv2d, input, weight, bias, strides ?? [1, 1], padding ?? [0, 0], dilation ?? [1, 1], groups);

            public static Tensor conv_transpose2d(
                Tensor input,
                Tensor weight,
                Tensor? bias = null,
                long[]? strides = null,
                long[]? padding = null,
                long[]? output_padding = null,
                long[]? dilation = null,
                long groups = 1) =>
                One(
                    Aten.conv_transpose2d,
                    input,
                    weight,
                    bias,
                    strides ?? [1, 1],
                    padding ?? [0, 0],
                    output_padding ?? [0, 0],
                    groups,
                    dilation ?? [1, 1]);

            public static Tensor linear(Tensor input, Tensor weights, Tensor? bias = null) => One(Aten.linear, input, weights, bias);

            /// <param name="x">Indices of rows, int64 or int32.</param>
            /// <param name="weight">[rows, features].</param>
            /// <param name="padding_idx">A row that gets no gradient.</param>
            public static Tensor embedding(Tensor x, Tensor weight, long? padding_idx = null) =>
                One(Aten.embedding, weight, x, padding_idx ?? -1);

            public static Tensor one_hot(Tensor x, long num_classes = -1) => One(Aten.one_hot, x, num_classes);

            public static Tensor cosine_similarity(Tensor x1, Tensor x2, long dim = 1, double eps = 1e-8) =>
                One(Aten.cosine_similarity, x1, x2, dim, eps);

            private static long[] Single(long? value, long otherwise) => [value ?? otherwise];
        }
    }
}

internal static partial class Aten
{
    public static readonly Op conv1d = new("conv1d");
    public static readonly Op conv2d = new("conv2d");
    public static readonly Op conv_transpose2d = new("conv_transpose2d", "input");
    public static readonly Op linear = new("linear");
    public static readonly Op embedding = new("embedding");
    public static readonly Op one_hot = new("one_hot");
    public static readonly Op cosine_similarity = new("cosine_similarity");
}
