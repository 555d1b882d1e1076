using FsCheck;
using FsCheck.Fluent;
using Motion.Contracts;
using Motion.Properties.Generators;
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
        var result = WeightNames.Check(
            weights,
            new Dictionary<string, long[]>
            {
                ["z"] = [1],
                ["a"] = [3, 2],
                ["d"] = [1],
            }
        );
        var wrong = Assert.IsType<WeightsError.WrongNames>(Assert.IsType<Result<Weights, WeightsError>.Error>(result).Reason);
        Assert.Equal(
            "the weights are another network's: 2 lacking (d, z); 1 too many (b.c); 1 of another shape (a is [2, 3], must be [3, 2]).",
            wrong.Describe()
        );
    }

    [Fact]
    public void Describe_HundredsOfNames_ShowsTheFirstFew()
    {
        using var weights = Weights.Of([]);
        var expected = Enumerable.Range(100, 300).ToDictionary(i => $"layer{i}", _ => Array.Empty<long>());
        var text = WeightNames.Check(weights, expected).Match(_ => "", error => error.Describe());
        Assert.Equal(
            "the weights are another network's: 300 lacking (layer100, layer101, layer102, layer103, layer104, layer105, and 294 more).",
            text
        );
    }

    private static readonly string[] Words = ["module", "model", "backbone", "body", "encoder_q", "ema", "net", "encoder", "student", "0"];

    private static readonly Gen<string> Nestings =
        from words in Gen.ArrayOf(Gen.Elements(Words))
        select string.Concat(words.Take(6).Select(word => word + "."));

    [Fact, Law]
    public void Prefix_OfAnyNesting_IsThatNesting() =>
        Laws.Hold(
            Nestings,
            nesting =>
            {
                string[] network = ["conv1.weight", "layer1.0.conv1.weight", "layer1.0.conv2.weight", "fc.weight"];
                string[] names =
                [
                    .. network.Select(name => nesting + name),
                    "optimizer.conv1.weight",
                    "queue",
                    $"other.{nesting}conv1.weight",
                ];
                return WeightNames.Prefix(names, name => name, network.ToHashSet(StringComparer.Ordinal)) == nesting;
            }
        );

    [Fact]
    public void Prefix_OfTwoCopies_IsThatOfTheOneThatIsTrained()
    {
        HashSet<string> network = ["conv1.weight", "conv2.weight"];
        foreach (
            var (trained, follower) in new[]
            {
                ("module.encoder_q.", "module.encoder_k."),
                ("model.", "ema."),
                ("student.", "teacher."),
                ("", "ema."),
            }
        )
        {
            var names = network.SelectMany(name => new[] { follower + name, trained + name });
            Assert.Equal(trained, WeightNames.Prefix(names, name => name, network));
        }
    }

    [Fact, Law]
    public void Unwrapped_OfAnyNestingOfWrappers_IsThePlainName() =>
        Laws.Hold(
            from inner in Gen.ArrayOf(Gen.Elements("_orig_mod.", "_fsdp_wrapped_module.", "_checkpoint_wrapped_module."))
            from outer in Gen.ArrayOf(Gen.Elements("module.", "_orig_mod."))
            select (string.Concat(outer.Take(5)), string.Concat(inner.Take(4))),
            wrapping =>
            {
                using var wrapped = Weights.Of([
                    new($"{wrapping.Item1}a.{wrapping.Item2}b.weight", tensor(1f)),
                    new($"{wrapping.Item1}c", tensor(2f)),
                ]);
                return WeightNames.Unwrapped(wrapped).Weights.All.Select(pair => pair.Key).SequenceEqual(["a.b.weight", "c"]);
            }
        );

    [Fact]
    public void Unwrapped_WhereTwoWouldBecomeOne_StaysAsItIs()
    {
        using var weights = Weights.Of([new("_orig_mod.a", tensor(1f)), new("a", tensor(2f)), new("my_orig_mod.b", tensor(3f))]);
        Assert.Same(weights, WeightNames.Unwrapped(weights).Weights);
    }

    private static Weights Sample() => Weights.Of([new("b.c", tensor(1f)), new("a", zeros(2, 3))]);
}
