using Motion.Contracts;
using Motion.Forward;
using Motion.Kernels;
using Motion.Properties.Forward;
using Motion.Properties.Generators;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Forward;

/// <summary>Kernels of detection against the authors' numbers.</summary>
public sealed class DetectionKernelsGolden
{
    private const double Rounding = 1e-6; // of the maximum: two interpolations, two roundings

    [Fact]
    public void AlignedBilinear_EveryStoredFactor_IsTheAuthors()
    {
        using var scope = NewDisposeScope();
        using var file = Oracle.Read("unit_aligned_bilinear_a");
        foreach (var factor in (int[])[1, 2, 3, 4, 8])
        {
            Oracle.Near(AlignedBilinear.Upsample(file["x"], factor), file[$"factor{factor}"], $"factor {factor}", Rounding);
        }
    }

    [Fact]
    public void Targets_OfCaseB_AreTheAuthors() => Targets("unit_targets_b", classes: 80);

    [OracleFact(Oracles.Numbers)]
    public void Targets_OfCaseA_AreTheAuthors() => Targets("unit_targets_a", classes: 80);

    private static void Targets(string name, int classes)
    {
        using var scope = NewDisposeScope();
        using var file = Oracle.Read(name);
        var sizes = file["level_hw"].Elements<long>();
        var levels = Enumerable
            .Range(0, 5)
            .Select(k => new PyramidLevel(new Size2((int)sizes[2 * k], (int)sizes[(2 * k) + 1]), Pyramid.Strides[k]))
            .ToArray();
        Oracle.Near(Locations.Of(levels, CPU), file["locations"], "locations", ofMaximum: 0);

        var hw = file["image_hw"].Elements<long>();
        var padded = new Size2((int)hw[0], (int)hw[1]);
        ImageBoxes Image(int index, Func<Tensor, Tensor> centres, bool empty = false)
        {
            var boxes = file[$"boxes{index}"].narrow(0, 0, empty ? 0 : file[$"boxes{index}"].shape[0]);
            return new(boxes, file[$"classes{index}"].narrow(0, 0, boxes.shape[0]), centres(boxes));
        }

        Tensor Bitmask(Tensor boxes) => FcosTargets.BitmaskCentres(boxes, padded);
        for (var index = 0; index < 2; index++)
        {
            // sums of pixels there
            Oracle.Near(Bitmask(file[$"boxes{index}"]), file[$"boxinst_centroid{index}"], $"centroids of image {index}", Rounding * 10);
        }

        Check("boxcentre", [Image(0, FcosTargets.BoxCentres), Image(1, FcosTargets.BoxCentres)]);
        Check("firstempty", [Image(0, FcosTargets.BoxCentres, empty: true), Image(1, FcosTargets.BoxCentres)]);
        Check("boxinst", [Image(0, Bitmask), Image(1, Bitmask)]);

        void Check(string prefix, ImageBoxes[] images)
        {
            var actual = FcosTargets.Assign(levels, images, classes, FcosAssignmentRule.Published, CPU);
            var positive = actual.Labels.ne(Held.Of(classes)).nonzero().squeeze(1);
            Oracle.Same(actual.Labels, file[$"{prefix}_labels"], $"{prefix}: labels");
            Oracle.Same(positive, file[$"{prefix}_pos_inds"], $"{prefix}: positives");
            Oracle.Same(actual.BoxOf.index_select(0, positive), file[$"{prefix}_pos_gt_inds"], $"{prefix}: boxes");
            Oracle.Same(actual.ImageOf.index_select(0, positive), file[$"{prefix}_pos_im_inds"], $"{prefix}: images");
            Oracle.Same(actual.LevelOf.index_select(0, positive), file[$"{prefix}_pos_fpn_levels"], $"{prefix}: levels");
            Oracle.Near(
                actual.Regression.index_select(0, positive),
                file[$"{prefix}_pos_reg_targets"],
                $"{prefix}: distances",
                ofMaximum: 0
            );
        }
    }
}
