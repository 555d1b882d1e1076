using System.Text.Json;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Decode;
using Motion.Evaluate;
using Motion.Kernels;
using Motion.Parity.Fills;
using static TorchSharp.torch;

namespace Motion.Parity.Forms;

/// <summary>COCO's and YouTube-VIS' evaluation: cases of an annotation file, results files and the numbers of the original.</summary>
internal static class CocoCaseForms
{
    /// <summary>
    /// The original adds pairwise, this program in order: sums of up to a million numbers of [0, 1] differ by about 1e-16 of their mean.
    /// </summary>
    private static readonly Tolerance Summed = new("order of summation", Absolute: 1e-12);

    private static readonly string[] CategoryNumbers = ["ap", "ap50", "ap75", "ap_small", "ap_medium", "ap_large", "ar1", "ar10", "ar100"];

    public static ParityForm Case { get; } =
        new(
            "coco-case",
            "statistics, curves and matches of annotation and results files",
            folder =>
                from file in folder.Jsons
                where
                    file.Has("evals")
                    && file.Root.GetProperty("evals") is { ValueKind: JsonValueKind.Array } evals
                    && evals.EnumerateArray().All(item => item.TryGetProperty("dt", out _))
                let names = file
                    .Root.GetProperty("evals")
                    .EnumerateArray()
                    .SelectMany(item =>
                        new[] { "gt", "dt", "arrays" }.Select(key => item.TryGetProperty(key, out var name) ? name.GetString() : null)
                    )
                select new ParityCase(
                    file.Stem,
                    [file, .. names.OfType<string>().Distinct(StringComparer.Ordinal).Select(folder.Find).OfType<OracleFile>()],
                    checks => CheckCase(checks, checks.Open(file))
                )
        );

    public static ParityForm Example { get; } =
        new(
            "ytvis-example",
            "statistics and overlaps of an example in the published layout",
            folder =>
                from file in folder.Jsons
                where file.Has("stats", "perCategory", "iou") && file.Stem.EndsWith("-expected", StringComparison.Ordinal)
                let stem = file.Stem[..^"-expected".Length]
                where folder.Find($"{stem}.json") is OracleFile.Json && folder.Find($"{stem}-results.json") is OracleFile.Json
                let truths = (OracleFile.Json)folder.Find($"{stem}.json")!
                let results = (OracleFile.Json)folder.Find($"{stem}-results.json")!
                select new ParityCase(stem, [file, truths, results], checks => CheckExample(checks, checks.Open(file), truths, results))
        );

    public static ParityForm Thresholds { get; } =
        new(
            "coco-thresholds",
            "thresholds of overlap and recall, size ranges, limits",
            folder =>
                from file in folder.Jsons
                where file.Has("iou", "recall", "maxDets", "areaImage", "areaVideo")
                select new ParityCase(file.Stem, [file], checks => CheckThresholds(checks, checks.Open(file)))
        );

    public static ParityForm Large { get; } =
        new(
            "coco-large",
            "cases made from integers: the generator's totals and the statistics",
            folder =>
                from file in folder.Jsons
                where
                    file.Has("cases")
                    && file.Root.GetProperty("cases") is { ValueKind: JsonValueKind.Object } cases
                    && cases.EnumerateObject().All(entry => entry.Value.TryGetProperty("parameters", out _))
                from entry in file.Root.GetProperty("cases").EnumerateObject()
                select new ParityCase($"{file.Stem}/{entry.Name}", [file], checks => CheckLarge(checks, checks.Open(file), entry.Name))
        );

    private static void CheckCase(Checks checks, StoredNode expected)
    {
        foreach (var (name, value) in expected.Members.Where(member => member.Name != "evals"))
            value.Aside();
        foreach (var evaluation in expected["evals"].Items)
        {
            var (gt, dt) = (
                Path.Combine(checks.Folder.Root, evaluation["gt"].Text()),
                Path.Combine(checks.Folder.Root, evaluation["dt"].Text())
            );
            foreach (var input in new[] { gt, dt }.Select(path => checks.Folder.Find(Path.GetFileName(path))).OfType<OracleFile.Json>())
                checks.Open(input).Raw();
            var type = evaluation["type"].Text();
            checks.Part(
                $"{type} of {evaluation["dt"].Text()}",
                () =>
                {
                    var compared =
                        type == "segm-video" ? Videos(gt, dt) : Images(gt, dt, type == "bbox" ? OverlapKind.Boxes : OverlapKind.Masks);
                    CheckNumbers(checks, evaluation, compared, $"{Path.GetFileNameWithoutExtension(dt)} {type}");
                }
            );
        }
    }

    /// <summary>What a comparison came to, in ids.</summary>
    /// <param name="Scores">The numbers.</param>
    /// <param name="Index">Categories and images.</param>
    /// <param name="Matches">Who matched whom, by id of image and category.</param>
    /// <param name="FoundId">Id of a detection.</param>
    /// <param name="Score">Score of a detection.</param>
    /// <param name="TruthId">Id of an annotated object.</param>
    private sealed record Compared(
        TypeEvaluation Scores,
        CocoIndex Index,
        Dictionary<(long, long), GroupMatches> Matches,
        Func<int, double> FoundId,
        Func<int, double> Score,
        Func<int, double> TruthId
    );

    private static Compared Images(string gt, string dt, OverlapKind kind)
    {
        var truths = Read(CocoFiles.ReadTruths(gt, kind, new CocoReading(ReadingPolicy.AsPycocotools)));
        var found = Read(CocoFiles.ReadResults(dt, truths, kind, new CocoReading(ReadingPolicy.AsPycocotools)));
        return new(
            CocoEvaluation.Evaluate(truths.Truths, found.Detections, kind),
            truths.Index,
            CocoEvaluation
                .Details(truths.Truths, found.Detections, kind)
                .ToDictionary(entry => IdsOf(truths.Index, entry.Image, entry.Matches), entry => entry.Matches),
            i => found.Ids[i],
            i => found.Detections.Items[i].Score,
            i => truths.Truths.Items[i].Id
        );
    }

    private static Compared Videos(string gt, string dt)
    {
        var truths = Read(YtvisFiles.ReadTruths(gt, new CocoReading(ReadingPolicy.AsPycocotools)));
        var found = Read(YtvisFiles.ReadResults(dt, truths, new CocoReading(ReadingPolicy.AsPycocotools)));
        var (videos, classes) = (truths.Index.Units.Length, truths.Index.Categories.Length);
        return new(
            YtvisEvaluation.Evaluate(videos, classes, truths.Truths, found.Tracks),
            truths.Index,
            YtvisEvaluation
                .Details(videos, classes, truths.Truths, found.Tracks)
                .ToDictionary(entry => IdsOf(truths.Index, entry.Video, entry.Matches), entry => entry.Matches),
            i => found.Ids[i],
            i => found.Tracks[i].Score,
            i => truths.Truths[i].Id
        );
    }

    private static (long, long) IdsOf(CocoIndex index, int unit, GroupMatches matches) =>
        (index.Units[unit].Id, index.Categories[matches.Class].Id);

    private static T Read<T>(Result<T, DecodeError> read) =>
        read.Match(value => value, error => throw new LackingException(error.Describe()));

    private static void CheckNumbers(Checks checks, StoredNode evaluation, Compared compared, string what)
    {
        CheckStats(checks, evaluation, compared.Scores, compared.Index, what);
        if (evaluation.Find("officialRounded") is { } rounded)
            List(
                    checks.Group($"{what}: published figures", evaluation.File),
                    rounded,
                    [.. compared.Scores.Stats.Values.Select(value => Math.Round(value, 3))],
                    Summed
                )
                .Done();
        if (evaluation.Find("arrays") is { } name && checks.Folder.Find(name.Text()) is OracleFile.Tensors file)
            CheckArrays(checks, file, compared.Scores);
        if (evaluation.Find("details") is not { } details)
            return;
        var group = checks.Group($"{what}: matches and overlaps", evaluation.File);
        group.Number("groups", compared.Matches.Count, details.Items.Count, Tolerance.Exact);
        foreach (var entry in details.Items)
        {
            var ids = ((long)(entry.Find("image_id") ?? entry["video_id"]).Number(), (long)entry["category_id"].Number());
            if (compared.Matches.TryGetValue(ids, out var matches))
                CheckDetails(group, entry, matches, compared, $"{ids}");
            else
                group.Same($"{ids}", "no match", "matches");
        }

        group.Done();
    }

    private static void CheckStats(Checks checks, StoredNode stored, TypeEvaluation scores, CocoIndex index, string what)
    {
        List(checks.Group($"{what}: statistics", stored.File), stored["stats"], [.. scores.Stats.Values], Summed).Done();
        var group = checks.Group($"{what}: by category", stored.File);
        foreach (var category in stored["perCategory"].Items)
        {
            var id = (long)category["category_id"].Number();
            if (index.CategoryOf(id) is not (>= 0 and var k))
            {
                group.Same($"category {id}", "not listed", "listed");
                continue;
            }

            var c = scores.Categories[k];
            var numbers = new[] { c.Ap, c.Ap50, c.Ap75, c.ApSmall, c.ApMedium, c.ApLarge, c.Ar1, c.Ar10, c.Ar100 };
            foreach (var (name, value) in CategoryNumbers.Zip(numbers).Where(pair => category.Has(pair.First)))
                group.Number($"category {id}, {name}", value, category[name], Summed);
        }

        group.Done();
    }

    private static void CheckArrays(Checks checks, OracleFile.Tensors file, TypeEvaluation scores)
    {
        using var stored = checks.Open([file]);
        long classes = scores.Categories.Length;
        stored.Compare("precision", tensor(EvaluationArrays.Precision(scores)).reshape(10, 101, classes, 4, 3), Tolerance.Exact);
        stored.Compare("recall", tensor(EvaluationArrays.Recall(scores)).reshape(10, classes, 4, 3), Tolerance.Exact);
        stored.Compare("scores", tensor(EvaluationArrays.Scores(scores)).reshape(10, 101, classes, 4, 3), Tolerance.Exact);
    }

    private static void CheckDetails(NumberGroup group, StoredNode entry, GroupMatches matches, Compared compared, string where)
    {
        List(group, entry["dtIds"], [.. matches.Found.Select(compared.FoundId)], Tolerance.Exact, $"{where}, dtIds");
        List(group, entry["dtScores"], [.. matches.Found.Select(compared.Score)], Tolerance.Exact, $"{where}, dtScores");
        List(group, entry["gtIds"], [.. matches.Truths.Select(compared.TruthId)], Tolerance.Exact, $"{where}, gtIds");
        List(
            group,
            entry["gtIgnore"],
            [.. matches.TruthIgnored.Select(ignored => ignored ? 1.0 : 0)],
            Tolerance.Exact,
            $"{where}, gtIgnore"
        );
        Rows(
            group,
            entry["dtMatches"],
            [.. matches.Matches.Select(match => match < 0 ? 0 : compared.TruthId(match))],
            $"{where}, dtMatches"
        );
        Rows(group, entry["dtIgnore"], [.. matches.FoundIgnored.Select(ignored => ignored ? 1.0 : 0)], $"{where}, dtIgnore");
        Rows(group, entry["iou"], [.. matches.Iou], $"{where}, iou");
    }

    private static void CheckExample(Checks checks, StoredNode expected, OracleFile.Json truths, OracleFile.Json results)
    {
        checks.Open(truths).Raw();
        checks.Open(results).Raw();
        var compared = Videos(truths.Path, results.Path);
        CheckStats(checks, expected, compared.Scores, compared.Index, "example");
        var group = checks.Group("example: overlaps", expected.File);
        foreach (var entry in expected["iou"].Items)
        {
            var ids = ((long)entry["video_id"].Number(), (long)entry["category_id"].Number());
            Rows(group, entry["iou"], compared.Matches.TryGetValue(ids, out var matches) ? [.. matches.Iou] : [], $"{ids}");
        }

        group.Done();
    }

    private static void CheckThresholds(Checks checks, StoredNode stored)
    {
        var group = checks.Group("thresholds", stored.File);
        List(group, stored["iou"], [.. CocoConstants.IouThresholds], Tolerance.Exact, "iou");
        List(group, stored["recall"], [.. CocoConstants.RecallThresholds], Tolerance.Exact, "recall");
        List(group, stored["maxDets"], [.. CocoConstants.MaxDetections], Tolerance.Exact, "maxDets");
        Rows(group, stored["areaImage"], [.. AreaRanges.Images.Bounds.SelectMany(range => new[] { range.Low, range.High })], "areaImage");
        Rows(group, stored["areaVideo"], [.. AreaRanges.Videos.Bounds.SelectMany(range => new[] { range.Low, range.High })], "areaVideo");
        group.Done();
        stored.Find("areaNames")?.Aside();
    }

    private static void CheckLarge(Checks checks, StoredNode file, string name)
    {
        foreach (var (member, value) in file.Members.Where(member => member.Name != "cases"))
            value.Aside();
        var stored = file["cases"][name];
        var p = stored["parameters"];
        var parameters = new LargeParameters(
            (ulong)p["seed"].Number(),
            p["N"].Count(),
            p["K"].Count(),
            new Size2(p["H"].Count(), p["W"].Count()),
            p["D"].Count()
        );
        var index = new CocoIndex(
            Enumerable.Range(1, parameters.Images).Select(id => new CocoUnit(id, parameters.Size, 0)),
            Enumerable.Range(1, parameters.Classes).Select(id => new CocoCategory(id, $"{id}"))
        );
        LargeChecks.Totals(checks, stored, parameters);
        foreach (var (type, kind) in new[] { ("bbox", OverlapKind.Boxes), ("segm", OverlapKind.Masks) })
        {
            var (truths, found) = LargeCase.Lists(parameters, LargeCase.Images(parameters), kind);
            CheckStats(checks, stored[type], CocoEvaluation.Evaluate(truths, found, kind, threads: 2), index, type);
        }
    }

    private static NumberGroup List(NumberGroup group, StoredNode stored, double[] actual, Tolerance tolerance, string what = "")
    {
        var expected = stored.Numbers();
        group.Number($"{what} count", actual.Length, expected.Length, Tolerance.Exact);
        for (var i = 0; i < Math.Min(actual.Length, expected.Length); i++)
            group.Number($"{what}[{i}]", actual[i], expected[i], tolerance);
        return group;
    }

    private static void Rows(NumberGroup group, StoredNode stored, double[] actual, string what)
    {
        double[] expected = [.. stored.Items.SelectMany(row => row.Numbers())];
        group.Number($"{what} count", actual.Length, expected.Length, Tolerance.Exact);
        for (var i = 0; i < Math.Min(actual.Length, expected.Length); i++)
            group.Number($"{what}[{i}]", actual[i], expected[i], Tolerance.Exact);
    }
}
