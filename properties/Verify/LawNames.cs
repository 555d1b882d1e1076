using System.Collections.Immutable;
using System.IO.Enumeration;

namespace Motion.Properties.Verify;

/// <summary>Which laws a NAME means.</summary>
internal static class LawNames
{
    /// <summary>
    /// Laws whose full name (Area.Class.Law) contains one of the names, whatever its case; with * or ? the pattern must cover the law's own
    /// or its full name. All, where no name is given.
    /// </summary>
    public static ImmutableArray<Law> Matching(ImmutableArray<Law> laws, IReadOnlyCollection<string> names) =>
        names.Count == 0 ? laws : [.. laws.Where(law => names.Any(name => Matches(law, name)))];

    /// <summary>Likewise for laws that speak of recorded data, which have no area.</summary>
    public static ImmutableArray<RecordedLaw> Matching(ImmutableArray<RecordedLaw> laws, IReadOnlyCollection<string> names) =>
        names.Count == 0 ? laws : [.. laws.Where(law => names.Any(name => Matches(law.Name, law.Name, name)))];

    private static bool Matches(Law law, string name) => Matches(law.Name, law.FullName, name);

    private static bool Matches(string own, string full, string name) =>
        name.AsSpan().ContainsAny('*', '?')
            ? FileSystemName.MatchesSimpleExpression(name, full) || FileSystemName.MatchesSimpleExpression(name, own)
            : full.Contains(name, StringComparison.OrdinalIgnoreCase);

    /// <summary>A seed for all laws ("7", "0x7"), or that of one case ("SEED,GAMMA,SIZE", as a broken law prints it).</summary>
    public static bool TrySeed(string text, out Generators.LawSeed seed)
    {
        seed = default;
        var parts = text.Split(',');
        if (!TryNumber(parts[0], out var first))
            return false;
        if (parts.Length == 1)
        {
            seed = new(first, 0, null);
            return true;
        }

        if (parts.Length != 3 || !TryNumber(parts[1], out var gamma) || gamma % 2 == 0 || !int.TryParse(parts[2], out var size) || size < 0)
            return false;
        seed = new(first, gamma, size);
        return true;
    }

    private static bool TryNumber(string text, out ulong number) =>
        text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? ulong.TryParse(text.AsSpan(2), System.Globalization.NumberStyles.AllowHexSpecifier, null, out number)
            : ulong.TryParse(text, System.Globalization.NumberStyles.None, null, out number);
}
