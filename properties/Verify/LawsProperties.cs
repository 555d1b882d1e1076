using FsCheck;
using FsCheck.Fluent;
using Motion.Properties.Generators;
using Xunit;

namespace Motion.Properties.Verify;

public sealed class LawsProperties
{
    [Fact]
    public void Hold_AFalseLaw_Throws() => Assert.ThrowsAny<Exception>(() => Laws.Hold(Gen.Choose(0, 100), n => n < 50));

    [Fact]
    public void Hold_Twice_DrawsTheSameCases() => Assert.Equal(Drawn(), Drawn());

    private static List<int> Drawn()
    {
        var drawn = new List<int>();
        Laws.Hold(Gen.Choose(0, 1_000_000), n =>
        {
            drawn.Add(n);
            return true;
        });
        return drawn;
    }
}
