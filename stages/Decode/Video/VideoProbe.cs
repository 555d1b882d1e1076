using System.Collections.Concurrent;
using Motion.Contracts;

namespace Motion.Decode;

/// <summary>A video file: its name without ending is the clip's.</summary>
internal sealed record VideoFile(string Path, ClipInfo Info);

/// <summary>What is to be known of a video before its frames are read.</summary>
internal static class VideoProbe
{
    /// <summary>
    /// Videos that were counted, while their files stay as they are: a run opens its sources for each phase, once to look and once to read.
    /// </summary>
    private static readonly ConcurrentDictionary<(string Path, long Length, DateTime Written), VideoFile> Known = new();

    private const int MostText = 2000;
    private const string Progress = "frame=";

    /// <summary>Frames as many as the decoder delivers, size by the first picture.</summary>
    public static Result<VideoFile, DecodeError> Open(string path, TimeSpan silence) =>
        !File.Exists(path) ? new DecodeError.Missing(path, "a video")
        : InputFile.Unreadable(path) is { } problem ? new DecodeError.Corrupt(path, problem, "Name a video file.")
        : Once(
            new FileInfo(path),
            () =>
                from size in FirstSize(path, silence)
                from frames in CountFrames(path, silence)
                select new VideoFile(path, new ClipInfo(Path.GetFileNameWithoutExtension(path), frames, size))
        );

    private static Result<VideoFile, DecodeError> Once(FileInfo file, Func<Result<VideoFile, DecodeError>> probe)
    {
        var key = (file.FullName, file.Length, file.LastWriteTimeUtc);
        return Known.TryGetValue(key, out var known) ? known with { Path = file.ToString() } : probe().Map(video => Known[key] = video);
    }

    private static Result<Size2, DecodeError> FirstSize(string path, TimeSpan silence) =>
        FfmpegFrames
            .Start(path, silence, "-frames:v", "1")
            .Bind(frames =>
                Blocking(async () =>
                {
                    await using (frames)
                    {
                        try
                        {
                            return await frames.Next(wanted: true, CancellationToken.None) is { Picture: { } picture }
                                ? Result.Ok<Size2, DecodeError>(picture.Size)
                                : NoVideo(path, await frames.Complaints(CancellationToken.None));
                        }
                        catch (InvalidDataException e)
                        {
                            return NoVideo(path, e.Message);
                        }
                    }
                })
            );

    /// <remarks>
    /// The packets of a file are no measure: some are there for others to be decoded and are never shown (of a video cut without
    /// re-encoding), some cannot be.
    /// </remarks>
    private static Result<int, DecodeError> CountFrames(string path, TimeSpan silence) =>
        Programs
            .Start("ffmpeg", [.. FfmpegFrames.Input(path), "-nostats", "-progress", "pipe:1", "-f", "null", "-"])
            .Bind(process =>
                Blocking(async () =>
                {
                    using (process)
                    {
                        await using var watch = new SilenceWatch(process, silence);
                        using var awaited = watch.Waiting(CancellationToken.None);
                        var complaints = Programs.ReadSome(process.StandardError, MostText);
                        var count = 0;
                        while (await process.StandardOutput.ReadLineAsync() is { } line)
                        {
                            watch.Heard();
                            count =
                                line.StartsWith(Progress, StringComparison.Ordinal)
                                && int.TryParse(line.AsSpan(Progress.Length), out var frames)
                                    ? frames
                                    : count;
                        }

                        await process.WaitForExitAsync();
                        return watch.Silenced is { } silenced ? NoVideo(path, silenced)
                            : count > 0 ? Result.Ok<int, DecodeError>(count)
                            : NoVideo(path, (await complaints).Trim().ReplaceLineEndings("; "));
                    }
                })
            );

    /// <summary>Opening a source is synchronous, and happens once: there is no context that blocking could starve.</summary>
    private static T Blocking<T>(Func<Task<T>> work) => Task.Run(work).GetAwaiter().GetResult();

    private static DecodeError.Corrupt NoVideo(string path, string complaint) =>
        VideoForms.Refused(complaint)
            ? new(
                path,
                "it is not itself a video: ffmpeg takes it for a playlist, a pattern of pictures or another form that leads to other files",
                $"Name the video, or convert it: {VideoForms.ReEncode}; for pictures use source: frames."
            )
            : new(
                path,
                $"ffmpeg finds no video that it can decode{(complaint.Length > 0 ? $" ({complaint})" : "")}",
                $"Try to play the file; convert it with: {VideoForms.ReEncode}."
            );
}
