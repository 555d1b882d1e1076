using System.Collections.Immutable;
using Motion.Contracts;
using Motion.Forward;
using Motion.Kernels;
using Motion.Pipeline.Parity.Fills;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Pipeline.Parity.Forms;

/// <summary>Inference of a whole-model case, picture by picture, to the masks in the original frame.</summary>
internal static class ModelInferenceCheck
{
    private static readonly Tolerance Score = new("deep network in float32", Absolute: 2e-5);
    private static readonly Tolerance Pixel = new("1e-4 strides of the coarsest level", Absolute: 2e-2);
    private static readonly Tolerance Probability = new("masks of a deep network in float32", Absolute: 2e-4);
    private static readonly Tolerance Margin = new("deep network in float32", Absolute: 2e-5);
    private static readonly Tolerance Overlap = new("1e-4 strides of a box's side", Absolute: 1e-3);

    /// <summary>Share of a mask's pixels that may change sides: those whose probability is within 1e-4 of a half.</summary>
    private const double UndecidedPixels = 3e-4;

    private const double NearHalf = 1e-4;

    public static void Run(Checks checks, StoredTensors stored, StoredNode? margins, ModelInput input)
    {
        using var noGrad = no_grad();
        var model = DetectorModel.Of(ModelInput.Options, BoxinstFill.Classes, checks.Bench.Boxinst, CPU);
        try
        {
            for (var image = 0; image < input.Images; image++)
            {
                if (!stored.Has($"classes{image}")) continue;
                var each = image;
                checks.Part($"inference, image {image}", () => RunOne(checks, stored, margins?.Find($"image{each}"), model, (input.Pictures[each], input.Originals[each]), each));
            }
        }
        finally
        {
            model.Weights.Dispose();
            model.Backbone.Dispose();
        }
    }

    private static void RunOne(Checks checks, StoredTensors stored, StoredNode? margins, DetectorModel model, (Tensor Picture, Size2 Original) frame, int image)
    {
        var (picture, original) = frame;
        var size = new Size2((int)picture.shape[1], (int)picture.shape[2]);
        var padded = Views.RoundUp(size);
        var normalised = Views.Normalise(picture, model.Options.Backbone, padded);
        var (candidates, logits) = Detectors.Find(model, normalised);
        var (x, y) = ((double)original.Width / size.Width, (double)original.Height / size.Height);
        Box Place(Candidate candidate) => candidate.Box.Scale(x, y).Clip(original);
        var kept = candidates.Select((candidate, index) => (candidate, index)).Where(each => Place(each.candidate).IsProper).ToImmutableArray();
        var match = DetectionMatch.Of(stored, $"{image}", [.. kept.Select(each => each.candidate)]);
        match.Compare(checks, stored, $"{image}", Place, Pixel, Score);
        stored.Compare($"padded_hw{image}", tensor(Facts.Longs(padded)), Tolerance.Exact);
        stored.Compare($"mask_shape{image}", tensor(new long[] { kept.Length, original.Height, original.Width }), Tolerance.Exact);
        if (logits is not null && match.Problems.IsEmpty)
        {
            var order = match.Indices.Select(index => (long)kept[index].index).ToArray();
            var inOrder = logits.index_select(0, tensor(order));
            CheckMasks(checks, stored, (inOrder, MaskPaste.Masks(inOrder, size, original)), original, image);
            if (margins is not null) CheckUndecided(checks, margins, MaskPaste.Probabilities(logits.index_select(0, tensor(kept.Select(each => (long)each.index).ToArray())), size, original));
        }

        if (margins is not null) CheckMargins(checks, margins, model, normalised, [.. kept.Select(each => each.candidate)]);
    }

    private static void CheckMasks(Checks checks, StoredTensors stored, (Tensor Logits, ImmutableArray<Rle> Masks) ours, Size2 original, int image)
    {
        var undecided = new Tolerance("pixels within 1e-4 of a half", Absolute: Math.Ceiling(UndecidedPixels * original.Area));
        if (stored.Has($"mask_probs_s4_{image}"))
        {
            stored.Compare($"mask_probs_s4_{image}", ours.Logits.narrow(0, 0, Math.Min(stored[$"mask_probs_s4_{image}"].shape[0], ours.Logits.shape[0])).sigmoid(), Probability);
        }

        stored.Compare($"mask_area{image}", tensor(ours.Masks.Select(mask => Rles.Area(mask)).ToArray()), undecided);
        if (!stored.Has($"masks_packed{image}")) return;
        var packed = stored[$"masks_packed{image}"];
        var group = checks.Group($"masks_packed{image} (pixels that differ)", stored.FileOf($"masks_packed{image}"));
        for (var k = 0; k < packed.shape[0]; k++)
        {
            var bits = Facts.Ints(packed[k]);
            var mask = k < ours.Masks.Length ? Rles.Decode(ours.Masks[k]) : [];
            var different = mask.Length == original.Area && bits.Length == (original.Area + 7) / 8
                ? Enumerable.Range(0, mask.Length).Count(pixel => mask[pixel] != ((bits[pixel / 8] >> (7 - (pixel % 8))) & 1)) + Padding(bits, mask.Length)
                : double.NaN;
            group.Distance($"mask {k}", different, original.Area, undecided);
        }

        group.Done();
    }

    /// <summary>The bits after a mask's last pixel must be 0.</summary>
    private static int Padding(int[] bytes, int pixels) => pixels % 8 == 0 ? 0 : (bytes[^1] & ((1 << (8 - (pixels % 8))) - 1)) == 0 ? 0 : pixels;

    private static void CheckUndecided(Checks checks, StoredNode margins, Tensor probabilities)
    {
        var group = checks.Group($"{margins.Path}: undecided pixels", margins.File);
        var (near, total) = (probabilities.sub(0.5).abs().lt(NearHalf).sum().item<long>(), probabilities.numel());
        if (margins.Find("mask_pixels_within_1e-4_of_0.5") is { } stored) group.Number(stored.Path, near, stored, new("those at the bound", Absolute: 3 + (NearHalf * 0.05 * total)));
        if (margins.Find("mask_pixels_total") is { } all) group.Number(all.Path, total, all, Tolerance.Exact);
        group.Done();
    }

    /// <summary>How near the decisions were: recomputed from our own maps.</summary>
    private static void CheckMargins(Checks checks, StoredNode margins, DetectorModel model, Tensor normalised, ImmutableArray<Candidate> found)
    {
        var options = model.Options.Inference;
        var output = Segmenter.Forward(model.Options, model.Weights, Backbones.Forward(model.Options.Backbone, model.Backbone, normalised), images: 1, next: null);
        var all = Candidates.Select(options with { PerLevel = int.MaxValue, PerFrame = int.MaxValue, NmsThreshold = 1 }, output.Levels);
        var distances = output.Levels.Select(level =>
            FcosHead.Flatten([level.ClassLogits]).sigmoid().mul(FcosHead.Flatten([level.Centerness]).sigmoid()).sub(options.ScoreThreshold).abs().min().ToDouble());
        var group = checks.Group($"{margins.Path}: margins", margins.File);
        foreach (var (name, actual, tolerance) in new[]
        {
            ("num_det", found.Length, Tolerance.Exact),
            ("candidates_over_0.05", all.Length, Tolerance.Exact),
            ("min_gap_between_consecutive_scores", Margins.ScoreGap(found), Margin),
            ("min_abs_distance_of_cls_times_ctr_to_0.05", distances.Min(), Margin),
            ("min_abs_iou_minus_0.6_same_class", Margins.Overlap(all), Overlap),
        })
        {
            if (margins.Find(name) is { } stored && !stored.IsNull()) group.Number(name, actual, stored, tolerance);
        }

        group.Done();
    }
}
