using System.Collections.Immutable;
using Motion.Contracts;
using Motion.Kernels;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Motion.Forward;

/// <summary>How a frame is looked at: its size in the network's input, and whether it is mirrored.</summary>
internal readonly record struct View(Size2 Size, bool Flip)
{
    /// <summary>The size with both sides rounded up to the coarsest stride of the backbone.</summary>
    public Size2 Padded => Views.RoundUp(Size);
}

/// <summary>A box to be learnt, in pixels of the view.</summary>
internal readonly record struct Target(Box Box, int Class);

/// <summary>Augmentation and input pictures (oracle facts, section 1: input).</summary>
internal static class Views
{
    /// <summary>Sides of a batch are multiples of this.</summary>
    public const int Divisor = 32;

    private const float SmallestSide = 1e-5f; // detectron2 drops boxes no larger

    /// <summary>The training view of a frame: drawn from a seed of the frame's own.</summary>
    public static View Draw(ViewOptions options, Seed seed, FlowFrame frame)
    {
        var draws = seed.Derive("view").Derive(frame.Sequence).Draws();
        var shortest = options.ShortestSides[draws.Next(options.ShortestSides.Length)];
        var flip = draws.NextDouble() < options.FlipProbability;
        return new(ImageResize.Fit(frame.OriginalSize, shortest, options.LongestSide), flip);
    }

    /// <summary>The view in which objects are looked for.</summary>
    public static View Test(ViewOptions options, FlowFrame frame) =>
        new(ImageResize.Fit(frame.OriginalSize, options.TestShortestSide, options.TestLongestSide), Flip: false);

    /// <summary>The boxes that are left in a view: scaled, mirrored, clipped; crowds and empty boxes are not.</summary>
    public static ImmutableArray<Target> Targets(FlowFrame frame, View view, bool agnostic)
    {
        var (size, original) = (view.Size, frame.OriginalSize);
        var (x, y) = ((double)size.Width / original.Width, (double)size.Height / original.Height);
        return
        [
            .. from instance in frame.Truth?.Instances ?? []
            where !instance.IsCrowd
            let scaled = instance.Box.Scale(x, y)
            let box = (view.Flip ? Boxes.FlipHorizontal(scaled, size.Width) : scaled).Clip(size)
            where box.Width > SmallestSide && box.Height > SmallestSide
            select new Target(box, agnostic ? 0 : instance.Class),
        ];
    }

    /// <summary>The frame in a view: uint8 [3, h, w] RGB.</summary>
    public static Tensor Image(FlowFrame frame, View view)
    {
        using var scope = NewDisposeScope();
        var resized = ImageResize.Bilinear(frame.Image, view.Size);
        return (view.Flip ? resized.flip(2) : resized).MoveToOuterDisposeScope();
    }

    /// <summary>
    /// The flow in a view as a colour picture: uint8 [3, h, w] RGB. The vectors are resized and mirrored, not the colours.
    /// </summary>
    public static Tensor Wheel(FlowFrame frame, View view, FlowColourOptions options)
    {
        using var scope = NewDisposeScope();
        var resized = FlowField.Resize(frame.Flow, view.Size); // [2, h, w]
        return FlowColour.Wheel(view.Flip ? FlowField.FlipHorizontal(resized) : resized, options).MoveToOuterDisposeScope();
    }

    /// <summary>Where the flow in a view is not known: uint8 {0, 1} [1, h, w].</summary>
    public static Tensor Unknown(FlowFrame frame, View view)
    {
        using var scope = NewDisposeScope();
        var unknown = FlowField.Known(FlowField.Resize(frame.Flow, view.Size)).logical_not().to(ScalarType.Byte); // [1, h, w]
        return (view.Flip ? unknown.flip(2) : unknown).MoveToOuterDisposeScope();
    }

    /// <summary>A picture as the backbone wants it, zero-padded after normalisation.</summary>
    /// <param name="picture">uint8 [3, h, w] RGB.</param>
    /// <returns>float32 [1, 3, H, W].</returns>
    public static Tensor Normalise(Tensor picture, BackboneOptions options, Size2 padded)
    {
        using var scope = NewDisposeScope();
        var ordered = options.Channels == ChannelOrder.Bgr ? picture.flip(0) : picture;
        var mean = tensor(options.PixelMean.Select(value => (float)value).ToArray(), ScalarType.Float32, picture.device).reshape(3, 1, 1);
        var deviation = tensor(options.PixelStd.Select(value => (float)value).ToArray(), ScalarType.Float32, picture.device)
            .reshape(3, 1, 1);
        var normal = ordered.to(ScalarType.Float32).sub(mean).div(deviation); // [3, h, w]
        return Pad(normal, padded).unsqueeze(0).MoveToOuterDisposeScope();
    }

    /// <summary>Zeros to the right and below: [..., h, w] -> [..., H, W].</summary>
    public static Tensor Pad(Tensor x, Size2 size)
    {
        var (bottom, right) = (size.Height - x.shape[^2], size.Width - x.shape[^1]);
        return bottom == 0 && right == 0 ? x.alias() : F.pad(x, [0, right, 0, bottom]);
    }

    public static Size2 RoundUp(Size2 size) => new(RoundUp(size.Height), RoundUp(size.Width));

    /// <summary>
    /// Rows and columns of a view that count for pairs: all but the rows that stand for the last few of the original frame.
    /// </summary>
    public static Size2 ValidSize(View view, Size2 original, int bottomRows) =>
        view.Size with
        {
            Height = view.Size.Height - (int)((double)bottomRows * view.Size.Height / original.Height),
        };

    private static int RoundUp(int side) => (side + Divisor - 1) / Divisor * Divisor;
}
