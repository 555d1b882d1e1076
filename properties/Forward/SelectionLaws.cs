using FsCheck;
using FsCheck.Fluent;
using Motion.Forward;
using Motion.Properties.Generators;
using Xunit;

namespace Motion.Properties.Forward;

/// <summary>Which positive locations learn masks.</summary>
public sealed class SelectionLaws
{
    // Boxes belong to one image each: image = box / 3.
    private static readonly Gen<(Positive[] Positives, int Budget)> Positives =
        from boxes in Gen.Choose(0, 8).ArrayOf()
        from scores in Gen.Choose(0, 5).ArrayOf(boxes.Length)
        from budget in Gen.Choose(1, 12)
        select (boxes.Select((box, row) => new Positive(row, box / 3, box, scores[row] / 5f)).ToArray(), budget);

    [Fact, Law]
    public void TopPerImage_EveryBoxWithPositives_KeepsItsShareOrAllItHas() =>
        Laws.Hold(
            Positives,
            law =>
            {
                var kept = InstanceSelection.TopPerImage(law.Positives, law.Budget);
                return law
                    .Positives.GroupBy(positive => positive.Box)
                    .All(box =>
                    {
                        var rivals = law
                            .Positives.Where(positive => positive.Image == box.Key / 3)
                            .Select(positive => positive.Box)
                            .Distinct()
                            .Count();
                        return kept.Count(positive => positive.Box == box.Key) == Math.Min(box.Count(), Math.Max(law.Budget / rivals, 1));
                    });
            }
        );

    [Fact, Law]
    public void TopPerImage_Dropped_AreNoSurerThanKept() =>
        Laws.Hold(
            Positives,
            law =>
            {
                var kept = InstanceSelection.TopPerImage(law.Positives, law.Budget);
                return law
                    .Positives.Except(kept)
                    .All(dropped => kept.Where(positive => positive.Box == dropped.Box).All(positive => positive.Score >= dropped.Score));
            }
        );

    [Fact, Law]
    public void TopPerImage_Order_IsImageThenBox() =>
        Laws.Hold(
            Positives,
            law =>
            {
                var kept = InstanceSelection.TopPerImage(law.Positives, law.Budget);
                return kept.Distinct().Count() == kept.Length
                    && kept.Zip(kept.Skip(1))
                        .All(pair => (pair.First.Image, pair.First.Box).CompareTo((pair.Second.Image, pair.Second.Box)) <= 0);
            }
        );

    [Fact, Law]
    public void TopPerImage_BoxesWithinTheirShare_KeepTheirOrder() =>
        Laws.Hold(
            Positives,
            law => InstanceSelection.TopPerImage(law.Positives, 1000).SequenceEqual(law.Positives.OrderBy(positive => positive.Box))
        );
}
