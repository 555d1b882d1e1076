using System.Collections.Immutable;
using Motion.Contracts;

namespace Motion.Runner.Folders;

/// <summary>
/// What the report says about the run beside its results. Kept as a file, so that a report in a process of its own has it too.
/// </summary>
internal sealed record Facts(ImmutableArray<KeyValuePair<string, string>> Values, ImmutableArray<string> Notes)
{
    public static void Write(Facts facts, string path) => SealedJson.Write(path, facts);

    /// <exception cref="DamagedFile">It is not what was written.</exception>
    public static Facts Read(string path) => File.Exists(path) ? SealedJson.Read<Facts>(path) : new([], []);

    public static void WriteCatalogue(Catalogue catalogue, string path) => SealedJson.Write(path, catalogue);

    /// <exception cref="DamagedFile">It is not what was written.</exception>
    public static Catalogue ReadCatalogue(string path) => SealedJson.Read<Catalogue>(path);
}
