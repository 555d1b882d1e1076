using System.Collections.Immutable;
using System.Diagnostics;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>What the categories are.</summary>
public enum ClassNaming
{
    /// <summary>The classes that the data names; frames with masks but without objects.json have none: one category, object.</summary>
    FromFile,

    /// <summary>One category, object.</summary>
    Agnostic,

    /// <summary>The 40 categories of YouTube-VIS 2019; objects without one are left out.</summary>
    Ytvis,

    /// <summary>The 40 categories of YouTube-VIS 2021; objects without one are left out.</summary>
    Ytvis2021,
}

/// <summary>How classes are chosen.</summary>
/// <param name="Classes">What they are.</param>
/// <param name="Categories">With <see cref="ClassNaming.FromFile"/>: the names, in this order; empty for those that occur.</param>
internal readonly record struct ClassChoice(ClassNaming Classes, ImmutableArray<string> Categories)
{
    /// <summary>Those that the data names.</summary>
    public static ClassChoice FromFile { get; } = new(ClassNaming.FromFile, []);
}

/// <summary>The categories of a source, and the class of an object by the name that its data gives it.</summary>
/// <param name="Categories">In the order of the class indices.</param>
/// <param name="ClassOf">Index of the class by name; null for a name that is none of the categories.</param>
internal sealed record Classing(ImmutableArray<Category> Categories, Func<string, int?> ClassOf)
{
    public static Classing Agnostic { get; } = new([new Category(1, "object")], _ => 0);

    public static Classing YoutubeVis { get; } =
        Of([
            "person",
            "giant_panda",
            "lizard",
            "parrot",
            "skateboard",
            "sedan",
            "ape",
            "dog",
            "snake",
            "monkey",
            "hand",
            "rabbit",
            "duck",
            "cat",
            "cow",
            "fish",
            "train",
            "horse",
            "turtle",
            "bear",
            "motorbike",
            "giraffe",
            "leopard",
            "fox",
            "deer",
            "owl",
            "surfboard",
            "airplane",
            "truck",
            "zebra",
            "tiger",
            "elephant",
            "snowboard",
            "boat",
            "shark",
            "mouse",
            "frog",
            "eagle",
            "earless_seal",
            "tennis_racket",
        ]);

    public static Classing YoutubeVis2021 { get; } =
        Of([
            "airplane",
            "bear",
            "bird",
            "boat",
            "car",
            "cat",
            "cow",
            "deer",
            "dog",
            "duck",
            "earless_seal",
            "elephant",
            "fish",
            "flying_disc",
            "fox",
            "frog",
            "giant_panda",
            "giraffe",
            "horse",
            "leopard",
            "lizard",
            "monkey",
            "motorbike",
            "mouse",
            "parrot",
            "person",
            "rabbit",
            "shark",
            "skateboard",
            "snake",
            "snowboard",
            "squirrel",
            "surfboard",
            "tennis_racket",
            "tiger",
            "train",
            "truck",
            "turtle",
            "whale",
            "zebra",
        ]);

    /// <summary>Categories of these names with ids from 1.</summary>
    public static Classing Of(IEnumerable<string> names) => Of(names.Select((name, i) => new Category(i + 1, name)));

    public static Classing Of(IEnumerable<Category> categories)
    {
        var all = categories.ToImmutableArray();
        var byName = all.Select((category, index) => (category.Name, index))
            .ToDictionary(pair => pair.Name, pair => pair.index, StringComparer.Ordinal);
        return new Classing(all, name => byName.TryGetValue(name, out var index) ? index : null);
    }

    /// <summary>What the settings ask for, where the data itself names <paramref name="named"/>.</summary>
    public static Classing Choose(ClassChoice choice, IEnumerable<string> named) =>
        choice.Classes switch
        {
            ClassNaming.Agnostic => Agnostic,
            ClassNaming.Ytvis => YoutubeVis,
            ClassNaming.Ytvis2021 => YoutubeVis2021,
            ClassNaming.FromFile => Of(choice.Categories.IsEmpty ? named : choice.Categories),
            _ => throw new UnreachableException(),
        };

    private const int MostNamed = 100;

    /// <summary>What to tell someone whose data has a class that is none of the categories.</summary>
    public string Names => ClipChoice.Names([.. Categories.Select(category => category.Name)], MostNamed);
}
