using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>
/// YOLO's text, a file a picture: rows of class, centre and size of a box as shares of the picture (or of an outline's corners). The texts
/// stand in labels, where pictures stand in images, or beside their pictures; names of classes in data.yaml, classes.txt or obj.names.
/// </summary>
internal static class Yolo
{
    private const double MostShare = 2; // beyond it numbers are pixels
    private static readonly string[] LabelFolders = ["labels", "obj_train_data", "obj_valid_data", "obj_test_data"];
    private static readonly string[] Halves = ["train", "val", "valid", "test"];
    private static readonly string[] NoLabels = ["classes.txt", "labels.txt", "train.txt", "val.txt", "valid.txt", "test.txt"];

    /// <summary>A text, the folder that names of pictures in it are relative to, and the split that it is of.</summary>
    private sealed record Text(string File, string Base, string? Split)
    {
        /// <summary>Name of the picture without its ending.</summary>
        public string Picture => Path.ChangeExtension(Path.GetRelativePath(Base, File), null).Replace('\\', '/');
    }

    public static bool Is(string folder) => Texts(folder).Length > 0;

    /// <summary>Reads a folder of them.</summary>
    /// <param name="folder">That of the set, of one of its splits, or of its texts.</param>
    /// <param name="split">A split by its name; null for the only one.</param>
    public static Result<BoxFile, DecodeError> Read(string folder, string? split)
    {
        var all = Texts(folder);
        var splits = all.Select(text => text.Split).Distinct().ToArray();
        var texts = split is null ? all : [.. all.Where(text => text.Split is { } own && SetPlaces.Aliases(split).Contains(own))];
        return texts.Length == 0
                ? new DecodeError.Missing(
                    folder,
                    split is null ? "labels/NAME.txt" : $"the texts of the split {split} ({string.Join(", ", splits.OfType<string>())})"
                )
            : split is null && splits.Length > 1
                ? new DecodeError.BadSetting(
                    "split",
                    $"{folder} holds the texts of {string.Join(", ", splits.Select(one => one ?? "no split"))}",
                    "Name one: --split, or give its folder."
                )
            : from names in YoloNames.Find(folder, texts[0].File) from file in Rows(folder, texts, names) select file;
    }

    /// <summary>The texts that are about pictures: those in a folder labels, and those beside a picture of their name.</summary>
    private static Text[] Texts(string folder)
    {
        var root = Path.GetFullPath(folder).TrimEnd('/');
        var own = root.Split('/');
        return
        [
            .. BoxFolders
                .FilesOf(root, ".txt")
                .Where(file => !NoLabels.Contains(Path.GetFileName(file)))
                .Select(file => Of(root, own, file))
                .OfType<Text>(),
        ];
    }

    private static Text? Of(string root, string[] own, string file)
    {
        var parts = Path.GetDirectoryName(file)!.Split('/');
        var at = Array.FindLastIndex(parts, part => LabelFolders.Contains(part));
        if (at >= Math.Max(0, own.Length - 2)) // the folder itself, or the one above it, may be that of the texts
        {
            var below = at + 1 < parts.Length && Halves.Contains(parts[at + 1]);
            var split =
                below ? parts[at + 1]
                : parts[at].StartsWith("obj_", StringComparison.Ordinal) ? parts[at][4..^5]
                : Halves.Contains(parts[at - 1]) ? parts[at - 1]
                : null;
            return new Text(file, string.Join('/', parts[..(at + (below ? 2 : 1))]), split);
        }

        var half = parts.Length > own.Length && Halves.Contains(parts[own.Length]) ? parts[own.Length] : null;
        return PictureOf(file) is null ? null : new Text(file, half is null ? root : Path.Combine(root, half), half);
    }

    private static string? PictureOf(string text) =>
        new[] { ".jpg", ".jpeg", ".png", ".JPG", ".PNG", ".JPEG" }
            .Select(ending => Path.ChangeExtension(text, ending))
            .FirstOrDefault(File.Exists);

    /// <summary>Where the pictures of a folder of texts are; null where there are none.</summary>
    private static string? PicturesOf(Text text)
    {
        if (PictureOf(text.File) is not null)
        {
            return text.Base;
        }

        var parts = text.Base.Split('/');
        var at = Array.LastIndexOf(parts, "labels");
        if (at < 0)
        {
            return null;
        }

        parts[at] = "images";
        return string.Join('/', parts) is var beside && Directory.Exists(beside) ? beside : null;
    }

    private static Result<BoxFile, DecodeError> Rows(string folder, Text[] texts, ImmutableArray<string> names)
    {
        var rows = new BoxRows(folder);
        var frameOf = rows.Pictures(texts.Select(text => text.Picture));
        foreach (var text in texts)
        {
            var (frame, name) = (frameOf[text.Picture], Path.GetRelativePath(Path.GetFullPath(folder), text.File));
            rows.Frame(null, frame, name);
            string all;
            try
            {
                all = InputFile.ReadStrictText(text.File);
            }
            catch (DecoderFallbackException)
            {
                return new DecodeError.Corrupt(text.File, "not text in UTF-8", "Save it as UTF-8.");
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return JsonFiles.Unreadable(text.File, e);
            }

            var line = 0;
            foreach (var row in all.AsSpan().EnumerateLines())
            {
                line++;
                if (!row.IsWhiteSpace() && Row(rows, row.ToString(), frame, $"{name} row {line}", names) is { } error)
                {
                    return error;
                }
            }
        }

        return rows.File(DataFormat.Yolo, "YOLO's text") with
        {
            Categories = names,
            InPercent = true,
            PicturesWithoutEnding = true,
            AbsentIsEmpty = true,
            PicturesIn = PicturesOf(texts[0]),
            Files = [.. texts.Select(text => text.File)],
        };
    }

    private static DecodeError? Row(BoxRows rows, string row, int frame, string place, ImmutableArray<string> names)
    {
        var fields = row.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        var n = new double[fields.Length];
        for (var i = 0; i < n.Length; i++)
        {
            if (!double.TryParse(fields[i], NumberStyles.Float, CultureInfo.InvariantCulture, out n[i]) || !double.IsFinite(n[i]))
            {
                n = [];
            }
        }

        if (n.Length < 5 || (n.Length > 6 && n.Length % 2 == 0))
        {
            return rows.Wrong(
                place,
                $"a row of YOLO is class, centre x, centre y, width, height, or a class and the corners of an outline; got {BoxRows.Show(row.Trim())}",
                "Correct the row; to read the pictures alone say --format davis."
            );
        }

        if (n[0] != Math.Floor(n[0]) || n[0] < 0 || n[0] >= names.Length)
        {
            return rows.Wrong(
                place,
                $"the class {n[0].ToString(CultureInfo.InvariantCulture)} is none of the {names.Length} that are named, which count from 0",
                "Correct it, or name the class."
            );
        }

        if (n.Skip(1).Take(n.Length == 6 ? 4 : int.MaxValue).Any(value => Math.Abs(value) > MostShare))
        {
            return rows.Wrong(
                place,
                $"numbers of YOLO are shares of the picture, from 0 to 1; got {BoxRows.Show(row.Trim())}",
                "Divide x by the width of the picture and y by its height."
            );
        }

        var box =
            n.Length <= 6 ? new TurnedBox(100 * (n[1] - (n[3] / 2)), 100 * (n[2] - (n[4] / 2)), 100 * n[3], 100 * n[4], 0) : OfOutline(n);
        if (n.Length == 6)
        {
            rows.PassOver("sixth numbers of a row (confidences, or tracks)");
        }

        return rows.Percent(null, frame, rows.Alone(), names[(int)n[0]], box, place);
    }

    private static TurnedBox OfOutline(double[] n)
    {
        var (x, y) = (n.Skip(1).Where((_, i) => i % 2 == 0).ToArray(), n.Skip(1).Where((_, i) => i % 2 == 1).ToArray());
        return new TurnedBox(100 * x.Min(), 100 * y.Min(), 100 * (x.Max() - x.Min()), 100 * (y.Max() - y.Min()), 0);
    }
}
