using Motion.Contracts;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Contracts;

public sealed class WeightNamesLaws
{
    [Fact]
    public void Check_TheExpectedNamesAndShapes_GivesTheSameWeights()
    {
        using var weights = Sample();
        Assert.Same(weights, WeightNames.Check(weights, new Dictionary<string, long[]> { ["a"] = [2, 3], ["b.c"] = [] }).OrThrow());
    }

    [Fact]
    public void Check_AnythingElse_ListsAllDifferences()
    {
        using var weights = Sample();
        var result = WeightNames.Check(weights, new Dictionary<string, long[]> { ["z"] = [1], ["a"] = [3, 2], ["d"] = [1] });
        var wrong = Assert.IsType<WeightsError.WrongNames>(Assert.IsType<Result<Weights, WeightsError>.Error>(result).Reason);
        Assert.Equal("the weights are another network's: 2 lacking (d, z); 1 too many (b.c); 1 of another shape (a is [2, 3], must be [3, 2]).", wrong.Describe());
    }

    [Fact]
    public void Describe_HundredsOfNames_ShowsTheFirstFew()
    {
        using var weights = Weights.Of([]);
        var expected = Enumerable.Range(100, 300).ToDictionary(i => $"layer{i}", _ => Array.Empty<long>());
        var text = WeightNames.Check(weights, expected).Match(_ => "", error => error.Describe());
        Assert.Equal("the weights are another network's: 300 lacking (layer100, layer101, layer102, layer103, layer104, layer105, and 294 more).", text);
    }

    private static Weights Sample() => Weights.Of([new("b.c", tensor(1f)), new("a", zeros(2, 3))]);
}
