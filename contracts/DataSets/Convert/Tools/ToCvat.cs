using System.Globalization;
using System.Text;
using System.Xml;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>
/// Writes CVAT for video 1.1: every box as a key frame, since an import drops others; where an object is gone, an outside box at the first
/// frame without it, or CVAT would hold the box to the end of the job. A mask is a track of one frame, since an import keeps the first mask
/// of a track only; those of an object are a group.
/// </summary>
internal static class ToCvat
{
    public static DecodeError? Write(Conversion work) =>
        ToolBoxes.ClipByClip(
            work,
            ".xml",
            (clip, stream) =>
            {
                using var xml = XmlWriter.Create(
                    stream,
                    new XmlWriterSettings
                    {
                        Encoding = new UTF8Encoding(false),
                        Indent = true,
                        NewLineChars = "\n",
                    }
                );
                xml.WriteStartElement("annotations");
                xml.WriteElementString("version", "1.1");
                Meta(xml, work, clip.Of);
                var next = 1 + clip.Tracks.Select(track => track.Number).DefaultIfEmpty(0).Max(); // no object's number
                foreach (var (track, part) in clip.Tracks.SelectMany(Parts).ToArray())
                {
                    xml.WriteStartElement("track");
                    xml.WriteAttributeString("id", Text(track.Masks.Count > 0 ? next++ : track.Number));
                    xml.WriteAttributeString("label", track.Name);
                    xml.WriteAttributeString("source", "manual");
                    if (track.Masks.Count > 0)
                    {
                        xml.WriteAttributeString("group_id", Text(track.Number));
                    }

                    foreach (var (i, (frame, corners)) in part.Index())
                    {
                        Shape(xml, frame, corners, track.Masks.GetValueOrDefault(frame), isOutside: false);
                        var after = i + 1 < part.Count ? part[i + 1].Frame : clip.Of.Frames;
                        if (frame + 1 < after)
                        {
                            Shape(xml, frame + 1, corners, track.Masks.GetValueOrDefault(frame), isOutside: true);
                        }
                    }

                    xml.WriteEndElement();
                }

                xml.WriteEndElement();
                return null;
            }
        );

    private static void Meta(XmlWriter xml, Conversion work, SetVideo of)
    {
        xml.WriteStartElement("meta");
        xml.WriteStartElement("task");
        // XML holds no control letters, and the name is what people read in the list of tasks: there they are as on a screen.
        xml.WriteElementString("name", Legible.Line(of.Name));
        xml.WriteElementString("size", Text(of.Frames));
        xml.WriteElementString("mode", "interpolation");
        xml.WriteElementString("start_frame", "0");
        xml.WriteElementString("stop_frame", Text(of.Frames - 1));
        xml.WriteStartElement("labels");
        foreach (var category in work.Set.Categories)
        {
            xml.WriteStartElement("label");
            xml.WriteElementString("name", category.Name);
            xml.WriteStartElement("attributes");
            xml.WriteEndElement();
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
        xml.WriteStartElement("original_size");
        xml.WriteElementString("width", Text(of.Size.Width));
        xml.WriteElementString("height", Text(of.Size.Height));
        xml.WriteEndElement();
        xml.WriteEndElement();
        xml.WriteEndElement();
    }

    /// <summary>An object as tracks: each mask by itself, the boxes of frames without a mask together.</summary>
    private static IEnumerable<(TrackBoxes Track, IReadOnlyList<(int Frame, StatedCorners Corners)> Part)> Parts(TrackBoxes track)
    {
        foreach (var box in track.Boxes.Where(box => track.Masks.ContainsKey(box.Frame)))
        {
            yield return (track, [box]);
        }

        if (track.Boxes.Where(box => !track.Masks.ContainsKey(box.Frame)).ToArray() is { Length: > 0 } rest)
        {
            yield return (track, rest);
        }
    }

    private static void Shape(XmlWriter xml, int frame, StatedCorners corners, Rle? mask, bool isOutside)
    {
        xml.WriteStartElement(mask is null ? "box" : "mask");
        foreach (
            var (name, value) in ((string, string)[])
                [("frame", Text(frame)), ("keyframe", "1"), ("outside", isOutside ? "1" : "0"), ("occluded", "0")]
        )
        {
            xml.WriteAttributeString(name, value);
        }

        foreach (
            var (name, value) in mask is null
                ? ((string, string)[])
                    [("xtl", Text(corners.X1)), ("ytl", Text(corners.Y1)), ("xbr", Text(corners.X2)), ("ybr", Text(corners.Y2))]
                : Cropped(CroppedMask.Of(mask))
        )
        {
            xml.WriteAttributeString(name, value);
        }

        xml.WriteAttributeString("z_order", "0");
        xml.WriteEndElement();
    }

    private static (string, string)[] Cropped(CroppedMask mask) =>
        [
            ("rle", string.Join(", ", mask.Runs)),
            ("left", Text(mask.At.X)),
            ("top", Text(mask.At.Y)),
            ("width", Text(mask.At.Width)),
            ("height", Text(mask.At.Height)),
        ];

    private static string Text(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);
}
