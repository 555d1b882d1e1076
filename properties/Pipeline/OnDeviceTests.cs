using Motion.Contracts;
using Motion.Flow;
using Motion.Loss;
using TorchSharp;
using Xunit;

namespace Motion.Properties.Pipeline;

public sealed class OnDeviceTests
{
    [Fact]
    public void Move_ToAnotherDevice_MovesEveryTensorAndNothingElse()
    {
        var prediction = TinyStages.Prediction(3);
        var shapes = prediction.Tensors.Select(tensor => (tensor.dtype, string.Join(',', tensor.shape))).ToArray();
        using var moved = OnDevice.Move(prediction, torch.device("meta")); // a device of every libtorch, without memory
        Assert.All(moved.Tensors, tensor => Assert.Equal(DeviceType.META, tensor.device_type));
        Assert.Equal(shapes, moved.Tensors.Select(tensor => (tensor.dtype, string.Join(',', tensor.shape))).ToArray());
        Assert.Equal((3, 3), (moved.Sequence, moved.Iteration));
    }

    [Fact]
    public void Move_ToTheSameDevice_IsTheSame()
    {
        using var prediction = TinyStages.Prediction(3);
        Assert.Same(prediction, OnDevice.Move(prediction, torch.CPU));
    }
}
