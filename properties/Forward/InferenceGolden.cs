using Motion.Contracts;
using Motion.DataSets;
using Motion.Forward;
using Motion.Kernels;
using Motion.Properties.Generators;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Forward;

/// <summary>Detections of the whole network against the authors' numbers.</summary>
[Collection(OracleModel.Tests)]
public sealed class InferenceGolden(OracleModel oracle)
{
    private const double Score = 2e-5;
    private const double Pixel = 2e-2; // of the original frame; 1e-4 strides of the coarsest level
    private const double Probability = 2e-4;
    private const double UndecidedPixels = 3e-4; // share of pixels whose probability is within 1e-4 of a half

    [Fact]
    public void Detections_OfCaseA_AreTheAuthors() => Detections("case_a");

    [OracleFact(Oracles.Numbers)]
    public void Detections_OfCaseB_AreTheAuthors() => Detections("case_b");

    private void Detections(string name)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var model = DetectorModel.Of(Oracle.Options, Oracle.Classes, oracle.Weights, CPU);
        using var input = Oracle.Read($"{name}_input");
        using var expected = Oracle.Read($"{name}_infer");
        for (var image = 0; image < 2; image++)
        {
            var picture = input[$"image{image}"].flip(0); // stored BGR
            var (size, hw) = (new Size2((int)picture.shape[1], (int)picture.shape[2]), HeadGolden.Ints(input[$"orig_hw{image}"]));
            var original = new Size2(hw[0], hw[1]);
            var (candidates, logits) = Detectors.Find(model, Views.Normalise(picture, Oracle.Options.Backbone, Views.RoundUp(size)));
            Check(expected, image, candidates, logits!, size, original);
        }

        model.Weights.Dispose();
        model.Backbone.Dispose();
    }

    private static void Check(Weights expected, int image, IReadOnlyList<Candidate> candidates, Tensor logits, Size2 size, Size2 original)
    {
        var found = candidates
            .Select((each, index) => (each, index))
            .ToDictionary(each => (each.each.Class, each.each.Location, each.each.Cell.Level));
        var wanted = HeadGolden.Expected(expected, $"{image}");
        Assert.Equal(wanted.Keys.Order(), found.Keys.Order());
        var (x, y) = ((double)original.Width / size.Width, (double)original.Height / size.Height);
        var order = wanted.Keys.Select(key => (long)found[key].index).ToArray();
        var inOrder = logits.index_select(0, tensor(order));
        var probabilities = expected[$"mask_probs_s4_{image}"];
        Oracle.Near(inOrder.narrow(0, 0, probabilities.shape[0]).sigmoid(), probabilities, "mask probabilities", Probability);
        var masks = MaskPaste.Masks(inOrder, size, original);
        var areas = expected[$"mask_area{image}"].Elements<long>();
        foreach (var (key, k) in wanted.Keys.Select((key, k) => (key, k)))
        {
            Assert.InRange(found[key].each.Score, wanted[key].Score - Score, wanted[key].Score + Score);
            HeadGolden.AssertNear(found[key].each.Box.Scale(x, y).Clip(original), wanted[key].Box, Pixel);
            Assert.True(
                Math.Abs(Rles.Area(masks[k]) - areas[k]) <= UndecidedPixels * original.Area,
                $"{key}: {Rles.Area(masks[k])} pixels, not {areas[k]}"
            );
        }

        SameBits(masks, expected[$"masks_packed{image}"], original);
    }

    private static void SameBits(IReadOnlyList<Rle> masks, Tensor packed, Size2 size)
    {
        for (var k = 0L; k < packed.shape[0]; k++)
        {
            var bits = packed[k].Elements<byte>();
            var mask = Rles.Decode(masks[(int)k]);
            var different = Enumerable.Range(0, mask.Length).Count(pixel => mask[pixel] != ((bits[pixel / 8] >> (7 - (pixel % 8))) & 1));
            Assert.True(different <= UndecidedPixels * size.Area, $"mask {k}: {different} pixels differ");
        }
    }
}
