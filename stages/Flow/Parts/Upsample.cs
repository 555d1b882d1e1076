using Motion.Kernels;
using TorchSharp;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Motion.Flow;

/// <summary>Flow from an eighth of the resolution to the full one; vectors grow with it.</summary>
public static class Upsample
{
    /// <summary>Bilinear, corners on corners (RAFT-small).</summary>
    /// <param name="flow">float32 [N, 2, h, w], pixels of the 1/8 grid.</param>
    /// <returns>float32 [N, 2, 8h, 8w], pixels.</returns>
    public static Tensor Bilinear(Tensor flow)
    {
        using var scope = NewDisposeScope();
        var (h, w) = (flow.shape[2], flow.shape[3]);
        return F.interpolate(flow, [8 * h, 8 * w], mode: InterpolationMode.Bilinear, align_corners: true)
            .Times(8)
            .MoveToOuterDisposeScope();
    }

    /// <summary>Each full-resolution vector is a convex combination of the 3x3 coarse vectors around it.</summary>
    /// <param name="flow">float32 [N, 2, h, w], pixels of the 1/8 grid.</param>
    /// <param name="mask">
    /// float32 [N, 576, h, w], weights before the softmax. Channel k*64 + sy*8 + sx: neighbour k (by rows, centre 4) for sub-pixel (sy,
    /// sx).
    /// </param>
    /// <returns>float32 [N, 2, 8h, 8w], pixels.</returns>
    /// <remarks>
    /// RAFT, section 3.3, "Upsampling". Neighbours outside the map are zero vectors that keep their weight, as in the published code.
    /// </remarks>
    public static Tensor Convex(Tensor flow, Tensor mask)
    {
        using var scope = NewDisposeScope();
        var (n, h, w) = (flow.shape[0], flow.shape[2], flow.shape[3]);
        var weights = mask.view(n, 9, 64, h, w).softmax(1); // [N, 9, 64, h, w]
        var padded = F.pad(flow.Times(8), [1, 1, 1, 1]); // [N, 2, h+2, w+2]
        Tensor? sum = null;
        for (var k = 0; k < 9; k++)
        {
            using var step = NewDisposeScope();
            var neighbour = padded.narrow(2, k / 3, h).narrow(3, k % 3, w).unsqueeze(2); // [N, 2, 1, h, w]
            var term = neighbour.mul(weights.select(1, k).unsqueeze(1)); // [N, 2, 64, h, w]
            sum = (sum is null ? term : sum.Plus(term)).MoveToOuterDisposeScope();
        }

        return sum!.view(n, 2, 8, 8, h, w).permute(0, 1, 4, 2, 5, 3).reshape(n, 2, 8 * h, 8 * w).MoveToOuterDisposeScope();
    }
}
