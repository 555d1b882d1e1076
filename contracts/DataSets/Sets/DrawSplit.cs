using System.Collections.Immutable;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>What "ten videos per class" means where a video holds objects of several classes (docs/data.md).</summary>
public enum SplitReading
{
    /// <summary>Each class draws its ten on its own; a video that two classes drew is in the half once.</summary>
    Union,

    /// <summary>A class draws only as many as it still lacks, counting the videos that other classes drew and that hold it too.</summary>
    Fill,
}

/// <summary>A set of videos in two halves.</summary>
/// <param name="Val">Indices of the videos drawn, ascending.</param>
/// <param name="Train">Indices of the others, ascending.</param>
/// <param name="Drawn">How many videos each class was given in its own turn, including those that were drawn already.</param>
internal sealed record Halves(ImmutableArray<int> Val, ImmutableArray<int> Train, ImmutableArray<int> Drawn);

/// <summary>The paper's split: some videos a class, drawn at random, for validation; the others for training.</summary>
/// <remarks>
/// Section 3.1. Every class has an own order of its videos that depends on the seed, its name and its videos' ids only: not on the file's
/// order, nor on other classes. Classes take their turn from the rarest on. A video is passed over where it is the last one left for
/// training of any class it holds.
/// </remarks>
internal static class DrawSplit
{
    /// <param name="ids">Of the videos.</param>
    /// <param name="classes">Indices of the classes that each video holds, each once.</param>
    /// <param name="names">Of the classes.</param>
    /// <param name="perClass">Videos to draw a class.</param>
    /// <param name="reading">What that means for videos of several classes.</param>
    /// <param name="seed">Decides the draws.</param>
    public static Halves Of(
        IReadOnlyList<long> ids,
        IReadOnlyList<IReadOnlyCollection<int>> classes,
        IReadOnlyList<string> names,
        int perClass,
        SplitReading reading,
        Seed seed
    )
    {
        var holders = names.Select(_ => new List<int>()).ToArray();
        foreach (var video in Enumerable.Range(0, ids.Count).OrderBy(video => ids[video]))
        {
            foreach (var index in classes[video])
            {
                holders[index].Add(video);
            }
        }

        var left = holders.Select(videos => videos.Count).ToArray();
        var drawn = new int[names.Count];
        var val = new SortedSet<int>();
        foreach (var index in Enumerable.Range(0, names.Count).OrderBy(c => holders[c].Count).ThenBy(c => names[c], StringComparer.Ordinal))
        {
            drawn[index] = reading == SplitReading.Fill ? holders[index].Count(val.Contains) : 0;
            foreach (var position in seed.Derive("split").Derive(names[index]).Draws().Permutation(holders[index].Count))
            {
                var video = holders[index][position];
                if (drawn[index] >= perClass || (reading == SplitReading.Fill && val.Contains(video)))
                {
                    continue;
                }

                if (!val.Contains(video))
                {
                    if (classes[video].Any(c => left[c] < 2))
                    {
                        continue;
                    }

                    val.Add(video);
                    foreach (var c in classes[video])
                    {
                        left[c]--;
                    }
                }

                drawn[index]++;
            }
        }

        return new Halves([.. val], [.. Enumerable.Range(0, ids.Count).Where(video => !val.Contains(video))], [.. drawn]);
    }
}
