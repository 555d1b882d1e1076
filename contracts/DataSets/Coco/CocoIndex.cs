using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>An image or a video of an annotation file.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Size">Height and width; null where the file does not say.</param>
/// <param name="Frames">Frames of a video; 0 for an image.</param>
public sealed record CocoUnit(long Id, Size2? Size, int Frames);

/// <summary>A category of an annotation file.</summary>
public sealed record CocoCategory(long Id, string Name);

/// <summary>The images (or videos) and categories of an annotation file, each in ascending order of their ids: what indices mean.</summary>
public sealed class CocoIndex
{
    private readonly FrozenDictionary<long, int> _units;
    private readonly FrozenDictionary<long, int> _categories;

    /// <summary>From both lists, in any order; ids are unique.</summary>
    public CocoIndex(IEnumerable<CocoUnit> units, IEnumerable<CocoCategory> categories)
    {
        Units = [.. units.OrderBy(unit => unit.Id)];
        Categories = [.. categories.OrderBy(category => category.Id)];
        _units = Units.Select((unit, i) => KeyValuePair.Create(unit.Id, i)).ToFrozenDictionary();
        _categories = Categories.Select((category, i) => KeyValuePair.Create(category.Id, i)).ToFrozenDictionary();
    }

    public ImmutableArray<CocoUnit> Units { get; }

    public ImmutableArray<CocoCategory> Categories { get; }

    /// <summary>Index of an image or video, or -1.</summary>
    public int UnitOf(long id) => _units.GetValueOrDefault(id, -1);

    /// <summary>Index of a category, or -1.</summary>
    public int CategoryOf(long id) => _categories.GetValueOrDefault(id, -1);
}

/// <summary>Reads images, videos and categories as they come by.</summary>
internal sealed class CocoIndexReading(Sieve sieve)
{
    private const int MostSide = (1 << 16) - 1;

    private readonly Dictionary<long, CocoCategory> _categories = [];
    private byte[] _scratch = new byte[256];

    public Dictionary<long, CocoUnit> Units { get; } = [];

    public CocoIndex ToIndex() => new(Units.Values, _categories.Values);

    /// <summary>An element of images or videos.</summary>
    public void ReadUnit(ref JsonTokens tokens, string array, int index)
    {
        var entry = Read(ref tokens);
        var problem = entry.Problem
            ?? (entry.Id is null ? Missing("id")
            : entry.Height is null != entry.Width is null ? Missing(entry.Height is null ? "height" : "width")
            : Units.ContainsKey(entry.Id.Value) ? Twice("images or videos", entry.Id.Value)
            : null);
        if (problem is not null)
        {
            sieve.Refuse(CocoDocument.PlaceOf(array, index), entry.Id is { } id ? $"id {id}" : null, problem);
            return;
        }

        Units.Add(entry.Id!.Value, new CocoUnit(entry.Id.Value, entry.Height is { } height ? new Size2(height, entry.Width!.Value) : null, entry.Frames));
    }

    /// <summary>An element of categories.</summary>
    public void ReadCategory(ref JsonTokens tokens, string array, int index)
    {
        var entry = Read(ref tokens);
        var problem = entry.Problem ?? (entry.Id is null ? Missing("id") : _categories.ContainsKey(entry.Id.Value) ? Twice("categories", entry.Id.Value) : null);
        if (problem is not null)
        {
            sieve.Refuse(CocoDocument.PlaceOf(array, index), entry.Id is { } id ? $"id {id}" : null, problem);
            return;
        }

        _categories.Add(entry.Id!.Value, new CocoCategory(entry.Id.Value, entry.Name ?? $"category {entry.Id}"));
    }

    public static ItemProblem Missing(string member) => new("items that lack a member", "", $"the member \"{member}\" is missing", "Add it.");

    public static ItemProblem Twice(string what, long id) => new("ids that come twice", ".id", $"two {what} have the id {id}", "Give each its own.");

    private sealed class Entry
    {
        public long? Id { get; set; }

        public int? Height { get; set; }

        public int? Width { get; set; }

        public int Frames { get; set; }

        public string? Name { get; set; }

        public ItemProblem? Problem { get; set; }
    }

    private Entry Read(ref JsonTokens tokens)
    {
        var entry = new Entry();
        if (tokens.Type != JsonTokenType.StartObject)
        {
            Expected(ref tokens, entry, "", "an object");
            return entry;
        }

        while (tokens.Read() && tokens.Type == JsonTokenType.PropertyName)
        {
            ReadMember(ref tokens, entry);
            if (tokens.TakeBadText())
            {
                entry.Problem ??= new ItemProblem("texts that are not UTF-8", "", "a text is not UTF-8", "Save the file as UTF-8, or export it again.");
            }
        }

        return entry;
    }

    private void ReadMember(ref JsonTokens tokens, Entry entry)
    {
        var name = Encoding.UTF8.GetString(tokens.Name);
        tokens.Read();
        switch (name)
        {
            case "id" when tokens.TryWhole(out var id):
                entry.Id = id;
                break;
            case "height" when tokens.TryWhole(out var height) && height is >= 0 and <= MostSide:
                entry.Height = (int)height;
                break;
            case "width" when tokens.TryWhole(out var width) && width is >= 0 and <= MostSide:
                entry.Width = (int)width;
                break;
            case "height" or "width" when tokens.Type == JsonTokenType.Null:
                break;
            case "id" or "height" or "width":
                Expected(ref tokens, entry, $".{name}", name == "id" ? "a whole number" : $"0 to {MostSide} pixels");
                break;
            case "name" when tokens.Type == JsonTokenType.String:
                entry.Name = tokens.TryText(ref _scratch, out var text) ? Encoding.UTF8.GetString(text) : null;
                break;
            case "file_names" when tokens.Type == JsonTokenType.StartArray:
                entry.Frames = CountOf(ref tokens);
                break;
            default:
                tokens.Skip();
                break;
        }
    }

    private static int CountOf(ref JsonTokens tokens)
    {
        var count = 0;
        for (; tokens.Read() && tokens.Type != JsonTokenType.EndArray; count++)
        {
            tokens.Skip();
        }

        return count;
    }

    private static void Expected(ref JsonTokens tokens, Entry entry, string path, string what)
    {
        entry.Problem ??= new ItemProblem("values of the wrong kind", path, $"expected {what}, got {tokens.Show()}", "Correct it.");
        tokens.Skip();
    }
}
