using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>
/// Boxes as shares of the frame (0..1), as some tools write them. Taken for pixels they would all be specks in the corner, so a clip whose
/// boxes all lie within the first pixel is refused.
/// </summary>
internal static class SharesOfFrame
{
    private const string Rule = "all boxes lie within 0..1, as shares of the frame do, and boxes are in pixels of the original frame";
    private const string Remedy = "Multiply x by the width of the frame and y by its height.";

    /// <summary>What is wrong with a file of boxes; null where nothing is.</summary>
    public static DecodeError? Problem(BoxFile file) =>
        file
            .Boxes.GroupBy(box => box.Clip, StringComparer.Ordinal)
            .Where(clip =>
                clip.All(box => Within(box.Box.X2, box.Box.Y2))
                && clip.Any(box => IsBroken(box.Box.X1) || IsBroken(box.Box.Y1) || IsBroken(box.Box.X2) || IsBroken(box.Box.Y2))
            )
            .Select(clip => new DecodeError.BadAnnotation(
                file.Path,
                clip.First().Place,
                clip.Key is { } name ? $"of the clip {name}, {Rule}" : Rule,
                Remedy
            ))
            .FirstOrDefault();

    /// <summary>The same for annotations that pass one by one.</summary>
    internal sealed class Watch(string path)
    {
        private bool _others;
        private bool _broken;
        private string? _first;

        public void Add(TrackView track)
        {
            foreach (var frame in _others ? default : track.Boxes.Frames)
            {
                var box = track.Boxes[frame]!.Value;
                _others |= !Within(box.X + box.Width, box.Y + box.Height);
                _broken |= IsBroken(box.X) || IsBroken(box.Y) || IsBroken(box.Width) || IsBroken(box.Height);
                _first ??= $"{JsonElements.Place("annotations", track.Index)} (id {track.Id})";
            }
        }

        public DecodeError? Problem =>
            _others || !_broken || _first is null ? null : new DecodeError.BadAnnotation(path, _first, Rule, Remedy);
    }

    private static bool Within(double right, double bottom) => right <= 1.001 && bottom <= 1.001;

    private static bool IsBroken(double value) => value != Math.Floor(value);
}
