using System.Collections.Immutable;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Decode;

namespace Motion.Pipeline.Labelling;

/// <summary>What is to be labelled: videos, or folders of pictures.</summary>
/// <param name="Kind">video or frames.</param>
/// <param name="Path">What the decode stage is given.</param>
/// <param name="Clips">Those that can be read.</param>
/// <param name="Broken">A sentence for each that cannot.</param>
internal sealed record GivenVideos(SourceKind Kind, string Path, ImmutableArray<ClipInfo> Clips, ImmutableArray<string> Broken)
{
    /// <summary>Finds what the paths hold; several are gathered as links in one folder.</summary>
    /// <param name="paths">Videos, a folder of videos, a folder of pictures, a folder in DAVIS's layout; several of one kind.</param>
    /// <param name="clips">Only these; empty for all.</param>
    /// <param name="links">Where links are made.</param>
    public static Result<GivenVideos, DecodeError> Find(ImmutableArray<string> paths, ImmutableArray<string> clips, string links)
    {
        foreach (var path in paths)
        {
            if (!File.Exists(path) && !Directory.Exists(path))
                return new DecodeError.Missing(path, "a video or folder");
        }

        var files = paths.SelectMany(path => Directory.Exists(path) ? VideosIn(path) : [path]).ToImmutableArray();
        if (files.Length == 0)
            return paths.Length == 1 ? OfPictures(paths[0], clips) : Together(paths, links).Bind(folder => OfPictures(folder, clips));
        if (paths.Any(path => Directory.Exists(path) && VideosIn(path).Length == 0))
            return new DecodeError.BadSetting("--source", "videos and folders of pictures came together", "Label the one, then the other.");
        return paths.Length == 1
            ? OfVideos(paths[0], files, clips)
            : Together(files, links)
                .Bind(folder =>
                    OfVideos(folder, [.. files.Select(file => System.IO.Path.Combine(folder, System.IO.Path.GetFileName(file)))], clips)
                );
    }

    private static string[] VideosIn(string folder) => [.. Directory.GetFiles(folder).Where(VideoNames.Is).Order(StringComparer.Ordinal)];

    private static Result<GivenVideos, DecodeError> OfVideos(string path, ImmutableArray<string> files, ImmutableArray<string> clips)
    {
        var (good, broken) = (ImmutableArray.CreateBuilder<ClipInfo>(), ImmutableArray.CreateBuilder<string>());
        foreach (
            var file in files.Where(file =>
                clips.IsEmpty || clips.Contains(System.IO.Path.GetFileNameWithoutExtension(file), StringComparer.Ordinal)
            )
        )
        {
            DecodeSources
                .ProbeVideos(file)
                .Match(
                    infos =>
                    {
                        good.AddRange(infos);
                        return 0;
                    },
                    error =>
                    {
                        broken.Add(error.Describe());
                        return 0;
                    }
                );
        }

        return new GivenVideos(SourceKind.Video, path, good.ToImmutable(), broken.ToImmutable());
    }

    private static Result<GivenVideos, DecodeError> OfPictures(string path, ImmutableArray<string> clips) =>
        DecodeSources
            .Open(
                new DecodeOptions
                {
                    Source = SourceKind.Frames,
                    Path = path,
                    Clips = clips,
                    Classes = DataSets.ClassNaming.Agnostic,
                },
                new Seed(0)
            )
            .Map(stage => new GivenVideos(SourceKind.Frames, path, stage.Catalogue.Clips, []));

    /// <summary>One folder of links, so that one source reads them all.</summary>
    private static Result<string, DecodeError> Together(ImmutableArray<string> paths, string links)
    {
        if (
            paths
                .GroupBy(path => System.IO.Path.GetFileNameWithoutExtension(path), StringComparer.Ordinal)
                .FirstOrDefault(same => same.Count() > 1) is
            { } twice
        )
        {
            return new DecodeError.BadSetting(
                "--source",
                $"two sources are named {twice.Key}",
                "Rename one: a video's name without ending is its clip's."
            );
        }

        try
        {
            if (Directory.Exists(links))
                Directory.Delete(links, recursive: true);
            foreach (var path in paths)
                WholeFile.Link(
                    System.IO.Path.Combine(links, System.IO.Path.GetFileName(path.TrimEnd(System.IO.Path.DirectorySeparatorChar))),
                    System.IO.Path.GetFullPath(path)
                );
            return links;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new DecodeError.Corrupt(links, e.Message.TrimEnd('.'), "Choose another place with --out.");
        }
    }
}
