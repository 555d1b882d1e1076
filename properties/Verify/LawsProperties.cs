using FsCheck;
using FsCheck.Fluent;
using Motion.Properties.Generators;
using Xunit;

namespace Motion.Properties.Verify;

public sealed class LawsProperties
{
    [Fact, Law]
    public void Hold_AFalseLaw_Throws() => Assert.ThrowsAny<Exception>(() => Laws.Hold(Gen.Choose(0, 100), n => n < 50));

    [Fact, Law]
    public void Hold_Twice_DrawsTheSameCases() => Assert.Equal(Drawn(), Drawn());

    [Fact]
    public void Hold_InAFactThatIsNotLabelled_IsRefused() =>
        Assert.Contains(
            "[Fact, Law]",
            Assert.ThrowsAny<InvalidOperationException>(() => Laws.Hold(Gen.Choose(0, 9), _ => true)).Message,
            StringComparison.Ordinal
        );

    [Fact]
    public void After_AFactThatDrewNothing_IsRefused()
    {
        var (label, fact) = (new LawAttribute(), ((Action)After_AFactThatDrewNothing_IsRefused).Method);
        label.Before(fact);
        Assert.Throws<InvalidOperationException>(() => label.After(fact));
        Laws.Hold(Gen.Choose(0, 9), _ => true);
        label.After(fact);
    }

    private static List<int> Drawn()
    {
        var drawn = new List<int>();
        Laws.Hold(
            Gen.Choose(0, 1_000_000),
            n =>
            {
                drawn.Add(n);
                return true;
            }
        );
        return drawn;
    }
}
