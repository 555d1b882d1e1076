using System.Collections.Immutable;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Decode;
using Motion.Flow;
using Motion.Forward;
using Motion.Kernels;
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
internal sealed record DrawnClip(ClipInfo Clip, ImmutableArray<ImmutableArray<DrawnMask>> Frames, string? Problem);

/// <summary>Draws a mask in every box of a clip.</summary>
internal sealed class Labeller(PipelineSettings settings, EstimateFlow estimate, InBoxes draw, RunContext context)
{
    public static Result<Labeller, StartError> Open(PipelineSettings settings, RunFolder folder, Catalogue catalogue, string weights, Action<string> warn)
    {
        var context = new RunContext(settings, Phase.Test, folder, catalogue, StreamStart.Fresh with { Checkpoint = weights }) { Warn = warn };
        var (flow, forward) = (settings.Find(FlowKind.Kind)!, settings.Find(ForwardKind.Kind)!);
        return
            from estimate in FlowKind.Estimator(flow.Of<FlowOptions>(Phase.Test), context.Of(flow)).MapError(error => new StartError(flow.Name, error.Describe()))
            from draw in ForwardKind.InBoxes(forward.Of<ForwardOptions>(Phase.Test), context.Of(forward)).MapError(error => new StartError(forward.Name, error.Describe()))
            select new Labeller(settings, estimate, draw, context);
    }

    /// <param name="clip">Which.</param>
    /// <param name="boxes">Of each of its frames.</param>
    /// <param name="reached">Told of each frame.</param>
    /// <param name="cancel">Stops.</param>
    public async Task<Result<DrawnClip, StartError>> Clip(ClipInfo clip, ImmutableArray<ImmutableArray<KeyedBox>> boxes, Action reached, CancellationToken cancel)
    {
        var decode = settings.Find(DecodeKind.Kind)!;
        var options = decode.Of<DecodeOptions>(Phase.Test) with { Clips = [clip.Name], Boxes = null, Keys = 1, Between = false };
        if (DecodeKind.Open(options, context.Of(decode)) is not Result<DecodeStage, DecodeError>.Ok(var stage)) return new StartError(decode.Name, $"{clip.Name} cannot be read any more.");
        var frames = Enumerable.Repeat(ImmutableArray<DrawnMask>.Empty, clip.Frames).ToArray();
        using var evidence = new ClipEvidence();
        if (await Learn(stage, boxes, evidence, cancel) is { } unable) return unable;
        var (before, here, problem) = ((Seen?)null, (Seen?)null, (string?)null);
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
                switch (Look(evidence, pair, boxes[pair.Key.Frame]))
                {
                    case Result<Seen, StartError>.Error(var error): return error;
                    case Result<Seen, StartError>.Ok(var next): Forward(next); break;
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

        return new DrawnClip(clip, [.. frames], problem);

        void Forward(Seen? next)
        {
            if (here is not null) frames[here.Frame] = Masks(here, before, next);
            before?.Dispose();
            (before, here) = (here, next);
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
            Math.Abs(Frame - other.Frame) == 1 ? (Soft, [.. other.Boxes.Select(box => Boxes.Select(mine => mine.Instance.Id).ToList().IndexOf(box.Instance.Id))]) : null;
    }

    /// <summary>Looks at frames evenly over the clip, at most so many, for what is round the boxes; null where nothing went wrong.</summary>
    private async Task<StartError?> Learn(DecodeStage stage, ImmutableArray<ImmutableArray<KeyedBox>> boxes, ClipEvidence evidence, CancellationToken cancel)
    {
        const int most = 40;
        var step = Math.Max(1, boxes.Length / most);
        await foreach (var item in stage.Frames(0, cancel))
        {
            if (item is not Result<FramePair, DecodeError>.Ok(var pair)) continue;
            if (boxes[pair.Key.Frame].IsEmpty || pair.Key.Frame % step != 0)
            {
                pair.Dispose();
                continue;
            }

            set_num_threads(settings.Run.Threads);
            var here = boxes[pair.Key.Frame];
            var learnt = from flow in estimate(pair).MapError(error => new StartError(FlowKind.Kind.Name, error.Describe()))
                         from unit in draw.Learn(evidence, flow, [.. here.Select(box => box.Instance.Box)]).MapError(error => new StartError(ForwardKind.Kind.Name, error.Describe()))
                         select unit;
            if (learnt is Result<Unit, StartError>.Error(var problem)) return problem;
        }

        draw.Settle(evidence);
        return null;
    }

    private Result<Seen, StartError> Look(ClipEvidence evidence, FramePair pair, ImmutableArray<KeyedBox> boxes)
    {
        var (frame, size, picture) = (pair.Key.Frame, pair.OriginalSize, pair.First.alias());
        return from flow in estimate(pair).MapError(error => new StartError(FlowKind.Kind.Name, error.Describe()))
               from soft in draw.Draw(evidence, flow, [.. boxes.Select(box => box.Instance.Box)]).MapError(error => new StartError(ForwardKind.Kind.Name, error.Describe()))
               select new Seen(frame, size, picture, soft, boxes);
    }

    private ImmutableArray<DrawnMask> Masks(Seen here, Seen? before, Seen? after)
    {
        if (here.Boxes.IsEmpty) return [];
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var options = settings.Find(ForwardKind.Kind)!.Of<ForwardOptions>(Phase.Test).InBoxes;
        var (probability, steady) = InTime.Mean(here.Soft, before?.For(here), after?.For(here), options.Time);
        var masks = ForwardStage.ToFrame(options, probability, [.. here.Boxes.Select(box => box.Instance.Box)], here.Picture, here.Size);
        return Dump(Motion.Report.Pictures.Pixels.Of(here.Picture), [.. here.Boxes.Select((box, i) => new DrawnMask(box.Instance.Id, box.Instance.Class, box.Instance.Box, box.Given, PackedRle.Of(Within(masks[i], box.Instance.Box)), steady[i]))], new FrameKey(0, "x", here.Frame));
    }

    private static ImmutableArray<DrawnMask> Dump(Motion.Report.Pictures.Pixels picture, ImmutableArray<DrawnMask> masks, FrameKey key)
    {
        if (Environment.GetEnvironmentVariable("DUMP") is { } folder && key.Frame % 6 == 2)
        {
            var drawn = Motion.Report.Pictures.Overlay.Draw(picture, picture.Size, [.. masks.Select(m => new Detection(m.Box, 1, 0, m.Mask.Unpack()))], []);
            File.WriteAllBytes(Path.Combine(folder, $"{key.Clip}-{key.Frame:D3}.png"), PngWriter.Encode(drawn.Planes, drawn.Size).Match(b => b, e => throw new InvalidOperationException()));
        }

        return masks;
    }

    private static Rle Within(Rle mask, Box box) => Rles.Merge([mask, Rles.FromBox(box, mask.Size)], intersect: true);
}
