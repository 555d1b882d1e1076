using System.Diagnostics;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Decode;
using Motion.Kernels;
using Motion.Properties.Generators;
using Xunit;

namespace Motion.Properties.Decode;

/// <summary>A fact about videos; it needs the program ffmpeg, which the product needs for videos only.</summary>
public sealed class VideoFactAttribute : FactAttribute
{
    public VideoFactAttribute()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        if (!folders.Any(folder => File.Exists(Path.Combine(folder, "ffmpeg"))))
        {
            Skip = "ffmpeg is not installed on this machine";
        }
    }
}

/// <summary>The same of a theory.</summary>
public sealed class VideoTheoryAttribute : TheoryAttribute
{
    public VideoTheoryAttribute() => Skip = new VideoFactAttribute().Skip;
}

/// <summary>A lossless video of eight known pictures, a cut and a damaged one; made once.</summary>
public sealed class Videos : IDisposable
{
    public static readonly Size2 Size = new(24, 32);

    public const int Frames = 8;

    private readonly TemporaryFolder _folder = new();

    public Videos()
    {
        for (var t = 0; t < Frames; t++)
        {
            _folder.Write($"pictures/{t}.png", Samples.PngOf((uint)t, Size));
        }

        Run(
            "-framerate",
            "10",
            "-i",
            this["pictures/%d.png"],
            "-c:v",
            "ffv1",
            "-level",
            "3",
            "-g",
            "1",
            "-pix_fmt",
            "bgr0",
            this["whole.mkv"]
        );
        var whole = File.ReadAllBytes(this["whole.mkv"]);
        _folder.Write("cut.mkv", whole[..(whole.Length * 5 / 8)]);
        Write(
            "boxes.csv",
            "frame,id,class,x1,y1,x2,y2\n" + string.Concat(Enumerable.Range(1, 5).Select(t => $"{t},1,dog,{t},2,{t + 9},12\n"))
        );
    }

    public string this[string relative] => _folder[relative];

    public string Write(string relative, string text) => _folder.Write(relative, text);

    public void Dispose() => _folder.Dispose();

    public static void Run(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("ffmpeg", ["-v", "error", "-nostdin", .. arguments]))!;
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}

/// <summary>Videos read through ffmpeg.</summary>
public sealed class VideoLaws(VideoLaws.Lazily lazily) : IClassFixture<VideoLaws.Lazily>
{
    [VideoFact]
    public void Open_WhatNamesOtherFiles_IsRefused_WhateverItIsCalled()
    {
        var videos = lazily.Videos;
        var whole = videos["whole.mkv"];
        foreach (
            var (name, text) in new[]
            {
                ("hls.mp4", $"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{whole}\n#EXT-X-ENDLIST\n"),
                ("hls.mkv", $"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{whole}\n"),
                ("list.mp4", $"ffconcat version 1.0\nfile '{whole}'\n"),
                (
                    "session.mp4",
                    "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n"
                ),
                ("dash.mp4", "<?xml version=\"1.0\"?><MPD xmlns=\"urn:mpeg:dash:schema:mpd:2011\" type=\"static\"><Period/></MPD>"),
                ("concat:a|b", "nothing"),
                ("%d.png", "nothing"),
            }
        )
        {
            var said = VideoProbe
                .Open(videos.Write($"others/{name}", text), DecodeSources.UsualSilence)
                .Match(_ => "read", error => error.Describe());
            Assert.StartsWith(videos["others"], said, StringComparison.Ordinal);
            Assert.EndsWith(".", said, StringComparison.Ordinal);
        }

        Assert.Contains(
            "leads to other files",
            VideoProbe.Open(videos["others/hls.mp4"], DecodeSources.UsualSilence).Match(_ => "", error => error.Describe()),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "leads to other files",
            VideoProbe.Open(videos["others/list.mp4"], DecodeSources.UsualSilence).Match(_ => "", error => error.Describe()),
            StringComparison.Ordinal
        );
    }

    [VideoFact]
    public void Open_AVideoOfAnyName_ReadsThatVideo()
    {
        var videos = lazily.Videos;
        foreach (var name in new[] { "-i.mkv", "%03d.mkv", "concat:x|y.mkv", "a b'c\"d.mkv", "pipe:0", "x.mp4", "*.mkv" })
        {
            var path = videos.Write($"named/{name}", "");
            File.Copy(videos["whole.mkv"], path, overwrite: true);
            Assert.Equal(
                (Videos.Frames, Videos.Size),
                VideoProbe
                    .Open(path, DecodeSources.UsualSilence)
                    .Match(video => (video.Info.Frames, video.Info.Size), error => throw new InvalidOperationException(error.Describe()))
            );
        }
    }

    /// <summary>Counting frames decodes them all: once for a file, until it changes.</summary>
    [VideoFact]
    public void Open_AFileThatStaysAsItIs_CountsItOnce()
    {
        var videos = lazily.Videos;
        var path = videos.Write("counted/once.mkv", "");
        File.Copy(videos["whole.mkv"], path, overwrite: true);
        var written = File.GetLastWriteTimeUtc(path);
        Result<VideoFile, DecodeError> Open() => VideoProbe.Open(path, DecodeSources.UsualSilence);
        Assert.Equal(Videos.Frames, Open().OrThrow().Info.Frames);
        File.WriteAllBytes(path, new byte[new FileInfo(path).Length]); // nobody can count these
        File.SetLastWriteTimeUtc(path, written);
        Assert.Equal(Videos.Frames, Open().OrThrow().Info.Frames);
        File.SetLastWriteTimeUtc(path, written.AddSeconds(1));
        Assert.False(Open().IsOk);
    }

    /// <summary>Makes the videos only where a fact asks for them.</summary>
    public sealed class Lazily : IDisposable
    {
        private readonly Lazy<Videos> _videos = new(() => new Videos());

        public Videos Videos => _videos.Value;

        public void Dispose()
        {
            if (_videos.IsValueCreated)
            {
                _videos.Value.Dispose();
            }
        }
    }

    private Videos Files => lazily.Videos;

    [VideoFact]
    public async Task Frames_OfALosslessVideo_AreItsPicturesInOrder()
    {
        var pairs = await Reading.Pairs(Options("whole.mkv"));
        Assert.Equal([1, 1, 1, 1, 1, 1, 1, -1], pairs.Select(pair => pair.Step));
        Assert.Equal(new ClipInfo("whole", Videos.Frames, Videos.Size), Reading.Open(Options("whole.mkv")).Catalogue.Clips.Single());
        for (var t = 0; t < pairs.Count; t++)
        {
            Assert.Equal(("whole", t), (pairs[t].Key.Clip, pairs[t].Key.Frame));
            Assert.Equal(Samples.Planes((uint)t, Videos.Size), Reading.Bytes(pairs[t].First));
            Assert.Equal(Samples.Planes((uint)(t + pairs[t].Step), Videos.Size), Reading.Bytes(pairs[t].Second));
            Assert.Null(pairs[t].Truth);
        }
    }

    [VideoFact]
    public async Task Frames_ThatAreSkipped_DoNotShiftTheRest()
    {
        var pairs = await Reading.Pairs(Options("whole.mkv") with { Every = 3, Boxes = Files["boxes.csv"] });
        Assert.Equal([0, 3, 6], pairs.Select(pair => pair.Key.Frame));
        Assert.Equal(
            [0, 3, 6],
            pairs.Select(pair =>
                (int)Enumerable.Range(0, 8).Single(t => Samples.Planes((uint)t, Videos.Size).SequenceEqual(Reading.Bytes(pair.First)))
            )
        );
        Assert.Equal([null, new Box(3, 2, 12, 12), null], pairs.Select(pair => pair.Truth?.Instances.Single().Box));
    }

    [VideoFact]
    public async Task Shuffled_HoldsTheSamePixels_AsInSequence()
    {
        var options = Options("whole.mkv") with { Boxes = Files["boxes.csv"], Shortest = 16, Longest = 100 };
        var inOrder = (await Reading.Pairs(options)).ToDictionary(
            pair => pair.Key.Frame,
            pair => (Reading.Bytes(pair.First), Reading.Bytes(pair.Second), pair.Step)
        );
        var shuffled = await Reading.Pairs(options with { Order = FrameOrder.Shuffled, CacheMegabytes = 0 }, 10);
        Assert.Equal([1, 2, 3, 4, 5], shuffled.Take(5).Select(pair => pair.Key.Frame).Order());
        Assert.All(
            shuffled,
            pair =>
            {
                var (first, second, step) = inOrder[pair.Key.Frame];
                Assert.Equal([3, 16, 21], pair.First.shape);
                Assert.Equal(first, Reading.Bytes(pair.First));
                Assert.Equal(second, Reading.Bytes(pair.Second));
                Assert.Equal(step, pair.Step);
            }
        );
    }

    [VideoFact]
    public async Task Shuffled_WithACacheFolder_LeavesOneFileThatTheNextRunUses()
    {
        var options = Options("whole.mkv") with { Boxes = Files["boxes.csv"], Order = FrameOrder.Shuffled, CacheFolder = Files["cache"] };
        var first = (await Reading.Pairs(options, 10)).Select(pair => Reading.Bytes(pair.First)).ToArray();
        var kept = Assert.Single(Directory.GetFiles(Files["cache"]));
        // frames 1..5 and the successor of the last, their hashes, that of all
        Assert.Equal(6L * (3 * Videos.Size.Area + 8) + 16, new FileInfo(kept).Length);
        var written = File.GetLastWriteTimeUtc(kept);
        Assert.Equal(first, (await Reading.Pairs(options, 10)).Select(pair => Reading.Bytes(pair.First)));
        Assert.Equal(written, File.GetLastWriteTimeUtc(kept));
        await Reading.Pairs(options with { Shortest = 12 }, 10);
        Assert.Equal(2, Directory.GetFiles(Files["cache"]).Length); // another size is another file
    }

    [VideoFact, Law]
    public void Shuffled_KeptFramesDamagedInAnyWay_AreDecodedAgainAndSaid()
    {
        var options = Options("whole.mkv") with { Boxes = Files["boxes.csv"], Order = FrameOrder.Shuffled, CacheFolder = Files["damaged"] };
        var said = new List<string>();
        List<byte[]> Frames()
        {
            said.Clear();
            return
            [
                .. DecodeSources
                    .Open(options, Reading.Seed, said.Add)
                    .OrThrow()
                    .Frames(0, CancellationToken.None)
                    .ToBlockingEnumerable()
                    .Take(5)
                    .Select(pair => Reading.Bytes(pair.OrThrow().First)),
            ];
        }

        var first = Frames();
        var kept = Assert.Single(Directory.GetFiles(Files["damaged"]));
        var whole = File.ReadAllBytes(kept);
        Laws.Hold(
            Damage.Any,
            damage =>
            {
                File.WriteAllBytes(kept, damage.Of(whole));
                return Frames().Zip(first).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second))
                    && said.Count == 1
                    && File.ReadAllBytes(kept).AsSpan().SequenceEqual(whole);
            },
            cases: 15
        );
    }

    [VideoFact]
    public async Task Video_WhoseProgramSaysNothing_IsSaidAfterItsTime()
    {
        using var process = Process.Start(new ProcessStartInfo("sleep", "60") { RedirectStandardOutput = true, UseShellExecute = false })!;
        await using var watch = new SilenceWatch(process, TimeSpan.FromSeconds(1));
        using (watch.Waiting(CancellationToken.None))
        {
            Assert.Equal(0, await process.StandardOutput.BaseStream.ReadAsync(new byte[1]));
        }

        await process.WaitForExitAsync();
        Assert.Equal("sleep gave no sign of life for 1 s and was ended", watch.Silenced);
    }

    [VideoFact]
    public async Task Video_ThatWasCut_GivesItsFramesAndOneError()
    {
        var items = await Reading.Items(Options("cut.mkv"));
        Assert.InRange(items.Count, 3, Videos.Frames);
        Assert.Equal(items.Count - 1, items.TakeWhile(item => item.IsOk).Count());
        Assert.Contains("cut.mkv", Reading.Text(items[^1]), StringComparison.Ordinal);
        Assert.DoesNotContain("0x", Reading.Text(items[^1]), StringComparison.Ordinal); // an address would differ from run to run
        Assert.Equal(items.Select(Reading.Text), (await Reading.Items(Options("cut.mkv"))).Select(Reading.Text));
    }

    [VideoFact]
    public async Task Shuffled_VideoThatBreaksOff_SaysSoOnce_AndKeepsNoFile()
    {
        var frames = Reading.Open(Options("cut.mkv")).Catalogue.Clips.Single().Frames;
        var boxes = Files.Write("few.csv", $"frame,id,class,x1,y1,x2,y2\n0,1,dog,1,2,9,12\n{frames - 1},1,dog,1,2,9,12\n");
        var items = await Reading.Items(
            Options("cut.mkv") with
            {
                Boxes = boxes,
                Order = FrameOrder.Shuffled,
                CacheFolder = Files["cut-cache"],
            },
            7
        );
        Assert.Equal([false, true, true, true, true, true, true], items.Select(item => item.IsOk));
        Assert.Empty(Directory.GetFiles(Files["cut-cache"]));
    }

    /// <summary>
    /// Frames of a phone (a rate with some late) and of a browser's recorder (milliseconds, as they came): every pattern of late frames is
    /// a whole video.
    /// </summary>
    [VideoTheory]
    [InlineData("mkv", "1/1000", "N*33+29*eq(mod(N,3),1)")]
    [InlineData("mkv", "1/1000", "N*33+32*gte(N,4)+7*eq(N,2)")]
    [InlineData("mkv", "1/1000", "N*N*3")]
    [InlineData("mkv", "1/1000", "floor(N/2)*40")] // two at one time
    [InlineData("mov", "1/600", "N*20+19*eq(N,5)")]
    [InlineData("mov", "1/90000", "N*3003+2900*eq(mod(N,2),1)")]
    public async Task Frames_ThatComeLate_AreAllThereAndNothingIsComplainedOf(string ending, string clock, string times)
    {
        var path = Late($"late.{ending}", clock, times);
        var items = await Reading.Items(new() { Source = SourceKind.Video, Path = path });
        Assert.All(items, item => Assert.True(item.IsOk, Reading.Text(item)));
        Assert.Equal(
            Enumerable.Range(0, Videos.Frames).Select(t => Samples.Planes((uint)t, Videos.Size)),
            items.Select(item => Reading.Bytes(item.OrThrow().First))
        );
    }

    [VideoFact]
    public void ReEncode_OfAnUnevenVideo_KeepsItsFramesAsTheyAreCounted()
    {
        var uneven = Late("uneven.mkv", "1/1000", "N*N*9");
        var again = Files.Write("again.mkv", "");
        Videos.Run([
            .. VideoForms
                .ReEncode.Split(' ')
                .Skip(1)
                .Select(word =>
                    word switch
                    {
                        "FILE" => uneven,
                        "libx264" => "ffv1",
                        "NEW.mp4" => again,
                        _ => word,
                    }
                ),
            "-y",
        ]);
        Assert.Equal(Videos.Frames, Reading.Open(new() { Source = SourceKind.Video, Path = again }).Catalogue.Clips.Single().Frames);
    }

    [VideoFact]
    public async Task Frame_ThatCannotBeDecoded_IsNotCounted_AndCostsNoOther()
    {
        var path = Files.Write("broken.avi", "");
        Videos.Run("-framerate", "10", "-i", Files["pictures/%d.png"], "-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-y", path);
        var bytes = File.ReadAllBytes(path);
        var fourth = Enumerable.Range(0, bytes.Length - 4).Where(at => bytes.AsSpan(at).StartsWith("00dc"u8)).ElementAt(4) + 8;
        bytes.AsSpan(fourth, BitConverter.ToInt32(bytes, fourth - 4)).Fill(0x55);
        File.WriteAllBytes(path, bytes);
        var options = new DecodeOptions { Source = SourceKind.Video, Path = path };
        Assert.Equal(Videos.Frames - 1, Reading.Open(options).Catalogue.Clips.Single().Frames);
        var items = await Reading.Items(options);
        Assert.Equal(Videos.Frames - 1, items.TakeWhile(item => item.IsOk).Count());
        Assert.Contains("complained", Reading.Text(Assert.Single(items, item => !item.IsOk)), StringComparison.Ordinal);
    }

    private string Late(string name, string clock, string times)
    {
        var path = Files.Write(name, "");
        Videos.Run(
            "-framerate",
            "10",
            "-i",
            Files["pictures/%d.png"],
            "-vf",
            $"settb={clock},setpts='{times}'",
            "-fps_mode",
            "passthrough",
            "-enc_time_base",
            clock,
            "-c:v",
            "ffv1",
            "-pix_fmt",
            "bgr0",
            "-y",
            path
        );
        return path;
    }

    [Fact]
    public void Program_ThatIsNotInstalled_IsNamedWithItsPackage()
    {
        var text = Programs.Start("ffmpeg-of-no-machine", []).Match(_ => "started", error => error.Describe());
        Assert.Contains("ffmpeg-of-no-machine", text, StringComparison.Ordinal);
        Assert.Contains("apt-get install ffmpeg", text, StringComparison.Ordinal);
    }

    [VideoFact]
    public void Files_ThatAreNoVideo_AreRefused()
    {
        Assert.Contains("boxes.csv: ffmpeg finds no video", Reading.Refusal(Options("boxes.csv")), StringComparison.Ordinal);
        Assert.Contains("none.mp4", Reading.Refusal(Options("none.mp4")), StringComparison.Ordinal);
        Assert.Contains(".mp4", Reading.Refusal(Options("pictures")), StringComparison.Ordinal); // a folder without a video
        Assert.Contains(
            "frame 8 does not exist",
            Reading.Refusal(
                Options("whole.mkv") with
                {
                    Boxes = Files.Write("late.csv", "frame,id,class,x1,y1,x2,y2\n8,1,dog,1,2,9,12\n"),
                }
            ),
            StringComparison.Ordinal
        );
    }

    private DecodeOptions Options(string path) => new() { Source = SourceKind.Video, Path = Files[path] };
}
