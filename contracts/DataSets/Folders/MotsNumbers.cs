using System.Collections.Immutable;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>
/// MOTS and KITTI-MOTS: greys of 16 bits, each a class and an object of it, class * 1000 + object (1 a car, 2 a pedestrian); 10000 is a
/// region to ignore.
/// </summary>
internal static class MotsNumbers
{
    private const int PerClass = 1000;
    private const int Ignored = 10; // its class
    private const int MostObjects = 254;

    /// <summary>The classes, by their numbers from 1.</summary>
    public static ImmutableArray<string> Classes { get; } = ["car", "pedestrian"];

    /// <summary>
    /// Whether the first annotation picture of these folders that holds numbers beyond a byte holds numbers of this kind.
    /// </summary>
    public static bool Are(IEnumerable<string> folders)
    {
        foreach (
            var file in folders.Where(Directory.Exists).SelectMany(folder => Directory.GetFiles(folder, "*.png").Order(CountingOrder.Files))
        )
        {
            switch (PictureFiles.Labels(file))
            {
                case Result<PngImage, DecodeError>.Ok({ Depth: 16, Kind: PngKind.Grey } png) when png.Deep.Max() > byte.MaxValue:
                    return Holds(png.Deep);
                case Result<PngImage, DecodeError>.Ok({ Depth: 16 }):
                    break; // nothing in it yet
                default:
                    return false;
            }
        }

        return false;
    }

    /// <summary>Whether all numbers are of a class from 1 to 9, or of a region to ignore.</summary>
    public static bool Holds(ReadOnlySpan<ushort> numbers)
    {
        foreach (var number in numbers)
        {
            if (number is not 0 and (< PerClass or >= (Ignored + 1) * PerClass))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>The class of an object, from 1.</summary>
    public static int ClassOf(int number) => number / PerClass;

    /// <summary>The objects of a picture, regions to ignore left out; or what is wrong with it.</summary>
    public static Result<ImmutableArray<LabelMap.Labelled>, string> Objects(ushort[] numbers, Size2 size)
    {
        var own = numbers.Where(number => number != 0 && number / PerClass != Ignored).Distinct().Order().ToArray();
        if (own.Length > MostObjects)
        {
            return $"it has {own.Length} objects, and at most {MostObjects} are read";
        }

        var place = own.Index().ToDictionary(pair => pair.Item, pair => (byte)(pair.Index + 1));
        var labels = Array.ConvertAll(numbers, number => place.GetValueOrDefault(number));
        return LabelMap.Objects(labels, size).Select(o => o with { Value = own[o.Value - 1] }).ToImmutableArray();
    }
}
