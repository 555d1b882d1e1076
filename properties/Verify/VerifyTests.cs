using FsCheck;
using FsCheck.Fluent;
using Motion.Properties.Generators;
using Xunit;

namespace Motion.Properties.Verify;

/// <summary>What motion verify promises of its laws.</summary>
public sealed class VerifyTests
{
    private static readonly LawSeed Seed = LawSeed.Of(7, "law");

    [Fact]
    public void Catalogue_FactsThatDrawCases_AreListedAndGoldenTestsAreNot()
    {
        var names = Catalogue.All().Select(law => law.Name).ToArray();
        Assert.Contains("Same_SwappingThePair_ChangesNothing", names);
        Assert.Contains("Png_WrittenAndRead_IsTheSamePicture", names); // in a class with golden tests
        Assert.Contains("Evaluate_FramesInAnyOrder_SameToTheBit", names); // through a function of its class
        Assert.Contains("ReadMessages_EveryChunking_YieldsTheSameMessagesInOrder", names); // Prop.ForAll
        Assert.DoesNotContain("Wheel_OfPublishedCases_GivesTheSameBytes", names);
        Assert.DoesNotContain("Giou_EqualBoxes", names);
    }

    [Fact]
    public void Catalogue_EveryLaw_HasANameOfItsOwnThatIsASentence() =>
        Assert.All(
            Catalogue.All().GroupBy(law => law.FullName),
            laws =>
            {
                Assert.Single(laws);
                Assert.True(laws.First().Name.Split('_').Length is >= 2 and <= 5, $"{laws.Key} does not say what of what is claimed");
            }
        );

    [Theory]
    [InlineData("same_swapping", 1)]
    [InlineData("PairwiseProperties.Same_", 5)]
    [InlineData("Same_*_ChangesNothing", 2)]
    [InlineData("Loss.*Swapping*", 1)]
    [InlineData("Swapping*", 0)] // a pattern covers the whole name
    public void Names_PartsAndPatterns_FindTheirLaws(string name, int count) =>
        Assert.Equal(count, LawNames.Matching([.. Catalogue.All().Where(law => law.Area == "Loss")], [name]).Length);

    [Fact]
    public async Task FalseLaw_Checked_GivesASmallCounterExampleThatItsSeedDrawsAgain()
    {
        var broken = await Broken(1000, Seed, () => Laws.Hold(Gen.Choose(0, 100_000), n => n < 900));
        var again = await Broken(1, broken.Replay, () => Laws.Hold(Gen.Choose(0, 100_000), n => n < 900));
        Assert.Equal(broken.Original, again.Original);
        Assert.Equal(1, again.Case);
        Assert.InRange(int.Parse(broken.Shrunk), 900, int.Parse(broken.Original));
        Assert.True(broken.Shrinks > 0);
    }

    [Fact]
    public async Task ThrowingLaw_Checked_SaysWhatItThrew() =>
        Assert.Contains(
            "on purpose",
            (await Broken(10, Seed, () => Laws.Hold(Gen.Choose(0, 9), _ => throw new InvalidOperationException("on purpose")))).Why,
            StringComparison.Ordinal
        );

    [Fact]
    public async Task Cases_OfACostlyLaw_AreItsShareOfThoseAskedFor()
    {
        var session = new LawSession(1000, Seed);
        await session.Run(() => Task.Run(() => Laws.Hold(Gen.Choose(0, 9), _ => true, cases: 20)));
        Assert.Equal((200, 0.2), (session.Cases, session.Weight));
    }

    [Fact]
    public async Task Cases_OfOneSeed_AreTheSameAndOfAnotherAreOthers()
    {
        var (first, again, other) = (await Drawn(1), await Drawn(1), await Drawn(2));
        Assert.Equal(first, again);
        Assert.NotEqual(first, other);
    }

    [Fact]
    public async Task Distribution_OfDrawnCases_CountsTheirKinds()
    {
        var session = new LawSession(400, Seed);
        await session.Run(() => Task.Run(() => Laws.Hold(LossCase.Any, _ => true)));
        var shares = session.Distribution.ToDictionary(kind => kind.Kind, kind => kind.Share);
        Assert.InRange(shares["no instance"], 0.07, 0.22); // one in seven
        Assert.InRange(shares["1 image"] + shares["2 images"], 0.999, 1.001);
    }

    [Theory]
    [InlineData("7", true)]
    [InlineData("0x7", true)]
    [InlineData("7,9,3", true)]
    [InlineData("7,8,3", false)] // FsCheck's second number is odd
    [InlineData("-1", false)]
    [InlineData("7,9", false)]
    [InlineData("seven", false)]
    public void Seed_AsTyped_IsReadOrRefused(string text, bool read) => Assert.Equal(read, LawNames.TrySeed(text, out _));

    [Fact, Law]
    public void Smaller_OfAnyValue_AreValuesOfTheGeneratorAndMeasureLess() =>
        Laws.Hold(
            LossCase.Any,
            drawn =>
                Smaller
                    .Of(LossCase.Any)(drawn)
                    .Take(20)
                    .All(smaller => Smaller.Measure(smaller) < Smaller.Measure(drawn) && smaller is { Rows: >= 1, Images: 1 or 2 }),
            cases: 10
        );

    private static async Task<List<int>> Drawn(ulong seed)
    {
        var drawn = new List<int>();
        await new LawSession(30, LawSeed.Of(seed, "law")).Run(() =>
            Task.Run(() =>
                Laws.Hold(
                    Gen.Choose(0, 1_000_000),
                    n =>
                    {
                        drawn.Add(n);
                        return true;
                    }
                )
            )
        );
        return drawn;
    }

    private static async Task<CounterExample> Broken(int runs, LawSeed seed, Action law)
    {
        var thrown = await Assert.ThrowsAnyAsync<Exception>(() => new LawSession(runs, seed).Run(() => Task.Run(law)));
        return Assert.IsType<LawBrokenException>(thrown).Example;
    }
}
