using System.Diagnostics;
using System.Globalization;
using System.Text;
using FsCheck.Fluent;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Decode;
using Motion.Properties.Decode;
using Motion.Properties.Generators;
using Xunit;
using Picture = Motion.Decode.Picture;

namespace Motion.Properties.DataSets;

/// <summary>
/// What a file costs to read: bytes allocated, compared between an input and one four times as long. They count the work of nearly every
/// loop that is not linear, and do not depend on how busy a machine is.
/// </summary>
public sealed class CostLaws
{
    private const int Times = 4;
    private const double Slack = 1.5; // doubling buffers
    private const long Most = 1 << 26; // of any of these files, none of which is longer than 100 kB
    private static readonly FsCheck.Gen<int> Seeds = Gen.Choose(0, int.MaxValue - 1);

    /// <summary>Files of a size; each reader of data sets meets each of them.</summary>
    private static readonly (string Name, string Ending, int Size, Func<int, Draws, string> Make)[] Inputs =
    [
        ("an id a row", ".csv", 500, (n, _) => Csv(n, i => (i, i, "dog"))),
        ("an id a row, backwards", ".csv", 500, (n, _) => Csv(n, i => (n - i, i, "dog"))),
        ("all rows of one frame", ".csv", 500, (n, _) => Csv(n, i => (0, i, "dog"))),
        ("one object, frames far apart", ".csv", 500, (n, _) => Csv(n, i => ((int.MaxValue / n) * i, 1, "dog"))),
        ("rows of any frames and ids", ".csv", 500, (n, draws) => Csv(n, i => (draws.Next(2_000_000_000), i, $"class{draws.Next(n)}"))),
        ("a class a row", ".csv", 500, (n, _) => Csv(n, i => (i, i, $"class{i}"))),
        ("a quote that does not close", ".csv", 500, (n, _) => Csv(1, _ => (0, 0, "dog")) + "0,1,\"" + new string('x', 20 * n)),
        ("nothing but commas", ".csv", 500, (n, _) => Csv(1, _ => (0, 0, "dog")) + new string(',', 20 * n)),
        (
            "frames of boxes",
            ".json",
            300,
            (n, _) =>
                $"{{\"frames\": [{Many(n, i => $"{{\"frame\": {i}, \"boxes\": [{{\"id\": {i}, \"class\": \"dog\", \"box\": [1,1,4,4]}}]}}")}]}}"
        ),
        ("brackets", ".json", 3000, (n, _) => $"{{\"frames\": {new string('[', n)}"),
        ("a long text", ".json", 3000, (n, _) => $"{{\"frames\": \"{new string('x', 20 * n)}\"}}"),
        (
            "mistaken annotations",
            ".json",
            300,
            (n, _) => Set("", Many(n, i => $"{{\"id\": {i}, \"video_id\": 1, \"category_id\": 9, \"bboxes\": [[1,1,3,3]]}}"))
        ),
        ("annotations that are not JSON", ".json", 300, (n, _) => Set("", Many(n, i => $"{{\"id\": {i} \"video_id\"}}"))),
        (
            "videos of one file",
            ".json",
            300,
            (n, _) => Set(Many(n, i => $",{{\"id\": {i + 2}, \"height\": 8, \"width\": 8, \"file_names\": [\"a/0.png\"]}}", ""), "")
        ),
        (
            "tracks without a frame",
            ".json",
            300,
            (n, _) => Set("", Many(n, i => $"{{\"id\": {i}, \"video_id\": 1, \"category_id\": 1, \"bboxes\": [null]}}"))
        ),
        (
            "tracks of CVAT",
            ".xml",
            300,
            (n, _) =>
                $"<annotations>{Many(n, i => $"<track id=\"{i}\" label=\"dog\"><box frame=\"{i}\" keyframe=\"1\" outside=\"0\" xtl=\"1\" ytl=\"1\" xbr=\"4\" ybr=\"4\"/></track>")}</annotations>"
        ),
        (
            "an attribute of XML",
            ".xml",
            300,
            (n, _) => $"<annotations><track id=\"1\" label=\"dog\"><box frame=\"{new string('7', 20 * n)}\"/></track></annotations>"
        ),
        ("elements of XML that do not close", ".xml", 300, (n, _) => string.Concat(Enumerable.Repeat("<annotations>", n))),
        ("rows of MOT", ".txt", 500, (n, draws) => Many(n, i => $"{draws.Next(2_000_000_000) + 1},{i},1,1,3,3,1,{i}", "\n")),
        (
            "rows of VIA",
            ".csv",
            200,
            (n, _) =>
                "filename,region_shape_attributes,region_attributes\n"
                + Many(
                    n,
                    i =>
                        $"{i}.png,\"{{\"\"name\"\":\"\"rect\"\",\"\"x\"\":1,\"\"y\"\":1,\"\"width\"\":3,\"\"height\"\":3}}\",\"{{\"\"class\"\":\"\"dog\"\"}}\"",
                    "\n"
                )
        ),
        (
            "key frames of Label Studio",
            ".json",
            200,
            (n, _) =>
                $"[{Many(n, i => $"{{\"video\": \"{i}.mp4\", \"box\": [{{\"labels\": [\"dog\"], \"sequence\": [{{\"frame\": 1, \"enabled\": true, \"x\": 1, \"y\": 1, \"width\": 3, \"height\": 3}}]}}]}}")}]"
        ),
        (
            "shapes of labelme",
            ".json",
            200,
            (n, _) =>
                $"{{\"imagePath\": \"a.png\", \"shapes\": [{Many(n, i => $"{{\"label\": \"dog\", \"group_id\": {i}, \"shape_type\": \"rectangle\", \"points\": [[1, 1], [4, 4]]}}")}]}}"
        ),
        (
            "ids that are texts",
            ".json",
            100,
            (n, _) =>
                $"{{\"images\": [{Many(n, i => $"{{\"id\": \"i{i}\", \"height\": 8, \"width\": 8, \"file_name\": \"v/{i}.png\"}}")}], \"categories\": [{{\"id\": \"d\", \"name\": \"dog\"}}], "
                + $"\"annotations\": [{Many(n, i => $"{{\"id\": \"a{i}\", \"image_id\": \"i{i}\", \"category_id\": \"d\", \"bbox\": [1, 1, 3, 3]}}")}]}}"
        ),
        (
            "tracks of images",
            ".json",
            100,
            (n, _) =>
                $"{{\"images\": [{Many(n, i => $"{{\"id\": {i}, \"height\": 8, \"width\": 8, \"file_name\": \"v/{i}.png\", \"video_id\": 1, \"frame_id\": {i}}}")}], \"categories\": [{{\"id\": 1, \"name\": \"dog\"}}], "
                + $"\"annotations\": [{Many(n, i => $"{{\"id\": {i}, \"image_id\": {i}, \"category_id\": 1, \"track_id\": {i % 2}, \"segmentation\": {{\"size\": [8, 8], \"counts\": [3, 61]}}}}")}]}}"
        ),
    ];

    public static TheoryData<string> InputNames => [.. Inputs.Select(input => input.Name)];

    [Theory, Law]
    [MemberData(nameof(InputNames))]
    public void Reading_FourTimesTheInput_TakesFourTimesTheMemory(string name) =>
        Laws.Hold(
            Seeds,
            seed =>
            {
                var (_, ending, size, make) = Inputs.Single(each => each.Name == name);
                using var folder = new TemporaryFolder();
                var (small, large) = (
                    folder.Write($"small{ending}", make(size, new Seed((ulong)seed).Draws())),
                    folder.Write($"large{ending}", make(Times * size, new Seed((ulong)seed).Draws()))
                );
                Read(folder, small); // code that is compiled once
                var (least, most) = (Allocated(() => Read(folder, small)), Allocated(() => Read(folder, large)));
                return most < (Slack * Times * least) + (1 << 20) && most < Most
                    ? true
                    : throw new InvalidOperationException(
                        $"{new FileInfo(small).Length} bytes cost {least}, {new FileInfo(large).Length} cost {most}"
                    );
            },
            3
        );

    /// <summary>Looks at the file, and writes it in every form that takes it; what is no set is refused with a sentence.</summary>
    private static void Read(TemporaryFolder folder, string path)
    {
        Told(DataInspect.Run(path, new DataPlace()));
        foreach (
            var (to, output) in new[]
            {
                (DataFormat.BoxesCsv, "out.csv"),
                (DataFormat.BoxesJson, "out.json"),
                (DataFormat.Coco, "coco.json"),
            }
        )
        {
            Told(DataConvert.Run(path, new DataPlace(Policy: ReadingPolicy.Lenient), folder[output], new ConvertOptions(to, Force: true)));
        }
    }

    private static void Told<T>(Result<T, DecodeError> result)
    {
        var sentence = result.Match(_ => ".", error => error.Describe());
        Assert.EndsWith(".", sentence, StringComparison.Ordinal);
        Assert.True(sentence.Length < 2000, sentence[..Math.Min(200, sentence.Length)]);
    }

    private static long Allocated(Action work)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        work();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static string Csv(int rows, Func<int, (int Frame, int Id, string Class)> row) =>
        "frame,id,class,x1,y1,x2,y2\n" + Many(rows, i => row(i) is var (frame, id, name) ? $"{frame},{id},{name},1,1,4,4\n" : "", "");

    private static string Set(string videos, string annotations) =>
        $"{{\"videos\": [{{\"id\": 1, \"height\": 8, \"width\": 8, \"file_names\": [\"a/0.png\"]}}{videos}], \"categories\": [{{\"id\": 1, \"name\": \"dog\"}}], \"annotations\": [{annotations}]}}";

    private static string Many(int count, Func<int, string> one, string between = ",\n") =>
        string.Join(between, Enumerable.Range(0, count).Select(one));

    [Fact]
    public void AnyReader_OfAPipeADeviceOrAFolder_SaysSoAtOnce()
    {
        using var folder = new TemporaryFolder();
        foreach (var name in new[] { "set.json", "boxes.csv", "0.png", "video.mp4", "list.txt", "w.safetensors", "f.flo" })
        {
            using var made = Process.Start("mkfifo", [folder[name]]);
            made.WaitForExit();
            Assert.Equal(FileKind.Pipe, FileIdentity.Of(folder[name]).Kind);
        }

        string[] Sentences(string set, string boxes, string picture, string video, string list, string weights, string flow) =>
            [
                DataInspect.Run(set, new DataPlace(DataFormat.YoutubeVis)).Match(_ => "", error => error.Describe()),
                BoxFile.Read(boxes).Match(_ => "", error => error.Describe()),
                Picture.Read(picture).Match(_ => "", error => error.Describe()),
                PictureFiles.Size(picture).Match(_ => "", error => error.Describe()),
                VideoProbe.Open(video, TimeSpan.FromSeconds(10)).Match(_ => "", error => error.Describe()),
                SplitChoice.Apply(new ClipChoice([], list)).Match(_ => "", error => error.Describe()),
                WeightFiles.Open(weights).Match(_ => "", error => error.Describe()),
                FlowForms.Read(flow).Match(_ => "", error => error.Describe()),
                CocoFiles.TypeOf(set, set).Match(_ => "", error => error.Describe()),
            ];
        Assert.All(
            Sentences(
                folder["set.json"],
                folder["boxes.csv"],
                folder["0.png"],
                folder["video.mp4"],
                folder["list.txt"],
                folder["w.safetensors"],
                folder["f.flo"]
            ),
            sentence => Assert.Contains("this is a pipe", sentence, StringComparison.Ordinal)
        );
        Assert.All(
            Sentences("/dev/zero", "/dev/zero", "/dev/zero", "/dev/zero", "/dev/zero", "/dev/zero", "/dev/zero"),
            sentence => Assert.Contains("this is a device", sentence, StringComparison.Ordinal)
        );
    }

    [Fact, Law]
    public void FrameList_OfAnyEntries_IsTheListThatHoldsThemAll() =>
        Laws.Hold(
            Seeds,
            seed =>
            {
                var draws = new Seed((ulong)seed).Draws();
                var (frames, list) = (1 + draws.Next(40), new FrameList<int>());
                var plain = new int?[frames];
                list.Begin(frames);
                for (var i = 0; i < 20; i++)
                {
                    var at = draws.Next(frames);
                    list[at] = plain[at] = draws.Next(100);
                }

                return list.Count == frames
                    && Enumerable.Range(0, frames).All(frame => list[frame] == plain[frame])
                    && list.Frames.ToArray().SequenceEqual(Enumerable.Range(0, frames).Where(frame => plain[frame] is not null));
            }
        );

    [Theory]
    [InlineData("0.1,0.2,0.7,0.9", true)]
    [InlineData("0,0,0.5,1", true)]
    [InlineData("0.25,0.25,1.0,1.0", true)]
    [InlineData("0,0,1,1", false)]
    [InlineData("0.1,0.2,7.5,0.9", false)]
    public void Boxes_AsSharesOfTheFrame_AreNotTakenForPixels(string box, bool refused)
    {
        using var folder = new TemporaryFolder();
        var csv = folder.Write("a.csv", $"frame,id,class,x1,y1,x2,y2\n0,1,dog,{box}\n1,1,dog,{box}\n");
        var json = folder.Write(
            "b.json",
            $"{{\"frames\": [{{\"frame\": 0, \"boxes\": [{{\"id\": 1, \"class\": \"dog\", \"box\": [{box}]}}]}}]}}"
        );
        var c = box.Split(',').Select(text => double.Parse(text, CultureInfo.InvariantCulture)).ToArray();
        var sized = string.Create(CultureInfo.InvariantCulture, $"[{c[0]}, {c[1]}, {c[2] - c[0]}, {c[3] - c[1]}]");
        var set = folder.Write("c.json", Set("", $"{{\"id\": 5, \"video_id\": 1, \"category_id\": 1, \"bboxes\": [{sized}]}}"));
        foreach (var path in new[] { csv, json, set })
        {
            var said = DataInspect.Run(path, new DataPlace()).Match(_ => "", error => error.Describe());
            Assert.Equal(refused, said.Contains("0..1", StringComparison.Ordinal));
        }
    }
}
