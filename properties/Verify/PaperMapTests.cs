using System.Collections.Immutable;
using System.Reflection;
using System.Text.RegularExpressions;
using Motion.Contracts;
using Motion.Flow;
using Motion.Loss;
using Motion.Pipeline.Stages;
using Motion.Runner.Folders;
using Motion.Runner.Yaml;
using Xunit;

namespace Motion.Properties.Verify;

/// <summary>What the pages about the method name is there: files, functions, settings, tests.</summary>
public sealed partial class PaperMapTests
{
    private static readonly ImmutableHashSet<string> Facts =
    [
        .. typeof(PaperMapTests)
            .Assembly.GetTypes()
            .SelectMany(type => type.GetMethods())
            .Where(method => method.GetCustomAttribute<FactAttribute>() is not null)
            .Select(method => method.Name),
        .. RecordedLaw.All.Select(law => law.Name),
    ];

    private static readonly ImmutableArray<Type> Types =
    [
        .. AppDomain
            .CurrentDomain.GetAssemblies()
            .Concat(
                typeof(RealStages)
                    .Assembly.GetReferencedAssemblies()
                    .Where(name => name.Name!.StartsWith("Motion.", StringComparison.Ordinal))
                    .Select(Assembly.Load)
            )
            .Where(assembly => assembly.GetName().Name!.StartsWith("Motion.", StringComparison.Ordinal))
            .Distinct()
            .SelectMany(assembly => assembly.GetTypes()),
    ];

    public static TheoryData<string> Pages => ["paper-map.md", "reproducing.md"];

    [SourceTheory]
    [MemberData(nameof(Pages))]
    public void Page_EveryNameInItsTables_IsThere(string page)
    {
        var unknown = Names(page).Where(name => !IsThere(name)).ToArray();
        Assert.True(unknown.Length == 0, $"docs/{page} names what is not there: {string.Join(", ", unknown)}");
    }

    [SourceFact]
    public void PaperMap_EveryRow_NamesAFunctionAndALawOrAnOracle()
    {
        Assert.True(Names("paper-map.md").Count() > 100);
        Assert.All(
            Rows("paper-map.md"),
            row =>
            {
                var names = Backquoted().Matches(row).Select(match => match.Groups[1].Value).ToArray();
                Assert.Contains(names, name => name.EndsWith(".cs", StringComparison.Ordinal) || IsFunction(name));
                Assert.Contains(names, Facts.Contains);
            }
        );
    }

    [Theory]
    [InlineData("Loss/NoSuchFile.cs")]
    [InlineData("no-such-run.yaml")]
    [InlineData("PairwiseLoss.NoSuchFunction")]
    [InlineData("loss.pairwise.noSuchSetting")]
    [InlineData("Same_NoSuchLaw_Holds")]
    public void Name_OfNothing_IsNotThere(string name) => Assert.False(IsThere(name));

    [SourceFact]
    public void Mistakes_EachInItsFile_StandExactlyOnce()
    {
        var blocks = File.ReadAllText(Path.Combine(SourceFactAttribute.Root!, "properties", "Mistakes", "mistakes.txt"))
            .Split("\n\n")
            .Where(block => !block.StartsWith('#'))
            .ToArray();
        Assert.True(blocks.Length >= 20);
        Assert.All(
            blocks,
            block =>
            {
                var lines = block.Trim().Split('\n');
                Assert.Equal(4, lines.Length);
                var source = File.ReadAllText(Path.Combine(SourceFactAttribute.Root!, lines[1]));
                Assert.Equal(2, source.Split(lines[2][2..]).Length);
                Assert.NotEqual(lines[2][2..], lines[3][2..]);
            }
        );
    }

    private static bool IsThere(string name) =>
        name.EndsWith(".cs", StringComparison.Ordinal) ? IsFile("stages", name) || IsFile("", name)
        : name.EndsWith(".yaml", StringComparison.Ordinal) ? IsFile("pipelines/paper", name)
        : name.Contains('_', StringComparison.Ordinal) ? Facts.Contains(name)
        : IsFunction(name) || IsSetting(name);

    private static bool IsFile(string folder, string name) =>
        SourceFactAttribute.Root is { } root && File.Exists(Path.Combine(root, folder, name));

    private static bool IsFunction(string name) =>
        name.Split('.') is [var type, var member]
        && char.IsUpper(type[0])
        && Types.Any(one =>
            one.Name == type
            && one.GetMember(member, BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.Instance).Length > 0
        );

    /// <summary>stage.option.option, as yaml spells it.</summary>
    private static bool IsSetting(string name)
    {
        var path = name.Split('.');
        var type = RealStages.Table.Kinds.FirstOrDefault(kind => kind.Name == path[0])?.Options;
        foreach (var key in path.Skip(1))
            type = type?.GetProperties().FirstOrDefault(property => Shape.Camel(property.Name) == key)?.PropertyType;
        return path.Length > 1 && type is not null;
    }

    /// <summary>What stands in backquotes in the tables and looks like a name: a file, Type.Member, stage.setting, A_Law_Holds.</summary>
    private static IEnumerable<string> Names(string page) =>
        Rows(page)
            .SelectMany(row => Backquoted().Matches(row))
            .Select(match => match.Groups[1].Value)
            .Where(name => NameLike().IsMatch(name))
            .Distinct();

    private static IEnumerable<string> Rows(string page) =>
        File.ReadLines(Path.Combine(SourceFactAttribute.Root!, "docs", page))
            .Where(line => line.StartsWith("| ", StringComparison.Ordinal) && !Heading().IsMatch(line));

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Backquoted();

    [GeneratedRegex(@"^([A-Za-z]+/[A-Za-z/0-9]+\.cs|[a-z0-9-]+\.yaml|[A-Za-z0-9]+(_[A-Za-z0-9]+)+|[A-Za-z0-9]+(\.[A-Za-z0-9]+)+)$")]
    private static partial Regex NameLike();

    [GeneratedRegex(@"^\| (the paper|mistake|law|[a-z ]+ \| AP)")]
    private static partial Regex Heading();
}

/// <summary>A fact about the source tree; skipped where only the built tests are.</summary>
public sealed class SourceFactAttribute : FactAttribute
{
    public SourceFactAttribute() => Skip = Root is null ? "the source tree is not here" : null;

    /// <summary>The folder with the solution above the tests; null where there is none.</summary>
    public static string? Root { get; } = Above(AppContext.BaseDirectory);

    private static string? Above(string? folder) =>
        folder is null ? null
        : File.Exists(Path.Combine(folder, "Motion.Pipeline.sln")) ? folder
        : Above(Path.GetDirectoryName(folder));
}

/// <summary>Likewise for several pages.</summary>
public sealed class SourceTheoryAttribute : TheoryAttribute
{
    public SourceTheoryAttribute() => Skip = SourceFactAttribute.Root is null ? "the source tree is not here" : null;
}
