using System.Globalization;
using Motion.Contracts;
using Motion.Flow;
using Motion.Kernels;
using Motion.Properties.Generators;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Flow;

/// <summary>One pair of pictures with every intermediate result of the published code, and the same results of ours.</summary>
/// <remarks>
/// Tolerances are those that the references suggest: 5 to 20 times the difference of the published code's float32 run from its own float64 run.
/// </remarks>
internal sealed class GmaCase(Weights weights, IReadOnlyDictionary<string, Tensor> expected, IReadOnlyDictionary<string, string> metadata)
{
    private const double Features = 1e-4;
    private const double Attention = 1e-4;
    private const double Correlations = 3e-4;
    private const double Updates = 3e-4;     // three or four layers further
    private const double Flows = 1e-3;       // after up to 12 iterations
    private const int Iterations = 12;

    /// <summary>Compares everything; what a file does not hold is skipped, and a file that holds too little fails.</summary>
    public void Check()
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var (first, second) = Pictures();
        var features = Gma.Features(weights, first, second, Layers.FrozenBatchNorm);
        CheckFeatures(features);
        CheckCorrelation(features);
        CheckFirstIteration(features);
        CheckFlows(first, second);
    }

    private void CheckFeatures(PairFeatures features)
    {
        Compare("fmap1", features.First, Features);
        Compare("fmap2", features.Second, Features);
        Compare("net", features.Hidden, Features);
        Compare("inp", features.Context, Features);
    }

    private void CheckCorrelation(PairFeatures features)
    {
        Compare("attention", Gma.Attention(weights.At("att"), features.Context).unsqueeze(1), Attention);
        var pyramid = Correlation.Pyramid(features.First, features.Second);
        for (var level = 0; level < Correlation.Levels; level++)
        {
            Compare($"corr_pyramid_{level}", pyramid[level], Correlations);
        }

        Compare("lookup_out", Correlation.Lookup(pyramid, expected["lookup_coords"], Gma.Radius), Correlations);
    }

    private void CheckFirstIteration(PairFeatures features)
    {
        var (h, w) = (features.Hidden.shape[2], features.Hidden.shape[3]);
        var pyramid = Correlation.Pyramid(features.First, features.Second);
        var attention = Gma.Attention(weights.At("att"), features.Context);
        var update = weights.At("update_block");
        var flow = zeros(1, 2, h, w);
        var corr = Correlation.Lookup(pyramid, Refinement.Grid(h, w, CPU), Gma.Radius);
        Compare("corr_it01", corr, Correlations);
        var motion = UpdateBlock.Motion(update.At("encoder"), corr, flow);
        Compare("motion_it01", motion, Updates);
        Compare("motion_global_it01", Gma.Aggregate(update.At("aggregator"), attention, motion), Updates);
        var (hidden, delta) = Gma.Update(update, Gma.Grus(update.At("gru"), features.Context), attention, (features.Hidden, corr, flow));
        Compare("net_it01", hidden, Updates);
        Compare("delta_flow_it01", delta, Updates);
        Compare("mask_it01", Gma.Mask(update, hidden), Updates);
        Compare("flow_in_it02", flow.Plus(delta), Updates);
        var next = Correlation.Lookup(pyramid, Refinement.Grid(h, w, CPU).Plus(delta), Gma.Radius);
        Compare("motion_it02", UpdateBlock.Motion(update.At("encoder"), next, delta), Updates);
    }

    private void CheckFlows(Tensor first, Tensor second)
    {
        var recurrence = Gma.Network.Prepare(weights, first, second, null, null);
        var all = Refinement.All(recurrence, Iterations);
        for (var i = 1; i <= Iterations; i++)
        {
            Compare($"flow_up_{i:00}", all[i - 1].Full, Flows);
        }

        Compare("flow_low_01", all[0].Low, Flows);
        Compare("flow_low_04", all[3].Low, Flows);
        Compare("flow_low_12", all[11].Low, Flows);
        var last = Refinement.Last(recurrence, Iterations);
        Assert.True(Tensors.SameBits(last.Full, all[11].Full), "the last of all flows is not the flow of Last");
        Compare("flow_up_12_unpadded", Pad().Crop(last.Full), Flows, mayLack: Pad() == default);
        var from = Refinement.Last(recurrence, 3, expected["flow_init"]);
        Compare("init_flow_low_03", from.Low, Flows);
        Compare("init_flow_up_03", from.Full, Flows);
    }

    private void Compare(string name, Tensor actual, double tolerance, bool mayLack = false)
    {
        if (!expected.TryGetValue(name, out var tensor))
        {
            Assert.True(mayLack, $"the reference lacks {name}");
            return;
        }

        Close.To(tensor, Thinned(name, actual), tolerance, 0);
    }

    /// <summary>The elements of a result that the reference keeps: every n-th along each side, as its metadata say.</summary>
    private Tensor Thinned(string name, Tensor full)
    {
        if (!metadata.TryGetValue($"steps.{name}", out var steps))
        {
            return full;
        }

        var dim = 0;
        foreach (var step in steps.Split(',').Select(text => long.Parse(text, CultureInfo.InvariantCulture)))
        {
            full = full.index_select(dim, arange(Held.Of(0), Held.Of(full.shape[dim]), Held.Of(step), ScalarType.Int64));
            dim++;
        }

        return full;
    }

    private FlowPad Pad()
    {
        var sides = metadata["pad"].Split(',').Select(text => int.Parse(text, CultureInfo.InvariantCulture)).ToArray();
        return new FlowPad(sides[0], sides[1], sides[2], sides[3]);
    }

    private (Tensor First, Tensor Second) Pictures() =>
        (Pad().Apply(expected["image1"].to_type(ScalarType.Float32)), Pad().Apply(expected["image2"].to_type(ScalarType.Float32)));
}
