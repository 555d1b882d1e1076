using System.Collections.Immutable;
using Motion.Contracts;
using Motion.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Forward;

/// <summary>A found object before its mask.</summary>
/// <param name="Box">Pixels of the network's input, unclipped.</param>
/// <param name="Score">sqrt(class probability * centre-ness).</param>
/// <param name="Class">The best class is not singled out: a location may give several.</param>
/// <param name="Cell">Where it was found; image 0.</param>
internal readonly record struct Candidate(Box Box, float Score, int Class, Cell Cell)
{
    /// <summary>Pixel (x, y) of the cell.</summary>
    public (float X, float Y) Location
    {
        get
        {
            var stride = Pyramid.Strides[Cell.Level];
            return ((stride * Cell.Column) + (stride / 2), (stride * Cell.Row) + (stride / 2));
        }
    }
}

/// <summary>From the head's maps of one picture to at most a hundred objects (FCOS, section 3; AdelaiDet's inference).</summary>
internal static class Candidates
{
    /// <summary>By falling score.</summary>
    /// <param name="levels">Of one picture, N = 1.</param>
    public static ImmutableArray<Candidate> Select(InferenceOptions options, IReadOnlyList<HeadLevel> levels)
    {
        var candidates = levels.SelectMany((level, index) => OfLevel(options, level, index)).ToArray();
        var kept = Nms.PerClass(
            [.. candidates.Select(each => each.Box)],
            [.. candidates.Select(each => each.Score)],
            [.. candidates.Select(each => each.Class)],
            options.NmsThreshold
        );
        var least = kept.Length > options.PerFrame ? candidates[kept[options.PerFrame - 1]].Score : float.NegativeInfinity;
        return [.. kept.Select(index => candidates[index]).TakeWhile(candidate => candidate.Score >= least)];
    }

    private static Candidate[] OfLevel(InferenceOptions options, HeadLevel level, int index)
    {
        using var scope = NewDisposeScope();
        var (classes, width) = (level.ClassLogits.shape[1], level.ClassLogits.shape[3]);
        // [hwK]
        var probability = FcosHead.Flatten([level.ClassLogits]).sigmoid().mul(FcosHead.Flatten([level.Centerness]).sigmoid()).flatten();
        var above = probability.gt(Held.Of(options.ScoreThreshold)).nonzero().squeeze(1); // [n], location by location
        var value = probability.index_select(0, above); // [n]
        if (value.shape[0] > options.PerLevel)
        {
            var (best, order) = Ordering.Largest(value, options.PerLevel);
            (value, above) = (best, above.index_select(0, order));
        }

        var place = above.div(Held.Of(classes), RoundingMode.floor); // [n]
        var distance = FcosHead.Flatten([level.BoxRegression]).index_select(0, place).Times(Pyramid.Strides[index]); // [n, 4]
        var (flat, score, sides) = (above.Elements<long>(), value.sqrt().Elements<float>(), distance.Elements<float>());
        var found = new Candidate[flat.Length];
        for (var k = 0; k < found.Length; k++)
        {
            var (at, category) = Math.DivRem(flat[k], classes);
            var cell = new Cell(index, 0, (int)(at / width), (int)(at % width));
            var (x, y) = new Candidate(default, 0, 0, cell).Location;
            var box = new Box(x - sides[4 * k], y - sides[(4 * k) + 1], x + sides[(4 * k) + 2], y + sides[(4 * k) + 3]);
            found[k] = new(box, score[k], (int)category, cell);
        }

        return found;
    }
}
