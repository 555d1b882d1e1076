using System.Buffers;
using System.Collections.Immutable;
using System.Text.Json;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>Masks in JSON: <c>{"size": [h, w], "counts": [...] or "..."}</c>, or a list of polygons.</summary>
internal static class MaskJson
{
    private const int MostSide = 1 << 15;
    private const double MostPixels = 1 << 28; // what polygons may reach to
    private const int FewestNumbers = 6;       // of a polygon

    /// <summary>Checks a mask without making it; the reader stands on it, and ends on its last token.</summary>
    /// <param name="json">On the value; null says that there is no mask.</param>
    /// <param name="frame">Size of the frame that polygons are outlines in.</param>
    /// <param name="mask">Null where the value is null or an empty list of polygons.</param>
    public static Flaw? Check(ref JsonReading json, Size2 frame, out StatedMask? mask)
    {
        mask = null;
        if (json.IsNull)
        {
            return null;
        }

        return json.IsArray ? Polygons(ref json, frame, out mask)
            : json.IsObject ? Runs(ref json, out mask)
            : json.Expected("a mask: run lengths {size, counts}, a list of polygons, or null");
    }

    /// <summary>Makes a mask that has been checked.</summary>
    public static Rle Make(ReadOnlySpan<byte> bytes, Size2 frame)
    {
        var json = new JsonReading(bytes);
        json.Json.Read();
        return json.IsArray ? Fill(ref json, frame) : Counts(ref json);
    }

    private static Flaw? Runs(ref JsonReading json, out StatedMask? mask)
    {
        mask = null;
        var start = json.Start;
        var (size, area, sum, form) = (default(Size2), 0L, 0UL, MaskForm.Runs);
        var counts = default(JsonReading);
        var (hasSize, hasCounts) = (false, false);
        while (json.NextName())
        {
            if (json.Json.ValueTextEquals("size"u8))
            {
                json.Json.Read();
                if (SizeOf(ref json, out size) is { } flaw)
                {
                    return flaw.Within(".size");
                }

                hasSize = true;
            }
            else if (json.Json.ValueTextEquals("counts"u8))
            {
                json.Json.Read();
                (form, hasCounts) = (json.IsArray ? MaskForm.Runs : MaskForm.Text, true);
                counts = json;
                if (!json.IsArray && json.Json.TokenType != JsonTokenType.String)
                {
                    return json.Expected("run lengths as an array or as a string").Within(".counts");
                }

                if (json.IsArray && Sum(ref json, out sum, out area) is { } flaw)
                {
                    return flaw.Within(".counts");
                }
            }
            else
            {
                json.Json.Read();
                json.Json.Skip();
            }
        }

        if (!hasSize || !hasCounts)
        {
            return new Flaw(DataFault.MissingMember, "", $"the member \"{(hasSize ? "counts" : "size")}\" is missing", "Add it.");
        }

        if (form == MaskForm.Text)
        {
            switch (FromText(counts.Json, size))
            {
                case Result<Rle, RleError>.Error(var reason):
                    return Bad(reason);
                case Result<Rle, RleError>.Ok(var made):
                    area = Rles.Area(made);
                    break;
            }
        }
        else if (sum != (ulong)size.Area)
        {
            return Bad(new RleError.BadCounts(size, $"they add up to {sum} pixels, not to {size.Area}"));
        }

        mask = new StatedMask(form, size, area, start, json.End - start);
        return null;
    }

    /// <summary>All runs, and those of ones.</summary>
    private static Flaw? Sum(ref JsonReading json, out ulong sum, out long area)
    {
        (sum, area) = (0, 0);
        for (var i = 0; json.NextElement(); i++)
        {
            if (json.Json.TokenType != JsonTokenType.Number || !json.Json.TryGetUInt32(out var count))
            {
                return json.Expected("a run length").Within($"[{i}]") with { Kind = DataFault.BadMask };
            }

            sum += count;
            area += (i & 1) == 1 ? count : 0;
        }

        return null;
    }

    private static Flaw? SizeOf(ref JsonReading json, out Size2 size)
    {
        size = default;
        if (!json.IsArray)
        {
            return json.Expected("[height, width]");
        }

        var sides = (Height: 0, Width: 0);
        for (var i = 0; json.NextElement(); i++)
        {
            if (i == 2)
            {
                return json.Expected("[height, width], two numbers");
            }

            if (json.Count(1, MostSide, out var side) is { } flaw)
            {
                return flaw.Within($"[{i}]");
            }

            sides = i == 0 ? (side, 0) : (sides.Height, side);
        }

        size = new Size2(sides.Height, sides.Width);
        return size.Width > 0 ? null : new Flaw(DataFault.WrongType, "", "expected [height, width]", "Correct it.");
    }

    private static Flaw? Polygons(ref JsonReading json, Size2 frame, out StatedMask? mask)
    {
        mask = null;
        var (start, parts) = (json.Start, 0);
        for (; json.NextElement(); parts++)
        {
            if (!json.IsArray)
            {
                return json.Expected("a polygon: x, y of each corner").Within($"[{parts}]");
            }

            var numbers = 0;
            for (; json.NextElement(); numbers++)
            {
                if (json.Number(out var number) is { } flaw)
                {
                    return flaw.Within($"[{parts}][{numbers}]");
                }

                if (Math.Abs(number) > MostPixels)
                {
                    return Bad(new RleError.BadPolygon(parts, $"number {numbers} is {number}"));
                }
            }

            if (numbers < FewestNumbers || numbers % 2 != 0)
            {
                return Bad(new RleError.BadPolygon(parts, $"it has {numbers} numbers"));
            }
        }

        if (parts > 0 && frame == default)
        {
            return new Flaw(DataFault.MissingMember, "", "a polygon needs a frame's height and width", "Add them.");
        }

        mask = parts == 0 ? null : new StatedMask(MaskForm.Polygons, frame, null, start, json.End - start);
        return null;
    }

    private static Rle Counts(ref JsonReading json)
    {
        var size = default(Size2);
        var counts = default(JsonReading);
        while (json.NextName())
        {
            var isCounts = json.Json.ValueTextEquals("counts"u8);
            var isSize = json.Json.ValueTextEquals("size"u8);
            json.Json.Read();
            if (isSize)
            {
                SizeOf(ref json, out size);
                continue;
            }

            counts = isCounts ? json : counts;
            json.Json.Skip();
        }

        if (!counts.IsArray)
        {
            return FromText(counts.Json, size).OrThrow();
        }

        var runs = ImmutableArray.CreateBuilder<uint>();
        while (counts.NextElement())
        {
            runs.Add(counts.Json.GetUInt32());
        }

        return Rles.FromCounts(runs.ToImmutable(), size).OrThrow();
    }

    private static Rle Fill(ref JsonReading json, Size2 frame)
    {
        var polygons = new List<double[]>();
        var numbers = new List<double>();
        while (json.NextElement())
        {
            numbers.Clear();
            while (json.NextElement())
            {
                numbers.Add(json.Json.GetDouble());
            }

            polygons.Add([.. numbers]);
        }

        return Rles.FromPolygons(polygons, frame).OrThrow();
    }

    private static Result<Rle, RleError> FromText(Utf8JsonReader text, Size2 size)
    {
        var letters = ArrayPool<char>.Shared.Rent(text.ValueSpan.Length);
        try
        {
            return Rles.FromText(letters.AsSpan(0, text.CopyString(letters)), size);
        }
        finally
        {
            ArrayPool<char>.Shared.Return(letters);
        }
    }

    private static Flaw Bad(RleError error) => new(
        DataFault.BadMask, error is RleError.BadPolygon ? "" : ".counts", error.Describe().TrimEnd('.'), "Export the file again.");
}
