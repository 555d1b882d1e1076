using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Decode;
using Motion.Properties.Decode;
using Motion.Properties.Generators;
using Xunit;

namespace Motion.Properties.DataSets;

/// <summary>Boxes from CSV and JSON: what a user without a data format has.</summary>
public sealed class BoxFileLaws
{
    private const string Header = "frame,id,class,x1,y1,x2,y2\n";

    private static readonly Gen<StatedBox> Box =
        from frame in Gen.Choose(0, 500)
        from id in Gen.Choose(-3, 1000)
        from name in Gen.Elements("dog", "giant panda", "a \"quoted\" name", "x,y", "über")
        from x in Gen.Choose(-4000, 4000)
        from y in Gen.Choose(-4000, 4000)
        from crowd in Gen.Elements(true, false)
        select new StatedBox(
            "clip one",
            frame,
            id,
            name,
            new Box(x / 8f, y / 8f, (x + 9) / 8f, (y + 11) / 8f),
            new StatedCorners(x / 8m, y / 8m, (x + 9) / 8m, (y + 11) / 8m),
            crowd,
            ""
        );

    [Fact, Law]
    public void Csv_WithColumnsInAnyOrder_ReadsWhatWasWritten() =>
        Laws.Hold(
            Box.ArrayOf().SelectMany(boxes => Gen.Shuffle(Columns.Keys.ToArray()).Select(order => (boxes, order))),
            drawn =>
            {
                using var folder = new TemporaryFolder();
                var path = folder.Write(
                    "boxes.csv",
                    string.Join(',', drawn.order)
                        + "\r\n"
                        + string.Concat(
                            drawn.boxes.Select(box => string.Join(',', drawn.order.Select(name => Columns[name](box))) + "\r\n")
                        )
                );
                return BoxFile.Read(path).OrThrow().Boxes.Select(box => box with { Place = "" }).SequenceEqual(drawn.boxes);
            }
        );

    [Fact, Law]
    public void Json_ReadsWhatWasWritten() =>
        Laws.Hold(
            Box.ArrayOf(),
            boxes =>
            {
                using var folder = new TemporaryFolder();
                var path = folder.Write(
                    "boxes.json",
                    JsonSerializer.Serialize(
                        new
                        {
                            frames = boxes.Select(box => new
                            {
                                clip = box.Clip,
                                frame = box.Frame,
                                boxes = new[]
                                {
                                    new
                                    {
                                        id = box.Id,
                                        @class = box.Class,
                                        box = new[] { box.Box.X1, box.Box.Y1, box.Box.X2, box.Box.Y2 },
                                        crowd = box.IsCrowd,
                                    },
                                },
                            }),
                        }
                    )
                );
                return BoxFile.Read(path).OrThrow().Boxes.Select(box => box with { Place = "" }).SequenceEqual(boxes);
            }
        );

    [Theory]
    [InlineData("", "row 1", "empty")]
    [InlineData("frame,id,class,x1,y1,x2\n", "row 1", "y2")]
    [InlineData("frame,id,class,x1,y1,x2,y2,x1\n", "row 1", "x1")]
    [InlineData(Header + "0,1,dog,1,1,5,5\n0,2,dog,1,1,5\n", "row 3", "6 fields")]
    [InlineData(Header + "zero,1,dog,1,1,5,5\n", "row 2", "\"zero\"")]
    [InlineData(Header + "-1,1,dog,1,1,5,5\n", "row 2", "from 0 on")]
    [InlineData(Header + "1.5,1,dog,1,1,5,5\n", "row 2", "\"1.5\"")]
    [InlineData(Header + "99999999999,1,dog,1,1,5,5\n", "row 2", "too large")]
    [InlineData(Header + "0,1.5,dog,1,1,5,5\n", "row 2", "\"1.5\"")]
    [InlineData(Header + "\n\n0,1,dog,NaN,1,5,5\n", "row 4", "\"NaN\"")]
    [InlineData(Header + "0,1,dog,1,1,Infinity,5\n", "row 2", "\"Infinity\"")]
    [InlineData(Header + "0,1,dog,1,1,1e99,5\n", "row 2", "\"1e99\"")]
    [InlineData(Header + "0,1,dog,1,1,,5\n", "row 2", "nothing")]
    [InlineData(Header + "0,1,\"dog,1,1,5,5\n", "row 2", "quote")]
    [InlineData(Header + "0,1,,1,1,5,5\n", "row 2", "no class")]
    [InlineData("frame;id;class;x1;y1;x2;y2\n", "row 1", "frame;id")]
    [InlineData(Header + "0,1,dog,5,1,5,5\n", "row 2", "empty")]
    [InlineData(Header + "0,1,dog,6,1,5,5\n", "row 2", "not x,y,width,height")]
    [InlineData(Header + "0,1,dog,20,1,25,5\n", "row 2", "outside the frame of 12x16")]
    [InlineData(Header + "0,1,dog,10,1,25,5\n", "row 2", "clipBoxes")]
    [InlineData(Header + "3,1,dog,1,1,5,5\n", "row 2", "has 3 frames")]
    [InlineData(Header + "0,1,dog,1,1,5,5\n0,1,dog,2,1,5,5\n", "row 3", "two boxes with the id 1")]
    [InlineData(Header + "0,1,dog,1,1,5,5\n1,1,cat,2,1,5,5\n", "row 3", "row 2")]
    [InlineData("clip,frame,id,class,x1,y1,x2,y2\nb,0,1,dog,1,1,5,5\n", "row 2", "no clip b")]
    public void Csv_EveryMistake_NamesFileRowAndWhatCame(string text, string place, string fragment)
    {
        using var folder = Frames();
        var refusal = Reading.Refusal(Options(folder, folder.Write("boxes.csv", text)));
        Assert.StartsWith(folder["boxes.csv"], refusal, StringComparison.Ordinal);
        Assert.Contains(place, refusal, StringComparison.Ordinal);
        Assert.Contains(fragment, refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{", "line 1", "JSON")]
    [InlineData("[]", "$", "an object")]
    [InlineData("{}", "$", "\"frames\" is missing")]
    [InlineData("""{"frames": 3}""", "$.frames", "an array")]
    [InlineData("""{"frames": [{"frame": 0}]}""", "$.frames[0]", "\"boxes\" is missing")]
    [InlineData("""{"frames": [{"frame": -1, "boxes": []}]}""", "$.frames[0].frame", "-1")]
    [InlineData(
        """{"frames": [{"frame": 0, "boxes": [{"id": 1.5, "class": "dog", "box": [1,1,5,5]}]}]}""",
        "$.frames[0].boxes[0].id",
        "1.5"
    )]
    [InlineData("""{"frames": [{"frame": 0, "boxes": [{"id": 1, "class": 7, "box": [1,1,5,5]}]}]}""", "$.frames[0].boxes[0].class", "7")]
    [InlineData(
        """{"frames": [{"frame": 0, "boxes": [{"id": 1, "class": "dog", "box": [1,1,5]}]}]}""",
        "$.frames[0].boxes[0].box",
        "four numbers"
    )]
    [InlineData(
        """{"frames": [{"frame": 0, "boxes": [{"id": 1, "class": "dog", "box": [1,1,"5",5]}]}]}""",
        "$.frames[0].boxes[0].box[2]",
        "\"5\""
    )]
    [InlineData(
        """{"frames": [{"frame": 0, "boxes": [{"id": 1, "class": "dog", "box": [1,1,1e999,5]}]}]}""",
        "$.frames[0].boxes[0].box[2]",
        "1e999"
    )]
    [InlineData("""{"frames": [{"frame": 0, "boxes": [{"id": 1, "class": "dog", "box": [1,1,NaN,5]}]}]}""", "line 1", "JSON")]
    [InlineData("""{"frames": [{"frame": 0, "boxes": []}, {"frame": 0, "boxes": []}]}""", "$.frames[1]", "listed twice")]
    [InlineData(
        """{"categories": ["cat"], "frames": [{"frame": 0, "boxes": [{"id": 1, "class": "dog", "box": [1,1,5,5]}]}]}""",
        "$.frames[0].boxes[0]",
        "none of cat"
    )]
    public void Json_EveryMistake_NamesFilePathAndWhatCame(string text, string place, string fragment)
    {
        using var folder = Frames();
        var refusal = Reading.Refusal(Options(folder, folder.Write("boxes.json", text)));
        Assert.StartsWith(folder["boxes.json"], refusal, StringComparison.Ordinal);
        Assert.Contains(place, refusal, StringComparison.Ordinal);
        Assert.Contains(fragment, refusal, StringComparison.Ordinal);
    }

    [Fact]
    public void Boxes_ThatAreNotThere_OrNotText_AreErrors()
    {
        using var folder = Frames();
        Assert.Contains("none.csv", Reading.Refusal(Options(folder, folder["none.csv"])), StringComparison.Ordinal);
        Assert.Contains("none.json", Reading.Refusal(Options(folder, folder["none.json"])), StringComparison.Ordinal);
        Assert.Contains("UTF-8", Reading.Refusal(Options(folder, folder.Write("latin.csv", [0x66, 0xFC, 0x72]))), StringComparison.Ordinal);
    }

    [Fact, Law]
    public void AnyFlippedByte_IsReadOrRefused_NeverACrash()
    {
        using var folder = Frames();
        Laws.Hold(
            Gen.Choose(0, 10_000).Two().SelectMany(at => Gen.Elements(true, false).Select(json => (at, json))),
            drawn =>
            {
                var text = drawn.json
                    ? """{"categories": ["dog"], "frames": [{"frame": 0, "boxes": [{"id": 1, "class": "dog", "box": [1,1,5,5], "crowd": 0}]}, {"frame": 1, "boxes": []}]}"""
                    : Header + "0,1,dog,1,1,5,5\n1,1,\"dog\",2,1,6,5\n";
                var bytes = Encoding.UTF8.GetBytes(text);
                bytes[drawn.at.Item1 % bytes.Length] ^= (byte)(1 + (drawn.at.Item2 % 255));
                return Reading.Refusal(Options(folder, folder.Write(drawn.json ? "boxes.json" : "boxes.csv", bytes))).Length > 0;
            },
            300
        );
    }

    [Fact]
    public async Task Frames_WithoutARow_HaveNoAnnotation_WhileJsonCanSayThatTheyAreEmpty()
    {
        using var folder = Frames();
        var csv = await Reading.Pairs(Options(folder, folder.Write("boxes.csv", Header + "1,5,dog,1,1,5,5\n")));
        Assert.Equal([null, 1, null], csv.Select(pair => pair.Truth?.Instances.Length));
        var json = await Reading.Pairs(Options(folder, folder.Write("boxes.json", """{"frames": [{"frame": 2, "boxes": []}]}""")));
        Assert.Equal([null, null, 0], json.Select(pair => pair.Truth?.Instances.Length));
        Assert.Equal(new Instance(5, 0, new Box(1, 1, 5, 5)), csv[1].Truth!.Instances[0]);
    }

    [Fact]
    public async Task Box_OverTheBorder_IsCutThere_WhereThatIsAllowed()
    {
        using var folder = Frames();
        var path = folder.Write("boxes.csv", Header + "0,1,dog,-0.5,1,5,12.75\n1,1,dog,8,-3,40,9\n");
        var pairs = await Reading.Pairs(Options(folder, path) with { ClipBoxes = true });
        Assert.Equal([new Box(0, 1, 5, 12), new Box(8, 0, 16, 9)], pairs.Take(2).Select(pair => pair.Truth!.Instances[0].Box));
        Assert.Contains("row 3", Reading.Refusal(Options(folder, path)), StringComparison.Ordinal); // the first is a pixel's rounding
    }

    [Theory]
    [InlineData("boxes.csv", Header + "0,1,dog,1,1,5,5")]
    [InlineData("boxes.json", """{"frames": [{"frame": 0, "boxes": [{"id": 1, "class": "dog", "box": [1,1,5,5]}]}]}""")]
    public async Task File_WithAByteOrderMark_ReadsAsWithout(string name, string text)
    {
        using var folder = Frames();
        var pairs = await Reading.Pairs(Options(folder, folder.Write(name, "\uFEFF" + text)));
        Assert.Equal(new Instance(1, 0, new Box(1, 1, 5, 5)), pairs[0].Truth!.Instances.Single());
    }

    [Fact]
    public void Classes_FollowSettingFileOrNames()
    {
        using var folder = Frames();
        var rows = folder.Write("boxes.csv", Header + "0,1,dog,1,1,5,5\n0,2,cat,1,1,5,5\n");
        string[] Names(DecodeOptions options) => [.. Reading.Open(options).Catalogue.Categories.Select(category => category.Name)];
        Assert.Equal(["cat", "dog"], Names(Options(folder, rows)));
        Assert.Equal(["dog", "horse", "cat"], Names(Options(folder, rows) with { Categories = ["dog", "horse", "cat"] }));
        Assert.Equal(["object"], Names(Options(folder, rows) with { Classes = ClassNaming.Agnostic }));
        Assert.Equal(40, Names(Options(folder, rows) with { Classes = ClassNaming.Ytvis }).Length);
        Assert.Contains("row 3", Reading.Refusal(Options(folder, rows) with { Categories = ["dog"] }), StringComparison.Ordinal);
        var json = folder.Write("boxes.json", """{"categories": ["pig", "dog"], "frames": []}""");
        Assert.Equal(["pig", "dog"], Names(Options(folder, json)));
    }

    [Fact]
    public async Task Clips_OfOneFileOrOfAFolder_GetTheirOwnBoxes()
    {
        using var folder = new TemporaryFolder();
        foreach (var clip in (string[])["a", "b"])
        {
            folder.Write($"{clip}/0.png", Samples.PngOf(1, new Size2(12, 16)));
            folder.Write($"boxes/{clip}.csv", Header + (clip == "a" ? "0,1,dog,1,1,5,5\n" : "0,2,dog,2,2,5,5\n"));
        }

        var one = folder.Write("one.csv", "clip," + Header + "a,0,1,dog,1,1,5,5\nb,0,2,dog,2,2,5,5\n");
        foreach (var boxes in (string[])[folder["boxes"], one])
        {
            Assert.Equal(
                [1L, 2L],
                (await Reading.Pairs(Options(folder, boxes) with { Clips = ["a", "b"] })).Select(pair => pair.Truth!.Instances.Single().Id)
            );
            Assert.Equal(
                [2L],
                (await Reading.Pairs(Options(folder, boxes) with { Clips = ["b"] })).Select(pair => pair.Truth!.Instances.Single().Id)
            );
        }

        Assert.Contains(
            "which of the 2 clips",
            Reading.Refusal(Options(folder, folder["boxes/a.csv"]) with { Clips = ["a"] }),
            StringComparison.Ordinal
        );
        Assert.Contains("CLIP.csv", Reading.Refusal(Options(folder, folder["a"])), StringComparison.Ordinal);
    }

    private static readonly ImmutableSortedDictionary<string, Func<StatedBox, string>> Columns = new Dictionary<
        string,
        Func<StatedBox, string>
    >
    {
        ["clip"] = box => box.Clip!,
        ["frame"] = box => $"{box.Frame}",
        ["id"] = box => $"{box.Id}",
        ["class"] = box => $"\"{box.Class.Replace("\"", "\"\"", StringComparison.Ordinal)}\"",
        ["x1"] = box => $"{box.Box.X1}",
        ["y1"] = box => $" {box.Box.Y1} ",
        ["x2"] = box => $"{box.Box.X2}",
        ["y2"] = box => $"{box.Box.Y2}",
        ["crowd"] = box => box.IsCrowd ? "1" : "0",
        ["score"] = _ => "not read",
    }.ToImmutableSortedDictionary(StringComparer.Ordinal);

    /// <summary>One clip, a, of three frames of 12x16, below "clips".</summary>
    private static TemporaryFolder Frames()
    {
        var folder = new TemporaryFolder();
        for (var t = 0; t < 3; t++)
        {
            folder.Write($"a/{t}.png", Picture);
        }

        return folder;
    }

    private static readonly byte[] Picture = Samples.PngOf(1, new Size2(12, 16));

    private static DecodeOptions Options(TemporaryFolder folder, string boxes) =>
        new()
        {
            Source = SourceKind.Frames,
            Path = folder.Path,
            Boxes = boxes,
        };
}
