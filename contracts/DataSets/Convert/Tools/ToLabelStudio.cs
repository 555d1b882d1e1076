using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>
/// Writes Label Studio's tasks of videos, annotated: a region an object, a key frame a box, from 1 and in percent. The last box before a
/// gap is not enabled: there it is the last frame where the object is.
/// </summary>
internal static class ToLabelStudio
{
    public static DecodeError? Write(Conversion work)
    {
        var number = 0L;
        return ToolBoxes.ClipByClip(
            work,
            ".json",
            (clip, stream) =>
            {
                using var json = new Utf8JsonWriter(
                    stream,
                    new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, Indented = true }
                );
                json.WriteStartArray();
                json.WriteStartObject();
                json.WriteNumber("id", ++number);
                json.WriteStartObject("data");
                json.WriteString("video", $"{clip.Of.Name}.mp4");
                json.WriteEndObject();
                json.WriteStartArray("annotations");
                json.WriteStartObject();
                json.WriteNumber("id", number);
                json.WriteStartArray("result");
                foreach (var track in clip.Tracks)
                {
                    Region(json, clip.Of, track);
                    JsonOutput.Drain(json);
                }

                json.WriteEndArray();
                json.WriteEndObject();
                json.WriteEndArray();
                json.WriteEndObject();
                json.WriteEndArray();
                return null;
            }
        );
    }

    private static void Region(Utf8JsonWriter json, SetVideo of, TrackBoxes track)
    {
        json.WriteStartObject();
        json.WriteString("id", string.Create(CultureInfo.InvariantCulture, $"object-{track.Number}"));
        json.WriteString("type", "videorectangle");
        json.WriteString("from_name", "box");
        json.WriteString("to_name", "video");
        json.WriteString("origin", "manual");
        json.WriteStartObject("value");
        json.WriteNumber("framesCount", of.Frames);
        json.WriteStartArray("labels");
        json.WriteStringValue(track.Name);
        json.WriteEndArray();
        json.WriteStartArray("sequence");
        foreach (var (i, (frame, corners)) in track.Boxes.Index())
        {
            var next = i + 1 < track.Boxes.Count ? track.Boxes[i + 1].Frame : of.Frames;
            json.WriteStartObject();
            json.WriteNumber("frame", frame + 1);
            json.WriteBoolean("enabled", next == frame + 1);
            json.WriteNumber("rotation", 0);
            json.WriteNumber("x", 100 * (double)corners.X1 / of.Size.Width);
            json.WriteNumber("y", 100 * (double)corners.Y1 / of.Size.Height);
            json.WriteNumber("width", 100 * (double)(corners.X2 - corners.X1) / of.Size.Width);
            json.WriteNumber("height", 100 * (double)(corners.Y2 - corners.Y1) / of.Size.Height);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
