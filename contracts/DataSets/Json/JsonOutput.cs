using System.Text.Encodings.Web;
using System.Text.Json;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>What the writers of JSON share.</summary>
internal static class JsonOutput
{
    private const int FlushBytes = 1 << 18;

    public static DecodeError? Write(string path, Func<Utf8JsonWriter, DecodeError?> write) =>
        WholeOutput.Write(
            path,
            stream =>
            {
                using var json = new Utf8JsonWriter(
                    stream,
                    new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true }
                );
                json.WriteStartObject();
                if (write(json) is { } error)
                {
                    return error;
                }

                json.WriteEndObject();
                json.Flush();
                stream.WriteByte((byte)'\n');
                return null;
            }
        );

    /// <summary>Hands on what has gathered, so that memory does not grow with the file.</summary>
    public static void Drain(Utf8JsonWriter json)
    {
        if (json.BytesPending > FlushBytes)
        {
            json.Flush();
        }
    }

    public static void Categories(Utf8JsonWriter json, DataSet set)
    {
        json.WriteStartArray("categories");
        foreach (var category in set.Categories)
        {
            json.WriteStartObject();
            if (category.Above is { } above)
            {
                json.WriteString("supercategory", above);
            }

            json.WriteNumber("id", category.Id);
            json.WriteString("name", category.Name);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    public static void Box(Utf8JsonWriter json, CocoBox? box)
    {
        if (box is not { } stated)
        {
            json.WriteNullValue();
            return;
        }

        json.WriteStartArray();
        json.WriteNumberValue(stated.X);
        json.WriteNumberValue(stated.Y);
        json.WriteNumberValue(stated.Width);
        json.WriteNumberValue(stated.Height);
        json.WriteEndArray();
    }

    /// <summary>A mask as it was written; one that comes from a picture as run lengths.</summary>
    public static void Mask(Utf8JsonWriter json, TrackView track, StatedMask? mask)
    {
        if (mask is not { } stated)
        {
            json.WriteNullValue();
        }
        else if (stated.Made is { } made)
        {
            Runs(json, made);
        }
        else
        {
            json.WriteRawValue(track.Json.AsSpan(stated.Start, stated.Length), skipInputValidation: true);
        }
    }

    private static void Runs(Utf8JsonWriter json, Rle mask)
    {
        json.WriteStartObject();
        json.WriteStartArray("counts");
        foreach (var count in mask.Counts)
        {
            json.WriteNumberValue(count);
        }

        json.WriteEndArray();
        json.WriteStartArray("size");
        json.WriteNumberValue(mask.Size.Height);
        json.WriteNumberValue(mask.Size.Width);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>The picture of a frame; of a video file, the name that ffmpeg would give it.</summary>
    public static string FileOf(SetVideo video, int frame) =>
        video.Files.IsEmpty ? $"{video.Name}/{frame:D5}.jpg" : video.Files[frame].Replace('\\', '/');

    public static DecodeError? Error(Result<Unit, DecodeError> result) => result.Match(_ => (DecodeError?)null, error => error);
}
