using System.Globalization;
using System.Xml;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>
/// CVAT's XML 1.1. Of a video: tracks of shapes, one for each of its frames that the task has. A shape that is outside is the first frame
/// without the object. Key frames whose frames between them are not written out are joined on straight lines, towards an outside shape too.
/// Of images: shapes in each.
/// </summary>
/// <remarks>Nothing beside the file is read: a document type, and with it every entity from elsewhere, is refused.</remarks>
internal static class CvatXml
{
    private const string Form = "CVAT's XML 1.1";
    private const string Outermost = "annotations";

    private static readonly XmlReaderSettings Settings = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
        IgnoreWhitespace = true,
    };

    /// <summary>Whether a file begins as one of this form.</summary>
    public static bool Is(string path)
    {
        try
        {
            using var file = InputFile.Open(path);
            using var xml = XmlReader.Create(file, Settings);
            return xml.MoveToContent() == XmlNodeType.Element && xml.LocalName == Outermost;
        }
        catch (Exception e) when (e is XmlException or IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    public static Result<BoxFile, DecodeError> Read(string path)
    {
        try
        {
            using var file = InputFile.Open(path, bufferSize: 1 << 16);
            using var xml = XmlReader.Create(file, Settings);
            return new Document(path, xml).Read();
        }
        catch (XmlException e)
        {
            return e.Message.Contains("DTD", StringComparison.Ordinal)
                ? new DecodeError.Corrupt(
                    path,
                    $"line {e.LineNumber}: it has a document type definition, which can name other files and is not read",
                    "Export it again, or take the definition out."
                )
                : new DecodeError.Corrupt(
                    path,
                    $"not XML, line {e.LineNumber}, column {e.LinePosition}: {Short(e.Message.Split(" Line ")[0]).TrimEnd('.', ' ')}",
                    "Correct the file, or export it again."
                );
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return JsonFiles.Unreadable(path, e);
        }
    }

    private static string Short(string message) => message.Length > 200 ? message[..200] : message;

    private sealed record Shape(int Frame, bool IsOutside, bool IsKey, TurnedBox Box, string Place);

    /// <summary>One reading.</summary>
    private sealed class Document(string path, XmlReader xml)
    {
        private readonly BoxRows _rows = new(path);
        private readonly List<(long Id, string Label, List<Shape> Shapes)> _tracks = [];
        private readonly List<(string Name, string Label, TurnedBox Box, string Place)> _inImages = [];
        private readonly List<(string Name, string Place)> _images = [];
        private int? _step; // frames of the video to one of the task
        private bool _isWhole; // some shape is none of a key frame: then all frames are written out
        private int _turned;
        private DecodeError? _error;

        private string Place => $"line {((IXmlLineInfo)xml).LineNumber}";

        public Result<BoxFile, DecodeError> Read()
        {
            xml.MoveToContent();
            if (xml.LocalName != Outermost)
            {
                return _rows.Wrong(
                    Place,
                    $"its outermost element is {BoxRows.Show(xml.LocalName)}, and CVAT's is annotations",
                    "Export it as CVAT for video 1.1, or as another form that docs/data.md lists."
                );
            }

            while (_error is null && xml.Read())
            {
                if (xml.NodeType != XmlNodeType.Element)
                {
                    continue;
                }

                switch (xml.LocalName)
                {
                    case "frame_filter":
                        Filter();
                        break;
                    case "track":
                        Track();
                        break;
                    case "image":
                        Image();
                        break;
                }
            }

            return _error ?? (_images.Count > 0 ? Pictures() : Frames());
        }

        /// <summary>step=5, where the task has every fifth frame.</summary>
        private void Filter()
        {
            var text = xml.IsEmptyElement ? "" : xml.ReadString();
            _step =
                text.Split('=') is ["step", var number]
                && int.TryParse(number.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var step)
                && step > 0
                    ? step
                    : _step;
        }

        private void Track()
        {
            var id = long.TryParse(xml.GetAttribute("id"), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var own)
                ? own
                : _tracks.Count;
            var shapes = new List<Shape>();
            _tracks.Add((id, xml.GetAttribute("label") ?? "", shapes));
            Within(() =>
            {
                if (!int.TryParse(xml.GetAttribute("frame"), NumberStyles.None, CultureInfo.InvariantCulture, out var frame))
                {
                    _error = _rows.Wrong(
                        Place,
                        $"the frame of a shape must be a whole number from 0 on; got {BoxRows.Show(xml.GetAttribute("frame"))}"
                    );
                }
                else if (Shaped() is { } box)
                {
                    var isKey = xml.GetAttribute("keyframe") is not "0";
                    _isWhole |= !isKey;
                    shapes.Add(new Shape(frame, xml.GetAttribute("outside") == "1", isKey, box, Place));
                }
            });
        }

        private void Image()
        {
            var name = xml.GetAttribute("name") ?? "";
            _images.Add((name, Place));
            Within(() =>
            {
                if (Shaped() is { } box)
                {
                    _inImages.Add((name, xml.GetAttribute("label") ?? "", box, Place));
                }
            });
        }

        /// <summary>Uses each shape within the element at hand.</summary>
        private void Within(Action use)
        {
            if (xml.IsEmptyElement)
            {
                return;
            }

            var depth = xml.Depth;
            while (_error is null && xml.Read() && xml.Depth > depth)
            {
                if (xml.NodeType == XmlNodeType.Element && xml.Depth == depth + 1)
                {
                    use();
                }
            }
        }

        /// <summary>The box of the shape at hand; null for what has none.</summary>
        private TurnedBox? Shaped()
        {
            switch (xml.LocalName)
            {
                case "box":
                    var (left, top, right, bottom, degrees) = (
                        Number("xtl"),
                        Number("ytl"),
                        Number("xbr"),
                        Number("ybr"),
                        xml.GetAttribute("rotation") is null ? 0 : Number("rotation")
                    );
                    _turned += degrees != 0 ? 1 : 0;
                    return _error is null ? new TurnedBox(left, top, right - left, bottom - top, degrees) : null;
                case "ellipse":
                    var (x, y, rx, ry, turn) = (
                        Number("cx"),
                        Number("cy"),
                        Number("rx"),
                        Number("ry"),
                        xml.GetAttribute("rotation") is null ? 0 : Number("rotation")
                    );
                    return _error is null ? new TurnedBox(x - rx, y - ry, 2 * rx, 2 * ry, turn) : null;
                case "mask":
                    return new TurnedBox(Number("left"), Number("top"), Number("width"), Number("height"), 0) is var mask && _error is null
                        ? mask
                        : null;
                case "polygon":
                    return Outline();
                case "points" or "polyline" or "skeleton" or "cuboid":
                    _rows.PassOver(xml.LocalName);
                    return null;
                default:
                    return null; // attributes, tags
            }
        }

        private TurnedBox? Outline()
        {
            var points = new List<(double X, double Y)>();
            foreach (var pair in (xml.GetAttribute("points") ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries))
            {
                if (pair.Split(',') is not [var first, var second] || !Parsed(first, out var x) || !Parsed(second, out var y))
                {
                    _error = _rows.Wrong(Place, $"the points of a polygon must be numbers x,y;x,y; got {BoxRows.Show(pair)}");
                    return null;
                }

                points.Add((x, y));
            }

            if (TurnedBox.Round(points) is { } c)
            {
                return new TurnedBox((double)c.X1, (double)c.Y1, (double)(c.X2 - c.X1), (double)(c.Y2 - c.Y1), 0);
            }

            _error = _rows.Wrong(Place, points.Count == 0 ? "a polygon has no points" : "the points of a polygon are no pixels");
            return null;
        }

        private double Number(string name)
        {
            if (Parsed(xml.GetAttribute(name) ?? "", out var value))
            {
                return value;
            }

            _error ??= _rows.Wrong(
                Place,
                $"{name} of a {xml.LocalName} must be a finite number; got {BoxRows.Show(xml.GetAttribute(name))}"
            );
            return 0;
        }

        private static bool Parsed(string text, out double value) =>
            double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);

        private Result<BoxFile, DecodeError> Frames()
        {
            var step = _step ?? (_isWhole ? _tracks.SelectMany(track => Steps(track.Shapes)).DefaultIfEmpty(1).Min() : 1);
            foreach (var (id, label, shapes) in _tracks)
            {
                shapes.Sort((a, b) => a.Frame.CompareTo(b.Frame));
                foreach (var (i, shape) in shapes.Index())
                {
                    if (shape.IsOutside)
                    {
                        continue;
                    }

                    var next = i + 1 < shapes.Count ? shapes[i + 1] : shape;
                    for (long frame = shape.Frame; frame == shape.Frame || frame < next.Frame; frame += step)
                    {
                        var box =
                            frame == shape.Frame
                                ? shape.Box
                                : shape.Box.TowardsByTheShorterWay(next.Box, (double)(frame - shape.Frame) / (next.Frame - shape.Frame));
                        if (_rows.Box(null, (int)frame, id, label, box.AboutCentre(), shape.Place) is { } error)
                        {
                            return error;
                        }
                    }
                }
            }

            return Told(_rows.File(DataFormat.Cvat, Form));
        }

        private static IEnumerable<int> Steps(List<Shape> shapes) =>
            shapes.Select(shape => shape.Frame).Distinct().Order().ToArray() is var frames
                ? frames.Zip(frames.Skip(1), (a, b) => b - a)
                : [];

        private Result<BoxFile, DecodeError> Pictures()
        {
            var place = _rows.Pictures(_images.Select(image => image.Name));
            foreach (var (name, where) in _images)
            {
                _rows.Frame(null, place[name], where);
            }

            foreach (var (i, (name, label, box, where)) in _inImages.Index())
            {
                if (_rows.Box(null, place[name], i + 1, label, box.AboutCentre(), where) is { } error)
                {
                    return error;
                }
            }

            return Told(_rows.File(DataFormat.Cvat, Form + " of images"));
        }

        private BoxFile Told(BoxFile file) =>
            _turned == 0
                ? file
                : file with
                {
                    Notes = file.Notes.Add($"{_turned} boxes are turned about their centres: the upright boxes round them are taken"),
                };
    }
}
