using System.Text;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Decode;
using Motion.Pipeline.Cli;
using Motion.Pipeline.Evaluating;
using Motion.Properties.Generators;
using Xunit;

namespace Motion.Properties.Evaluate;

/// <summary>
/// What motion evaluate says of files that break a rule: file, place, id, what to do; and what it leaves out with --lenient.
/// </summary>
public sealed class BadFiles : IDisposable
{
    private const string GoodTruth =
        """{"id": 7, "image_id": 3, "category_id": 5, "bbox": [1, 2, 4, 3], "area": 12, "iscrowd": 0, "segmentation": {"size": [10, 12], "counts": [13, 3, 104]}}""";

    private const string GoodResult =
        """{"image_id": 3, "category_id": 5, "score": 0.5, "bbox": [1, 2, 4, 3], "segmentation": {"size": [10, 12], "counts": "=3X3"}}""";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static string Truths(
        string annotations,
        string images = """{"id": 3, "height": 10, "width": 12}""",
        string categories = """{"id": 5, "name": "fish"}"""
    ) => $$"""{"images": [{{images}}], "categories": [{{categories}}], "annotations": [{{annotations}}]}""";

    private string Write(string name, string text) => Write(name, Encoding.UTF8.GetBytes(text));

    private string Write(string name, byte[] bytes)
    {
        var path = Path.Combine(_folder.Path, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    private Result<FileEvaluation, DecodeError> Run(
        string truths,
        string results,
        ReadingPolicy policy = ReadingPolicy.Strict,
        CocoType type = CocoType.Segm
    ) => EvaluateFiles.Run(Write("gt.json", truths), Write("dt.json", results), type, new FileComparison(policy, Threads: 1));

    private static void Says(Result<FileEvaluation, DecodeError> result, params string[] words)
    {
        var text = result.Match(_ => "all is well", error => error.Describe());
        Assert.All(words, word => Assert.Contains(word, text, StringComparison.Ordinal));
    }

    [Fact]
    public void Run_GoodFiles_AreMeasured() => Assert.Equal(1, Run(Truths(GoodTruth), $"[{GoodResult}]").OrThrow().Detections);

    public static TheoryData<string, string, string, string> BadTruths =>
        new()
        {
            { """ "area": 12""", """ "area": "12" """, "$.annotations[0].area (id 7)", "a finite number" },
            { "[13, 3, 104]", "[13, 3, 105]", "$.annotations[0].segmentation.counts (id 7)", "121 pixels, not to 120" },
            { "[13, 3, 104]", "[13, -3, 110]", "$.annotations[0].segmentation.counts[1] (id 7)", "-3" },
            { "[13, 3, 104]", "[13, 99999999999, 104]", "$.annotations[0].segmentation.counts[1] (id 7)", "99999999999" },
            { "[10, 12]", "[12, 10]", "$.annotations[0].segmentation (id 7)", "10x12" },
            { "[10, 12]", "[1000000000, 1000000000]", "$.annotations[0].segmentation.size[0] (id 7)", "1000000000" },
            {
                """{"size": [10, 12], "counts": [13, 3, 104]}""",
                """[[1, 1, 5, 1, 5]]""",
                "$.annotations[0].segmentation (id 7)",
                "5 numbers"
            },
            {
                """{"size": [10, 12], "counts": [13, 3, 104]}""",
                """[1, 1, 5, 1, 5, 5]""",
                "$.annotations[0].segmentation[0] (id 7)",
                "itself a list"
            },
            { """ "image_id": 3""", """ "image_id": "x3" """, "$.annotations[0].image_id (id 7)", "there is no image x3" },
            { """ "image_id": 3""", """ "image_id": [3] """, "$.annotations[0].image_id (id 7)", "a whole number" },
            { """ "id": 7""", """ "id": 7.5""", "$.annotations[0].id", "7.5" },
        };

    [Theory]
    [MemberData(nameof(BadTruths))]
    public void Truths_BrokenAnnotation_IsNamedAndLenientlyLeftOut(string good, string bad, string place, string problem)
    {
        var broken = GoodTruth.Replace(good.Trim(), bad.Trim(), StringComparison.Ordinal);
        Assert.NotEqual(GoodTruth, broken);
        Says(Run(Truths(broken), $"[{GoodResult}]"), "gt.json", place, problem);
        var other = GoodTruth.Replace("\"id\": 7", "\"id\": 8", StringComparison.Ordinal);
        var lenient = Run(Truths($"{broken}, {other}"), $"[{GoodResult}]", ReadingPolicy.Lenient).OrThrow();
        Assert.Equal(1, lenient.Truths);
        Assert.Equal(1, lenient.OfTruths.LeftOut.Single().Count);
        Assert.Contains(place, lenient.OfTruths.LeftOut.Single().First[0], StringComparison.Ordinal);
    }

    public static TheoryData<string, string, string, string> BadResults =>
        new()
        {
            { "0.5", "NaN", "$[1].score (detection 2, image_id 3)", "NaN" },
            { "0.5", "-Infinity", "$[1].score (detection 2, image_id 3)", "-Infinity" },
            { "0.5", "1e999", "$[1].score (detection 2, image_id 3)", "1e999" },
            { "0.5", "\"0.5\"", "$[1].score (detection 2, image_id 3)", "\"0.5\"" },
            { "0.5", "null", "$[1] (detection 2, image_id 3)", "\"score\" is missing" },
            { "[1, 2, 4, 3]", "[1, 2, \"4\", 3]", "$[1].bbox[2] (detection 2, image_id 3)", "\"4\"" },
            { "[1, 2, 4, 3]", "[1, 2, 4]", "$[1].bbox (detection 2, image_id 3)", "four numbers" },
            { "[1, 2, 4, 3]", "[1, 2, 1e300, 1e300]", "$[1].bbox (detection 2, image_id 3)", "no finite area" },
            { "\"image_id\": 3", "\"image_id\": 4", "$[1].image_id (detection 2, image_id 4)", "there is no image 4" },
            { "=3X3", "=3X3 ", "$[1].segmentation.counts (detection 2, image_id 3)", "letters '0' to 'o'" },
            { "=3X3", "=3", "$[1].segmentation.counts (detection 2, image_id 3)", "16 pixels, not to 120" },
            { "=3X3", "ooooooooo", "$[1].segmentation.counts (detection 2, image_id 3)", "does not end" },
            { "[10, 12]", "[11, 12]", "$[1].segmentation.counts (detection 2, image_id 3)", "not to 132" },
        };

    [Theory]
    [MemberData(nameof(BadResults))]
    public void Results_BrokenDetection_IsNamedAndLenientlyLeftOut(string good, string bad, string place, string problem)
    {
        var broken = GoodResult.Replace(good, bad, StringComparison.Ordinal);
        Says(Run(Truths(GoodTruth), $"[{GoodResult}, {broken}]"), "dt.json", place, problem);
        var lenient = Run(Truths(GoodTruth), $"[{GoodResult}, {broken}, {GoodResult}]", ReadingPolicy.Lenient).OrThrow();
        Assert.Equal((2, 1), (lenient.Detections, lenient.OfResults.LeftOut.Single().Count));
    }

    [Fact]
    public void Ids_ThatComeTwice_AreNamed()
    {
        Says(Run(Truths($"{GoodTruth}, {GoodTruth}"), "[]"), "$.annotations[1].id (id 7)", "occurs twice");
        Says(
            Run(Truths(GoodTruth, images: """{"id": 3, "height": 10, "width": 12}, {"id": 3, "height": 10, "width": 12}"""), "[]"),
            "$.images[1].id (id 3)",
            "occurs twice"
        );
        Says(
            Run(Truths(GoodTruth, categories: """{"id": 5, "name": "a"}, {"id": 5, "name": "b"}"""), "[]"),
            "$.categories[1].id (id 5)",
            "occurs twice"
        );
    }

    [Fact]
    public void Files_Swapped_AreRecognised()
    {
        Says(Run($"[{GoodResult}]", $"[{GoodResult}]"), "gt.json", "swapped");
        Says(Run(Truths(GoodTruth), Truths(GoodTruth)), "dt.json", "swapped");
    }

    [Theory]
    [InlineData("", "the file is empty")]
    [InlineData("{\"images\": []}", "the lists categories, annotations are missing")]
    [InlineData("[1, 2", "gt.json, $")]
    public void Truths_OfNoSuchForm_AreRefused(string text, string problem) => Says(Run(text, "[]"), "gt.json", problem);

    [Fact]
    public void Truths_CutOffAnywhere_AreAnErrorAndNoCrash()
    {
        var whole = Truths($"{GoodTruth}, {GoodTruth.Replace("\"id\": 7", "\"id\": 8", StringComparison.Ordinal)}");
        Assert.All(Enumerable.Range(0, whole.Length), length => Assert.False(Run(whole[..length], "[]").IsOk));
        Says(Run(whole[..^30], "[]"), "$.annotations[1]", "cut off");
    }

    [Fact]
    public void Texts_ThatAreNotUtf8_AreNamed()
    {
        var bytes = Encoding.UTF8.GetBytes(Truths(GoodTruth.Replace("\"iscrowd\"", "\"x\": \"?\", \"iscrowd\"", StringComparison.Ordinal)));
        bytes[Array.IndexOf(bytes, (byte)'?')] = 0xFF;
        var result = EvaluateFiles.Run(
            Write("gt.json", bytes),
            Write("dt.json", "[]"),
            CocoType.Bbox,
            new FileComparison(ReadingPolicy.Strict, Threads: 1)
        );
        Says(result, "$.annotations[0] (id 7)", "not UTF-8");
    }

    [Fact]
    public void Reading_InPiecesOfEverySize_GivesTheSame()
    {
        var padding = string.Concat(
            Enumerable
                .Range(0, 4000)
                .Select(i => $"{{\"id\": {i + 100}, \"height\": 10, \"width\": 12, \"note\": \"{new string('x', i % 97)}\"}}, ")
        );
        var many = string.Join(
            ", ",
            Enumerable.Range(0, 3000).Select(i => GoodResult.Replace("0.5", i % 3 == 0 ? "NaN" : $"0.{i + 1}", StringComparison.Ordinal))
        );
        var lenient = Run(
                Truths(GoodTruth, images: padding + """{"id": 3, "height": 10, "width": 12}"""),
                $"[{many}]",
                ReadingPolicy.Lenient
            )
            .OrThrow();
        Assert.Equal((4001, 2000, 1000), (lenient.Index.Units.Length, lenient.Detections, lenient.OfResults.LeftOut.Single().Count));
    }

    [Fact]
    public void Polygons_WhereTheReferenceCrashes_EncloseNothing()
    {
        foreach (var mask in new[] { "[]", "[[1, 1, 5, 5]]" })
        {
            var truth = GoodTruth.Replace("""{"size": [10, 12], "counts": [13, 3, 104]}""", mask, StringComparison.Ordinal);
            Assert.Equal(1, Run(Truths(truth), $"[{GoodResult}]", ReadingPolicy.AsPycocotools).OrThrow().Truths);
        }
    }

    [Fact]
    public void Results_OfBoxesAlone_AreFilledWhereMasksAreCompared()
    {
        var box = """{"image_id": 3, "category_id": 5, "score": 0.5, "bbox": [1, 2, 4, 3]}""";
        var polygon = GoodTruth.Replace(
            """{"size": [10, 12], "counts": [13, 3, 104]}""",
            "[[1, 2, 5, 2, 5, 5, 1, 5]]",
            StringComparison.Ordinal
        );
        Assert.Equal(1, Run(Truths(polygon), $"[{box}]").OrThrow().Scores.Stats.Ap, 1e-12);
        var mask =
            """{"image_id": 3, "category_id": 5, "score": 0.5, "segmentation": {"size": [10, 12], "counts": [12, 3, 7, 3, 7, 3, 7, 3, 75]}}""";
        Assert.Equal(1, Run(Truths(polygon), $"[{mask}]", type: CocoType.Bbox).OrThrow().Scores.Stats.Ap, 1e-12);
    }

    [Fact]
    public void TypeOf_TheFiles_IsWhatTheResultsHold()
    {
        CocoType Of(string truths, string results) => CocoFiles.TypeOf(Write("gt.json", truths), Write("dt.json", results)).OrThrow();
        Assert.Equal(CocoType.Segm, Of(Truths(GoodTruth), $"[{GoodResult}]"));
        Assert.Equal(CocoType.Bbox, Of(Truths(GoodTruth), """[{"image_id": 3, "category_id": 5, "score": 0.5, "bbox": [1, 2, 4, 3]}]"""));
        Assert.Equal(CocoType.Ytvis, Of(Truths(GoodTruth), """[{"video_id": 3, "category_id": 5, "score": 0.5, "segmentations": []}]"""));
        Assert.Equal(CocoType.Ytvis, Of("""{"videos": [], "annotations": [], "categories": []}""", "[]"));
    }

    [Fact]
    public void Command_BadFilesAndGoodOnes_ExitsAsItShould()
    {
        int Command(string truths, string results, params string[] more) =>
            EvaluateCommand.Create().Parse(["--gt", truths, "--dt", results, .. more]).Invoke();
        var (gt, dt, bad) = (Write("gt.json", Truths(GoodTruth)), Write("dt.json", $"[{GoodResult}]"), Write("bad.json", "[{]"));
        Assert.Equal(ExitCode.BadInput, Command(gt, bad));
        Assert.Equal(ExitCode.BadInput, Command(Path.Combine(_folder.Path, "none.json"), dt));
        Assert.Equal(
            ExitCode.Done,
            Command(
                gt,
                dt,
                "--json",
                Path.Combine(_folder.Path, "a/out.json"),
                "--curves",
                Path.Combine(_folder.Path, "curves"),
                "--per-class"
            )
        );
        Assert.Contains("perCategory", File.ReadAllText(Path.Combine(_folder.Path, "a/out.json")), StringComparison.Ordinal);
        using var arrays = Safetensors.Read(Path.Combine(_folder.Path, "curves", CurveFiles.Arrays)).OrThrow();
        Assert.Equal([10, 101, 1, 4, 3], arrays["precision"].shape);
        Assert.Contains("fish", File.ReadAllText(Path.Combine(_folder.Path, "curves", CurveFiles.Page)), StringComparison.Ordinal);
    }
}
