using static TorchSharp.Dispatch;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public static partial class functional
        {
            /// <summary>input / max(|input|_p, eps), the norm taken along a dimension.</summary>
            public static Tensor normalize(Tensor input, double p = 2.0, long dim = 1L, double eps = 1e-12)
            {
                using var norm = One(Aten.norm_dim, input, (Scalar)p, new[] { dim }, true);
                using var bounded = norm.clamp_min(eps);
                return input.div(bounded);
            }

            /// <summary>With training: by the batch's statistics, which update the running ones in place; else by the running ones.</summary>
            public static Tensor batch_norm(
                Tensor input,
                Tensor? running_mean,
                Tensor? running_var,
                Tensor? weight = null,
                Tensor? bias = null,
                bool training = false,
                double momentum = 0.1,
                double eps = 1e-5) =>
                One(
                    Aten.batch_norm, input, weight, bias, running_mean, running_var, training, momentum, eps, backends.cudnn_enabled);

            public static Tensor group_norm(
                Tensor input, long num_groups, Tensor? weight = null, Tensor? bias = null, double eps = 1e-5) =>
                One(Aten.group_norm, input, num_groups, weight, bias, eps, backends.cudnn_enabled);

            public static Tensor instance_norm(
                Tensor input,
                Tensor? running_mean = null,
                Tensor? running_var = null,
                Tensor? weight = null,
                Tensor? bias = null,
                bool use_input_stats = true,
                double momentum = 0.1,
                double eps = 1e-5) =>
                One(
                    Aten.instance_norm,
                    input,
                    weight,
                    bias,
                    running_mean,
                    running_var,
                    use_input_stats,
                    momentum,
                    eps,
                    backends.cudnn_enabled);

            public static Tensor layer_norm(
                Tensor input, long[] normalized_shape, Tensor? weight = null, Tensor? bias = null, double eps = 1e-5) =>
                One(Aten.layer_norm, input, normalized_shape, weight, bias, eps, backends.cudnn_enabled);
        }
    }
}

internal static partial class Aten
{
    public static readonly Op batch_norm = new("batch_norm");
    public static readonly Op group_norm = new("group_norm");
    public static readonly Op instance_norm = new("instance_norm");
    public static readonly Op layer_norm = new("layer_norm");
}
