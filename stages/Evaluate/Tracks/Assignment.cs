namespace Motion.Evaluate;

/// <summary>Pairs of rows and columns with the greatest sum of gains.</summary>
/// <remarks>
/// Optimal, not greedy: where two alike objects pass each other, greedy linking gives the first pair its best and leaves the second with
/// nothing, though both could go on. A frame has a few dozen detections, so that the cube of it is nothing beside one forward pass. Kuhn
/// 1955, in the form with potentials and shortest augmenting paths (Jonker and Volgenant 1987).
/// </remarks>
internal static class Assignment
{
    /// <summary>
    /// Of each row its column, or -1. Only pairs with a gain above 0 are made, and no row is worse off for another's sake than the sum
    /// gains.
    /// </summary>
    /// <param name="gains">[rows, columns], finite, 0 or more.</param>
    public static int[] Best(double[,] gains)
    {
        // As many columns of gain 0 as there are rows: a row can always stay alone.
        var (rows, real) = (gains.GetLength(0), gains.GetLength(1));
        var columns = real + rows;
        double Cost(int row, int column) => column < real ? -gains[row, column] : 0;

        var (rowPotential, columnPotential) = (new double[rows + 1], new double[columns + 1]);
        var rowOf = new int[columns + 1]; // row of each column, from 1; 0 is none
        for (var row = 1; row <= rows; row++)
        {
            Augment(row, rowOf, rowPotential, columnPotential, Cost);
        }

        var best = new int[rows];
        Array.Fill(best, -1);
        for (var column = 1; column <= real; column++)
        {
            if (rowOf[column] is var row and > 0 && gains[row - 1, column - 1] > 0)
            {
                best[row - 1] = column - 1;
            }
        }

        return best;
    }

    /// <summary>Gives one more row a column, along the cheapest path of exchanges.</summary>
    private static void Augment(int start, int[] rowOf, double[] rowPotential, double[] columnPotential, Func<int, int, double> cost)
    {
        var columns = rowOf.Length - 1;
        var (least, from, visited) = (new double[columns + 1], new int[columns + 1], new bool[columns + 1]);
        Array.Fill(least, double.PositiveInfinity);
        rowOf[0] = start;
        var at = 0;
        while (rowOf[at] != 0)
        {
            visited[at] = true;
            var (row, delta, next) = (rowOf[at], double.PositiveInfinity, 0);
            for (var column = 1; column <= columns; column++)
            {
                if (visited[column])
                {
                    continue;
                }

                var reduced = cost(row - 1, column - 1) - rowPotential[row] - columnPotential[column];
                if (reduced < least[column])
                {
                    (least[column], from[column]) = (reduced, at);
                }

                if (least[column] < delta)
                {
                    (delta, next) = (least[column], column);
                }
            }

            for (var column = 0; column <= columns; column++)
            {
                if (visited[column])
                {
                    rowPotential[rowOf[column]] += delta;
                    columnPotential[column] -= delta;
                }
                else
                {
                    least[column] -= delta;
                }
            }

            at = next;
        }

        while (at != 0)
        {
            rowOf[at] = rowOf[from[at]];
            at = from[at];
        }
    }
}
