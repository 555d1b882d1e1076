using Motion.Contracts;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Contracts;

public sealed class WeightsLaws
{
    [Fact]
    public void With_AnEqualTensor_HoldsTheNewOne()
    {
        using var scope = NewDisposeScope();
        var (before, after) = (ones(3), ones(3));
        var weights = Weights.Of([KeyValuePair.Create("a", before)]);
        Assert.Same(after, weights.With([KeyValuePair.Create("a", after)])["a"]);
        Assert.Same(before, weights["a"]);
    }
}
