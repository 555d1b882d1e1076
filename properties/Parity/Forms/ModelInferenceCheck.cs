using System.Collections.Immutable;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Forward;
using Motion.Kernels;
using Motion.Parity.Fills;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Parity.Forms;

/// <summary>Inference of a whole-model case, picture by picture, to the masks in the original frame.</summary>
internal static class ModelInferenceCheck
{
    private static readonly Tolerance Score = new("deep network in float32", Absolute: 2e-5);
    private static readonly Tolerance Pixel = new("1e-4 strides of the coarsest level", Absolute: 2e-2);
    private static readonly Tolerance Probability = new("masks of a deep network in float32", Absolute: 2e-4);
    private static readonly Tolerance Margin = new("deep network in float32", Absolute: 2e-5);
    private static readonly Tolerance Overlap = new("1e-4 strides of a box's side", Absolute: 1e-3);

    /// <summary>A pixel whose probability is this near to a half can fall on either side; as stored beside the references.</summary>
    private const double NearHalf = 1e-4;

    public static void Run(Checks checks, StoredTensors stored, StoredNode? margins, ModelInput input)
    {
        using var noGrad = no_grad();
        var model = DetectorModel.Of(ModelInput.Options, BoxinstFill.Classes, checks.Bench.Boxinst, CPU);
        try
        {
            for (var image = 0; image < input.Images; image++)
            {
                if (!stored.Has($"classes{image}"))
                    continue;
                var each = image;
                checks.Part(
                    $"inference, image {image}",
                    () => RunOne(checks, stored, margins?.Find($"image{each}"), model, (input.Pictures[each], input.Originals[each]), each)
                );
            }
        }
        finally
        {
            model.Weights.Dispose();
            model.Backbone.Dispose();
        }
    }

    private static void RunOne(
        Checks checks,
        StoredTensors stored,
        StoredNode? margins,
        DetectorModel model,
        (Tensor Picture, Size2 Original) frame,
        int image
    )
    {
        var (picture, original) = frame;
        var size = new Size2((int)picture.shape[1], (int)picture.shape[2]);
        var padded = Views.RoundUp(size);
        var normalised = Views.Normalise(picture, model.Options.Backbone, padded);
        var (candidates, logits) = Detectors.Find(model, normalised);
        var (x, y) = ((double)original.Width / size.Width, (double)original.Height / size.Height);
        Box Place(Candidate candidate) => candidate.Box.Scale(x, y).Clip(original);
        var kept = candidates
            .Select((candidate, index) => (candidate, index))
            .Where(each => Place(each.candidate).IsProper)
            .ToImmutableArray();
        var match = DetectionMatch.Of(stored, $"{image}", [.. kept.Select(each => each.candidate)]);
        match.Compare(checks, stored, $"{image}", Place, Pixel, Score);
        stored.Compare($"padded_hw{image}", tensor(Facts.Longs(padded)), Tolerance.Exact);
        stored.Compare($"mask_shape{image}", tensor(new long[] { kept.Length, original.Height, original.Width }), Tolerance.Exact);
        if (logits is not null && match.Problems.IsEmpty)
        {
            var order = match.Indices.Select(index => (long)kept[index].index).ToArray();
            var inOrder = logits.index_select(0, tensor(order));
            var probabilities = MaskPaste.Probabilities(inOrder, size, original);
            CheckMasks(checks, stored, (inOrder, probabilities, MaskPaste.Masks(inOrder, size, original)), image);
            if (margins is not null)
                CheckUndecided(checks, margins, probabilities);
        }

        if (margins is not null)
            CheckMargins(checks, margins, model, normalised, [.. kept.Select(each => each.candidate)]);
    }

    /// <summary>Only pixels whose probability is next to a half may be on the other side of it.</summary>
    private static void CheckMasks(
        Checks checks,
        StoredTensors stored,
        (Tensor Logits, Tensor Probabilities, ImmutableArray<Rle> Masks) ours,
        int image
    )
    {
        if (stored.Has($"mask_probs_s4_{image}"))
        {
            stored.Compare(
                $"mask_probs_s4_{image}",
                ours.Logits.narrow(0, 0, Math.Min(stored[$"mask_probs_s4_{image}"].shape[0], ours.Logits.shape[0])).sigmoid(),
                Probability
            );
        }

        var undecided = ours.Probabilities.Minus(0.5).abs().lt(Held.Of(NearHalf)).flatten(1); // [n, HW]
        if (stored.Has($"mask_area{image}"))
        {
            var (areas, free) = (StoredTensors.Doubles(stored[$"mask_area{image}"]), StoredTensors.Doubles(undecided.sum(1)));
            var group = checks.Group($"mask_area{image}", stored.FileOf($"mask_area{image}"));
            group.Number("masks", ours.Masks.Length, areas.Length, Tolerance.Exact);
            foreach (var ((mask, area), k) in ours.Masks.Zip(areas).Select((pair, k) => (pair, k)))
                group.Number($"mask {k}", Rles.Area(mask), area, new("undecided pixels", Absolute: free[k]));
            group.Done();
        }

        if (stored.Has($"masks_packed{image}"))
            CheckBits(checks, stored, ours.Masks, undecided, image);
    }

    private static void CheckBits(Checks checks, StoredTensors stored, ImmutableArray<Rle> masks, Tensor undecided, int image)
    {
        var packed = stored[$"masks_packed{image}"];
        var group = checks.Group($"masks_packed{image} (decided pixels that differ)", stored.FileOf($"masks_packed{image}"));
        for (var k = 0; k < packed.shape[0]; k++)
        {
            var bits = Facts.Ints(packed[k]);
            if (k >= masks.Length || bits.Length != (masks[k].Size.Area + 7) / 8)
            {
                group.Same($"mask {k}", "of another size", "stored");
                continue;
            }

            var (mask, free) = (Rles.Decode(masks[k]), undecided[k].to(ScalarType.Byte).Elements<byte>());
            var different = Enumerable
                .Range(0, mask.Length)
                .Count(pixel => free[pixel] == 0 && mask[pixel] != ((bits[pixel / 8] >> (7 - (pixel % 8))) & 1));
            group.Distance($"mask {k}", different + Padding(bits, mask.Length), mask.Length, Tolerance.Exact);
        }

        group.Done();
    }

    /// <summary>The bits after a mask's last pixel must be 0.</summary>
    private static int Padding(int[] bytes, int pixels) =>
        pixels % 8 == 0 ? 0
        : (bytes[^1] & ((1 << (8 - (pixels % 8))) - 1)) == 0 ? 0
        : pixels;

    private static void CheckUndecided(Checks checks, StoredNode margins, Tensor probabilities)
    {
        var group = checks.Group($"{margins.Path}: undecided pixels", margins.File);
        var (near, total) = (probabilities.Minus(0.5).abs().lt(Held.Of(NearHalf)).sum().item<long>(), probabilities.numel());
        if (margins.Find("mask_pixels_within_1e-4_of_0.5") is { } stored)
            group.Number(stored.Path, near, stored, new("those at the bound", Absolute: 3 + (NearHalf * 0.05 * total)));
        if (margins.Find("mask_pixels_total") is { } all)
            group.Number(all.Path, total, all, Tolerance.Exact);
        group.Done();
    }

    /// <summary>How near the decisions were: recomputed from our own maps.</summary>
    private static void CheckMargins(
        Checks checks,
        StoredNode margins,
        DetectorModel model,
        Tensor normalised,
        ImmutableArray<Candidate> found
    )
    {
        var options = model.Options.Inference;
        var output = Segmenter.Forward(
            model.Options,
            model.Weights,
            Backbones.Forward(model.Options.Backbone, model.Backbone, normalised),
            images: 1,
            next: null
        );
        var all = Candidates.Select(options with { PerLevel = int.MaxValue, PerFrame = int.MaxValue, NmsThreshold = 1 }, output.Levels);
        var distances = output.Levels.Select(level =>
            FcosHead
                .Flatten([level.ClassLogits])
                .sigmoid()
                .mul(FcosHead.Flatten([level.Centerness]).sigmoid())
                .Minus(options.ScoreThreshold)
                .abs()
                .min()
                .Number()
        );
        var group = checks.Group($"{margins.Path}: margins", margins.File);
        foreach (
            var (name, actual, tolerance) in new[]
            {
                ("num_det", found.Length, Tolerance.Exact),
                ("candidates_over_0.05", all.Length, Tolerance.Exact),
                ("min_gap_between_consecutive_scores", Margins.ScoreGap(found), Margin),
                ("min_abs_distance_of_cls_times_ctr_to_0.05", distances.Min(), Margin),
                ("min_abs_iou_minus_0.6_same_class", Margins.Overlap(all), Overlap),
            }
        )
        {
            if (margins.Find(name) is { } stored && !stored.IsNull())
                group.Number(name, actual, stored, tolerance);
        }

        group.Done();
    }
}
