using Motion.Contracts;
using static TorchSharp.torch;

namespace Motion.Loss;

/// <summary>
/// Messages that came over the wire or out of a recording are in the computer's memory. The loss computes where its prediction is, so there
/// it must be where it would have been without the journey: the bits of a GPU are not those of a CPU.
/// </summary>
internal static class OnDevice
{
    /// <summary>The prediction on the device; itself where it is there already. Consumes what it copies.</summary>
    public static Prediction Move(Prediction prediction, Device device)
    {
        if (prediction.Tensors.All(tensor => tensor.device_type == device.type))
            return prediction;
        using var moved = prediction;
        return prediction.Map(tensor => tensor.to(device).alias().DetachFromDisposeScope());
    }
}
