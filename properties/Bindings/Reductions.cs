using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Bindings;

/// <summary>Reductions, scans and orders against LINQ over the same numbers.</summary>
public class Reductions
{
    /// <summary>[2, 3, 4].</summary>
    private static Tensor Volume() => Expect.Filled(2, 3, 4);

    private static readonly Dictionary<string, (Func<double[], double> Value, Func<Tensor, Tensor> OfAll, Func<Tensor, long, bool, Tensor>? Along)>
        Functions = new()
        {
            ["sum"] = (v => v.Sum(), t => t.sum(), (t, d, k) => t.sum(d, k)),
            ["sum of list"] = (v => v.Sum(), t => t.sum([0, 1, 2]), (t, d, k) => t.sum([d], k)),
            ["torch.sum"] = (v => v.Sum(), t => torch.sum(t), (t, d, k) => torch.sum(t, d, k)),
            ["mean"] = (v => v.Average(), t => t.mean(), (t, d, k) => t.mean([d], k)),
            ["torch.mean"] = (v => v.Average(), torch.mean, (t, d, k) => torch.mean(t, [d], k)),
            ["prod"] = (v => v.Aggregate(1.0, (a, b) => a * b), t => t.prod(), (t, d, k) => t.prod(d, k)),
            ["var"] = (v => Variance(v, 1), t => t.var(), (t, d, k) => t.var(d, true, k)),
            ["var biased"] = (v => Variance(v, 0), t => t.var(false), (t, d, k) => t.var([d], false, k)),
            ["std"] = (v => Math.Sqrt(Variance(v, 1)), t => t.std(), (t, d, k) => t.std(d, true, k)),
            ["std biased"] = (v => Math.Sqrt(Variance(v, 0)), t => t.std(false), (t, d, k) => t.std([d], false, k)),
            ["amax"] = (v => v.Max(), t => t.amax(), (t, d, k) => t.amax([d], k)),
            ["amin"] = (v => v.Min(), t => t.amin(), (t, d, k) => t.amin([d], k)),
            ["max"] = (v => v.Max(), t => t.max(), (t, d, k) => t.max(d, k).values),
            ["min"] = (v => v.Min(), t => t.min(), (t, d, k) => t.min(d, k).values),
            ["aminmax"] = (v => v.Max(), t => t.aminmax().max, (t, d, k) => t.aminmax(d, k).max),
            ["argmax"] = (v => Array.IndexOf(v, v.Max()), t => t.argmax(), (t, d, k) => t.argmax(d, k)),
            ["argmin"] = (v => Array.IndexOf(v, v.Min()), t => t.argmin(), (t, d, k) => t.argmin(d, k)),
            ["index of max"] = (v => Array.IndexOf(v, v.Max()), t => t.flatten().max(0).indexes, (t, d, k) => t.max(d, k).indexes),
            ["norm 2"] = (v => Math.Sqrt(v.Sum(x => x * x)), t => t.norm(), (t, d, k) => t.norm((int)d, k)),
            ["norm 1"] = (v => v.Sum(Math.Abs), t => t.norm(1f), (t, d, k) => t.norm((int)d, k, 1f)),
            ["vector_norm"] = (v => Math.Sqrt(v.Sum(x => x * x)), t => linalg.vector_norm(t), (t, d, k) => linalg.vector_norm(t, 2, [d], k)),
            ["logsumexp"] = (v => Math.Log(v.Sum(Math.Exp)), t => t.flatten().logsumexp(0), (t, d, k) => t.logsumexp(d, k)),
            ["count_nonzero"] = (v => v.Count(x => x > 0), t => t.relu().count_nonzero(), null),
            ["all"] = (v => v.All(x => x > -1.9) ? 1 : 0, t => (t > -1.9).all(), (t, d, k) => (t > -1.9).all(d, k)),
            ["any"] = (v => v.Any(x => x > 1.9) ? 1 : 0, t => (t > 1.9).any(), (t, d, k) => (t > 1.9).any(d, k)),
            ["kthvalue"] = (v => v.Order().ElementAt(1), t => t.flatten().kthvalue(2, 0).values, (t, d, k) => t.kthvalue(2, d, k).values),
            ["median"] = (v => v.Order().ElementAt((v.Length - 1) / 2), t => t.median(), null),
            ["var_mean"] = (v => Variance(v, 1), t => t.var_mean().var, (t, d, k) => t.var_mean([d], true, k).var),
            ["nansum"] = (v => v.Sum(), t => torch.cat([t.flatten(), tensor([double.NaN])]).nansum(), null),
        };

    public static TheoryData<string> Names => [.. Functions.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Reduction_OfAllElements_IsTheOneOfLinq(string name)
    {
        using var scope = NewDisposeScope();
        var x = Volume();
        Expect.Equal(Functions[name].OfAll(x), [], [Functions[name].Value(Expect.Doubles(x))]);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Reduction_AlongADimension_IsTheOneOfEveryLine(string name)
    {
        using var scope = NewDisposeScope();
        var (value, _, along) = Functions[name];
        if (along is null)
            return;
        var x = Volume();
        for (var d = 0; d < 3; d++)
        {
            double[] expected = [.. Lines(x, d).Select(value)];
            var kept = x.shape;
            kept[d] = 1;
            Expect.Equal(along(x, d, false), [.. x.shape.Where((_, k) => k != d)], expected);
            Expect.Equal(along(x, d - 3, true), kept, expected);
        }
    }

    [Fact]
    public void Sum_OverTwoDimensions_SumsBoth()
    {
        using var scope = NewDisposeScope();
        var x = Volume();
        double[] expected = [.. Lines(x.sum(dim: 0), 0).Select(v => v.Sum())];
        Expect.Equal(x.sum(0, 1), [4], expected);
        Expect.Equal(x.sum([0, 1]), [4], expected);
        Expect.Equal(x.sum(0, 1, keepdim: true), [1, 1, 4], expected);
    }

    [Fact]
    public void Sum_WithAType_AccumulatesInIt()
    {
        using var scope = NewDisposeScope();
        Assert.Equal(ScalarType.Int64, tensor([true, true]).sum().dtype);
        Assert.Equal(ScalarType.Float64, tensor([1f]).sum([0], type: float64).dtype);
        Assert.Equal(ScalarType.Float32, tensor([1]).mean([0], type: float32).dtype);
    }

    [Fact]
    public void Scans_AlongADimension_AreRunningReductions()
    {
        using var scope = NewDisposeScope();
        double[] v = [3, -1, 4, -2];
        var x = tensor(v).reshape(1, 4);
        Expect.Equal(x.cumsum(1), [3, 2, 6, 4]);
        Expect.Equal(x.cumprod(1), [3, -3, -12, 24]);
        Expect.Equal(x.cummax(1).values, [3, 3, 4, 4]);
        Expect.Equal(x.cummax(1).indexes, [0, 0, 2, 2]);
        Expect.Equal(x.cummin(1).values, [3, -1, -1, -2]);
        Expect.Equal(x.diff(), [-4, 5, -6]);
        Expect.Equal(x.diff(n: 2), [9, -11]);
        Expect.Equal(x.diff(prepend: zeros(1, 1, float64)), [3, -4, 5, -6]);
    }

    [Fact]
    public void Softmax_AlongADimension_SumsToOneAndKeepsRatios()
    {
        using var scope = NewDisposeScope();
        double[] v = [1, -2, 0.5];
        var sum = v.Sum(Math.Exp);
        var x = tensor(v).reshape(3, 1);
        Expect.Equal(x.softmax(0), [.. v.Select(a => Math.Exp(a) / sum)]);
        Expect.Equal(x.log_softmax(0), [.. v.Select(a => a - Math.Log(sum))]);
        Expect.Equal(nn.functional.softmax(x, 1), [1, 1, 1]);
        Expect.Equal(nn.functional.log_softmax(x, 0), [.. v.Select(a => a - Math.Log(sum))]);
        Assert.Equal(ScalarType.Float32, x.softmax(0, float32).dtype);
    }

    [Fact]
    public void Sorting_AlongTheLastDimension_OrdersAndTellsWhence()
    {
        using var scope = NewDisposeScope();
        var x = tensor([3.0, 1, 2, 1, 5, 4]).reshape(2, 3);
        Expect.Equal(x.sort().Values, [1, 2, 3, 1, 4, 5]);
        Expect.Equal(x.sort().Indices, [1, 2, 0, 0, 2, 1]);
        Expect.Equal(x.sort(0, descending: true).Values, [3, 5, 4, 1, 1, 2]);
        Expect.Equal(x.argsort(descending: true), [0, 2, 1, 1, 2, 0]);
        Expect.Equal(x.topk(2).values, [3, 2, 5, 4]);
        Expect.Equal(x.topk(1, 0, largest: false).indexes, [1, 0, 0]);
        Expect.Equal(tensor([2, 1, 2, 1]).sort(0, false, stable: true).Indices, [1, 3, 0, 2]);
        Expect.Equal(tensor([2, 1]).msort(), [1, 2]);
    }

    [Fact]
    public void Counting_OfValues_TellsEachOnce()
    {
        using var scope = NewDisposeScope();
        var x = tensor([3L, 1, 3, 0, 1, 3]);
        var (values, inverse, counts) = x.unique(return_inverse: true, return_counts: true);
        Expect.Equal(values, [0, 1, 3]);
        Expect.Equal(inverse!, [2, 1, 2, 0, 1, 2]);
        Expect.Equal(counts!, [1, 2, 3]);
        Assert.Null(x.unique().inverse_indices);
        Expect.Equal(tensor([1L, 1, 2, 1]).unique_consecutive().output, [1, 2, 1]);
        Expect.Equal(x.reshape(3, 2).unique(dim: 0).output, [1, 3, 3, 0, 3, 1]);
        Expect.Equal(x.bincount(null, 5), [1, 2, 0, 3, 0]);
        Expect.Equal(x.bincount(tensor([0.5, 1, 0.5, 1, 1, 1])), [1, 2, 0, 2]);
        Expect.Equal(x.@double().histc(3, 0, 3), [1, 2, 3]);
        Expect.Equal(x.reshape(2, 3).count_nonzero([1]), [3, 2]);
        Expect.Equal(x.mode().values, [3]);
    }

    [Fact]
    public void Searching_InASortedSequence_GivesThePlaceToInsert()
    {
        using var scope = NewDisposeScope();
        Tensor edges = tensor([1.0, 3, 5]), x = tensor([0.0, 1, 4, 5, 9]);
        Expect.Equal(searchsorted(edges, x), [0, 0, 2, 2, 3]);
        Expect.Equal(searchsorted(edges, x, right: true), [0, 1, 2, 3, 3]);
        Expect.Equal(x.bucketize(edges), [0, 0, 2, 2, 3]);
        Expect.Equal(x.quantile(tensor([0.0, 0.5, 1.0])), [0, 4, 9]);
    }

    /// <summary>The lines of a tensor along a dimension, in the row-major order of the other ones.</summary>
    private static IEnumerable<double[]> Lines(Tensor x, int dim)
    {
        var values = Expect.Doubles(x);
        long n = x.shape[dim], inner = x.shape[(dim + 1)..].Aggregate(1L, (a, b) => a * b), outer = values.Length / n / inner;
        for (long o = 0; o < outer; o++)
        {
            for (long i = 0; i < inner; i++)
                yield return [.. Enumerable.Range(0, (int)n).Select(k => values[(((o * n) + k) * inner) + i])];
        }
    }

    private static double Variance(double[] v, int correction)
    {
        var mean = v.Average();
        return v.Sum(x => (x - mean) * (x - mean)) / (v.Length - correction);
    }
}
