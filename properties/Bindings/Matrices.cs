using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Bindings;

/// <summary>Products of matrices against the triple loop.</summary>
public class Matrices
{
    [Fact]
    public void Products_OfMatrices_AreTheTripleLoop()
    {
        using var scope = NewDisposeScope();
        Tensor a = Expect.Filled(3, 4), b = Expect.Filled(4, 5);
        var expected = Product(a, b);
        Expect.Equal(a.matmul(b), [3, 5], expected);
        Expect.Equal(matmul(a, b), expected);
        Expect.Equal(a.mm(b), expected);
        Expect.Equal(mm(a, b), expected);
        Expect.Equal(einsum("ij,jk->ik", a, b), expected);
        Expect.Equal(einsum("ij,jk->ki", a, b), [5, 3], Expect.Doubles(a.mm(b).t().contiguous()));
        Expect.Equal(a.mv(b[TensorIndex.Colon, 0]), Expect.Doubles(a.mm(b)[TensorIndex.Colon, 0]));
        Expect.Equal(a[0].dot(b[TensorIndex.Colon, 1]), [expected[1]]);
        Expect.Equal(a[0].outer(b[0]), [4, 5], Product(a[0].unsqueeze(1), b[0].unsqueeze(0)));
        Expect.Equal(nn.functional.linear(a, b.t()), expected);
        Expect.Equal(nn.functional.linear(a, b.t(), ones(5, float64)), [.. expected.Select(v => v + 1)]);
    }

    [Fact]
    public void Products_OfBatches_AreThoseOfTheirMatrices()
    {
        using var scope = NewDisposeScope();
        Tensor a = Expect.Filled(2, 3, 4), b = Expect.Filled(2, 4, 2), c = Expect.Filled(2, 3, 2);
        double[] expected = [.. Product(a[0], b[0]), .. Product(a[1], b[1])];
        Expect.Equal(a.bmm(b), [2, 3, 2], expected);
        Expect.Equal(bmm(a, b), expected);
        Expect.Equal(a.matmul(b), expected);
        var scaled = expected.Zip(Expect.Doubles(c), (p, q) => (0.5 * q) + (2 * p));
        Expect.Equal(c.baddbmm(a, b, 0.5f, 2), [.. scaled]);
        Expect.Equal(c[0].addmm(a[0], b[0], 0.5f, 2), [.. scaled.Take(6)]);
        Expect.Equal(zeros(3, 2, float64).addbmm(a, b), [.. expected.Take(6).Zip(expected.Skip(6), (p, q) => p + q)]);
    }

    [Fact]
    public void Inverse_TimesTheMatrix_IsTheIdentity()
    {
        using var scope = NewDisposeScope();
        var a = tensor([4.0, 1, 2, 3]).reshape(2, 2);
        Expect.Equal(linalg.det(a), [10]);
        Expect.Same(linalg.inv(a).mm(a), eye(2, dtype: float64));
        Expect.Same(linalg.solve(a, a), eye(2, dtype: float64));
        Expect.Equal(linalg.norm(a), [Math.Sqrt(30)]);
        Expect.Equal(linalg.norm(a, 1, [1]), [5, 5]);
    }

    private static double[] Product(Tensor a, Tensor b)
    {
        double[] x = Expect.Doubles(a), y = Expect.Doubles(b), result = new double[a.shape[0] * b.shape[1]];
        long n = a.shape[1], w = b.shape[1];
        for (var k = 0; k < result.Length; k++)
        {
            for (var j = 0; j < n; j++)
                result[k] += x[(k / w * n) + j] * y[(j * w) + (k % w)];
        }
        return result;
    }
}
