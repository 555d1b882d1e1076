using Motion.Contracts;
using Motion.DataSets;
using Motion.Decode;
using Motion.Pipeline.Evaluating;
using Motion.Properties.Decode;
using Motion.Properties.Generators;
using Xunit;

namespace Motion.Properties.DataSets;

/// <summary>What motion evaluate says of a file is what motion data inspect and a run say of it, word for word.</summary>
public sealed class OneReaderLaws
{
    private const string Images = """
        {"images": [{"id": 1, "height": 6, "width": 8, "file_name": "p.png"}, {"id": 5, "height": 9, "width": 9, "file_name": "q.png"}], "categories": [{"id": 2, "name": "dog"}, {"id": 3, "name": "cat"}], "annotations": [
         {"id": 4, "image_id": 1, "category_id": 2, "bbox": [1,1,3,3], "area": 9, "iscrowd": 0, "segmentation": [[1,1,4,1,4,4,1,4]]}]}
        """;

    private const string Videos = """
        {"videos": [{"id": 1, "height": 6, "width": 8, "length": 1, "file_names": ["v/p.png"]}, {"id": 5, "height": 9, "width": 9, "length": 1, "file_names": ["w/p.png"]}], "categories": [{"id": 2, "name": "dog"}, {"id": 3, "name": "cat"}], "annotations": [
         {"id": 4, "video_id": 1, "category_id": 2, "bboxes": [[1,1,3,3]], "areas": [9], "iscrowd": 0, "segmentations": [[[1,1,4,1,4,4,1,4]]]}]}
        """;

    /// <summary>What stands in a good file, what in its place, and what is then wrong; null for nothing.</summary>
    private static readonly (string Good, string Other, string? Problem)[] Edits =
    [
        ("", "", null),
        ("[{\"id\": 1,", "[{\"id\": 1.0,", null),
        ("\"id\": 4", "\"id\": 4e0", null),
        ("\"height\": 6", "\"height\": 40000", null),
        ("\"iscrowd\": 0", "\"iscrowd\": 1.0", null),
        ("\"iscrowd\": 0", "\"iscrowd\": 2", "].iscrowd (id 4): expected 0 or 1, got 2. Correct it."),
        (", \"name\": \"dog\"", "", "$.categories[0] (id 2): the member \"name\" is missing. Add it."),
        ("[{\"id\": 1,", "[{\"id\": 1.5,", "[0].id: expected a whole number, got 1.5. Correct it."),
        ("\"height\": 6", "\"height\": 70000", "[0].height (id 1): expected a whole number from 1 to 65535, got 70000. Correct it."),
        ("[1,1,3,3]", "[1,1,NaN,3]", "[2] (id 4): expected a finite number, got NaN. Correct it."),
        ("[1,1,3,3]", "[1,1,300,3]", "reaches over the border of the frame"),
        ("[[1,1,4,1,4,4,1,4]]", "{\"size\": [8, 6], \"counts\": [48]}", "the mask is 8x6"),
        ("4,4,1,4]", "4]", "it has 5 numbers"),
        ("\"category_id\": 2", "\"category_id\": 9", ".category_id (id 4): there is no category 9. Correct it, or list the category."),
    ];

    public static IEnumerable<object?[]> Files =>
        from file in new[] { Images, Videos }
        from edit in Edits
        select new object?[] { file, edit.Good, edit.Other, edit.Problem };

    [Theory]
    [MemberData(nameof(Files))]
    public void Sentence_OfAFile_IsThatOfEveryCommand(string file, string good, string other, string? problem)
    {
        using var folder = new TemporaryFolder();
        var (path, results) = (
            folder.Write("set.json", good.Length == 0 ? file : file.Replace(good, other, StringComparison.Ordinal)),
            folder.Write("dt.json", "[]")
        );
        var (source, types) =
            file == Images ? (SourceKind.Coco, new[] { CocoType.Bbox, CocoType.Segm }) : (SourceKind.YoutubeVis, [CocoType.Ytvis]);
        foreach (var type in types)
        {
            var compared = EvaluateFiles
                .Run(path, results, type, new FileComparison(ReadingPolicy.Strict, Threads: 1))
                .Match(_ => (string?)null, error => error.Describe());
            var inspected = DataInspect.Run(path, new DataPlace()).OrThrow().Problems.SelectMany(kind => kind.First).FirstOrDefault();
            var run = DecodeSources
                .Open(new DecodeOptions { Source = source, Path = path }, Reading.Seed)
                .Match(_ => (string?)null, error => error.Describe());
            Assert.Equal((inspected, inspected), (compared, run));
            Assert.Equal(problem is null, inspected is null);
            Assert.Contains(problem ?? "", inspected ?? "", StringComparison.Ordinal);

            var left = EvaluateFiles
                .Run(path, results, type, new FileComparison(ReadingPolicy.Lenient, Threads: 1))
                .OrThrow()
                .OfTruths.LeftOut;
            Assert.Equal(
                DataInspect.Run(path, new DataPlace(Policy: ReadingPolicy.Lenient)).OrThrow().Problems.Select(FaultText.Sentence),
                left.Select(FaultText.Sentence)
            );
            Assert.Equal(
                left.Select(FaultText.Sentence),
                Reading
                    .Open(
                        new DecodeOptions
                        {
                            Source = source,
                            Path = path,
                            Policy = ReadingPolicy.Lenient,
                        }
                    )
                    .Notes
            );
        }
    }

    [Theory]
    [InlineData("\"iscrowd\": 0", "\"iscrowd\": 2")]
    [InlineData(", \"name\": \"dog\"", "")]
    [InlineData("\"cat\"", "\"dog\"")]
    [InlineData("[1,1,3,3]", "[1,1,300,3]")]
    [InlineData("\"category_id\": 2", "\"category_id\": 9")]
    public void File_ThatPycocotoolsTakes_IsTakenAsPycocotoolsByEveryCommand(string good, string other)
    {
        using var folder = new TemporaryFolder();
        var (path, results) = (
            folder.Write("set.json", Images.Replace(good, other, StringComparison.Ordinal)),
            folder.Write("dt.json", "[]")
        );
        var options = new DecodeOptions
        {
            Source = SourceKind.Coco,
            Path = path,
            Policy = ReadingPolicy.AsPycocotools,
        };
        var compared = EvaluateFiles
            .Run(path, results, CocoType.Segm, new FileComparison(ReadingPolicy.AsPycocotools, Threads: 1))
            .OrThrow();
        var inspected = DataInspect.Run(path, new DataPlace(Policy: ReadingPolicy.AsPycocotools)).OrThrow();
        Assert.Equal((compared.Truths, 0), ((int)inspected.Instances, inspected.Problems.Length));
        Assert.Equal(
            compared.Index.Categories.Select(category => category.Name),
            Reading.Open(options).Catalogue.Categories.Select(category => category.Name)
        );
        Assert.Equal(2, compared.Index.Categories.DistinctBy(category => category.Name).Count());
    }
}
