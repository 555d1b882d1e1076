using System.Text.RegularExpressions;
using Motion.Properties.Verify;
using Xunit;

namespace Motion.Properties.House;

/// <summary>What the house asks of its sources and the compiler does not see (CONTRIBUTING.md).</summary>
public sealed partial class SourceTests
{
    private static readonly string[] Product = ["contracts", "stages", "pipeline", "properties/Parity"];

    /// <summary>
    /// Whoever needs a file that grows, or one that is read again while it does, opens a stream and says how; whole files have one writer.
    /// </summary>
    [SourceFact]
    public void WholeFiles_OfTheProduct_AreWrittenByWholeFile() =>
        Assert.Empty(
            from folder in Product
            from file in Sources(folder)
            where !file.EndsWith("contracts/Prelude/WholeFile.cs", StringComparison.Ordinal)
            from past in PastIt().Matches(File.ReadAllText(Path.Combine(SourceFactAttribute.Root!, file)))
            select $"{file}: {past.Value} leaves half a file where it is interrupted; WholeFile.Write does not"
        );

    /// <summary>Paths from the root of the tree, of what is written by hand.</summary>
    private static IEnumerable<string> Sources(string folder) =>
        from path in Directory.EnumerateFiles(Path.Combine(SourceFactAttribute.Root!, folder), "*.cs", SearchOption.AllDirectories)
        let relative = Path.GetRelativePath(SourceFactAttribute.Root!, path).Replace('\\', '/')
        where !relative.Split('/').Any(part => part is "bin" or "obj" or ".build")
        orderby relative
        select relative;

    [GeneratedRegex(@"\bFile\.(WriteAll\w+|AppendAll\w+|Create|CreateText|OpenWrite|Copy|Move|Replace)\(|FileMode\.(Create|Truncate)\b")]
    private static partial Regex PastIt();
}
