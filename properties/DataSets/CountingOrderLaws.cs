using FsCheck.Fluent;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Decode;
using Motion.Properties.Decode;
using Motion.Properties.Generators;
using Xunit;

namespace Motion.Properties.DataSets;

/// <summary>Names sort as people count, in every source.</summary>
public sealed class CountingOrderLaws
{
    private static readonly FsCheck.Gen<string> Name = Gen.Elements(
            "a",
            "b",
            "-",
            "_",
            ".",
            "0",
            "00",
            "1",
            "2",
            "9",
            "10",
            "09",
            "99999999999999999999",
            "frame"
        )
        .ListOf()
        .Select(parts => string.Concat(parts));

    [Fact, Law]
    public void Names_OfAnyKind_HaveOneOrder() =>
        Laws.Hold(
            Name.Three(),
            names =>
            {
                var (a, b, c) = names;
                var order = CountingOrder.Names;
                int Of(string x, string y) => Math.Sign(order.Compare(x, y));
                return Of(a, b) == -Of(b, a) && (Of(a, b) == 0) == (a == b) && !(Of(a, b) <= 0 && Of(b, c) <= 0 && Of(a, c) > 0);
            },
            2000
        );

    [Fact, Law]
    public void Names_ThatDifferByANumber_SortByIt() =>
        Laws.Hold(
            Gen.Choose(0, 20000).Two().SelectMany(pair => Gen.Choose(0, 6).Two().Select(widths => (pair, widths))),
            drawn =>
            {
                var ((a, b), (wideA, wideB)) = drawn;
                string Of(int number, int width) =>
                    $"clip7_{number.ToString($"D{width}", System.Globalization.CultureInfo.InvariantCulture)}.png";
                return a == b || Math.Sign(CountingOrder.Files.Compare(Of(a, wideA), Of(b, wideB))) == Math.Sign(a.CompareTo(b));
            }
        );

    [Theory]
    [InlineData("1.png 2.png 3.png 4.png 5.png 6.png 7.png 8.png 9.png 10.png")]
    [InlineData("frame_9998.jpg frame_9999.jpg frame_10000.jpg frame_10001.jpg")]
    [InlineData("1.png 1-b.png 2.png")]
    public void Pictures_AreReadInThatOrder(string names)
    {
        using var folder = new TemporaryFolder();
        foreach (var name in names.Split(' '))
        {
            folder.Write($"set/cow/{name}", Samples.PngOf(1, new Size2(4, 4)));
        }

        var set = SetText.Open(folder["set"]);
        Assert.Equal(names.Split(' '), set.Videos[0].Files.Select(file => Path.GetFileName(file)));
        Assert.Equal(names.Split(' '), ClipFolders.Find(folder["set"], null).OrThrow()[0].Pictures.Select(file => Path.GetFileName(file)));
    }

    [Theory]
    [InlineData("00.png 01.png 02.png", "")]
    [InlineData("00.png 05.png 10.png", "")]
    [InlineData("8.png 9.png 10.png", "mixed widths")]
    [InlineData("00.png 01.png 03.png", "missing between")]
    [InlineData("a.png b.png", "no number")]
    public void Inspect_ListingOfUnclearOrder_SaysSo(string names, string word)
    {
        using var folder = new TemporaryFolder();
        foreach (var name in names.Split(' '))
        {
            folder.Write($"set/cow/{name}", Samples.PngOf(1, new Size2(4, 4)));
        }

        var notes = DataInspect.Run(folder["set"], new DataPlace()).OrThrow().Notes;
        Assert.Equal(word.Length > 0, notes.Any(note => note.Contains(word, StringComparison.Ordinal) && word.Length > 0));
        Assert.True(word.Length > 0 || notes.IsEmpty);
    }
}
