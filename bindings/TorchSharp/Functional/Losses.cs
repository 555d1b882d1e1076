using static TorchSharp.Dispatch;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        public enum Reduction
        {
            None = 0,
            Mean = 1,
            Sum = 2,
        }

        public static partial class functional
        {
            public static Tensor binary_cross_entropy(
                Tensor input, Tensor target, Tensor? weight = null, Reduction reduction = Reduction.Mean) =>
                One(Aten.binary_cross_entropy, input, target, weight, (long)reduction);

            public static Tensor binary_cross_entropy_with_logits(
                Tensor input,
                Tensor target,
                Tensor? weight = null,
                Reduction reduction = Reduction.Mean,
                Tensor? pos_weights = null) =>
                One(Aten.binary_cross_entropy_with_logits, input, target, weight, pos_weights, (long)reduction);

            public static Tensor cross_entropy(
                Tensor input,
                Tensor target,
                Tensor? weight = null,
                long ignore_index = -100,
                Reduction reduction = Reduction.Mean,
                double label_smoothing = 0.0) =>
                One(Aten.cross_entropy_loss, input, target, weight, (long)reduction, ignore_index, label_smoothing);

            public static Tensor nll_loss(
                Tensor input, Tensor target, Tensor? weight = null, long ignore_index = -100, Reduction reduction = Reduction.Mean) =>
                One(Aten.nll_loss_nd, input, target, weight, (long)reduction, ignore_index);

            public static Tensor mse_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean) =>
                One(Aten.mse_loss, input, target, (long)reduction);

            public static Tensor l1_loss(Tensor input, Tensor target, Reduction reduction = Reduction.Mean) =>
                One(Aten.l1_loss, input, target, (long)reduction);

            public static Tensor smooth_l1_loss(
                Tensor input, Tensor target, Reduction reduction = Reduction.Mean, double beta = 1.0) =>
                One(Aten.smooth_l1_loss, input, target, (long)reduction, beta);
        }
    }
}

internal static partial class Aten
{
    public static readonly Op binary_cross_entropy = new("binary_cross_entropy");
    public static readonly Op binary_cross_entropy_with_logits = new("binary_cross_entropy_with_logits");
    public static readonly Op cross_entropy_loss = new("cross_entropy_loss");
    public static readonly Op nll_loss_nd = new("nll_loss_nd");
    public static readonly Op mse_loss = new("mse_loss");
    public static readonly Op l1_loss = new("l1_loss");
    public static readonly Op smooth_l1_loss = new("smooth_l1_loss");
}
