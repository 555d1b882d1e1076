using System.Collections.Immutable;
using Motion.Contracts;
using Motion.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Forward;

/// <summary>A batch before the pyramid.</summary>
/// <param name="Features">B images, followed by their B flow pictures where the flow is used.</param>
/// <param name="Colour">uint8 [B, 3, H4, W4] RGB.</param>
/// <param name="Flow">float32 [B, 3, H4, W4] RGB in 0..1; NaN where the flow is not known.</param>
/// <param name="Padded">H and W of the batch.</param>
internal sealed record EncodedBatch(BackboneFeatures Features, Tensor Colour, Tensor Flow, Size2 Padded);

/// <summary>From frames to backbone features.</summary>
internal static class Encoder
{
    /// <summary>Smallest size that holds all views, both sides multiples of 32.</summary>
    public static Size2 Padded(IEnumerable<View> views) =>
        views.Select(view => view.Padded).Aggregate((a, b) => new Size2(Math.Max(a.Height, b.Height), Math.Max(a.Width, b.Width)));

    /// <summary>
    /// Through a backbone that learns, or part of which does: all pictures of both streams in one pass, padded to the batch's size.
    /// </summary>
    /// <param name="weights">The whole model; gradients flow to what of it requires them.</param>
    public static EncodedBatch Learning(
        ForwardOptions options,
        Weights weights,
        IReadOnlyList<FlowFrame> frames,
        IReadOnlyList<View> views,
        Device device
    )
    {
        using var scope = NewDisposeScope();
        var padded = Padded(views);
        var images = frames.Zip(views, Views.Image).ToArray();
        var wheels = frames.Zip(views, (frame, view) => Views.Wheel(frame, view, options.FlowPicture)).ToArray();
        var pictures = options.UsesFlow ? images.Concat(wheels) : images;
        // [B or 2B, 3, H, W]
        var input = Joins.Cat([.. pictures.Select(picture => Views.Normalise(picture.to(device), options.Backbone, padded))], 0);
        var features = Backbones.Forward(options.Backbone, Backbones.Prepare(options.Backbone, weights), input);
        return new(
            features.Map(level => level.MoveToOuterDisposeScope()),
            Stride4.ColourBytes(Batch(images, padded)).to(device).MoveToOuterDisposeScope(),
            Stride4.FlowUnit(Batch(wheels, padded), Unknown(frames, views, padded)).to(device).MoveToOuterDisposeScope(),
            padded
        );
    }

    /// <summary>
    /// Through a backbone that is wholly frozen: each view once, at its own padded size and rounded to float16, remembered in the store.
    /// Smaller views of a batch are padded with zeros as features.
    /// </summary>
    /// <param name="stamp">Of the backbone's numbers and settings (<see cref="ViewFeatureBytes.Stamp"/>).</param>
    public static EncodedBatch Frozen(
        ForwardOptions options,
        Weights weights,
        FeatureStore store,
        ulong stamp,
        IReadOnlyList<FlowFrame> frames,
        IReadOnlyList<View> views,
        Device device
    )
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var padded = Padded(views);
        var prepared = new Lazy<Weights>(() => Backbones.Prepare(options.Backbone, weights));
        var entries = frames.Zip(views, (frame, view) => Remembered(options, prepared, store, stamp, frame, view, device)).ToArray();

        Tensor Streams(Func<BackboneFeatures, Tensor> level, int stride)
        {
            var size = new Size2(padded.Height / stride, padded.Width / stride);
            var each = entries.Select(entry => Views.Pad(level(entry.Features), size)).ToArray(); // [1 or 2, C, h, w]
            var ordered = Enumerable
                .Range(0, options.UsesFlow ? 2 : 1)
                .SelectMany(stream => each.Select(views => views.narrow(0, stream, 1)));
            return Joins.Cat([.. ordered], 0).to(device).to(ScalarType.Float32).MoveToOuterDisposeScope(); // [B or 2B, C, h, w]
        }

        var cells = Stride4.Cells(padded);
        return new(
            new(Streams(features => features.Res3, 8), Streams(features => features.Res4, 16), Streams(features => features.Res5, 32)),
            Joins.Cat([.. entries.Select(entry => Views.Pad(entry.Colour, cells))], 0).to(device).MoveToOuterDisposeScope(),
            Joins.Cat([.. entries.Select(entry => Views.Pad(entry.Flow, cells))], 0).to(device).MoveToOuterDisposeScope(),
            padded
        );
    }

    private static ViewFeatures Remembered(
        ForwardOptions options,
        Lazy<Weights> prepared,
        FeatureStore store,
        ulong stamp,
        FlowFrame frame,
        View view,
        Device device
    )
    {
        var key = ViewFeatureBytes.Key(frame, view, stamp);
        if (store.Find(key, ViewFeatureBytes.Length(options, view)) is { } known)
        {
            return ViewFeatureBytes.Read(options, view, known);
        }

        var computed = Compute(options, prepared.Value, frame, view, device);
        store.Keep(key, ViewFeatureBytes.Write(computed));
        return computed;
    }

    private static ViewFeatures Compute(ForwardOptions options, Weights prepared, FlowFrame frame, View view, Device device)
    {
        using var scope = NewDisposeScope();
        var (image, wheel) = (Views.Image(frame, view), Views.Wheel(frame, view, options.FlowPicture));
        Tensor[] pictures = options.UsesFlow ? [image, wheel] : [image];
        // [1 or 2, 3, H, W]
        var input = Joins.Cat([.. pictures.Select(picture => Views.Normalise(picture.to(device), options.Backbone, view.Padded))], 0);
        var features = Backbones.Forward(options.Backbone, prepared, input);
        return new(
            features.Map(level => level.to(ScalarType.Float16).cpu().MoveToOuterDisposeScope()),
            Stride4.ColourBytes(Batch([image], view.Padded)).MoveToOuterDisposeScope(),
            Stride4.FlowUnit(Batch([wheel], view.Padded), Unknown([frame], [view], view.Padded)).MoveToOuterDisposeScope()
        );
    }

    // uint8 [B, 1, H, W]; null where every vector is known.
    private static Tensor? Unknown(IReadOnlyList<FlowFrame> frames, IReadOnlyList<View> views, Size2 padded) =>
        frames.All(frame => FlowField.Known(frame.Flow).all().item<bool>()) ? null : Batch(frames.Zip(views, Views.Unknown), padded);

    // uint8 [3, h, w] each -> [B, 3, H, W], zero-padded.
    private static Tensor Batch(IEnumerable<Tensor> pictures, Size2 padded) =>
        Joins.Cat([.. pictures.Select(picture => Views.Pad(picture, padded).unsqueeze(0))], 0);
}
