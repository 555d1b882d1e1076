using Motion.Contracts;
using Motion.Forward;
using Motion.Kernels;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Forward;

/// <summary>The dynamic mask head and the choice of detections against the authors' numbers.</summary>
public sealed class HeadGolden
{
    private const double Score = 2e-6; // float32 of sigmoid, product and root
    private const double Pixel = 1e-4; // boxes up to some hundred pixels

    [Theory]
    [InlineData("unit_mask_head_233_a", 233)]
    [InlineData("unit_mask_head_169_b", 169)]
    public void MaskHead_StoredInstances_HaveTheAuthorsLogitsAndGradients(string name, int parameters)
    {
        using var scope = NewDisposeScope();
        using var file = Oracle.Read(name);
        var features = file["mask_feats"].detach().requires_grad_(true);
        var numbers = file["params"].detach().requires_grad_(true);
        Assert.Equal(parameters, MaskHead.ParameterCount((int)features.shape[1], width: 8));
        var instances = new MaskInstances(numbers, file["locations"], [.. Ints(file["fpn_levels"])], [.. Ints(file["im_inds"])]);

        Oracle.Near(MaskHead.AtStride8(features, instances, width: 8), file["logits_s8"], "logits at stride 8");
        var logits = MaskHead.Forward(features, instances, width: 8);
        Oracle.Near(logits, file["logits_s4"], "logits at stride 4");

        var gradients = Gradients.Of([logits], [features, numbers], [file["upstream_weights"]]);
        Oracle.Near(gradients[0]!, file["grad_mask_feats"], "gradient of the mask features");
        Oracle.Near(gradients[1]!, file["grad_params"], "gradient of the parameters");
    }

    [Fact]
    public void Candidates_StoredMaps_AreTheAuthorsProposals()
    {
        using var scope = NewDisposeScope();
        using var file = Oracle.Read("unit_proposals_a");
        for (var image = 0; image < 2; image++)
        {
            var at = image;
            Tensor Of(string name) => file[name].narrow(0, at, 1);
            var levels = Enumerable
                .Range(3, 5)
                .Select(k => new HeadLevel(Of($"logits_p{k}"), Of($"bbox_reg_p{k}"), Of($"ctrness_p{k}"), Of($"ctrness_p{k}")));
            var found = Candidates
                .Select(new InferenceOptions(), [.. levels])
                .ToDictionary(each => (each.Class, each.Location, each.Cell.Level));

            var expected = Expected(file, $"{image}");
            Assert.Equal(expected.Count, found.Count);
            foreach (var (key, (score, box)) in expected)
            {
                Assert.True(found.TryGetValue(key, out var candidate), $"image {image}: {key} was not found");
                Assert.InRange(candidate.Score, score - Score, score + Score);
                AssertNear(candidate.Box, box);
            }
        }
    }

    internal static Dictionary<(int Class, (float X, float Y) Location, int Level), (float Score, Box Box)> Expected(
        Weights file,
        string suffix
    )
    {
        var (boxes, scores) = (file[$"boxes{suffix}"].Elements<float>(), file[$"scores{suffix}"].Elements<float>());
        var (classes, levels) = (Ints(file[$"classes{suffix}"]), Ints(file[$"fpn_levels{suffix}"]));
        var at = file[$"locations{suffix}"].Elements<float>();
        return Enumerable
            .Range(0, scores.Length)
            .ToDictionary(
                k => (classes[k], (at[2 * k], at[(2 * k) + 1]), levels[k]),
                k => (scores[k], new Box(boxes[4 * k], boxes[(4 * k) + 1], boxes[(4 * k) + 2], boxes[(4 * k) + 3]))
            );
    }

    internal static void AssertNear(Box actual, Box expected, double tolerance = Pixel) =>
        Assert.True(
            Math.Abs(actual.X1 - expected.X1) <= tolerance
                && Math.Abs(actual.Y1 - expected.Y1) <= tolerance
                && Math.Abs(actual.X2 - expected.X2) <= tolerance
                && Math.Abs(actual.Y2 - expected.Y2) <= tolerance,
            $"{actual}, expected {expected}"
        );

    internal static int[] Ints(Tensor values)
    {
        using var wide = values.to(ScalarType.Int64);
        return [.. wide.Elements<long>().Select(value => (int)value)];
    }
}
