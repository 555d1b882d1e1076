using System.Globalization;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>
/// Writes MOTS as KITTI-MOTS publishes it: instances/CLIP/NNNNNN.png (greys of 16 bits, class * 1000 + object) and instances_txt/CLIP.txt
/// (frame, number, class, height, width, run lengths). Classes that are not MOTS' are numbered from 1 in the set's order, and objects.json
/// says what each object is.
/// </summary>
internal static class ToMots
{
    private const int PerClass = 1000;
    private const int MostClasses = 9; // 10 is a region to ignore

    public static DecodeError? Write(Conversion work)
    {
        var used = new SortedSet<int>();
        if (
            JsonOutput.Error(
                work.Set.Tracks(
                    track =>
                    {
                        used.Add(track.Category);
                        return null;
                    },
                    work.Tolerate,
                    null
                )
            ) is
            { } error
        )
        {
            return error;
        }

        var own = used.All(category => MotsNumbers.Classes.Contains(work.Set.Categories[category].Name));
        if (!own && used.Count > MostClasses)
        {
            return new DecodeError.BadSetting(
                "to",
                $"MOTS numbers {MostClasses} classes at most, and there are {used.Count}",
                "Name another target."
            );
        }

        var numbers = used.Index()
            .ToDictionary(
                pair => pair.Item,
                pair => own ? MotsNumbers.Classes.IndexOf(work.Set.Categories[pair.Item].Name) + 1 : pair.Index + 1
            );
        work.Tally.Lose(FormHolds.Lost(SetPart.Ids));
        work.Tally.Lose(FormHolds.Lost(SetPart.UnusedClasses), work.Set.Categories.Length - used.Count);
        return FolderOutput.Write(work, Files(work), folder => Fill(work, folder, category => numbers[category]));
    }

    private static IEnumerable<PlacedFile> Files(Conversion work)
    {
        yield return new PlacedFile(ObjectNames.FileName, null);
        foreach (var video in work.Set.Videos)
        {
            var place = $"video {video.Name} (id {video.Id})";
            yield return new PlacedFile($"instances_txt/{video.Name}.txt", place);
            for (var frame = 0; frame < video.Frames; frame++)
            {
                yield return new PlacedFile($"instances/{video.Name}/{NameOf(video, frame)}", place);
                if (ToDavis.WritesPictures(work, video))
                {
                    yield return new PlacedFile($"training/image_02/{video.Name}/{ToDavis.NameOf(video, frame)}", place);
                }
            }
        }
    }

    private static string NameOf(SetVideo video, int frame) =>
        video.Files.IsEmpty
            ? string.Create(CultureInfo.InvariantCulture, $"{frame:D6}.png")
            : Path.ChangeExtension(ToDavis.NameOf(video, frame), ".png");

    private static DecodeError? Fill(Conversion work, string folder, Func<int, int> classNumber)
    {
        var objects = new List<(string Video, List<(int Number, string What)> Objects)>();
        return JsonOutput.Error(
                work.Set.ByVideo(
                    (video, tracks) =>
                    {
                        work.Progress?.Invoke(video, work.Set.Videos.Length);
                        var known = LabelPictures.Known(work, tracks);
                        var counts = new Dictionary<int, int>();
                        var numbers = new Dictionary<TrackView, int>();
                        foreach (var track in known)
                        {
                            var kind = classNumber(track.Category);
                            counts[kind] = counts.GetValueOrDefault(kind) + 1;
                            numbers.Add(track, (PerClass * kind) + counts[kind]);
                        }

                        if (counts.Values.Any(count => count >= PerClass))
                        {
                            return new DecodeError.BadAnnotation(
                                work.Set.Path,
                                $"video {work.Set.Videos[video].Name}",
                                $"a class has {counts.Values.Max()} objects: MOTS numbers {PerClass - 1} at most",
                                "Leave the video out (--split LIST)."
                            );
                        }

                        work.Tally.Instances += known.Count;
                        objects.Add(
                            (
                                work.Set.Videos[video].Name,
                                [
                                    .. known
                                        .Select(track => (numbers[track], work.Set.Categories[track.Category].Name))
                                        .OrderBy(pair => pair.Item1),
                                ]
                            )
                        );
                        return Clip(work, folder, video, known, numbers);
                    },
                    work.Tolerate,
                    null
                )
            ) ?? ToDavis.Names(folder, objects);
    }

    private static DecodeError? Clip(Conversion work, string folder, int video, List<TrackView> tracks, Dictionary<TrackView, int> numbers)
    {
        var of = work.Set.Videos[video];
        var annotated = work.Set.AnnotatedFrames?.Invoke(video);
        var byFrame = new TracksByFrame(tracks);
        var lines = new List<string>();
        for (var frame = 0; frame < of.Frames; frame++)
        {
            if (annotated is null || annotated.Contains(frame))
            {
                var labels = LabelPictures.Of(work, byFrame[frame], numbers, frame, of.Size);
                lines.AddRange(Rows(labels, of.Size, frame));
                if (
                    WholeOutput.Write(
                        Path.Combine(folder, "instances", of.Name, NameOf(of, frame)),
                        stream =>
                        {
                            stream.Write(Png.EncodeLabels(labels, of.Size));
                            return null;
                        }
                    ) is
                    { } error
                )
                {
                    return error;
                }
            }

            if (
                ToDavis.WritesPictures(work, of)
                && FolderOutput.Picture(work, of, frame, Path.Combine(folder, "training", "image_02", of.Name, ToDavis.NameOf(of, frame)))
                    is { } problem
            )
            {
                return problem;
            }
        }

        return ToMot.Lines(Path.Combine(folder, "instances_txt", of.Name + ".txt"), lines);
    }

    private static IEnumerable<string> Rows(ushort[] labels, Size2 size, int frame) =>
        from number in labels.Distinct().Where(number => number != 0).Order()
        let mask = Rles.Encode(Array.ConvertAll(labels, one => one == number ? (byte)1 : (byte)0), size)
        select string.Create(
            CultureInfo.InvariantCulture,
            $"{frame} {number} {number / PerClass} {size.Height} {size.Width} {Rles.ToText(mask)}"
        );
}
