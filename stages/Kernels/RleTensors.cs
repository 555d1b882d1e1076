using System.Collections.Immutable;
using Motion.Contracts;
using Motion.DataSets;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Kernels;

/// <summary>Between masks as tensors and masks as run lengths.</summary>
public static class RleTensors
{
    /// <summary>The mask of a tensor.</summary>
    /// <param name="mask">[H, W] bool or uint8 on any device; 0 is outside, anything else inside.</param>
    /// <exception cref="ArgumentException">Another shape or dtype.</exception>
    public static Rle Encode(Tensor mask)
    {
        if (mask.dim() != 2)
        {
            throw new ArgumentException($"a mask is [H, W], not [{string.Join(", ", mask.shape)}]", nameof(mask));
        }

        using var one = mask.unsqueeze(0); // [1, H, W]
        return EncodeEach(one)[0];
    }

    /// <summary>The masks of a stack of them, brought to the CPU at once.</summary>
    /// <param name="masks">[N, H, W] bool or uint8 on any device; N may be 0.</param>
    /// <exception cref="ArgumentException">Another shape or dtype.</exception>
    public static ImmutableArray<Rle> EncodeEach(Tensor masks)
    {
        if (masks.dim() != 3 || masks.dtype is not (ScalarType.Bool or ScalarType.Byte))
        {
            throw new ArgumentException(
                $"masks are [N, H, W] of bool or uint8, not [{string.Join(", ", masks.shape)}] of {masks.dtype}",
                nameof(masks)
            );
        }

        using var scope = NewDisposeScope();
        var size = new Size2((int)masks.shape[1], (int)masks.shape[2]);
        var contiguous = masks.detach().cpu().contiguous();
        var all = ImmutableArray.CreateBuilder<Rle>((int)masks.shape[0]);
        for (var i = 0; i < all.Capacity; i++)
        {
            all.Add(Rles.Encode(contiguous.bytes.Slice(checked((int)(i * size.Area)), (int)size.Area), size));
        }

        return all.MoveToImmutable();
    }

    /// <summary>The picture of a mask: [H, W] uint8, 0 or 1, on the CPU.</summary>
    public static Tensor ToTensor(Rle mask)
    {
        using var flat = tensor(Rles.Decode(mask));
        return flat.reshape(mask.Size.Height, mask.Size.Width);
    }
}
