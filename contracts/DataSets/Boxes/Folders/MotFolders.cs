using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>
/// MOTChallenge as it is published: a folder for each sequence with gt/gt.txt, det/det.txt, img1 and seqinfo.ini, itself, in a folder of
/// them, or in train of one. A sequence is a clip; its size and length are those of its pictures, else what seqinfo.ini says.
/// </summary>
internal static class MotFolders
{
    private const string Info = "seqinfo.ini";
    private static readonly string[] Halves = ["train", "val", "valid", "test"];

    public static bool Is(string folder) => IsSequence(folder) || Sequences(folder).Length > 0 || Splits(folder).Length > 0;

    public static Result<BoxFile, DecodeError> Read(string folder, string? split)
    {
        var splits = Splits(folder);
        var chosen = split is null
            ? splits is [var only]
                ? Path.Combine(folder, only)
                : folder
            : SetPlaces.Aliases(split).Select(name => Path.Combine(folder, name)).FirstOrDefault(Directory.Exists);
        if (chosen is null)
        {
            return new DecodeError.Missing(Path.Combine(folder, split!), $"the sequences of the split {split}");
        }

        if (split is null && splits.Length > 1)
        {
            return new DecodeError.BadSetting(
                "split",
                $"{folder} holds the sequences of {string.Join(", ", splits)}",
                "Name one: --split (of a run: name its folder)."
            );
        }

        var found = IsSequence(chosen) ? [chosen] : Sequences(chosen);
        if (found.Length == 0)
        {
            return new DecodeError.Missing(chosen, "SEQUENCE/gt/gt.txt");
        }

        var unknown = IsSequence(chosen)
            ? 0
            : Directory.GetDirectories(chosen).Count(one => !IsSequence(one) && File.Exists(Path.Combine(one, "det", "det.txt")));
        return from file in BoxFolders.Together(chosen, [.. found.Select(one => (NameOf(one), Path.Combine(one, "gt", "gt.txt")))])
            from infos in found.Select(one => About(one, IsSequence(chosen))).Sequence()
            select file with
            {
                Notes =
                    unknown == 0
                        ? file.Notes
                        : file.Notes.Add(
                            $"{unknown} sequences have detections (det/det.txt) and no truth (gt/gt.txt), and are passed over"
                        ),
                About = infos.Any(video => video is null)
                    ? null
                    : new DataSet(chosen, DataFormat.Davis, [], [.. infos.Select((video, i) => video! with { Id = i + 1 })], false, chosen)
                    {
                        ByVideo = (_, _, _) => default(Unit),
                        Tracks = (_, _, _) => default(Unit),
                    },
            };
    }

    private static bool IsSequence(string folder) => File.Exists(Path.Combine(folder, "gt", "gt.txt"));

    private static string[] Sequences(string folder) =>
        Directory.Exists(folder) ? [.. Directory.GetDirectories(folder).Where(IsSequence).Order(CountingOrder.Names)] : [];

    private static string[] Splits(string folder) => [.. Halves.Where(half => Sequences(Path.Combine(folder, half)).Length > 0)];

    private static string NameOf(string sequence) => Path.GetFileName(Path.GetFullPath(sequence).TrimEnd('/'));

    /// <summary>What is known of a sequence: by its pictures, or by what seqinfo.ini says; null where by neither.</summary>
    private static Result<SetVideo?, DecodeError> About(string sequence, bool isRoot)
    {
        var info = Path.Combine(sequence, Info);
        if (!File.Exists(info) && !Directory.Exists(Path.Combine(sequence, "img1")))
        {
            return Result.Ok<SetVideo?, DecodeError>(null);
        }

        return Read(info)
            .Bind(said =>
            {
                var pictures = said.GetValueOrDefault("imdir", "img1");
                string Named(string file) => isRoot ? $"{pictures}/{file}" : $"{NameOf(sequence)}/{pictures}/{file}";
                if (PictureNames.Problem(pictures, anywhere: false) is { } problem)
                {
                    return new DecodeError.BadAnnotation(info, "imDir", $"{BoxRows.Show(pictures)} {problem}", "Correct it.");
                }

                if (
                    ClipFolders.Find(Path.Combine(sequence, pictures), null) is Result<ImmutableArray<ClipFolder>, DecodeError>.Ok(
                        [var clip]
                    )
                )
                {
                    return ClipFolders
                        .Info(clip)
                        .Map(known =>
                            (SetVideo?)
                                new SetVideo(
                                    1,
                                    NameOf(sequence),
                                    [.. clip.Pictures.Select(file => Named(Path.GetFileName(file)))],
                                    known.Frames,
                                    known.Size
                                )
                        );
                }

                return from length in Whole("seqlength", MostFrames)
                    from width in Whole("imwidth", FrameSize.MostSide)
                    from height in Whole("imheight", FrameSize.MostSide)
                    let ending = said.GetValueOrDefault("imext", ".jpg")
                    select (SetVideo?)
                        new SetVideo(
                            1,
                            NameOf(sequence),
                            [.. Enumerable.Range(1, length).Select(frame => Named($"{frame:D6}{ending}"))],
                            length,
                            new Size2(height, width)
                        );

                Result<int, DecodeError> Whole(string name, int most) =>
                    int.TryParse(said.GetValueOrDefault(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value)
                    && value >= 1
                    && value <= most
                        ? value
                        : new DecodeError.BadAnnotation(
                            info,
                            name,
                            $"must be a whole number from 1 to {most}; got {BoxRows.Show(said.GetValueOrDefault(name))}",
                            "Correct it, or put the pictures into img1."
                        );
            });
    }

    private const int MostFrames = 1 << 20; // of a sequence of which the pictures are not there

    /// <summary>The settings of an .ini, their names in small letters; none where there is no file.</summary>
    private static Result<Dictionary<string, string>, DecodeError> Read(string path)
    {
        try
        {
            return (File.Exists(path) ? InputFile.ReadStrictText(path).Split('\n') : [])
                .Select(line => line.Split('=', 2, StringSplitOptions.TrimEntries))
                .Where(pair => pair.Length == 2)
                .GroupBy(pair => pair[0].ToLowerInvariant(), StringComparer.Ordinal)
                .ToDictionary(group => group.Key, group => group.Last()[1], StringComparer.Ordinal);
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
}
