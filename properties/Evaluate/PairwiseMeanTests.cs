using Motion.Evaluate;
using Xunit;

namespace Motion.Properties.Evaluate;

public sealed class PairwiseMeanTests
{
    /// <summary>numpy 1.24.2: np.mean of (i * 0.6180339887498949) % 1 for i from 1 to n; the same doubles.</summary>
    [Theory]
    [InlineData(1, 0.6180339887498949)]
    [InlineData(7, 0.4721359549995796)]
    [InlineData(8, 0.5311529493745271)]
    [InlineData(9, 0.5346143881939189)]
    [InlineData(100, 0.5007164318696926)]
    [InlineData(127, 0.4990571697570534)]
    [InlineData(128, 0.4960047743682213)]
    [InlineData(129, 0.497790664092006)]
    [InlineData(1010, 0.5003397289134575)]
    [InlineData(1361, 0.49980908665785556)]
    [InlineData(103080, 0.5000055457975717)]
    public void Mean_OfAnyLength_IsNumpysToTheLastBit(int length, double expected) =>
        Assert.Equal(expected, PairwiseMean.Of(Enumerable.Range(1, length).Select(i => i * 0.6180339887498949 % 1).ToArray()));

    [Fact]
    public void Mean_OfNothing_IsUndefined() => Assert.Equal(-1, PairwiseMean.Of([]));
}
