using System.Globalization;
using System.Text;
using System.Xml;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>
/// Writes CVAT for video 1.1: every box as a key frame, since an import drops others; where an object is gone, an outside box at the first
/// frame without it, or CVAT would hold the box to the end of the job.
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
                foreach (var track in clip.Tracks)
                {
                    xml.WriteStartElement("track");
                    xml.WriteAttributeString("id", Text(track.Number));
                    xml.WriteAttributeString("label", track.Name);
                    xml.WriteAttributeString("source", "manual");
                    foreach (var (i, (frame, corners)) in track.Boxes.Index())
                    {
                        Box(xml, frame, corners, isOutside: false);
                        var next = i + 1 < track.Boxes.Count ? track.Boxes[i + 1].Frame : clip.Of.Frames;
                        if (frame + 1 < next)
                        {
                            Box(xml, frame + 1, corners, isOutside: true);
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
        xml.WriteElementString("name", of.Name);
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

    private static void Box(XmlWriter xml, int frame, StatedCorners corners, bool isOutside)
    {
        xml.WriteStartElement("box");
        foreach (
            var (name, value) in ((string, string)[])
                [
                    ("frame", Text(frame)),
                    ("keyframe", "1"),
                    ("outside", isOutside ? "1" : "0"),
                    ("occluded", "0"),
                    ("xtl", Text(corners.X1)),
                    ("ytl", Text(corners.Y1)),
                    ("xbr", Text(corners.X2)),
                    ("ybr", Text(corners.Y2)),
                    ("z_order", "0"),
                ]
        )
        {
            xml.WriteAttributeString(name, value);
        }

        xml.WriteEndElement();
    }

    private static string Text(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);
}
