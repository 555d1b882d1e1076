using System.Collections.Immutable;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>Collects results of images while a file is read.</summary>
internal sealed class CocoResults(CocoIndex index, OverlapKind kind, Sieve sieve)
{
    private readonly ImmutableArray<CocoDetection>.Builder _found = ImmutableArray.CreateBuilder<CocoDetection>();
    private readonly ImmutableArray<int>.Builder _ids = ImmutableArray.CreateBuilder<int>();
    private readonly CocoItem _item = new(Members.Boxes | Members.Masks);
    private bool? _boxesDecide; // whether the first detection has a box

    public void Read(ref JsonTokens tokens, int place)
    {
        _item.Read(ref tokens);
        if (_boxesDecide is null && _item.Problem is null)
        {
            _boxesDecide = _item.Box is not null;
            _item.Wanted = kind == OverlapKind.Boxes && _boxesDecide.Value ? Members.Boxes : _item.Wanted; // else nobody looks at the masks
        }

        if (Problem() is { } problem)
        {
            Refuse(place, problem);
            return;
        }

        var category = index.CategoryOf(_item.Category!.Value);
        if (category < 0)
        {
            sieve.PassOver("detections of categories that are not listed");
            return;
        }

        Add(place, index.UnitOf(_item.Unit!.Value), category);
    }

    private bool NeedsMasks => kind == OverlapKind.Masks || _boxesDecide is false;

    private void Add(int place, int image, int category)
    {
        var size = index.Units[image].Size;
        var (mask, broken) = _item.Mask is { } written && NeedsMasks ? written.In(size, ".segmentation") : default;
        if (broken is null && mask is null && kind == OverlapKind.Masks)
        {
            (mask, broken) = FilledBox(_item.Box!.Value, size);
        }

        if (broken is not null)
        {
            Refuse(place, broken);
            return;
        }

        var box = _item.Box ?? (kind == OverlapKind.Boxes ? BoxOf(mask!.Value.Runs!.Value.Unpack()) : default);
        var area = _boxesDecide is true ? box.Area : mask!.Value.Area;
        _found.Add(new CocoDetection(image, category, _item.Score!.Value, box, area, kind == OverlapKind.Masks ? mask?.Runs : null));
        _ids.Add(place + 1);
    }

    private ItemProblem? Problem() => _item.Problem
        ?? (_item.Unit is not { } image ? CocoIndexReading.Missing("image_id")
        : _item.Category is null ? CocoIndexReading.Missing("category_id")
        : _item.Score is null ? CocoIndexReading.Missing("score")
        : _item.Box is null && _item.Mask is null ? CocoIndexReading.Missing("bbox\" or \"segmentation")
        : _item.Box is null && _boxesDecide is true ? CocoIndexReading.Missing("bbox") with { Remedy = "The first detection has one; give it to all or to none." }
        : _item.Mask is null && _boxesDecide is false ? CocoIndexReading.Missing("segmentation") with { Remedy = "The first detection has no bbox; give it to all or to none." }
        : index.UnitOf(image) < 0 ? new ItemProblem("detections in images that are not listed", ".image_id", $"no image has the id {image}", "Evaluate results with the annotations that they are of.")
        : null);

    private static (WrittenMask? Mask, ItemProblem? Problem) FilledBox(CocoBox box, Size2? image) => image is { } size
        ? (WrittenMask.Of(Rles.FromBox(box.X, box.Y, box.X + box.Width, box.Y + box.Height, size)), null)
        : (null, new ItemProblem("boxes in images without a size", ".bbox", "a box is filled in an image, but its image has no width and height", "Add them."));

    private static CocoBox BoxOf(Rle mask)
    {
        var bounds = Rles.Bounds(mask);
        return new CocoBox(bounds.X, bounds.Y, bounds.Width, bounds.Height);
    }

    private void Refuse(int place, ItemProblem problem) =>
        sieve.Refuse(CocoDocument.PlaceOf("", place), _item.Unit is { } image ? $"detection {place + 1}, image_id {image}" : $"detection {place + 1}", problem);

    public CocoResultsFile Finish() => new(
        new CocoDetections(_found.DrainToImmutable()), _ids.DrainToImmutable(), new Sifted(sieve.LeftOut, sieve.PassedOver));
}
