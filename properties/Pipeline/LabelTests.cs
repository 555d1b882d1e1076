using System.Text.Json;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Kernels;
using Motion.Pipeline.Cli;
using Motion.Pipeline.Predicting;
using Xunit;

namespace Motion.Properties.Pipeline;

/// <summary>motion label, predict and model as they are typed, on a few made-up frames and with a small network.</summary>
public sealed class LabelTests : MotionProgram
{
    private const int Frames = 7;
    private static readonly Size2 Size = new(48, 64);

    private static readonly string[] Small =
    [
        "--set",
        "stages.forward.backbone.network=small",
        "stages.forward.backbone.weights=null",
        "stages.forward.backbone.freeze=none",
        "stages.forward.backbone.smallChannels=[8,8,8,8]",
        "stages.forward.pyramid.channels=32",
        "stages.forward.mask.branchChannels=16",
        "stages.forward.view.shortestSides=[48]",
        "stages.forward.view.testShortestSide=48",
        "stages.forward.inference.scoreThreshold=0.001",
        "train.batch=1",
    ];

    private void Clip(string name)
    {
        for (var frame = 0; frame < Frames; frame++)
        {
            var planes = new byte[3 * Size.Area];
            for (var y = 10; y < 30; y++)
                planes.AsSpan((y * Size.Width) + 8 + (2 * frame), 20).Fill(220);
            Directory.CreateDirectory(Path.Combine(Here, "clips", name));
            PngWriter.Write(Path.Combine(Here, "clips", name, $"{frame:D5}.png"), planes, Size).OrThrow();
        }
    }

    private void Boxes(string file, string text) => File.WriteAllText(Path.Combine(Here, file), "frame,id,class,x1,y1,x2,y2\n" + text);

    private Task<(int Code, string Out, string Error)> Label(params string[] more) =>
        Motion(["label", "--out", "out", "--threads", "1", .. more, .. Small]);

    [Fact]
    public async Task Label_BoxesOfTwoFrames_GivesEveryFrameAMaskAndGoesOn()
    {
        Clip("a");
        Boxes("a.csv", "0,4,square,8,10,28,30\n6,4,square,20,10,40,30\n");
        var (code, said, error) = await Label(
            "--source",
            "clips/a",
            "--boxes",
            "a.csv",
            "--iterations",
            "2",
            "--review",
            "2",
            "--to",
            "davis"
        );
        Assert.True(code == ExitCode.Done, error);
        Assert.Contains("about", said, StringComparison.Ordinal);
        using (var masks = JsonDocument.Parse(File.ReadAllText(Path.Combine(Here, "out", "masks.json"))))
        {
            var track = Assert.Single(masks.RootElement.GetProperty("annotations").EnumerateArray());
            foreach (var name in new[] { "segmentations", "bboxes", "areas", "qualities", "given" })
                Assert.Equal(Frames, track.GetProperty(name).GetArrayLength());
            Assert.Equal(
                [true, false, false, false, false, false, true],
                track.GetProperty("given").EnumerateArray().Select(given => given.GetBoolean())
            );
            Assert.All(track.GetProperty("qualities").EnumerateArray(), quality => Assert.InRange(quality.GetDouble(), 0, 1));
        }

        Assert.Equal(1 + Frames, File.ReadAllLines(Path.Combine(Here, "out", "quality.csv")).Length);
        Assert.Equal(
            "done",
            JsonDocument.Parse(File.ReadAllText(Path.Combine(Here, "out", "progress.json"))).RootElement.GetProperty("doing").GetString()
        );
        Assert.Equal(Frames, Directory.GetFiles(Path.Combine(Here, "out", "davis", "Annotations", "a")).Length);
        Assert.True(File.Exists(Path.Combine(Here, "out", "report", "index.html")));

        (code, said, error) = await Label("--source", "clips/a", "--boxes", "a.csv", "--iterations", "2");
        Assert.True(code == ExitCode.Done, error);
        Assert.DoesNotContain("learning", said, StringComparison.Ordinal); // the same boxes and steps: nothing is trained
        await NothingOfOthersIsTouched();
        Boxes("a.csv", "0,4,square,8,10,28,30\n6,4,square,20,10,40,31\n");
        (code, said, error) = await Label("--source", "clips/a", "--boxes", "a.csv", "--iterations", "1");
        Assert.True(code == ExitCode.Done, error);
        Assert.Contains("on from", said, StringComparison.Ordinal);

        Assert.Contains("classes: square", await Succeeds("model", "show", "out/model"), StringComparison.Ordinal);
        await Succeeds("model", "save", "out/model", "half", "--half");
        Assert.True(
            new FileInfo(Path.Combine(Here, "half", "weights.safetensors")).Length
                < new FileInfo(Path.Combine(Here, "out", "model", "weights.safetensors")).Length * 0.6
        );
        Assert.Contains(
            "learnt from 2 frames of videos of these names",
            await Succeeds("predict", "--model", "half", "--source", "clips/a", "--out", "found", "--threads", "1"),
            StringComparison.Ordinal
        );
        using var images = JsonDocument.Parse(File.ReadAllText(Path.Combine(Here, "found", "images.json")));
        Assert.Equal(
            Enumerable.Range(1, Frames),
            images.RootElement.GetProperty("images").EnumerateArray().Select(image => image.GetProperty("id").GetInt32())
        );

        var whole = File.ReadAllBytes(Path.Combine(Here, "found", "masks.json"));
        var spool = Assert.Single(Directory.GetFiles(Path.Combine(Here, "found", "work"), "detections-*.jsonl"));
        File.WriteAllBytes(spool, File.ReadAllBytes(spool)[..^40]); // as one that was killed in the middle of a line
        Assert.Equal(Frames - 1, Spool.Mend(spool));
        await Succeeds("predict", "--model", "half", "--source", "clips/a", "--out", "found", "--threads", "1");
        Assert.Equal(whole, File.ReadAllBytes(Path.Combine(Here, "found", "masks.json")));
    }

    /// <summary>Neither what is read, nor what another wrote, whatever it is called.</summary>
    private async Task NothingOfOthersIsTouched()
    {
        File.Copy(Path.Combine(Here, "a.csv"), Path.Combine(Here, "out", "boxes-csv.csv"));
        Directory.CreateDirectory(Path.Combine(Here, "other", "model"));
        File.WriteAllText(Path.Combine(Here, "other", "model", "notes.txt"), "mine");
        foreach (
            var (arguments, expected) in new (string[], string)[]
            {
                (
                    ["label", "--boxes", "out/boxes-csv.csv", "--out", "out", "--to", "boxes-csv"],
                    "out/boxes-csv.csv is read by this command"
                ),
                (["label", "--boxes", "a.csv", "--out", "other"], "other/model is there already, and motion label did not write it"),
                (
                    ["predict", "--model", "out/model", "--out", "out"],
                    "out/masks.json is there already, and motion predict did not write it"
                ),
            }
        )
        {
            var (code, _, error) = await Motion([.. arguments, "--source", "clips/a"]);
            Assert.Equal(ExitCode.BadUsage, code);
            Assert.Contains(expected, error, StringComparison.Ordinal);
        }

        Assert.Equal("mine", File.ReadAllText(Path.Combine(Here, "other", "model", "notes.txt")));
        Assert.Equal(File.ReadAllText(Path.Combine(Here, "a.csv")), File.ReadAllText(Path.Combine(Here, "out", "boxes-csv.csv")));
    }

    [Theory]
    [InlineData("9,1,square,8,10,28,30\n", "frame 9 does not exist")]
    [InlineData("0,1,square,8,10,28,30\n0,1,square,9,10,28,30\n", "two boxes with the id 1")]
    [InlineData("", "no box")]
    public async Task Label_BadBoxes_SaysWhatIsWrongInOneSentence(string boxes, string expected)
    {
        Clip("a");
        Boxes("a.csv", boxes);
        var (code, _, error) = await Label("--source", "clips/a", "--boxes", "a.csv", "--iterations", "1");
        Assert.Equal(ExitCode.BadInput, code);
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.Single(error.Trim().Split('\n'));
        Assert.Equal(
            "failed",
            JsonDocument.Parse(File.ReadAllText(Path.Combine(Here, "out", "progress.json"))).RootElement.GetProperty("doing").GetString()
        );
    }
}
