using System.Collections.Immutable;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Decode;

namespace Motion.Pipeline.Taking;

/// <summary>A form in which masks are taken away: one of a data set, or the overlay.</summary>
/// <param name="Name">As people say it after --to.</param>
/// <param name="Data">The form of the data set; null for the overlay.</param>
/// <param name="Polygons">Whether masks are polygons.</param>
/// <param name="Words">What it is for, for people.</param>
internal sealed record TakeForm(string Name, DataFormat? Data, bool Polygons, string Words)
{
    public const string Overlay = "overlay";

    public static ImmutableArray<TakeForm> All { get; } =
    [
        new("youtube-vis", DataFormat.YoutubeVis, false, "YouTube-VIS JSON: a video an entry, an object a track"),
        new("coco", DataFormat.Coco, false, "COCO JSON, masks as run lengths"),
        new("coco-polygons", DataFormat.Coco, true, "COCO JSON, masks as polygons with the same pixels"),
        new("davis", DataFormat.Davis, false, "DAVIS: palette PNGs, a number an object"),
        new("mots", DataFormat.Mots, false, "MOTS: 16-bit PNGs and texts of run lengths"),
        new("cvat", DataFormat.Cvat, false, "CVAT for video 1.1: XML with masks"),
        new("label-studio", DataFormat.LabelStudio, false, "Label Studio's JSON of a video: boxes"),
        new("boxes-csv", DataFormat.BoxesCsv, false, "CSV of boxes"),
        new(Overlay, null, false, "the video with the masks over it, mp4"),
    ];

    public static TakeForm? Of(string name) => All.FirstOrDefault(form => form.Name == name);
}

/// <summary>What was taken away in a form.</summary>
/// <param name="Form">The form.</param>
/// <param name="Path">A file or a folder.</param>
/// <param name="Lost">What the form does not hold, a sentence each.</param>
internal sealed record Taken(TakeForm Form, string Path, ImmutableArray<string> Lost);

/// <summary>Masks in the forms of other tools, and as a video to look at: what label --to and the studio both call.</summary>
internal static class TakeAway
{
    /// <summary>Where a form is written below a folder.</summary>
    public static string PathOf(TakeForm form, string folder, int videos) =>
        System.IO.Path.Combine(
            folder,
            form.Name
                + form.Data switch
                {
                    DataFormat.YoutubeVis or DataFormat.Coco => ".json",
                    DataFormat.BoxesCsv => ".csv",
                    DataFormat.Cvat when videos == 1 => ".xml",
                    DataFormat.LabelStudio when videos == 1 => ".json",
                    null when videos == 1 => ".mp4",
                    _ => "",
                }
        );

    /// <summary>Writes masks in some forms; what was written before is replaced.</summary>
    /// <param name="masks">A set with masks: masks.json of label, or any that data inspect reads.</param>
    /// <param name="sources">The videos or folders that it is about; needed for the overlay.</param>
    /// <param name="forms">The forms.</param>
    /// <param name="folder">Where.</param>
    /// <param name="options">How overlays are drawn.</param>
    /// <param name="progress">Told form, done and of how many.</param>
    /// <param name="cancel">Stops it; what is whole stays.</param>
    /// <returns>What was written, or the first form that cannot be.</returns>
    public static async Task<Result<ImmutableArray<Taken>, DecodeError>> Write(
        string masks,
        IReadOnlyList<string> sources,
        IReadOnlyList<TakeForm> forms,
        string folder,
        OverlayOptions options,
        Action<TakeForm, long, long>? progress,
        CancellationToken cancel
    )
    {
        var place = new DataPlace(Source: null, Probe: DecodeSources.ProbeVideos);
        var videos = 0;
        if (
            ShownMasks.Each(
                masks,
                place,
                _ =>
                {
                    videos++;
                    return null;
                }
            )
            is Result<ImmutableArray<string>, DecodeError>.Error(var unreadable)
        )
        {
            return unreadable;
        }

        var taken = ImmutableArray.CreateBuilder<Taken>();
        foreach (var form in forms)
        {
            var path = PathOf(form, folder, videos);
            Directory.CreateDirectory(folder);
            if (form.Data is null)
            {
                if (
                    await Overlays(masks, place, sources, path, videos, options, (done, of) => progress?.Invoke(form, done, of), cancel) is
                    { } error
                )
                {
                    return error;
                }

                taken.Add(new Taken(form, path, []));
                continue;
            }

            var temporary = WholeFile.Free(path);
            try
            {
                void Told(long done, long of)
                {
                    cancel.ThrowIfCancellationRequested();
                    progress?.Invoke(form, done, of);
                }

                switch (DataConvert.Run(masks, place, temporary, new ConvertOptions(form.Data.Value) { Polygons = form.Polygons }, Told))
                {
                    case Result<ConvertReport, DecodeError>.Error(var reason):
                        return reason;
                    case Result<ConvertReport, DecodeError>.Ok(var report):
                        Replace(temporary, path);
                        taken.Add(
                            new Taken(
                                form,
                                path,
                                [.. report.Lost.Select(loss => loss.Count > 1 ? $"{loss.What} ({loss.Count})" : loss.What)]
                            )
                        );
                        break;
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return new DecodeError.Corrupt(
                    path,
                    $"cannot be written: {e.Message.TrimEnd('.')}",
                    "Check the folder, its permissions and the disk's space."
                );
            }
            finally
            {
                Remove(temporary);
            }
        }

        return taken.ToImmutable();
    }

    /// <summary>The overlay of each video: one as a file, several as a folder of them.</summary>
    public static async Task<DecodeError?> Overlays(
        string masks,
        DataPlace place,
        IReadOnlyList<string> sources,
        string path,
        int videos,
        OverlayOptions options,
        Action<long, long>? progress,
        CancellationToken cancel
    )
    {
        if (sources.Count == 0)
        {
            return new DecodeError.BadSetting(
                "source",
                "an overlay is drawn over the video",
                "Name it: --source VIDEO, or the folder of the videos."
            );
        }

        var found = sources.Select(Footage.Find).Sequence();
        if (found is not Result<IReadOnlyList<ImmutableArray<Footage>>, DecodeError>.Ok(var all))
        {
            return found.Match<DecodeError?>(_ => null, error => error);
        }

        var clips = all.SelectMany(one => one).ToArray();

        var (shown, done, failed) = (new List<ShownVideo>(), 0, (DecodeError?)null);
        if (
            ShownMasks.Each(
                masks,
                place,
                video =>
                {
                    shown.Add(video);
                    return null;
                }
            )
            is Result<ImmutableArray<string>, DecodeError>.Error(var error)
        )
        {
            return error;
        }

        foreach (var video in shown)
        {
            var clip = clips.Length == 1 && videos == 1 ? clips[0] : clips.FirstOrDefault(one => one.Name == video.Name);
            if (clip is null)
            {
                failed ??= new DecodeError.Missing(string.Join(", ", sources), $"the video {video.Name}, which the masks are about,");
                continue;
            }

            var file = videos == 1 ? path : System.IO.Path.Combine(path, video.Name + ".mp4");
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(file))!);
            failed =
                await OverlayVideo.Write(
                    clip,
                    video,
                    file,
                    options,
                    (frame, of) => progress?.Invoke((done * (long)of) + frame, (long)of * videos),
                    cancel
                ) ?? failed;
            done++;
        }

        return failed;
    }

    private static void Replace(string from, string to)
    {
        if (Directory.Exists(from))
        {
            Remove(to);
            Directory.Move(from, to);
        }
        else
        {
            WholeFile.Rename(from, to, lasting: false);
        }
    }

    private static void Remove(string path)
    {
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
        else
        {
            File.Delete(path);
        }
    }
}
