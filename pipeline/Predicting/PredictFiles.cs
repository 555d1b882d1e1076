using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Evaluate;
using Motion.Pipeline.Show;
using Motion.Report;

namespace Motion.Pipeline.Predicting;

/// <summary>
/// The files of a prediction, from its spool. Of the spool only places are held, so that memory does not grow with the video but for a few
/// bytes an object and frame.
/// </summary>
internal static class PredictFiles
{
    private const int FlushAtBytes = 1 << 18;
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>results.json: COCO's results of every frame.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void WriteResults(string path, string spool, Catalogue catalogue)
    {
        var first = ImageNumbers.FirstOf(catalogue.Clips);
        WholeFile.Write(
            path,
            file =>
            {
                using var json = new Utf8JsonWriter(file, Plain);
                json.WriteStartArray();
                foreach (var (_, line) in Spool.Lines(spool))
                {
                    if (Spool.Read(line)?.Frame is not { } frame)
                        continue;
                    foreach (var item in frame.Items)
                        Write(json, catalogue, first[frame.Key.Clip] + frame.Key.Frame, item);
                    if (json.BytesPending > FlushAtBytes)
                        json.Flush();
                }

                json.WriteEndArray();
            }
        );
    }

    private static void Write(Utf8JsonWriter json, Catalogue catalogue, long image, Linkable item)
    {
        var box = item.Found.Box;
        json.WriteStartObject();
        json.WriteNumber("image_id", image);
        json.WriteNumber("category_id", catalogue.Categories[item.Found.Class].Id);
        json.WriteStartArray("bbox");
        foreach (var side in (ReadOnlySpan<float>)[box.X1, box.Y1, box.Width, box.Height])
            json.WriteNumberValue(side);
        json.WriteEndArray();
        json.WriteNumber("score", item.Found.Score);
        if (item.Mask is { } mask)
        {
            json.WriteStartObject("segmentation");
            json.WriteStartArray("size");
            json.WriteNumberValue(mask.Size.Height);
            json.WriteNumberValue(mask.Size.Width);
            json.WriteEndArray();
            json.WriteString("counts", Rles.ToText(mask.Unpack()));
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    /// <summary>images.json: which image_id is which frame, and whether the model has learnt from it.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static void WriteImages(string path, Catalogue catalogue, Func<string, int, bool> learnt)
    {
        var first = ImageNumbers.FirstOf(catalogue.Clips);
        WholeFile.Write(
            path,
            file =>
            {
                using var json = new Utf8JsonWriter(file, Plain);
                json.WriteStartObject();
                json.WriteStartArray("images");
                foreach (var (index, clip) in catalogue.Clips.Index())
                {
                    for (var frame = 0; frame < clip.Frames; frame++)
                    {
                        json.WriteStartObject();
                        json.WriteNumber("id", first[clip.Name] + frame);
                        json.WriteString("clip", clip.Name);
                        json.WriteNumber("frame", frame);
                        json.WriteString("file_name", string.Create(null, $"{clip.Name}/{frame:D5}.jpg"));
                        json.WriteNumber("height", clip.Size.Height);
                        json.WriteNumber("width", clip.Size.Width);
                        json.WriteNumber("video_id", index + 1);
                        json.WriteNumber("frame_id", frame);
                        json.WriteBoolean("learnt_from", learnt(clip.Name, frame));
                        json.WriteEndObject();
                        if (json.BytesPending > FlushAtBytes)
                            json.Flush();
                    }
                }

                json.WriteEndArray();
                TrackFiles.WriteCategories(json, catalogue);
                json.WriteEndObject();
            }
        );
    }

    /// <summary>A track: of which video, and where in the spool its masks are.</summary>
    private sealed record Found(int Video, int Class)
    {
        public List<(int Frame, long Start, int Length, int Item)> Places { get; } = [];
    }

    /// <summary>
    /// masks.json: tracks over time, as motion label writes masks; the quality of a mask is its score, and no box was given.
    /// </summary>
    /// <returns>How many.</returns>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static int WriteTracks(string path, string spool, Catalogue catalogue, LinkOptions options, double score, int shortest)
    {
        var tracks = Link(spool, catalogue, options, score).Where(track => track.Places.Count >= shortest).ToArray();
        WholeFile.Write(
            path,
            file =>
            {
                using var lines = new FileStream(spool, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
                using var json = new Utf8JsonWriter(file, Plain);
                json.WriteStartObject();
                json.WriteStartArray("videos");
                foreach (var (index, clip) in catalogue.Clips.Index())
                    TrackFiles.WriteVideo(json, clip.Name, clip.Size, [.. Enumerable.Range(0, clip.Frames)], index + 1);
                json.WriteEndArray();
                TrackFiles.WriteCategories(json, catalogue);
                json.WriteStartArray("annotations");
                foreach (var (index, track) in tracks.Index())
                    Write(json, lines, catalogue, track, index + 1);
                json.WriteEndArray();
                json.WriteEndObject();
            }
        );
        return tracks.Length;
    }

    private static List<Found> Link(string spool, Catalogue catalogue, LinkOptions options, double score)
    {
        var videos = catalogue.Clips.Index().ToDictionary(clip => clip.Item.Name, clip => clip.Index, StringComparer.Ordinal);
        var (all, linker, here, clip) = (new List<Found>(), new Linker(options), new Dictionary<int, Found>(), "");
        foreach (var (start, line) in Spool.Lines(spool))
        {
            if (Spool.Read(line)?.Frame is not { } frame)
                continue;
            if (frame.Key.Clip != clip)
                (linker, here, clip) = (new Linker(options), [], frame.Key.Clip);
            var sure = frame.Items.Index().Where(item => item.Item.Found.Score >= score).ToArray();
            var numbers = linker.Next(frame with { Items = [.. sure.Select(item => item.Item)] });
            foreach (var (number, item) in numbers.Zip(sure))
            {
                if (!here.TryGetValue(number, out var track))
                {
                    here.Add(number, track = new(videos[clip], item.Item.Found.Class));
                    all.Add(track);
                }

                track.Places.Add((frame.Key.Frame, start, line.Length, item.Index));
            }
        }

        return all;
    }

    private static void Write(Utf8JsonWriter json, FileStream lines, Catalogue catalogue, Found track, int id)
    {
        var clip = catalogue.Clips[track.Video];
        json.WriteStartObject();
        json.WriteNumber("id", id);
        json.WriteNumber("track_id", id);
        json.WriteNumber("video_id", track.Video + 1);
        json.WriteNumber("category_id", catalogue.Categories[track.Class].Id);
        json.WriteNumber("iscrowd", 0);
        json.WriteNumber("height", clip.Size.Height);
        json.WriteNumber("width", clip.Size.Width);
        json.WriteNumber("length", 1);
        TrackFiles.WriteMasks(json, Each().Select(item => item?.Mask?.Unpack()));
        Array("bboxes", item => TrackFiles.WriteBox(json, item.Mask?.Unpack()));
        Array("areas", item => json.WriteNumberValue(item.Mask is { } mask ? Rles.Area(mask.Unpack()) : 0));
        Array("qualities", item => json.WriteNumberValue(Math.Round((double)item.Found.Score, 4)));
        Array("given", _ => json.WriteBooleanValue(false));
        json.WriteEndObject();
        json.Flush();

        IEnumerable<Linkable?> Each()
        {
            var next = 0;
            for (var frame = 0; frame < clip.Frames; frame++)
            {
                if (next < track.Places.Count && track.Places[next].Frame == frame)
                {
                    var (_, start, length, item) = track.Places[next++];
                    yield return Spool.At(lines, start, length).Frame!.Items[item];
                }
                else
                {
                    yield return null;
                }
            }
        }

        void Array(string name, Action<Linkable> write)
        {
            json.WriteStartArray(name);
            foreach (var item in Each())
            {
                if (item is null)
                    json.WriteNullValue();
                else
                    write(item);
            }

            json.WriteEndArray();
        }
    }
}
