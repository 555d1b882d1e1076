using System.Diagnostics;
using System.Runtime.CompilerServices;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Kernels;
using static TorchSharp.torch;

namespace Motion.Decode;

/// <summary>The order of frames, and the pairing of each with its neighbour.</summary>
internal static class FrameStream
{
    public static DecodeFrames Of(FrameSource source, DecodeOptions options, Seed seed, Action<string>? warn = null)
    {
        var plan = new ReadPlan(
            Listing(source.Catalogue, options),
            options.Order == FrameOrder.Shuffled,
            clip => Target(source.Catalogue.Clips[clip].Size, options),
            warn ?? (_ => { })
        );
        return (from, cancel) =>
            plan.Shuffled ? Shuffled(source, plan, options, seed, from, cancel) : Sequential(source, plan, options, from, cancel);
    }

    /// <summary>Every n-th frame of each clip, at most MaxFrames in all.</summary>
    private static List<FrameAt> Listing(Catalogue catalogue, DecodeOptions options) =>
        [
            .. catalogue
                .Clips.SelectMany(
                    (clip, c) => Enumerable.Range(0, ((clip.Frames - 1) / options.Every) + 1).Select(k => new FrameAt(c, k * options.Every))
                )
                .Take(options.MaxFrames ?? int.MaxValue),
        ];

    private static Size2 Target(Size2 original, DecodeOptions options) =>
        (options.Shortest, options.Longest) switch
        {
            (null, null) => original,
            (null, { } longest) => ImageResize.Fit(original, Math.Min(original.Shortest, longest), longest),
            ({ } shortest, var longest) => ImageResize.Fit(original, shortest, longest ?? int.MaxValue),
        };

    /// <remarks>
    /// Of a source that may lose frames on the way (a video that breaks off), what comes before the start is read too: it decides the
    /// positions of what follows.
    /// </remarks>
    private static async IAsyncEnumerable<Result<FramePair, DecodeError>> Sequential(
        FrameSource source,
        ReadPlan plan,
        DecodeOptions options,
        long from,
        [EnumeratorCancellation] CancellationToken cancel
    )
    {
        await using var reader = source.Read(plan);
        var pairs = new PairReader(source.Catalogue, plan, reader, Budget(options));
        var sequence = 0L;
        foreach (var problem in await reader.Prepare(cancel))
        {
            if (sequence++ >= from)
            {
                yield return problem;
            }
        }

        foreach (var clip in plan.Listing.GroupBy(at => at.Clip))
        {
            var lost = false;
            foreach (var at in clip.TakeWhile(_ => !lost))
            {
                cancel.ThrowIfCancellationRequested();
                if (sequence < from && !reader.MayLoseFrames)
                {
                    sequence++;
                    continue;
                }

                var pair = await pairs.Read(at, sequence, cancel);
                lost = pair is Result<FramePair, ReadFailure>.Error({ EndsClip: true });
                if (Item(pair) is not { } item)
                {
                    continue;
                }

                if (sequence++ >= from)
                {
                    yield return item;
                }
                else if (item is Result<FramePair, DecodeError>.Ok(var passed))
                {
                    passed.Dispose();
                }
            }

            if (!lost && await reader.Leave(clip.Key, cancel) is { } problem && sequence++ >= from)
            {
                yield return problem;
            }
        }
    }

    private static async IAsyncEnumerable<Result<FramePair, DecodeError>> Shuffled(
        FrameSource source,
        ReadPlan plan,
        DecodeOptions options,
        Seed seed,
        long from,
        [EnumeratorCancellation] CancellationToken cancel
    )
    {
        await using var reader = source.Read(plan);
        var pairs = new PairReader(source.Catalogue, plan, reader, Budget(options));
        var sequence = 0L;
        foreach (var problem in await reader.Prepare(cancel))
        {
            if (sequence++ >= from)
            {
                yield return problem;
            }
        }

        for (var epoch = 0; ; epoch++)
        {
            var good = 0;
            foreach (var index in seed.Derive("order").Derive(epoch).Draws().Permutation(plan.Listing.Count))
            {
                cancel.ThrowIfCancellationRequested();
                var at = plan.Listing[index];
                if (reader.IsLost(at) || (pairs.Truth(at) is Result<Annotation?, DecodeError>.Ok(var truth) && !Trainable(truth)))
                {
                    continue;
                }

                if (sequence++ < from)
                {
                    good++; // or the stream would have ended there
                    continue;
                }

                var pair = await pairs.Read(at, sequence - 1, cancel);
                good += pair.IsOk ? 1 : 0;
                yield return pair.MapError(failure =>
                    failure.Error ?? throw new UnreachableException("a frame that is lost has been passed over")
                );
            }

            if (good == 0)
            {
                yield return new DecodeError.BadSetting(
                    "order: shuffled",
                    $"not one of the {plan.Listing.Count} listed frames can be read and has a box to learn from",
                    "Give the source boxes (boxes: FILE), or use order: sequential."
                );
                yield break;
            }
        }
    }

    /// <summary>What goes into the stream; null for a failure of which there is nothing to report.</summary>
    private static Result<FramePair, DecodeError>? Item(Result<FramePair, ReadFailure> pair) =>
        pair switch
        {
            Result<FramePair, ReadFailure>.Ok(var value) => value,
            Result<FramePair, ReadFailure>.Error({ Error: { } reason }) => reason,
            Result<FramePair, ReadFailure>.Error => null,
            _ => throw new UnreachableException(),
        };

    /// <summary>A box to learn from: proper, of a single object.</summary>
    public static bool Trainable(Annotation? truth) => truth is not null && truth.Instances.Any(o => !o.IsCrowd && o.Box.IsProper);

    private static long Budget(DecodeOptions options) => (long)options.CacheMegabytes << 20;
}

/// <summary>Pairs a frame with its neighbour. Reads each picture once while the cache holds it.</summary>
internal sealed class PairReader(Catalogue catalogue, ReadPlan plan, IFrameReader reader, long budgetBytes)
{
    private readonly PictureCache _cache = new(budgetBytes);
    private (FrameAt At, Result<Annotation?, DecodeError> Truth)? _lastTruth;

    /// <summary>What is known of a frame; read once where it is asked for twice in a row.</summary>
    public Result<Annotation?, DecodeError> Truth(FrameAt at)
    {
        if (_lastTruth is { } last && last.At == at)
        {
            return last.Truth;
        }

        var truth = reader.Truth(at);
        _lastTruth = (at, truth);
        return truth;
    }

    public async ValueTask<Result<FramePair, ReadFailure>> Read(FrameAt at, long sequence, CancellationToken cancel)
    {
        var clip = catalogue.Clips[at.Clip];
        return await Picture(at, cancel) switch
        {
            Result<Picture, ReadFailure>.Ok(var first) => Pair(at, sequence, clip, first, await Neighbour(at, first, clip.Frames, cancel)),
            Result<Picture, ReadFailure>.Error(var failure) => failure,
            _ => throw new UnreachableException(),
        };
    }

    private Result<FramePair, ReadFailure> Pair(
        FrameAt at,
        long sequence,
        ClipInfo clip,
        Picture first,
        (Picture Picture, int Step) neighbour
    ) =>
        (
            from truth in Truth(at)
            from flow in reader.Flow(at)
            select new FramePair(
                new FrameKey(sequence, clip.Name, at.Frame),
                clip.Size,
                ToTensor(first),
                ToTensor(neighbour.Picture),
                neighbour.Step,
                flow is null ? null : Scaled(flow, first.Size),
                truth
            )
        ).MapError(error => new ReadFailure(error));

    /// <summary>
    /// The successor; where there is none, or it cannot be read, the predecessor; for want of both the frame itself. So an unreadable
    /// picture costs its own frame only: its error is reported where it is listed itself.
    /// </summary>
    private async ValueTask<(Picture Picture, int Step)> Neighbour(FrameAt at, Picture first, int frames, CancellationToken cancel)
    {
        foreach (var step in (int[])[1, -1])
        {
            var other = at with { Frame = at.Frame + step };
            if (other.Frame >= 0 && other.Frame < frames && await Picture(other, cancel) is Result<Picture, ReadFailure>.Ok(var picture))
            {
                return (picture, step);
            }
        }

        return (first, 0);
    }

    private async ValueTask<Result<Picture, ReadFailure>> Picture(FrameAt at, CancellationToken cancel)
    {
        if (_cache.Find(at) is { } known)
        {
            return known;
        }

        return (await reader.Picture(at, cancel)).Map(picture =>
        {
            var scaled = picture.Scale(plan.Target(at.Clip));
            _cache.Add(at, scaled);
            return scaled;
        });
    }

    private static Tensor ToTensor(Picture picture) => tensor(picture.Planes, [3, picture.Size.Height, picture.Size.Width], dtype: uint8);

    private static Tensor Scaled(Tensor flow, Size2 size)
    {
        if (flow.shape[1] == size.Height && flow.shape[2] == size.Width)
        {
            return flow;
        }

        using (flow)
        {
            return FlowField.Resize(flow, size); // [2, H, W] -> [2, h, w], vectors scaled
        }
    }
}
