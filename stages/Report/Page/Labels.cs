using System.Collections.Immutable;
using Motion.Contracts;

namespace Motion.Report.Page;

/// <summary>A text in a picture, in the picture's pixels.</summary>
/// <param name="Text">What it says.</param>
/// <param name="X">Left end.</param>
/// <param name="Baseline">What the letters stand on.</param>
/// <param name="Size">Height of the letters.</param>
/// <param name="Width">Estimated from the number of letters.</param>
internal sealed record Label(string Text, double X, double Baseline, double Size, double Width)
{
    public bool Overlaps(Label other) =>
        X < other.X + other.Width && other.X < X + Width && Baseline - Size < other.Baseline && other.Baseline - other.Size < Baseline;
}

/// <summary>Where the labels of objects go: at their boxes, inside the picture, and not on each other if there is room.</summary>
internal static class Labels
{
    private const double SizeOfWidth = 0.045;
    private const double LeastSize = 9;
    private const double LetterWidth = 0.62; // of a letter's height
    private const double Gap = 3;

    public static ImmutableArray<Label> Place(Shot shot, Func<ShotObject, string> text)
    {
        var placed = ImmutableArray.CreateBuilder<Label>();
        foreach (var item in shot.Drawn)
        {
            var places = Places(item.Box, text(item), shot.Size).ToArray();
            placed.Add(places.FirstOrDefault(place => !placed.Any(place.Overlaps)) ?? places[0]);
        }

        return placed.ToImmutable();
    }

    /// <summary>Above the box, then below it, then inside from its top down.</summary>
    private static IEnumerable<Label> Places(Box box, string text, Size2 picture)
    {
        var size = Math.Max(LeastSize, picture.Width * SizeOfWidth);
        var width = text.Length * size * LetterWidth;
        var x = Math.Max(Gap, Math.Min(box.X1 + 2, picture.Width - width - Gap));
        Label At(double baseline) => new(text, x, Math.Clamp(baseline, size, Math.Max(size, picture.Height - Gap)), size, width);
        yield return At(box.Y1 - Gap);
        yield return At(box.Y2 + size);
        for (var baseline = box.Y1 + size; baseline < box.Y2; baseline += size)
        {
            yield return At(baseline);
        }
    }
}
