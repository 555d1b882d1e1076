using System.Globalization;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Decode;
using Motion.Runner.Yaml;

namespace Motion.Pipeline.Show;

/// <summary>Data sets in words, for a terminal or a file.</summary>
internal static class DataText
{
    private const int MostSizes = 4;
    private const int BarLength = 40;

    public static void Print(Inventory set, TextWriter to)
    {
        var (videos, instances) = set.Format == DataFormat.Coco ? ("images", "annotations") : ("videos", "objects");
        to.WriteLine($"{Legible.Line(set.Path)}: {Motion.Runner.Yaml.Shape.Kebab(set.Format.ToString())}");
        Line(
            to,
            videos,
            $"{Count(set.Videos)}{(set.Format == DataFormat.Coco ? "" : $", {Count(set.Frames)} frames ({set.FewestFrames} to {set.MostFrames} each)")}"
        );
        Line(
            to,
            "sizes",
            string.Join(
                ", ",
                set.FrameSizes.Take(MostSizes)
                    .Select(size => $"{(size.Width == 0 ? "not known" : $"{size.Width}x{size.Height}")} ({Count(size.Videos)})")
            ) + (set.FrameSizes.Length > MostSizes ? $" and {set.FrameSizes.Length - MostSizes} more" : "")
        );
        Line(to, "pictures", set.PictureRoot is { } root ? Legible.Line(root) : "not found beside it, not looked at (--pictures DIR)");
        if (!set.Annotated)
        {
            Line(to, "annotated", "no");
        }
        else
        {
            Annotations(set, instances, to);
        }

        foreach (var note in set.Notes)
        {
            to.WriteLine($"  note: {Legible.Line(note)}");
        }

        Problems(set.Problems, to);
    }

    private static void Annotations(Inventory set, string instances, TextWriter to)
    {
        Line(to, instances, $"{Count(set.Instances)}{(set.Crowds > 0 ? $", of them crowds {Count(set.Crowds)}" : "")}");
        Line(
            to,
            "boxes",
            $"{Count(set.Boxes)}, {Share(set.Sizes.Small, set.Boxes)} small (below 32x32 pixels), {Share(set.Sizes.Medium, set.Boxes)} medium, {Share(set.Sizes.Large, set.Boxes)} large (from 96x96)"
        );
        Line(
            to,
            "masks",
            set.Masks.IsEmpty
                ? "none"
                : string.Join(
                    ", ",
                    set.Masks.Select(mask =>
                        $"{Count(mask.Count)} as {mask.Form switch
        {
            MaskForm.Runs => "run lengths",
            MaskForm.Text => "compressed run lengths",
            MaskForm.Polygons => "polygons",
            _ => "pixels",
        }}"
                    )
                )
        );
        Line(
            to,
            "frames",
            $"{Count(set.EmptyFrames)} annotated without an object{(set.UnannotatedFrames > 0 ? $", {Count(set.UnannotatedFrames)} not annotated" : "")}"
        );
        var widest = set.Classes.Where(c => c.Instances > 0).Select(c => c.Name.Length).DefaultIfEmpty(0).Max();
        var most = set.Classes.Select(c => c.Instances).DefaultIfEmpty(0).Max();
        to.WriteLine($"  {set.Classes.Length} classes ({instances}, {(set.Format == DataFormat.Coco ? "images" : "videos")}, boxes):");
        foreach (var c in set.Classes.Where(c => c.Instances > 0))
        {
            var bar = (int)Math.Ceiling((double)BarLength * c.Instances / most);
            to.WriteLine(
                $"  {Legible.Line(c.Name).PadRight(widest)} {Count(c.Instances), 8} {Count(c.Videos), 8} {Count(c.Boxes), 9}  {new string('#', bar)}"
            );
        }

        if (set.Classes.Where(c => c.Instances == 0).Select(c => Legible.Line(c.Name)).ToArray() is { Length: > 0 } absent)
        {
            to.WriteLine($"  without any: {string.Join(", ", absent)}");
        }
    }

    public static void Print(SplitReport report, SplitOptions options, TextWriter to)
    {
        to.WriteLine(
            $"train_train {Count(report.TrainVideos)} videos, {Count(report.TrainFrames)} frames; train_val {Count(report.ValVideos)} videos, {Count(report.ValFrames)} frames (seed {options.Seed}, {options.PerClass} a class, reading {Motion.Runner.Yaml.Shape.Kebab(options.Reading.ToString())})"
        );
        if (report.IsPublished)
        {
            to.WriteLine(
                $"published for this set: train_train {DataSplit.PublishedTrainVideos} videos, {DataSplit.PublishedTrainFrames} frames; train_val {DataSplit.PublishedValVideos} videos, {DataSplit.PublishedValFrames} frames"
                    + (
                        (report.ValVideos, report.ValFrames) == (DataSplit.PublishedValVideos, DataSplit.PublishedValFrames)
                            ? ": the same sizes"
                            : $": {Signed(report.ValVideos - DataSplit.PublishedValVideos)} videos, {Signed(report.ValFrames - DataSplit.PublishedValFrames)} frames in train_val (which videos were drawn is not published; docs/data.md)"
                    )
            );
        }

        var fewest = report.Classes.Where(c => c.TrainVideos + c.ValVideos > 0).OrderBy(c => c.ValVideos).FirstOrDefault();
        if (fewest is not null)
        {
            to.WriteLine(
                $"videos of a class in train_val: {fewest.ValVideos} ({Legible.Line(fewest.Name)}) to {report.Classes.Max(c => c.ValVideos)}"
            );
        }

        foreach (var lacking in report.Lacking)
        {
            to.WriteLine(
                $"warning: {Legible.Line(lacking.Name)} is in {(lacking.TrainVideos == 0 ? "train_val" : "train_train")} only: it has too few videos for both"
            );
        }

        Problems(report.Problems, to);
        foreach (var file in report.Files)
        {
            to.WriteLine(Legible.Line(file));
        }
    }

    public static void Print(ConvertReport report, TextWriter to)
    {
        to.WriteLine(
            $"{Legible.Line(report.Path)}: {Count(report.Videos)} videos, {Count(report.Frames)} frames, {Count(report.Instances)} objects, {Count(report.Boxes)} boxes, {Count(report.Masks)} masks"
        );
        foreach (var loss in report.Lost)
        {
            to.WriteLine($"  lost: {Legible.Line(loss.What)}{(loss.Count > 1 ? $" ({Count(loss.Count)})" : "")}");
        }

        foreach (var note in report.Notes)
        {
            to.WriteLine($"  note: {Legible.Line(note)}");
        }

        Problems(report.Problems, to);
    }

    public static void Problems(IReadOnlyList<FaultCount> problems, TextWriter to)
    {
        foreach (var problem in problems)
        {
            to.WriteLine($"  left out {Count(problem.Count)}: {FaultText.Name(problem.Kind)}");
            foreach (var first in problem.First)
            {
                to.WriteLine($"    {first}");
            }
        }
    }

    private static void Line(TextWriter to, string name, string text) => to.WriteLine($"  {name, -11} {text}");

    private static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string Signed(long value) => value.ToString("+0;-0;0", CultureInfo.InvariantCulture);

    private static string Share(long part, long whole) => whole == 0 ? "0 %" : $"{100.0 * part / whole:0.0} %";
}
