using System.Collections.Immutable;
using Motion.Contracts;

namespace Motion.Decode;

/// <summary>The setting <c>clips</c>.</summary>
internal static class ClipChoice
{
    private const int MostListed = 40;

    /// <summary>
    /// Indices into <paramref name="known"/> of the clips asked for, in the order asked for; all where none is asked for.
    /// </summary>
    public static Result<ImmutableArray<int>, DecodeError> Select(DecodeOptions options, ImmutableArray<string> known, string where) =>
        Listed(options, known, where).Bind(listed => Kept(options, listed, where));

    private static Result<ImmutableArray<int>, DecodeError> Kept(DecodeOptions options, ImmutableArray<int> listed, string where) => options.HoldOut switch
    {
        0 => listed,
        < 0 or 1 => new DecodeError.BadSetting("holdOut", $"got {options.HoldOut}", "Expected 0 (none), or 2 and more: every n-th clip is held out."),
        var n when n > listed.Length => new DecodeError.BadSetting("holdOut", $"every {n}th clip is to be held out, but {where} lists {listed.Length}", "Choose a smaller number, or list more clips."),
        var n => listed.Where((_, place) => (place % n == n - 1) == (options.Family is ClipSplit.Test)).ToImmutableArray(),
    };

    private static Result<ImmutableArray<int>, DecodeError> Listed(DecodeOptions options, ImmutableArray<string> known, string where)
    {
        if (options.Clips.IsEmpty)
        {
            return Enumerable.Range(0, known.Length).ToImmutableArray();
        }

        if (options.Clips.GroupBy(name => name).FirstOrDefault(group => group.Skip(1).Any()) is { } twice)
        {
            return new DecodeError.BadSetting("clips", $"{twice.Key} is listed twice", "List each clip once.");
        }

        var index = known.Select((name, i) => (name, i)).ToDictionary(pair => pair.name, pair => pair.i, StringComparer.Ordinal);
        return options.Clips.FirstOrDefault(name => !index.ContainsKey(name)) is { } unknown
            ? new DecodeError.BadSetting("clips", $"{where} has no clip {unknown}", $"It has {Names(known)}.")
            : options.Clips.Select(name => index[name]).ToImmutableArray();
    }

    public static string Names(ImmutableArray<string> names, int most = MostListed) => names.Length <= most
        ? string.Join(", ", names)
        : $"{string.Join(", ", names.Take(most))} and {names.Length - most} more";
}
