using System.Collections.Immutable;
using Motion.Contracts;

namespace Motion.Studio;

/// <summary>A key frame of an object: what a person said of it there.</summary>
/// <param name="Frame">From 0.</param>
/// <param name="Box">X1, Y1, X2, Y2 in pixels, right and bottom exclusive.</param>
/// <param name="Outside">Whether the object is gone from this frame on, up to its next key frame.</param>
internal sealed record Key(int Frame, ImmutableArray<double> Box, bool Outside = false);

/// <summary>An object of a video, as it was drawn.</summary>
/// <param name="Id">Within its video, from 1.</param>
/// <param name="Class">A word.</param>
/// <param name="Keys">By rising frames; at least one.</param>
internal sealed record Drawn(long Id, string Class, ImmutableArray<Key> Keys);

/// <summary>
/// Boxes between key frames, as CVAT makes them: corners go on straight lines, towards a key frame that is outside too; behind the last one
/// the box is held. Before its first key frame, and from one that is outside to the next, the object is not there.
/// </summary>
internal static class Between
{
    /// <summary>The box of an object in a frame; null where it is not there.</summary>
    public static ImmutableArray<double>? At(Drawn drawn, int frame)
    {
        var next = 0;
        while (next < drawn.Keys.Length && drawn.Keys[next].Frame <= frame)
        {
            next++;
        }

        if (next == 0 || drawn.Keys[next - 1] is { Outside: true })
        {
            return null;
        }

        var from = drawn.Keys[next - 1];
        if (next == drawn.Keys.Length || from.Frame == frame)
        {
            return from.Box;
        }

        var to = drawn.Keys[next];
        var share = (double)(frame - from.Frame) / (to.Frame - from.Frame);
        return [.. from.Box.Zip(to.Box, (a, b) => a + (share * (b - a)))];
    }

    /// <summary>
    /// The frames in which some box turns, appears or goes, and the boxes of all objects in each: what is between them lies on lines, so
    /// whoever reads them and joins boxes by lines has the same boxes in all frames.
    /// </summary>
    /// <param name="objects">Of one video.</param>
    /// <param name="frames">Of the video.</param>
    public static IEnumerable<(int Frame, ImmutableArray<(Drawn Object, ImmutableArray<double> Box)> Boxes)> Turns(
        IReadOnlyList<Drawn> objects,
        int frames
    )
    {
        if (objects.Count == 0)
        {
            yield break;
        }

        var turns = new SortedSet<int> { frames - 1 };
        foreach (var key in objects.SelectMany(one => one.Keys))
        {
            turns.Add(key.Frame);
            if (key is { Outside: true, Frame: > 0 })
            {
                turns.Add(key.Frame - 1);
            }
        }

        var first = objects.Min(one => one.Keys[0].Frame);
        foreach (var frame in turns.Where(frame => frame >= first && frame < frames))
        {
            yield return (frame, [.. from one in objects let box = At(one, frame) where box is not null select (one, box.Value)]);
        }
    }

    /// <summary>What is wrong with the objects of a video; null where nothing is.</summary>
    public static string? Problem(IReadOnlyList<Drawn> objects, int frames, Size2 size)
    {
        if (objects.Any(one => one is null))
        {
            return "One of the objects is null.";
        }

        if (objects.Count > MostObjects || objects.Sum(one => one.Keys.IsDefault ? 0L : one.Keys.Length) > MostKeys)
        {
            return $"A video has at most {MostObjects} objects and {MostKeys} key frames.";
        }

        if (objects.Select(one => one.Id).Distinct().Count() != objects.Count || objects.Any(one => one.Id is < 1 or > int.MaxValue))
        {
            return "Ids of objects are whole numbers from 1 on, each once.";
        }

        foreach (var one in objects)
        {
            if (one.Class is null || (!one.Keys.IsDefault && one.Keys.Any(key => key is null)))
            {
                return $"Object {one.Id}: a member of it is null.";
            }

            if (
                string.IsNullOrWhiteSpace(one.Class)
                || one.Class.Length > MostLetters
                || one.Class.Any(char.IsControl)
                || one.Class != one.Class.Trim()
            )
            {
                return $"Object {one.Id}: its class must be a word of at most {MostLetters} letters, without blanks at its ends.";
            }

            if (one.Keys.IsDefaultOrEmpty || one.Keys.Zip(one.Keys.Skip(1)).Any(pair => pair.First.Frame >= pair.Second.Frame))
            {
                return $"Object {one.Id}: it needs key frames, in rising order.";
            }

            if (one.Keys.FirstOrDefault(key => key.Frame < 0 || key.Frame >= frames) is { } beyond)
            {
                return $"Object {one.Id}: there is no frame {beyond.Frame}; the video has {frames}.";
            }

            if (one.Keys.FirstOrDefault(key => !Fits(key.Box, size)) is { } bad)
            {
                return $"Object {one.Id}: its box in frame {bad.Frame} must lie within {size.Width}x{size.Height} and have a width and a height.";
            }
        }

        return null;
    }

    private const int MostObjects = 1000;
    private const int MostKeys = 200_000;
    private const int MostLetters = 100;

    private static bool Fits(ImmutableArray<double> box, Size2 size) =>
        !box.IsDefault
        && box is [var x1, var y1, var x2, var y2]
        && box.All(double.IsFinite)
        && x1 >= 0
        && y1 >= 0
        && x2 <= size.Width
        && y2 <= size.Height
        && x2 - x1 >= 1
        && y2 - y1 >= 1;
}
