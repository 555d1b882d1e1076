using System.Buffers;
using System.Collections.Immutable;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>
/// A mask as its compressed string, a quarter of the weight of its runs: what one holds of half a million masks. Many share one array of
/// letters, so that they are no objects to the garbage collector. Known to be a mask: only what has been checked is packed.
/// </summary>
public readonly struct PackedRle
{
    private readonly ReadOnlyMemory<byte> _letters;

    private PackedRle(Size2 size, ReadOnlyMemory<byte> letters) => (Size, _letters) = (size, letters);

    /// <summary>Height and width of the mask.</summary>
    public Size2 Size { get; }

    /// <summary>One mask in an array of its own.</summary>
    public static PackedRle Of(Rle mask)
    {
        var letters = new byte[mask.Counts.Length * Packing.MostLetters];
        return new(mask.Size, letters.AsMemory(0, Rles.WriteRuns(mask.Counts.AsSpan(), letters)));
    }

    /// <summary>The mask.</summary>
    public Rle Unpack()
    {
        var runs = ArrayPool<uint>.Shared.Rent(_letters.Length);
        var problem = Rles.ReadRuns(_letters.Span, runs, out var count);
        var mask = problem is null
            ? new Rle(Size, ImmutableArray.Create(runs.AsSpan(0, count)))
            : throw new InvalidOperationException(problem.Describe());
        ArrayPool<uint>.Shared.Return(runs);
        return mask;
    }

    /// <summary>Where masks are packed one behind the other. Local to one reading.</summary>
    public sealed class Packing
    {
        /// <summary>A run takes so many letters at most.</summary>
        public const int MostLetters = 7;

        private const int BlockBytes = 1 << 20;

        private byte[] _block = [];
        private int _used;

        /// <summary>Packs a mask whose runs fill it.</summary>
        /// <param name="counts">Its runs.</param>
        /// <param name="size">Its size.</param>
        /// <param name="letters">The same as a compressed string, where there is one already; else empty.</param>
        /// <returns>The mask, or what is wrong with it.</returns>
        public Result<PackedRle, RleError> Pack(ReadOnlySpan<uint> counts, Size2 size, ReadOnlySpan<byte> letters)
        {
            if (Rles.Problem(counts, size) is { } problem)
            {
                return new RleError.BadCounts(size, problem);
            }

            var room = letters.IsEmpty ? counts.Length * MostLetters : letters.Length;
            if (room > _block.Length - _used)
            {
                (_block, _used) = (new byte[Math.Max(room, BlockBytes)], 0);
            }

            var length = letters.IsEmpty ? Rles.WriteRuns(counts, _block.AsSpan(_used)) : letters.Length;
            letters.CopyTo(_block.AsSpan(_used));
            var packed = new PackedRle(size, _block.AsMemory(_used, length));
            _used += length;
            return packed;
        }
    }
}
