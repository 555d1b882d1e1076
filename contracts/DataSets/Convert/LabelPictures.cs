using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>Annotation pictures: a pixel has one object. Where two overlap, the one with the lower number keeps it.</summary>
internal static class LabelPictures
{
    /// <summary>The objects that a picture can show: those with a mask somewhere. What is lost with the others is counted.</summary>
    public static List<TrackView> Known(Conversion work, IReadOnlyList<TrackView> tracks)
    {
        var known = tracks.Where(track => !track.Masks.Frames.IsEmpty).ToList();
        work.Tally.Lose("objects without any mask", tracks.Count - known.Count);
        work.Tally.Lose("marks of crowds", known.Count(track => track.IsCrowd));
        return known;
    }

    /// <summary>The picture of a frame: [H*W] row by row, 0 where nothing is.</summary>
    public static ushort[] Of(Conversion work, IReadOnlyList<TrackView> tracks, Dictionary<TrackView, int> numbers, int frame, Size2 size)
    {
        var labels = new ushort[size.Area];
        foreach (var track in tracks.OrderBy(track => numbers[track]))
        {
            if (track.Rle(frame) is not { } mask)
            {
                work.Tally.Lose("boxes without a mask", track.BoxAt(frame) is not null ? 1 : 0);
                continue;
            }

            var bounds = Rles.Bounds(mask);
            work.Tally.Masks++;
            work.Tally.Boxes += bounds.IsEmpty ? 0 : 1;
            NotTight(work, track, frame, bounds);
            work.Tally.Lose("areas that are not those of their masks", track.AreaAt(frame) is { } area && area != Rles.Area(mask) ? 1 : 0);
            var pixels = Rles.Decode(mask);
            var overlap = 0L;
            for (var i = 0; i < pixels.Length; i++)
            {
                if (pixels[i] != 0)
                {
                    overlap += labels[i] != 0 ? 1 : 0;
                    labels[i] = labels[i] == 0 ? (ushort)numbers[track] : labels[i];
                }
            }

            work.Tally.Lose("pixels of an object behind another", overlap);
        }

        return labels;
    }

    /// <summary>Counts a box that a form loses since it has none beside its masks.</summary>
    public static void NotTight(Conversion work, TrackView track, int frame, RleBounds bounds) =>
        work.Tally.Lose(
            "boxes that are not the tight ones of their masks",
            track.BoxAt(frame) is { } box && box != new CocoBox(bounds.X, bounds.Y, bounds.Width, bounds.Height) ? 1 : 0
        );
}
