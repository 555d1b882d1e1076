using FsCheck.Fluent;
using Motion.Contracts;
using Motion.Decode;
using Motion.Flow;
using Motion.Forward;
using Motion.Properties.Generators;
using Xunit;

namespace Motion.Properties.Contracts;

/// <summary>Ranges stand at the settings; whoever makes a stage is told of each that is broken, by its path.</summary>
public sealed class OptionRulesLaws
{
    [Fact, Law]
    public void Broken_OfAnyPrior_IsWhatIsNotBetweenNoneAndOne() =>
        Laws.Hold(
            Gen.Frequency((9, Gen.Choose(-20, 40).Select(twentieth => twentieth / 20.0)), (1, Gen.Constant(double.NaN))),
            prior =>
                OptionRules
                    .Broken(new ForwardOptions { Head = new() { Prior = prior } })
                    .Select(rule => rule.Setting)
                    .SequenceEqual(prior is > 0 and < 1 ? [] : ["head.prior"])
        );

    [Fact]
    public void Broken_OfDefaults_IsNothing() =>
        Assert.All(
            new object[] { new ForwardOptions(), new DecodeOptions(), new FlowOptions() },
            options => Assert.Empty(OptionRules.Broken(options))
        );

    [Fact]
    public void Broken_OfSeveral_TellsEachWithWhatItMustBe() =>
        Assert.Equal(
            ["every must be in 1 .. 1000000; got 0", "shortest must be in 8 .. 65535; got 3"],
            OptionRules.Broken(new DecodeOptions { Every = 0, Shortest = 3 }).Select(rule => $"{rule.Setting} {rule.Problem}").Order()
        );
}
