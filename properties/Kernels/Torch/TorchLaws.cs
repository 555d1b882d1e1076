using FsCheck;
using FsCheck.Fluent;
using Motion.Kernels;
using Motion.Properties.Generators;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Kernels.Torch;

/// <summary>What the stages rely on where TorchSharp leaves it to luck (stages/Kernels/Torch).</summary>
public sealed class TorchLaws
{
    private const double Rounding = 1e-5; // sums of at most six products of numbers below 10 in float32

    [Fact, Law]
    public void Elements_OfAnyView_AreItsElementsInRowMajorOrder() =>
        Laws.Hold(
            from shape in Shapes(3)
            from order in Gen.Shuffle(new[] { 0L, 1, 2 })
            from start in Gen.Choose(0, 1)
            select (shape, order, start),
            given =>
                WithoutLeak(() =>
                {
                    using var scope = NewDisposeScope();
                    var whole = Held.Range(given.shape.Aggregate(1L, (a, b) => a * b), ScalarType.Float32).reshape(given.shape);
                    var view = whole
                        .narrow(0, Math.Min(given.start, given.shape[0]), Math.Max(0, given.shape[0] - given.start))
                        .permute(given.order);
                    var expected = new List<float>();
                    for (var i = 0L; i < view.shape[0]; i++)
                    {
                        for (var j = 0L; j < view.shape[1]; j++)
                        {
                            for (var k = 0L; k < view.shape[2]; k++)
                                expected.Add(view[i, j, k].item<float>());
                        }
                    }

                    return view.Elements<float>().SequenceEqual(expected)
                        && view.detach().requires_grad_(true).Elements<float>().SequenceEqual(expected)
                        && view.Read(bytes => bytes.Length) == 4 * expected.Count;
                })
        );

    [Theory]
    [InlineData(ScalarType.Byte)]
    [InlineData(ScalarType.Bool)]
    [InlineData(ScalarType.Int64)]
    [InlineData(ScalarType.Float64)]
    public void Elements_OfAnotherType_AreThatTypes(ScalarType type)
    {
        using var tensor = ones([2, 3], type);
        Assert.Equal(
            6,
            type switch
            {
                ScalarType.Byte => tensor.Elements<byte>().Count(value => value == 1),
                ScalarType.Bool => tensor.Elements<bool>().Count(value => value),
                ScalarType.Int64 => tensor.Elements<long>().Count(value => value == 1),
                _ => tensor.Elements<double>().Count(value => value == 1),
            }
        );
        Assert.Throws<ArgumentException>(() => tensor.Elements<float>());
    }

    [Fact, Law]
    public void AddBatches_OfAnyShapes_IsBiasPlusTheTripleLoop() =>
        Laws.Hold(
            from sides in Gen.Choose(1, 4).ArrayOf(4)
            from seed in Gen.Choose(0, 9999)
            select (sides, seed),
            given =>
                WithoutLeak(() =>
                {
                    using var scope = NewDisposeScope();
                    var (b, n, m, p) = (given.sides[0], given.sides[1], given.sides[2], given.sides[3]);
                    var (bias, left, right) = (
                        Numbers(given.seed, b, n, 1),
                        Numbers(given.seed + 1, b, n, m),
                        Numbers(given.seed + 2, b, m, p)
                    );
                    var expected = zeros([b, n, p]);
                    for (var (i, k) = (0, 0); i < b * n * p; i++)
                    {
                        var (batch, row, column) = (i / (n * p), i / p % n, i % p);
                        double sum = bias[batch, row, 0].item<float>();
                        for (k = 0; k < m; k++)
                            sum += (double)left[batch, row, k].item<float>() * right[batch, k, column].item<float>();
                        expected[batch, row, column] = tensor((float)sum);
                    }

                    return Tensors.Close(Products.AddBatches(bias, left, right), expected, Rounding, Rounding)
                        && Tensors.Close(Products.AddMatrices(bias[0], left[0], right[0]), expected[0], Rounding, Rounding)
                        && Tensors.Close(Products.OfBatches(left, right), expected.sub(bias), Rounding, Rounding);
                })
        );

    [Fact]
    public void Products_OfShapesThatDoNotFit_AreRefusedAndTheProcessGoesOn()
    {
        using var scope = NewDisposeScope();
        Assert.Throws<ArgumentException>(() => Products.OfBatches(ones(2, 3, 4), ones(2, 3, 4)));
        Assert.Throws<ArgumentException>(() => Products.OfBatches(ones(2, 3, 4), ones(3, 4, 5)));
        Assert.Throws<ArgumentException>(() => Products.OfBatches(ones(3, 4), ones(4, 5)));
        Assert.Throws<ArgumentException>(() => Products.AddMatrices(ones(3), ones(3, 4), ones(3, 4)));
        Assert.Throws<ArgumentException>(() => Products.AddBatches(ones(3), ones(2, 3, 4), ones(2, 3, 4)));
    }

    [Fact, Law]
    public void Cat_OfAnyNumberOfParts_IsATensorOfItsOwn() =>
        Laws.Hold(
            from count in Gen.Choose(1, 4)
            from dimension in Gen.Choose(-2, 1)
            select (count, dimension),
            given =>
                WithoutLeak(() =>
                {
                    using var scope = NewDisposeScope();
                    var parts = Enumerable.Range(0, given.count).Select(k => full([2, 3], Held.Of(k), ScalarType.Float32)).ToArray();
                    var joined = Joins.Cat(parts, given.dimension);
                    var before = joined.Elements<float>();
                    joined.PlusInPlace(100);
                    joined.Dispose();
                    return parts.Select((part, k) => part.Elements<float>().All(value => value == k)).All(same => same)
                        && before.Order().SequenceEqual(parts.SelectMany(part => part.Elements<float>()).Order());
                })
        );

    [Fact]
    public void Gradients_OfLeavesUsedAndUnused_AreTheProductAndNull()
    {
        using var scope = NewDisposeScope();
        var (x, unused) = (tensor([1f, 2, 3]).requires_grad_(true), tensor([5f]).requires_grad_(true));
        var gradients = Gradients.Of([x.mul(x)], [x, unused], [tensor([1f, 10, 100])], retainGraph: false);
        Assert.Equal([2f, 40, 600], gradients[0]!.Elements<float>());
        Assert.Null(gradients[1]);
    }

    [Fact]
    public void Gradients_OfLeavesInUse_LeaveNothingBehind() =>
        Leaks.Check(() =>
        {
            using var scope = NewDisposeScope();
            var x = tensor([1f, 2, 3]).requires_grad_(true);
            Assert.Equal([1f, 1, 1], Gradients.Of([x.sum()], [x])[0]!.Elements<float>());
        });

    [Fact]
    public void Gradients_OfWhatLibtorchRefuses_AreRefusedAndTheProcessGoesOn()
    {
        using var scope = NewDisposeScope();
        var (x, y) = (tensor([1f, 2]).requires_grad_(true), tensor([1f, 2]));
        var square = x.mul(x);
        Assert.Throws<ArgumentException>(() => Gradients.Of([], [x]));
        Assert.Throws<ArgumentException>(() => Gradients.Of([square], []));
        Assert.Throws<ArgumentException>(() => Gradients.Of([square], [x])); // not a scalar
        Assert.Throws<ArgumentException>(() => Gradients.Of([y], [x], [y])); // no graph
        Assert.Throws<ArgumentException>(() => Gradients.Of([square], [y], [y])); // not of the graph
        Assert.Throws<ArgumentException>(() => Gradients.Of([square], [x], [ones(3)])); // another shape
        Assert.Throws<ArgumentException>(() => Gradients.Of([square], [x], [ones(2, ScalarType.Float64)]));
        Assert.Throws<ArgumentException>(() => Gradients.Of([square], [x], [ones(2), ones(2)]));
    }

    [Fact, Law]
    public void Largest_OfNumbersWithTies_KeepsTheEarlier() =>
        Laws.Hold(
            from values in Gen.Choose(0, 3).ArrayOf().Where(array => array.Length > 0)
            from share in Gen.Choose(0, 4)
            select (values, count: values.Length * share / 4),
            given =>
                WithoutLeak(() =>
                {
                    using var scope = NewDisposeScope();
                    var (found, order) = Ordering.Largest(tensor(given.values.Select(value => (float)value).ToArray()), given.count);
                    var expected = given
                        .values.Select((value, index) => (value, index))
                        .OrderByDescending(pair => pair.value)
                        .Take(given.count)
                        .ToArray();
                    return found.Elements<float>().SequenceEqual(expected.Select(pair => (float)pair.value))
                        && order.Elements<long>().SequenceEqual(expected.Select(pair => (long)pair.index));
                })
        );

    [Fact, Law]
    public void Held_ArithmeticWithAnyNumber_IsThatOfDotNet() =>
        Laws.Hold(
            from values in Gen.Choose(-50, 50).NonEmptyListOf()
            from number in Gen.Choose(-40, 40).Where(number => number != 0)
            select (values, number),
            given =>
                WithoutLeak(() =>
                {
                    using var scope = NewDisposeScope();
                    // sums and products are exact
                    var (x, n) = (tensor(given.values.Select(value => value / 4.0).ToArray()), given.number / 8.0);
                    var whole = tensor(given.values.Select(value => (long)value).ToArray());
                    return Is(x.Plus(n), v => v + n)
                        && Is(x.Minus(n), v => v - n)
                        && Is(x.Times(n), v => v * n)
                        && Is(x.Over(n), v => v / n)
                        && Is(x.Plus(x), v => v + v)
                        && Is(x.clone().PlusInPlace(x), v => v + v)
                        && Is(x.clone().PlusInPlace(x, n), v => v + (v * n))
                        && Is(x.clone().PlusInPlace(n), v => v + n)
                        && Is(x.clone().PlusInPlace(given.number), v => v + given.number)
                        && Is(x.Squared(), v => v * v)
                        && Is(x.Plus(given.number), v => v + given.number)
                        && Is(x.Minus(given.number), v => v - given.number)
                        && Is(x.Times(given.number), v => v * given.number)
                        && Is(x.Over(given.number), v => v / given.number)
                        && Is(x.clamp(Held.Of(-3), Held.Of(n * n)), v => Math.Min(Math.Max(v, -3), n * n))
                        && x.sum().Number() == given.values.Sum() / 4.0
                        && whole
                            .Times(given.number)
                            .Elements<long>()
                            .SequenceEqual(given.values.Select(value => (long)value * given.number))
                        && whole.Plus(n).dtype == ScalarType.Float32
                        && whole.Plus(given.number).dtype == ScalarType.Int64;

                    bool Is(Tensor found, Func<double, double> expected) =>
                        found.Elements<double>().SequenceEqual(given.values.Select(value => expected(value / 4.0)));
                })
        );

    [Fact]
    public void HeldNumbers_AfterACollection_AreTheSame()
    {
        var before = (Address(2), Address(2.5), Address(-0.0));
        GC.Collect();
        GC.WaitForPendingFinalizers();
        Assert.Equal(before, (Address(2), Address(2.5), Address(-0.0)));
        Assert.NotSame(Held.Of(0.0), Held.Of(-0.0));
        Assert.Equal([3L, 4, 5], Held.Range(3, 6).Elements<long>());

        static int Address(object number) =>
            System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(number is int whole ? Held.Of(whole) : Held.Of((double)number));
    }

    private static Gen<long[]> Shapes(int dimensions) =>
        Gen.Choose(0, 4).ArrayOf(dimensions).Select(sides => sides.Select(side => (long)side).ToArray());

    private static Tensor Numbers(int seed, params long[] shape)
    {
        var draws = new Motion.Contracts.Seed((ulong)seed).Draws();
        return tensor(
            Enumerable.Range(0, (int)shape.Aggregate(1L, (a, b) => a * b)).Select(_ => (float)draws.NextNormal()).ToArray(),
            shape
        );
    }

    private static bool WithoutLeak(Func<bool> law)
    {
        var holds = false;
        Leaks.Check(() => holds = law());
        return holds;
    }
}
