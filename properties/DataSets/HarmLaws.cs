using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Decode;
using Motion.Properties.Decode;
using Motion.Properties.Generators;
using Xunit;

namespace Motion.Properties.DataSets;

/// <summary>The data commands write where they are told to and nowhere else, whatever names a JSON holds.</summary>
public sealed class HarmLaws
{
    private const int Cases = 60;
    private static readonly Gen<int> Seeds = Gen.Choose(0, int.MaxValue - 1);

    [Fact, Law]
    public void Convert_ToDavis_OfAnyNames_TouchesNothingOutsideItsFolder() =>
        Laws.Hold(Seeds, seed => Harmless(seed, force: false), Cases);

    [Fact, Law]
    public void Convert_ToDavis_Forced_OverAnyFolder_HarmsNoInput() => Laws.Hold(Seeds, seed => Harmless(seed, force: true), Cases);

    /// <summary>
    /// A set whose pictures have any names, converted into a folder that may be there, may hold links, or may be the pictures' own.
    /// </summary>
    private static bool Harmless(int seed, bool force)
    {
        using var folder = new TemporaryFolder();
        var draws = new Seed((ulong)seed).Draws();
        var names = Pictures(folder, draws);
        var path = folder.Write("in/deep/set.json", Set(names).ToJsonString());
        foreach (var end in new[] { ".json", "" })
        {
            Directory.CreateDirectory(folder[$"out/deep/taken{end}"]);
        }

        folder.Write("out/deep/taken/objects.json", "mine");
        Directory.CreateSymbolicLink(folder["out/deep/taken/JPEGImages"], folder["in/deep/JPEGImages"]);
        Directory.CreateSymbolicLink(folder["out/deep/taken/Annotations"], folder["beside"]);
        var (outs, hows) = (new[] { "out/deep/new", "out/deep/taken", "in/deep", "beside" }, Enum.GetValues<PicturesAs>());
        var output = folder[outs[draws.Next(outs.Length)]];
        var before = DiskState.Of(folder.Path);
        var done = DataConvert.Run(
            path,
            new DataPlace(
                Pictures: folder["in/deep/JPEGImages"],
                PicturesAnywhere: draws.Next(2) == 0,
                Policy: Enum.GetValues<ReadingPolicy>()[draws.Next(3)]
            ),
            output,
            new ConvertOptions(DataFormat.Davis, Pictures: hows[draws.Next(hows.Length)], Force: force)
        );
        var after = DiskState.Of(folder.Path);
        bool IsBelow(string file) => file == output || file.StartsWith(output + "/", StringComparison.Ordinal);
        var harmed = DiskState.Harmed(before, after);
        return DiskState.Made(before, after).All(IsBelow)
            && harmed.All(file => force && IsBelow(file) && file.EndsWith("objects.json", StringComparison.Ordinal))
            && done.Match(_ => true, error => error.Describe().EndsWith('.'));
    }

    /// <summary>Pictures inside and outside of the set's folder, and their names as a set may state them.</summary>
    private static List<string> Pictures(TemporaryFolder folder, Draws draws)
    {
        foreach (
            var place in new[]
            {
                "in/deep/JPEGImages/v0/0.png",
                "in/deep/JPEGImages/v1/0.png",
                "in/deep/v2/0.png",
                "beside/0.png",
                "beside/a/0.png",
            }
        )
        {
            folder.Write(place, Samples.PngOf((uint)draws.Next(9), new Size2(4, 4)));
        }

        return
        [
            .. Enumerable
                .Range(0, 1 + draws.Next(4))
                .Select(_ => $"{HostileNames.Path(draws, folder["beside"])}/{(draws.Next(4) == 0 ? HostileNames.Part(draws) : "0")}.png"),
        ];
    }

    private static JsonObject Set(IReadOnlyList<string> names) =>
        new()
        {
            ["videos"] = new JsonArray([
                .. names.Select(
                    (name, i) =>
                        new JsonObject
                        {
                            ["id"] = i + 1,
                            ["height"] = 4,
                            ["width"] = 4,
                            ["file_names"] = new JsonArray(name),
                        }
                ),
            ]),
            ["categories"] = new JsonArray(new JsonObject { ["id"] = 1, ["name"] = "dog" }),
            ["annotations"] = new JsonArray([
                .. names.Select(
                    (_, i) =>
                        new JsonObject
                        {
                            ["id"] = 70 + i,
                            ["video_id"] = i + 1,
                            ["category_id"] = 1,
                            ["segmentations"] = new JsonArray(
                                new JsonObject { ["size"] = new JsonArray(4, 4), ["counts"] = new JsonArray(2, 14) }
                            ),
                        }
                ),
            ]),
        };

    [Theory]
    [InlineData(DataFormat.YoutubeVis)]
    [InlineData(DataFormat.Coco)]
    [InlineData(DataFormat.BoxesCsv)]
    [InlineData(DataFormat.BoxesJson)]
    public void Convert_OverItsInputOrAPicture_IsRefused_EvenForced(DataFormat to)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("set.json", Set(["v0/0.png"]).ToJsonString());
        folder.Write("JPEGImages/v0/0.png", Samples.PngOf(1, new Size2(4, 4)));
        File.CreateSymbolicLink(folder["link.json"], path);
        var before = DiskState.Of(folder.Path);
        foreach (var output in new[] { path, folder["link.json"], folder["JPEGImages/v0/0.png"] })
        {
            var error = DataConvert
                .Run(path, new DataPlace(), output, new ConvertOptions(to, Force: true))
                .Match(_ => "", reason => reason.Describe());
            Assert.Contains("never overwritten", error, StringComparison.Ordinal);
        }

        Assert.Empty(DiskState.Harmed(before, DiskState.Of(folder.Path)));
    }

    [Fact]
    public void Split_OverItsInput_IsRefused_EvenForced()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("train_val.json", Set(["v0/0.png", "v1/0.png", "v2/0.png"]).ToJsonString());
        var before = DiskState.Of(folder.Path);
        Assert.Contains(
            "never overwritten",
            DataSplit
                .Run(path, new DataPlace(), folder.Path, new SplitOptions(PerClass: 1, Force: true))
                .Match(_ => "", reason => reason.Describe()),
            StringComparison.Ordinal
        );
        Assert.Empty(DiskState.Harmed(before, DiskState.Of(folder.Path)));
    }

    [Theory]
    [InlineData("../v0/0.png")]
    [InlineData("v0/../../0.png")]
    [InlineData("..\\v0\\0.png")]
    [InlineData("C:\\v0\\0.png")]
    [InlineData("/0.png")]
    public void PictureNames_ThatLeadOut_AreMistakes_UnlessTheUserSaysSo(string name)
    {
        using var folder = new TemporaryFolder();
        var stated = name == "/0.png" ? folder["beside/0.png"] : name;
        folder.Write("beside/0.png", Samples.PngOf(1, new Size2(4, 4)));
        folder.Write("in/JPEGImages/v0/0.png", Samples.PngOf(1, new Size2(4, 4)));
        var path = folder.Write("in/set.json", Set([stated]).ToJsonString());
        var problems = DataInspect.Run(path, new DataPlace()).OrThrow().Problems;
        Assert.Equal(DataFault.BadFileName, problems[0].Kind);
        Assert.Contains("$.videos[0].file_names[0]", problems[0].First[0], StringComparison.Ordinal);
        Assert.Contains("--pictures-anywhere", problems[0].First[0], StringComparison.Ordinal);
        Assert.DoesNotContain(
            DataInspect.Run(path, new DataPlace(PicturesAnywhere: true)).OrThrow().Problems,
            problem => problem.Kind == DataFault.BadFileName
        );
    }

    [Fact, Law]
    public void Convert_ToDavis_IsReadBack_AndNumbersObjectsWithinTheirClip() =>
        Laws.Hold(
            MadeSets.Disjoint,
            made =>
            {
                using var folder = new TemporaryFolder();
                made.WritePictures(folder, "JPEGImages");
                made.Write(folder, "instances.json");
                _ = DataConvert
                    .Run(
                        folder["instances.json"],
                        new DataPlace(),
                        folder["davis"],
                        new ConvertOptions(DataFormat.Davis, Pictures: PicturesAs.Copy)
                    )
                    .OrThrow();
                var set = DataInspect.Run(folder["davis"], new DataPlace()).OrThrow();
                var objects = JsonNode.Parse(File.ReadAllText(folder["davis/objects.json"]))!.AsArray();
                Assert.Equal(
                    (DataFormat.Davis, 0, made.Videos.Sum(video => video.Tracks.Length)),
                    (set.Format, set.Problems.Length, (int)set.Instances)
                );
                return objects.All(video =>
                    video!["objects"]!
                        .AsArray()
                        .Select(o => (int)o!["id"]!)
                        .SequenceEqual(Enumerable.Range(1, video["objects"]!.AsArray().Count))
                );
            },
            15
        );
}
