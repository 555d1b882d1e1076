using System.Collections.Immutable;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>
/// objects.json beside DAVIS's folders: what each object is. <c>[{ "video": "dog", "objects": [{ "id": 1, "what": "dog", "ytvis": "dog" }]
/// }]</c>;
/// <c>ytvis</c>, a YouTube-VIS 2019 category or null, is needed for <c>classes: ytvis</c> only.
/// </summary>
/// <param name="File">The file.</param>
/// <param name="Names">By clip and object number; null for an object without a category.</param>
internal sealed record ObjectNames(string File, ImmutableDictionary<(string Clip, int Number), string?> Names)
{
    public const string FileName = "objects.json";

    /// <summary>Null where there is no such file.</summary>
    public static Result<ObjectNames?, DecodeError> Read(string path, bool ytvis) =>
        !System.IO.File.Exists(path)
            ? Result.Ok<ObjectNames?, DecodeError>(null)
            : JsonFiles.Use(
                path,
                root =>
                    from clips in root.Items()
                    from rows in clips.Select(clip => Clip(clip, ytvis)).Sequence()
                    from names in Unique(path, rows.SelectMany(row => row))
                    select (ObjectNames?)new ObjectNames(path, names)
            );

    /// <summary>The names that occur in these clips, in order.</summary>
    public IEnumerable<string> Of(IEnumerable<string> clips)
    {
        var wanted = clips.ToHashSet(StringComparer.Ordinal);
        return Names
            .Where(pair => wanted.Contains(pair.Key.Clip))
            .Select(pair => pair.Value)
            .OfType<string>()
            .Distinct()
            .Order(StringComparer.Ordinal);
    }

    /// <summary>Class of an object; null where it has no category.</summary>
    public Result<int?, DecodeError> ClassOf(string clip, int number, Classing classing)
    {
        if (!Names.TryGetValue((clip, number), out var name))
        {
            return new DecodeError.BadAnnotation(
                File,
                $"clip {clip}",
                $"the masks have an object {number} that is not listed",
                "List it, or use classes: agnostic."
            );
        }

        return name is null || classing.ClassOf(name) is { }
            ? Result.Ok<int?, DecodeError>(name is null ? null : classing.ClassOf(name))
            : new DecodeError.BadAnnotation(
                File,
                $"clip {clip}, object {number}",
                $"{name} is none of {classing.Names}",
                "Add it to the setting categories, or correct it."
            );
    }

    private static Result<IEnumerable<((string Clip, int Number) Key, string? Name, JsonAt At)>, DecodeError> Clip(
        JsonAt clip,
        bool ytvis
    ) =>
        from video in clip.Get("video").Bind(at => at.Text())
        from list in clip.Get("objects").Bind(at => at.Items())
        from objects in list.Select(o =>
                from id in o.Get("id").Bind(at => at.Count(1))
                from name in ytvis ? Optional(o, "ytvis") : o.Get("what").Bind(at => at.Text()).Map(text => (string?)text)
                select ((video, id), name, o)
            )
            .Sequence()
        select objects.AsEnumerable();

    private static Result<string?, DecodeError> Optional(JsonAt o, string member) =>
        o.Find(member) is { } at ? at.Text().Map(text => (string?)text) : Result.Ok<string?, DecodeError>(null);

    private static Result<ImmutableDictionary<(string, int), string?>, DecodeError> Unique(
        string path,
        IEnumerable<((string Clip, int Number) Key, string? Name, JsonAt At)> rows
    )
    {
        var names = ImmutableDictionary.CreateBuilder<(string, int), string?>();
        foreach (var (key, name, at) in rows)
        {
            if (names.ContainsKey(key))
            {
                return new DecodeError.BadAnnotation(
                    path,
                    at.Path,
                    $"object {key.Number} of clip {key.Clip} is listed twice",
                    "List each object once."
                );
            }

            names.Add(key, name);
        }

        return names.ToImmutable();
    }
}
