using System.Collections.Immutable;
using Motion.Contracts;

namespace Motion.Pipeline.Tables;

/// <summary>A cell: what was published and what was measured, in percent.</summary>
/// <param name="Published">The paper's number.</param>
/// <param name="Measured">Of each seed that is done; -1 of COCO's numbers (nothing to measure) is left out.</param>
internal sealed record Cell(double Published, ImmutableArray<double> Measured)
{
    /// <summary>Mean over the seeds; null where there is none.</summary>
    public double? Mean => Measured.IsEmpty ? null : Measured.Average();

    /// <summary>Half the range over the seeds; null where there are not two.</summary>
    public double? Spread => Measured.Length < 2 ? null : (Measured.Max() - Measured.Min()) / 2;
}

internal sealed record FilledRow(RowSpec Row, ImmutableArray<Cell> Cells);

internal sealed record FilledTable(TableSpec Table, ImmutableArray<FilledRow> Rows);

/// <summary>The tables with what the runs have measured.</summary>
internal static class FillTables
{
    public static ImmutableArray<FilledTable> From(TableSet set, ImmutableArray<PlannedRun> runs) =>
        [.. set.Tables.Select(table => new FilledTable(table, [.. table.Rows.Select(row => Row(table, row, runs))]))];

    private static FilledRow Row(TableSpec table, RowSpec row, ImmutableArray<PlannedRun> runs)
    {
        var stats = runs.Where(run => run.Name == row.Run).Select(run => run.Stats(table.Of)).OfType<ImmutableArray<double>>().ToArray();
        return new(
            row,
            [
                .. table.Columns.Select(
                    (column, index) =>
                        new Cell(
                            row.Published[index],
                            [.. stats.Select(numbers => numbers[(int)column]).Where(number => number >= 0).Select(number => 100 * number)]
                        )
                ),
            ]
        );
    }
}
