using System.Collections.Immutable;
using System.Globalization;
using Motion.Contracts;
using Motion.DataSets;

namespace Motion.Decode;

/// <summary>A picture as people see it.</summary>
/// <param name="Size">Height and width.</param>
/// <param name="Planes">[3, H, W] R, G, B bytes.</param>
public sealed record FramePicture(Size2 Size, byte[] Planes);

/// <summary>When the frames of a video are shown: in units of the file.</summary>
/// <param name="Stamps">Of each frame.</param>
/// <param name="Base">Seconds of a unit, as a fraction.</param>
public sealed record FrameTimes(ImmutableArray<long> Stamps, (long Over, long Under) Base)
{
    public double Seconds(int frame) => (double)Stamps[frame] * Base.Over / Base.Under;
}

/// <summary>
/// Frames of a clip, whether a video file or a folder of pictures, to be looked at from any of them on; the same pictures as a run works
/// on.
/// </summary>
/// <param name="Name">The clip's.</param>
/// <param name="Path">The video, or the folder.</param>
/// <param name="Pictures">Of a folder; empty for a video.</param>
public sealed record Footage(string Name, string Path, ImmutableArray<string> Pictures)
{
    public bool IsVideo => Pictures.IsEmpty;

    /// <summary>The clips of a path: a video, a folder of videos, or folders of pictures.</summary>
    public static Result<ImmutableArray<Footage>, DecodeError> Find(string path) =>
        Directory.Exists(path) && ClipFolders.Find(path, null) is Result<ImmutableArray<ClipFolder>, DecodeError>.Ok(var clips)
            ? clips
                .Select(clip => new Footage(
                    clip.Name,
                    System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(clip.Pictures[0]))!,
                    clip.Pictures
                ))
                .ToImmutableArray()
            : VideoNames
                .Find(path)
                .Map(files =>
                    files.Select(file => new Footage(System.IO.Path.GetFileNameWithoutExtension(file), file, [])).ToImmutableArray()
                );

    /// <summary>How many frames, and how large; a video is decoded once for it.</summary>
    public Result<ClipInfo, DecodeError> Info() =>
        IsVideo
            ? VideoProbe.Open(Path, DecodeSources.UsualSilence).Map(video => video.Info)
            : PictureFiles.Size(Pictures[0]).Map(size => new ClipInfo(Name, Pictures.Length, size));

    /// <summary>When the frames of a video are shown; of pictures none.</summary>
    public async Task<Result<FrameTimes?, DecodeError>> Times(CancellationToken cancel) =>
        IsVideo ? await VideoTimes.Read(Path, DecodeSources.UsualSilence, cancel) : Result.Ok<FrameTimes?, DecodeError>(null);

    /// <summary>Reads frames one after another.</summary>
    /// <param name="from">The first.</param>
    /// <param name="times">Of a video, where known: then a late frame is sought, and what lies before it not decoded.</param>
    public Result<FootageReader, DecodeError> Read(int from = 0, FrameTimes? times = null) =>
        IsVideo ? FootageReader.OfVideo(Path, from, times) : FootageReader.OfPictures(Pictures, from);
}

/// <summary>The frames of a clip from one of them on.</summary>
public sealed class FootageReader : IAsyncDisposable
{
    private const double Margin = 2; // seconds before the frame that is sought
    private readonly ImmutableArray<string> _pictures;
    private readonly string _path;
    private int? _sought;
    private FfmpegFrames? _frames;
    private int _toPass;

    private FootageReader(string path, ImmutableArray<string> pictures, int next, FfmpegFrames? frames, int toPass, int? sought) =>
        (_path, _pictures, Next, _frames, _toPass, _sought) = (path, pictures, next, frames, toPass, sought);

    /// <summary>The frame that comes next.</summary>
    public int Next { get; private set; }

    internal static Result<FootageReader, DecodeError> OfPictures(ImmutableArray<string> pictures, int from) =>
        new FootageReader("", pictures, from, null, 0, null);

    internal static Result<FootageReader, DecodeError> OfVideo(string path, int from, FrameTimes? times) =>
        times is not null && CanSeek(times, from)
            ? FfmpegFrames
                .Seek(path, DecodeSources.UsualSilence, times.Seconds(from) - Margin, times.Stamps[from])
                .Map(frames => new FootageReader(path, [], from, frames, 0, from))
            : FfmpegFrames.Start(path, DecodeSources.UsualSilence).Map(frames => new FootageReader(path, [], from, frames, from, null));

    /// <summary>A frame can be told by its time alone where no other has it, and it pays beyond the first seconds only.</summary>
    private static bool CanSeek(FrameTimes times, int from) =>
        from < times.Stamps.Length
        && times.Seconds(from) > times.Seconds(0) + (2 * Margin)
        && times.Stamps[from - 1] < times.Stamps[from]
        && (from + 1 == times.Stamps.Length || times.Stamps[from] < times.Stamps[from + 1]);

    /// <summary>The next frame; null where there are no more.</summary>
    public async ValueTask<Result<FramePicture?, DecodeError>> Take(CancellationToken cancel)
    {
        if (_frames is null)
        {
            return Next >= _pictures.Length
                ? Result.Ok<FramePicture?, DecodeError>(null)
                : Picture.Read(_pictures[Next++]).Map(picture => (FramePicture?)new FramePicture(picture.Size, picture.Planes));
        }

        while (true)
        {
            var (ended, picture) = await VideoReader.Next(_frames, _toPass == 0, cancel);
            if (ended && _sought == Next)
            {
                // Nothing was found at that time, as in files whose index is wrong: from the beginning, then.
                await _frames.DisposeAsync();
                if (FfmpegFrames.Start(_path, DecodeSources.UsualSilence) is not Result<FfmpegFrames, DecodeError>.Ok(var anew))
                {
                    return new DecodeError.Corrupt(_path, "it cannot be read again", "Check the file.");
                }

                (_frames, _toPass, _sought) = (anew, Next, null);
                continue;
            }

            if (ended)
            {
                var complaints = await _frames.Complaints(cancel);
                return complaints.Length == 0
                    ? Result.Ok<FramePicture?, DecodeError>(null)
                    : new DecodeError.Corrupt(
                        _path,
                        $"the video breaks off at frame {Next} ({complaints})",
                        $"Repair it with: {VideoForms.ReEncode}."
                    );
            }

            if (_toPass > 0)
            {
                _toPass--;
                continue;
            }

            Next++;
            return new FramePicture(picture!.Size, picture.Planes);
        }
    }

    public ValueTask DisposeAsync() => _frames?.DisposeAsync() ?? ValueTask.CompletedTask;
}

/// <summary>The times of a video's frames, as many and in the order in which they are delivered.</summary>
internal static class VideoTimes
{
    private const string BaseLine = "#tb 0:";
    private const int MostText = 2000;

    public static async Task<Result<FrameTimes?, DecodeError>> Read(string path, TimeSpan silence, CancellationToken cancel)
    {
        var started = Programs.Start("ffmpeg", [.. FfmpegFrames.InputFrom(path, ["-copyts"]), "-c:v", "rawvideo", "-f", "framecrc", "-"]);
        if (started is not Result<System.Diagnostics.Process, DecodeError>.Ok(var process))
        {
            return started.Map(_ => (FrameTimes?)null);
        }

        using (process)
        {
            await using var watch = new SilenceWatch(process, silence);
            using var awaited = watch.Waiting(cancel);
            var complaints = Programs.ReadSome(process.StandardError, MostText);
            var (stamps, unit) = (ImmutableArray.CreateBuilder<long>(), (Over: 0L, Under: 0L));
            while (await process.StandardOutput.ReadLineAsync(cancel) is { } line)
            {
                watch.Heard();
                if (line.StartsWith(BaseLine, StringComparison.Ordinal) && line[BaseLine.Length..].Split('/') is [var over, var under])
                {
                    unit = (Number(over) ?? 0, Number(under) ?? 0);
                }
                else if (line.Split(',') is [_, _, var stamp, ..] && Number(stamp) is { } time)
                {
                    stamps.Add(time);
                }
            }

            await process.WaitForExitAsync(cancel);
            return watch.Silenced is { } silenced ? new DecodeError.Corrupt(path, silenced, "Try to play the file.")
                : stamps.Count == 0 || unit.Under <= 0 || unit.Over <= 0
                    ? new DecodeError.Corrupt(
                        path,
                        $"ffmpeg tells no times of its frames ({(await complaints).Trim().ReplaceLineEndings("; ")})",
                        $"Convert it with: {VideoForms.ReEncode}."
                    )
                : new FrameTimes(stamps.ToImmutable(), unit);
        }
    }

    private static long? Number(string text) =>
        long.TryParse(text.AsSpan().Trim(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : null;
}
