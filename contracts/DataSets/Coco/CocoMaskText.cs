using System.Collections.Immutable;
using System.Text.Json;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>A mask as a file has it: run lengths, or polygons, which need the image's size before they can be filled.</summary>
internal readonly record struct WrittenMask(PackedRle? Runs, ImmutableArray<double[]> Polygons, long Area = 0)
{
    /// <summary>Polygon parts that enclose nothing: fewer than three corners. The reference fails at them.</summary>
    public int Degenerate => Polygons.IsDefault ? 0 : Polygons.Count(IsDegenerate);

    /// <summary>The mask in an image, or what is wrong with it.</summary>
    /// <param name="image">Its size; null where the file does not say.</param>
    /// <param name="path">Where the mask is, for the message.</param>
    public (WrittenMask? Mask, ItemProblem? Problem) In(Size2? image, string path)
    {
        if (Runs is { } runs)
        {
            return image is not { } size || runs.Size == size ? (this, null) : (null, new ItemProblem(
                "masks of another size than their image", $"{path}.size", $"the mask is {runs.Size}, its image {size}", "Write [height, width] of the image."));
        }

        if (image is not { } known)
        {
            return (null, new ItemProblem("polygons in images without a size", path, "a polygon is filled in an image, but its image has no width and height", "Add them."));
        }

        return Rles.FromPolygons([.. Polygons.Where(part => !IsDegenerate(part))], known).Match<(WrittenMask?, ItemProblem?)>(
            mask => (Of(mask), null),
            error => (null, new ItemProblem("broken masks", path, error.Describe().TrimEnd('.'), "Export the file again.")));
    }

    /// <summary>A mask that has been made here.</summary>
    public static WrittenMask Of(Rle mask) => new(PackedRle.Of(mask), default, Rles.Area(mask));

    private static bool IsDegenerate(double[] part) => part.Length is 0 or 2 or 4;
}

/// <summary>
/// Reads a mask in each of COCO's three forms. Run lengths are unpacked into a buffer that grows with what the file holds; the size that it claims
/// is only compared with their sum.
/// </summary>
internal sealed class CocoMaskText
{
    private const int MostSide = 1 << 16;

    private readonly PackedRle.Packing _packing = new();
    private uint[] _runs = new uint[1024];
    private byte[] _letters = new byte[1024]; // of the mask at hand, where it is a string
    private int _lettersCount;
    private byte[] _scratch = new byte[1024];

    /// <summary>Reads the mask at which the tokens stand, to its end.</summary>
    public (WrittenMask? Mask, ItemProblem? Problem) Read(ref JsonTokens tokens, string path)
    {
        switch (tokens.Type)
        {
            case JsonTokenType.StartObject:
                return ReadRuns(ref tokens, path);
            case JsonTokenType.StartArray:
                return ReadPolygons(ref tokens, path);
            default:
                return (null, Wrong(ref tokens, path, "a mask: {size, counts} or a list of polygons"));
        }
    }

    private (WrittenMask?, ItemProblem?) ReadRuns(ref JsonTokens tokens, string path)
    {
        Size2? size = null;
        int? count = null;
        ItemProblem? problem = null;
        _lettersCount = 0;
        while (tokens.Read() && tokens.Type == JsonTokenType.PropertyName)
        {
            var (isSize, isCounts) = (tokens.Name.SequenceEqual("size"u8), tokens.Name.SequenceEqual("counts"u8));
            tokens.Read();
            if (isSize)
            {
                size = ReadSize(ref tokens, $"{path}.size", ref problem);
            }
            else if (isCounts)
            {
                count = ReadCounts(ref tokens, path, ref problem);
            }
            else
            {
                tokens.Skip();
            }
        }

        if (problem is null && (size is null || count is null))
        {
            problem = new ItemProblem("broken masks", path, $"a mask has a size and counts; {(size is null ? "size" : "counts")} is missing", "Add it.");
        }

        if (problem is not null)
        {
            return (null, problem);
        }

        var runs = _runs.AsSpan(0, count!.Value);
        var area = Rles.Area(runs);
        return _packing.Pack(runs, size!.Value, _letters.AsSpan(0, _lettersCount)).Match<(WrittenMask?, ItemProblem?)>(
            mask => (new WrittenMask(mask, default, area), null),
            error => (null, new ItemProblem("broken masks", $"{path}.counts", error.Describe().TrimEnd('.'), "Export the file again.")));
    }

    private static Size2? ReadSize(ref JsonTokens tokens, string path, ref ItemProblem? problem)
    {
        Span<long> sides = stackalloc long[2];
        var (count, fine) = (0, tokens.Type == JsonTokenType.StartArray);
        if (!fine)
        {
            problem ??= Wrong(ref tokens, path, "[height, width]");
            tokens.Skip();
            return null;
        }

        for (; tokens.Read() && tokens.Type != JsonTokenType.EndArray; count++)
        {
            if (!tokens.TryWhole(out var side) || side < 0 || side >= MostSide)
            {
                problem ??= Wrong(ref tokens, path, $"[height, width] of 0 to {MostSide - 1} pixels");
                tokens.Skip();
            }

            sides[Math.Min(count, 1)] = side;
        }

        if (count != 2)
        {
            problem ??= new ItemProblem("broken masks", path, $"expected [height, width], got {count} numbers", "Correct it.");
        }

        return problem is null ? new Size2((int)sides[0], (int)sides[1]) : null;
    }

    private int? ReadCounts(ref JsonTokens tokens, string path, ref ItemProblem? problem)
    {
        if (tokens.Type == JsonTokenType.String)
        {
            return ReadText(ref tokens, path, ref problem);
        }

        if (tokens.Type != JsonTokenType.StartArray)
        {
            problem ??= Wrong(ref tokens, $"{path}.counts", "run lengths as an array or as a string");
            tokens.Skip();
            return null;
        }

        var count = 0;
        _lettersCount = 0;
        for (; tokens.Read() && tokens.Type != JsonTokenType.EndArray; count++)
        {
            if (!tokens.TryWhole(out var run) || run is < 0 or > uint.MaxValue)
            {
                problem ??= Wrong(ref tokens, $"{path}.counts[{count}]", "a run length, a whole number of 0 or more pixels");
                tokens.Skip();
            }

            Grow(ref _runs, count + 1);
            _runs[count] = (uint)run;
        }

        return count;
    }

    private int? ReadText(ref JsonTokens tokens, string path, ref ItemProblem? problem)
    {
        if (!tokens.TryText(ref _scratch, out var letters))
        {
            problem ??= Wrong(ref tokens, $"{path}.counts", "letters '0' to 'o'");
            return null;
        }

        Grow(ref _runs, letters.Length);
        Grow(ref _letters, letters.Length);
        letters.CopyTo(_letters);
        _lettersCount = letters.Length;
        if (Rles.ReadRuns(letters, _runs, out var count) is { } error)
        {
            problem ??= new ItemProblem("broken masks", $"{path}.counts", error.Describe().TrimEnd('.'), "Export the file again.");
            return null;
        }

        return count;
    }

    private static void Grow<T>(ref T[] array, int length)
    {
        if (array.Length < length)
        {
            Array.Resize(ref array, Math.Max(length, 2 * array.Length));
        }
    }

    private static (WrittenMask?, ItemProblem?) ReadPolygons(ref JsonTokens tokens, string path)
    {
        ItemProblem? problem = null;
        var parts = ImmutableArray.CreateBuilder<double[]>();
        for (var part = 0; tokens.Read() && tokens.Type != JsonTokenType.EndArray; part++)
        {
            if (tokens.Type != JsonTokenType.StartArray)
            {
                problem ??= Wrong(ref tokens, $"{path}[{part}]", "a polygon, itself a list [x0, y0, x1, y1, ...]");
                tokens.Skip();
                continue;
            }

            parts.Add(ReadPolygon(ref tokens, $"{path}[{part}]", ref problem));
        }

        return problem is null ? (new WrittenMask(null, parts.ToImmutable()), null) : (null, problem);
    }

    private static double[] ReadPolygon(ref JsonTokens tokens, string path, ref ItemProblem? problem)
    {
        var numbers = new List<double>();
        while (tokens.Read() && tokens.Type != JsonTokenType.EndArray)
        {
            if (!tokens.TryNumber(out var number))
            {
                problem ??= Wrong(ref tokens, $"{path}[{numbers.Count}]", "a coordinate in pixels");
                tokens.Skip();
            }

            numbers.Add(number);
        }

        return [.. numbers];
    }

    private static ItemProblem Wrong(ref JsonTokens tokens, string path, string what) => new(
        "broken masks", path, $"expected {what}, got {tokens.Show()}", "Correct it, or export the file again.");
}
