using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Bindings;

/// <summary>Functions of one element, against System.Math.</summary>
public class UnaryOperators
{
    private static readonly double[] Any = [-2.5, -1.5, -0.75, -0.5, 0.0, 0.25, 0.5, 1.5, 2.5, 3.0];
    private static readonly double[] Positive = [0.1, 0.25, 0.5, 1.0, 2.0, 3.5];
    private static readonly double[] Unit = [-0.9, -0.5, 0.0, 0.3, 0.8];

    private static readonly Dictionary<string, (double[] At, Func<double, double> Value, Func<Tensor, Tensor> Out, Func<Tensor, Tensor>? In)>
        Functions = new()
        {
            ["abs"] = (Any, Math.Abs, t => t.abs(), t => t.abs_()),
            ["neg"] = (Any, x => -x, t => t.neg(), t => t.neg_()),
            ["ceil"] = (Any, Math.Ceiling, t => t.ceil(), t => t.ceil_()),
            ["floor"] = (Any, Math.Floor, t => t.floor(), t => t.floor_()),
            ["trunc"] = (Any, Math.Truncate, t => t.trunc(), t => t.trunc_()),
            ["frac"] = (Any, x => x - Math.Truncate(x), t => t.frac(), t => t.frac_()),
            ["round"] = (Any, x => Math.Round(x, MidpointRounding.ToEven), t => t.round(), t => t.round_()),
            ["sign"] = (Any, x => Math.Sign(x), t => t.sign(), t => t.sign_()),
            ["sgn"] = (Any, x => Math.Sign(x), t => t.sgn(), t => t.sgn_()),
            ["exp"] = (Any, Math.Exp, t => t.exp(), t => t.exp_()),
            ["exp2"] = (Any, x => Math.Pow(2, x), t => t.exp2(), t => t.exp2_()),
            ["expm1"] = (Any, x => Math.Exp(x) - 1, t => t.expm1(), t => t.expm1_()),
            ["log"] = (Positive, Math.Log, t => t.log(), t => t.log_()),
            ["log10"] = (Positive, Math.Log10, t => t.log10(), t => t.log10_()),
            ["log1p"] = (Positive, x => Math.Log(1 + x), t => t.log1p(), t => t.log1p_()),
            ["log2"] = (Positive, Math.Log2, t => t.log2(), t => t.log2_()),
            ["sqrt"] = (Positive, Math.Sqrt, t => t.sqrt(), t => t.sqrt_()),
            ["rsqrt"] = (Positive, x => 1 / Math.Sqrt(x), t => t.rsqrt(), t => t.rsqrt_()),
            ["reciprocal"] = (Positive, x => 1 / x, t => t.reciprocal(), t => t.reciprocal_()),
            ["square"] = (Any, x => x * x, t => t.square(), null),
            ["sigmoid"] = (Any, x => 1 / (1 + Math.Exp(-x)), t => t.sigmoid(), t => t.sigmoid_()),
            ["log_sigmoid"] = (Any, x => -Math.Log(1 + Math.Exp(-x)), t => t.log_sigmoid(), null),
            ["sin"] = (Any, Math.Sin, t => t.sin(), t => t.sin_()),
            ["cos"] = (Any, Math.Cos, t => t.cos(), t => t.cos_()),
            ["tan"] = (Any, Math.Tan, t => t.tan(), t => t.tan_()),
            ["asin"] = (Unit, Math.Asin, t => t.asin(), t => t.asin_()),
            ["acos"] = (Unit, Math.Acos, t => t.acos(), t => t.acos_()),
            ["atan"] = (Any, Math.Atan, t => t.atan(), t => t.atan_()),
            ["sinh"] = (Any, Math.Sinh, t => t.sinh(), t => t.sinh_()),
            ["cosh"] = (Any, Math.Cosh, t => t.cosh(), t => t.cosh_()),
            ["tanh"] = (Any, Math.Tanh, t => t.tanh(), t => t.tanh_()),
            ["erf"] = (Any, Erf, t => t.erf(), t => t.erf_()),
            ["erfc"] = (Any, x => 1 - Erf(x), t => t.erfc(), t => t.erfc_()),
            ["erfinv of erf"] = (Unit, x => x, t => t.erf().erfinv(), t => t.erf_().erfinv_()),
            ["relu"] = (Any, x => Math.Max(x, 0), t => t.relu(), t => t.relu_()),
            ["relu6"] = ([-1, 2, 7], x => Math.Clamp(x, 0, 6), t => t.relu6(), t => t.relu6_()),
            ["silu"] = (Any, x => x / (1 + Math.Exp(-x)), t => t.silu(), t => t.silu_()),
            ["selu"] = (Any, Selu, t => t.selu(), t => t.selu_()),
            ["hardsigmoid"] = ([-4, -1, 0, 2, 5], x => Math.Clamp((x / 6) + 0.5, 0, 1), t => t.hardsigmoid(), t => t.hardsigmoid_()),
            ["hardswish"] = ([-4, -1, 0, 2, 5], x => x * Math.Clamp(x + 3, 0, 6) / 6, t => t.hardswish(), t => t.hardswish_()),
            ["gelu"] = (Any, x => x * 0.5 * (1 + Erf(x / Math.Sqrt(2))), t => t.gelu(), null),
            ["softplus"] = (Any, x => Math.Log(1 + Math.Exp(x)), t => t.softplus(), null),
            ["logit"] = (Positive[..3], x => Math.Log(x / (1 - x)), t => t.logit(), null),
            ["lgamma"] = ([1, 2, 3, 4, 5, 6], x => Math.Log(Factorial(x - 1)), t => t.lgamma(), null),
            ["digamma"] = ([1, 2, 3, 4], x => Enumerable.Range(1, (int)x - 1).Sum(k => 1.0 / k) - 0.57721566490153286, t => t.digamma(), null),
            ["torch.abs"] = (Any, Math.Abs, torch.abs, torch.abs_),
            ["torch.exp"] = (Any, Math.Exp, torch.exp, torch.exp_),
            ["torch.log"] = (Positive, Math.Log, torch.log, torch.log_),
            ["torch.sqrt"] = (Positive, Math.Sqrt, torch.sqrt, torch.sqrt_),
            ["torch.sigmoid"] = (Any, x => 1 / (1 + Math.Exp(-x)), torch.sigmoid, torch.sigmoid_),
            ["torch.square"] = (Any, x => x * x, torch.square, null),
            ["torch.round"] = (Any, x => Math.Round(x, MidpointRounding.ToEven), t => torch.round(t), t => torch.round_(t)),
        };

    public static TheoryData<string> Names => [.. Functions.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Function_OutOfPlace_HasTheValuesOfMathAndLeavesItsArgument(string name)
    {
        using var scope = NewDisposeScope();
        var (at, value, function, _) = Functions[name];
        var x = tensor(at);
        Expect.Equal(function(x), [.. at.Select(value)]);
        Expect.Equal(x, at);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Function_InPlace_ChangesAndReturnsTheTensorItself(string name)
    {
        using var scope = NewDisposeScope();
        var (at, value, _, function) = Functions[name];
        if (function is null)
            return;
        var x = tensor(at);
        Assert.Same(x, function(x));
        Expect.Equal(x, [.. at.Select(value)]);
    }

    [Fact]
    public void Round_WithDecimals_RoundsThere()
    {
        using var scope = NewDisposeScope();
        var x = tensor([1.2345, -7.891]);
        Expect.Equal(x.round(2), [1.23, -7.89]);
        Expect.Equal(x.round_(1), [1.2, -7.9]);
    }

    [Fact]
    public void Classification_OfSpecialValues_IsIeee()
    {
        using var scope = NewDisposeScope();
        var x = tensor([double.NaN, double.PositiveInfinity, double.NegativeInfinity, -0.0, 1.0]);
        Expect.Equal(x.isnan(), [1, 0, 0, 0, 0]);
        Expect.Equal(x.isinf(), [0, 1, 1, 0, 0]);
        Expect.Equal(x.isfinite(), [0, 0, 0, 1, 1]);
        Expect.Equal(x.isposinf(), [0, 1, 0, 0, 0]);
        Expect.Equal(x.isneginf(), [0, 0, 1, 0, 0]);
        Expect.Equal(x[3..].signbit(), [1, 0]);
    }

    [Fact]
    public void NanToNum_WithReplacements_PutsThemIn()
    {
        using var scope = NewDisposeScope();
        var x = tensor([float.NaN, float.PositiveInfinity, float.NegativeInfinity, 2f]);
        Expect.Equal(x.nan_to_num(0.5, 7, -7), [0.5, 7, -7, 2]);
        Expect.Equal(x.nan_to_num(), [0, float.MaxValue, float.MinValue, 2]);
    }

    [Fact]
    public void BitwiseAndLogicalNot_OfBools_Agree()
    {
        using var scope = NewDisposeScope();
        var x = tensor([true, false]);
        Expect.Equal(x.bitwise_not(), [0, 1]);
        Expect.Equal(~x, [0, 1]);
        Expect.Equal(x.logical_not(), [0, 1]);
        Expect.Equal(tensor([5, 0]).bitwise_not_(), [-6, -1]);
        Expect.Equal(tensor([5, 0]).logical_not_(), [0, 1]);
    }

    private static double Factorial(double n) => n <= 1 ? 1 : n * Factorial(n - 1);

    private static double Selu(double x) =>
        1.0507009873554805 * (x > 0 ? x : 1.6732632423543772 * (Math.Exp(x) - 1));

    /// <summary>The Maclaurin series; good to 1e-15 for the |x| below 3 used here.</summary>
    private static double Erf(double x)
    {
        double term = x, sum = x;
        for (var n = 1; n < 80; n++)
        {
            term *= -x * x / n;
            sum += term / ((2 * n) + 1);
        }
        return 2 / Math.Sqrt(Math.PI) * sum;
    }
}
