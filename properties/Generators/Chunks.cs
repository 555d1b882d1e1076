using System.Buffers;

namespace Motion.Properties.Generators;

/// <summary>Bytes in pieces, as a pipe delivers them.</summary>
public static class Chunks
{
    /// <summary>The same bytes as a sequence of segments of the given sizes, repeated until all is covered.</summary>
    public static ReadOnlySequence<byte> Split(ReadOnlyMemory<byte> bytes, params int[] sizes)
    {
        var first = new Segment(ReadOnlyMemory<byte>.Empty, null);
        var last = first;
        var start = 0;
        for (var i = 0; start < bytes.Length; i++)
        {
            var size = Math.Min(Math.Max(1, sizes[i % sizes.Length]), bytes.Length - start);
            last = new Segment(bytes.Slice(start, size), last);
            start += size;
        }

        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private sealed class Segment : ReadOnlySequenceSegment<byte>
    {
        public Segment(ReadOnlyMemory<byte> memory, Segment? previous)
        {
            Memory = memory.ToArray(); // memory of its own: reading past its end is a fault, not the neighbour's byte
            if (previous is not null)
            {
                RunningIndex = previous.RunningIndex + previous.Memory.Length;
                previous.Next = this;
            }
        }
    }
}
