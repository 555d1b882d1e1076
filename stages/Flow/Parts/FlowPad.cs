using Motion.Contracts;
using Motion.Kernels;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Motion.Flow;

/// <summary>Where the pixels go that make a side divisible.</summary>
public enum FlowPadMode
{
    /// <summary>Split over both sides, the smaller half left and top.</summary>
    Sintel,

    /// <summary>Split horizontally the same way; vertically all at the bottom.</summary>
    Kitti,
}

/// <summary>Padding of a picture to the sizes that a flow network can take, with replicated borders.</summary>
public readonly record struct FlowPad(int Left, int Right, int Top, int Bottom)
{
    /// <summary>What makes both sides multiples of <paramref name="multiple"/> and no shorter than <paramref name="shortest"/>.</summary>
    /// <remarks>The published code has no shortest side; 0 gives its padding.</remarks>
    public static FlowPad For(Size2 size, int multiple, int shortest, FlowPadMode mode)
    {
        var width = Excess(size.Width, multiple, shortest);
        var height = Excess(size.Height, multiple, shortest);
        var top = mode == FlowPadMode.Sintel ? height / 2 : 0;
        return new FlowPad(width / 2, width - (width / 2), top, height - top);
    }

    /// <summary>Replicates the border.</summary>
    /// <param name="picture">float [N, C, H, W].</param>
    /// <returns>[N, C, Top+H+Bottom, Left+W+Right].</returns>
    public Tensor Apply(Tensor picture) =>
        this == default ? picture.alias() : F.pad(picture, [Left, Right, Top, Bottom], PaddingModes.Replicate);

    /// <summary>The inverse of <see cref="Apply"/>: a view of the middle.</summary>
    /// <param name="padded">[.., Top+H+Bottom, Left+W+Right].</param>
    /// <returns>[.., H, W].</returns>
    public Tensor Crop(Tensor padded)
    {
        using var scope = NewDisposeScope();
        return padded
            .narrow(-2, Top, padded.shape[^2] - Top - Bottom)
            .narrow(-1, Left, padded.shape[^1] - Left - Right)
            .MoveToOuterDisposeScope();
    }

    private static int Excess(int side, int multiple, int shortest)
    {
        var wanted = Math.Max(side, shortest);
        return ((wanted + multiple - 1) / multiple * multiple) - side;
    }
}
