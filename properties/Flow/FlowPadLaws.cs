using FsCheck.Fluent;
using Motion.Contracts;
using Motion.Flow;
using Motion.Kernels;
using Motion.Properties.Generators;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Flow;

public sealed class FlowPadLaws
{
    [Fact, Law]
    public void Crop_OfApply_ChangesNothing() =>
        Laws.Hold(
            from sketch in FlowFields.Sketches()
            from shortest in Gen.Choose(0, 40)
            from mode in Gen.Elements(FlowPadMode.Sintel, FlowPadMode.Kitti)
            select (sketch, shortest, mode),
            item =>
            {
                using var scope = NewDisposeScope();
                var picture = FlowFields.Flow(item.sketch).unsqueeze(0);
                var pad = FlowPad.For(item.sketch.Size, 8, item.shortest, item.mode);
                var padded = pad.Apply(picture);
                return padded.shape[2] % 8 == 0
                    && padded.shape[3] % 8 == 0
                    && padded.shape[2] >= item.shortest
                    && padded.shape[3] >= item.shortest
                    && pad.Crop(padded).Equals(picture);
            }
        );
}
