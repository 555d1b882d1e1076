using TorchSharp;
using Xunit;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Motion.Properties.Bindings;

/// <summary>Convolutions, poolings, normalisations against loops over their definitions.</summary>
public class Layers
{
    [Theory]
    [InlineData(1, 0, 1, 1)]
    [InlineData(2, 1, 1, 1)]
    [InlineData(1, 2, 2, 1)]
    [InlineData(2, 1, 1, 2)]
    [InlineData(1, 1, 2, 4)]
    public void Conv2d_WithStridePaddingDilationGroups_IsTheSumOverTheWindow(int stride, int padding, int dilation, int groups)
    {
        using var scope = NewDisposeScope();
        Tensor x = Expect.Filled(2, 4, 7, 6), w = Expect.Filled(8, 4 / groups, 3, 2), b = Expect.Filled(8);
        var actual = functional.conv2d(x, w, b, [stride, stride], [padding, padding], [dilation, dilation], groups);
        var (h, v) = (actual.shape[2], actual.shape[3]);
        var expected = new double[2 * 8 * h * v];
        var (px, pw, pb) = (x.data<double>(), w.data<double>(), b.data<double>());
        for (var k = 0; k < expected.Length; k++)
        {
            var (n, o, i, j) = (k / (8 * h * v), k / (h * v) % 8, k / v % h, k % v);
            expected[k] = pb[o];
            for (var c = 0; c < 4 / groups; c++)
            {
                for (var di = 0; di < 3; di++)
                {
                    for (var dj = 0; dj < 2; dj++)
                    {
                        long r = (i * stride) - padding + (di * dilation), s = (j * stride) - padding + (dj * dilation);
                        if (r is >= 0 and < 7 && s is >= 0 and < 6)
                            expected[k] += px[n, (o / (8 / groups) * (4 / groups)) + c, r, s] * pw[o, c, di, dj];
                    }
                }
            }
        }
        Expect.Equal(actual, expected);
    }

    [Fact]
    public void Conv1d_OfARow_IsConv2dOfIt()
    {
        using var scope = NewDisposeScope();
        Tensor x = Expect.Filled(2, 3, 9), w = Expect.Filled(4, 3, 3);
        var flat = functional.conv2d(x.unsqueeze(2), w.unsqueeze(2), null, [1, 2], [0, 1]).squeeze(2);
        Expect.Same(functional.conv1d(x, w, stride: 2, padding: 1), flat);
    }

    [Fact]
    public void ConvTranspose2d_IsTheAdjointOfConv2d()
    {
        using var scope = NewDisposeScope();
        Tensor x = Expect.Filled(1, 2, 5, 5), w = Expect.Filled(3, 2, 3, 3);
        var forward = functional.conv2d(x, w, null, [2, 2], [1, 1]);
        var y = Expect.Filled(forward.shape);
        var back = functional.conv_transpose2d(y, w, null, [2, 2], [1, 1]);
        Expect.Same((forward * y).sum(), (x * back).sum());
        Assert.Equal([1, 2, 6, 6], functional.conv_transpose2d(y, w, null, [2, 2], [1, 1], [1, 1]).shape);
    }

    [Fact]
    public void Pooling_OfWindows_IsTheirMaximumOrMean()
    {
        using var scope = NewDisposeScope();
        var x = tensor([1.0, 5, 2, 0, 3, 4, 8, 1, 7]).reshape(1, 1, 3, 3);
        Expect.Equal(functional.max_pool2d(x, 2, 1), [1, 1, 2, 2], [5, 5, 8, 7]);
        Expect.Equal(functional.max_pool2d(x, [2, 2], [1, 1]), [5, 5, 8, 7]);
        Expect.Equal(functional.max_pool2d(x, (2, 2), (1, 1)), [5, 5, 8, 7]);
        Expect.Equal(functional.max_pool2d(x, 2), [1, 1, 1, 1], [5]);
        Expect.Equal(functional.max_pool2d(x, 2, 2, 1), [1, 5, 8, 7]);
        Expect.Equal(functional.max_pool2d_with_indices(x, [2, 2], [1, 1]).Indices, [1, 1, 6, 8]);
        Expect.Equal(functional.avg_pool2d(x, 2, 1), [2.25, 3.5, 3, 3.75]);
        Expect.Equal(functional.avg_pool2d(x, [2, 2], [1, 1]), [2.25, 3.5, 3, 3.75]);
        Expect.Equal(functional.avg_pool2d(x, (2, 2), (1, 1)), [2.25, 3.5, 3, 3.75]);
        Expect.Equal(functional.avg_pool2d(x, 2, 2, 1, count_include_pad: false), [1, 3.5, 4, 3.75]);
        Expect.Equal(functional.adaptive_avg_pool2d(x, 1), [31 / 9.0]);
        Expect.Equal(functional.adaptive_avg_pool2d(x, (2, 2)), [2.25, 3.5, 3, 3.75]);
        Expect.Equal(functional.adaptive_avg_pool2d(x, [3, 1]), [8 / 3.0, 7 / 3.0, 16 / 3.0]);
    }

    [Fact]
    public void Fold_OfUnfoldedOnes_CountsTheWindowsOverEachPixel()
    {
        using var scope = NewDisposeScope();
        var x = Expect.Filled(1, 2, 3, 3);
        var windows = functional.unfold(x, 2);                                 // [1, 2 * 4, 4]
        Expect.Equal(windows[0, 0], Expect.Doubles(x[0, 0, ..2, ..2].contiguous()));
        Expect.Equal(windows[0, 7], Expect.Doubles(x[0, 1, 1.., 1..].contiguous()));
        Expect.Same(functional.unfold(x, (2, 2)), windows);
        var counted = functional.fold(ones_like(windows), 3, 2);
        Expect.Equal(counted[0, 0], [1, 2, 1, 2, 4, 2, 1, 2, 1]);
        Expect.Same(functional.fold(ones_like(windows), (3, 3), (2, 2)), counted);
    }

    [Fact]
    public void Normalisations_OfABlock_HaveItsMeanAndVarianceRemoved()
    {
        using var scope = NewDisposeScope();
        var x = Expect.Filled(2, 4, 3, 3);
        Tensor w = tensor([1.0, 2, 0.5, -1]), b = tensor([0.0, 1, 2, 3]);
        Tensor wide = w.reshape(1, 4, 1, 1), shift = b.reshape(1, 4, 1, 1);
        Expect.Same(functional.batch_norm(x, null, null, w, b, training: true), (Standard(x, [0, 2, 3]) * wide) + shift);
        Expect.Same(functional.instance_norm(x, weight: w, bias: b), (Standard(x, [2, 3]) * wide) + shift);
        Expect.Same(functional.layer_norm(x, [4, 3, 3]), Standard(x, [1, 2, 3]));
        var groups = Standard(x.reshape(2, 2, 18), [2]).reshape(2, 4, 3, 3);
        Expect.Same(functional.group_norm(x, 2, w, b), (groups * wide) + shift);
        Tensor mean = tensor([0.1, 0.2, 0.3, 0.4]), variance = tensor([1.0, 2, 3, 4]);
        var expected = (x - mean.reshape(1, 4, 1, 1)) / (variance.reshape(1, 4, 1, 1) + 1e-5).sqrt();
        Expect.Same(functional.batch_norm(x, mean, variance), expected);
    }

    [Fact]
    public void BatchNorm_Training_MovesTheRunningStatistics()
    {
        using var scope = NewDisposeScope();
        var x = Expect.Filled(3, 2, 4);
        Tensor mean = zeros(2, float64), variance = ones(2, float64);
        functional.batch_norm(x, mean, variance, training: true, momentum: 0.25);
        Expect.Same(mean, x.mean([0, 2]) * 0.25);
        Expect.Same(variance, (x.var([0, 2]) * 0.25) + 0.75);
    }

    [Fact]
    public void Normalize_DividesByTheNorm()
    {
        using var scope = NewDisposeScope();
        var x = tensor([3.0, 4, 0, 0]).reshape(2, 2);
        Expect.Equal(functional.normalize(x), [0.6, 0.8, 0, 0]);
        Expect.Equal(functional.normalize(x, p: 1, dim: 0), [1, 1, 0, 0]);
        Expect.Equal(functional.cosine_similarity(x[..1], tensor([4.0, 3]).reshape(1, 2)), [0.96]);
    }

    [Fact]
    public void Lookups_ByIndex_TakeRowsOrMakeThem()
    {
        using var scope = NewDisposeScope();
        var table = arange(6).reshape(3, 2).to(float64);
        Expect.Equal(functional.embedding(tensor([2L, 0]), table), [2, 2], [4, 5, 0, 1]);
        Expect.Equal(functional.one_hot(tensor([2L, 0]), 3), [2, 3], [0, 0, 1, 1, 0, 0]);
        Expect.Equal(functional.pixel_shuffle(arange(4).reshape(1, 4, 1, 1), 2), [1, 1, 2, 2], [0, 1, 2, 3]);
        Expect.Equal(functional.pixel_unshuffle(arange(4).reshape(1, 1, 2, 2), 2), [1, 4, 1, 1], [0, 1, 2, 3]);
    }

    [Fact]
    public void Activations_OfFunctional_HaveTheirFormulas()
    {
        using var scope = NewDisposeScope();
        double[] v = [-2, -0.5, 0, 1, 3];
        var x = tensor(v);
        Expect.Equal(functional.relu(x), [.. v.Select(a => Math.Max(a, 0))]);
        Expect.Equal(functional.leaky_relu(x, 0.1), [.. v.Select(a => a > 0 ? a : 0.1 * a)]);
        Expect.Equal(x.leaky_relu(0.2), [.. v.Select(a => a > 0 ? a : 0.2 * a)]);
        Expect.Equal(functional.elu(x, 2), [.. v.Select(a => a > 0 ? a : 2 * (Math.Exp(a) - 1))]);
        Expect.Equal(functional.silu(x), [.. v.Select(a => a / (1 + Math.Exp(-a)))]);
        Expect.Equal(functional.softplus(x, 2), [.. v.Select(a => Math.Log(1 + Math.Exp(2 * a)) / 2)]);
        Expect.Equal(functional.sigmoid(x), [.. v.Select(a => 1 / (1 + Math.Exp(-a)))]);
        Expect.Equal(functional.logsigmoid(x), [.. v.Select(a => -Math.Log(1 + Math.Exp(-a)))]);
        Expect.Equal(functional.tanh(x), [.. v.Select(Math.Tanh)]);
        Expect.Same(functional.gelu(x), x.gelu());
        Expect.Same(functional.selu(x), x.selu());
        Expect.Same(functional.hardsigmoid(x), x.hardsigmoid());
        Expect.Same(functional.hardswish(x), x.hardswish());
        foreach (var inPlace in new Func<Tensor, Tensor>[]
        {
            t => functional.relu(t, true), t => functional.leaky_relu(t, 0.1, true), t => functional.elu(t, 2, true),
            t => functional.silu(t, true), t => functional.gelu(t, true), t => t.leaky_relu_(0.1), t => functional.dropout(t, 0, true, true),
        })
        {
            var y = x.clone();
            Assert.Same(y, inPlace(y));
        }
    }

    [Fact]
    public void Dropout_Training_ZeroesAndScalesTheRest()
    {
        using var scope = NewDisposeScope();
        var x = ones(1000, float64);
        Expect.Same(functional.dropout(x, 0.25, training: false), x);
        Expect.Equal(functional.dropout(x, 0.75).unique().output, [0, 4]);
    }

    private static Tensor Standard(Tensor x, long[] dims) =>
        (x - x.mean(dims, true)) / (x.var(dims, false, true) + 1e-5).sqrt();
}
