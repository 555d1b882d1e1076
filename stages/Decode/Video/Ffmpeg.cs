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
    private byte[] _rgb = [];

    private FfmpegFrames(Process process)
    {
        _process = process;
        _pipe = new BufferedStream(process.StandardOutput.BaseStream, 1 << 20);
        _complaints = Programs.ReadSome(process.StandardError, MostText);
    }

    public static Result<FfmpegFrames, DecodeError> Start(string path, params string[] more) => Programs.Start(
        "ffmpeg",
        [
            "-nostdin", "-v", "error", .. VideoForms.Only, "-i", "file:" + Path.GetFullPath(path), "-map", "0:v:0", "-fps_mode", "passthrough", .. more,
            "-sws_flags", "bicubic+accurate_rnd+full_chroma_int", "-f", "image2pipe", "-c:v", "ppm", "-pix_fmt", "rgb24", "pipe:1",
        ]).Map(process => new FfmpegFrames(process));

    /// <summary>
    /// The next picture; null where the video ends. <paramref name="wanted"/>: whether its pixels are, or whether it is only passed over.
    /// </summary>
    /// <exception cref="InvalidDataException">ffmpeg wrote something other than pictures.</exception>
    public async ValueTask<(bool Ended, Picture? Picture)> Next(bool wanted, CancellationToken cancel)
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

        if (await _pipe.ReadAtLeastAsync(_rgb.AsMemory(0, length), length, throwOnEndOfStream: false, cancel) < length)
        {
            return (true, null); // ffmpeg died within a picture; what it complained of says why
        }

        return (false, wanted ? Picture.FromInterleaved(size, _rgb) : null);
    }

    /// <summary>After the end: what ffmpeg complained of; empty if it ended well without complaints.</summary>
    public async ValueTask<string> Complaints(CancellationToken cancel)
    {
        await _process.WaitForExitAsync(cancel);
        var text = Address().Replace((await _complaints).Trim(), "").ReplaceLineEndings("; ");
        return text.Length > 0 ? text : _process.ExitCode == 0 ? "" : $"exit code {_process.ExitCode}";
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
        for (var word = 0; word < words.Length;)
        {
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

        return words[0].ToString() == "P6" && words[3].ToString() == "255"
            && int.TryParse(words[1].ToString(), out var width) && int.TryParse(words[2].ToString(), out var height)
            && width is > 0 and <= MostSide && height is > 0 and <= MostSide && 3L * width * height <= Array.MaxLength
            ? new Size2(height, width)
            : throw new InvalidDataException($"ffmpeg wrote no PPM header of 8 bits: {words[0]} {words[1]} {words[2]} {words[3]}");
    }
}

/// <summary>
/// The forms of video file that are read: those that hold their pictures themselves. ffmpeg knows others that name files to be read in their place
/// (playlists of HLS and DASH, concat, SDP, patterns of pictures), whatever the name of the file ends in; a file from elsewhere must not decide which of
/// this machine's files are shown.
/// </summary>
internal static class VideoForms
{
    private static readonly string[] Known =
    [
        "mov", "mp4", "m4a", "3gp", "3g2", "mj2", "matroska", "webm", "avi", "mpegts", "mpeg", "mpegvideo", "m4v", "h264", "hevc", "obu", "ivf", "vc1", "asf", "flv", "ogg", "gif",
        "apng", "mjpeg", "yuv4mpegpipe", "nut", "mxf", "gxf", "dv", "rm", "wtv", "dirac", "h263", "h261", "cavsvideo", "swf", "smjpeg", "amv",
    ];

    /// <summary>Arguments of ffmpeg and ffprobe, before the input.</summary>
    public static IReadOnlyList<string> Only { get; } = ["-protocol_whitelist", "file", "-format_whitelist", string.Join(',', Known)];

    /// <summary>Whether that is what ffmpeg complained of.</summary>
    public static bool Refused(string complaint) => complaint.Contains("not on whitelist", StringComparison.Ordinal);
}

/// <summary>Starting other programs.</summary>
internal static class Programs
{
    public static Result<Process, DecodeError> Start(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program) { RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
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
                "source: video", $"the program {program} cannot be started ({e.Message.TrimEnd('.')})",
                "Install it (Debian and Ubuntu: apt-get install ffmpeg; version 5.1 or newer).");
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
