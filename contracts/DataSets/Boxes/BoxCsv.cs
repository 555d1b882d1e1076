using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>
/// Comma-separated boxes: a header row with the columns frame, id, class, x1, y1, x2, y2, in any order, and perhaps clip and crowd; then
/// one row a box. Quotes as in RFC 4180. A frame without a row has no annotation.
/// </summary>
internal static class BoxCsv
{
    private const long MostWhole = 1L << 53; // of what is written with a point or an exponent
    private static readonly string[] Needed = ["frame", "id", "class", "x1", "y1", "x2", "y2"];

    public static Result<BoxFile, DecodeError> Read(string path)
    {
        string text;
        try
        {
            text = InputFile.ReadStrictText(path);
        }
        catch (DecoderFallbackException)
        {
            return new DecodeError.Corrupt(path, "not text in UTF-8", "Save it as CSV in UTF-8.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return JsonFiles.Unreadable(path, e);
        }

        return Rows(path, text)
            .Bind(rows =>
                rows is [var header, ..] && ViaCsv.Is(header.Fields)
                    ? ViaCsv.Read(path, header.Fields, rows.Skip(1).Select(row => (row.Place, (IReadOnlyList<string>)row.Fields)))
                    : Own(path, rows)
            );
    }

    private static Result<BoxFile, DecodeError> Own(string path, IReadOnlyList<Row> rows)
    {
        var texts = new TextIds();
        return from columns in Columns(path, rows)
            from boxes in rows.Skip(1).Select(row => Box(path, columns, row, texts)).Sequence()
            let frames = boxes.Select(box => new StatedFrame(box.Clip, box.Frame, box.Place)).DistinctBy(at => (at.Clip, at.Frame))
            select BoxFile.Settled(new BoxFile(path, [], [.. frames], [.. boxes]), texts);
    }

    private sealed record Row(int Line, ImmutableArray<string> Fields)
    {
        public string Place => $"row {Line}";
    }

    private static Result<ImmutableDictionary<string, int>, DecodeError> Columns(string path, IReadOnlyList<Row> rows)
    {
        if (rows.Count == 0)
        {
            return new DecodeError.BadAnnotation(
                path,
                "row 1",
                "the file is empty",
                $"Begin it with the header row {string.Join(',', Needed)}."
            );
        }

        var names = rows[0].Fields.Select(name => name.ToLowerInvariant()).ToImmutableArray();
        return Needed.FirstOrDefault(name => names.Count(other => other == name) != 1) is { } lacking
            ? new DecodeError.BadAnnotation(
                path,
                rows[0].Place,
                $"the header row must name the column {lacking} once; got {string.Join(',', rows[0].Fields)}",
                $"Begin the file with {string.Join(',', Needed)} (and perhaps clip, crowd)."
            )
            : names.Select((name, i) => (name, i)).DistinctBy(pair => pair.name).ToImmutableDictionary(pair => pair.name, pair => pair.i);
    }

    private static Result<StatedBox, DecodeError> Box(string path, ImmutableDictionary<string, int> columns, Row row, TextIds texts) =>
        row.Fields.Length <= columns.Values.Max()
            ? Wrong(path, row, $"{row.Fields.Length} fields, but the header row names {columns.Values.Max() + 1}")
            : from frame in Whole(path, row, columns, "frame", 0)
            from id in Id(path, row, columns, texts)
            from x1 in Number(path, row, columns, "x1")
            from y1 in Number(path, row, columns, "y1")
            from x2 in Number(path, row, columns, "x2")
            from y2 in Number(path, row, columns, "y2")
            from crowd in columns.ContainsKey("crowd") ? Flag(path, row, columns, "crowd") : Result.Ok<bool, DecodeError>(false)
            from index in frame < int.MaxValue
                ? Result.Ok<int, DecodeError>((int)frame)
                : Wrong(path, row, $"frame {frame} is too large a number")
            let clip = columns.TryGetValue("clip", out var column) ? row.Fields[column] : null
            select new StatedBox(
                clip,
                index,
                id,
                row.Fields[columns["class"]],
                new Box(x1.Rounded, y1.Rounded, x2.Rounded, y2.Rounded),
                new StatedCorners(x1.Stated, y1.Stated, x2.Stated, y2.Stated),
                crowd,
                row.Place
            );

    private static Result<long, DecodeError> Whole(string path, Row row, ImmutableDictionary<string, int> columns, string name, long low) =>
        TryWhole(row.Fields[columns[name]], out var value) && value >= low
            ? value
            : Wrong(path, row, $"{name} must be a whole number{(low == 0 ? " from 0 on" : "")}; got {Show(row.Fields[columns[name]])}");

    /// <summary>A whole number or a text; other numbers, as 1.5, are no ids.</summary>
    private static Result<long, DecodeError> Id(string path, Row row, ImmutableDictionary<string, int> columns, TextIds texts)
    {
        var field = row.Fields[columns["id"]];
        return TryWhole(field, out var value) ? value
            : field.Length == 0
            || (double.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out _) && !field.All(char.IsAsciiDigit))
                ? Wrong(path, row, $"id must be a whole number or a text; got {Show(field)}")
            : texts.Take(field);
    }

    /// <summary>A whole number, also where a table wrote it as 5.0 or 5e0.</summary>
    private static bool TryWhole(string field, out long value)
    {
        if (long.TryParse(field, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value))
        {
            return true;
        }

        var isWhole =
            decimal.TryParse(field, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            && decimal.Truncate(number) == number
            && Math.Abs(number) <= MostWhole;
        value = isWhole ? (long)number : 0;
        return isWhole;
    }

    /// <summary>0 or 1, or a word for it.</summary>
    private static Result<bool, DecodeError> Flag(string path, Row row, ImmutableDictionary<string, int> columns, string name) =>
        bool.TryParse(row.Fields[columns[name]], out var flag) ? flag : Whole(path, row, columns, name, 0).Map(value => value != 0);

    private static Result<(float Rounded, decimal Stated), DecodeError> Number(
        string path,
        Row row,
        ImmutableDictionary<string, int> columns,
        string name
    ) =>
        float.TryParse(row.Fields[columns[name]], NumberStyles.Float, CultureInfo.InvariantCulture, out var value)
        && float.IsFinite(value)
        && decimal.TryParse(row.Fields[columns[name]], NumberStyles.Float, CultureInfo.InvariantCulture, out var stated)
            ? (value, stated)
            : Wrong(path, row, $"{name} must be a finite number (decimal point, not comma); got {Show(row.Fields[columns[name]])}");

    private static DecodeError.BadAnnotation Wrong(string path, Row row, string problem) =>
        new(path, row.Place, problem, "Correct the row.");

    private static string Show(string field) => field.Length == 0 ? "nothing" : $"\"{(field.Length > 60 ? field[..60] + "..." : field)}\"";

    /// <summary>The rows that are not blank, each with the line that it begins on.</summary>
    private static Result<IReadOnlyList<Row>, DecodeError> Rows(string path, string text)
    {
        var rows = new List<Row>();
        var fields = ImmutableArray.CreateBuilder<string>();
        var field = new StringBuilder();
        var (line, begun, quoted, at) = (1, 1, false, 0);
        void EndField()
        {
            fields.Add(field.ToString().Trim());
            field.Clear();
        }

        void EndRow()
        {
            EndField();
            if (fields.Any(value => value.Length > 0))
            {
                rows.Add(new Row(begun, fields.ToImmutable()));
            }

            fields.Clear();
        }

        while (at < text.Length)
        {
            var letter = text[at++];
            line += letter == '\n' ? 1 : 0;
            switch (letter)
            {
                case '"' when quoted && at < text.Length && text[at] == '"':
                    field.Append('"');
                    at++;
                    break;
                case '"':
                    quoted = !quoted;
                    break;
                case ',' when !quoted:
                    EndField();
                    break;
                case '\n' when !quoted:
                    EndRow();
                    begun = line;
                    break;
                default:
                    field.Append(letter);
                    break;
            }
        }

        EndRow();
        return quoted ? new DecodeError.BadAnnotation(path, $"row {begun}", "a quote is not closed", "Close it.") : rows;
    }
}
