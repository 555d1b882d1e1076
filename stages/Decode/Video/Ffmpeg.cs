using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Motion.Contracts;

namespace Motion.Decode;

/// <summary>
/// The frames of one video, read one after another from a running ffmpeg: as PPM pictures on a pipe, so that each states its own size.
/// Turned upright as the file asks, in the pixels of the file (a pixel aspect ratio is not applied), none dropped or doubled for the sake
/// of a rate.
/// </summary>
internal sealed partial class FfmpegFrames : IAsyncDisposable
{
    private const int MostSide = 1 << 15;
    private const int MostText = 2000;
    private readonly Process _process;
    private readonly Stream _pipe;
    private readonly Task<string> _complaints;
    private readonly SilenceWatch _watch;
    private byte[] _rgb = [];

    private FfmpegFrames(Process process, TimeSpan silence)
    {
        _process = process;
        _watch = new SilenceWatch(process, silence);
        _pipe = new BufferedStream(process.StandardOutput.BaseStream, 1 << 20);
        _complaints = Programs.ReadSome(process.StandardError, MostText);
    }

    /// <summary>
    /// The first video of a file, every picture of it once. Without the second flag the picture writer counts time in the rate that ffmpeg
    /// guesses, two late frames of a phone's or a browser's video then have one time, and it complains of a video that is whole.
    /// </summary>
    /// <param name="path">The video.</param>
    public static IReadOnlyList<string> Input(string path) => InputFrom(path, []);

    /// <param name="path">The video.</param>
    /// <param name="how">Arguments of the input.</param>
    public static IReadOnlyList<string> InputFrom(string path, IReadOnlyList<string> how) =>
        [
            "-nostdin",
            "-v",
            "error",
            .. VideoForms.Only,
            .. how,
            "-i",
            "file:" + Path.GetFullPath(path),
            "-map",
            "0:v:0",
            .. VideoForms.EveryFrameOnce,
        ];

    /// <param name="path">The video.</param>
    /// <param name="silence">What ffmpeg may take to answer nothing at all; it is ended then.</param>
    /// <param name="more">Arguments.</param>
    public static Result<FfmpegFrames, DecodeError> Start(string path, TimeSpan silence, params string[] more) =>
        Programs
            .Start("ffmpeg", [.. Input(path), .. more, "-vf", VideoForms.Numbered, .. Pictures])
            .Map(process => new FfmpegFrames(process, silence));

    private static readonly string[] Pictures =
    [
        "-sws_flags",
        "bicubic+accurate_rnd+full_chroma_int",
        "-f",
        "image2pipe",
        "-c:v",
        "ppm",
        "-pix_fmt",
        "rgb24",
        "pipe:1",
    ];

    /// <summary>
    /// From the frame of a time on, exactly: earlier ones are decoded from a little before it, and not delivered. No frame where none has
    /// that time.
    /// </summary>
    /// <param name="path">The video.</param>
    /// <param name="silence">As above.</param>
    /// <param name="near">Seconds, some before the frame.</param>
    /// <param name="stamp">The frame's time in units of the file.</param>
    public static Result<FfmpegFrames, DecodeError> Seek(string path, TimeSpan silence, double near, long stamp) =>
        Programs
            .Start(
                "ffmpeg",
                [
                    .. InputFrom(
                        path,
                        [
                            "-noaccurate_seek",
                            "-seek_timestamp",
                            "1",
                            "-copyts",
                            "-ss",
                            near.ToString("F6", System.Globalization.CultureInfo.InvariantCulture),
                        ]
                    ),
                    "-vf",
                    $"select='if(eq(pts,{stamp}),st(0,1),ld(0))',{VideoForms.Numbered}",
                    .. Pictures,
                ]
            )
            .Map(process => new FfmpegFrames(process, silence));

    /// <summary>
    /// The next picture; null where the video ends. <paramref name="wanted"/>: whether its pixels are, or whether it is only passed over.
    /// </summary>
    /// <exception cref="InvalidDataException">ffmpeg wrote something other than pictures.</exception>
    public async ValueTask<(bool Ended, Picture? Picture)> Next(bool wanted, CancellationToken cancel)
    {
        using var awaited = _watch.Waiting(cancel);
        var next = await Read(wanted, cancel);
        cancel.ThrowIfCancellationRequested(); // what ended the video may have been that
        return next;
    }

    private async ValueTask<(bool Ended, Picture? Picture)> Read(bool wanted, CancellationToken cancel)
    {
        if (await Header(cancel) is not { } size)
        {
            return (true, null);
        }

        var length = (int)(3 * size.Area);
        if (_rgb.Length < length)
        {
            _rgb = new byte[length];
        }

        for (var done = 0; done < length; )
        {
            var count = await _pipe.ReadAsync(_rgb.AsMemory(done, length - done), cancel);
            if (count == 0)
            {
                return (true, null); // ffmpeg died within a picture; what it complained of says why
            }

            done += count;
            _watch.Heard();
        }

        return (false, wanted ? Picture.FromInterleaved(size, _rgb) : null);
    }

    /// <summary>After the end: what ffmpeg complained of; empty if it ended well without complaints.</summary>
    public async ValueTask<string> Complaints(CancellationToken cancel)
    {
        using (_watch.Waiting(cancel))
        {
            await _process.WaitForExitAsync(cancel);
        }

        if (_watch.Silenced is { } silenced)
        {
            return silenced;
        }

        var text = Address().Replace((await _complaints).Trim(), "").ReplaceLineEndings("; ");
        return text.Length > 0 ? text
            : _process.ExitCode == 0 ? ""
            : $"exit code {_process.ExitCode}";
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }

        await _process.WaitForExitAsync(CancellationToken.None);
        await _watch.DisposeAsync();
        await _pipe.DisposeAsync();
        _process.Dispose();
    }

    [GeneratedRegex(" @ 0x[0-9a-f]+")]
    private static partial Regex Address(); // of an object in ffmpeg's memory: says nothing, and differs from run to run

    /// <summary>"P6 width height 255" and one white space; null at the end of the stream.</summary>
    private async ValueTask<Size2?> Header(CancellationToken cancel)
    {
        var words = new StringBuilder[] { new(), new(), new(), new() };
        var one = new byte[1];
        for (var word = 0; word < words.Length; )
        {
            _watch.Heard();
            if (await _pipe.ReadAsync(one, cancel) == 0)
            {
                return words[0].Length == 0 ? null : throw new InvalidDataException("ffmpeg's pipe broke off within a header");
            }

            if (!char.IsWhiteSpace((char)one[0]))
            {
                words[word].Append((char)one[0]);
            }
            else if (words[word].Length > 0)
            {
                word++;
            }

            if (words[Math.Min(word, 3)].Length > 6)
            {
                throw new InvalidDataException($"ffmpeg wrote no PPM header: {words[0]} {words[1]} {words[2]}");
            }
        }

        return
            words[0].ToString() == "P6"
            && words[3].ToString() == "255"
            && int.TryParse(words[1].ToString(), out var width)
            && int.TryParse(words[2].ToString(), out var height)
            && width is > 0 and <= MostSide
            && height is > 0 and <= MostSide
            && 3L * width * height <= Array.MaxLength
            ? new Size2(height, width)
            : throw new InvalidDataException($"ffmpeg wrote no PPM header of 8 bits: {words[0]} {words[1]} {words[2]} {words[3]}");
    }
}

/// <summary>
/// Ends a program that is waited for and says nothing: so that no read waits for ever, whatever became of the program. Counted is time in
/// which this process is awake itself.
/// </summary>
internal sealed class SilenceWatch : IAsyncDisposable
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(500);
    private readonly Process _process;
    private readonly TimeSpan _most;
    private readonly Timer _timer;
    private long _heard;
    private long _seen;
    private int _waiting;
    private TimeSpan _silent;

    public SilenceWatch(Process process, TimeSpan most)
    {
        (_process, _most) = (process, most);
        _timer = new Timer(_ => Look(), null, Tick, Tick);
    }

    /// <summary>What to say of a program that was ended for its silence; null where it was not.</summary>
    public string? Silenced { get; private set; }

    public void Heard() => Interlocked.Increment(ref _heard);

    /// <summary>From now until the end of the using something is expected of the program; cancelling ends it.</summary>
    public IDisposable Waiting(CancellationToken cancel)
    {
        Heard();
        Interlocked.Increment(ref _waiting);
        return new Wait(this, cancel.Register(Kill));
    }

    public ValueTask DisposeAsync() => _timer.DisposeAsync();

    private void Look()
    {
        var heard = Interlocked.Read(ref _heard);
        _silent = Volatile.Read(ref _waiting) > 0 && heard == _seen ? _silent + Tick : TimeSpan.Zero;
        _seen = heard;
        if (_silent >= _most && Silenced is null)
        {
            Silenced = string.Create(
                System.Globalization.CultureInfo.InvariantCulture,
                $"{_process.StartInfo.FileName} gave no sign of life for {_silent.TotalSeconds:0} s and was ended"
            );
            Kill();
        }
    }

    private void Kill()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // It has ended by itself.
        }
    }

    private sealed class Wait(SilenceWatch watch, CancellationTokenRegistration cancel) : IDisposable
    {
        public void Dispose()
        {
            cancel.Dispose();
            Interlocked.Decrement(ref watch._waiting);
        }
    }
}

/// <summary>
/// The forms of video file that are read: those that hold their pictures themselves. ffmpeg knows others that name files to be read in
/// their place (playlists of HLS and DASH, concat, SDP, patterns of pictures), whatever the name of the file ends in; a file from elsewhere
/// must not decide which of this machine's files are shown.
/// </summary>
internal static class VideoForms
{
    private static readonly string[] Known =
    [
        "mov",
        "mp4",
        "m4a",
        "3gp",
        "3g2",
        "mj2",
        "matroska",
        "webm",
        "avi",
        "mpegts",
        "mpeg",
        "mpegvideo",
        "m4v",
        "h264",
        "hevc",
        "obu",
        "ivf",
        "vc1",
        "asf",
        "flv",
        "ogg",
        "gif",
        "apng",
        "mjpeg",
        "yuv4mpegpipe",
        "nut",
        "mxf",
        "gxf",
        "dv",
        "rm",
        "wtv",
        "dirac",
        "h263",
        "h261",
        "cavsvideo",
        "swf",
        "smjpeg",
        "amv",
    ];

    /// <summary>Arguments of ffmpeg, before the input.</summary>
    public static IReadOnlyList<string> Only { get; } = ["-protocol_whitelist", "file", "-format_whitelist", string.Join(',', Known)];

    /// <summary>
    /// Arguments of ffmpeg, before the output: no frame is dropped or doubled for the sake of a rate, and each keeps its own time.
    /// </summary>
    public static IReadOnlyList<string> EveryFrameOnce { get; } = ["-fps_mode", "passthrough", "-enc_time_base", "-1"];

    /// <summary>
    /// A filter that sets each frame's number for its time: pictures on a pipe have none, and their writer complains of two at one time.
    /// </summary>
    public static string Numbered { get; } = "setpts=N";

    /// <summary>
    /// How a user makes another file of a video with the same frames: any other re-encoding copies and drops some, and boxes slip.
    /// </summary>
    public static string ReEncode { get; } = $"ffmpeg -i FILE {string.Join(' ', EveryFrameOnce)} -c:v libx264 NEW.mp4";

    /// <summary>Whether that is what ffmpeg complained of.</summary>
    public static bool Refused(string complaint) => complaint.Contains("not on whitelist", StringComparison.Ordinal);
}

/// <summary>Starting other programs.</summary>
public static class Programs
{
    /// <summary>Starts a program whose output and complaints are read here.</summary>
    /// <param name="program">Its name, found as the system finds it.</param>
    /// <param name="arguments">Each as it is; no shell sees them.</param>
    /// <param name="isFed">Whether its input is written here; else it has this process' own.</param>
    /// <param name="purpose">The setting that needs it, for the message.</param>
    /// <returns>The process, the caller's to dispose; the error where there is no such program.</returns>
    public static Result<Process, DecodeError> Start(
        string program,
        IEnumerable<string> arguments,
        bool isFed = false,
        string purpose = "source: video"
    )
    {
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardInput = isFed,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            return new DecodeError.BadSetting(
                purpose,
                $"the program {program} cannot be started ({e.Message.TrimEnd('.')})",
                "Install it (Debian and Ubuntu: apt-get install ffmpeg; version 5.1 or newer)."
            );
        }
    }

    /// <summary>All that a program writes, of which the first letters are kept.</summary>
    public static async Task<string> ReadSome(StreamReader reader, int most)
    {
        var (text, buffer) = (new StringBuilder(), new char[1024]);
        while (await reader.ReadAsync(buffer) is > 0 and var count)
        {
            text.Append(buffer, 0, Math.Min(count, most - text.Length));
        }

        return text.ToString();
    }
}
