using System.Collections.Immutable;
using System.Text.Json;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Runner.Folders;

namespace Motion.Pipeline.Show;

/// <summary>
/// A run's tracks as YouTube-VIS files: what others' tools read, and what <c>motion evaluate --type ytvis</c> gives the run's own figures
/// for.
/// </summary>
internal static class TrackFiles
{
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static void Write(TrackEvaluation tracks, Catalogue catalogue, RunFolder folder)
    {
        WholeFile.Write(folder.TrackTruths, file => WriteTruths(file, tracks.Clips, catalogue));
        WholeFile.Write(folder.Tracks, file => WriteResults(file, tracks.Clips, catalogue));
    }

    private static void WriteTruths(Stream file, ImmutableArray<ClipTracks> clips, Catalogue catalogue)
    {
        using var json = new Utf8JsonWriter(file);
        json.WriteStartObject();
        json.WriteStartArray("videos");
        for (var i = 0; i < clips.Length; i++)
            WriteVideo(json, clips[i].Clip, clips[i].Size, clips[i].Frames, i + 1);
        json.WriteEndArray();
        WriteCategories(json, catalogue);
        json.WriteStartArray("annotations");
        for (var i = 0; i < clips.Length; i++)
        {
            foreach (var track in clips[i].Truths)
                WriteTruth(json, track, clips[i], i + 1, catalogue);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    internal static void WriteCategories(Utf8JsonWriter json, Catalogue catalogue)
    {
        json.WriteStartArray("categories");
        foreach (var category in catalogue.Categories)
        {
            json.WriteStartObject();
            json.WriteNumber("id", category.Id);
            json.WriteString("name", category.Name);
            json.WriteString("supercategory", "object");
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    internal static void WriteVideo(Utf8JsonWriter json, string name, Size2 size, IReadOnlyList<int> frames, int id)
    {
        json.WriteStartObject();
        json.WriteNumber("id", id);
        json.WriteString("name", name);
        json.WriteNumber("height", size.Height);
        json.WriteNumber("width", size.Width);
        json.WriteNumber("length", frames.Count);
        json.WriteStartArray("file_names");
        foreach (var frame in frames)
            json.WriteStringValue(string.Create(null, $"{name}/{frame:D5}.jpg"));
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteTruth(Utf8JsonWriter json, Track track, ClipTracks clip, int video, Catalogue catalogue)
    {
        json.WriteStartObject();
        json.WriteNumber("id", track.Id);
        json.WriteNumber("video_id", video);
        json.WriteNumber("category_id", catalogue.Categories[track.Class].Id);
        json.WriteNumber("iscrowd", track.IsCrowd ? 1 : 0);
        json.WriteNumber("height", clip.Size.Height);
        json.WriteNumber("width", clip.Size.Width);
        json.WriteNumber("length", 1);
        WriteMasks(json, track);
        json.WriteStartArray("bboxes");
        foreach (var mask in track.Masks)
            WriteBox(json, mask);
        json.WriteEndArray();
        json.WriteStartArray("areas");
        foreach (var area in track.Areas)
        {
            if (area is { } pixels)
                json.WriteNumberValue(pixels);
            else
                json.WriteNullValue();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteResults(Stream file, ImmutableArray<ClipTracks> clips, Catalogue catalogue)
    {
        using var json = new Utf8JsonWriter(file);
        json.WriteStartArray();
        for (var i = 0; i < clips.Length; i++)
        {
            foreach (var track in clips[i].Found)
            {
                json.WriteStartObject();
                json.WriteNumber("video_id", i + 1);
                json.WriteNumber("category_id", catalogue.Categories[track.Class].Id);
                json.WriteNumber("score", track.Score);
                WriteMasks(json, track);
                json.WriteEndObject();
            }
        }

        json.WriteEndArray();
    }

    internal static void WriteBox(Utf8JsonWriter json, Rle? mask)
    {
        if (mask is null)
        {
            json.WriteNullValue();
            return;
        }

        var box = Rles.Bounds(mask);
        json.WriteStartArray();
        foreach (var number in (ReadOnlySpan<int>)[box.X, box.Y, box.Width, box.Height])
            json.WriteNumberValue(number);
        json.WriteEndArray();
    }

    private static void WriteMasks(Utf8JsonWriter json, Track track) => WriteMasks(json, track.Masks);

    internal static void WriteMasks(Utf8JsonWriter json, IEnumerable<Rle?> masks)
    {
        json.WriteStartArray("segmentations");
        foreach (var mask in masks)
        {
            if (mask is null)
            {
                json.WriteNullValue();
                continue;
            }

            json.WriteStartObject();
            json.WriteStartArray("size");
            json.WriteNumberValue(mask.Size.Height);
            json.WriteNumberValue(mask.Size.Width);
            json.WriteEndArray();
            json.WriteString("counts", Rles.ToText(mask));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
