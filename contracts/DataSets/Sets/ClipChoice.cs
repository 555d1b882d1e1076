using System.Collections.Immutable;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>Which clips of a source are meant.</summary>
/// <param name="Clips">By name, in this order; empty for all.</param>
/// <param name="Split">A split by its name, or a file that lists clips; null for neither.</param>
/// <param name="HoldOut">With n > 0 every n-th is held out.</param>
/// <param name="OnlyHeldOut">Whether those are meant, rather than the others.</param>
internal sealed record ClipChoice(ImmutableArray<string> Clips, string? Split = null, int HoldOut = 0, bool OnlyHeldOut = false)
{
    private const int MostListed = 40;

    /// <summary>
    /// Indices into <paramref name="known"/> of the clips asked for, in the order asked for; all where none is asked for.
    /// </summary>
    public static Result<ImmutableArray<int>, DecodeError> Select(ClipChoice choice, ImmutableArray<string> known, string where) =>
        Listed(choice, known, where).Bind(listed => Kept(choice, listed, where));

    private static Result<ImmutableArray<int>, DecodeError> Kept(ClipChoice choice, ImmutableArray<int> listed, string where) =>
        choice.HoldOut switch
        {
            0 => listed,
            < 0 or 1 => new DecodeError.BadSetting(
                "holdOut",
                $"got {choice.HoldOut}",
                "Expected 0 (none), or 2 and more: every n-th clip is held out."
            ),
            var n when n > listed.Length => new DecodeError.BadSetting(
                "holdOut",
                $"every {n}th clip is to be held out, but {where} lists {listed.Length}",
                "Choose a smaller number, or list more clips."
            ),
            var n => listed.Where((_, place) => (place % n == n - 1) == (choice.OnlyHeldOut)).ToImmutableArray(),
        };

    private static Result<ImmutableArray<int>, DecodeError> Listed(ClipChoice choice, ImmutableArray<string> known, string where)
    {
        if (choice.Clips.IsEmpty)
        {
            return Enumerable.Range(0, known.Length).ToImmutableArray();
        }

        if (choice.Clips.GroupBy(name => name).FirstOrDefault(group => group.Skip(1).Any()) is { } twice)
        {
            return new DecodeError.BadSetting("clips", $"{twice.Key} is listed twice", "List each clip once.");
        }

        var index = known.Select((name, i) => (name, i)).ToDictionary(pair => pair.name, pair => pair.i, StringComparer.Ordinal);
        return choice.Clips.FirstOrDefault(name => !index.ContainsKey(name)) is { } unknown
            ? new DecodeError.BadSetting("clips", $"{where} has no clip {unknown}", $"It has {Names(known)}.")
            : choice.Clips.Select(name => index[name]).ToImmutableArray();
    }

    public static string Names(ImmutableArray<string> names, int most = MostListed) =>
        names.Length <= most ? string.Join(", ", names) : $"{string.Join(", ", names.Take(most))} and {names.Length - most} more";
}
