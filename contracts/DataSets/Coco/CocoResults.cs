using System.Collections.Immutable;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>Collects results of images while a file is read.</summary>
internal sealed class CocoResults(string path, CocoTruthFile truths, OverlapKind kind, FaultTally tally)
{
    private readonly ImmutableArray<CocoDetection>.Builder _found = ImmutableArray.CreateBuilder<CocoDetection>();
    private readonly ImmutableArray<int>.Builder _ids = ImmutableArray.CreateBuilder<int>();
    private readonly TrackReader _reader = new(truths.Set.Rules! with { File = path, OfResults = true });
    private readonly TrackView _view = new();
    private bool _hasMasks; // some detection has one
    private bool? _boxesDecide; // whether the first detection has a box

    public DecodeError? Read(JsonPart part)
    {
        if (_reader.Read(part, _view) is { } problem)
        {
            return tally.Rule(problem);
        }

        if (_boxesDecide is null)
        {
            _boxesDecide = _view.Stated is not null;
            _reader.ReadsMasks = kind == OverlapKind.Masks || !_boxesDecide.Value; // else nobody looks at the masks
        }

        return Add(part.Index) is { } flaw
            ? tally.Rule(
                flaw.At(
                    path,
                    JsonElements.Place("", part.Index),
                    $"detection {part.Index + 1}, image_id {truths.Set.Videos[_view.Video].Id}"
                )
            )
            : null;
    }

    private Flaw? Add(long place)
    {
        var image = truths.Set.Videos[_view.Video];
        var mask = kind == OverlapKind.Masks || _boxesDecide is false ? MaskOf(_view, tally) : null;
        var flaw =
            _view.Stated is null && _view.Masks.Count == 0 ? Flaw.Missing("bbox\" or \"segmentation")
            : _view.Stated is null && _boxesDecide is true
                ? Flaw.Missing("bbox") with
                {
                    Remedy = "The first detection has one; give it to all or to none.",
                }
            : mask is null && _boxesDecide is false
                ? Flaw.Missing("segmentation") with
                {
                    Remedy = "The first detection has no bbox; give it to all or to none.",
                }
            : mask is null && kind == OverlapKind.Masks && image.Size == default
                ? new Flaw(
                    DataFault.MissingMember,
                    ".bbox",
                    "a box is filled in an image, but its image has no width and height",
                    "Add them."
                )
            : (Flaw?)null;
        if (flaw is not null)
        {
            return flaw;
        }

        _hasMasks |= mask is not null;
        var packed = mask?.Packed;
        if (packed is null && kind == OverlapKind.Masks && _view.Stated is { } filled)
        {
            packed = PackedRle.Of(Rles.FromBox(filled.X, filled.Y, filled.X + filled.Width, filled.Y + filled.Height, image.Size));
        }

        var box = _view.Stated ?? (kind == OverlapKind.Boxes ? BoxOf(packed!.Value.Unpack()) : default);
        _found.Add(
            new CocoDetection(
                truths.Index.UnitOf(image.Id),
                _view.Category,
                _view.Score!.Value,
                box,
                _boxesDecide is true ? box.Area : mask!.Value.Area!.Value,
                kind == OverlapKind.Masks ? packed : null
            )
        );
        _ids.Add((int)place + 1);
        return null;
    }

    /// <summary>The mask of an image's item; what of it encloses nothing is passed over.</summary>
    public static StatedMask? MaskOf(TrackView view, FaultTally tally)
    {
        for (var part = 0; part < (view.MaskAt(0)?.Degenerate ?? 0); part++)
        {
            tally.PassOver("polygons of fewer than three corners, which enclose nothing");
        }

        return view.MaskAt(0);
    }

    private static CocoBox BoxOf(Rle mask)
    {
        var bounds = Rles.Bounds(mask);
        return new CocoBox(bounds.X, bounds.Y, bounds.Width, bounds.Height);
    }

    public CocoResultsFile Finish()
    {
        var sifted = tally.Sifted;
        return Finish(
            kind == OverlapKind.Masks && _boxesDecide is true && _hasMasks
                ? sifted with
                {
                    Notes = sifted.Notes.Add(
                        "sizes (small, medium, large) of detections are the areas of their boxes, as in pycocotools where results carry bbox beside segmentation: leave bbox out for those of the masks"
                    ),
                }
                : sifted
        );
    }

    private CocoResultsFile Finish(Sifted sifted) => new(new CocoDetections(_found.DrainToImmutable()), _ids.DrainToImmutable(), sifted);
}
