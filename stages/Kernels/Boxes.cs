using Motion.Contracts;

namespace Motion.Kernels;

/// <summary>Measures of boxes.</summary>
public static class Boxes
{
    /// <summary>Intersection over union in float32, as torchvision computes it; 0 where neither box has an area.</summary>
    public static float Iou(Box a, Box b)
    {
        var width = Math.Max(0f, Math.Min(a.X2, b.X2) - Math.Max(a.X1, b.X1));
        var height = Math.Max(0f, Math.Min(a.Y2, b.Y2) - Math.Max(a.Y1, b.Y1));
        var intersection = width * height;
        var union = a.Area + b.Area - intersection;
        return union > 0 ? intersection / union : 0;
    }

    /// <summary>The box in a mirror: x becomes width - x.</summary>
    public static Box FlipHorizontal(Box box, int width) => new(width - box.X2, box.Y1, width - box.X1, box.Y2);
}
