using System.Diagnostics;
using Motion.Contracts;
using Motion.Kernels;
using static TorchSharp.torch;

namespace Motion.Flow;

/// <summary>The flow stage: a pair of frames in, the first frame and its motion out.</summary>
public static class FlowStage
{
    /// <summary>
    /// A padded side is at least this long, in pixels, so that the coarsest of the four correlation levels (1/64) has a cell.
    /// </summary>
    /// <remarks>
    /// Below 128 px the published code returns NaN, because its normalisation divides by the side of a level less one; ours samples any
    /// side alike (<see cref="Correlation.Lookup"/>). Below 64 px a level would be empty; replicated borders up to 64 then gave RAFT-small
    /// a lower end-point error on crops of 16 to 48 px than empty levels or 128 px did. From 128 px on the padding is the published one.
    /// </remarks>
    public const int ShortestSide = 64;

    /// <summary>
    /// Closes over what does not change between frames; what remains is the stage. Not tied to a thread: calls may overlap.
    /// </summary>
    /// <param name="options">Settings.</param>
    /// <param name="device">Where the network runs. Frames may be anywhere; the flow comes back to where its frame is.</param>
    /// <param name="threads">Threads of dense inverse search, 1 or more; changes no bit. A network's are those of the thread that calls the
    /// stage.</param>
    /// <returns>The stage, or why its settings or weights cannot be used.</returns>
    public static Result<EstimateFlow, FlowError> Create(FlowOptions options, Device device, int threads = 1) =>
        options.Source() switch
        {
            _ when OptionRules.Broken(options).FirstOrDefault() is { Setting: { } setting, Problem: var problem } =>
                new FlowError.BadSetting($"flow.{setting}", problem, "Correct the settings of flow."),
            FlowSource.Gma => Network(Gma.Network, options, device),
            FlowSource.RaftSmall => Network(RaftSmall.Network, options, device),
            FlowSource.Dis => Stage("dis", pair => Searched(options.Preset, pair, threads)),
            FlowSource.Precomputed => Stage("precomputed", Known),
            FlowSource.Zero => Stage("zero", pair => Zero(pair)),
            _ => throw new UnreachableException(),
        };

    /// <summary>The size at which a network works on a frame: its own, or the largest of its shape with at most so many pixels.</summary>
    /// <param name="frame">The frame's size.</param>
    /// <param name="maxArea"><see cref="FlowOptions.MaxArea"/>.</param>
    public static Size2 WorkSize(Size2 frame, long maxArea)
    {
        if (frame.Area <= maxArea)
            return frame;
        var scale = Math.Sqrt(maxArea / (double)frame.Area);
        int Side(int side, int other) => Math.Max(1, (int)Math.Min(side * scale, maxArea / Math.Max(1, Math.Floor(other * scale))));
        return new Size2(Side(frame.Height, frame.Width), Side(frame.Width, frame.Height));
    }

    private static Result<EstimateFlow, FlowError> Network(FlowNetwork network, FlowOptions options, Device device) =>
        from weights in FlowWeights.Load(network, options, device)
        let last = new LastFeatures()
        from stage in Stage(network.Name, pair => Estimated(network, weights, options, pair, last))
        select stage;

    /// <summary>What all sources share: one size, and no motion for want of a second frame.</summary>
    private static Result<EstimateFlow, FlowError> Stage(string name, Func<FramePair, Result<Tensor, FlowError>> flow)
    {
        EstimateFlow stage = pair =>
        {
            using var noGrad = no_grad();
            var answer =
                Size(pair.First) != Size(pair.Second) ? new FlowError.SizeMismatch(pair.Key, Size(pair.First), Size(pair.Second))
                : pair.Step == 0 ? Zero(pair)
                : flow(pair);
            return Finish(pair, name, answer);
        };
        return Result.Ok<EstimateFlow, FlowError>(stage);
    }

    /// <summary>Hands the first frame on and frees the rest of the pair.</summary>
    private static Result<FlowFrame, FlowError> Finish(FramePair pair, string name, Result<Tensor, FlowError> answer) =>
        answer.Match(
            flow =>
            {
                var frame = new FlowFrame(pair.Key, pair.OriginalSize, pair.First.alias(), flow, pair.Step, name, pair.Truth);
                pair.Dispose();
                return Result.Ok<FlowFrame, FlowError>(frame);
            },
            error =>
            {
                pair.Dispose();
                return error;
            }
        );

    private static Result<Tensor, FlowError> Known(FramePair pair) =>
        pair.KnownFlow is { } flow ? flow.alias() : new FlowError.NoKnownFlow(pair.Key);

    private static Tensor Zero(FramePair pair)
    {
        var (height, width) = (pair.First.shape[1], pair.First.shape[2]);
        return zeros([2, height, width], ScalarType.Float32, pair.First.device);
    }

    private static Result<Tensor, FlowError> Searched(DisPreset preset, FramePair pair, int threads)
    {
        using var scope = NewDisposeScope();
        var size = Size(pair.First);
        var flow = DenseInverseSearch.Estimate(pair.First.Elements<byte>(), pair.Second.Elements<byte>(), size, preset, threads);
        return Checked(pair, "dis", tensor(flow, [2, size.Height, size.Width]));
    }

    private static Result<Tensor, FlowError> Estimated(
        FlowNetwork network,
        Weights weights,
        FlowOptions options,
        FramePair pair,
        LastFeatures last
    )
    {
        using var scope = NewDisposeScope();
        var device = weights.All.First().Value.device;
        var work = WorkSize(Size(pair.First), options.MaxArea);
        var pad = FlowPad.For(work, Encoder.Stride, ShortestSide, options.Padding);
        var (_, full) = network.Estimate(
            weights,
            Picture(pair.First, work, pad, device),
            Picture(pair.Second, work, pad, device),
            options.Iterations,
            last: last
        );
        var flow = FlowField.Resize(pad.Crop(full).squeeze(0), Size(pair.First)); // [2, H, W]
        return Checked(pair, network.Name, flow);
    }

    /// <summary>An estimated flow in the direction of time and where its frame is, moved out of the caller's scope; never NaN.</summary>
    private static Result<Tensor, FlowError> Checked(FramePair pair, string name, Tensor estimated)
    {
        var flow = (pair.Step < 0 ? estimated.neg() : estimated).contiguous().to(pair.First.device);
        return flow.isfinite().all().item<bool>() ? flow.MoveToOuterDisposeScope() : new FlowError.NotFinite(pair.Key, name);
    }

    private static Tensor Picture(Tensor image, Size2 work, FlowPad pad, Device device)
    {
        using var scope = NewDisposeScope();
        var fitting = Size(image) == work ? image : ImageResize.Bilinear(image.cpu(), work); // uint8 [3, h, w]
        return pad.Apply(fitting.to(device).to_type(ScalarType.Float32).unsqueeze(0)).MoveToOuterDisposeScope(); // [1, 3, 8h, 8w]
    }

    private static Size2 Size(Tensor image)
    {
        if (image.dtype != ScalarType.Byte || image.dim() != 3 || image.shape[0] != 3)
        {
            throw new ArgumentException($"a frame is uint8 [3, H, W]; got {image.dtype} [{string.Join(", ", image.shape)}]", nameof(image));
        }

        return new Size2((int)image.shape[1], (int)image.shape[2]);
    }
}
