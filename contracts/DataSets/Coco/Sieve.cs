using System.Collections.Immutable;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>How an annotation or results file is read.</summary>
/// <param name="Lenient">Whether items that break a rule are left out and counted; else the first one ends the reading.</param>
/// <param name="Progress">Told bytes read so far, and those of the file (0 where it has no length, as a pipe).</param>
public sealed record CocoReading(bool Lenient = false, Action<long, long>? Progress = null);

/// <summary>Items of one kind that were left out.</summary>
/// <param name="Kind">What is wrong with them, in the plural: "unlisted images".</param>
/// <param name="Count">How many.</param>
/// <param name="First">The first of them: place, problem.</param>
public sealed record LeftOut(string Kind, int Count, string First);

/// <summary>What is wrong with an item of a file.</summary>
/// <param name="Kind">In the plural, for the count.</param>
/// <param name="Path">Below the item: <c>.segmentation.counts</c>.</param>
/// <param name="Problem">The rule and what came.</param>
/// <param name="Remedy">What to do.</param>
internal sealed record ItemProblem(string Kind, string Path, string Problem, string Remedy);

/// <summary>Where items that break a rule end up: the first is the reading's error, or, leniently, all are counted. Local to one reading.</summary>
internal sealed class Sieve(string file, bool lenient)
{
    private readonly Dictionary<string, (int Count, string First)> _leftOut = [];
    private readonly Dictionary<string, int> _passedOver = [];

    /// <summary>What ends the reading, once there is something.</summary>
    public DecodeError? Error { get; private set; }

    /// <summary>Items left out since they break a rule, by kind.</summary>
    public ImmutableArray<LeftOut> LeftOut => [.. _leftOut.Select(pair => new LeftOut(pair.Key, pair.Value.Count, pair.Value.First))];

    /// <summary>What was passed over as the reference does, by kind.</summary>
    public ImmutableArray<KeyValuePair<string, int>> PassedOver => [.. _passedOver];

    /// <summary>An item that cannot be used.</summary>
    /// <param name="item">Its JSON path.</param>
    /// <param name="id">What the file calls it, such as "id 5"; null where it does not say.</param>
    /// <param name="problem">What is wrong.</param>
    public void Refuse(string item, string? id, ItemProblem problem)
    {
        var place = $"{item}{problem.Path}{(id is null ? "" : $" ({id})")}";
        if (!lenient)
        {
            Error ??= new DecodeError.BadAnnotation(file, place, problem.Problem, $"{problem.Remedy} --lenient leaves such items out and counts them.");
            return;
        }

        var (count, first) = _leftOut.GetValueOrDefault(problem.Kind, (0, $"{place}: {problem.Problem}"));
        _leftOut[problem.Kind] = (count + 1, first);
    }

    /// <summary>An item, or a part of one, that has no effect, in the reference either.</summary>
    public void PassOver(string kind) => _passedOver[kind] = _passedOver.GetValueOrDefault(kind) + 1;
}
