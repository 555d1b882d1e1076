using System.Collections.Immutable;
using Motion.Contracts;
using Motion.Forward;
using Motion.Kernels;
using Motion.Properties.Generators;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Forward;

/// <summary>
/// The whole network against the authors' numbers: case a from the repository; the certificate has case b (Certificate/ParityGolden.cs).
/// </summary>
[Collection(OracleModel.Tests)]
public sealed class WholeModelGolden(OracleModel oracle)
{
    [Fact]
    public void Features_OfCaseA_AreTheAuthors() => Features("case_a");

    [Fact]
    public void Heads_OfCaseA_AreTheAuthors() => Heads("case_a");

    private void Features(string name)
    {
        using var scope = NewDisposeScope();
        var model = oracle.Weights;
        var (input, _) = Input(name);
        using var noGrad = no_grad();
        var features = Backbones.Forward(Oracle.Options.Backbone, Backbones.Prepare(Oracle.Options.Backbone, model), input);
        var levels = Pyramid.Forward(model.At(Pyramid.Scope), features);
        using var expected = Oracle.Read($"{name}_fpn");
        foreach (var (level, values) in expected.All)
        {
            var actual = levels[int.Parse(level[1..2]) - 3];
            Oracle.Near(actual.narrow(1, 0, values.shape[1]), values, level);
        }
    }

    private void Heads(string name)
    {
        using var scope = NewDisposeScope();
        var model = oracle.Weights;
        var (input, images) = Input(name);
        using var noGrad = no_grad();
        var features = Backbones.Forward(Oracle.Options.Backbone, Backbones.Prepare(Oracle.Options.Backbone, model), input);
        var evaluated = Segmenter.Forward(Oracle.Options, model, features, images, next: null);
        var next = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        var trained = Segmenter.Forward(Oracle.Options, model, features, images, next);
        using var expected = Oracle.Read($"{name}_heads");
        using var training = Oracle.Read($"{name}_train");
        for (var level = 0; level < Pyramid.Levels; level++)
        {
            var head = evaluated.Levels[level];
            var logits = expected[$"logits_p{level + 3}"];
            Oracle.Near(head.ClassLogits.narrow(1, 0, logits.shape[1]), logits, $"class logits of P{level + 3}");
            Oracle.Near(head.BoxRegression, expected[$"bbox_reg_p{level + 3}"], $"boxes of P{level + 3}");
            Oracle.Near(head.Centerness, expected[$"ctrness_p{level + 3}"], $"centre-ness of P{level + 3}");
            if (expected.Find($"top_feat_p{level + 3}") is { } parameters)
            {
                Oracle.Near(EveryParameter(model, evaluated, level), parameters, $"parameters of P{level + 3}");
            }
        }

        Oracle.Near(evaluated.MaskFeatures, expected["mask_feats_eval"], "mask features in evaluation");
        Oracle.Near(trained.MaskFeatures, expected["mask_feats_train"], "mask features in training");
        foreach (var (statistic, values) in training.All.Where(entry => entry.Key.StartsWith("after1fwd/", StringComparison.Ordinal)))
        {
            Oracle.Near(next[statistic["after1fwd/".Length..]], values, statistic);
        }
    }

    // The controller at every location of a level: [N, P, h, w].
    private static Tensor EveryParameter(Weights model, SegmenterOutput output, int level)
    {
        var (n, h, w) = ((int)output.MaskFeatures.shape[0], output.Grid[level].Size.Height, output.Grid[level].Size.Width);
        var cells =
            from image in Enumerable.Range(0, n)
            from row in Enumerable.Range(0, h)
            from column in Enumerable.Range(0, w)
            select new Cell(level, image, row, column);
        var flat = Controller.Forward(model.At(Controller.Scope), [.. output.Levels.Select(each => each.BoxTower)], [.. cells]);
        return flat.reshape(n, h, w, -1).permute(0, 3, 1, 2);
    }

    /// <summary>The normalised, padded batch made from the case's pictures by our own functions.</summary>
    internal static (Tensor Input, int Images) Input(string name)
    {
        using var file = Oracle.Read($"{name}_input");
        Tensor[] pictures = [file["image0"].flip(0), file["image1"].flip(0)]; // stored BGR
        var padded = Encoder.Padded(
            pictures.Select(picture => new View(new Size2((int)picture.shape[1], (int)picture.shape[2]), Flip: false))
        );
        var input = Joins.Cat([.. pictures.Select(picture => Views.Normalise(picture, Oracle.Options.Backbone, padded))], 0);
        if (file.Find("input_norm") is { } expected)
        {
            Oracle.Near(input, expected, "the normalised batch", ofMaximum: 0);
        }

        return (input, pictures.Length);
    }
}
