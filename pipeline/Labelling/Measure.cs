using System.Collections.Immutable;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Decode;

namespace Motion.Pipeline.Labelling;

/// <summary>A mask against the true one.</summary>
internal readonly record struct Measured(string Clip, int Frame, long Id, bool Given, double Quality, double Iou, double FilledIou);

/// <summary>Masks against true masks, object by object.</summary>
internal static class Measure
{
    /// <param name="drawn">What was drawn.</param>
    /// <param name="path">A folder in DAVIS's layout: the ids of its objects are those of the boxes.</param>
    public static async Task<Result<ImmutableArray<Measured>, DecodeError>> Of(ImmutableArray<DrawnClip> drawn, string path)
    {
        var truths = await DecodeSources.Annotations(
            new DecodeOptions
            {
                Source = SourceKind.Frames,
                Path = path,
                Clips = [.. drawn.Select(clip => clip.Clip.Name)],
            }
        );
        return truths.Map(truth =>
            drawn
                .SelectMany(clip =>
                    Clip(clip, truth.Annotated[truth.Catalogue.Clips.Select(each => each.Name).ToList().IndexOf(clip.Clip.Name)])
                )
                .ToImmutableArray()
        );
    }

    /// <summary>One entry an object of a frame: true ones that were not drawn count as 0.</summary>
    private static IEnumerable<Measured> Clip(DrawnClip clip, ImmutableSortedDictionary<int, Annotation> truth) =>
        from frame in truth
        from instance in frame.Value.Instances
        where instance is { Mask: not null, IsCrowd: false } && Rles.Area(instance.Mask) > 0
        let mine = clip.Frames[frame.Key].FirstOrDefault(mask => mask.Id == instance.Id)
        select new Measured(
            clip.Clip.Name,
            frame.Key,
            instance.Id,
            mine?.Given ?? false,
            mine?.Quality ?? 0,
            mine is null ? 0 : Rles.Iou(mine.Mask.Unpack(), instance.Mask!, crowd: false),
            mine is null ? 0 : Rles.Iou(Rles.FromBox(mine.Box, instance.Mask!.Size), instance.Mask, crowd: false)
        );

    /// <summary>One row a mask.</summary>
    public static string Csv(IEnumerable<Measured> all) =>
        string.Concat(
            all.Select(one =>
                    string.Create(
                        null,
                        $"{CsvText.Quoted(one.Clip)},{one.Frame},{one.Id},{(one.Given ? "true" : "false")},{one.Quality:0.0000},{one.Iou:0.0000},{one.FilledIou:0.0000}\n"
                    )
                )
                .Prepend("video,frame,id,given,quality,iou,filledIou\n")
        );

    /// <summary>Rank correlation, ties sharing their mean rank.</summary>
    public static double Spearman(IReadOnlyList<double> a, IReadOnlyList<double> b)
    {
        var (x, y) = (Ranks(a), Ranks(b));
        var (mx, my) = (x.Average(), y.Average());
        var (xx, yy, xy) = (
            x.Sum(v => (v - mx) * (v - mx)),
            y.Sum(v => (v - my) * (v - my)),
            x.Zip(y, (u, v) => (u - mx) * (v - my)).Sum()
        );
        return xx * yy > 0 ? xy / Math.Sqrt(xx * yy) : double.NaN;
    }

    private static double[] Ranks(IReadOnlyList<double> values)
    {
        var ranks = new double[values.Count];
        var order = Enumerable.Range(0, values.Count).OrderBy(i => values[i]).ToArray();
        for (int from = 0, to; from < order.Length; from = to)
        {
            for (to = from + 1; to < order.Length && values[order[to]].Equals(values[order[from]]); )
                to++;
            for (var k = from; k < to; k++)
                ranks[order[k]] = (from + to - 1) / 2.0;
        }

        return ranks;
    }

    public static IEnumerable<string> Lines(ImmutableArray<Measured> all)
    {
        foreach (var clip in all.GroupBy(one => one.Clip).Append(all.GroupBy(_ => "all clips").First()))
        {
            var between = clip.Where(one => !one.Given).ToArray();
            yield return string.Create(
                null,
                $"{clip.Key, -20} masks {clip.Count(), 5}  mean IoU {clip.Average(one => one.Iou):0.000}  in boxes between {between.Select(one => one.Iou).DefaultIfEmpty().Average():0.000}  filled boxes {clip.Average(one => one.FilledIou):0.000}  rank correlation of the quality {Spearman([.. clip.Select(one => one.Quality)], [.. clip.Select(one => one.Iou)]):0.00}"
            );
        }
    }
}
