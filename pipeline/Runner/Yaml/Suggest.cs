namespace Motion.Runner.Yaml;

/// <summary>"Did you mean ...?"</summary>
internal static class Suggest
{
    private const int Longest = 64; // letters of a word that may be meant

    /// <summary>A sentence that lists what is known, led by the nearest if one is near.</summary>
    public static string Among(string given, IEnumerable<string> known)
    {
        var names = known.ToList();
        var list = $"Known: {string.Join(", ", names)}.";
        return Nearest(given, names) is { } near ? $"Did you mean {near}? {list}" : list;
    }

    /// <summary>The known name fewest edits away, if at most a third of its letters (and at least two edits) differ.</summary>
    public static string? Nearest(string given, IEnumerable<string> known) =>
        given.Length > Longest
            ? null
            : known
                .Select(name => (name, distance: Distance(Plain(given), Plain(name))))
                .Where(pair => pair.distance <= Math.Max(2, pair.name.Length / 3) && pair.distance < pair.name.Length)
                .OrderBy(pair => pair.distance)
                .Select(pair => pair.name)
                .FirstOrDefault();

    /// <summary>Insertions, deletions, substitutions and swaps of neighbours (optimal string alignment).</summary>
    public static int Distance(string a, string b)
    {
        var d = new int[a.Length + 1, b.Length + 1];
        for (var i = 0; i <= a.Length; i++)
            d[i, 0] = i;
        for (var j = 0; j <= b.Length; j++)
            d[0, j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            for (var j = 1; j <= b.Length; j++)
            {
                var change = d[i - 1, j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                d[i, j] = Math.Min(change, Math.Min(d[i - 1, j], d[i, j - 1]) + 1);
                if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                    d[i, j] = Math.Min(d[i, j], d[i - 2, j - 2] + 1);
            }
        }

        return d[a.Length, b.Length];
    }

    private static string Plain(string name) =>
        name.Replace("-", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();
}
