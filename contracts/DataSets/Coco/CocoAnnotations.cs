using System.Collections.Immutable;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>Collects annotations of images while a file is read: its categories come last, and its images may.</summary>
internal sealed class CocoAnnotations(OverlapKind kind, CocoIndexReading index, Sieve sieve)
{
    private readonly CocoItem _item = new(kind == OverlapKind.Boxes ? Members.Boxes : Members.Boxes | Members.Masks);
    private readonly List<Written> _written = [];
    private readonly HashSet<long> _ids = [];

    private readonly record struct Written(int Place, long Id, long Image, long Category, CocoBox Box, double Area, bool IsCrowd, WrittenMask? Mask);

    public void Read(ref JsonTokens tokens, int place)
    {
        _item.Read(ref tokens);
        if (Problem() is { } problem)
        {
            Refuse(place, _item.Id, problem);
            return;
        }

        var (image, mask) = (_item.Unit!.Value, _item.Mask);
        if (mask is { Runs: null } polygons && index.Units.TryGetValue(image, out var unit)) // filled at once: corners weigh more than runs
        {
            var (filled, broken) = Fill(polygons, unit.Size);
            if (broken is not null)
            {
                Refuse(place, _item.Id, broken);
                return;
            }

            mask = filled;
        }

        _written.Add(new Written(place, _item.Id!.Value, image, _item.Category!.Value, _item.Box ?? default, _item.Area!.Value, _item.IsCrowd, mask));
    }

    private ItemProblem? Problem() => _item.Problem
        ?? (_item.Id is not { } id ? CocoIndexReading.Missing("id")
        : _item.Unit is null ? CocoIndexReading.Missing("image_id")
        : _item.Category is null ? CocoIndexReading.Missing("category_id")
        : _item.Area is null ? CocoIndexReading.Missing("area")
        : kind == OverlapKind.Boxes && _item.Box is null ? CocoIndexReading.Missing("bbox")
        : kind == OverlapKind.Masks && _item.Mask is null ? CocoIndexReading.Missing("segmentation")
        : !_ids.Add(id) ? CocoIndexReading.Twice("annotations", id)
        : null);

    private (WrittenMask? Mask, ItemProblem? Problem) Fill(WrittenMask mask, Size2? size)
    {
        for (var part = 0; part < mask.Degenerate; part++)
        {
            sieve.PassOver("polygons of fewer than three corners, which enclose nothing");
        }

        return mask.In(size, ".segmentation");
    }

    private void Refuse(int place, long? id, ItemProblem problem) =>
        sieve.Refuse(CocoDocument.PlaceOf("annotations", place), id is { } known ? $"id {known}" : null, problem);

    /// <summary>What counts of them.</summary>
    public Result<CocoTruthFile, DecodeError> Finish(CocoIndex units)
    {
        var truths = ImmutableArray.CreateBuilder<CocoTruth>(_written.Count);
        foreach (var item in _written)
        {
            var (image, category) = (units.UnitOf(item.Image), units.CategoryOf(item.Category));
            if (image < 0 || category < 0)
            {
                sieve.PassOver(image < 0 ? "annotations of images that are not listed" : "annotations of categories that are not listed");
                continue;
            }

            var (mask, problem) = item.Mask is { } written ? Fill(written, units.Units[image].Size) : default;
            if (problem is not null)
            {
                Refuse(item.Place, item.Id, problem);
                continue;
            }

            truths.Add(new CocoTruth(image, category, item.Id, item.Box, item.Area, item.IsCrowd, mask?.Runs));
        }

        return sieve.Error is { } error ? error : new CocoTruthFile(
            units, new CocoTruths(units.Units.Length, units.Categories.Length, truths.DrainToImmutable()), new Sifted(sieve.LeftOut, sieve.PassedOver));
    }
}
