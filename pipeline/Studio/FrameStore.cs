using System.Globalization;
using Motion.Contracts;
using Motion.Decode;
using Motion.Report.Pictures;

namespace Motion.Studio;

/// <summary>
/// The frames of a project as JPEG files: each is decoded once, in passing where a later one is asked for, and kept on disk up to a number
/// of bytes. A late frame is sought by its time, exactly, once the times of its video are known.
/// </summary>
internal sealed class FrameStore : IAsyncDisposable
{
    private const int Quality = 92;
    private const int Near = 250; // frames that are rather decoded on the way than passed over by seeking
    private readonly long _budget;
    private readonly string _folder;
    private readonly Video[] _videos;
    private readonly Lock _gate = new();
    private readonly LinkedList<(string Path, long Bytes)> _byUse = [];
    private readonly Dictionary<string, LinkedListNode<(string Path, long Bytes)>> _byPath = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stop = new();
    private long _bytes;

    /// <param name="videos">The project's.</param>
    /// <param name="folder">Where frames are kept; those of an earlier sitting are used again.</param>
    /// <param name="budget">Bytes to keep.</param>
    public FrameStore(IReadOnlyList<StudioVideo> videos, string folder, long budget)
    {
        (_folder, _budget) = (folder, budget);
        _videos = [.. videos.Select(video => new Video(video.Footage, Path.Combine(folder, NameOf(video.Footage))))];
        if (Directory.Exists(folder))
        {
            foreach (
                var file in new DirectoryInfo(folder)
                    .EnumerateFiles("*.jpg", SearchOption.AllDirectories)
                    .OrderBy(file => file.LastWriteTimeUtc)
            )
            {
                Note(file.FullName, file.Length);
            }
        }
    }

    private sealed class Video(Footage footage, string folder)
    {
        public Footage Footage => footage;

        public string Folder => folder;

        public SemaphoreSlim Turn { get; } = new(1);

        public FootageReader? Reader { get; set; }

        public Task<FrameTimes?>? Times { get; set; }
    }

    /// <summary>A folder for a file as it is now: another file of the same name has another.</summary>
    private static string NameOf(Footage footage)
    {
        var file = new FileInfo(footage.IsVideo ? footage.Path : footage.Pictures[0]);
        var key = string.Create(
            CultureInfo.InvariantCulture,
            $"{file.FullName} {file.Length} {file.LastWriteTimeUtc.Ticks} {footage.Pictures.Length}"
        );
        return Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(key)))[..16];
    }

    /// <summary>How many pictures were decoded; for those who want to know that none was twice.</summary>
    public long Decoded { get; private set; }

    /// <summary>A frame as a JPEG file's bytes.</summary>
    public async Task<Result<byte[], DecodeError>> Frame(int video, int frame, CancellationToken cancel)
    {
        var of = _videos[video];
        var path = PathOf(of, frame);
        if (await Kept(path, cancel) is { } known)
        {
            return known;
        }

        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, _stop.Token);
        await of.Turn.WaitAsync(either.Token);
        try
        {
            return await Kept(path, either.Token) is { } meanwhile ? meanwhile : await Decode(of, frame, either.Token);
        }
        finally
        {
            of.Turn.Release();
        }
    }

    private static string PathOf(Video of, int frame) =>
        Path.Combine(of.Folder, string.Create(CultureInfo.InvariantCulture, $"{frame:D6}.jpg"));

    private async Task<byte[]?> Kept(string path, CancellationToken cancel)
    {
        try
        {
            if (!File.Exists(path))
            {
                return null;
            }

            var bytes = await File.ReadAllBytesAsync(path, cancel);
            Note(path, bytes.Length);
            return bytes;
        }
        catch (IOException)
        {
            return null; // given up for room meanwhile
        }
    }

    private async Task<Result<byte[], DecodeError>> Decode(Video of, int frame, CancellationToken cancel)
    {
        if (of.Reader is null || frame < of.Reader.Next || frame > of.Reader.Next + Near)
        {
            if (of.Reader is not null)
            {
                await of.Reader.DisposeAsync();
                of.Reader = null;
            }

            of.Times ??= frame == 0 ? null : TimesOf(of.Footage);
            switch (of.Footage.Read(frame, of.Times is null ? null : await of.Times.WaitAsync(cancel)))
            {
                case Result<FootageReader, DecodeError>.Error(var reason):
                    return reason;
                case Result<FootageReader, DecodeError>.Ok(var reader):
                    of.Reader = reader;
                    break;
            }
        }

        Directory.CreateDirectory(of.Folder);
        while (true)
        {
            var at = of.Reader!.Next;
            switch (await of.Reader.Take(cancel))
            {
                case Result<FramePicture?, DecodeError>.Error(var reason):
                    return reason;
                case Result<FramePicture?, DecodeError>.Ok({ } picture):
                    Decoded++;
                    var bytes = await Task.Run(() => JpegWriter.Encode(picture.Planes, picture.Size, Quality), cancel);
                    if (!File.Exists(PathOf(of, at)))
                    {
                        WholeFile.Write(PathOf(of, at), bytes, lasting: false);
                        Note(PathOf(of, at), bytes.Length);
                    }

                    if (at == frame)
                    {
                        return bytes;
                    }

                    break;
                default:
                    return new DecodeError.Corrupt(
                        of.Footage.Path,
                        $"it ends before frame {frame}",
                        "Has the file changed? Start the studio again."
                    );
            }
        }
    }

    /// <summary>Known after one more decoding; without them frames are counted from the beginning.</summary>
    private async Task<FrameTimes?> TimesOf(Footage footage) =>
        await footage.Times(_stop.Token) is Result<FrameTimes?, DecodeError>.Ok(var times) ? times : null;

    /// <summary>Notes the use of a kept frame; those longest not used give way.</summary>
    private void Note(string path, long bytes)
    {
        lock (_gate)
        {
            if (_byPath.Remove(path, out var known))
            {
                _byUse.Remove(known);
                _bytes -= known.Value.Bytes;
            }

            _byPath.Add(path, _byUse.AddLast((path, bytes)));
            _bytes += bytes;
            while (_bytes > _budget && _byUse.Count > 1)
            {
                var oldest = _byUse.First!.Value;
                _byUse.RemoveFirst();
                _byPath.Remove(oldest.Path);
                _bytes -= oldest.Bytes;
                File.Delete(oldest.Path);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        foreach (var video in _videos)
        {
            await video.Turn.WaitAsync();
            if (video.Reader is not null)
            {
                await video.Reader.DisposeAsync();
            }

            video.Turn.Dispose();
        }

        _stop.Dispose();
    }
}
