using System.Collections.Frozen;
using System.Collections.Immutable;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>What an image says of classes, beside its annotations; classes are indices.</summary>
/// <param name="Negative">Classes of which it has no object.</param>
/// <param name="NotExhaustive">Classes of which not every object is annotated: what matches nothing there is ignored.</param>
public sealed record LvisImage(IReadOnlySet<int> Negative, IReadOnlySet<int> NotExhaustive);

/// <summary>What LVIS's rules ask of a file beside what COCO's do.</summary>
/// <param name="Images">Of each image.</param>
public sealed record LvisRules(ImmutableArray<LvisImage> Images)
{
    /// <summary>What a file says; the error where it does not say it of every image.</summary>
    public static Result<LvisRules, DecodeError> Of(CocoTruthFile file)
    {
        var index = file.Index;
        if (index.Units.FirstOrDefault(unit => !unit.IsFederated) is { } silent)
        {
            var place = file.Set.Videos.First(video => video.Id == silent.Id).Position;
            return new DecodeError.BadAnnotation(
                file.Set.Path,
                $"$.images[{place}] (id {silent.Id})",
                "it has neither neg_category_ids nor not_exhaustive_category_ids, nor has its video, and LVIS's rules go by them",
                index.Units.Any(unit => unit.IsFederated)
                    ? "Add them, empty where there are none."
                    : "Measure it by COCO's rules: leave --rules out."
            );
        }

        FrozenSet<int> Classes(ImmutableArray<long> ids) => ids.Select(index.CategoryOf).Where(category => category >= 0).ToFrozenSet();
        return new LvisRules([
            .. index.Units.Select(unit => new LvisImage(Classes(unit.Says!.Negative), Classes(unit.Says.NotExhaustive))),
        ]);
    }
}
