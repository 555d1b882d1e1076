using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Pipeline.Show;

namespace Motion.Pipeline.Labelling;

/// <summary>
/// Masks as one YouTube-VIS file: what others' tools read, and beside it what they pass over: <c>qualities</c> (0 to 1) and <c>given</c>
/// (whether somebody drew the box), an entry a frame, null where the object is not seen.
/// </summary>
internal static class MaskFiles
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, Catalogue catalogue, ImmutableArray<DrawnClip> clips) =>
        WholeFile.Write(
            path,
            file =>
            {
                using var json = new Utf8JsonWriter(file, Plain);
                json.WriteStartObject();
                json.WriteStartArray("videos");
                foreach (var (index, clip) in clips.Index())
                    TrackFiles.WriteVideo(json, clip.Clip.Name, clip.Clip.Size, [.. Enumerable.Range(0, clip.Frames.Length)], index + 1);
                json.WriteEndArray();
                TrackFiles.WriteCategories(json, catalogue);
                json.WriteStartArray("annotations");
                var number = 1L;
                foreach (var (index, clip) in clips.Index())
                {
                    foreach (var (id, track) in Tracks(clip))
                    {
                        WriteObject(json, catalogue, clip, index + 1, number++, id, track);
                        json.Flush();
                    }
                }

                json.WriteEndArray();
                json.WriteEndObject();
            }
        );

    /// <summary>The objects of a clip, each with an entry a frame.</summary>
    public static IEnumerable<(long Id, DrawnMask?[] Frames)> Tracks(DrawnClip clip) =>
        from id in clip.Frames.SelectMany(frame => frame.Select(mask => mask.Id)).Distinct().Order()
        select (id, clip.Frames.Select(frame => frame.FirstOrDefault(mask => mask.Id == id)).ToArray());

    private static void WriteObject(
        Utf8JsonWriter json,
        Catalogue catalogue,
        DrawnClip clip,
        int video,
        long number,
        long id,
        DrawnMask?[] track
    )
    {
        var masks = track.Select(mask => mask?.Mask.Unpack()).ToArray();
        json.WriteStartObject();
        json.WriteNumber("id", number);
        json.WriteNumber("track_id", id);
        json.WriteNumber("video_id", video);
        json.WriteNumber("category_id", catalogue.Categories[track.First(mask => mask is not null)!.Class].Id);
        json.WriteNumber("iscrowd", 0);
        json.WriteNumber("height", clip.Clip.Size.Height);
        json.WriteNumber("width", clip.Clip.Size.Width);
        json.WriteNumber("length", 1);
        TrackFiles.WriteMasks(json, masks);
        Each("bboxes", masks, mask => TrackFiles.WriteBox(json, mask));
        Each("areas", masks, mask => json.WriteNumberValue(Rles.Area(mask)));
        Each("qualities", track, mask => json.WriteNumberValue(Math.Round(mask.Quality, 4)));
        Each("given", track, mask => json.WriteBooleanValue(mask.Given));
        json.WriteEndObject();

        void Each<T>(string name, IEnumerable<T?> all, Action<T> write)
            where T : class
        {
            json.WriteStartArray(name);
            foreach (var one in all)
            {
                if (one is null)
                    json.WriteNullValue();
                else
                    write(one);
            }

            json.WriteEndArray();
        }
    }

    /// <summary>One row a mask, the worst first.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void WriteQualities(string path, Catalogue catalogue, ImmutableArray<DrawnClip> clips)
    {
        var text = new StringBuilder("video,frame,id,class,quality,given\n");
        foreach (var (clip, frame, mask) in WorstFirst(clips))
        {
            text.Append(
                CultureInfo.InvariantCulture,
                $"{CsvText.Quoted(clip)},{frame},{mask.Id},{CsvText.Quoted(catalogue.Categories[mask.Class].Name)},{mask.Quality:0.0000},{(mask.Given ? "true" : "false")}\n"
            );
        }

        WholeFile.Write(path, text.ToString());
    }

    public static IEnumerable<(string Clip, int Frame, DrawnMask Mask)> WorstFirst(ImmutableArray<DrawnClip> clips) =>
        clips
            .SelectMany(clip =>
                clip.Frames.SelectMany((frame, index) => frame.Select(mask => (Clip: clip.Clip.Name, Frame: index, Mask: mask)))
            )
            .OrderBy(one => one.Mask.Quality)
            .ThenBy(one => one.Clip, StringComparer.Ordinal)
            .ThenBy(one => one.Frame)
            .ThenBy(one => one.Mask.Id);
}
