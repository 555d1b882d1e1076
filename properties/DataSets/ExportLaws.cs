using System.Globalization;
using FsCheck.Fluent;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Decode;
using Motion.Properties.Decode;
using Motion.Properties.Generators;
using Xunit;

namespace Motion.Properties.DataSets;

/// <summary>Boxes as annotation tools export them: the rules of their key frames, and what is refused.</summary>
public sealed class ExportLaws
{
    private static string Golden(string name) => Generators.GoldenFiles.PathOf("Sets", $"other-tools/{name}");

    private static string Line(StatedBox box) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"{box.Frame} {box.Class} {box.Corners.X1} {box.Corners.Y1} {box.Corners.X2} {box.Corners.Y2}"
        );

    [Theory]
    [InlineData("mot/gt.txt", 12)]
    [InlineData("via.csv", 1)]
    [InlineData("labelme/1.json", 1)]
    [InlineData("label-studio-video.json", 12)]
    [InlineData("cvat-video.xml", 12)]
    public void Exports_OfOneObject_AreItsBoxes(string file, int frames)
    {
        using var folder = new TemporaryFolder();
        DataConvert.Run(Golden(file), new DataPlace(), folder["o.csv"], new ConvertOptions(DataFormat.BoxesCsv)).OrThrow();
        var boxes = BoxFile.Read(folder["o.csv"]).OrThrow().Boxes;
        Assert.Equal(
            Enumerable
                .Range(0, frames)
                .Select(k =>
                    $"{k} {(file.StartsWith("mot", StringComparison.Ordinal) ? "pedestrian" : "cow")} {5 + (2 * k)} 6 {25 + (2 * k)} 16"
                ),
            boxes.Select(Line)
        );
        Assert.True(DataInspect.Run(Golden(file), new DataPlace()).IsOk);
    }

    private static string LabelStudio(int frames, IEnumerable<(int Frame, bool IsOn, double X)> keys) =>
        "[{\"video\": \"a.mp4\", \"box\": [{\"framesCount\": "
        + frames
        + ", \"labels\": [\"cow\"], \"sequence\": ["
        + string.Join(
            ',',
            keys.Select(key =>
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{{\"frame\": {key.Frame}, \"enabled\": {(key.IsOn ? "true" : "false")}, \"rotation\": 0, \"x\": {key.X}, \"y\": 10, \"width\": 20, \"height\": 20}}"
                )
            )
        )
        + "]}]}]";

    [Fact, Law]
    public void LabelStudio_AnyKeyFrames_HoldOnLines_UpToAndWithTheOneThatIsOff() =>
        Laws.Hold(
            Gen.Choose(1, 12)
                .ListOf()
                .Select(list => list.Distinct().Order().ToArray())
                .SelectMany(frames => Gen.Elements(true, false).ArrayOf(frames.Length).Select(on => (frames, on))),
            drawn =>
            {
                using var folder = new TemporaryFolder();
                var keys = drawn.frames.Zip(drawn.on, (frame, on) => (Frame: frame, IsOn: on, X: frame * (double)(frame % 5))).ToArray();
                var path = folder.Write("a.json", LabelStudio(12, keys));
                var about = new[] { new SetVideo(1, "a", [], 12, new Size2(100, 200)) };
                var boxes = Placing.On(BoxFile.Read(path).OrThrow(), about).OrThrow().Boxes;
                var expected = new List<(int, double)>();
                for (var frame = 1; frame <= 12; frame++)
                {
                    var at = Array.FindLastIndex(keys, key => key.Frame <= frame);
                    if (at < 0 || !(keys[at].IsOn || keys[at].Frame == frame))
                    {
                        continue;
                    }

                    var next = at + 1 < keys.Length ? keys[at + 1] : keys[at];
                    var share = next.Frame == keys[at].Frame ? 0 : (double)(frame - keys[at].Frame) / (next.Frame - keys[at].Frame);
                    expected.Add((frame - 1, 2 * (keys[at].X + (share * (next.X - keys[at].X)))));
                }

                return expected.Select(pair => pair.Item1).SequenceEqual(boxes.Select(box => box.Frame))
                    && expected
                        .Zip(boxes)
                        .All(pair => Math.Abs(pair.First.Item2 - (double)pair.Second.Corners.X1) < 1e-5 && pair.Second.Corners.Y1 == 10);
            }
        );

    [Fact]
    public void LabelStudio_TurnedBoxes_TurnAboutTheirTopLeftCorner_InPixels()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write(
            "a.json",
            LabelStudio(1, [(1, true, 30)]).Replace("\"rotation\": 0", "\"rotation\": 90", StringComparison.Ordinal)
        );
        var box = Placing.On(BoxFile.Read(path).OrThrow(), [new SetVideo(1, "a", [], 1, new Size2(100, 200))]).OrThrow().Boxes[0];
        Assert.Equal("0 cow 40 10 60 50", Line(box)); // 40 wide and 20 high at (60, 10)
    }

    [Fact]
    public void LabelStudio_OfUnknownSize_IsRefusedWithTheWayOn()
    {
        using var folder = new TemporaryFolder();
        var text = DataInspect
            .Run(folder.Write("a.json", LabelStudio(3, [(1, true, 30)])), new DataPlace())
            .Match(_ => "", error => error.Describe());
        Assert.Contains("$[0].box[0].sequence[0]", text, StringComparison.Ordinal);
        Assert.Contains("--source", text, StringComparison.Ordinal);
    }

    private static string Cvat(string shapes, string meta = "") =>
        $"""<?xml version="1.0" encoding="utf-8"?><annotations><version>1.1</version>{meta}<track id="3" label="cow">{shapes}</track></annotations>""";

    private static string Box(int frame, int x, bool outside = false, bool key = true, string more = "") =>
        $"""<box frame="{frame}" outside="{(outside ? 1 : 0)}" occluded="0" keyframe="{(key ? 1 : 0)}" xtl="{x}.00" ytl="5.00" xbr="{x + 10}.00" ybr="25.00" z_order="0"{more}></box>""";

    private static IEnumerable<string> Read(string xml)
    {
        using var folder = new TemporaryFolder();
        return [.. BoxFile.Read(folder.Write("a.xml", xml)).OrThrow().Boxes.Select(box => $"{box.Frame}:{(double)box.Corners.X1:0.##}")];
    }

    [Fact]
    public void Cvat_OutsideShape_IsTheFirstFrameWithoutTheObject_AndThoseBeforeLeadToIt()
    {
        Assert.Equal(["0:0", "1:4", "2:8"], Read(Cvat(Box(0, 0) + Box(3, 12, outside: true))));
        Assert.Equal(["0:0", "1:4", "6:2"], Read(Cvat(Box(0, 0) + Box(2, 8, outside: true) + Box(6, 2))));
    }

    [Fact]
    public void Cvat_EveryFrameWrittenOut_IsTakenAsItIs()
    {
        Assert.Equal(["0:0", "1:4", "2:7"], Read(Cvat(Box(0, 0) + Box(1, 4, key: false) + Box(2, 7) + Box(3, 9, outside: true))));
        Assert.Equal(["0:0", "5:4", "10:8"], Read(Cvat(Box(0, 0) + Box(5, 4, key: false) + Box(10, 8)))); // every fifth frame: no gap
        Assert.Equal(
            ["0:0", "5:4", "10:8"],
            Read(Cvat(Box(0, 0) + Box(10, 8), "<meta><task><frame_filter>step=5</frame_filter></task></meta>"))
        );
        Assert.Equal(["7:3"], Read(Cvat(Box(7, 3)))); // a single shape, without a closing one
    }

    [Fact]
    public void Cvat_TurnedBoxes_TurnAboutTheirCentres_OnTheShorterWay()
    {
        using var folder = new TemporaryFolder();
        var boxes = BoxFile
            .Read(
                folder.Write(
                    "a.xml",
                    Cvat(
                        Box(0, 0, more: " rotation=\"350.0\"") + Box(2, 0, more: " rotation=\"10.0\"") + Box(9, 0, more: " rotation=\"90\"")
                    )
                )
            )
            .OrThrow()
            .Boxes;
        Assert.Equal("1 cow 0 5 10 25", Line(boxes[1]));
        Assert.Equal("9 cow -5 10 15 20", Line(boxes[^1]));
    }

    [Theory]
    [InlineData("<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/hostname\">]><annotations>&x;</annotations>", "document type")]
    [InlineData("<annotations><track id=\"1\" label=\"a\"><box frame=\"x\"/></track></annotations>", "line 1: the frame of a shape")]
    [InlineData("<annotations><track id=\"1\" label=\"a\"><box frame=\"0\" xtl=\"1\"/></track></annotations>", "ytl of a box")]
    [InlineData("<annotations><track>", "not XML, line 1")]
    [InlineData("<other/>", "its outermost element is \"other\"")]
    public void Xml_ThatIsNone_IsRefusedWithItsPlace(string xml, string words)
    {
        using var folder = new TemporaryFolder();
        Assert.Contains(
            words,
            DataInspect.Run(folder.Write("a.xml", xml), new DataPlace()).Match(_ => "", error => error.Describe()),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void KeyFrames_ThatStandForAnyNumber_CostNoMemory()
    {
        using var folder = new TemporaryFolder();
        var studio = BoxFile
            .Read(folder.Write("a.json", LabelStudio(2_000_000_000, [(1, true, 3)])))
            .Match(_ => "", error => error.Describe());
        var cvat = BoxFile.Read(folder.Write("a.xml", Cvat(Box(0, 0) + Box(2_000_000_000, 8)))).Match(_ => "", error => error.Describe());
        Assert.All([studio, cvat], text => Assert.Contains("more than", text, StringComparison.Ordinal));
    }

    [Fact]
    public void Mot_WithLabelsBesideIt_IsDatumaros_WhosePixelsCountFromZero()
    {
        using var folder = new TemporaryFolder();
        folder.Write("seq/gt/labels.txt", "cow\nhorse\n");
        var box = BoxFile.Read(folder.Write("seq/gt/gt.txt", "3,7,5.5,6,20,10,0,2,1.0\n")).OrThrow().Boxes.Single();
        Assert.Equal(("2 horse 5.5 6 25.5 16", 7L, true), (Line(box), box.Id, box.IsCrowd));
        Assert.Equal("seq", SetText.Open(folder["seq/gt/gt.txt"]).Videos.Single().Name);
        Assert.Contains(
            "row 1",
            BoxFile.Read(folder.Write("notes.txt", "hello, all\n")).Match(_ => "", error => error.Describe()),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Pictures_ThatAFileNames_AreFramesByTheirNames()
    {
        using var folder = new TemporaryFolder();
        foreach (var name in (string[])["1", "2", "10"])
        {
            folder.Write($"frames/cow/{name}.png", Samples.PngOf(1, new Size2(48, 64)));
        }

        string Shape(string picture, int x) =>
            $$"""{"version": "5", "shapes": [{"label": "cow", "points": [[{{x + 9}}, 16], [{{x}}, 6]], "group_id": 4, "shape_type": "rectangle"}, {"label": "spot", "points": [[1, 1]], "shape_type": "point"}], "imagePath": "..\\frames\\{{picture}}.png", "imageHeight": 48, "imageWidth": 64}""";
        folder.Write("labelme/10.json", Shape("10", 3));
        folder.Write("labelme/2.json", Shape("2", 1));
        var set = SetText.Open(folder["labelme"], new DataPlace(Source: folder["frames"]));
        Assert.Equal([(1, 1m), (2, 3m)], BoxesOf(set));
        var run = Reading.Open(
            new DecodeOptions
            {
                Source = SourceKind.Frames,
                Path = folder["frames"],
                Boxes = folder["labelme"],
            }
        );
        Assert.Equal(["cow"], run.Catalogue.Categories.Select(category => category.Name));
        folder.Write("labelme/3.json", Shape("3", 1));
        Assert.Contains(
            "there is no picture \"frames/3.png\"",
            DataInspect.Run(folder["labelme"], new DataPlace(Source: folder["frames"])).Match(_ => "", error => error.Describe()),
            StringComparison.Ordinal
        );
    }

    private static List<(int, decimal)> BoxesOf(DataSet set)
    {
        var boxes = new List<(int, decimal)>();
        _ = set.Tracks(
                track =>
                {
                    boxes.AddRange(track.Told.ToArray().Select(t => (t, (decimal)track.BoxAt(t)!.Value.X)));
                    return null;
                },
                problem => problem.Error,
                null
            )
            .OrThrow();
        return boxes;
    }
}
