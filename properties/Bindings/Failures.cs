using System.Runtime.InteropServices;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Bindings;

/// <summary>What libtorch refuses becomes an exception that says which operator was given what.</summary>
public class Failures
{
    [Fact]
    public void WrongShapes_AreNamedWithTheOperator()
    {
        using var scope = NewDisposeScope();
        var error = Assert.Throws<ExternalException>(() => zeros(2, 3) + zeros(4));
        Assert.Contains("aten::add.Tensor(self=Float[2, 3], other=Float[4])", error.Message);
        Assert.Contains("must match", error.Message);
    }

    [Fact]
    public void WrongListsAndOptions_AreNamedToo()
    {
        using var scope = NewDisposeScope();
        var error = Assert.Throws<ExternalException>(() => zeros(2, 3).reshape(4, -1));
        Assert.Contains("aten::reshape(self=Float[2, 3], shape=[4, -1])", error.Message);
        error = Assert.Throws<ExternalException>(() => cat([zeros(2, 2), zeros(2, 2, 2)]));
        Assert.Contains("aten::cat(tensors=[Float[2, 2], Float[2, 2, 2]], dim=0)", error.Message);
        error = Assert.Throws<ExternalException>(() => nn.functional.conv2d(zeros(1, 3, 4, 4), zeros(1, 2, 3, 3)));
        Assert.Contains("weight=Float[1, 2, 3, 3], bias=None, stride=[1, 1]", error.Message);
    }

    [Fact]
    public void WrongTypes_AreNamedToo()
    {
        using var scope = NewDisposeScope();
        var error = Assert.Throws<ExternalException>(() => zeros(2, 2).mm(zeros(2, 2, float64)));
        Assert.Contains("self=Float[2, 2], mat2=Double[2, 2]", error.Message);
    }

    [Fact]
    public void Failures_LeaveNothingBehind() => Leaks.Check(() =>
    {
        using var a = zeros(2);
        using var b = zeros(3);
        for (var k = 0; k < 10; k++)
            Assert.Throws<ExternalException>(() => a + b);
        Assert.Throws<InvalidOperationException>(() => cat([a, Disposed()]));
        a.Dispose();
        Assert.True(a.IsInvalid);
    });

    [Fact]
    public void Cuda_WithoutADevice_IsRefusedByName()
    {
        if (cuda.is_available())
            return;                                                            // with one there is nothing to refuse
        Assert.Contains("CUDA", Assert.Throws<InvalidOperationException>(() => CUDA).Message);
        Assert.Equal(0, cuda.device_count());
        using var x = zeros(1);
        Assert.ThrowsAny<Exception>(() => x.pin_memory());
        Assert.ThrowsAny<Exception>(() => x.cuda());
        Assert.False(cuda.is_cudnn_available());
    }

    [Fact]
    public void Version_OfLibtorch_IsKnown() => Assert.Matches(@"^\d+\.\d+\.\d+", __version__);

    private static Tensor Disposed()
    {
        var x = zeros(1);
        x.Dispose();
        return x;
    }
}
