namespace Motion.Flow;

/// <summary>
/// Rows of a picture over threads. What is done to a row must not depend on what is done to another, so that any number of threads gives
/// the same bytes.
/// </summary>
internal static class Bands
{
    /// <summary>Below this many pixels a thread costs more than it brings.</summary>
    private const int WorthAThread = 1 << 14;

    /// <summary>Does something to each row.</summary>
    /// <param name="rows">How many there are.</param>
    /// <param name="pixelsPerRow">What a row costs, in pixels.</param>
    /// <param name="threads">At most so many threads, 1 or more.</param>
    /// <param name="work">Rows first .. last, exclusive.</param>
    public static void Over(int rows, int pixelsPerRow, int threads, Action<int, int> work)
    {
        var bands = (int)Math.Clamp((long)rows * pixelsPerRow / WorthAThread, 1, Math.Min(threads, Math.Max(1, rows)));
        if (bands == 1)
        {
            work(0, rows);
            return;
        }

        Parallel.For(
            0,
            bands,
            new ParallelOptions { MaxDegreeOfParallelism = threads },
            i => work((int)((long)rows * i / bands), (int)((long)rows * (i + 1) / bands))
        );
    }
}
