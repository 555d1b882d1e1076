using TorchSharp;
using Xunit;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace Motion.Properties.Bindings;

/// <summary>Losses against their formulas, in the three reductions.</summary>
public class Losses
{
    private static readonly double[] X = [-1.5, 0.2, 0.9, 2.5];
    private static readonly double[] Y = [0, 1, 0.25, 1];

    private static readonly Dictionary<string, (Func<double, double, double> Value, Func<Tensor, Tensor, Reduction, Tensor> Loss)> OfTwo = new()
    {
        ["mse"] = ((x, y) => (x - y) * (x - y), functional.mse_loss),
        ["l1"] = ((x, y) => Math.Abs(x - y), functional.l1_loss),
        ["smooth l1"] = ((x, y) => Huber(x - y, 1), (x, y, r) => functional.smooth_l1_loss(x, y, r)),
        ["smooth l1, beta 0.1"] = ((x, y) => Huber(x - y, 0.1), (x, y, r) => functional.smooth_l1_loss(x, y, r, 0.1)),
        ["bce with logits"] = (
            (x, y) => (y * Math.Log(1 + Math.Exp(-x))) + ((1 - y) * Math.Log(1 + Math.Exp(x))),
            (x, y, r) => functional.binary_cross_entropy_with_logits(x, y, reduction: r)),
        ["bce with logits, positives weigh 3"] = (
            (x, y) => (3 * y * Math.Log(1 + Math.Exp(-x))) + ((1 - y) * Math.Log(1 + Math.Exp(x))),
            (x, y, r) => functional.binary_cross_entropy_with_logits(x, y, reduction: r, pos_weights: tensor(3.0))),
        ["bce"] = (
            (x, y) => (y * Math.Log(1 + Math.Exp(-x))) + ((1 - y) * Math.Log(1 + Math.Exp(x))),
            (x, y, r) => functional.binary_cross_entropy(x.sigmoid(), y, reduction: r)),
    };

    public static TheoryData<string> Names => [.. OfTwo.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Loss_InEachReduction_IsItsFormula(string name)
    {
        using var scope = NewDisposeScope();
        var (value, loss) = OfTwo[name];
        double[] terms = [.. X.Zip(Y, value)];
        Expect.Equal(loss(tensor(X), tensor(Y), Reduction.None), [4], terms);
        Expect.Equal(loss(tensor(X), tensor(Y), Reduction.Sum), [], [terms.Sum()]);
        Expect.Equal(loss(tensor(X), tensor(Y), Reduction.Mean), [], [terms.Average()]);
    }

    [Fact]
    public void CrossEntropy_OfClasses_IsTheNegativeLogSoftmax()
    {
        using var scope = NewDisposeScope();
        var x = tensor([1.0, 2, 0.5, -1, 0, 3]).reshape(2, 3);
        var y = tensor([1L, 2]);
        double[] terms = [Log([1, 2, 0.5]) - 2, Log([-1, 0, 3]) - 3];
        Expect.Equal(functional.cross_entropy(x, y, reduction: Reduction.None), terms);
        Expect.Equal(functional.cross_entropy(x, y), [terms.Average()]);
        Expect.Equal(functional.cross_entropy(x, y, ignore_index: 2), [terms[0]]);
        Expect.Equal(functional.cross_entropy(x, y, tensor([1.0, 3, 1]), reduction: Reduction.Sum), [(3 * terms[0]) + terms[1]]);
        Expect.Equal(functional.nll_loss(x.log_softmax(1), y), [terms.Average()]);
        var smooth = functional.cross_entropy(x[..1], y[..1], label_smoothing: 0.3);
        Expect.Equal(smooth, [Log([1, 2, 0.5]) - (0.7 * 2) - (0.1 * (1 + 2 + 0.5))]);
    }

    private static double Huber(double d, double beta) => Math.Abs(d) < beta ? d * d / (2 * beta) : Math.Abs(d) - (beta / 2);

    private static double Log(double[] v) => Math.Log(v.Sum(Math.Exp));
}
