using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Bindings;

/// <summary>Autograd against derivatives done by hand and against differences.</summary>
public class Gradients
{
    [Fact]
    public void Backward_OfAScalar_AccumulatesIntoTheLeaves()
    {
        using var scope = NewDisposeScope();
        var x = tensor([1.0, -2, 3], requires_grad: true);
        Assert.Null(x.grad);
        x.pow(3).sum().backward();
        Expect.Equal(x.grad!, [3, 12, 27]);
        (x * 2).sum().backward();
        Expect.Equal(x.grad!, [5, 14, 29]);
        x.grad = null;
        Assert.Null(x.grad);
        x.grad = ones(3, float64);
        Expect.Equal(x.grad, [1, 1, 1]);
    }

    /// <summary>What the forward stage does with the loss stage's gradients.</summary>
    [Fact]
    public void Backward_WithOutputGradients_IsTheVectorJacobianProduct()
    {
        using var scope = NewDisposeScope();
        var x = tensor([2.0, 3], requires_grad: true);
        Tensor square = x * x, sine = x.sin();
        autograd.backward([square, sine], [tensor([1.0, 10]), tensor([100.0, 0])]);
        Expect.Equal(x.grad!, [4 + (100 * Math.Cos(2)), 60]);
        using var y = tensor([2.0, 3], requires_grad: true);
        autograd.backward(y * y, tensor([1.0, 10]));
        Expect.Equal(y.grad!, [4, 60]);
        y.grad = null;
        (y * y).backward([tensor([1.0, 1])]);
        Expect.Equal(y.grad!, [4, 6]);
    }

    [Fact]
    public void Grad_OfOutputs_LeavesTheLeavesAlone()
    {
        using var scope = NewDisposeScope();
        Tensor x = tensor(2.0, requires_grad: true), y = tensor(5.0, requires_grad: true), z = tensor(1.0, requires_grad: true);
        var gradients = autograd.grad([x * x * y], [x, y]);
        Expect.Equal(gradients[0], [20]);
        Expect.Equal(gradients[1], [4]);
        Assert.Null(x.grad);
        Expect.Equal(autograd.grad([x * y], [x], [tensor(3.0)])[0], [15]);
        Assert.True(autograd.grad([x * y], [z], allow_unused: true)[0].IsInvalid);
        Assert.ThrowsAny<Exception>(() => autograd.grad([x * y], [z]));
        var first = autograd.grad([x.pow(3)], [x], create_graph: true)[0];
        Expect.Equal(autograd.grad([first], [x])[0], [12]);
    }

    [Fact]
    public void Graph_AfterOnePass_IsGoneUnlessRetained()
    {
        using var scope = NewDisposeScope();
        var x = tensor(2.0, requires_grad: true);
        var y = x.exp();
        autograd.backward([y], retain_graph: true);
        autograd.backward([y]);
        Expect.Equal(x.grad!, [2 * Math.Exp(2)]);
        Assert.ThrowsAny<Exception>(() => autograd.backward([y]));
        var other = tensor(1.0, requires_grad: true);
        autograd.backward([x * other], inputs: [other]);
        Expect.Equal(other.grad!, [2]);
        Expect.Equal(x.grad!, [2 * Math.Exp(2)]);
    }

    [Fact]
    public void Recording_IsSwitchedPerThreadAndNests()
    {
        using var scope = NewDisposeScope();
        var x = tensor(2.0, requires_grad: true);
        Assert.True(is_grad_enabled());
        using (no_grad())
        {
            Assert.False((x * 2).requires_grad);
            using (enable_grad())
                Assert.True((x * 2).requires_grad);
            Assert.False(is_grad_enabled());
            var elsewhere = false;
            var thread = new Thread(() => elsewhere = is_grad_enabled());
            thread.Start();
            thread.Join();
            Assert.True(elsewhere);
        }
        using (set_grad_enabled(false))
            Assert.False(is_grad_enabled());
        using (inference_mode())
        {
            Assert.True(is_inference_mode_enabled());
            Assert.False((x * 2).requires_grad);
        }
        Assert.False(is_inference_mode_enabled());
        Assert.True((x * 2).requires_grad);
    }

    [Fact]
    public void Leaves_AreWhatNoOperatorMade()
    {
        using var scope = NewDisposeScope();
        var x = ones(2).requires_grad_();
        var y = x * 2;
        Assert.True(x.is_leaf && !y.is_leaf && y.requires_grad && y.detach().is_leaf && !y.detach().requires_grad);
        y.retain_grad();
        y.sum().backward();
        Expect.Equal(y.grad!, [1, 1]);
        Assert.False(ones(1).requires_grad_().detach_().requires_grad);
        Assert.True(ones(1).with_requires_grad().requires_grad);
    }

    private static readonly Dictionary<string, Func<Tensor, Tensor>> Smooth = new()
    {
        ["conv2d"] = x => nn.functional.conv2d(x, Expect.Filled(2, 1, 2, 2), null, [1, 1], [1, 1]),
        ["grid_sample"] = x => nn.functional.grid_sample(x, Expect.Filled(1, 2, 2, 2) * 0.4, align_corners: true),
        ["bilinear"] = x => nn.functional.interpolate(x, [5, 4], mode: InterpolationMode.Bilinear, align_corners: false),
        ["softmax"] = x => x.softmax(3),
        ["group_norm"] = x => nn.functional.group_norm(x, 1),
        ["index"] = x => x[0, 0, tensor([0L, 2, 2]), tensor([1L, 1, 0])],
        ["matmul"] = x => x.matmul(Expect.Filled(3, 2)),
        ["logsumexp"] = x => x.logsumexp(2),
        ["unfold"] = x => nn.functional.unfold(x, 2),
        ["max_pool2d"] = x => nn.functional.max_pool2d(x, 2, 1),
        ["pad"] = x => nn.functional.pad(x, [1, 1, 1, 1], PaddingModes.Reflect),
        ["cat"] = x => torch.cat([x * 2, x.flip(3)], 2),
        ["norm"] = x => linalg.vector_norm(x, 2, [3]),
        ["scatter_add"] = x => zeros(1, 1, 3, 3, float64).scatter_add(3, zeros(1, 1, 3, 3, int64), x),
    };

    public static TheoryData<string> Names => [.. Smooth.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Gradient_OfAnOperator_IsItsDifferenceQuotient(string name)
    {
        using var scope = NewDisposeScope();
        var function = Smooth[name];
        var x = Expect.Filled(1, 1, 3, 3).requires_grad_();
        var y = function(x);
        var weights = Expect.Filled(y.shape);
        var gradient = autograd.grad([y], [x], [weights])[0];
        const double step = 1e-6, tolerance = 1e-7;                            // central differences err by step squared and by rounding / step
        var expected = new double[9];
        using var off = no_grad();
        for (var k = 0; k < 9; k++)
        {
            double At(double by)
            {
                var moved = x.clone();
                moved.data<double>()[k] += by;
                return (function(moved) * weights).sum().ToDouble();
            }
            expected[k] = (At(step) - At(-step)) / (2 * step);
        }
        Expect.Equal(gradient, expected, tolerance);
    }
}
