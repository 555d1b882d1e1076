namespace Motion.Runner.Running;

/// <summary>
/// How long one more takes: the median of the last few, and nothing before there are a few. What comes once (the first frames' flow, the
/// first use of every kernel) is not taken for what is usual.
/// </summary>
internal sealed class Pace
{
    private const int Fewest = 4;
    private const int Remembered = 64;
    private readonly Lock _gate = new();
    private readonly Queue<double> _each = [];
    private (long Done, double Seconds)? _last;

    /// <summary>So many are done at that time; called again and again, with what has grown or has not.</summary>
    public void Seen(long done, double seconds)
    {
        lock (_gate)
        {
            if (_last is { } last && done > last.Done)
            {
                for (var n = last.Done; n < Math.Min(done, last.Done + Remembered); n++)
                    _each.Enqueue((seconds - last.Seconds) / (done - last.Done));
                while (_each.Count > Remembered)
                    _each.Dequeue();
            }

            if (done > 0 && (_last is null || done > _last.Value.Done))
                _last = (done, seconds);
        }
    }

    /// <summary>Seconds; null while nobody can know.</summary>
    public double? SecondsEach
    {
        get
        {
            lock (_gate)
            {
                if (_each.Count < Fewest)
                    return null;
                var sorted = _each.Order().ToArray();
                return sorted[sorted.Length / 2];
            }
        }
    }
}
