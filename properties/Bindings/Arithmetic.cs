using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Bindings;

/// <summary>Arithmetic of two tensors, or of a tensor and a number, against plain loops.</summary>
public class Arithmetic
{
    private static readonly double[] Left = [-7.5, -2, 0.5, 3, 8];
    private static readonly double[] Right = [2, -3, 0.25, 3, 1.5];

    private static readonly Dictionary<string, (Func<double, double, double> Value, Func<Tensor, Tensor, Tensor> Out, Func<Tensor, Tensor, Tensor>? In)>
        OfTwo = new()
        {
            ["add"] = ((a, b) => a + b, (x, y) => x.add(y), (x, y) => x.add_(y)),
            ["add alpha"] = ((a, b) => a + (3 * b), (x, y) => x.add(y, 3), (x, y) => x.add_(y, 3)),
            ["sub"] = ((a, b) => a - b, (x, y) => x.sub(y), (x, y) => x.sub_(y)),
            ["mul"] = ((a, b) => a * b, (x, y) => x.mul(y), (x, y) => x.mul_(y)),
            ["div"] = ((a, b) => a / b, (x, y) => x.div(y), (x, y) => x.div_(y)),
            ["div floor"] = ((a, b) => Math.Floor(a / b), (x, y) => x.div(y, RoundingMode.floor), (x, y) => x.div_(y, RoundingMode.floor)),
            ["div trunc"] = ((a, b) => Math.Truncate(a / b), (x, y) => x.div(y, RoundingMode.trunc), (x, y) => x.div_(y, RoundingMode.trunc)),
            ["fmod"] = ((a, b) => a % b, (x, y) => x.fmod(y), (x, y) => x.fmod_(y)),
            ["remainder"] = (Modulo, (x, y) => x.remainder(y), (x, y) => x.remainder_(y)),
            ["maximum"] = (Math.Max, (x, y) => x.maximum(y), null),
            ["minimum"] = (Math.Min, (x, y) => x.minimum(y), null),
            ["fmax"] = (Math.Max, (x, y) => x.fmax(y), null),
            ["fmin"] = (Math.Min, (x, y) => x.fmin(y), null),
            ["atan2"] = (Math.Atan2, (x, y) => x.atan2(y), (x, y) => x.atan2_(y)),
            ["hypot"] = ((a, b) => Math.Sqrt((a * a) + (b * b)), (x, y) => x.hypot(y), null),
            ["copysign"] = (Math.CopySign, (x, y) => x.copysign(y), null),
            ["logaddexp"] = ((a, b) => Math.Log(Math.Exp(a) + Math.Exp(b)), (x, y) => x.logaddexp(y), null),
            ["nextafter"] = ((a, b) => a < b ? Math.BitIncrement(a) : a > b ? Math.BitDecrement(a) : a, (x, y) => x.nextafter(y), null),
            ["pow of |x|"] = ((a, b) => Math.Pow(Math.Abs(a), b), (x, y) => x.abs().pow(y), (x, y) => x.abs_().pow_(y)),
            ["xlogy of |y|"] = ((a, b) => a * Math.Log(Math.Abs(b)), (x, y) => x.xlogy(y.abs()), null),
            ["lerp"] = ((a, b) => a + (0.25 * (b - a)), (x, y) => x.lerp(y, tensor(0.25)), (x, y) => x.lerp_(y, tensor(0.25))),
            ["addcmul"] = ((a, b) => a + (2 * b * b), (x, y) => x.addcmul(y, y, 2), (x, y) => x.addcmul_(y, y, 2)),
            ["addcdiv"] = ((a, b) => a + (2 * 1.5 / b), (x, y) => x.addcdiv(tensor(1.5), y, 2), (x, y) => x.addcdiv_(tensor(1.5), y, 2)),
            ["clamp tensors"] = ((a, b) => Math.Clamp(a, -Math.Abs(b), Math.Abs(b)), (x, y) => x.clamp(-y.abs(), y.abs()), (x, y) => x.clamp_(-y.abs(), y.abs())),
            ["operator +"] = ((a, b) => a + b, (x, y) => x + y, null),
            ["operator -"] = ((a, b) => a - b, (x, y) => x - y, null),
            ["operator *"] = ((a, b) => a * b, (x, y) => x * y, null),
            ["operator /"] = ((a, b) => a / b, (x, y) => x / y, null),
            ["operator %"] = (Modulo, (x, y) => x % y, null),
            ["torch.where"] = ((a, b) => a > b ? a : b, (x, y) => where(x > y, x, y), null),
            ["Tensor.where"] = ((a, b) => a > b ? a : b, (x, y) => x.where(x > y, y), null),
            ["torch.lerp"] = ((a, b) => a + (0.5 * (b - a)), (x, y) => lerp(x, y, tensor(0.5)), null),
            ["torch.atan2"] = (Math.Atan2, atan2, null),
            ["torch.maximum"] = (Math.Max, maximum, null),
            ["torch.minimum"] = (Math.Min, minimum, null),
            ["floor_divide"] = ((a, b) => Math.Floor(a / b), (x, y) => x.floor_divide(y), null),
        };

    private static readonly Dictionary<string, (Func<double, double> Value, Func<Tensor, Tensor> Out, Func<Tensor, Tensor>? In)> WithNumber = new()
    {
        ["add 2"] = (a => a + 2, x => x.add(2), x => x.add_(2)),
        ["add 2 alpha 3"] = (a => a + 6, x => x.add(2, 3), x => x.add_(2, 3)),
        ["sub 2.5"] = (a => a - 2.5, x => x.sub(2.5), x => x.sub_(2.5)),
        ["mul 2.5"] = (a => a * 2.5, x => x.mul(2.5), x => x.mul_(2.5)),
        ["div 4"] = (a => a / 4, x => x.div(4), x => x.div_(4)),
        ["div 4 floor"] = (a => Math.Floor(a / 4), x => x.div(4, RoundingMode.floor), x => x.div_(4, RoundingMode.floor)),
        ["pow 3"] = (a => a * a * a, x => x.pow(3), x => x.pow_(3)),
        ["fmod 2"] = (a => a % 2, x => x.fmod(2), x => x.fmod_(2)),
        ["remainder 2"] = (a => Modulo(a, 2), x => x.remainder(2), x => x.remainder_(2)),
        ["clamp -1..2"] = (a => Math.Clamp(a, -1, 2), x => x.clamp(-1, 2), x => x.clamp_(-1, 2)),
        ["clamp min only"] = (a => Math.Max(a, -1), x => x.clamp(min: -1), x => x.clamp_(min: -1)),
        ["clamp_min"] = (a => Math.Max(a, -1), x => x.clamp_min(-1), x => x.clamp_min_(-1)),
        ["clamp_max"] = (a => Math.Min(a, 1), x => x.clamp_max(1), x => x.clamp_max_(1)),
        ["x + 2"] = (a => a + 2, x => x + 2, null),
        ["2 + x"] = (a => a + 2, x => 2 + x, null),
        ["x - 2.5"] = (a => a - 2.5, x => x - 2.5, null),
        ["2.5 - x"] = (a => 2.5 - a, x => 2.5 - x, null),
        ["x * 3f"] = (a => a * 3, x => x * 3f, null),
        ["3L * x"] = (a => a * 3, x => 3L * x, null),
        ["x / 4"] = (a => a / 4, x => x / 4, null),
        ["3.0 / x"] = (a => 3 / a, x => 3.0 / x, null),
        ["x % 2"] = (a => Modulo(a, 2), x => x % 2, null),
        ["-x"] = (a => -a, x => -x, null),
        ["masked_fill"] = (a => a > 0 ? 9 : a, x => x.masked_fill(x > 0, 9), x => x.masked_fill_(x > 0, 9)),
        ["where number"] = (a => a > 0 ? a : 0.5, x => where(x > 0, x, 0.5), null),
        ["fill_"] = (_ => 4.5, x => x.clone().fill_(4.5), x => x.fill_(4.5)),
        ["zero_"] = (_ => 0, x => x.clone().zero_(), x => x.zero_()),
    };

    public static TheoryData<string> NamesOfTwo => [.. OfTwo.Keys];

    public static TheoryData<string> NamesWithNumber => [.. WithNumber.Keys];

    [Theory]
    [MemberData(nameof(NamesOfTwo))]
    public void Operation_OfTwoTensors_IsTheLoopOverTheirElements(string name)
    {
        using var scope = NewDisposeScope();
        var (value, outOf, inPlace) = OfTwo[name];
        double[] expected = [.. Left.Zip(Right, value)];
        Expect.Equal(outOf(tensor(Left), tensor(Right)), expected);
        if (inPlace is null)
            return;
        var x = tensor(Left);
        Assert.Same(x, inPlace(x, tensor(Right)));
        Expect.Equal(x, expected);
    }

    [Theory]
    [MemberData(nameof(NamesWithNumber))]
    public void Operation_WithANumber_IsTheLoopOverTheElements(string name)
    {
        using var scope = NewDisposeScope();
        var (value, outOf, inPlace) = WithNumber[name];
        double[] expected = [.. Left.Select(value)];
        Expect.Equal(outOf(tensor(Left)), expected);
        if (inPlace is null)
            return;
        var x = tensor(Left);
        Assert.Same(x, inPlace(x));
        Expect.Equal(x, expected);
    }

    [Fact]
    public void Add_OfARowAndAColumn_Broadcasts()
    {
        using var scope = NewDisposeScope();
        Expect.Equal(tensor([1.0, 2, 3]) + tensor([10.0, 20]).unsqueeze(1), [2, 3], [11, 12, 13, 21, 22, 23]);
    }

    [Fact]
    public void Number_WithAnIntegerTensor_PromotesAsPythonDoes()
    {
        using var scope = NewDisposeScope();
        var x = tensor([1, 2]);
        Assert.Equal(ScalarType.Int32, (x + 1).dtype);
        Assert.Equal(ScalarType.Float32, (x * 1.5).dtype);
        Assert.Equal(ScalarType.Float32, (x / 2).dtype);
        Assert.Equal(ScalarType.Float32, (tensor([1f]) * 2.0).dtype);
    }

    [Fact]
    public void BitwiseOperations_OnIntegers_AreThoseOfCSharp()
    {
        using var scope = NewDisposeScope();
        int[] a = [12, -5, 7], b = [10, 3, 1];
        Tensor x = tensor(a), y = tensor(b);
        Expect.Equal(x & y, [.. a.Zip(b, (p, q) => (double)(p & q))]);
        Expect.Equal(x | y, [.. a.Zip(b, (p, q) => (double)(p | q))]);
        Expect.Equal(x ^ y, [.. a.Zip(b, (p, q) => (double)(p ^ q))]);
        Expect.Equal(x.bitwise_left_shift(y), [.. a.Zip(b, (p, q) => (double)(p << q))]);
        Expect.Equal(x.bitwise_right_shift(y), [.. a.Zip(b, (p, q) => (double)(p >> q))]);
        Expect.Equal(x.clone().bitwise_and_(y), [.. a.Zip(b, (p, q) => (double)(p & q))]);
        Expect.Equal(x.clone().bitwise_or_(y), [.. a.Zip(b, (p, q) => (double)(p | q))]);
        Expect.Equal(x.clone().bitwise_xor_(y), [.. a.Zip(b, (p, q) => (double)(p ^ q))]);
    }

    [Fact]
    public void LogicalOperations_OnNumbers_AskWhetherTheyAreZero()
    {
        using var scope = NewDisposeScope();
        Tensor x = tensor([0, 1, 0, 2]), y = tensor([0, 0, 3, 4]);
        Expect.Equal(x.logical_and(y), [0, 0, 0, 1]);
        Expect.Equal(x.logical_or(y), [0, 1, 1, 1]);
        Expect.Equal(x.logical_xor(y), [0, 1, 1, 0]);
        Expect.Equal(x.clone().logical_and_(y), [0, 0, 0, 1]);
        Expect.Equal(x.clone().logical_or_(y), [0, 1, 1, 1]);
        Expect.Equal(x.clone().logical_xor_(y), [0, 1, 1, 0]);
    }

    [Theory]
    [InlineData("==", "eq")]
    [InlineData("!=", "ne")]
    [InlineData("<", "lt")]
    [InlineData("<=", "le")]
    [InlineData(">", "gt")]
    [InlineData(">=", "ge")]
    public void Comparison_ByOperatorMethodAndInPlace_IsTheOneOfCSharp(string symbol, string method)
    {
        using var scope = NewDisposeScope();
        double[] a = [1, 2, 3, double.NaN], b = [2, 2, 1, 1];
        Tensor x = tensor(a), y = tensor(b);
        double[] both = [.. a.Zip(b, (p, q) => Holds(symbol, p, q))], two = [.. a.Select(p => Holds(symbol, p, 2))];
        double[] mirrored = [.. a.Select(p => Holds(symbol, 2, p))];
        var (tensors, number, number2, methods, inPlace, inPlace2) = method switch
        {
            "eq" => (x == y, x == 2, 2 == x, (x.eq(y), x.eq(2), eq(x, y)), x.clone().eq_(y), x.clone().eq_(2)),
            "ne" => (x != y, x != 2, 2 != x, (x.ne(y), x.ne(2), ne(x, y)), x.clone().ne_(y), x.clone().ne_(2)),
            "lt" => (x < y, x < 2, 2 < x, (x.lt(y), x.lt(2), lt(x, y)), x.clone().lt_(y), x.clone().lt_(2)),
            "le" => (x <= y, x <= 2, 2 <= x, (x.le(y), x.le(2), le(x, y)), x.clone().le_(y), x.clone().le_(2)),
            "gt" => (x > y, x > 2, 2 > x, (x.gt(y), x.gt(2), gt(x, y)), x.clone().gt_(y), x.clone().gt_(2)),
            _ => (x >= y, x >= 2, 2 >= x, (x.ge(y), x.ge(2), ge(x, y)), x.clone().ge_(y), x.clone().ge_(2)),
        };
        Assert.Equal(ScalarType.Bool, tensors.dtype);
        Expect.Equal(tensors, both);
        Expect.Equal(number, two);
        Expect.Equal(number2, mirrored);
        Expect.Equal(methods.Item1, both);
        Expect.Equal(methods.Item2, two);
        Expect.Equal(methods.Item3, both);
        Expect.Equal(inPlace, both);
        Expect.Equal(inPlace2, two);
    }

    [Fact]
    public void Closeness_AtTheEdgeOfTheTolerance_IsInclusive()
    {
        using var scope = NewDisposeScope();
        Tensor x = tensor([1.0, 2.0]), y = tensor([1.5, 2.0]);
        Assert.True(x.allclose(y, rtol: 0, atol: 0.5));
        Assert.False(x.allclose(y, rtol: 0, atol: 0.49));
        Expect.Equal(x.isclose(y), [0, 1]);
        Expect.Equal(x.equal(y), [0, 1]);
        Assert.False(x.Equals(y));
        Assert.True(x.Equals(x.clone()));
        var nan = tensor([double.NaN]);
        Assert.False(nan.allclose(nan));
        Assert.True(nan.allclose(nan, equal_nan: true));
    }

    private static double Holds(string symbol, double a, double b) => symbol switch
    {
        "==" => a == b,
        "!=" => a != b,
        "<" => a < b,
        "<=" => a <= b,
        ">" => a > b,
        _ => a >= b,
    } ? 1 : 0;

    private static double Modulo(double a, double b) => a - (b * Math.Floor(a / b));
}
