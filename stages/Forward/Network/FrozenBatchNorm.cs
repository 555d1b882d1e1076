using Motion.Contracts;
using Motion.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Forward;

/// <summary>Batch norm whose four numbers a channel never change, folded into the convolution before it.</summary>
internal static class FrozenBatchNorm
{
    private const double Epsilon = 1e-5; // Caffe's; the smallest variances of the MSRA file are 1e-6

    /// <summary>
    /// For every convolution <c>X.weight</c> with a norm <c>X.norm.*</c> under the scope: <c>X.weight</c> times the norm's scale, and
    /// <c>X.bias</c>, its shift. Differentiable by the convolution's weight.
    /// </summary>
    /// <returns>
    /// A map of its own, by names relative to the scope's prefix; the tensors belong to the caller (or its dispose scope).
    /// </returns>
    public static Weights Fold(Weights scope, string prefix)
    {
        var folded = new List<KeyValuePair<string, Tensor>>();
        foreach (var (name, weight) in scope.All.Where(entry => entry.Key.EndsWith(".norm.weight", StringComparison.Ordinal)))
        {
            var convolution = name[(prefix.Length + 1)..^".norm.weight".Length];
            using var inner = NewDisposeScope();
            var norm = scope.At($"{convolution}.norm");
            var scale = weight.mul(norm["running_var"].Plus(Epsilon).rsqrt()); // [C]
            var shift = norm["bias"].sub(norm["running_mean"].mul(scale)); // [C]
            var kernel = scope[$"{convolution}.weight"].mul(scale.reshape(-1, 1, 1, 1)); // [C, Cin, k, k]
            folded.Add(new($"{convolution}.weight", kernel.MoveToOuterDisposeScope()));
            folded.Add(new($"{convolution}.bias", shift.MoveToOuterDisposeScope()));
        }

        return Weights.Of(folded);
    }
}
