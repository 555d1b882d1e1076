using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Motion.Contracts;

/// <summary>What the detection heads say at every location. L locations (flattened level, image, row, column), K classes.</summary>
/// <param name="ClassLogits">float32 [L, K].</param>
/// <param name="BoxRegression">float32 [L, 4]: distances l, t, r, b after scale and relu, in units of the level's stride.</param>
/// <param name="Centerness">float32 [L], logits.</param>
public sealed record Maps(Tensor ClassLogits, Tensor BoxRegression, Tensor Centerness)
{
    public Maps Map(Func<Tensor, Tensor> map) => new(map(ClassLogits), map(BoxRegression), map(Centerness));
}

/// <summary>What they should say.</summary>
/// <param name="Labels">int64 [L]: class index, K for background.</param>
/// <param name="Regression">float32 [L, 4] in units of the stride; meaningful where positive.</param>
public sealed record Targets(Tensor Labels, Tensor Regression)
{
    public Targets Map(Func<Tensor, Tensor> map) => new(map(Labels), map(Regression));
}

/// <summary>The instances that masks were drawn of: the kept positive locations. Q of them; Q may be 0.</summary>
/// <param name="MaskLogits">float32 [Q, H4, W4], stride 4.</param>
/// <param name="Images">int64 [Q]: image of the batch, 0 .. B-1.</param>
/// <param name="Boxes">int64 [Q]: box of the batch, 0 .. G-1.</param>
public sealed record Instances(Tensor MaskLogits, Tensor Images, Tensor Boxes)
{
    public Instances Map(Func<Tensor, Tensor> map) => new(map(MaskLogits), map(Images), map(Boxes));
}

/// <summary>
/// What is known of the batch: its boxes, and the pictures that pairs are compared in. B images, G boxes; H4 x W4 is the padded batch at
/// stride 4.
/// </summary>
/// <param name="Boxes">float32 [G, 4] XYXY in pixels of the padded batch.</param>
/// <param name="BoxImages">int64 [G]: image of each box.</param>
/// <param name="ColourImages">uint8 [B, 3, H4, W4] RGB: 4x4 means of the augmented, unnormalised, zero-padded pictures, truncated to bytes
/// as BoxInst does.</param>
/// <param name="FlowImages">float32 [B, 3, H4, W4] RGB in 0..1: 4x4 means (not truncated) of the colour wheel picture of the augmented
/// flow.</param>
/// <param name="ValidSizes">int64 [B, 2]: rows and columns of the padded batch (full resolution) that count for pairs: the unpadded size
/// less the bottom rows that BoxInst ignores.</param>
public sealed record Scene(Tensor Boxes, Tensor BoxImages, Tensor ColourImages, Tensor FlowImages, Tensor ValidSizes)
{
    public Scene Map(Func<Tensor, Tensor> map) => new(map(Boxes), map(BoxImages), map(ColourImages), map(FlowImages), map(ValidSizes));
}

/// <summary>What one training batch predicts, and what it should (forward -> loss).</summary>
/// <param name="Sequence">Number of the batch in the stream, from 0.</param>
/// <param name="Iteration">Training iteration, from 0; the pairwise warm-up counts by it.</param>
/// <param name="Maps">Of the detection heads.</param>
/// <param name="Targets">Of the detection heads.</param>
/// <param name="Instances">Of the mask head.</param>
/// <param name="Scene">The batch.</param>
public sealed record Prediction(long Sequence, int Iteration, Maps Maps, Targets Targets, Instances Instances, Scene Scene) : Message
{
    private static readonly Prediction Form = new(
        0,
        0,
        new(null!, null!, null!),
        new(null!, null!),
        new(null!, null!, null!),
        new(null!, null!, null!, null!, null!)
    );

    public override long Sequence { get; } = Sequence;

    /// <summary>In the order of <see cref="Map"/>, which is that of the wire.</summary>
    public override IEnumerable<Tensor> Tensors
    {
        get
        {
            var all = new List<Tensor>();
            Map(tensor =>
            {
                all.Add(tensor);
                return tensor;
            });
            return all;
        }
    }

    /// <summary>From tensors in the order of <see cref="Tensors"/>.</summary>
    public static Prediction Of(long sequence, int iteration, IReadOnlyList<Tensor> tensors)
    {
        var next = 0;
        return new Prediction(sequence, iteration, Form.Maps, Form.Targets, Form.Instances, Form.Scene).Map(_ => tensors[next++]);
    }

    /// <summary>The same batch with each tensor replaced by what <paramref name="map"/> makes of it.</summary>
    public Prediction Map(Func<Tensor, Tensor> map) =>
        new(Sequence, Iteration, Maps.Map(map), Targets.Map(map), Instances.Map(map), Scene.Map(map));

    public override Prediction Share() => Map(tensor => tensor.alias());
}

/// <summary>
/// One term of the loss, unweighted sum to the total: loss_fcos_cls, loss_fcos_loc, loss_fcos_ctr, loss_prj, loss_pairwise.
/// </summary>
public readonly record struct LossTerm(string Name, double Value);

/// <summary>The loss and its gradient with respect to each prediction (loss -> forward).</summary>
/// <param name="Sequence">That of the prediction it answers.</param>
/// <param name="Iteration">That of the prediction it answers.</param>
/// <param name="Terms">In the authors' order; their sum is the total.</param>
/// <param name="Maps">d total / d each of the prediction's maps, in their shapes.</param>
/// <param name="MaskLogits">float32 [Q, H4, W4], d total / d the instances' mask logits.</param>
public sealed record Gradient(long Sequence, int Iteration, ImmutableArray<LossTerm> Terms, Maps Maps, Tensor MaskLogits) : Message
{
    public override long Sequence { get; } = Sequence;

    public double Total => Terms.Sum(term => term.Value);

    public override IEnumerable<Tensor> Tensors => [Maps.ClassLogits, Maps.BoxRegression, Maps.Centerness, MaskLogits];

    public override Gradient Share() => this with { Maps = Maps.Map(tensor => tensor.alias()), MaskLogits = MaskLogits.alias() };
}
