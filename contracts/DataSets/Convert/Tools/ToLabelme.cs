using System.Text.Encodings.Web;
using System.Text.Json;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>Writes labelme's JSON, one a picture, in a folder for each clip: rectangles, whose group_id is the object.</summary>
internal static class ToLabelme
{
    public static DecodeError? Write(Conversion work)
    {
        var final = Path.GetFullPath(work.Path);
        return FolderOutput.Write(
            work,
            work.Set.Videos.SelectMany(video =>
                Enumerable
                    .Range(0, video.Frames)
                    .Select(frame => new PlacedFile(NameOf(video, frame), $"video {video.Name}, frame {frame} (id {video.Id})"))
            ),
            folder =>
                ToolBoxes.Each(
                    work,
                    clip =>
                    {
                        var byFrame = clip.ByFrame();
                        foreach (var frame in clip.Annotated)
                        {
                            var name = NameOf(clip.Of, frame);
                            var picture =
                                clip.Of.Files.IsEmpty || work.Set.PictureRoot is null
                                    ? Path.GetFileName(JsonOutput.FileOf(clip.Of, frame))
                                    : Path.GetRelativePath(
                                            Path.GetDirectoryName(Path.Combine(final, name))!,
                                            Path.GetFullPath(work.Set.PictureOf(clip.Of, frame))
                                        )
                                        .Replace('\\', '/');
                            if (
                                WholeOutput.Write(
                                    Path.Combine(folder, name),
                                    stream => Picture(stream, clip.Of.Size, picture, byFrame[frame])
                                ) is
                                { } error
                            )
                            {
                                return error;
                            }
                        }

                        return null;
                    }
                )
        );
    }

    private static string NameOf(SetVideo video, int frame) => Path.ChangeExtension(JsonOutput.FileOf(video, frame), ".json");

    private static DecodeError? Picture(
        Stream stream,
        Size2 size,
        string picture,
        IEnumerable<(TrackBoxes Track, StatedCorners Corners)> boxes
    )
    {
        using var json = new Utf8JsonWriter(
            stream,
            new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, Indented = true }
        );
        json.WriteStartObject();
        json.WriteString("version", "5.0.1");
        json.WriteStartObject("flags");
        json.WriteEndObject();
        json.WriteStartArray("shapes");
        foreach (var (track, c) in boxes)
        {
            json.WriteStartObject();
            json.WriteString("label", track.Name);
            json.WriteStartArray("points");
            foreach (var (x, y) in ((decimal, decimal)[])[(c.X1, c.Y1), (c.X2, c.Y2)])
            {
                json.WriteStartArray();
                json.WriteNumberValue(x);
                json.WriteNumberValue(y);
                json.WriteEndArray();
            }

            json.WriteEndArray();
            json.WriteNumber("group_id", track.Id);
            json.WriteString("shape_type", "rectangle");
            json.WriteStartObject("flags");
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("imagePath", picture);
        json.WriteNull("imageData");
        json.WriteNumber("imageHeight", size.Height);
        json.WriteNumber("imageWidth", size.Width);
        json.WriteEndObject();
        return null;
    }
}
