using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Decode;
using Motion.Report.Pictures;

namespace Motion.Pipeline.Taking;

/// <summary>How overlays are drawn.</summary>
/// <param name="Flow">Draws what is shown beside a frame, from it and the next one; null to show the frame alone.</param>
/// <param name="Threads">Of the encoder; 0 lets it choose.</param>
internal sealed record OverlayOptions(Func<FramePicture, FramePicture, Pixels>? Flow = null, int Threads = 0);

/// <summary>
/// The video with the masks over it, as an mp4: an object keeps its colour, its id, class and quality stand above its box. Each frame has
/// the time that it has in the source, and the sound is the source's.
/// </summary>
internal static class OverlayVideo
{
    private const double PicturesRate = 25; // of folders of pictures, which have no times
    private const int MostComplaint = 1500;
    private static readonly ImmutableHashSet<string> SoundOfMp4 = ["aac", "mp3", "mp2", "ac3", "eac3", "opus", "alac", "flac"];

    /// <summary>Writes the overlay of a clip.</summary>
    /// <returns>Null, or why there is none.</returns>
    public static async Task<DecodeError?> Write(
        Footage source,
        ShownVideo shown,
        string path,
        OverlayOptions options,
        Action<int, int>? progress,
        CancellationToken cancel
    )
    {
        var probed = source.Info();
        if (probed is not Result<ClipInfo, DecodeError>.Ok(var info))
        {
            return probed.Match<DecodeError?>(_ => null, error => error);
        }

        if (info.Size != shown.Size || info.Frames < shown.Frames)
        {
            return new DecodeError.BadAnnotation(
                source.Path,
                shown.Name,
                $"it has {info.Frames} frames of {info.Size}, and the masks are of {shown.Frames} frames of {shown.Size}",
                "Name the video that the masks were made of."
            );
        }

        var timed = await source.Times(cancel);
        if (timed is not Result<FrameTimes?, DecodeError>.Ok(var times))
        {
            return timed.Match<DecodeError?>(_ => null, error => error);
        }

        var temporary = WholeFile.Free(path) + ".mp4"; // ffmpeg tells the form by the name
        try
        {
            if (
                Encoder(source, temporary, times, options, await SoundOf(source, cancel))
                is not Result<Process, DecodeError>.Ok
                (var encoder)
            )
            {
                return new DecodeError.BadSetting(
                    "overlay",
                    "the program ffmpeg cannot be started",
                    "Install it (Debian and Ubuntu: apt-get install ffmpeg)."
                );
            }

            using (encoder)
            {
                var complaints = encoder.StandardError.ReadToEndAsync(cancel);
                if (await Feed(source, shown, times, options, encoder, progress, cancel) is { } error)
                {
                    Stop(encoder);
                    return error;
                }

                await encoder.WaitForExitAsync(cancel);
                if (encoder.ExitCode != 0)
                {
                    var said = (await complaints).Trim().ReplaceLineEndings("; ");
                    return new DecodeError.Corrupt(
                        path,
                        $"ffmpeg could not write it ({(said.Length > MostComplaint ? said[..MostComplaint] : said)})",
                        "Check the folder and the disk's space, and that ffmpeg has libx264."
                    );
                }
            }

            WholeFile.Rename(temporary, path, lasting: false);
            return null;
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
            File.Delete(temporary);
        }
    }

    private static async Task<DecodeError?> Feed(
        Footage source,
        ShownVideo shown,
        FrameTimes? times,
        OverlayOptions options,
        Process encoder,
        Action<int, int>? progress,
        CancellationToken cancel
    )
    {
        if (source.Read() is not Result<FootageReader, DecodeError>.Ok(var reader))
        {
            return new DecodeError.Corrupt(source.Path, "it cannot be read", "Check the file.");
        }

        await using (reader)
        {
            var (pipe, total) = (encoder.StandardInput.BaseStream, times?.Stamps.Length ?? source.Pictures.Length);
            TimedPictures? pictures = null;
            Pixels? beside = null;
            var taken = await reader.Take(cancel);
            for (var frame = 0; ; frame++)
            {
                if (taken is not Result<FramePicture?, DecodeError>.Ok(var picture))
                {
                    return taken.Match<DecodeError?>(_ => null, error => error);
                }

                if (picture is null)
                {
                    break;
                }

                taken = await reader.Take(cancel);
                var next = taken is Result<FramePicture?, DecodeError>.Ok({ } after) ? after : null;
                beside =
                    options.Flow is null ? null
                    : next is null ? beside ?? new Pixels(picture.Size, new byte[picture.Planes.Length])
                    : options.Flow(picture, next);
                var drawn = Drawn(shown, frame, picture, beside);
                pictures ??= new TimedPictures(pipe, drawn.Size);
                try
                {
                    pictures.Write(
                        drawn.Planes,
                        times is null
                            ? frame / PicturesRate
                            : Math.Max(0, times.Seconds(Math.Min(frame, times.Stamps.Length - 1)) - Math.Min(0, times.Seconds(0)))
                    );
                }
                catch (IOException)
                {
                    break; // ffmpeg has ended; what it complained of says why
                }

                progress?.Invoke(frame + 1, total);
            }

            try
            {
                encoder.StandardInput.Close();
            }
            catch (IOException)
            {
                // The same.
            }

            return null;
        }
    }

    /// <summary>A frame as it is shown.</summary>
    public static Pixels Drawn(ShownVideo shown, int frame, FramePicture picture, Pixels? beside = null)
    {
        var canvas = new Pixels(picture.Size, [.. picture.Planes]);
        Overlay.Paint(
            canvas,
            [
                .. from one in shown.Objects.Index()
                let seen = one.Item.Frames.GetValueOrDefault(frame)
                where seen is not null
                select new Painted(seen.Box, seen.Mask, one.Index, TextOf(one.Item, seen)),
            ]
        );
        return beside is null ? canvas : Beside(canvas, beside);
    }

    private static string TextOf(ShownObject one, ShownMask seen) =>
        string.Create(CultureInfo.InvariantCulture, $"{one.Id} {one.Class}")
        + (seen.Quality is { } quality ? quality.ToString(" 0.00", CultureInfo.InvariantCulture) : "");

    private static Pixels Beside(Pixels left, Pixels right)
    {
        var size = new Size2(left.Size.Height, left.Size.Width + right.Size.Width);
        var planes = new byte[3 * size.Area];
        for (var row = 0; row < 3 * size.Height; row++)
        {
            left.Planes.AsSpan(row * left.Size.Width, left.Size.Width).CopyTo(planes.AsSpan(row * size.Width));
            right.Planes.AsSpan(row * right.Size.Width, right.Size.Width).CopyTo(planes.AsSpan((row * size.Width) + left.Size.Width));
        }

        return new Pixels(size, planes);
    }

    /// <summary>The form of the sound; null where there is none.</summary>
    private static async Task<string?> SoundOf(Footage source, CancellationToken cancel)
    {
        if (
            !source.IsVideo
            || Started(
                "ffprobe",
                [
                    "-v",
                    "error",
                    "-select_streams",
                    "a:0",
                    "-show_entries",
                    "stream=codec_name",
                    "-of",
                    "csv=p=0",
                    "file:" + Path.GetFullPath(source.Path),
                ]
            )
                is not Result<Process, DecodeError>.Ok
                (var process)
        )
        {
            return null;
        }

        using (process)
        {
            process.StandardInput.Close();
            var name = (await process.StandardOutput.ReadToEndAsync(cancel)).Trim().TrimEnd(',');
            await process.WaitForExitAsync(cancel);
            return name.Length == 0 ? null : name;
        }
    }

    private static Result<Process, DecodeError> Encoder(
        Footage source,
        string to,
        FrameTimes? times,
        OverlayOptions options,
        string? sound
    ) =>
        Started(
            "ffmpeg",
            [
                "-v",
                "error",
                "-y",
                "-copyts",
                "-f",
                "matroska",
                "-i",
                "pipe:0",
                .. sound is null ? [] : new[] { "-i", "file:" + Path.GetFullPath(source.Path) },
                "-map",
                "0:v:0",
                .. sound is null ? [] : new[] { "-map", "1:a:0", "-c:a", SoundOfMp4.Contains(sound) ? "copy" : "aac" },
                "-vf",
                "pad=ceil(iw/2)*2:ceil(ih/2)*2,scale=out_color_matrix=bt709:flags=accurate_rnd+full_chroma_int,format=yuv420p",
                "-colorspace",
                "bt709",
                "-color_primaries",
                "bt709",
                "-color_trc",
                "bt709",
                "-fps_mode",
                "passthrough",
                "-enc_time_base",
                "-1",
                .. times is { Base: var (_, under) } && under <= int.MaxValue
                    ? new[] { "-video_track_timescale", under.ToString(CultureInfo.InvariantCulture) }
                    : [],
                "-c:v",
                "libx264",
                "-preset",
                "veryfast",
                "-crf",
                "18",
                "-threads",
                options.Threads.ToString(CultureInfo.InvariantCulture),
                "-movflags",
                "+faststart",
                "-f",
                "mp4",
                to,
            ]
        );

    private static Result<Process, DecodeError> Started(string program, IReadOnlyList<string> arguments) =>
        Programs.Start(program, arguments, isFed: true, purpose: TakeForm.Overlay);

    private static void Stop(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }
    }
}
