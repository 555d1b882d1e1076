using System.Collections.Immutable;
using System.Globalization;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Flow;
using Motion.Forward;
using Motion.Kernels;
using Motion.Report;
using Motion.Report.Page;
using Motion.Report.Pictures;
using Motion.Runner.Stations;
using TorchSharp;

namespace Motion.Pipeline.Figures;

/// <summary>A written figure.</summary>
/// <param name="Key">The frame.</param>
/// <param name="Comparison">File of truth, baseline and this run side by side.</param>
/// <param name="Activations">File of the streams' activations; null where the run has no second stream into the masks.</param>
/// <param name="Caption">Overlaps in words.</param>
internal sealed record Figure(FrameKey Key, string Comparison, string? Activations, string Caption);

/// <summary>Figures 1 and 3 of the paper for one frame.</summary>
internal static class DrawFigures
{
    private const int Side = 480; // longest side of one picture, pixels

    /// <param name="pair">The frame; used up.</param>
    /// <param name="run">The run that is shown.</param>
    /// <param name="baseline">What it is compared with; null for nothing.</param>
    /// <param name="folder">Where the pictures go.</param>
    public static Result<Figure, StartError> Of(FramePair pair, FigureNetwork run, FigureNetwork? baseline, string folder)
    {
        using var owned = pair;
        return from seen in Seen.By(run, pair.Share())
            from other in baseline is null ? Result.Ok<Seen?, StartError>(null) : Seen.By(baseline, pair.Share()).Map(each => (Seen?)each)
            select Write(pair, run, seen, baseline, other, folder);
    }

    private static Figure Write(FramePair pair, FigureNetwork run, Seen seen, FigureNetwork? baseline, Seen? other, string folder)
    {
        using var first = seen;
        using var second = other;
        var truth = (pair.Truth ?? Annotation.Empty).Instances.Where(instance => !instance.IsCrowd).ToImmutableArray();
        var name = NameOf(pair.Key);
        var picture = Pixels.Of(pair.First);
        Pixels Draw(IReadOnlyList<Detection> items) => Overlay.Draw(picture, pair.OriginalSize, items, []).Within(Side);
        Pixels[] panels = [Draw([.. truth.Select(AsDetection)]), .. other is null ? [] : new[] { Draw(other.Drawn) }, Draw(seen.Drawn)];
        var comparison = Save(FigurePictures.Grid([panels]), folder, $"figure1-{name}.png");
        var activations = seen.Maps.Motion is not { } motion
            ? null
            : Save(
                FigurePictures.Grid([
                    [picture.Within(Side), FigurePictures.Flow(seen.Frame).Within(Side)],
                    [FigurePictures.Heat(seen.Maps.Appearance).Within(Side), FigurePictures.Heat(motion).Within(Side)],
                ]),
                folder,
                $"figure3-{name}.png"
            );
        var overlaps = new[]
        {
            baseline is null || other is null ? null : Said(baseline.Name, other, truth),
            Said(run.Name, seen, truth),
        }.OfType<string>();
        return new(pair.Key, comparison, activations, string.Join("; ", overlaps));
    }

    /// <summary>
    /// A name for a frame's files: letters of its clip that every file system takes; where others were left out, its place in the stream
    /// tells it apart.
    /// </summary>
    internal static string NameOf(FrameKey key)
    {
        var safe = string.Concat(key.Clip.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : '_').Take(80));
        return string.Create(CultureInfo.InvariantCulture, $"{safe}{(safe == key.Clip ? "" : $".{key.Sequence}")}-{key.Frame:D5}");
    }

    private static Detection AsDetection(Instance instance) => new(instance.Box, 1, instance.Class, instance.Mask);

    private static string Said(string name, Seen seen, ImmutableArray<Instance> truth)
    {
        var masks = truth.Select(instance => instance.Mask).OfType<Rle>().ToArray();
        var found = seen.Drawn.Select(item => item.Mask).OfType<Rle>().ToArray();
        var objects = $"{seen.Drawn.Length} drawn";
        return masks.Length == 0
            ? $"{name}: {objects}"
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{name}: {objects}, mean best mask IoU {masks.Average(mask => found.Select(other => Rles.Iou(other, mask, crowd: false)).DefaultIfEmpty(0).Max()):0.00}"
            );
    }

    private static string Save(Pixels picture, string folder, string name)
    {
        var path = Path.Combine(folder, name);
        var png = PngWriter
            .Encode(picture.Planes, picture.Size)
            .Match(bytes => bytes, error => throw new IOException($"{path}: {error.Problem}"));
        WholeFile.Write(path, png, lasting: false);
        return name;
    }

    /// <summary>The page of all figures.</summary>
    public static string Page(string run, string? baseline, ImmutableArray<Figure> figures)
    {
        var left = baseline is null ? "" : $", middle: {baseline}";
        var body = string.Concat(
            figures.Select(figure =>
                $"""
                    <section><h2>{PlainPage.Text(figure.Key.Clip)}, frame {figure.Key.Frame.ToString(CultureInfo.InvariantCulture)}</h2>
                    <figure><img src="{PlainPage.Text(figure.Comparison)}" alt="Left: truth{PlainPage.Text(left)}, right: {PlainPage.Text(
                        run
                    )}" style="max-width:100%;height:auto">
                    <figcaption>Left: truth{PlainPage.Text(left)}, right: {PlainPage.Text(run)}. {PlainPage.Text(
                        figure.Caption
                    )}</figcaption></figure>
                    {Streams(figure)}
                    </section>

                    """
            )
        );
        return PlainPage.Of(
            $"Figures of {run}",
            "Truth and masks side by side (the paper's figure 1), and what each stream gives the mask head (figure 3).",
            [],
            body
        );
    }

    private static string Streams(Figure figure) =>
        figure.Activations is null
            ? ""
            : $"""
                <figure><img src="{PlainPage.Text(
                    figure.Activations
                )}" alt="Frame, flow, and the activations of both streams" style="max-width:100%;height:auto">
                <figcaption>Above: the frame and its flow. Below: mean absolute activation of the appearance and of the motion features that the mask head reads, each from black (least) to white (most).</figcaption></figure>
                """;

    /// <summary>A frame through a run's network.</summary>
    private sealed record Seen(FlowFrame Frame, ImmutableArray<Detection> Drawn, MaskActivations Maps) : IDisposable
    {
        public void Dispose()
        {
            Frame.Dispose();
            Maps.Dispose();
        }

        public static Result<Seen, StartError> By(FigureNetwork network, FramePair pair)
        {
            torch.set_num_threads(network.Settings.Run.Threads); // of this thread, which another may have been before an await
            using var noGrad = torch.no_grad();
            var report = network.Settings.OptionsOf<ReportOptions>(ReportKind.Kind, Phase.Test) ?? new ReportOptions();
            return from frame in network.Estimate(pair).MapError(error => new StartError(FlowKind.Kind.Name, error.Describe()))
                from maps in network.Activate(frame).MapError(error => new StartError(ForwardKind.Kind.Name, error.Describe()))
                from found in network.Detect(frame.Share()).MapError(error => new StartError(ForwardKind.Kind.Name, error.Describe()))
                select new Seen(
                    frame,
                    [
                        .. found
                            .Items.Where(item => item.Score >= report.ScoreThreshold)
                            .OrderByDescending(item => item.Score)
                            .Take(report.MaxObjects),
                    ],
                    maps
                );
        }
    }
}
