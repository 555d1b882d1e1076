using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Motion.Contracts;
using Motion.DataSets;
using static TorchSharp.torch;

namespace Motion.Parity;

/// <summary>A case that was recognised, and where.</summary>
internal sealed record PlannedCase(OracleFolder Folder, ParityForm Form, ParityCase Case)
{
    public string Name => Folder.Label + Case.Name;

    public long Bytes => Case.Files.Sum(file => new FileInfo(file.Path).Length);
}

/// <summary>Which cases of which folders are recomputed.</summary>
/// <param name="Folders">All that were read, for what no case understands.</param>
/// <param name="Cases">In the order of the folders.</param>
/// <param name="IsWhole">Every case is among them: files of none are then not covered.</param>
internal sealed record ParityPlan(ImmutableArray<OracleFolder> Folders, ImmutableArray<PlannedCase> Cases, bool IsWhole)
{
    /// <summary>A file of the folders could not be read, and the plan speaks of all files.</summary>
    public bool HasDamage => IsWhole && Folders.Any(folder => folder.Files.Any(file => file is OracleFile.Damaged));
}

/// <summary>What a folder came to.</summary>
/// <param name="Findings">Quantity by quantity.</param>
/// <param name="NotCovered">Files, and parts of files, that no check understands.</param>
/// <param name="Asides">What only says how the references were made.</param>
/// <param name="Documents">Texts for people.</param>
/// <param name="Remarks">What somebody could do to have more checked.</param>
/// <param name="Cases">How many cases were recomputed.</param>
internal sealed record ParityOutcome(
    ImmutableArray<Finding> Findings,
    ImmutableArray<string> NotCovered,
    ImmutableArray<string> Asides,
    ImmutableArray<string> Documents,
    ImmutableArray<string> Remarks,
    int Cases
)
{
    public int Failed => Findings.Count(finding => !finding.Passes);

    /// <summary>Something was compared, and all of it agrees.</summary>
    public bool Passes => Failed == 0 && !Findings.IsEmpty;
}

/// <summary>Recomputes what a folder of reference numbers holds.</summary>
internal static class RunParity
{
    /// <summary>The cases of a folder and its subfolders.</summary>
    /// <param name="folders">From <see cref="OracleFolder.Read(string)"/>.</param>
    /// <param name="only">Part of a case's name, or a pattern with * and ?; null for all.</param>
    public static ParityPlan Plan(ImmutableArray<OracleFolder> folders, string? only) =>
        new(folders, Cases(folders, only), IsWhole: only is null);

    private static ImmutableArray<PlannedCase> Cases(ImmutableArray<OracleFolder> folders, string? only) =>
        [
            .. from folder in folders
            from form in ParityForms.All
            from found in form.Recognise(folder)
            let planned = new PlannedCase(folder, form, found)
            where only is null || Fits(planned.Name, only)
            select planned,
        ];

    /// <summary>Runs the cases one after the other.</summary>
    /// <param name="plan">The cases.</param>
    /// <param name="published">The weights that the machine has.</param>
    /// <param name="begin">Told before each case.</param>
    /// <param name="cancel">Ends the run between two cases.</param>
    public static ParityOutcome Run(ParityPlan plan, PublishedResnet published, Action<int> begin, CancellationToken cancel)
    {
        using var bench = new Workbench(published);
        var done = new List<(PlannedCase Case, Checks Checks)>();
        foreach (var (planned, index) in plan.Cases.Select((planned, index) => (planned, index)))
        {
            cancel.ThrowIfCancellationRequested();
            begin(index);
            var checks = new Checks(planned.Folder, planned.Name, bench);
            checks.Part(planned.Form.Name, () => planned.Case.Check(checks));
            done.Add((planned, checks));
        }

        var damaged =
            from folder in plan.Folders
            from file in folder.Files.OfType<OracleFile.Damaged>()
            where plan.IsWhole
            select new Finding(folder.Label + file.Name, "the file", file.Name, null, null, Passes: false, file.Problem);
        return new(
            [.. done.SelectMany(each => each.Checks.Findings), .. damaged],
            [
                .. plan.Folders.SelectMany(folder =>
                    Uncovered(
                        folder,
                        [.. done.Where(each => each.Case.Folder == folder)],
                        plan.IsWhole ? plan.Cases : Cases([folder], only: null)
                    )
                ),
            ],
            [
                .. done.SelectMany(each => each.Checks.Asides.Select(aside => each.Case.Folder.Label + aside))
                    .Distinct(StringComparer.Ordinal),
            ],
            [.. plan.Folders.SelectMany(folder => folder.Files.OfType<OracleFile.Document>().Select(file => folder.Label + file.Name))],
            [.. done.SelectMany(each => each.Checks.Remarks).Distinct(StringComparer.Ordinal)],
            done.Count
        );
    }

    /// <summary>What the cases that were run leave; a file that other cases read too is left to a run of them all.</summary>
    private static IEnumerable<string> Uncovered(
        OracleFolder folder,
        IReadOnlyList<(PlannedCase Case, Checks Checks)> done,
        ImmutableArray<PlannedCase> everything
    )
    {
        foreach (var file in folder.Files)
        {
            if (file is OracleFile.Document or OracleFile.Damaged)
                continue;
            var checks = done.Where(each => each.Case.Case.Files.Contains(file)).Select(each => each.Checks).ToList();
            var readers = everything.Count(planned => planned.Folder == folder && planned.Case.Files.Contains(file));
            if (readers == 0)
                yield return $"{folder.Label}{file.Name}: of no form that is understood";
            if (readers == 0 || readers > checks.Count)
                continue;

            foreach (var part in Parts(file, checks))
                yield return folder.Label + part;
        }
    }

    private static IEnumerable<string> Parts(OracleFile file, IReadOnlyList<Checks> checks)
    {
        bool Covers(string key) => checks.Any(each => each.Covers(file.Name, key));
        switch (file)
        {
            case OracleFile.Tensors tensors:
                foreach (var name in tensors.Shapes.Keys.Where(name => !Covers(name)))
                    yield return $"{file.Name}: {name}";
                break;
            case OracleFile.Json json:
                foreach (var path in UncoveredPaths(json.Root, "", Covers))
                    yield return $"{file.Name}: {(path.Length == 0 ? "all of it" : path)}";
                break;
            default:
                if (!Covers(""))
                    yield return $"{file.Name}: all of it";
                break;
        }
    }

    /// <summary>The highest places of a JSON below which nothing is covered.</summary>
    private static IEnumerable<string> UncoveredPaths(System.Text.Json.JsonElement element, string path, Func<string, bool> covers)
    {
        var leaves = JsonLeaves.Of(element, path).ToList();
        if (leaves.TrueForAll(leaf => covers(leaf)))
            return [];
        if (!leaves.Exists(leaf => covers(leaf)))
            return [path];
        var children =
            element.ValueKind == System.Text.Json.JsonValueKind.Object
                ? element.EnumerateObject().Select(member => (member.Name, member.Value))
                : element
                    .EnumerateArray()
                    .Select((item, i) => (Name: i.ToString(System.Globalization.CultureInfo.InvariantCulture), Value: item));
        return children.SelectMany(child => UncoveredPaths(child.Value, path.Length == 0 ? child.Name : $"{path}/{child.Name}", covers));
    }

    private static bool Fits(string name, string pattern) =>
        pattern.AsSpan().ContainsAny('*', '?')
            ? Regex.IsMatch(
                name,
                $"^{Regex.Escape(pattern).Replace("\\*", ".*", StringComparison.Ordinal).Replace("\\?", ".", StringComparison.Ordinal)}$",
                RegexOptions.NonBacktracking
            )
            : name.Contains(pattern, StringComparison.OrdinalIgnoreCase);
}
