using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>An object of a clip as tools hold it: a class and boxes.</summary>
/// <param name="Id">In the whole set.</param>
/// <param name="Number">In its clip.</param>
/// <param name="Class">Index of its category.</param>
/// <param name="Name">The category's name.</param>
/// <param name="IsCrowd">A group, or to ignore.</param>
/// <param name="Boxes">By rising frames; at least one.</param>
internal sealed record TrackBoxes(
    long Id,
    long Number,
    int Class,
    string Name,
    bool IsCrowd,
    IReadOnlyList<(int Frame, StatedCorners Corners)> Boxes
);

/// <summary>A clip as tools hold it.</summary>
/// <param name="Of">The clip.</param>
/// <param name="Annotated">Frames of which all boxes are known, rising.</param>
/// <param name="Tracks">Its objects.</param>
internal sealed record ClipBoxes(SetVideo Of, IReadOnlyList<int> Annotated, IReadOnlyList<TrackBoxes> Tracks)
{
    /// <summary>The boxes by frames.</summary>
    public ILookup<int, (TrackBoxes Track, StatedCorners Corners)> ByFrame() =>
        Tracks
            .SelectMany(track => track.Boxes.Select(box => (box.Frame, track, box.Corners)))
            .ToLookup(one => one.Frame, one => (one.track, one.Corners));
}

/// <summary>What the writers of tools' forms share: the boxes of a clip at a time, and the count of what their form loses.</summary>
internal static class ToolBoxes
{
    private const int Decimals = 6; // of a pixel: what readers of exports keep

    /// <summary>Goes through the clips; what the target cannot hold is counted on the way.</summary>
    public static DecodeError? Each(Conversion work, Func<ClipBoxes, DecodeError?> use)
    {
        var (set, to) = (work.Set, work.Options.To);
        if (set.Categories.Select(category => Unfit(work, category)).FirstOrDefault(problem => problem is not null) is { } unfit)
        {
            return unfit;
        }

        work.Tally.Lose(FormHolds.Lost(SetPart.Ids));
        var used = new bool[set.Categories.Length];
        var error = JsonOutput.Error(
            set.ByVideo(
                (video, tracks) =>
                {
                    work.Progress?.Invoke(video, set.Videos.Length);
                    var clip = Clip(work, video, tracks);
                    var seen = new HashSet<int>();
                    foreach (var track in clip.Tracks)
                    {
                        used[track.Class] = true;
                        seen.UnionWith(track.Boxes.Select(box => box.Frame));
                        Lose(work, SetPart.Tracks, track.Boxes.Count > 1 ? 1 : 0);
                        Lose(work, SetPart.Crowds, track.IsCrowd ? 1 : 0);
                    }

                    Lose(work, SetPart.EmptyFrames, clip.Annotated.Count(frame => !seen.Contains(frame)));
                    Lose(work, SetPart.UnannotatedFrames, clip.Of.Frames - clip.Annotated.Count);
                    return use(clip);
                },
                work.Tolerate,
                null
            )
        );
        Lose(work, SetPart.UnusedClasses, used.Count(one => !one));
        return error;
    }

    private static void Lose(Conversion work, SetPart part, long count) =>
        work.Tally.Lose(FormHolds.Lost(part), work.Options.To.Holds(part) ? 0 : count);

    private static ClipBoxes Clip(Conversion work, int video, IReadOnlyList<TrackView> tracks)
    {
        var clip = new List<TrackBoxes>();
        foreach (var track in tracks)
        {
            var boxes = new List<(int, StatedCorners)>();
            foreach (var frame in track.Told)
            {
                work.Tally.Lose(FormHolds.Lost(SetPart.Masks), track.MaskAt(frame) is null ? 0 : 1);
                work.Tally.Lose(FormHolds.Lost(SetPart.Areas), track.AreaAt(frame) is null ? 0 : 1);
                if (track.Seen(frame) is { } box)
                {
                    var corners = StatedCorners.Of(box);
                    work.Tally.Lose($"digits of boxes beyond the {Decimals}th of a pixel", corners.Rounded(Decimals) == corners ? 0 : 1);
                    boxes.Add((frame, corners));
                }
            }

            if (boxes.Count > 0)
            {
                work.Tally.Instances++;
                work.Tally.Boxes += boxes.Count;
                clip.Add(
                    new TrackBoxes(
                        track.Id,
                        track.Number ?? track.Id,
                        track.Category,
                        work.Set.Categories[track.Category].Name,
                        track.IsCrowd,
                        boxes
                    )
                );
            }
        }

        var of = work.Set.Videos[video];
        return new ClipBoxes(
            of,
            work.Set.AnnotatedFrames is { } known ? [.. known(video).Order()] : [.. Enumerable.Range(0, of.Frames)],
            clip
        );
    }

    /// <summary>
    /// Names of classes are lines, fields and attributes: no form of the tools keeps blanks at their ends, or line breaks.
    /// </summary>
    private static DecodeError.BadAnnotation? Unfit(Conversion work, SetCategory category) =>
        category.Name.Trim().Length > 0
        && category.Name.Trim() == category.Name
        && !category.Name.Any(char.IsControl)
        && !category.Name.Any(letter => letter is '\uFFFE' or '\uFFFF')
            ? null
            : new DecodeError.BadAnnotation(
                work.Set.Path,
                $"category {category.Id}",
                $"the name {BoxRows.Show(category.Name)} is empty, begins or ends with a blank or has a control character, which the target does not keep",
                "Rename the class."
            );

    /// <summary>Writes a clip as a file where there is one, and a folder of CLIP and an ending where there are several.</summary>
    public static DecodeError? ClipByClip(Conversion work, string ending, Func<ClipBoxes, Stream, DecodeError?> write)
    {
        if (work.Set.Videos.Length == 1)
        {
            return WholeOutput.Write(work.Path, stream => Each(work, clip => write(clip, stream)));
        }

        return FolderOutput.Write(
            work,
            work.Set.Videos.Select(video => new PlacedFile(video.Name + ending, $"video {video.Name} (id {video.Id})")),
            folder => Each(work, clip => WholeOutput.Write(Path.Combine(folder, clip.Of.Name + ending), stream => write(clip, stream)))
        );
    }
}
