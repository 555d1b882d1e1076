using FsCheck;
using FsCheck.Fluent;
using Motion.Properties.Generators;
using Xunit;

namespace Motion.Properties.House;

/// <summary>Circles are found where they are and nowhere else.</summary>
public sealed class CirclesLaws
{
    private static readonly Gen<(int From, int To)[]> Arrows = (
        from a in Gen.Choose(0, 7)
        from b in Gen.Choose(0, 7)
        where a != b
        select (a, b)
    ).ArrayOf();

    [Fact, Law]
    public void In_WhereEveryArrowPointsUpwards_IsNone() =>
        Laws.Hold(
            Arrows,
            arrows =>
                Circles.In(Lookup(arrows.Select(arrow => (Math.Min(arrow.From, arrow.To), Math.Max(arrow.From, arrow.To))))).Count == 0
        );

    [Fact, Law]
    public void In_AnyArrows_AreWaysBackAndMeetEverybodyWhoReachesHimself() =>
        Laws.Hold(
            Arrows,
            arrows =>
            {
                var (known, circles) = (Lookup(arrows), Circles.In(Lookup(arrows)));
                return circles.All(circle =>
                        circle.Zip([.. circle.Skip(1), circle[0]]).All(step => known[step.First].Contains(step.Second))
                    )
                    && circles.Count > 0 == Enumerable.Range(0, 8).Any(one => Reached(known, $"{one}").Contains($"{one}"))
                    && circles.All(circle => circle.Distinct().Count() == circle.Count);
            }
        );

    private static HashSet<string> Reached(ILookup<string, string> known, string from)
    {
        var reached = known[from].ToHashSet(StringComparer.Ordinal);
        for (var before = -1; before != reached.Count; )
        {
            before = reached.Count;
            reached.UnionWith(reached.SelectMany(one => known[one]).ToList());
        }

        return reached;
    }

    private static ILookup<string, string> Lookup(IEnumerable<(int From, int To)> arrows) =>
        arrows.ToLookup(arrow => $"{arrow.From}", arrow => $"{arrow.To}");
}
