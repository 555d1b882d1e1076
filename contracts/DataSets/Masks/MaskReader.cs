using System.Collections.Immutable;
using System.Text.Json;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>
/// Masks in JSON: <c>{"size": [h, w], "counts": [...] or "..."}</c>, or a list of polygons. Runs and corners are unpacked into buffers that
/// grow with what the file holds, and serve a whole reading; the size that it claims is only compared with their sum.
/// </summary>
/// <param name="asPycocotools">Whether polygons of fewer than three corners enclose nothing, and sizes may be 0.</param>
/// <param name="pack">Whether masks are made at once, and packed.</param>
/// <param name="keep">Whether corners are kept; else they are only looked at.</param>
internal sealed class MaskReader(bool asPycocotools, bool pack, bool keep)
{
    private const double MostPixels = 1 << 28; // what polygons may reach to
    private const int FewestNumbers = 6; // of a polygon

    private readonly PackedRle.Packing _packing = new();
    private readonly List<double[]> _polygons = [];
    private readonly List<double> _numbers = [];
    private uint[] _runs = [];
    private byte[] _letters = []; // of the mask at hand, where it is a string
    private int _count; // of its runs
    private int _lettersCount;
    private int _parts; // polygons that enclose something
    private int _degenerate; // and those that do not

    /// <summary>Checks a mask; the reader stands on it, and ends on its last token.</summary>
    /// <param name="json">On the value; null says that there is no mask.</param>
    /// <param name="frame">Size of the frame that polygons are outlines in; 0x0 where that is not known.</param>
    /// <param name="mask">Null where the value is null or, unless masks are packed, an empty list of polygons.</param>
    public Flaw? Check(ref JsonReading json, Size2 frame, out StatedMask? mask)
    {
        mask = null;
        if (json.IsNull)
        {
            return null;
        }

        var start = json.Start;
        if (Read(ref json, out var form, out var size) is { } flaw)
        {
            return flaw;
        }

        if (form != MaskForm.Polygons)
        {
            var runs = _runs.AsSpan(0, _count);
            if (Rles.Problem(runs, size) is { } problem)
            {
                return Bad(new RleError.BadCounts(size, problem));
            }

            mask = new StatedMask(form, size, Rles.Area(runs), start, json.End - start)
            {
                Packed = pack ? _packing.Pack(runs, size, _letters.AsSpan(0, _lettersCount)).OrThrow() : null,
            };
            return null;
        }

        if (!pack && _parts + _degenerate == 0)
        {
            return null;
        }

        if (frame == default && _parts > 0)
        {
            return new Flaw(
                DataFault.MissingMember,
                "",
                "a polygon is filled in an image, but its image has no width and height",
                "Add them."
            );
        }

        mask = new StatedMask(form, frame, null, start, json.End - start) { Degenerate = _degenerate };
        if (pack)
        {
            var filled = Rles.FromPolygons(_polygons, frame).OrThrow();
            mask = mask.Value with { Area = Rles.Area(filled), Packed = PackedRle.Of(filled) };
        }

        return null;
    }

    /// <summary>Makes a mask that has been checked.</summary>
    public static Rle Make(ReadOnlySpan<byte> bytes, Size2 frame)
    {
        var json = new JsonReading(bytes);
        var reader = new MaskReader(asPycocotools: true, pack: false, keep: true);
        json.Json.Read();
        return reader.Read(ref json, out var form, out var size) is { } flaw ? throw new FormatException(flaw.Problem)
            : form == MaskForm.Polygons ? Rles.FromPolygons(reader._polygons, frame).OrThrow()
            : Rles.FromCounts(ImmutableArray.Create(reader._runs.AsSpan(0, reader._count)), size).OrThrow();
    }

    private Flaw? Read(ref JsonReading json, out MaskForm form, out Size2 size)
    {
        (form, size) = (MaskForm.Polygons, default);
        return json.IsArray ? Polygons(ref json)
            : json.IsObject ? Runs(ref json, out form, out size)
            : json.Expected("a mask: run lengths {size, counts}, a list of polygons, or null");
    }

    private Flaw? Runs(ref JsonReading json, out MaskForm form, out Size2 size)
    {
        var (hasSize, hasCounts) = (false, false);
        (form, size, _lettersCount) = (MaskForm.Runs, default, 0);
        while (json.NextName())
        {
            var (isSize, isCounts) = (json.Json.ValueTextEquals("size"u8), json.Json.ValueTextEquals("counts"u8));
            json.Json.Read();
            if (isSize && Sides(ref json, out size) is { } wrong)
            {
                return wrong.Within(".size");
            }

            form = isCounts && !json.IsArray ? MaskForm.Text : form;
            if (isCounts && (json.IsArray ? List(ref json) : Text(ref json)) is { } flaw)
            {
                return flaw.Within(".counts");
            }

            (hasSize, hasCounts) = (hasSize || isSize, hasCounts || isCounts);
            json.Json.Skip();
        }

        return hasSize && hasCounts ? null : Flaw.Missing(hasSize ? "counts" : "size");
    }

    private Flaw? List(ref JsonReading json)
    {
        for (_count = 0; json.NextElement(); _count++)
        {
            if (!json.TryWhole(out var run) || run is < 0 or > uint.MaxValue)
            {
                return json.Expected("a run length, a whole number of 0 or more pixels").Within($"[{_count}]") with
                {
                    Kind = DataFault.BadMask,
                };
            }

            Grow(ref _runs, _count + 1);
            _runs[_count] = (uint)run;
        }

        return null;
    }

    private Flaw? Text(ref JsonReading json)
    {
        if (json.Json.TokenType != JsonTokenType.String)
        {
            return json.Expected("run lengths as an array or as a string");
        }

        Grow(ref _letters, json.Json.ValueSpan.Length);
        Grow(ref _runs, json.Json.ValueSpan.Length);
        _lettersCount = json.Json.CopyString(_letters);
        return Rles.ReadRuns(_letters.AsSpan(0, _lettersCount), _runs, out _count) is { } error ? Bad(error) : null;
    }

    private Flaw? Sides(ref JsonReading json, out Size2 size)
    {
        size = default;
        if (!json.IsArray)
        {
            return json.Expected("[height, width]");
        }

        Span<int> sides = stackalloc int[2];
        var count = 0;
        for (; json.NextElement(); count++)
        {
            if (count < 2 && json.Count(asPycocotools ? 0 : 1, FrameSize.MostSide, out sides[count]) is { } flaw)
            {
                return flaw.Within($"[{count}]");
            }

            json.Json.Skip();
        }

        size = new Size2(sides[0], sides[1]);
        return count == 2 ? null : new Flaw(DataFault.WrongType, "", $"expected [height, width], got {count} numbers", "Correct it.");
    }

    private Flaw? Polygons(ref JsonReading json)
    {
        _polygons.Clear();
        (_parts, _degenerate) = (0, 0);
        for (var part = 0; json.NextElement(); part++)
        {
            if (!json.IsArray)
            {
                return json.Expected("a polygon, itself a list [x0, y0, x1, y1, ...]").Within($"[{part}]");
            }

            for (_numbers.Clear(); json.NextElement(); )
            {
                if (json.Number(out var number) is { } flaw)
                {
                    return flaw.Within($"[{part}][{_numbers.Count}]");
                }

                if (Math.Abs(number) > MostPixels)
                {
                    return Bad(new RleError.BadPolygon(part, $"number {_numbers.Count} is {number}"));
                }

                _numbers.Add(number);
            }

            if (asPycocotools && _numbers.Count is 0 or 2 or 4)
            {
                _degenerate++;
            }
            else if (_numbers.Count < FewestNumbers || _numbers.Count % 2 != 0)
            {
                return Bad(new RleError.BadPolygon(part, $"it has {_numbers.Count} numbers"));
            }
            else
            {
                _parts++;
                _polygons.AddRange(keep ? [_numbers.ToArray()] : []);
            }
        }

        return null;
    }

    private static void Grow<T>(ref T[] array, int length)
    {
        if (array.Length < length)
        {
            Array.Resize(ref array, Math.Max(length, 2 * array.Length));
        }
    }

    private static Flaw Bad(RleError error) =>
        new(DataFault.BadMask, error is RleError.BadCounts ? ".counts" : "", error.Describe().TrimEnd('.'), "Export the file again.");
}

/// <summary>What the frames of a file may measure.</summary>
internal static class FrameSize
{
    /// <summary>What JPEG can hold.</summary>
    public const int MostSide = (1 << 16) - 1;

    private const long MostPixels = 1 << 30;

    /// <summary>What is wrong with a size whose sides are in order; null where nothing is.</summary>
    public static Flaw? Problem(Size2 size) =>
        size.Area <= MostPixels
            ? null
            : new Flaw(DataFault.WrongType, "", $"a frame of {size} has more than {MostPixels} pixels", "Correct it.");
}
