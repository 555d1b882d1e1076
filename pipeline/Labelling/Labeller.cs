using System.Collections.Immutable;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Decode;
using Motion.Flow;
using Motion.Forward;
using Motion.Kernels;
using Motion.Report.Pictures;
using Motion.Runner.Folders;
using Motion.Runner.Settings;
using Motion.Runner.Stations;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Pipeline.Labelling;

/// <summary>A mask that was drawn in a box.</summary>
/// <param name="Id">The object, within its clip.</param>
/// <param name="Class">Index of its category.</param>
/// <param name="Box">Given, or between given ones.</param>
/// <param name="Given">Whether somebody drew the box.</param>
/// <param name="Mask">At the size of the frame; no pixel outside the box.</param>
/// <param name="Quality">0 to 1.</param>
internal sealed record DrawnMask(long Id, int Class, Box Box, bool Given, PackedRle Mask, double Quality);

/// <summary>The masks of a clip.</summary>
/// <param name="Clip">Of which.</param>
/// <param name="Frames">One entry a frame.</param>
/// <param name="Problem">Why frames are missing at its end; null where none are.</param>
internal sealed record DrawnClip(ClipInfo Clip, ImmutableArray<ImmutableArray<DrawnMask>> Frames, string? Problem)
{
    /// <summary>Frames to be looked at: the worst, and some evenly over the clip.</summary>
    public (ImmutableArray<Shot> Worst, ImmutableArray<Shot> Even) Shots { get; init; } = ([], []);
}

/// <summary>Draws a mask in every box of a clip.</summary>
internal sealed class Labeller(PipelineSettings settings, EstimateFlow estimate, DrawInBoxes draw, RunContext context)
{
    private const int MostShots = 12; // of a clip, of each kind
    private const int ShotSide = 640;
    private readonly InBoxesOptions _options = settings.Find(ForwardKind.Kind)!.Of<ForwardOptions>(Phase.Test).InBoxes;

    /// <param name="settings">Of the run.</param>
    /// <param name="folder">Its folder.</param>
    /// <param name="catalogue">Whose classes the network scores.</param>
    /// <param name="weights">A checkpoint, or a model's.</param>
    /// <param name="warn">Told what stops nothing.</param>
    public static Result<Labeller, StartError> Open(
        PipelineSettings settings,
        RunFolder folder,
        Catalogue catalogue,
        string weights,
        Action<string> warn
    )
    {
        var context = new RunContext(settings, Phase.Test, folder, catalogue, StreamStart.Fresh with { Checkpoint = weights })
        {
            Warn = warn,
        };
        var (flow, forward) = (settings.Find(FlowKind.Kind)!, settings.Find(ForwardKind.Kind)!);
        return from estimate in FlowKind
                .Estimator(flow.Of<FlowOptions>(Phase.Test), context.Of(flow))
                .MapError(error => new StartError(flow.Name, error.Describe()))
            from draw in ForwardKind
                .InBoxes(forward.Of<ForwardOptions>(Phase.Test), context.Of(forward))
                .MapError(error => new StartError(forward.Name, error.Describe()))
            select new Labeller(settings, estimate, draw, context);
    }

    /// <param name="clip">Which.</param>
    /// <param name="boxes">Of each of its frames.</param>
    /// <param name="reached">Told of each frame.</param>
    /// <param name="cancel">Stops.</param>
    public async Task<Result<DrawnClip, StartError>> Clip(
        ClipInfo clip,
        ImmutableArray<ImmutableArray<KeyedBox>> boxes,
        Action reached,
        CancellationToken cancel
    )
    {
        var decode = settings.Find(DecodeKind.Kind)!;
        var options = decode.Of<DecodeOptions>(Phase.Test) with { Clips = [clip.Name], Boxes = null, Keys = 1, Between = false };
        if (DecodeKind.Open(options, context.Of(decode)) is not Result<DecodeStage, DecodeError>.Ok(var stage))
            return new StartError(decode.Name, $"{clip.Name} cannot be read any more.");
        var frames = Enumerable.Repeat(ImmutableArray<DrawnMask>.Empty, clip.Frames).ToArray();
        var (before, here, problem) = ((Seen?)null, (Seen?)null, (string?)null);
        var (worst, even) = (new PriorityQueue<Shot, double>(), new List<Shot>());
        var step = Math.Max(1, (clip.Frames + MostShots - 1) / MostShots);
        try
        {
            await foreach (var item in stage.Frames(0, cancel))
            {
                cancel.ThrowIfCancellationRequested();
                if (item is not Result<FramePair, DecodeError>.Ok(var pair))
                {
                    problem ??= item.Match(_ => "", error => error.Describe());
                    continue;
                }

                set_num_threads(settings.Run.Threads); // of this thread, which another may have been before an await
                switch (Look(pair, boxes[pair.Key.Frame]))
                {
                    case Result<Seen, StartError>.Error(var error):
                        return error;
                    case Result<Seen, StartError>.Ok(var next):
                        Forward(next);
                        break;
                }

                reached();
            }

            Forward(null);
        }
        finally
        {
            before?.Dispose();
            here?.Dispose();
        }

        return new DrawnClip(clip, [.. frames], problem)
        {
            Shots = (
                [.. worst.UnorderedItems.Select(item => item.Element).OrderBy(shot => shot.Worst).ThenBy(shot => shot.Frame)],
                [.. even]
            ),
        };

        void Forward(Seen? next)
        {
            if (here is not null)
            {
                frames[here.Frame] = Masks(here, before, next);
                Show(here);
            }

            before?.Dispose();
            (before, here) = (here, next);
        }

        void Show(Seen seen)
        {
            if (frames[seen.Frame].IsEmpty)
                return;
            var quality = frames[seen.Frame].Min(mask => mask.Quality);
            var (isEven, isBad) = (seen.Frame % step == 0, worst.Count < MostShots || quality < worst.Peek().Worst);
            if (!isEven && !isBad)
                return;
            var picture = Pixels.Of(seen.Picture).Within(ShotSide);
            var drawn = Overlay.Draw(
                picture,
                seen.Size,
                [.. frames[seen.Frame].Select(mask => new Detection(mask.Box, 1, mask.Class, mask.Mask.Unpack()))],
                []
            );
            var shot = new Shot(clip.Name, seen.Frame, quality, JpegWriter.Encode(drawn.Planes, drawn.Size));
            if (isEven)
                even.Add(shot);
            if (!isBad)
                return;
            worst.Enqueue(shot, -quality);
            if (worst.Count > MostShots)
                worst.Dequeue();
        }
    }

    /// <summary>A frame whose masks wait for its neighbours.</summary>
    private sealed record Seen(int Frame, Size2 Size, Tensor Picture, SoftMasks Soft, ImmutableArray<KeyedBox> Boxes) : IDisposable
    {
        public void Dispose()
        {
            Picture.Dispose();
            Soft.Dispose();
        }

        /// <summary>For each box of another frame, the index of the same object here.</summary>
        public (SoftMasks, ImmutableArray<int>)? For(Seen other) =>
            Math.Abs(Frame - other.Frame) == 1
                ? (Soft, [.. other.Boxes.Select(box => Boxes.Select(mine => mine.Instance.Id).ToList().IndexOf(box.Instance.Id))])
                : null;
    }

    private Result<Seen, StartError> Look(FramePair pair, ImmutableArray<KeyedBox> boxes)
    {
        var (frame, size, picture) = (pair.Key.Frame, pair.OriginalSize, pair.First.alias());
        return from flow in estimate(pair).MapError(error => new StartError(FlowKind.Kind.Name, error.Describe()))
            from soft in draw(flow, [.. boxes.Select(box => box.Instance.Box)])
                .MapError(error => new StartError(ForwardKind.Kind.Name, error.Describe()))
            select new Seen(frame, size, picture, soft, boxes);
    }

    private ImmutableArray<DrawnMask> Masks(Seen here, Seen? before, Seen? after)
    {
        if (here.Boxes.IsEmpty)
            return [];
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var (probability, steady) = InTime.Mean(here.Soft, before?.For(here), after?.For(here), _options.Time);
        var masks = InFrame.Masks(_options, probability, [.. here.Boxes.Select(box => box.Instance.Box)], here.Picture, here.Size);
        var picture = Pixels.Of(here.Picture);
        return
        [
            .. here.Boxes.Select(
                (box, i) =>
                    new DrawnMask(
                        box.Instance.Id,
                        box.Instance.Class,
                        box.Instance.Box,
                        box.Given,
                        PackedRle.Of(masks[i].Mask),
                        Quality.Of(masks[i], box.Instance.Box, picture, steady[i])
                    )
            ),
        ];
    }
}
