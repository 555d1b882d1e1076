using System.Collections;

namespace TorchSharp;

public static partial class torch
{
    /// <summary>The sizes of a tensor, where TorchSharp takes them as one value.</summary>
    public readonly struct Size(long[] shape) : IEnumerable<long>
    {
        private readonly long[]? shape = shape;

        public Size(long size)
            : this([size]) { }

        public Size((long, long) size)
            : this([size.Item1, size.Item2]) { }

        public Size((long, long, long) size)
            : this([size.Item1, size.Item2, size.Item3]) { }

        public Size((long, long, long, long) size)
            : this([size.Item1, size.Item2, size.Item3, size.Item4]) { }

        public int Length => Shape.Length;

        internal long[] Shape => shape ?? [];

        public long this[int idx] => Shape[idx];

        public static implicit operator Size(long size) => new(size);

        public static implicit operator Size((long, long) size) => new(size);

        public static implicit operator Size((long, long, long) size) => new(size);

        public static implicit operator Size((long, long, long, long) size) => new(size);

        public long numel() => Shape.Aggregate(1L, (a, b) => a * b);

        public IEnumerator<long> GetEnumerator() => ((IEnumerable<long>)Shape).GetEnumerator();

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
