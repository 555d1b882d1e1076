using System.Text.Json;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>
/// Writes Annotations/CLIP/NAME.png (palette pictures of object numbers) and objects.json. A pixel has one object: where two overlap,
/// the one with the lower number keeps it.
/// </summary>
internal static class ToDavis
{
    private const int MostObjects = 254; // 255 is a region without annotation

    public static DecodeError? Write(Conversion work) => FolderOutput.Write(work, Files(work), folder => Fill(work, folder));

    /// <summary>Every file that may be written.</summary>
    private static IEnumerable<PlacedFile> Files(Conversion work)
    {
        yield return new PlacedFile(ObjectNames.FileName, null);
        foreach (var (i, video) in work.Set.Videos.Index())
        {
            for (var frame = 0; frame < video.Frames; frame++)
            {
                var (name, place) = (NameOf(video, frame), $"video {video.Name}, frame {frame} (id {video.Id})");
                yield return new PlacedFile($"Annotations/{video.Name}/{Path.ChangeExtension(name, ".png")}", place);
                if (WritesPictures(work, video))
                {
                    yield return new PlacedFile($"JPEGImages/{video.Name}/{name}", place);
                }
            }

            work.Progress?.Invoke(i, work.Set.Videos.Length);
        }
    }

    private static string NameOf(SetVideo video, int frame) => Path.GetFileName(JsonOutput.FileOf(video, frame));

    private static bool WritesPictures(Conversion work, SetVideo video) => work.Options.Pictures != PicturesAs.None && !video.Files.IsEmpty;

    private static DecodeError? Fill(Conversion work, string folder)
    {
        work.Tally.Lose("ids of categories and videos, and which tool's file it was (objects have numbers within their clip)");
        var objects = new List<(string Video, List<(int Number, string What)> Objects)>();
        return JsonOutput.Error(
                work.Set.ByVideo(
                    (video, tracks) =>
                    {
                        work.Progress?.Invoke(video, work.Set.Videos.Length);
                        var numbers = Numbers(tracks);
                        if (numbers is null)
                        {
                            return new DecodeError.BadAnnotation(
                                work.Set.Path,
                                $"video {work.Set.Videos[video].Name}",
                                $"{tracks.Count} objects: an annotation picture holds {MostObjects}",
                                "Leave the video out (--split LIST)."
                            );
                        }

                        var known = tracks.Where(track => !track.Masks.Frames.IsEmpty).ToList();
                        work.Tally.Lose("objects without any mask", tracks.Count - known.Count);
                        work.Tally.Lose("marks of crowds", known.Count(track => track.IsCrowd));
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
                        return Clip(work, folder, video, tracks, numbers);
                    },
                    work.Tolerate,
                    null
                )
            ) ?? Names(folder, objects);
    }

    /// <summary>
    /// Numbers of the objects of a clip: those that they have within it, where it gave them some from 1 to 254, otherwise from 1 on in
    /// their order. Ids that count the objects of a whole file are none.
    /// </summary>
    private static Dictionary<TrackView, int>? Numbers(IReadOnlyList<TrackView> tracks)
    {
        var own = tracks.Select(track => track.Number).ToArray();
        var fit = own.All(number => number is >= 1 and <= MostObjects) && own.Distinct().Count() == own.Length;
        return tracks.Count > MostObjects
            ? null
            : tracks.Select((track, i) => (track, fit ? (int)own[i]!.Value : i + 1)).ToDictionary(pair => pair.track, pair => pair.Item2);
    }

    private static DecodeError? Clip(
        Conversion work,
        string folder,
        int video,
        IReadOnlyList<TrackView> tracks,
        Dictionary<TrackView, int> numbers
    )
    {
        var of = work.Set.Videos[video];
        var annotated = work.Set.AnnotatedFrames?.Invoke(video);
        var byFrame = new TracksByFrame(tracks);
        work.Tally.Instances += tracks.Count;
        for (var frame = 0; frame < of.Frames; frame++)
        {
            var name = NameOf(of, frame);
            if (annotated is null || annotated.Contains(frame))
            {
                var labels = Labels(work, byFrame[frame], numbers, frame, of.Size);
                if (
                    WholeOutput.Write(
                        Path.Combine(folder, "Annotations", of.Name, Path.ChangeExtension(name, ".png")),
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
                WritesPictures(work, of)
                && FolderOutput.Picture(work, of, frame, Path.Combine(folder, "JPEGImages", of.Name, name)) is { } problem
            )
            {
                return problem;
            }
        }

        return null;
    }

    private static byte[] Labels(
        Conversion work,
        IReadOnlyList<TrackView> tracks,
        Dictionary<TrackView, int> numbers,
        int frame,
        Size2 size
    )
    {
        var labels = new byte[size.Area];
        foreach (var track in tracks.OrderBy(track => numbers[track]))
        {
            if (track.Rle(frame) is not { } mask)
            {
                work.Tally.Lose("boxes without a mask", track.BoxAt(frame) is not null ? 1 : 0);
                continue;
            }

            var bounds = Rles.Bounds(mask);
            work.Tally.Masks++;
            work.Tally.Boxes += bounds.IsEmpty ? 0 : 1;
            work.Tally.Lose(
                "boxes that are not the tight ones of their masks",
                track.BoxAt(frame) is { } box && box != new CocoBox(bounds.X, bounds.Y, bounds.Width, bounds.Height) ? 1 : 0
            );
            work.Tally.Lose("areas that are not those of their masks", track.AreaAt(frame) is { } area && area != Rles.Area(mask) ? 1 : 0);
            var pixels = Rles.Decode(mask);
            var overlap = 0L;
            for (var i = 0; i < pixels.Length; i++)
            {
                if (pixels[i] != 0)
                {
                    overlap += labels[i] != 0 ? 1 : 0;
                    labels[i] = labels[i] == 0 ? (byte)numbers[track] : labels[i];
                }
            }

            work.Tally.Lose("pixels of an object behind another", overlap);
        }

        return labels;
    }

    private static DecodeError? Names(string folder, List<(string Video, List<(int Number, string What)> Objects)> clips) =>
        WholeOutput.Write(
            Path.Combine(folder, ObjectNames.FileName),
            stream =>
            {
                using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
                json.WriteStartArray();
                foreach (var (video, objects) in clips)
                {
                    json.WriteStartObject();
                    json.WriteString("video", video);
                    json.WriteStartArray("objects");
                    foreach (var (number, what) in objects)
                    {
                        json.WriteStartObject();
                        json.WriteNumber("id", number);
                        json.WriteString("what", what);
                        json.WriteString("ytvis", Classing.YoutubeVis.ClassOf(what) is null ? null : what);
                        json.WriteEndObject();
                    }

                    json.WriteEndArray();
                    json.WriteEndObject();
                }

                json.WriteEndArray();
                return null;
            }
        );
}
