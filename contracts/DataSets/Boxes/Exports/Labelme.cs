using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>
/// labelme's JSON, one a picture: shapes, of which rectangles, polygons and circles have boxes. A group_id is an object, in other pictures
/// too.
/// </summary>
internal static class Labelme
{
    /// <summary>The files of a folder, and of the folders in it, where the first JSON is of this form; empty otherwise.</summary>
    public static string[] Files(string folder)
    {
        var own = BoxFolders.FilesOf(folder, ".json");
        return own.Length > 0 && Is(own[0]) ? own : [];
    }

    public static Result<BoxFile, DecodeError> Read(string path, IReadOnlyList<string> files)
    {
        var pictures = files
            .Select(file => JsonFiles.Use(file, root => Picture(root, file, Directory.Exists(path) ? path : Path.GetDirectoryName(file)!)))
            .Sequence();
        return pictures.Bind(all =>
        {
            var rows = new BoxRows(path);
            var frameOf = rows.Pictures(all.Select(picture => picture.Name));
            foreach (var picture in all)
            {
                rows.Frame(null, frameOf[picture.Name], picture.Place);
                foreach (var shape in picture.Shapes)
                {
                    if (shape.Kind is not ("rectangle" or "polygon" or "circle" or "mask"))
                    {
                        rows.PassOver("points, lines and other shapes");
                    }
                    else if (
                        rows.Box(null, frameOf[picture.Name], shape.Group ?? rows.Alone(), shape.Label, Corners(shape), shape.Place) is
                        { } error
                    )
                    {
                        return error;
                    }
                }
            }

            return Result.Ok<BoxFile, DecodeError>(rows.File(DataFormat.Labelme, "labelme's JSON") with { Files = [.. files] });
        });
    }

    private sealed record Shape(string Kind, string Label, long? Group, IReadOnlyList<(double X, double Y)> Points, string Place);

    private sealed record Labelled(string Name, string Place, IReadOnlyList<Shape> Shapes);

    private static bool Is(string file)
    {
        var (found, stop) = (false, new DecodeError.Missing(file, "nothing"));
        var read = JsonElements.ForEach(
            file,
            part =>
            {
                found |= part.Member == "shapes";
                return part.Member is "shapes" or "" ? stop : null;
            },
            problem => problem.Error
        );
        return found || (read is Result<IReadOnlySet<string>, DecodeError>.Ok(var lists) && lists.Contains("shapes")); // there may be none in it
    }

    private static Result<Labelled, DecodeError> Picture(JsonAt root, string file, string folder) =>
        from name in root.Find("imagePath") is { } at ? at.Text() : Result.Ok<string, DecodeError>(Path.GetFileNameWithoutExtension(file))
        from list in root.Get("shapes").Bind(at => at.Items())
        from shapes in list.Select(One).Sequence()
        select new Labelled(
            Named(Path.GetDirectoryName(Path.GetRelativePath(folder, file)) ?? "", name.Replace('\\', '/')),
            $"{Path.GetRelativePath(folder, file)} {root.Path}",
            shapes
        );

    /// <summary>A picture with the folders that its name tells, without those that lead up: its path is relative to its JSON.</summary>
    private static string Named(string folder, string name)
    {
        var parts = new List<string>();
        foreach (var part in (Path.IsPathRooted(name) ? name : $"{folder}/{name}").Split('/'))
        {
            if (part == ".." && parts.Count > 0)
            {
                parts.RemoveAt(parts.Count - 1);
            }
            else if (part is not ("" or "." or ".."))
            {
                parts.Add(part);
            }
        }

        return string.Join('/', parts);
    }

    private static Result<Shape, DecodeError> One(JsonAt at) =>
        from kind in at.Find("shape_type") is { } type ? type.Text() : Result.Ok<string, DecodeError>("polygon")
        from label in at.Get("label").Bind(text => text.Text())
        from grouped in at.Find("group_id") is { } id ? id.Whole().Map(number => (long?)number) : Result.Ok<long?, DecodeError>(null)
        from items in at.Get("points").Bind(list => list.Items())
        from points in items.Select(Point).Sequence()
        select new Shape(kind, label, grouped, points, $"{Path.GetFileName(at.File)} {at.Path}");

    private static Result<(double X, double Y), DecodeError> Point(JsonAt at) =>
        from two in at.Items()
        from _ in two.Count == 2 ? Result.Ok<Unit, DecodeError>(default) : at.Expected("two numbers")
        from x in two[0].Number()
        from y in two[1].Number()
        select (x, y);

    private static StatedCorners? Corners(Shape shape)
    {
        if (shape.Kind != "circle" || shape.Points.Count != 2)
        {
            return TurnedBox.Round(shape.Points);
        }

        var ((x, y), (edgeX, edgeY)) = (shape.Points[0], shape.Points[1]);
        var radius = Math.Sqrt(((edgeX - x) * (edgeX - x)) + ((edgeY - y) * (edgeY - y)));
        return TurnedBox.Round([(x - radius, y - radius), (x + radius, y + radius)]);
    }
}
