using System.Diagnostics;

namespace Motion.DataSets;

/// <summary>Kinds of mistake in words.</summary>
public static class FaultText
{
    /// <summary>What there is several of.</summary>
    public static string Name(DataFault kind) =>
        kind switch
        {
            DataFault.NotJson => "parts that are not JSON",
            DataFault.Truncated => "files that end in the middle",
            DataFault.NotUtf8 => "texts that are not UTF-8",
            DataFault.MissingMember => "missing members",
            DataFault.WrongType => "values of a wrong kind",
            DataFault.DuplicateId => "ids or names that occur twice",
            DataFault.UnknownVideo => "annotations or results of videos or images that are not there",
            DataFault.UnknownCategory => "annotations of unknown categories",
            DataFault.EmptyVideo => "videos without a frame",
            DataFault.BadFileName => "names of pictures that lead out of their folder",
            DataFault.WrongLength => "lists of a wrong length",
            DataFault.BadBox => "boxes that are empty or outside their frame",
            DataFault.BadMask => "masks that are none",
            DataFault.MaskSize => "masks of another size than their frame",
            DataFault.MissingPicture => "pictures that are not there",
            DataFault.BadPicture => "pictures that cannot be read or have another size",
            _ => throw new UnreachableException(),
        };

    /// <summary>How many were left out, and the first of them.</summary>
    public static string Sentence(FaultCount count) => $"left out {count.Count}: {Name(count.Kind)}; the first: {count.First[0]}";
}
