using System.Collections.Immutable;

namespace Motion.Forward;

/// <summary>
/// A positive location: its row in the flattened order, its image, its box (counted through the batch), and how sure the head is of it.
/// </summary>
internal readonly record struct Positive(long Row, int Image, int Box, float Score);

/// <summary>Which positive locations learn masks.</summary>
internal static class InstanceSelection
{
    /// <summary>
    /// Each image's budget is shared equally by the boxes that have positives (at least one each); a box with more keeps those of the
    /// highest score, in that order, a box with no more keeps all, in theirs. Images and boxes ascend.
    /// </summary>
    /// <param name="positives">In the flattened order.</param>
    /// <param name="perImage">The budget; AdelaiDet's TOPK_PROPOSALS_PER_IM.</param>
    public static ImmutableArray<Positive> TopPerImage(IReadOnlyList<Positive> positives, int perImage) =>
        [
            .. from image in positives.GroupBy(positive => positive.Image)
            orderby image.Key
            let boxes = image.GroupBy(positive => positive.Box).OrderBy(box => box.Key).ToArray()
            let share = Math.Max(perImage / boxes.Length, 1)
            from box in boxes
            let all = box.ToArray()
            from chosen in all.Length > share ? all.OrderByDescending(positive => positive.Score).Take(share) : all
            select chosen,
        ];
}
