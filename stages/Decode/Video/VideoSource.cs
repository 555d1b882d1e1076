using System.Collections.Immutable;
using Motion.Contracts;
using Motion.DataSets;

namespace Motion.Decode;

/// <summary>
/// Videos with boxes from a file. In sequence the frames come straight from ffmpeg's pipe. For <c>order: shuffled</c> each video is
/// decoded once, and the frames in use are kept as raw RGB of the asked size in one file (<see cref="VideoStore"/>): the same pixels as
/// in sequence, at the price of the disk space, and of no memory.
/// </summary>
internal static class VideoSource
{
    public static Result<FrameSource, DecodeError> Open(DecodeOptions options, TimeSpan silence) =>
        from paths in VideoNames.Find(options.Path!)
        let names = paths.Select(path => Path.GetFileNameWithoutExtension(path)).ToImmutableArray()
        from _ in Distinct(options.Path!, names)
        from chosen in ClipChoice.Select(options.Clipping, names, options.Path!)
        from videos in chosen.Select(i => VideoProbe.Open(paths[i], silence)).Sequence()
        let infos = videos.Select(video => video.Info).ToImmutableArray()
        from truth in options.Boxes is null
            ? Nothing(options)
            : BoxTruth.Read(
                options.Boxes,
                options.Naming,
                options.ClipBoxes,
                infos,
                [.. names.Select((name, i) => Known(i + 1, name, infos.FirstOrDefault(info => info.Name == name)))]
            )
        let keyed = KeyedTruth.Of(truth, options.Keys, options.Between, infos)
        select new FrameSource(new Catalogue(truth.Categories, infos), plan => Reader([.. videos], keyed, options, plan, silence));

    /// <summary>What is known of a video: nothing but its name where it is not chosen.</summary>
    private static SetVideo Known(int id, string name, ClipInfo? info) => new(id, name, [], info?.Frames ?? 0, info?.Size ?? default);

    private static IFrameReader Reader(
        ImmutableArray<VideoFile> videos,
        TruthTable truth,
        DecodeOptions options,
        ReadPlan plan,
        TimeSpan silence
    ) => plan.Shuffled ? new VideoStore(videos, truth, options, plan, silence) : new VideoReader(videos, truth, options.Flows, silence);

    private static TruthTable Nothing(DecodeOptions options) =>
        new(Classing.Choose(options.Naming, ["object"]).Categories, _ => Result.Ok<Annotation?, DecodeError>(null));

    private static Result<Unit, DecodeError> Distinct(string path, ImmutableArray<string> names) =>
        names.GroupBy(name => name).FirstOrDefault(same => same.Skip(1).Any()) is { } twice
            ? new DecodeError.BadSetting(
                "path",
                $"{path} has two videos named {twice.Key}",
                "Rename one: a video's name without ending is its clip's."
            )
            : default(Unit);
}

/// <summary>Reads videos forwards; a step back starts the video anew.</summary>
internal sealed class VideoReader(ImmutableArray<VideoFile> videos, TruthTable truth, string? flows, TimeSpan silence) : IFrameReader
{
    private FfmpegFrames? _frames;
    private FrameAt _next = new(-1, 0);

    public bool MayLoseFrames => true;

    public async ValueTask<Result<Picture, ReadFailure>> Picture(FrameAt at, CancellationToken cancel)
    {
        if (_frames is null || at.Clip != _next.Clip || at.Frame < _next.Frame)
        {
            await Close();
            switch (FfmpegFrames.Start(videos[at.Clip].Path, silence))
            {
                case Result<FfmpegFrames, DecodeError>.Error(var reason):
                    return new ReadFailure(reason, EndsClip: true);
                case Result<FfmpegFrames, DecodeError>.Ok(var frames):
                    (_frames, _next) = (frames, new FrameAt(at.Clip, 0));
                    break;
            }
        }

        while (true)
        {
            var index = _next.Frame;
            var (ended, picture) = await Next(_frames!, index == at.Frame, cancel);
            if (ended)
            {
                return new ReadFailure(await BrokenOff(videos[at.Clip], _frames!, index, cancel), EndsClip: true);
            }

            _next = _next with { Frame = index + 1 };
            if (index == at.Frame)
            {
                return picture!.Size == videos[at.Clip].Info.Size
                    ? picture
                    : new ReadFailure(OtherSize(videos[at.Clip], index, picture.Size));
            }
        }
    }

    public Result<Annotation?, DecodeError> Truth(FrameAt at) => truth.Of(at);

    public Result<TorchSharp.torch.Tensor?, DecodeError> Flow(FrameAt at) =>
        FlowFiles.Read(
            flows,
            videos[at.Clip].Info.Name,
            $"{at.Frame:D5}",
            videos[at.Clip].Info.Size,
            at.Frame == videos[at.Clip].Info.Frames - 1
        );

    public async ValueTask<DecodeError?> Leave(int clip, CancellationToken cancel) =>
        _frames is not null && _next == new FrameAt(clip, videos[clip].Info.Frames) ? await Damaged(videos[clip], _frames, cancel) : null;

    public ValueTask DisposeAsync() => Close();

    /// <summary>A picture that makes no sense ends the video, with ffmpeg's complaints as the reason.</summary>
    internal static async ValueTask<(bool Ended, Picture? Picture)> Next(FfmpegFrames frames, bool wanted, CancellationToken cancel)
    {
        try
        {
            return await frames.Next(wanted, cancel);
        }
        catch (InvalidDataException)
        {
            return (true, null);
        }
    }

    /// <summary>
    /// What to say of a video that ended before its last frame (the file changed, ffmpeg was ended); null where ffmpeg finds nothing wrong.
    /// </summary>
    internal static async ValueTask<DecodeError?> BrokenOff(VideoFile video, FfmpegFrames frames, int frame, CancellationToken cancel) =>
        await frames.Complaints(cancel) is { Length: > 0 } complaints
            ? new DecodeError.Corrupt(
                video.Path,
                $"the video breaks off at frame {frame} of {video.Info.Frames} ({complaints})",
                $"Its later frames are left out. Repair it with: {VideoForms.ReEncode} (and make the boxes anew if frames are lost)."
            )
            : null;

    /// <summary>What to say of a video that was read to its last frame, but with complaints.</summary>
    internal static async ValueTask<DecodeError?> Damaged(VideoFile video, FfmpegFrames frames, CancellationToken cancel)
    {
        while (await Next(frames, wanted: false, cancel) is (false, _))
        {
            // More pictures than were counted: they are not listed.
        }

        return await frames.Complaints(cancel) is { Length: > 0 } complaints
            ? new DecodeError.Corrupt(
                video.Path,
                $"ffmpeg delivered {video.Info.Frames} frames, but complained: {complaints}",
                "Parts of pictures may be guessed, and what could not be decoded is no frame. Get an intact file; or, to use it as it is, set onError: skip "
                    + $"or re-encode it ({VideoForms.ReEncode})."
            )
            : null;
    }

    internal static DecodeError.Corrupt OtherSize(VideoFile video, int frame, Size2 size) =>
        new(video.Path, $"frame {frame} is {size}, the first {video.Info.Size}", "All frames of a clip must have one size.");

    private async ValueTask Close()
    {
        if (_frames is not null)
        {
            await _frames.DisposeAsync();
            _frames = null;
        }
    }
}
