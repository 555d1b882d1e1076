using System.Collections.Immutable;
using Motion.Contracts;
using Motion.Runner.Yaml;

namespace Motion.Pipeline.Tables;

/// <summary>What a table measures.</summary>
internal enum Measured
{
    Masks,
    Boxes,
}

/// <summary>COCO's averages a column may show, in the order of its twelve numbers.</summary>
internal enum Average
{
    Ap,
    Ap50,
    Ap75,
    ApS,
    ApM,
    ApL,
}

/// <summary>A row: one run, and what was published for it.</summary>
/// <param name="Method">First column.</param>
/// <param name="Run">Name of the run's yaml in the folder, without its ending. Rows may share a run.</param>
/// <param name="Published">A number a column, in percent.</param>
/// <param name="Backbone">Second column, where the table has one.</param>
internal sealed record RowSpec(string Method, string Run, ImmutableArray<double> Published, string? Backbone = null);

/// <summary>A table.</summary>
internal sealed record TableSpec(string Name, string Title, Measured Of, ImmutableArray<Average> Columns, ImmutableArray<RowSpec> Rows);

/// <summary>A size at which the same runs are made.</summary>
/// <param name="Note">What a reader of the tables must know.</param>
/// <param name="With">Yaml files, relative to the folder, laid over every run.</param>
/// <param name="Runs">Further files for single runs, laid on top.</param>
internal sealed record ScaleSpec(
    string Note = "",
    ImmutableArray<string>? With = null,
    ImmutableSortedDictionary<string, string>? Runs = null
)
{
    /// <summary>All files of a run.</summary>
    public ImmutableArray<string> Of(string run) =>
        [.. With ?? [], .. Runs is not null && Runs.TryGetValue(run, out var own) ? new[] { own } : []];
}

/// <summary>A folder of run yamls and the tables they fill: its tables.yaml.</summary>
internal sealed record TableSet(string Title, ImmutableArray<TableSpec> Tables, ImmutableSortedDictionary<string, ScaleSpec> Scales)
{
    public const string FileName = "tables.yaml";

    /// <summary>Runs in the order in which the tables first need them.</summary>
    public ImmutableArray<string> Runs =>
        [.. Tables.SelectMany(table => table.Rows).Select(row => row.Run).Distinct(StringComparer.Ordinal)];

    /// <summary>Reads FOLDER/tables.yaml; all that is wrong with it at once.</summary>
    public static Result<TableSet, ConfigErrors> Read(string folder)
    {
        var (file, problems) = (Path.Combine(folder, FileName), new Problems());
        string text;
        try
        {
            text = ReadYaml.TextOf(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            var problem = e is FileNotFoundException or DirectoryNotFoundException ? "there is no such file" : e.Message.TrimEnd('.');
            return ConfigErrors.Of([
                new(new(file, 0, 0), "", problem, "Name a folder with a tables.yaml; pipelines/paper has the paper's."),
            ]);
        }

        switch (ReadYaml.Document(text, file, problems))
        {
            case null:
                return problems.Errors;
            case Node.Map map:
                Bind.CheckKeys(map, "", Bind.KeysOf(typeof(TableSet)), problems);
                var set = Bind.Record<TableSet>(map, "", problems);
                if (!problems.Any)
                    Check(set, folder, map.Place, problems);
                return problems.Any ? problems.Errors : set;
            case var other:
                problems.Add(other.Place, "", $"got {other.Show()}", "Expected a map of title, tables, scales.");
                return problems.Errors;
        }
    }

    private static void Check(TableSet set, string folder, Place place, Problems problems)
    {
        foreach (var table in set.Tables)
        {
            foreach (var row in table.Rows.Where(row => row.Published.Length != table.Columns.Length))
            {
                problems.Add(
                    place,
                    $"tables {table.Name}",
                    $"the row {row.Method} has {row.Published.Length} published numbers for {table.Columns.Length} columns",
                    "Give one a column."
                );
            }
        }

        foreach (var run in set.Runs.Where(run => !File.Exists(Path.Combine(folder, $"{run}.yaml"))))
        {
            problems.Add(
                place,
                "tables",
                $"a row names the run {run}, but there is no {Path.Combine(folder, $"{run}.yaml")}",
                "Add that yaml, or change the row."
            );
        }
    }
}
