using System.Collections.Immutable;
using Motion.Contracts;
using Motion.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Forward;

/// <summary>A model made ready for inference: norms of the backbone folded, its own copy of every number.</summary>
internal sealed record DetectorModel(ForwardOptions Options, int Classes, Weights Weights, Weights Backbone, Device Device)
{
    public static DetectorModel Of(ForwardOptions options, int classes, Weights weights, Device device)
    {
        using var noGrad = no_grad();
        var own = Weights.Of(
            weights.All.Select(pair =>
                KeyValuePair.Create(pair.Key, pair.Value.to(pair.Value.dtype, device, copy: true).DetachFromDisposeScope())
            )
        );
        var prepared = Backbones.Prepare(options.Backbone, own);
        foreach (var (_, tensor) in prepared.All)
        {
            tensor.DetachFromDisposeScope();
        }

        return new(options, classes, own, prepared, device);
    }
}

/// <summary>Inference on one frame.</summary>
internal static class Detectors
{
    public static Result<Detections, ForwardError> Detect(DetectorModel model, FlowFrame frame)
    {
        using var owned = frame;
        return FrameChecks.PictureProblem(frame) is { } problem ? problem : DetectChecked(model, frame);
    }

    private static Detections DetectChecked(DetectorModel model, FlowFrame frame)
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var (view, input) = Input(model, frame);
        var (candidates, logits) = Find(model, input); // input [1 or 2, 3, H, W]
        return new(frame.Key, frame.OriginalSize, Place(candidates, logits, view.Size, frame.OriginalSize), frame.Truth);
    }

    /// <summary>A frame in its test view, normalised: [1, 3, H, W], or [2, 3, H, W] with the flow picture second.</summary>
    internal static (View View, Tensor Input) Input(DetectorModel model, FlowFrame frame)
    {
        using var scope = NewDisposeScope();
        var options = model.Options;
        var view = Views.Test(options.View, frame);
        var image = Views.Image(frame, view);
        Tensor[] pictures = options.UsesFlow ? [image, Views.Wheel(frame, view, options.FlowPicture)] : [image];
        var input = Joins.Cat([.. pictures.Select(picture => Views.Normalise(picture.to(model.Device), options.Backbone, view.Padded))], 0);
        return (view, input.MoveToOuterDisposeScope());
    }

    /// <summary>
    /// Objects in a normalised input: [1, 3, H, W], or [2, 3, H, W] with the flow picture second. Mask logits [n, H/4, W/4], null without
    /// masks.
    /// </summary>
    internal static (ImmutableArray<Candidate> Candidates, Tensor? MaskLogits) Find(DetectorModel model, Tensor input)
    {
        using var scope = NewDisposeScope();
        var options = model.Options;
        var features = Backbones.Forward(options.Backbone, model.Backbone, input);
        var output = Segmenter.Forward(options, model.Weights, features, images: 1, next: null);
        var candidates = Candidates.Select(options.Inference, output.Levels);
        if (!options.Inference.Masks || candidates.IsEmpty)
        {
            return (candidates, null);
        }

        var towers = output.Levels.Select(level => level.BoxTower).ToArray();
        var cells = candidates.Select(candidate => candidate.Cell).ToArray();
        var locations = tensor(
            candidates.SelectMany(each => (float[])[each.Location.X, each.Location.Y]).ToArray(),
            ScalarType.Float32,
            model.Device
        );
        var instances = new MaskInstances(
            Controller.Forward(model.Weights.At(Controller.Scope), towers, cells),
            locations.reshape(-1, 2),
            [.. cells.Select(cell => cell.Level)],
            [.. cells.Select(_ => 0)]
        );
        return (candidates, MaskHead.Forward(output.MaskFeatures, instances, options.Mask.HeadChannels).MoveToOuterDisposeScope());
    }

    // Boxes to the frame's pixels, clipped; those with nothing left are dropped.
    private static ImmutableArray<Detection> Place(ImmutableArray<Candidate> candidates, Tensor? logits, Size2 view, Size2 original)
    {
        var (x, y) = ((double)original.Width / view.Width, (double)original.Height / view.Height);
        var placed = candidates
            .Select((each, index) => (Candidate: each, Index: index, Box: each.Box.Scale(x, y).Clip(original)))
            .Where(each => each.Box.IsProper)
            .ToArray();
        if (logits is null)
        {
            return [.. placed.Select(each => new Detection(each.Box, each.Candidate.Score, each.Candidate.Class, Mask: null))];
        }

        using var scope = NewDisposeScope();
        var kept = logits.index_select(0, tensor(placed.Select(each => (long)each.Index).ToArray(), ScalarType.Int64, logits.device));
        var masks = MaskPaste.Masks(kept, view, original);
        return [.. placed.Zip(masks, (each, mask) => new Detection(each.Box, each.Candidate.Score, each.Candidate.Class, mask))];
    }
}
