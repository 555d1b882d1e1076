using System.Collections.Immutable;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>Kinds of mistake in the annotation of a data set, by which they are counted.</summary>
public enum DataFault
{
    /// <summary>Not JSON where it should be, or not the JSON of this format.</summary>
    NotJson,

    /// <summary>The file ends in the middle.</summary>
    Truncated,

    /// <summary>Bytes that are no UTF-8.</summary>
    NotUtf8,

    /// <summary>A member that must be there is not.</summary>
    MissingMember,

    /// <summary>A text for a number, a list for a text, a number out of its range.</summary>
    WrongType,

    /// <summary>An id, or a name, that must occur once.</summary>
    DuplicateId,

    /// <summary>A name of a picture that leads out of the folder of pictures, or is none.</summary>
    BadFileName,

    /// <summary>An annotation of a video or image that is not listed, or was left out.</summary>
    UnknownVideo,

    /// <summary>An annotation of a category that is not listed.</summary>
    UnknownCategory,

    /// <summary>A video without a frame.</summary>
    EmptyVideo,

    /// <summary>Lists that must have an entry a frame and have not.</summary>
    WrongLength,

    /// <summary>A box that is empty or lies outside its frame.</summary>
    BadBox,

    /// <summary>Run lengths, a string or a polygon that is no mask of its size.</summary>
    BadMask,

    /// <summary>A mask of another size than its frame.</summary>
    MaskSize,

    /// <summary>A picture that is not there.</summary>
    MissingPicture,

    /// <summary>A picture that cannot be read, or is of another size than the annotation says.</summary>
    BadPicture,
}

/// <summary>One mistake, with the sentence that tells it.</summary>
internal sealed record DataProblem(DataFault Kind, Func<DecodeError> Tell)
{
    public DataProblem(DataFault kind, DecodeError error)
        : this(kind, () => error) { }

    /// <summary>Where it is no mistake, and has no effect in the reference either: what there is several of.</summary>
    public string? PassedOver { get; init; }

    /// <summary>The sentence, made where it is wanted.</summary>
    public DecodeError Error => Tell();
}

/// <summary>What to do about a mistake: the error to stop with, or null to go on without what is mistaken.</summary>
internal delegate DecodeError? Tolerate(DataProblem problem);

/// <summary>Mistakes of one kind: how many, and the sentences of the first few.</summary>
public sealed record FaultCount(DataFault Kind, long Count, ImmutableArray<string> First);

/// <summary>What became of the items of a file.</summary>
/// <param name="LeftOut">Mistakes by kind; only where the reading is lenient.</param>
/// <param name="PassedOver">What has no effect, in the reference either, by kind.</param>
public sealed record Sifted(ImmutableArray<FaultCount> LeftOut, ImmutableArray<KeyValuePair<string, int>> PassedOver)
{
    /// <summary>What one should know of how the file was read, a sentence each.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];
}

/// <summary>Counts mistakes by kind; local to the function that made it.</summary>
/// <param name="lenient">Whether a mistake costs only what is mistaken; otherwise the first one stops the reading.</param>
internal sealed class FaultTally(bool lenient)
{
    private const int MostShown = 3;
    private readonly SortedDictionary<DataFault, (long Count, List<string> First)> _kinds = [];
    private readonly Dictionary<string, int> _passedOver = [];
    private readonly Dictionary<string, int> _notes = [];

    public FaultTally(ReadingPolicy policy)
        : this(policy is ReadingPolicy.Lenient) { }

    public Tolerate Rule => Add;

    public ImmutableArray<FaultCount> Counts =>
        [.. _kinds.Select(kind => new FaultCount(kind.Key, kind.Value.Count, [.. kind.Value.First]))];

    public Sifted Sifted =>
        new(Counts, [.. _passedOver])
        {
            Notes = [.. _notes.Select(note => note.Key.Replace("{0}", $"{note.Value}", StringComparison.Ordinal))],
        };

    /// <summary>An item, or a part of one, that has no effect, in the reference either.</summary>
    public void PassOver(string kind) => _passedOver[kind] = _passedOver.GetValueOrDefault(kind) + 1;

    /// <summary>What one should know: a sentence in which {0} stands for how often.</summary>
    public void Note(string sentence) => _notes[sentence] = _notes.GetValueOrDefault(sentence) + 1;

    private DecodeError? Add(DataProblem problem)
    {
        if (problem.PassedOver is { } kind)
        {
            PassOver(kind);
            return null;
        }

        if (!lenient)
        {
            return problem.Error;
        }

        var (count, first) = _kinds.GetValueOrDefault(problem.Kind, (0, []));
        if (first.Count < MostShown)
        {
            first.Add(problem.Error.Describe());
        }

        _kinds[problem.Kind] = (count + 1, first);
        return null;
    }
}
