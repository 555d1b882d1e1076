using System.Collections.Immutable;
using Motion.Contracts;
using Motion.Forward;
using Motion.Kernels;
using static TorchSharp.torch;

namespace Motion.Parity.Forms;

/// <summary>From maps of logits to at most a hundred detections.</summary>
internal static class ProposalForm
{
    private static readonly Tolerance Statistic = new("differences of float32 numbers", Absolute: 1e-6);

    public static ParityForm Form { get; } =
        new(
            "proposals",
            "thresholds, best of a level, non-maximum suppression, best of a frame",
            folder =>
                from file in folder.Tensors
                where file.Has("logits_p3", "bbox_reg_p3", "ctrness_p3", "boxes0", "scores0")
                select Facts.Case(folder, file, Check)
        );

    private static void Check(Checks checks, StoredTensors stored, StoredNode? facts)
    {
        var levels = DetectionForms.Levels(stored, "logits");
        var images = Enumerable.Range(0, (int)stored["logits_p3"].shape[0]).Select(image => Maps(stored, levels.Length, image)).ToArray();
        foreach (var name in stored.Names.Where(name => name.StartsWith("top_feat_p", StringComparison.Ordinal)))
            _ = stored[name]; // gathered where something is found
        for (var image = 0; image < images.Length; image++)
        {
            var (maps, suffix) = (images[image], $"{image}");
            checks.Part(
                $"image {image}",
                () =>
                {
                    var found = DetectionMatch.Of(stored, suffix, Candidates.Select(new(), maps));
                    found.Compare(checks, stored, suffix, candidate => candidate.Box);
                    if (stored.Has($"top_feat{suffix}"))
                    {
                        var cells = found
                            .Ordered.Select(candidate => candidate.Cell)
                            .Select(cell =>
                                stored[$"top_feat_p{cell.Level + 3}"]
                                    .select(0, int.Parse(suffix))
                                    .select(1, cell.Row)
                                    .select(1, cell.Column)
                            );
                        stored.Compare($"top_feat{suffix}", stack([.. cells]), Tolerance.Exact);
                    }
                }
            );
        }

        if (facts is not null)
            CheckFacts(checks, facts, levels, images);
    }

    private static HeadLevel[] Maps(StoredTensors stored, int levels, int image) =>
        [
            .. Enumerable
                .Range(3, levels)
                .Select(k =>
                {
                    Tensor Of(string name) => stored[$"{name}_p{k}"].narrow(0, image, 1);
                    return new HeadLevel(Of("logits"), Of("bbox_reg"), Of("ctrness"), Of("ctrness"));
                }),
        ];

    /// <summary>What passes each step, and how near the decisions were.</summary>
    private static void CheckFacts(Checks checks, StoredNode facts, PyramidLevel[] levels, HeadLevel[][] images)
    {
        var options = new InferenceOptions();
        var everything = options with { PerLevel = int.MaxValue, PerFrame = int.MaxValue, NmsThreshold = 1 };
        var all = images.Select(maps => Candidates.Select(everything, maps)).ToArray();
        var best = images.Select(maps => Candidates.Select(everything with { PerLevel = options.PerLevel }, maps)).ToArray();
        var kept = images.Select(maps => Candidates.Select(options with { PerFrame = int.MaxValue }, maps)).ToArray();
        var returned = images.Select(maps => Candidates.Select(options, maps)).ToArray();
        int[] Counts(ImmutableArray<Candidate> candidates) =>
            [.. levels.Select((_, level) => candidates.Count(each => each.Cell.Level == level))];
        var group = checks.Group("counts and margins", facts.File);
        foreach (var (stored, candidates) in (facts.Find("candidates_per_image_per_level")?.Items ?? []).Zip(all))
            Facts.List(group, stored, [.. Counts(candidates).Select(count => (double)count)]);
        Facts.List(group, facts.Find("pre_nms_total"), [.. best.Select(candidates => (double)candidates.Length)]);
        Facts.List(group, facts.Find("after_nms_before_top100"), [.. kept.Select(candidates => (double)candidates.Length)]);
        Facts.List(group, facts.Find("returned"), [.. returned.Select(candidates => (double)candidates.Length)]);
        Facts.List(group, facts.Find("image_hw"), [levels[0].Size.Height * levels[0].Stride, levels[0].Size.Width * levels[0].Stride]);
        Numbers(group, facts.Find("min_abs_iou_minus_0.6"), [.. best.Select(Margins.Overlap)]);
        Numbers(
            group,
            facts.Find("gap_at_top100_cut"),
            [
                .. kept.Select(candidates =>
                    candidates.Length > options.PerFrame
                        ? (double)(candidates[options.PerFrame - 1].Score - candidates[options.PerFrame].Score)
                        : double.NaN
                ),
            ]
        );
        Numbers(group, facts.Find("min_score_gap"), [.. returned.Select(Margins.ScoreGap)]);
        if (facts.Find("gap_at_top1000_cut") is { } gap)
            group.Number(gap.Path, Margins.LevelCut(all, levels.Length, options.PerLevel), gap, Statistic);
        group.Done();
        facts.Find("numpy_seed")?.Aside();
    }

    private static void Numbers(NumberGroup group, StoredNode? stored, double[] actual)
    {
        if (stored is null)
            return;
        foreach (var (item, number) in stored.Items.Zip(actual))
            group.Number(item.Path, number, item, Statistic);
    }
}

/// <summary>How near the decisions of inference were to falling otherwise.</summary>
internal static class Margins
{
    /// <summary>Smallest |IoU - 0.6| of two candidates of one class.</summary>
    public static double Overlap(ImmutableArray<Candidate> candidates)
    {
        var nearest = double.PositiveInfinity;
        foreach (var rivals in candidates.GroupBy(each => each.Class).Select(group => group.ToArray()))
        {
            for (var i = 0; i < rivals.Length; i++)
            {
                for (var j = 0; j < i; j++)
                    nearest = Math.Min(nearest, Math.Abs(Boxes.Iou(rivals[i].Box, rivals[j].Box) - 0.6));
            }
        }

        return nearest;
    }

    /// <summary>Smallest difference of two neighbours in the order of scores.</summary>
    public static double ScoreGap(ImmutableArray<Candidate> candidates) =>
        candidates.Zip(candidates.Skip(1), (a, b) => (double)(a.Score - b.Score)).DefaultIfEmpty(double.PositiveInfinity).Min();

    /// <summary>
    /// Smallest difference, at a level's cut, between the product of the last that stays and that of the first that goes.
    /// </summary>
    public static double LevelCut(IEnumerable<ImmutableArray<Candidate>> images, int levels, int perLevel) =>
        (
            from candidates in images
            from level in Enumerable.Range(0, levels)
            let products = candidates
                .Where(each => each.Cell.Level == level)
                .Select(each => (double)each.Score * each.Score)
                .OrderDescending()
                .Skip(perLevel - 1)
                .Take(2)
                .ToArray()
            where products.Length == 2
            select products[0] - products[1]
        )
            .DefaultIfEmpty(double.PositiveInfinity)
            .Min();
}

/// <summary>
/// Detections of ours put into the order of the stored ones: matched by class, location and level, for neighbouring scores can swap.
/// </summary>
/// <param name="Ordered">One a stored detection that was found.</param>
/// <param name="Indices">Where each stands among ours.</param>
/// <param name="Problems">What one side lacks.</param>
internal sealed record DetectionMatch(ImmutableArray<Candidate> Ordered, ImmutableArray<int> Indices, ImmutableArray<string> Problems)
{
    private static readonly Tolerance Score = new("sigmoids, product and root in float32", Absolute: 2e-6);
    private static readonly Tolerance Pixel = new("boxes of up to some hundred pixels", Absolute: 1e-4);

    /// <param name="stored">Holds classes, locations and fpn_levels with the suffix.</param>
    /// <param name="suffix">Of the image.</param>
    /// <param name="found">Ours.</param>
    public static DetectionMatch Of(StoredTensors stored, string suffix, ImmutableArray<Candidate> found)
    {
        var (classes, levels, at) = (
            Facts.Ints(stored[$"classes{suffix}"]),
            Facts.Ints(stored[$"fpn_levels{suffix}"]),
            StoredTensors.Doubles(stored[$"locations{suffix}"])
        );
        var ours = found
            .Select((each, index) => (Key: (each.Class, (double)each.Location.X, (double)each.Location.Y, each.Cell.Level), Index: index))
            .ToDictionary(each => each.Key, each => each.Index);
        var (indices, problems) = (ImmutableArray.CreateBuilder<int>(), ImmutableArray.CreateBuilder<string>());
        for (var k = 0; k < classes.Length; k++)
        {
            var key = (classes[k], at[2 * k], at[(2 * k) + 1], levels[k]);
            if (ours.Remove(key, out var index))
                indices.Add(index);
            else
                problems.Add($"stored detection {k} (class {key.Item1} at ({key.Item2}, {key.Item3}) of P{key.Item4 + 3}) was not found");
        }

        problems.AddRange(
            ours.Keys.Select(key => $"found class {key.Class} at ({key.Item2}, {key.Item3}) of P{key.Level + 3}, which is not stored")
        );
        return new([.. indices.Select(index => found[index])], indices.ToImmutable(), problems.ToImmutable());
    }

    /// <summary>Which detections, their scores and their boxes.</summary>
    /// <param name="box">The box as it is stored: unclipped in the input's pixels, or clipped in the frame's.</param>
    /// <param name="pixel">What boxes may be apart; 1e-4 pixels where not given.</param>
    /// <param name="score">What scores may be apart; 2e-6 where not given.</param>
    public void Compare(
        Checks checks,
        StoredTensors stored,
        string suffix,
        Func<Candidate, Box> box,
        Tolerance? pixel = null,
        Tolerance? score = null
    )
    {
        checks.Claim(
            $"detections{suffix} (class, location, level)",
            stored.FileOf($"classes{suffix}"),
            Problems.IsEmpty,
            string.Join("; ", Problems.Take(3))
        );
        if (!Problems.IsEmpty)
            return;
        stored.Compare($"scores{suffix}", tensor(Ordered.Select(each => each.Score).ToArray()), score ?? Score);
        stored.Compare(
            $"boxes{suffix}",
            tensor(Ordered.Select(box).SelectMany(each => (float[])[each.X1, each.Y1, each.X2, each.Y2]).ToArray()).reshape(-1, 4),
            pixel ?? Pixel
        );
    }
}
