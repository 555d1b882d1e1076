using System.Globalization;
using System.Text;
using System.Text.Json;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>Writes boxes with their corners, as docs/data.md describes them.</summary>
internal static class ToBoxes
{
    public static DecodeError? Csv(Conversion work)
    {
        Lost(work);
        return WholeOutput.Write(
            work.Path,
            stream =>
            {
                using var text = new StreamWriter(stream, new UTF8Encoding(false), 1 << 16, leaveOpen: true) { NewLine = "\n" };
                text.WriteLine("clip,frame,id,class,x1,y1,x2,y2,crowd");
                var seen = work.Set.Videos.Select(video => new FrameSet(video.Frames)).ToArray();
                var used = new bool[work.Set.Categories.Length];
                var error = JsonOutput.Error(
                    work.Set.Tracks(
                        track =>
                        {
                            used[track.Category] = true;
                            work.Tally.Instances++;
                            foreach (var frame in track.Told)
                            {
                                if (Corners(work, track, frame) is { } c)
                                {
                                    seen[track.Video].Add(frame);
                                    text.Write(
                                        $"{CsvText.Quoted(work.Set.Videos[track.Video].Name)},{frame},{IdOf(track)},{CsvText.Quoted(work.Set.Categories[track.Category].Name)},"
                                    );
                                    text.WriteLine(
                                        string.Create(
                                            CultureInfo.InvariantCulture,
                                            $"{c.X1},{c.Y1},{c.X2},{c.Y2},{(track.IsCrowd ? 1 : 0)}"
                                        )
                                    );
                                }
                            }

                            return null;
                        },
                        work.Tolerate,
                        work.Progress
                    )
                );
                work.Tally.Lose(
                    FormHolds.Lost(SetPart.EmptyFrames),
                    work.Set.Videos.Index()
                        .Sum(video =>
                            work.Set.AnnotatedFrames is { } of
                                ? of(video.Index).Count(frame => !seen[video.Index].Contains(frame))
                                : (long)video.Item.Frames - seen[video.Index].Count
                        )
                );
                work.Tally.Lose(FormHolds.Lost(SetPart.UnusedClasses), used.LongCount(one => !one));
                return error;
            }
        );
    }

    public static DecodeError? Json(Conversion work)
    {
        Lost(work);
        return JsonOutput.Write(
            work.Path,
            json =>
            {
                json.WriteStartArray("categories");
                foreach (var category in work.Set.Categories)
                {
                    json.WriteStringValue(category.Name);
                }

                json.WriteEndArray();
                json.WriteStartArray("frames");
                var error = JsonOutput.Error(
                    work.Set.ByVideo(
                        (video, tracks) =>
                        {
                            work.Tally.Instances += tracks.Count;
                            var byFrame = new TracksByFrame(tracks);
                            foreach (
                                var frame in work.Set.AnnotatedFrames?.Invoke(video).Order()
                                    ?? Enumerable.Range(0, work.Set.Videos[video].Frames)
                            )
                            {
                                Frame(json, work, byFrame[frame], video, frame);
                                JsonOutput.Drain(json);
                            }

                            return null;
                        },
                        work.Tolerate,
                        work.Progress
                    )
                );
                json.WriteEndArray();
                return error;
            }
        );
    }

    private static void Frame(Utf8JsonWriter json, Conversion work, IReadOnlyList<TrackView> tracks, int video, int frame)
    {
        json.WriteStartObject();
        json.WriteString("clip", work.Set.Videos[video].Name);
        json.WriteNumber("frame", frame);
        json.WriteStartArray("boxes");
        foreach (var track in tracks)
        {
            if (Corners(work, track, frame) is { } c)
            {
                json.WriteStartObject();
                json.WriteNumber("id", IdOf(track));
                json.WriteString("class", work.Set.Categories[track.Category].Name);
                json.WriteStartArray("box");
                json.WriteNumberValue(c.X1);
                json.WriteNumberValue(c.Y1);
                json.WriteNumberValue(c.X2);
                json.WriteNumberValue(c.Y2);
                json.WriteEndArray();
                if (track.IsCrowd)
                {
                    json.WriteBoolean("crowd", true);
                }

                json.WriteEndObject();
            }
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static StatedCorners? Corners(Conversion work, TrackView track, int frame)
    {
        work.Tally.Lose(FormHolds.Lost(SetPart.Masks), track.MaskAt(frame) is null ? 0 : 1);
        if (track.Seen(frame) is not { } box)
        {
            return null;
        }

        work.Tally.Boxes++;
        return StatedCorners.Of(box);
    }

    private static void Lost(Conversion work)
    {
        work.Tally.Lose(
            "ids of categories and videos, names of pictures, sizes of frames, stated areas (boxes have clip, frame, id and class)",
            1
        );
    }

    private static long IdOf(TrackView track) => track.Number ?? track.Id;
}

/// <summary>Fields of a CSV.</summary>
public static class CsvText
{
    /// <summary>A text as a field: in quotes where it needs them.</summary>
    public static string Quoted(string text) =>
        text.AsSpan().IndexOfAny(",\"\n\r") >= 0 ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
}
