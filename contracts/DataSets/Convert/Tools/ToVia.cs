using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>
/// Writes VIA's CSV of annotations: a row a box, its class and object in region_attributes; a picture without an object has a row without a
/// region. Pictures go by their file names, with their folders where these tell two apart.
/// </summary>
internal static class ToVia
{
    public static DecodeError? Write(Conversion work) =>
        WholeOutput.Write(
            work.Path,
            stream =>
            {
                using var text = new StreamWriter(stream, new UTF8Encoding(false), 1 << 16, leaveOpen: true) { NewLine = "\n" };
                text.WriteLine("filename,file_size,file_attributes,region_count,region_id,region_shape_attributes,region_attributes");
                var names = work
                    .Set.Videos.SelectMany(video =>
                        Enumerable.Range(0, video.Frames).Select(frame => Path.GetFileName(JsonOutput.FileOf(video, frame)))
                    )
                    .ToList();
                var alone = names.Distinct(StringComparer.OrdinalIgnoreCase).Count() == names.Count;
                return ToolBoxes.Each(
                    work,
                    clip =>
                    {
                        var byFrame = clip.ByFrame();
                        foreach (var frame in clip.Annotated)
                        {
                            var name = JsonOutput.FileOf(clip.Of, frame);
                            var boxes = byFrame[frame].ToArray();
                            var begin = string.Create(
                                CultureInfo.InvariantCulture,
                                $"{CsvText.Quoted(alone ? Path.GetFileName(name) : name)},{Bytes(work, clip.Of, frame)},\"{{}}\",{boxes.Length}"
                            );
                            foreach (var (i, (track, c)) in boxes.Index())
                            {
                                var shape = new JsonObject
                                {
                                    ["name"] = "rect",
                                    ["x"] = c.X1,
                                    ["y"] = c.Y1,
                                    ["width"] = c.X2 - c.X1,
                                    ["height"] = c.Y2 - c.Y1,
                                };
                                var says = new JsonObject { ["class"] = track.Name, ["track_id"] = track.Id };
                                text.WriteLine(
                                    string.Create(
                                        CultureInfo.InvariantCulture,
                                        $"{begin},{i},{CsvText.Quoted(shape.ToJsonString())},{CsvText.Quoted(says.ToJsonString())}"
                                    )
                                );
                            }

                            if (boxes.Length == 0)
                            {
                                text.WriteLine($"{begin},0,\"{{}}\",\"{{}}\"");
                            }
                        }

                        return null;
                    }
                );
            }
        );

    /// <summary>By name and size VIA knows a picture again; -1 where it is not there.</summary>
    private static long Bytes(Conversion work, SetVideo of, int frame) =>
        !of.Files.IsEmpty && new FileInfo(work.Set.PictureOf(of, frame)) is { Exists: true } file ? file.Length : -1;
}
