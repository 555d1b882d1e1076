using System.Collections.Immutable;

namespace Motion.DataSets;

/// <summary>
/// Names in the order in which people count: numbers in them by their value (1, 2, 10; frame_9999 before frame_10000), everything else
/// letter by letter. Names that count the same come as their letters do, so that the order is one of all names.
/// </summary>
internal sealed class CountingOrder : IComparer<string>
{
    private CountingOrder() { }

    /// <summary>The one order of names.</summary>
    public static CountingOrder Names { get; } = new();

    /// <summary>Of files: by the name without its ending first, so that 1.png comes before 1-b.png.</summary>
    public static IComparer<string> Files { get; } = Comparer<string>.Create(OfFiles);

    public int Compare(string? x, string? y) =>
        (x, y) switch
        {
            (null, null) => 0,
            (null, _) => -1,
            (_, null) => 1,
            var (a, b) => Counted(a, b) is not 0 and var order ? order : string.CompareOrdinal(a, b),
        };

    private static int OfFiles(string x, string y) =>
        Counted(Folder(x), Folder(y)) is not 0 and var folder ? folder
        : Counted(Path.GetFileNameWithoutExtension(x.AsSpan()), Path.GetFileNameWithoutExtension(y.AsSpan())) is not 0 and var stem ? stem
        : Names.Compare(x, y);

    private static ReadOnlySpan<char> Folder(string file) => Path.GetDirectoryName(file.AsSpan());

    private static int Counted(ReadOnlySpan<char> a, ReadOnlySpan<char> b)
    {
        while (!a.IsEmpty && !b.IsEmpty)
        {
            var (digitsA, digitsB) = (Digits(a), Digits(b));
            var order = digitsA > 0 && digitsB > 0 ? ByValue(a[..digitsA], b[..digitsB]) : a[0].CompareTo(b[0]);
            if (order != 0)
            {
                return order;
            }

            a = a[Math.Max(1, digitsA)..];
            b = b[Math.Max(1, digitsB)..];
        }

        return a.Length.CompareTo(b.Length);
    }

    /// <summary>How many digits a text begins with.</summary>
    public static int Digits(ReadOnlySpan<char> text) => text.IndexOfAnyExceptInRange('0', '9') is >= 0 and var other ? other : text.Length;

    private static int ByValue(ReadOnlySpan<char> a, ReadOnlySpan<char> b)
    {
        a = a.TrimStart('0');
        b = b.TrimStart('0');
        return a.Length != b.Length ? a.Length.CompareTo(b.Length) : a.SequenceCompareTo(b);
    }
}

/// <summary>What is not clear of the order of a clip's pictures.</summary>
internal static class ListedOrder
{
    private const int MostShown = 3;

    /// <summary>A sentence for each kind of doubt, with the clips that it is about.</summary>
    public static ImmutableArray<string> Doubts(IReadOnlyList<SetVideo> videos)
    {
        var clips = videos.Where(video => video.Files.Length > 1).Select(video => (video.Name, Files: video.Files)).ToArray();
        return
        [
            .. Told(clips, MixedWidths, "numbers of mixed widths, put in the order of counting"),
            .. Told(clips, Gap, "numbers that are missing between two pictures, which count as neighbours"),
            .. Told(clips, Unnumbered, "pictures whose names hold no number, put in the order of the alphabet"),
            .. Told(clips, Against, "pictures that the file lists in another order than their names count; the file's order holds"),
        ];
    }

    private static IEnumerable<string> Told(
        (string Name, ImmutableArray<string> Files)[] clips,
        Func<ImmutableArray<string>, string?> doubt,
        string what
    )
    {
        var found = clips.Select(clip => (clip.Name, Example: doubt(clip.Files))).Where(clip => clip.Example is not null).ToArray();
        return found.Length == 0
            ? []
            :
            [
                $"order of frames: {found.Length} of {clips.Length} clips {(found.Length == 1 ? "has" : "have")} {what} ("
                    + string.Join("; ", found.Take(MostShown).Select(clip => $"{clip.Name}: {clip.Example}"))
                    + (found.Length > MostShown ? "; ..." : "")
                    + ")",
            ];
    }

    private static string? MixedWidths(ImmutableArray<string> files) =>
        InOrder(files)
        && !files.Zip(files.Skip(1)).All(pair => string.CompareOrdinal(Path.GetFileName(pair.First), Path.GetFileName(pair.Second)) <= 0)
            ? $"{Path.GetFileName(files[0])} to {Path.GetFileName(files[^1])}"
            : null;

    /// <summary>The widest step where most are narrower: every fifth frame of a video is no gap, one that lacks is.</summary>
    private static string? Gap(ImmutableArray<string> files)
    {
        var numbers = files.Select(Number).ToArray();
        if (numbers.Length < 3 || numbers.Any(number => number is null))
        {
            return null;
        }

        var steps = numbers.Zip(numbers.Skip(1), (a, b) => b!.Value - a!.Value).ToArray();
        var usual = steps.Where(step => step > 0).DefaultIfEmpty(0).Min();
        return Array.FindIndex(steps, step => step > usual) is >= 0 and var at
            ? $"{Path.GetFileName(files[at])}, then {Path.GetFileName(files[at + 1])}"
            : null;
    }

    private static string? Unnumbered(ImmutableArray<string> files) =>
        files.FirstOrDefault(file => Number(file) is null) is { } without ? Path.GetFileName(without) : null;

    private static string? Against(ImmutableArray<string> files) =>
        !InOrder(files)
            ? files
                .Zip(files.Skip(1))
                .Where(pair => CountingOrder.Files.Compare(pair.First, pair.Second) > 0)
                .Select(pair => $"{Path.GetFileName(pair.First)} before {Path.GetFileName(pair.Second)}")
                .First()
            : null;

    private static bool InOrder(ImmutableArray<string> files) =>
        files.Zip(files.Skip(1)).All(pair => CountingOrder.Files.Compare(pair.First, pair.Second) <= 0);

    /// <summary>The last number of a name.</summary>
    private static long? Number(string file)
    {
        var stem = Path.GetFileNameWithoutExtension(file);
        var end = stem.AsSpan().LastIndexOfAnyInRange('0', '9') + 1;
        var start = stem.AsSpan(0, end).LastIndexOfAnyExceptInRange('0', '9') + 1;
        return end > start && long.TryParse(stem.AsSpan(start, end - start), out var number) ? number : null;
    }
}
