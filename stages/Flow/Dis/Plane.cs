using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Motion.Contracts;

namespace Motion.Flow;

/// <summary>
/// One channel of a picture, or one quantity at each of its pixels, with room on all sides so that what lies next to a pixel can be read
/// without asking where it is.
/// </summary>
/// <remarks>
/// Float32 in rows; a row begins <see cref="Border"/> values before its first pixel and ends at least as many after its last. What stands
/// there is finite: zero, or the edge repeated (<see cref="Extend"/>).
/// </remarks>
internal sealed class Plane
{
    /// <summary>Values that a row has beyond its pixels on each side, and rows above and below.</summary>
    public const int Border = 16;

    /// <summary>Values that are worked on at once.</summary>
    public const int Lanes = 8;

    private readonly float[] _values;
    private readonly int _stride;

    /// <summary>All zero.</summary>
    public Plane(Size2 size)
    {
        Size = size;
        _stride = ((size.Width + Lanes - 1) / Lanes * Lanes) + (2 * Border);
        _values = new float[_stride * (size.Height + (2 * Border))];
    }

    public Size2 Size { get; }

    public int Height => Size.Height;

    public int Width => Size.Width;

    /// <summary>A row with its border: the pixel (y, x) is at index x + <see cref="Border"/>.</summary>
    /// <param name="y">-<see cref="Border"/> up to Height + <see cref="Border"/>, exclusive.</param>
    public Span<float> Row(int y) => _values.AsSpan((y + Border) * _stride, _stride);

    /// <summary>The pixels of a row, without its border.</summary>
    public Span<float> Pixels(int y) => Row(y).Slice(Border, Width);

    /// <summary>Eight values of a row from pixel x on.</summary>
    /// <remarks>Unchecked but in debug builds: x is -<see cref="Border"/> up to Width + <see cref="Border"/> - 8.</remarks>
    public static Vector256<float> At(ReadOnlySpan<float> row, int x)
    {
        Debug.Assert(x >= -Border && x + Border + Lanes <= row.Length, "outside of the row");
        return Vector256.LoadUnsafe(ref MemoryMarshal.GetReference(row), (nuint)(x + Border));
    }

    /// <summary>Eight values into a row from pixel x on; beyond the picture's last pixel they land in the border.</summary>
    /// <remarks>As <see cref="At"/>.</remarks>
    public static void Put(Vector256<float> values, Span<float> row, int x)
    {
        Debug.Assert(x >= -Border && x + Border + Lanes <= row.Length, "outside of the row");
        values.StoreUnsafe(ref MemoryMarshal.GetReference(row), (nuint)(x + Border));
    }

    /// <summary>The value between pixels, bilinear; beyond the picture that of its edge.</summary>
    /// <param name="x">Columns, 0 in the middle of the first pixel.</param>
    /// <param name="y">Rows.</param>
    public float Sample(float x, float y)
    {
        x = Math.Clamp(x, 0, Width - 1);
        y = Math.Clamp(y, 0, Height - 1);
        var (left, top) = ((int)x, (int)y);
        var (fx, fy) = (x - left, y - top);
        var upper = Row(top).Slice(left + Border, 2);
        var lower = Row(top + 1).Slice(left + Border, 2);
        var (above, below) = (upper[0] + (fx * (upper[1] - upper[0])), lower[0] + (fx * (lower[1] - lower[0])));
        return above + (fy * (below - above));
    }

    /// <summary>
    /// Repeats the first and last pixel of each row into its border, and of the picture's first and last row into those above and below.
    /// </summary>
    public void Extend()
    {
        for (var y = 0; y < Height; y++)
        {
            var row = Row(y);
            row[..Border].Fill(row[Border]);
            row[(Border + Width)..].Fill(row[Border + Width - 1]);
        }

        for (var y = 1; y <= Border; y++)
        {
            Row(0).CopyTo(Row(-y));
            Row(Height - 1).CopyTo(Row(Height - 1 + y));
        }
    }
}
