using Motion.Contracts;
using Motion.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Forward;

/// <summary>One level of a feature pyramid: its size in cells and its stride in pixels.</summary>
public readonly record struct PyramidLevel(Size2 Size, int Stride)
{
    public long Cells => Size.Area;
}

/// <summary>Where in the picture the cells of a feature map look.</summary>
public static class Locations
{
    /// <summary>Centres of all cells, row-major: x = stride*column + stride/2, y = stride*row + stride/2 (integer division).</summary>
    /// <returns>float32 [h*w, 2], (x, y) in pixels.</returns>
    public static Tensor Of(PyramidLevel level, Device device)
    {
        using var scope = NewDisposeScope();
        var (height, width) = (level.Size.Height, level.Size.Width);
        var x = Held.Range(0, width, ScalarType.Float32, device).Times(level.Stride).Plus(level.Stride / 2); // [w]
        var y = Held.Range(0, height, ScalarType.Float32, device).Times(level.Stride).Plus(level.Stride / 2); // [h]
        var grid = stack([x.unsqueeze(0).expand(height, width), y.unsqueeze(1).expand(height, width)], 2); // [h, w, 2]
        return grid.reshape(level.Cells, 2).MoveToOuterDisposeScope(); // [h*w, 2]
    }

    /// <summary>Centres of all levels, one after the other.</summary>
    /// <returns>float32 [M, 2], M the sum of the levels' cells.</returns>
    public static Tensor Of(IReadOnlyList<PyramidLevel> levels, Device device)
    {
        using var scope = NewDisposeScope();
        return Joins.Cat([.. levels.Select(level => Of(level, device))], 0).MoveToOuterDisposeScope();
    }
}
