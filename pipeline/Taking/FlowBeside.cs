using Motion.Contracts;
using Motion.Decode;
using Motion.Flow;
using Motion.Kernels;
using Motion.Report.Pictures;
using static TorchSharp.torch;

namespace Motion.Pipeline.Taking;

/// <summary>The motion of a frame as a picture, to be shown beside it.</summary>
internal static class FlowBeside
{
    /// <summary>By dense inverse search, which has no weights.</summary>
    /// <param name="threads">1 or more; changes no bit.</param>
    public static Func<FramePicture, FramePicture, Pixels> Create(int threads = 1)
    {
        var estimate = FlowStage.Create(new FlowOptions { Network = FlowSource.Dis }, CPU, threads).OrThrow();
        return (first, second) =>
        {
            using var scope = NewDisposeScope();
            var pair = new FramePair(new FrameKey(0, "", 0), first.Size, Tensor(first), Tensor(second), 1, null, null);
            return estimate(pair)
                .Match(frame => Pixels.Of(FlowColour.Wheel(frame.Flow)), error => throw new InvalidOperationException(error.Describe()));
        };
    }

    private static Tensor Tensor(FramePicture picture) => tensor(picture.Planes, [3, picture.Size.Height, picture.Size.Width]);
}
