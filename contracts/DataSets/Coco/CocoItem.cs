using System.Text.Json;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>What of an item is read; the rest is passed over unseen.</summary>
[Flags]
internal enum Members
{
    Boxes = 1,
    Masks = 2,
    Tracks = 4,
}

/// <summary>
/// One annotation or result as it is written, in any order of its members: of images (image_id, bbox, segmentation) or of videos (video_id,
/// segmentations, areas). One object serves a whole file; each reading begins anew.
/// </summary>
internal sealed class CocoItem(Members wanted)
{
    private readonly CocoMaskText _masks = new();

    /// <summary>What is read of the items to come.</summary>
    public Members Wanted { get; set; } = wanted;

    public long? Id { get; private set; }

    /// <summary>image_id or video_id.</summary>
    public long? Unit { get; private set; }

    public long? Category { get; private set; }

    public double? Score { get; private set; }

    public double? Area { get; private set; }

    public bool IsCrowd { get; private set; }

    /// <summary>Null where it is not there or empty.</summary>
    public CocoBox? Box { get; private set; }

    /// <summary>Null where it is not there.</summary>
    public WrittenMask? Mask { get; private set; }

    /// <summary>One a frame; null where it is not there.</summary>
    public List<WrittenMask?>? Masks { get; private set; }

    public List<double?>? Areas { get; private set; }

    /// <summary>The first thing that is wrong.</summary>
    public ItemProblem? Problem { get; private set; }

    /// <summary>Reads the item at which the tokens stand, to its end, also where it is none.</summary>
    public void Read(ref JsonTokens tokens)
    {
        (Id, Unit, Category, Score, Area, IsCrowd, Box, Mask, Masks, Areas, Problem) = (null, null, null, null, null, false, null, null, null, null, null);
        if (tokens.Type != JsonTokenType.StartObject)
        {
            Expected(ref tokens, "", "an object");
            tokens.Skip();
            return;
        }

        while (tokens.Read() && tokens.Type == JsonTokenType.PropertyName)
        {
            ReadMember(ref tokens);
        }
    }

    private void ReadMember(ref JsonTokens tokens)
    {
        var path = "";
        switch (tokens.Name)
        {
            case [(byte)'i', (byte)'d']:
                Id = Whole(ref tokens, path = ".id");
                break;
            case var name when name.SequenceEqual("image_id"u8):
                Unit = Whole(ref tokens, path = ".image_id") ?? Unit;
                break;
            case var name when name.SequenceEqual("video_id"u8):
                Unit = Whole(ref tokens, path = ".video_id") ?? Unit;
                break;
            case var name when name.SequenceEqual("category_id"u8):
                Category = Whole(ref tokens, path = ".category_id");
                break;
            case var name when name.SequenceEqual("score"u8):
                Score = Number(ref tokens, path = ".score");
                break;
            case var name when name.SequenceEqual("area"u8):
                Area = Number(ref tokens, path = ".area");
                break;
            case var name when name.SequenceEqual("iscrowd"u8):
                IsCrowd = Flag(ref tokens, path = ".iscrowd");
                break;
            case var name when Wanted.HasFlag(Members.Boxes) && name.SequenceEqual("bbox"u8):
                Box = ReadBox(ref tokens, path = ".bbox");
                break;
            case var name when Wanted.HasFlag(Members.Masks) && name.SequenceEqual("segmentation"u8):
                tokens.Read();
                Mask = ReadMask(ref tokens, path = ".segmentation");
                break;
            case var name when Wanted.HasFlag(Members.Tracks) && name.SequenceEqual("segmentations"u8):
                Masks = ReadList(ref tokens, path = ".segmentations", ReadMask);
                break;
            case var name when Wanted.HasFlag(Members.Tracks) && name.SequenceEqual("areas"u8):
                Areas = ReadList(ref tokens, path = ".areas", NumberHere);
                break;
            default:
                tokens.Read();
                tokens.Skip();
                break;
        }

        if (tokens.TakeBadText())
        {
            Fail(new ItemProblem("texts that are not UTF-8", path, "a text is not UTF-8", "Save the file as UTF-8, or export it again."));
        }
    }

    private long? Whole(ref JsonTokens tokens, string path)
    {
        tokens.Read();
        if (tokens.TryWhole(out var value))
        {
            return value;
        }

        Expected(ref tokens, path, "a whole number");
        tokens.Skip();
        return null;
    }

    private double? Number(ref JsonTokens tokens, string path)
    {
        tokens.Read();
        return tokens.Type == JsonTokenType.Null ? null : NumberHere(ref tokens, path);
    }

    private double? NumberHere(ref JsonTokens tokens, string path)
    {
        if (tokens.TryNumber(out var value))
        {
            return value;
        }

        Expected(ref tokens, path, "a finite number");
        tokens.Skip();
        return null;
    }

    /// <summary>0, 1, true, false; any other number is true, as in Python.</summary>
    private bool Flag(ref JsonTokens tokens, string path)
    {
        tokens.Read();
        switch (tokens.Type)
        {
            case JsonTokenType.True:
                return true;
            case JsonTokenType.False or JsonTokenType.Null:
                return false;
            default:
                return NumberHere(ref tokens, path) is { } value && value != 0;
        }
    }

    private CocoBox? ReadBox(ref JsonTokens tokens, string path)
    {
        tokens.Read();
        if (tokens.Type == JsonTokenType.Null)
        {
            return null;
        }

        if (tokens.Type != JsonTokenType.StartArray)
        {
            Expected(ref tokens, path, "four numbers [x, y, width, height]");
            tokens.Skip();
            return null;
        }

        Span<double> four = stackalloc double[4];
        var count = 0;
        for (; tokens.Read() && tokens.Type != JsonTokenType.EndArray; count++)
        {
            var number = NumberHere(ref tokens, count < 4 ? $"{path}[{count}]" : path) ?? 0;
            four[Math.Min(count, 3)] = number;
        }

        if (count is not (0 or 4))
        {
            Fail(new ItemProblem("boxes that are none", path, $"a box is four numbers [x, y, width, height]; there are {count}", "Correct it."));
        }
        else if (!double.IsFinite(four[2] * four[3]))
        {
            Fail(new ItemProblem("boxes that are none", path, $"a box of {four[2]} by {four[3]} pixels has no finite area", "Correct it."));
        }

        return count == 4 ? new CocoBox(four[0], four[1], four[2], four[3]) : null;
    }

    private WrittenMask? ReadMask(ref JsonTokens tokens, string path)
    {
        if (tokens.Type == JsonTokenType.Null)
        {
            return null;
        }

        var (mask, problem) = _masks.Read(ref tokens, path);
        if (problem is not null)
        {
            Fail(problem);
        }

        return mask;
    }

    private delegate T? ReadEntry<T>(ref JsonTokens tokens, string path);

    /// <summary>A list with an entry a frame, null where the object is not seen.</summary>
    private List<T?>? ReadList<T>(ref JsonTokens tokens, string path, ReadEntry<T?> read)
        where T : struct
    {
        tokens.Read();
        if (tokens.Type != JsonTokenType.StartArray)
        {
            if (tokens.Type != JsonTokenType.Null)
            {
                Expected(ref tokens, path, "a list with an entry a frame");
                tokens.Skip();
            }

            return null;
        }

        var entries = new List<T?>();
        while (tokens.Read() && tokens.Type != JsonTokenType.EndArray)
        {
            entries.Add(tokens.Type == JsonTokenType.Null ? null : read(ref tokens, $"{path}[{entries.Count}]"));
        }

        return entries;
    }

    private void Expected(ref JsonTokens tokens, string path, string what) => Fail(new ItemProblem(
        "values of the wrong kind", path, $"expected {what}, got {tokens.Show()}", "Correct it."));

    private void Fail(ItemProblem problem) => Problem ??= problem;
}
