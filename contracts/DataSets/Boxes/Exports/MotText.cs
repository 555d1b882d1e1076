using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>
/// MOTChallenge's text: frame, id, left, top, width, height, whether it counts, class, visibility; frames and pixels from 1. Where a
/// labels.txt lies beside it, CVAT or Datumaro wrote it: its lines name the classes, and pixels count from 0.
/// </summary>
internal static class MotText
{
    /// <summary>The file of names beside a text of CVAT or Datumaro.</summary>
    public const string Labels = "labels.txt";

    /// <summary>The classes that MOTChallenge numbers, from 1.</summary>
    public static readonly ImmutableArray<string> Names =
    [
        "pedestrian",
        "person on vehicle",
        "car",
        "bicycle",
        "motorbike",
        "non motorized vehicle",
        "static person",
        "distractor",
        "occluder",
        "occluder on the ground",
        "occluder full",
        "reflection",
    ];

    public static Result<BoxFile, DecodeError> Read(string path)
    {
        try
        {
            var labels = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, Labels);
            var own = File.Exists(labels) ? InputFile.ReadStrictText(labels).Split('\n').Select(line => line.Trim()).ToArray() : null;
            return Rows(path, InputFile.ReadStrictText(path), own);
        }
        catch (DecoderFallbackException)
        {
            return new DecodeError.Corrupt(path, "not text in UTF-8", "Save it as UTF-8.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return JsonFiles.Unreadable(path, e);
        }
    }

    private static Result<BoxFile, DecodeError> Rows(string path, string text, string[]? labels)
    {
        var rows = new BoxRows(path);
        var line = 0;
        foreach (var row in text.AsSpan().EnumerateLines())
        {
            line++;
            if (row.IsWhiteSpace())
            {
                continue;
            }

            var place = $"row {line}";
            if (Numbers(row) is not { } n)
            {
                var shown = row.Length > 60 ? $"{row[..60]}..." : row.ToString();
                return rows.Wrong(
                    place,
                    $"a row of MOTChallenge is six to ten numbers (frame,id,left,top,width,height,...); got \"{shown}\"",
                    shown.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length == 5
                        ? "Five are YOLO's: name the folder of the set, with its texts, its pictures and the names of its classes."
                        : "Name a file of boxes in one of the forms of docs/data.md."
                );
            }

            if (!IsWhole(n[0]) || n[0] < 1 || n[0] > int.MaxValue || !IsWhole(n[1]))
            {
                return rows.Wrong(place, $"frame and id must be whole numbers, frames from 1; got {n[0]} and {n[1]}", "Correct the row.");
            }

            var first = labels is null ? 1 : 0; // the first pixel
            var box = new TurnedBox(n[2] - first, n[3] - first, n[4], n[5], 0);
            var id = n[1] >= 0 ? (long)n[1] : rows.Alone(); // -1: objects that are not followed
            if (
                rows.Box(
                    null,
                    (int)n[0] - 1,
                    id,
                    ClassOf(n, labels),
                    box.AboutCentre(),
                    place,
                    isCrowd: n[1] >= 0 && n.Length > 6 && n[6] == 0
                ) is
                { } error
            )
            {
                return error;
            }
        }

        return rows.File(
            DataFormat.Mot,
            labels is null
                ? "MOTChallenge's text, frames and pixels from 1"
                : $"MOT text of CVAT or Datumaro ({Labels} lies beside it), frames from 1, pixels from 0"
        );
    }

    private static string ClassOf(double[] numbers, string[]? labels)
    {
        var number = numbers.Length > 7 && IsWhole(numbers[7]) ? numbers[7] : -1;
        IReadOnlyList<string> names = labels ?? (IReadOnlyList<string>)Names;
        return number >= 1 && number <= names.Count && names[(int)number - 1].Length > 0 ? names[(int)number - 1]
            : number >= 1 ? string.Create(CultureInfo.InvariantCulture, $"class {number}")
            : "object";
    }

    private static bool IsWhole(double number) => number == Math.Floor(number) && Math.Abs(number) <= 1L << 53;

    /// <summary>The numbers of a row, by commas or blanks; null where it is none.</summary>
    private static double[]? Numbers(ReadOnlySpan<char> row)
    {
        var fields = row.ToString()
            .Split(
                row.Contains(',') ? ',' : ' ',
                StringSplitOptions.TrimEntries | (row.Contains(',') ? StringSplitOptions.None : StringSplitOptions.RemoveEmptyEntries)
            );
        var numbers = new double[fields.Length];
        for (var i = 0; i < fields.Length; i++)
        {
            if (
                !double.TryParse(fields[i], NumberStyles.Float, CultureInfo.InvariantCulture, out numbers[i])
                || !double.IsFinite(numbers[i])
            )
            {
                return null;
            }
        }

        return numbers.Length is >= 6 and <= 10 ? numbers : null;
    }
}
