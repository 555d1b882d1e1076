using System.Collections.Immutable;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>Collects the boxes of an export; local to one reading.</summary>
internal sealed class BoxRows(string path)
{
    private const int MostBoxes = 1 << 21; // key frames can stand for any number of them
    private readonly List<StatedBox> _boxes = [];
    private readonly List<StatedFrame> _frames = [];
    private readonly HashSet<(string?, int)> _known = [];
    private readonly SortedDictionary<string, int> _passedOver = new(StringComparer.Ordinal);
    private ImmutableArray<string> _pictures = [];
    private long _alone = 1L << 41;

    /// <summary>An id for an object that is not followed: no other has it.</summary>
    public long Alone() => _alone++;

    /// <summary>Of a file that tells its frames by the names of pictures: each name's frame, in the order in which people count.</summary>
    public IReadOnlyDictionary<string, int> Pictures(IEnumerable<string> names)
    {
        _pictures = [.. names.Distinct(StringComparer.Ordinal).Order(CountingOrder.Files)];
        return _pictures.Index().ToDictionary(pair => pair.Item, pair => pair.Index, StringComparer.Ordinal);
    }

    /// <summary>Something of a kind that is no box.</summary>
    public void PassOver(string what) => _passedOver[what] = _passedOver.GetValueOrDefault(what) + 1;

    /// <summary>A frame of which all boxes are told.</summary>
    public void Frame(string? clip, int frame, string place)
    {
        if (_known.Add((clip, frame)))
        {
            _frames.Add(new StatedFrame(clip, frame, place));
        }
    }

    /// <summary>A box; the error where it is none, or one too many.</summary>
    public DecodeError? Box(string? clip, int frame, long id, string name, StatedCorners? corners, string place, bool isCrowd = false)
    {
        if (corners is not { } c)
        {
            return Wrong(place, "its corners are no pixels");
        }

        if (_boxes.Count == MostBoxes)
        {
            return Wrong(place, $"the boxes between key frames are more than {MostBoxes}");
        }

        Frame(clip, frame, place);
        _boxes.Add(new StatedBox(clip, frame, id, name, new Box((float)c.X1, (float)c.Y1, (float)c.X2, (float)c.Y2), c, isCrowd, place));
        return null;
    }

    /// <summary>A box in percent of its frame.</summary>
    public DecodeError? Percent(string? clip, int frame, long id, string name, TurnedBox box, string place) =>
        Box(clip, frame, id, name, box.AboutCorner(), place) is { } error ? error : Keep(box);

    /// <param name="form">Of which form the file is.</param>
    /// <param name="words">The same as people call it.</param>
    public BoxFile File(DataFormat form, string words) =>
        new(path, [], [.. _frames], [.. _boxes])
        {
            Form = form,
            Pictures = _pictures,
            Notes = [$"read as {words}", .. _passedOver.Select(kind => $"passed over {kind.Value} {kind.Key}, which are no boxes")],
        };

    /// <summary>A text of the file in a sentence, shortened.</summary>
    public static string Show(string? text) => text is null ? "nothing" : $"\"{(text.Length > 40 ? text[..40] + "..." : text)}\"";

    public DecodeError.BadAnnotation Wrong(string place, string problem, string remedy = "Correct it, or export it again.") =>
        new(path, place, problem, remedy);

    private DecodeError? Keep(TurnedBox box)
    {
        _boxes[^1] = _boxes[^1] with { Percent = box };
        return null;
    }
}
