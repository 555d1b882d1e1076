using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>What a box must be: proper, and inside the frame, but for a pixel that tools round outwards.</summary>
internal static class BoxRule
{
    private const float Overhang = 1; // pixels

    /// <summary>What is wrong with a box, and what to do; null where nothing is.</summary>
    /// <param name="box">In pixels of the original frame; finite.</param>
    /// <param name="size">Of the original frame.</param>
    /// <param name="clipBoxes">Whether boxes may reach over the border.</param>
    public static (string Text, string Remedy)? Problem(Box box, Size2 size, bool clipBoxes)
    {
        if (!box.IsProper)
        {
            return (
                $"the box {Show(box)} is empty: x2 must exceed x1, and y2 y1",
                "Correct it, or leave it out. Corners are x1,y1,x2,y2, not x,y,width,height."
            );
        }

        if (size == default)
        {
            return null; // a box file alone does not say how large its frames are
        }

        if (!box.Clip(size).IsProper)
        {
            return (
                $"the box {Show(box)} lies outside the frame of {size}",
                "Boxes are in pixels of the original frame; correct it, or leave it out."
            );
        }

        var within = box.X1 >= -Overhang && box.Y1 >= -Overhang && box.X2 <= size.Width + Overhang && box.Y2 <= size.Height + Overhang;
        return within || clipBoxes
            ? null
            : (
                $"the box {Show(box)} reaches over the border of the frame of {size}",
                "Boxes are in pixels of the original frame; to cut such boxes at the border set clipBoxes: true."
            );
    }

    private static string Show(Box box) => $"({box.X1}, {box.Y1}, {box.X2}, {box.Y2})";
}
