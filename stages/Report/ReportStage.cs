using System.Collections.Immutable;
using System.Diagnostics;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Kernels;
using Motion.Report.Page;
using Motion.Report.Pictures;

namespace Motion.Report;

/// <summary>
/// The report stage: one page that needs nothing beside it (index.html), the chosen frames as PNG files with their masks (pictures/), and
/// every detection in COCO's format (results.json with images.json).
/// </summary>
public static class ReportStage
{
    public const string PageName = "index.html";
    public const string PicturesFolder = "pictures";

    /// <summary>
    /// Fixes settings and folder. The folder is made when the first file is written; files of its last report are replaced.
    /// </summary>
    public static Fold<ReportItem, ReportState, ReportFiles, ReportError> Create(ReportOptions options, string folder) =>
        new(() => new ReportState(), (state, item) => Step(state, item, options, folder), state => Finish(state, options, folder));

    private static Result<ReportState, ReportError> Step(ReportState state, ReportItem item, ReportOptions options, string folder)
    {
        var next = item switch
        {
            ReportItem.Run run => Result.Ok<ReportState, ReportError>(state with { Run = run }),
            ReportItem.Curve(var points) => Result.Ok<ReportState, ReportError>(state with { Curve = points }),
            ReportItem.Score(var evaluation) => Result.Ok<ReportState, ReportError>(state with { Score = evaluation }),
            ReportItem.Picture picture => AddPicture(state, picture, options, folder),
            _ => throw new UnreachableException(),
        };
        if (!next.IsOk)
        {
            state.Dispose();
        }

        return next;
    }

    private static Result<ReportState, ReportError> AddPicture(
        ReportState state,
        ReportItem.Picture item,
        ReportOptions options,
        string folder
    )
    {
        using var frame = item.Frame;
        return from able in Skia.Lacking is { } lack
                ? new ReportError.NoPictures(lack.Problem, lack.Remedy)
                : Result.Ok<Unit, ReportError>(default)
            from written in AddResults(state, item.Found, folder)
            from shown in AddShot(written, frame, item.Found, options, folder)
            select shown with
            {
                Frames = shown.Frames + 1,
                Detections = shown.Detections + (item.Found?.Items.Length ?? 0),
            };
    }

    private static Result<ReportState, ReportError> AddResults(ReportState state, Detections? found, string folder) =>
        found is null
            ? state
            : from writer in state.Results is { } open
                ? Result.Ok<ResultsWriter, ReportError>(open)
                : ResultsWriter.Open(folder, CatalogueOf(state))
            from _ in writer.Add(found)
            select state with
            {
                Results = writer,
            };

    private static Result<ReportState, ReportError> AddShot(
        ReportState state,
        FlowFrame frame,
        Detections? found,
        ReportOptions options,
        string folder
    )
    {
        var at = state.Strips.FindIndex(strip => strip.Clip == frame.Key.Clip);
        if (at < 0 && state.Strips.Count >= options.MaxClips)
        {
            return state with { HiddenClips = state.HiddenClips.Add(frame.Key.Clip) };
        }

        var strips = at < 0 ? state.Strips.Add(new Strip(frame.Key.Clip, 0, [])) : state.Strips;
        var strip = strips[at < 0 ? ^1 : at];
        var seen = strip with { Frames = strip.Frames + 1 };
        if (!strip.Wants(frame.Key.Frame, LengthOf(state, frame.Key.Clip), options.PicturesPerClip))
        {
            return state with { Strips = strips.Replace(strip, seen) };
        }

        var shown = seen with { Shots = seen.Shots.Add(Shots.Make(frame, found, options)) };
        return from pictures in options.Overlays
                ? WriteOverlay(frame, found, options, folder)
                : Result.Ok<ImmutableArray<string>, ReportError>([])
            select state with
            {
                Strips = strips.Replace(strip, shown),
                Pictures = state.Pictures.AddRange(pictures),
            };
    }

    private static Result<ImmutableArray<string>, ReportError> WriteOverlay(
        FlowFrame frame,
        Detections? found,
        ReportOptions options,
        string folder
    )
    {
        var name = $"{PicturesFolder}/{frame.Key.Sequence:D6}-{Files.Safe(frame.Key.Clip)}-{frame.Key.Frame:D5}.png";
        var path = Path.Combine(folder, name);
        var canvas = Overlay.Draw(Pixels.Of(frame.Image), frame.OriginalSize, Shots.Drawn(found, options), Shots.TruthOf(frame, found));
        return from png in PngWriter
                .Encode(canvas.Planes, canvas.Size)
                .MapError(error => (ReportError)new ReportError.CannotWrite(path, error.Problem))
            from _ in Files.Write(path, png)
            select ImmutableArray.Create(name);
    }

    private static Result<ReportFiles, ReportError> Finish(ReportState state, ReportOptions options, string folder)
    {
        using var consumed = state;
        return from results in state.Results is { } writer
                ? writer.Finish().Map(name => (string?)name)
                : Result.Ok<string?, ReportError>(null)
            from _ in Files.Write(Path.Combine(folder, PageName), HtmlPage.Of(state, options, results))
            select new ReportFiles(folder, PageName, state.Pictures, results);
    }

    private static Catalogue CatalogueOf(ReportState state) =>
        state.Run?.Catalogue
        ?? throw new InvalidOperationException("a report is told what the run is (ReportItem.Run) before its first picture");

    private static int LengthOf(ReportState state, string clip) =>
        CatalogueOf(state).Clips.FirstOrDefault(info => info.Name == clip)?.Frames ?? 0;
}
