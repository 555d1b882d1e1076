using System.Collections.Immutable;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Motion.Contracts;
using Motion.DataSets;

namespace Motion.Decode;

/// <summary>
/// Random access to videos: each is decoded once, and the frames in use (those with a box to learn from, and their neighbours) are kept
/// as raw planes of the asked size in one file. Given a cache folder, the file stays and serves the next run; without, it is a temporary
/// file that goes with this one.
/// </summary>
internal sealed class VideoStore(ImmutableArray<VideoFile> videos, TruthTable truth, DecodeOptions options, ReadPlan plan, TimeSpan silence)
    : IFrameReader
{
    private readonly (ImmutableSortedDictionary<FrameAt, long> Offsets, long Bytes) _layout = Layout(videos, truth, plan);
    private const string Prefix = "frames-";
    private readonly HashSet<FrameAt> _missing = [];
    private FrameHashes _hashes = FrameHashes.None;
    private SafeFileHandle? _file;

    public async ValueTask<IReadOnlyList<DecodeError>> Prepare(CancellationToken cancel)
    {
        var bytes = _layout.Bytes;
        var folder = options.CacheFolder ?? Path.GetTempPath();
        var kept = Path.Combine(folder, $"{Prefix}{Name()}.rgb");
        try
        {
            Directory.CreateDirectory(folder);
            WholeFile.Sweep(folder, Prefix);
            if (options.CacheFolder is not null && File.Exists(kept))
            {
                if (Open(kept))
                {
                    return [];
                }

                plan.Warn($"{kept} is damaged: the videos are decoded again");
            }

            if (new DriveInfo(Path.GetFullPath(folder)).AvailableFreeSpace is var free && free < bytes)
            {
                return
                [
                    new DecodeError.BadSetting(
                        "order: shuffled",
                        $"the decoded frames of the videos need {bytes >> 20} MB in {folder}, where {free >> 20} MB are free",
                        "Set cacheFolder to another disk, or ask for less with shortest, every or maxFrames."
                    ),
                ];
            }

            return await Decode(kept, cancel);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return
            [
                new DecodeError.Corrupt(
                    folder,
                    e.Message.TrimEnd('.'),
                    "Decoded frames are kept there: set cacheFolder to a folder that can be written."
                ),
            ];
        }
    }

    [MemberNotNullWhen(false, nameof(_file))]
    public bool IsLost(FrameAt at) => _file is null || _missing.Contains(at) || !_layout.Offsets.ContainsKey(at);

    public ValueTask<Result<Picture, ReadFailure>> Picture(FrameAt at, CancellationToken cancel)
    {
        if (IsLost(at))
        {
            return new(new ReadFailure(null)); // asked for as a neighbour only
        }

        var offset = _layout.Offsets[at];

        var size = plan.Target(at.Clip);
        var planes = new byte[3 * size.Area];
        for (var done = 0; done < planes.Length; )
        {
            var count = RandomAccess.Read(_file, planes.AsSpan(done), offset + done);
            done += count > 0 ? count : throw new InvalidOperationException("the file of decoded frames was cut while in use");
        }

        return new(
            _hashes.Fits(at, planes)
                ? new Picture(size, planes)
                : new ReadFailure(
                    new DecodeError.Corrupt(
                        options.CacheFolder ?? Path.GetTempPath(),
                        $"a kept frame ({videos[at.Clip].Info.Name}, frame {at.Frame}) changed on the disk while it was in use",
                        "Start again: the videos are then decoded anew. If it comes again, the disk or the memory is failing."
                    )
                )
        );
    }

    public Result<Annotation?, DecodeError> Truth(FrameAt at) => truth.Of(at);

    public Result<TorchSharp.torch.Tensor?, DecodeError> Flow(FrameAt at) =>
        FlowFiles.Read(
            options.Flows,
            videos[at.Clip].Info.Name,
            $"{at.Frame:D5}",
            videos[at.Clip].Info.Size,
            at.Frame == videos[at.Clip].Info.Frames - 1
        );

    public ValueTask DisposeAsync()
    {
        _file?.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>Whether the kept file is what was written: every frame, in its place, under this name.</summary>
    private bool Open(string kept)
    {
        var file = File.OpenHandle(kept);
        if (
            FrameHashes.Read(file, Path.GetFileName(kept), _layout.Offsets, _layout.Bytes) is { } hashes
            && hashes.FitAll(file, _layout.Offsets, plan.Target)
        )
        {
            (_file, _hashes) = (file, hashes);
            return true;
        }

        file.Dispose();
        return false;
    }

    /// <summary>
    /// Decodes what is needed into a temporary file, and gives it its lasting name if it is to stay and nothing was wrong; else only the
    /// open handle keeps it.
    /// </summary>
    private async Task<IReadOnlyList<DecodeError>> Decode(string kept, CancellationToken cancel)
    {
        var part = WholeFile.Temporary(kept); // another copy of the stage may be doing the same
        _file = File.OpenHandle(part, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
        _hashes = FrameHashes.None;
        try
        {
            var problems = new List<DecodeError>();
            foreach (var frames in _layout.Offsets.GroupBy(pair => pair.Key.Clip))
            {
                if (await Decode(videos[frames.Key], frames.ToDictionary(pair => pair.Key.Frame), cancel) is { } problem)
                {
                    problems.Add(problem);
                }
            }

            if (problems.Count == 0 && options.CacheFolder is not null)
            {
                _hashes.Write(_file, Path.GetFileName(kept), _layout.Offsets, _layout.Bytes);
                WholeFile.Rename(part, kept, lasting: false);
            }

            return problems;
        }
        finally
        {
            File.Delete(part);
        }
    }

    private async Task<DecodeError?> Decode(VideoFile video, Dictionary<int, KeyValuePair<FrameAt, long>> wanted, CancellationToken cancel)
    {
        switch (FfmpegFrames.Start(video.Path, silence))
        {
            case Result<FfmpegFrames, DecodeError>.Error(var reason):
                return reason;
            case Result<FfmpegFrames, DecodeError>.Ok(var frames):
                await using (frames)
                {
                    return await Keep(video, frames, wanted, cancel);
                }

            default:
                throw new UnreachableException();
        }
    }

    private async Task<DecodeError?> Keep(
        VideoFile video,
        FfmpegFrames frames,
        Dictionary<int, KeyValuePair<FrameAt, long>> wanted,
        CancellationToken cancel
    )
    {
        var last = wanted.Keys.Max();
        for (var index = 0; index <= last; index++)
        {
            var (ended, picture) = await VideoReader.Next(frames, wanted.ContainsKey(index), cancel);
            if (ended)
            {
                Lose(wanted, index);
                return await VideoReader.BrokenOff(video, frames, index, cancel);
            }

            if (picture is null)
            {
                continue;
            }

            if (picture.Size != video.Info.Size)
            {
                Lose(wanted, index);
                return VideoReader.OtherSize(video, index, picture.Size);
            }

            var planes = picture.Scale(plan.Target(wanted[index].Key.Clip)).Planes;
            RandomAccess.Write(_file!, planes, wanted[index].Value);
            _hashes = _hashes.With(wanted[index].Key, planes);
        }

        return last == video.Info.Frames - 1 ? await VideoReader.Damaged(video, frames, cancel) : null;
    }

    private void Lose(Dictionary<int, KeyValuePair<FrameAt, long>> wanted, int from) =>
        _missing.UnionWith(wanted.Where(pair => pair.Key >= from).Select(pair => pair.Value.Key));

    /// <summary>Where each frame in use lies in the file.</summary>
    private static (ImmutableSortedDictionary<FrameAt, long> Offsets, long Bytes) Layout(
        ImmutableArray<VideoFile> videos,
        TruthTable truth,
        ReadPlan plan
    )
    {
        var order = Comparer<FrameAt>.Create((a, b) => (a.Clip, a.Frame).CompareTo((b.Clip, b.Frame)));
        var offsets = ImmutableSortedDictionary.CreateBuilder<FrameAt, long>(order);
        var bytes = 0L;
        foreach (
            var at in plan.Listing.Where(at =>
                truth.Of(at) is Result<Annotation?, DecodeError>.Ok(var known) && FrameStream.Trainable(known)
            )
        )
        {
            var neighbour = at.Frame + 1 < videos[at.Clip].Info.Frames ? at.Frame + 1 : at.Frame - 1;
            foreach (var frame in (int[])[at.Frame, neighbour])
            {
                if (frame >= 0 && offsets.TryAdd(at with { Frame = frame }, bytes))
                {
                    bytes += 3 * plan.Target(at.Clip).Area;
                }
            }
        }

        return (offsets.ToImmutable(), bytes);
    }

    /// <summary>A name that changes with everything that the file's bytes follow from.</summary>
    private string Name()
    {
        var text = new StringBuilder("2;"); // version of the layout
        foreach (var (video, clip) in videos.Select((video, clip) => (video, clip)))
        {
            var file = new FileInfo(video.Path);
            text.Append($"{file.FullName};{file.Length};{file.LastWriteTimeUtc.Ticks};{plan.Target(clip)};");
        }

        text.AppendJoin(';', _layout.Offsets.Select(pair => $"{pair.Key.Clip},{pair.Key.Frame},{pair.Value}"));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())))[..16];
    }
}
