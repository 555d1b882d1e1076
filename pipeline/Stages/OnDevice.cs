using Motion.Contracts;
using static TorchSharp.torch;

namespace Motion.Pipeline.Stages;

/// <summary>
/// Messages that came over the wire or out of a recording are in the computer's memory. The loss computes where its prediction is, so there it must be where
/// it would have been without the journey: the bits of a GPU are not those of a CPU.
/// </summary>
internal static class OnDevice
{
    /// <summary>The prediction on the device; itself where it is there already. Consumes what it copies.</summary>
    public static Prediction Move(Prediction prediction, Device device)
    {
        if (prediction.Tensors.All(tensor => tensor.device_type == device.type)) return prediction;
        using var moved = prediction;
        Tensor To(Tensor tensor) => tensor.to(device).alias().DetachFromDisposeScope();
        return prediction with
        {
            ClassLogits = To(prediction.ClassLogits),
            BoxRegression = To(prediction.BoxRegression),
            Centerness = To(prediction.Centerness),
            Labels = To(prediction.Labels),
            RegressionTargets = To(prediction.RegressionTargets),
            MaskLogits = To(prediction.MaskLogits),
            MaskImages = To(prediction.MaskImages),
            MaskBoxes = To(prediction.MaskBoxes),
            Boxes = To(prediction.Boxes),
            BoxImages = To(prediction.BoxImages),
            ColourImages = To(prediction.ColourImages),
            FlowImages = To(prediction.FlowImages),
            ValidSizes = To(prediction.ValidSizes),
        };
    }
}
