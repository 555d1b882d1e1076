using FsCheck;
using FsCheck.Fluent;
using Motion.Contracts;
using Motion.Kernels;
using Motion.Loss;
using Motion.Properties.Generators;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Loss;

public sealed class SimilarityProperties
{
    private sealed record Map(int Number, int Rows, int Columns, int Dilation) : IKnowsItsKinds
    {
        public IEnumerable<string> Kinds() =>
            [Math.Min(Rows, Columns) > Dilation ? "wider than the step" : "no wider than the step", $"dilation {Dilation}"];
    }

    private static readonly Gen<Map> Maps =
        from number in Gen.Choose(0, int.MaxValue)
        from rows in Gen.Choose(1, 7)
        from columns in Gen.Choose(1, 7)
        from dilation in Gen.Choose(1, 3)
        select new Map(number, rows, columns, dilation);

    [Theory]
    [InlineData("a", 85, 121)]
    [InlineData("b", 118, 96)]
    public void Of_BoxinstPicture_EqualsTheAuthorsWhereTheNeighbourIsValid(string name, int validRows, int validColumns)
    {
        using var scope = NewDisposeScope();
        using var golden = GoldenFiles.Read("Loss", $"boxinst_{name}.safetensors");
        var similarity = Similarity.Of(Lab.FromBytes(golden["downsampled_rgb_byte"].unsqueeze(0)), 2, Similarity.Ring(2))[0]; // [8, H4, W4]
        var valid = golden["image_mask_s4"].to(ScalarType.Float32);
        foreach (var (step, e) in Similarity.Ring(2).Select((step, e) => (step, e)))
        {
            step.Centres(similarity[e]).mul_(step.Neighbours(valid));
        }

        Assert.Equal(((validRows + 1) / 4 * ((validColumns + 1) / 4)), (int)valid.sum().item<float>());
        Close.To(golden["color_similarity"], similarity, Close.Float32Rounding, 1e-5); // Lab values near 100 are good to 4e-6, and so is the exponent
    }

    [Fact]
    public void Of_FlowVariant_EqualsTheReference()
    {
        using var scope = NewDisposeScope();
        using var golden = GoldenFiles.Read("Loss", "flow_a.safetensors");
        var colour = Similarity.Of(Lab.FromBytes(Stride4.ColourBytes(golden["image"].flip(0).unsqueeze(0))), 2, Similarity.Ring(2))[0];
        var flow = Similarity.Of(Stride4.FlowUnit(golden["flow_rgb"].unsqueeze(0)), 0.5, Similarity.Ring(2))[0];

        Close.To(golden["color_similarity"], colour, Close.Float32Rounding, 1e-5);
        Close.To(golden["flow_similarity_0_1"], flow, Close.Float32Rounding, 1e-5);
    }

    [Fact, Law]
    public void Of_AnyPair_IsTheExponentialOfMinusTheDistanceOverTheta() =>
        Laws.Hold(
            Maps,
            map =>
            {
                using var scope = NewDisposeScope();
                const double Theta = 0.7;
                var features = Features(map.Number, map.Rows, map.Columns);
                var steps = Similarity.Ring(map.Dilation);
                var similarity = Similarity.Of(features, Theta, steps)[0];
                return (
                    from e in Enumerable.Range(0, steps.Length)
                    from y in Enumerable.Range(0, map.Rows)
                    from x in Enumerable.Range(0, map.Columns)
                    let inside = y + steps[e].Dy is var ny
                        && x + steps[e].Dx is var nx
                        && ny >= 0
                        && nx >= 0
                        && ny < map.Rows
                        && nx < map.Columns
                    let squares = inside
                        ? Enumerable
                            .Range(0, 3)
                            .Sum(c =>
                                Math.Pow(
                                    features[0, c, y, x].item<float>()
                                        - (double)features[0, c, y + steps[e].Dy, x + steps[e].Dx].item<float>(),
                                    2
                                )
                            )
                        : double.PositiveInfinity
                    select Math.Abs(similarity[e, y, x].item<float>() - Math.Exp(-Math.Sqrt(squares) / Theta)) <= Close.Float32Rounding
                ).All(near => near);
            },
            cases: 20
        );

    [Fact, Law]
    public void Of_SeenFromTheNeighbour_IsTheSame() =>
        Laws.Hold(
            Maps,
            map =>
            {
                using var scope = NewDisposeScope();
                var steps = Similarity.Ring(map.Dilation);
                var similarity = Similarity.Of(Features(map.Number, map.Rows, map.Columns), 0.5, steps)[0];
                return Enumerable
                    .Range(0, 4)
                    .All(e =>
                        Tensors.SameBits(steps[e].Centres(similarity[e]), steps[e].Neighbours(similarity[7 - e]))
                        && steps[7 - e] == new PixelStep(-steps[e].Dy, -steps[e].Dx)
                    );
            }
        );

    [Fact, Law]
    public void Of_AnyMap_IsAboveZeroInsideAndZeroOutside() =>
        Laws.Hold(
            Maps,
            map =>
            {
                using var scope = NewDisposeScope();
                var steps = Similarity.Ring(map.Dilation);
                var similarity = Similarity.Of(Features(map.Number, map.Rows, map.Columns), 0.5, steps);
                var pairs = steps.Sum(step => Math.Max(0, map.Rows - Math.Abs(step.Dy)) * Math.Max(0, map.Columns - Math.Abs(step.Dx)));
                return similarity.count_nonzero().item<long>() == pairs && similarity.le(Held.Of(1)).all().item<bool>();
            }
        );

    [Fact]
    public void Of_DistanceOfThetaTimesLogOfTwo_IsOneHalf()
    {
        using var scope = NewDisposeScope();
        var features = tensor(
            new[]
            {
                0,
                (float)(3 * Math.Log(2) * 0.6), /**/
                0,
                (float)(3 * Math.Log(2) * 0.8),
            },
            [1, 2, 1, 2]
        ); // 3-4-5 triangle
        Close.To(0.5, Similarity.Of(features, 3, [new PixelStep(0, 1)])[0, 0, 0, 0].item<float>(), Close.Float32Rounding, 0);
    }

    [Fact]
    public void PixelStep_CentresAndNeighbours_PairEachPixelWithTheOneAStepAway()
    {
        using var scope = NewDisposeScope();
        var map = Held.Range(12, dtype: ScalarType.Float32).reshape(3, 4);
        var step = new PixelStep(1, -2);
        Assert.Equal([2f, 3, 6, 7], step.Centres(map).flatten().Elements<float>());
        Assert.Equal([4f, 5, 8, 9], step.Neighbours(map).flatten().Elements<float>());
        Assert.Equal(0, new PixelStep(5, 5).Centres(map).numel());
    }

    private static Tensor Features(int number, long rows, long columns) =>
        LossCase.Normal(new Seed((ulong)number).Draws(), 0.3, 1, 3, rows, columns);
}
