using System.Collections.Immutable;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>A picture whose values are object numbers, 0 being the background.</summary>
internal static class LabelMap
{
    /// <summary>One object of a label map: its number, its tight box (right and bottom exclusive), its mask.</summary>
    public readonly record struct Labelled(int Value, Box Box, Rle Mask);

    /// <summary>The objects that occur, by number. <paramref name="labels"/>: [H, W] row-major.</summary>
    public static ImmutableArray<Labelled> Objects(ReadOnlySpan<byte> labels, Size2 size)
    {
        var bounds = new (int Left, int Top, int Right, int Bottom)[256];
        Array.Fill(bounds, (int.MaxValue, int.MaxValue, 0, 0));
        for (var (y, at) = (0, 0); y < size.Height; y++)
        {
            for (var x = 0; x < size.Width; x++, at++)
            {
                if (labels[at] is not 0 and var label)
                {
                    ref var b = ref bounds[label];
                    b = (Math.Min(b.Left, x), Math.Min(b.Top, y), Math.Max(b.Right, x + 1), y + 1);
                }
            }
        }

        var mask = new byte[labels.Length];
        var objects = ImmutableArray.CreateBuilder<Labelled>();
        for (var value = 1; value < bounds.Length; value++)
        {
            if (bounds[value] is ({ } left, { } top, > 0 and var right, { } bottom))
            {
                for (var i = 0; i < mask.Length; i++)
                {
                    mask[i] = labels[i] == value ? (byte)1 : (byte)0;
                }

                objects.Add(new Labelled(value, new Box(left, top, right, bottom), Rles.Encode(mask, size)));
            }
        }

        return objects.ToImmutable();
    }
}
