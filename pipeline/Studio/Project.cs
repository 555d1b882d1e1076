using System.Collections.Immutable;
using System.Text.Json;
using Motion.Contracts;
using Motion.Decode;
using Motion.Runner.Folders;

namespace Motion.Studio;

/// <summary>A video of the project.</summary>
internal sealed record StudioVideo(Footage Footage, ClipInfo Info);

/// <summary>What was drawn of a video.</summary>
internal sealed record VideoBoxes(string Name, ImmutableArray<Drawn> Objects);

/// <summary>All that the studio keeps: boxes, and which labelling a video's masks are of.</summary>
/// <param name="Version">Counts the changes.</param>
/// <param name="Videos">Those with boxes.</param>
/// <param name="Labelled">Number of the labelling by names of videos.</param>
internal sealed record Kept(long Version, ImmutableArray<VideoBoxes> Videos, ImmutableSortedDictionary<string, int> Labelled)
{
    public static Kept Nothing { get; } = new(0, [], ImmutableSortedDictionary<string, int>.Empty);
}

/// <summary>
/// A project's folder. studio.json is what was drawn, with its checksum, written whole with every change; boxes.json is the same for other
/// commands: every frame in which a box turns, with all its boxes.
/// </summary>
internal sealed class Project
{
    private readonly Lock _gate = new();
    private Kept _kept;

    private Project(string root, ImmutableArray<StudioVideo> videos, Kept kept) => (Root, Videos, _kept) = (root, videos, kept);

    public string Root { get; }

    public ImmutableArray<StudioVideo> Videos { get; }

    public string Boxes => Path.Combine(Root, "boxes.json");

    public string Cache => Path.Combine(Root, "cache");

    public string Takings => Path.Combine(Root, "away");

    public Kept Kept
    {
        get
        {
            lock (_gate)
            {
                return _kept;
            }
        }
    }

    private string File => Path.Combine(Root, "studio.json");

    /// <summary>The folder of a labelling.</summary>
    public string Labelling(int number) =>
        Path.Combine(Root, "labelled", number.ToString(System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>Opens or makes a project.</summary>
    /// <param name="root">Its folder.</param>
    /// <param name="paths">Videos, folders of videos, folders of pictures.</param>
    public static Result<Project, DecodeError> Open(string root, IReadOnlyList<string> paths) =>
        from found in paths.Select(Footage.Find).Sequence()
        let all = found.SelectMany(clips => clips).ToImmutableArray()
        from _ in all.GroupBy(clip => clip.Name, StringComparer.Ordinal).FirstOrDefault(same => same.Skip(1).Any()) is { } twice
            ? new DecodeError.BadSetting(
                "path",
                $"two videos are named {twice.Key}",
                "Rename one: a video's name without ending is its clip's."
            )
            : Result.Ok<Unit, DecodeError>(default)
        from infos in all.Select(clip => clip.Info().Map(info => new StudioVideo(clip, info))).Sequence()
        from kept in Read(Path.Combine(root, "studio.json"))
        select new Project(root, [.. infos], kept);

    private static Result<Kept, DecodeError> Read(string path)
    {
        try
        {
            return System.IO.File.Exists(path) ? SealedJson.Read<Kept>(path) : Kept.Nothing;
        }
        catch (IOException e)
        {
            return new DecodeError.Corrupt(
                path,
                e.Message.TrimEnd('.'),
                "Take it away to begin anew; boxes.json beside it holds the boxes too."
            );
        }
    }

    /// <summary>Keeps the boxes of a video; nothing is kept, and the version that is there told, where somebody else was faster.</summary>
    /// <returns>The new version, or why not.</returns>
    public Result<long, StudioRefusal> Keep(int video, long version, ImmutableArray<Drawn> objects)
    {
        var of = Videos[video];
        if (Between.Problem(objects, of.Info.Frames, of.Info.Size) is { } problem)
        {
            return new StudioRefusal(400, problem);
        }

        lock (_gate)
        {
            if (version != _kept.Version)
            {
                return new StudioRefusal(409, "The boxes were changed in another window. This one shows them as they are now.");
            }

            var others = _kept.Videos.Where(one => one.Name != of.Footage.Name);
            return Save(
                _kept with
                {
                    Version = version + 1,
                    Videos = objects.IsEmpty ? [.. others] : [.. others.Append(new VideoBoxes(of.Footage.Name, objects))],
                }
            );
        }
    }

    /// <summary>Keeps that videos' masks are of a labelling.</summary>
    public Result<long, StudioRefusal> Labelled(IEnumerable<string> names, int number)
    {
        lock (_gate)
        {
            return Save(_kept with { Labelled = _kept.Labelled.SetItems(names.Select(name => KeyValuePair.Create(name, number))) });
        }
    }

    public ImmutableArray<Drawn> ObjectsOf(int video) =>
        Kept.Videos.FirstOrDefault(one => one.Name == Videos[video].Footage.Name)?.Objects ?? [];

    private Result<long, StudioRefusal> Save(Kept kept)
    {
        try
        {
            SealedJson.Write(File, kept);
            WholeFile.Write(Boxes, stream => WriteBoxes(stream, kept, _ => true));
            _kept = kept;
            return kept.Version;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new StudioRefusal(
                507,
                $"The change could not be kept: {e.Message.TrimEnd('.')}. What was kept before is whole; free some space, and change something to try again."
            );
        }
    }

    /// <summary>Writes the boxes of some videos by themselves.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public void WriteBoxes(string path, IReadOnlyCollection<string> names)
    {
        var kept = Kept;
        WholeFile.Write(path, stream => WriteBoxes(stream, kept, names.Contains));
    }

    /// <summary>In the form of docs/data.md.</summary>
    private void WriteBoxes(Stream stream, Kept kept, Func<string, bool> isMeant)
    {
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteStartArray("categories");
        foreach (
            var name in kept
                .Videos.Where(video => isMeant(video.Name))
                .SelectMany(video => video.Objects)
                .Select(one => one.Class)
                .Distinct(StringComparer.Ordinal)
                .Order(StringComparer.Ordinal)
        )
        {
            json.WriteStringValue(name);
        }

        json.WriteEndArray();
        json.WriteStartArray("frames");
        foreach (var video in kept.Videos.Where(video => isMeant(video.Name)))
        {
            if (Videos.FirstOrDefault(one => one.Footage.Name == video.Name) is not { } of)
            {
                continue; // not open this time
            }

            foreach (var (frame, boxes) in Between.Turns(video.Objects, of.Info.Frames))
            {
                json.WriteStartObject();
                json.WriteString("clip", video.Name);
                json.WriteNumber("frame", frame);
                json.WriteStartArray("boxes");
                foreach (var (one, box) in boxes)
                {
                    json.WriteStartObject();
                    json.WriteNumber("id", one.Id);
                    json.WriteString("class", one.Class);
                    json.WriteStartArray("box");
                    foreach (var corner in box)
                    {
                        json.WriteNumberValue(Math.Round(corner, 3));
                    }

                    json.WriteEndArray();
                    json.WriteEndObject();
                }

                json.WriteEndArray();
                json.WriteEndObject();
            }
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}

/// <summary>Why something is not done, for whoever sits before the page.</summary>
/// <param name="Status">Of HTTP.</param>
/// <param name="Text">One sentence or two.</param>
internal sealed record StudioRefusal(int Status, string Text) : IStageError
{
    public string Describe() => Text;
}
