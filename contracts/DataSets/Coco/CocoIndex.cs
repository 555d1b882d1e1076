using System.Collections.Frozen;
using System.Collections.Immutable;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>An image or a video of an annotation file.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Size">Height and width; 0x0 where the file does not say.</param>
/// <param name="Frames">Frames of a video; 0 where the file does not say.</param>
public sealed record CocoUnit(long Id, Size2 Size, int Frames)
{
    internal Federated? Says { get; init; }

    /// <summary>
    /// Whether its file says more of categories than annotations do, as those of LVIS and TAO: then COCO's rules are not its own.
    /// </summary>
    public bool IsFederated => Says is not null;
}

/// <summary>A category of an annotation file.</summary>
public sealed record CocoCategory(long Id, string Name)
{
    /// <summary>Of LVIS and TAO: r, c or f; null where the file does not say.</summary>
    public string? Frequency { get; init; }
}

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

    /// <summary>Index of an image or video that is there.</summary>
    public int UnitOf(long id) => _units[id];

    /// <summary>Index of a category, or -1.</summary>
    public int CategoryOf(long id) => _categories.GetValueOrDefault(id, -1);
}
