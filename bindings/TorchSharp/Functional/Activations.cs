using static TorchSharp.Dispatch;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        // With inplace, the input itself is changed and returned.
        public static partial class functional
        {
            public static Tensor relu(Tensor x, bool inplace = false) => inplace ? x.relu_() : x.relu();

            public static Tensor leaky_relu(Tensor input, double negative_slope = 0.01, bool inplace = false) => inplace
                ? Self(input, Aten.leaky_relu_, input, negative_slope)
                : One(Aten.leaky_relu, input, negative_slope);

            public static Tensor gelu(Tensor x, bool inplace = false) => inplace ? Self(x, Aten.gelu_, x) : One(Aten.gelu, x);

            public static Tensor silu(Tensor x, bool inplace = false) => inplace ? x.silu_() : x.silu();

            public static Tensor elu(Tensor x, double alpha = 1.0, bool inplace = false) =>
                inplace ? Self(x, Aten.elu_, x, alpha) : One(Aten.elu, x, alpha);

            public static Tensor selu(Tensor x, bool inplace = false) => inplace ? x.selu_() : x.selu();

            public static Tensor softplus(Tensor x, double beta = 1.0, double threshold = 20.0) =>
                One(Aten.softplus, x, beta, threshold);

            public static Tensor hardsigmoid(Tensor input, bool inplace = false) => inplace ? input.hardsigmoid_() : input.hardsigmoid();

            public static Tensor hardswish(Tensor input, bool inplace = false) => inplace ? input.hardswish_() : input.hardswish();

            public static Tensor sigmoid(Tensor input) => input.sigmoid();

            public static Tensor tanh(Tensor input) => input.tanh();

            public static Tensor logsigmoid(Tensor x) => One(Aten.log_sigmoid, x);

            public static Tensor softmax(Tensor input, long dim, ScalarType? dtype = null) => input.softmax(dim, dtype);

            public static Tensor log_softmax(Tensor input, long dim, ScalarType? dtype = null) => input.log_softmax(dim, dtype);

            public static Tensor dropout(Tensor input, double p = 0.5, bool training = true, bool inplace = false) =>
                inplace ? Self(input, Aten.dropout_, input, p, training) : One(Aten.dropout, input, p, training);
        }
    }

    public sealed partial class Tensor
    {
        public Tensor log_sigmoid() => One(Aten.log_sigmoid, this);

        public Tensor leaky_relu(Scalar negative_slope) => One(Aten.leaky_relu, this, negative_slope);

        public Tensor leaky_relu_(Scalar negative_slope) => Self(this, Aten.leaky_relu_, this, negative_slope);

        public Tensor gelu() => One(Aten.gelu, this);

        public Tensor softplus() => One(Aten.softplus, this);
    }
}

internal static partial class Aten
{
    public static readonly Op leaky_relu = new("leaky_relu");
    public static readonly Op leaky_relu_ = new("leaky_relu_");
    public static readonly Op gelu = new("gelu");
    public static readonly Op gelu_ = new("gelu_");
    public static readonly Op elu = new("elu");
    public static readonly Op elu_ = new("elu_");
    public static readonly Op softplus = new("softplus");
    public static readonly Op log_sigmoid = new("log_sigmoid");
    public static readonly Op dropout = new("dropout");
    public static readonly Op dropout_ = new("dropout_");
}
