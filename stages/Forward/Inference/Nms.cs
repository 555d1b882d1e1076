using Motion.Contracts;
using Motion.Kernels;

namespace Motion.Forward;

/// <summary>Non-maximum suppression.</summary>
public static class Nms
{
    /// <summary>
    /// Goes through the boxes by falling score and drops those that overlap a kept box of their class by more than <paramref
    /// name="threshold"/>.
    /// </summary>
    /// <param name="boxes">The candidates.</param>
    /// <param name="scores">One a box; equal scores keep their order.</param>
    /// <param name="classes">One a box; boxes of different classes never suppress each other.</param>
    /// <param name="threshold">IoU; exactly this much still passes.</param>
    /// <returns>Indices of the kept boxes, by falling score.</returns>
    /// <remarks>torchvision's batched_nms computed class by class, without its offsets, which cost up to 1e-4 of IoU.</remarks>
    public static int[] PerClass(IReadOnlyList<Box> boxes, IReadOnlyList<float> scores, IReadOnlyList<int> classes, double threshold)
    {
        var order = Enumerable.Range(0, boxes.Count).OrderByDescending(index => scores[index]).ToArray(); // LINQ's sort is stable
        var keptOfClass = new Dictionary<int, List<int>>();
        var kept = new List<int>();
        foreach (var index in order)
        {
            if (!keptOfClass.TryGetValue(classes[index], out var rivals))
            {
                keptOfClass.Add(classes[index], rivals = []);
            }

            if (rivals.TrueForAll(rival => Boxes.Iou(boxes[rival], boxes[index]) <= threshold))
            {
                rivals.Add(index);
                kept.Add(index);
            }
        }

        return [.. kept];
    }
}
