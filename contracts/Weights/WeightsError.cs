using System.Collections.Immutable;
using System.Diagnostics;

namespace Motion.Contracts;

/// <summary>A tensor whose shape is not the network's.</summary>
public sealed record WrongShape(string Name, ImmutableArray<long> Expected, ImmutableArray<long> Found);

/// <summary>Every way a weights file can be unusable.</summary>
public abstract record WeightsError : IStageError
{
    private WeightsError() { }

    /// <summary>No file, or one that may not be read.</summary>
    public sealed record CannotRead(string Path, string Reason) : WeightsError;

    /// <summary>A file of none of the formats read here.</summary>
    public sealed record UnknownFormat(string Path, string Found) : WeightsError;

    /// <summary>A file that breaks the rules of its format: cut off, changed, or made to deceive.</summary>
    public sealed record Corrupt(string Path, string Reason) : WeightsError;

    /// <summary>A file that carries its own checksum, and has changed since.</summary>
    public sealed record Damaged(string Path) : WeightsError;

    /// <summary>A pickle that is as a whole what only Python code could make; none is ever run.</summary>
    public sealed record Refused(string Path, string Global) : WeightsError;

    /// <summary>A file in order, without weights where weights are looked for.</summary>
    public sealed record NoWeights(string Path, string Found) : WeightsError;

    /// <summary>Weights of another network.</summary>
    public sealed record WrongNames(ImmutableArray<string> Lacking, ImmutableArray<string> Exceeding, ImmutableArray<WrongShape> Shapes)
        : WeightsError;

    /// <summary>A tensor whose elements are not of the kind that the network computes with.</summary>
    public sealed record WrongType(string Name, string Found, string Expected) : WeightsError;

    /// <summary>A tensor that the file has under two of its network's names, with different numbers.</summary>
    public sealed record TwoOfOne(string First, string Second) : WeightsError;

    /// <summary>A file that cannot be written.</summary>
    public sealed record CannotWrite(string Path, string Reason) : WeightsError;

    public string Describe() =>
        Legible.Line(
            this switch
            {
                CannotRead(var path, _) => $"{path}: {Problem}",
                UnknownFormat(var path, _) => $"{path}: {Problem}",
                Corrupt(var path, _) => $"{path}: {Problem}",
                Damaged(var path) => $"{path}: {Problem}",
                Refused(var path, _) => $"{path}: {Problem}",
                NoWeights(var path, _) => $"{path}: {Problem}",
                WrongNames or WrongType or TwoOfOne => Problem,
                CannotWrite(var path, _) => $"{path}: {Problem}",
                _ => throw new UnreachableException(),
            }
        );

    /// <summary>The sentence without the path, for errors that carry the path themselves.</summary>
    public string Problem =>
        Legible.Line(
            this switch
            {
                CannotRead(_, var reason) => $"cannot be read: {reason}. Check the path.",
                UnknownFormat(_, var found) =>
                    $"weights are read from safetensors, from torch.save, from pickles of numpy arrays and from TensorFlow.js models; this file begins with {found}.",
                Corrupt(_, var reason) => $"{reason}. Fetch the file again.",
                Damaged =>
                    "has changed since it was written: the checksum in it is another. Take another copy of it; of a run's checkpoints, an earlier one, as --resume does by itself.",
                Refused(_, var global) =>
                    $"the pickle needs {global}, and only tensors, dictionaries and plain values are read. Save the state_dict alone with torch.save, or as safetensors.",
                NoWeights(_, var found) =>
                    $"no state dict is in it: {found}. Save the state_dict alone with torch.save, or as safetensors.",
                WrongNames(var lacking, var exceeding, var shapes) => "the weights are another network's: "
                    + string.Join("; ", Differences(lacking, exceeding, shapes))
                    + ".",
                WrongType(var name, var found, var expected) => $"{name} is of {found}, where {expected} must be. Save it in that type.",
                TwoOfOne(var first, var second) =>
                    $"{first} and {second} are two names of one tensor, and hold different numbers. Leave one of them out.",
                CannotWrite(_, var reason) => $"cannot be written: {reason}. Free some space or choose another place.",
                _ => throw new UnreachableException(),
            }
        );

    private static IEnumerable<string> Differences(
        ImmutableArray<string> lacking,
        ImmutableArray<string> exceeding,
        ImmutableArray<WrongShape> shapes
    )
    {
        if (lacking.Length > 0)
        {
            yield return $"{lacking.Length} lacking ({Some(lacking)})";
        }

        if (exceeding.Length > 0)
        {
            yield return $"{exceeding.Length} too many ({Some(exceeding)})";
        }

        if (shapes.Length > 0)
        {
            yield return $"{shapes.Length} of another shape ({Some(shapes.Select(s => $"{s.Name} is [{string.Join(", ", s.Found)}], must be [{string.Join(", ", s.Expected)}]"))})";
        }
    }

    /// <summary>The first few, and how many more: a network has hundreds.</summary>
    private static string Some(IEnumerable<string> names)
    {
        const int most = 6;
        var all = names.ToList();
        return string.Join(", ", all.Take(most)) + (all.Count > most ? $", and {all.Count - most} more" : "");
    }
}
