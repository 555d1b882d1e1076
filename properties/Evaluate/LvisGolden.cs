using System.Text.Json.Nodes;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Evaluate;
using Motion.Pipeline.Evaluating;
using Motion.Properties.Generators;
using Xunit;

namespace Motion.Properties.Evaluate;

/// <summary>
/// LVIS's rules against numbers of lvis-api 7d7f07d on made-up files (Golden/Lvis: images of known seeds, 2 boxes with a limit of 20, 3
/// masks, 4 three images).
/// </summary>
public sealed class LvisGolden
{
    private const double Sums = 1e-12; // means are added in another order

    private static string Golden(string name) => GoldenFiles.PathOf("Lvis", name);

    private static Result<FileEvaluation, DecodeError> Run(
        string truths,
        string results,
        CocoType type,
        int most,
        CocoRules rules = CocoRules.Lvis,
        int threads = 1
    ) =>
        EvaluateFiles.Run(
            truths,
            results,
            type,
            new FileComparison(ReadingPolicy.Strict, threads) { Rules = rules, Limits = DetectionLimits.Create([most])! }
        );

    private static void Agree(FileEvaluation evaluation, string folder)
    {
        var expected = JsonNode.Parse(File.ReadAllText(Golden($"{folder}/lvis.json")))!["results"]!.AsObject();
        var found = EvaluationText.Lvis(evaluation);
        Assert.Equal(expected.Select(pair => pair.Key), found.Select(one => one.Name));
        Assert.All(found, one => Assert.Equal(expected[one.Name]!.GetValue<double>(), one.Value, Sums));
    }

    [Theory]
    [InlineData("2-bbox", CocoType.Bbox, 20)]
    [InlineData("3-segm", CocoType.Segm, 300)]
    [InlineData("4-bbox", CocoType.Bbox, 300)]
    public void Numbers_AreThoseOfTheReference(string folder, CocoType type, int most)
    {
        Agree(Run(Golden($"{folder}/gt.json"), Golden($"{folder}/dt.json"), type, most).OrThrow(), folder);
        Agree(Run(Golden($"{folder}/gt.json"), Golden($"{folder}/dt.json"), type, most, threads: 3).OrThrow(), folder);
    }

    /// <summary>TAO says it of videos, of which its images are frames.</summary>
    [Fact]
    public void WhatVideosSay_HoldsForTheirImages()
    {
        using var folder = new TemporaryFolder();
        var gt = JsonNode.Parse(File.ReadAllText(Golden("2-bbox/gt.json")))!;
        var videos = new JsonArray();
        foreach (var image in gt["images"]!.AsArray().Select(image => image!.AsObject()))
        {
            var video = new JsonObject { ["id"] = $"v{image["id"]}" };
            foreach (var name in (string[])["neg_category_ids", "not_exhaustive_category_ids"])
            {
                video[name] = image[name]!.DeepClone();
                image.Remove(name);
            }

            (image["video_id"], image["frame_index"]) = (video["id"]!.DeepClone(), 0);
            videos.Add(video);
        }

        gt["videos"] = videos;
        Agree(Run(folder.Write("gt.json", gt.ToJsonString()), Golden("2-bbox/dt.json"), CocoType.Bbox, 20).OrThrow(), "2-bbox");
    }

    [Fact]
    public void ByCocosRules_ItIsSaid()
    {
        var coco = Run(Golden("4-bbox/gt.json"), Golden("4-bbox/dt.json"), CocoType.Bbox, 100, CocoRules.Coco).OrThrow();
        Assert.Contains(EvaluationText.Notes(coco, "gt", "dt"), note => note.Contains("--rules lvis", StringComparison.Ordinal));
        Assert.Null(coco.Lvis);
    }

    [Fact]
    public void ImagesThatSayNothing_AreRefused_WithTheirPlace()
    {
        using var folder = new TemporaryFolder();
        var gt = JsonNode.Parse(File.ReadAllText(Golden("4-bbox/gt.json")))!;
        gt["images"]![1]!.AsObject().Remove("neg_category_ids");
        Assert.True(Run(folder.Write("one.json", gt.ToJsonString()), Golden("4-bbox/dt.json"), CocoType.Bbox, 300).IsOk);
        gt["images"]![1]!.AsObject().Remove("not_exhaustive_category_ids");
        Assert.Contains(
            "$.images[1] (id 997)",
            Run(folder.Write("two.json", gt.ToJsonString()), Golden("4-bbox/dt.json"), CocoType.Bbox, 300)
                .Match(_ => "", error => error.Describe()),
            StringComparison.Ordinal
        );
        gt["images"]![1]!["neg_category_ids"] = "none";
        Assert.Contains(
            "$.images[1].neg_category_ids",
            Run(folder.Write("three.json", gt.ToJsonString()), Golden("4-bbox/dt.json"), CocoType.Bbox, 300)
                .Match(_ => "", error => error.Describe()),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void TracksByLvisRules_AreRefused() =>
        Assert.Contains(
            "--type bbox",
            Run(Golden("4-bbox/gt.json"), Golden("4-bbox/dt.json"), CocoType.Ytvis, 300).Match(_ => "", error => error.Describe()),
            StringComparison.Ordinal
        );
}
