namespace Motion.Properties.House;

/// <summary>Circles in who knows whom.</summary>
internal static class Circles
{
    /// <summary>A shortest circle for everybody who is in one, each circle once: "A", "B" for A that knows B that knows A.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> In(ILookup<string, string> known)
    {
        var circles = new List<IReadOnlyList<string>>();
        foreach (var start in known.Select(group => group.Key).Order(StringComparer.Ordinal))
        {
            if (Back(start, known) is { } circle && !circles.Exists(told => told.ToHashSet(StringComparer.Ordinal).SetEquals(circle)))
                circles.Add(circle);
        }

        return circles;
    }

    /// <summary>The shortest way from one back to itself, breadth first; null where there is none.</summary>
    private static List<string>? Back(string start, ILookup<string, string> known)
    {
        var (cameFrom, waiting) = (new Dictionary<string, string>(StringComparer.Ordinal), new Queue<string>([start]));
        while (waiting.TryDequeue(out var at))
        {
            foreach (var next in known[at].Order(StringComparer.Ordinal))
            {
                if (!cameFrom.TryAdd(next, at))
                    continue;
                if (next == start)
                    return Way(start, cameFrom);
                waiting.Enqueue(next);
            }
        }

        return null;
    }

    private static List<string> Way(string start, Dictionary<string, string> cameFrom)
    {
        var way = new List<string>();
        for (var at = cameFrom[start]; at != start; at = cameFrom[at])
            way.Add(at);
        way.Add(start);
        way.Reverse();
        return way;
    }
}
