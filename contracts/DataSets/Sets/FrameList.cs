namespace Motion.DataSets;

/// <summary>An entry a frame, of which most may be nothing: memory is that of the entries that are something.</summary>
internal sealed class FrameList<T>
    where T : struct
{
    private readonly List<int> _frames = []; // rising
    private readonly List<T> _values = [];

    /// <summary>Frames that the list speaks of; 0 where it was not given.</summary>
    public int Count { get; private set; }

    /// <summary>Frames whose entry is something, rising.</summary>
    public ReadOnlySpan<int> Frames => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_frames);

    public T? this[int frame]
    {
        get => _frames.BinarySearch(frame) is >= 0 and var at ? _values[at] : null;
        set
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(frame, Count);
            var at = _frames.Count > 0 && frame <= _frames[^1] ? _frames.BinarySearch(frame) : ~_frames.Count;
            if (at >= 0)
            {
                _values[at] = value ?? throw new ArgumentNullException(nameof(value));
            }
            else if (value is { } some)
            {
                _frames.Insert(~at, frame);
                _values.Insert(~at, some);
            }
        }
    }

    /// <summary>The entry of the next frame.</summary>
    public void Add(T? entry)
    {
        if (entry is { } some)
        {
            _frames.Add(Count);
            _values.Add(some);
        }

        Count++;
    }

    /// <summary>Makes the list speak of so many frames, all of which are nothing yet.</summary>
    public void Begin(int frames) => Count = frames;

    public void Clear()
    {
        _frames.Clear();
        _values.Clear();
        Count = 0;
    }
}

/// <summary>Some of the frames of a video: a bit each where the video is short, otherwise memory as for those that are in it.</summary>
internal sealed class FrameSet(int frames)
{
    private const int Short = 1024;
    private readonly System.Collections.BitArray? _bits = frames <= Short ? new(frames) : null;
    private readonly HashSet<int> _frames = [];

    public int Count { get; private set; }

    public bool Contains(int frame) => _bits?[frame] ?? _frames.Contains(frame);

    public void Add(int frame)
    {
        if (_bits is null)
        {
            Count += _frames.Add(frame) ? 1 : 0;
        }
        else if (!_bits[frame])
        {
            (_bits[frame], Count) = (true, Count + 1);
        }
    }
}
