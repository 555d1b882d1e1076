using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Decode;
using Motion.Properties.Decode;
using Motion.Properties.Generators;
using Motion.Runner.Folders;
using Motion.Studio;
using Xunit;

namespace Motion.Properties.Studio;

/// <summary>A studio over a clip, and whoever has opened its address.</summary>
internal sealed class Opened : IAsyncDisposable
{
    private readonly HttpClientHandler _handler = new() { AllowAutoRedirect = false, UseCookies = false };

    private Opened(TemporaryFolder folder, StudioServer server)
    {
        (Folder, Server) = (folder, server);
        Http = new HttpClient(_handler) { BaseAddress = new Uri($"http://127.0.0.1:{server.Address.Port}") };
    }

    public TemporaryFolder Folder { get; }

    public StudioServer Server { get; }

    public HttpClient Http { get; }

    public string Cookie { get; private set; } = "";

    public string Own => $"http://127.0.0.1:{Server.Address.Port}";

    public static async Task<Opened> Pictures(StartLabel? label = null, int frames = 5)
    {
        var folder = new TemporaryFolder();
        for (var t = 0; t < frames; t++)
        {
            folder.Write($"clip/{t}.png", Samples.PngOf((uint)t, new Size2(24, 32)));
        }

        return await Of(folder, folder["clip"], label);
    }

    public static async Task<Opened> Of(TemporaryFolder folder, string source, StartLabel? label = null)
    {
        var project = Project.Open(folder["project"], [source]).OrThrow();
        Directory.CreateDirectory(folder["project"]);
        var opened = new Opened(
            folder,
            await StudioServer.Start(project, StandIn.Tools(label), new StudioOptions(), CancellationToken.None)
        );
        using var entered = await opened.Http.GetAsync(opened.Server.Address);
        opened.Cookie = entered.Headers.GetValues("Set-Cookie").Single();
        return opened;
    }

    public HttpRequestMessage Request(HttpMethod method, string path, object? body = null)
    {
        var request = new HttpRequestMessage(method, path) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Add("Cookie", Cookie.Split(';')[0]);
        if (method != HttpMethod.Get)
        {
            request.Headers.Add("Origin", Own);
        }

        return request;
    }

    public async Task<(HttpStatusCode Status, string Text)> Ask(HttpMethod method, string path, object? body = null)
    {
        using var answer = await Http.SendAsync(Request(method, path, body));
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    public async Task<JsonElement> Get(string path)
    {
        var (status, text) = await Ask(HttpMethod.Get, path);
        Assert.True(status == HttpStatusCode.OK, text);
        return JsonDocument.Parse(text).RootElement;
    }

    /// <summary>Asks until an answer is as wanted.</summary>
    public async Task<JsonElement> Await(string path, Func<JsonElement, bool> wanted)
    {
        for (var i = 0; i < 400; i++)
        {
            if (await Get(path) is var answer && wanted(answer))
            {
                return answer;
            }

            await Task.Delay(25);
        }

        throw new TimeoutException(path);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        _handler.Dispose();
        await Server.DisposeAsync();
        Folder.Dispose();
    }
}

/// <summary>The server of motion studio: what it keeps, and whom it refuses.</summary>
public sealed class StudioLaws
{
    private static readonly Size2 Size = new(24, 32);

    private static object Box(long version, params double[] corners) =>
        new
        {
            version,
            objects = new[]
            {
                new
                {
                    id = 1,
                    @class = "cow",
                    keys = new[] { new { frame = 0, box = corners } },
                },
            },
        };

    // ---- whom it refuses

    [Theory]
    [InlineData("GET", "/api/project", "Origin", "http://evil.example")]
    [InlineData("GET", "/api/frame/0/0", "Origin", "null")]
    [InlineData("GET", "/api/boxes", "Sec-Fetch-Site", "cross-site")]
    [InlineData("GET", "/api/boxes", "Sec-Fetch-Site", "same-site")]
    [InlineData("GET", "/", "Host", "evil.example")]
    [InlineData("GET", "/api/boxes", "Host", "127.0.0.1:1")]
    [InlineData("GET", "/api/boxes", "Host", "localhost.evil.example")]
    [InlineData("PUT", "/api/boxes/0", "Origin", "http://evil.example")]
    [InlineData("PUT", "/api/boxes/0", "Origin", "https://127.0.0.1")]
    [InlineData("PUT", "/api/boxes/0", "Origin", null)]
    [InlineData("POST", "/api/label", "Origin", "http://localhost:1")]
    [InlineData("POST", "/api/label", "Origin", null)]
    [InlineData("POST", "/api/label/stop", "Sec-Fetch-Site", "cross-site")]
    [InlineData("POST", "/api/away/coco", "Host", "evil.example")]
    [InlineData("POST", "/api/away/coco", "Cookie", null)]
    [InlineData("PUT", "/api/boxes/0", "Cookie", null)]
    [InlineData("GET", "/api/frame/0/0", "Cookie", null)]
    [InlineData("GET", "/", "Cookie", null)]
    [InlineData("GET", "/studio.js", "Cookie", null)]
    [InlineData("GET", "/api/project", "Cookie", "motion-studio-0=00")]
    public async Task Request_OfAnotherSite_NeitherReadsNorChangesAnything(string method, string path, string header, string? value)
    {
        var started = false;
        await using var studio = await Opened.Pictures(plan =>
        {
            started = true;
            return StandIn.Label(1, 1)(plan);
        });
        Assert.Equal(HttpStatusCode.OK, (await studio.Ask(HttpMethod.Put, "/api/boxes/0", Box(0, 1, 1, 9, 9))).Status);
        var request = studio.Request(
            new HttpMethod(method),
            path,
            method == "GET" ? null
                : path.EndsWith("boxes/0", StringComparison.Ordinal) ? Box(1, 2, 2, 5, 5)
                : new { }
        );
        request.Headers.Remove(header);
        if (value is not null)
        {
            request.Headers.TryAddWithoutValidation(header, value);
        }

        using var answer = await studio.Http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.StatusCode is HttpStatusCode.Forbidden or HttpStatusCode.MisdirectedRequest, $"{answer.StatusCode}");
        Assert.DoesNotContain("cow", text, StringComparison.Ordinal);
        Assert.DoesNotContain("clip", text, StringComparison.Ordinal);
        Assert.Single(text.Split(". "), part => part.Length > 0);
        Assert.False(started);
        Assert.Equal(1, studio.Server.Project.Kept.Version);
        Assert.False(answer.Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Fact]
    public async Task Token_OpensOnce_AsACookieThatNoScriptReadsAndNoOtherSiteSends()
    {
        await using var studio = await Opened.Pictures();
        Assert.Contains("httponly", studio.Cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", studio.Cookie, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain(studio.Server.Address.Query["?token=".Length..], studio.Cookie, StringComparison.Ordinal);
        using var wrong = await studio.Http.GetAsync($"/?token={new string('0', 48)}");
        Assert.Equal(HttpStatusCode.Forbidden, wrong.StatusCode);
        Assert.False(wrong.Headers.Contains("Set-Cookie"));
        using var page = await studio.Http.SendAsync(studio.Request(HttpMethod.Get, "/"));
        Assert.Equal(HttpStatusCode.OK, page.StatusCode);
        var policy = page.Headers.GetValues("Content-Security-Policy").Single();
        Assert.Contains("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Server_ListensOnLoopbackAlone()
    {
        await using var studio = await Opened.Pictures();
        Assert.Equal("127.0.0.1", studio.Server.Address.Host);
        foreach (var address in (await Dns.GetHostAddressesAsync(Dns.GetHostName())).Where(address => !IPAddress.IsLoopback(address)))
        {
            using var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            await Assert.ThrowsAsync<SocketException>(() => socket.ConnectAsync(address, studio.Server.Address.Port));
        }
    }

    [Theory]
    [InlineData("/api/frame/0/../../../../etc/passwd")]
    [InlineData("/api/frame/0/%2e%2e%2f%2e%2e%2fetc%2fpasswd")]
    [InlineData("/api/frame/-1/0")]
    [InlineData("/api/frame/0/5")]
    [InlineData("/api/frame/9/0")]
    [InlineData("/api/masks/0/99999999")]
    [InlineData("/api/away/..%2f..%2fstudio.json")]
    [InlineData("/api/away/studio.json")]
    [InlineData("/project/studio.json")]
    [InlineData("/%2e%2e/studio.json")]
    public async Task Path_OfNothingThatIsListed_IsNotThere(string path)
    {
        await using var studio = await Opened.Pictures();
        await studio.Ask(HttpMethod.Put, "/api/boxes/0", Box(0, 1, 1, 9, 9));
        var (status, text) = await studio.Ask(HttpMethod.Get, path);
        Assert.Equal(HttpStatusCode.NotFound, status);
        Assert.DoesNotContain("cow", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Body_LargerThanAnyDrawing_IsNotRead()
    {
        await using var studio = await Opened.Pictures();
        var request = studio.Request(HttpMethod.Put, "/api/boxes/0");
        request.Headers.ExpectContinue = true; // else what is sent meets a closed connection
        request.Content = new StringContent(
            "{\"version\":0,\"objects\":[" + new string(' ', 9 << 20) + "]}",
            Encoding.UTF8,
            "application/json"
        );
        using var answer = await studio.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.Equal(0, studio.Server.Project.Kept.Version);
    }

    // ---- what it keeps

    [Theory]
    [InlineData("[{\"id\":1,\"class\":\"cow\",\"keys\":[{\"frame\":0,\"box\":[1,1,40,9]}]}]", "must lie within 32x24")]
    [InlineData("[{\"id\":1,\"class\":\"cow\",\"keys\":[{\"frame\":0,\"box\":[9,1,1,9]}]}]", "must lie within 32x24")]
    [InlineData("[{\"id\":1,\"class\":\"cow\",\"keys\":[{\"frame\":0,\"box\":[1,1,9]}]}]", "must lie within 32x24")]
    [InlineData("[{\"id\":1,\"class\":\"cow\",\"keys\":[{\"frame\":5,\"box\":[1,1,9,9]}]}]", "there is no frame 5")]
    [InlineData(
        "[{\"id\":1,\"class\":\"cow\",\"keys\":[{\"frame\":1,\"box\":[1,1,9,9]},{\"frame\":1,\"box\":[1,1,9,9]}]}]",
        "in rising order"
    )]
    [InlineData("[{\"id\":1,\"class\":\"cow\",\"keys\":[]}]", "it needs key frames")]
    [InlineData("[{\"id\":1,\"class\":\"cow\"}]", "it needs key frames")]
    [InlineData("[{\"id\":1,\"class\":\"  \",\"keys\":[{\"frame\":0,\"box\":[1,1,9,9]}]}]", "its class must be a word")]
    [InlineData("[{\"id\":0,\"class\":\"cow\",\"keys\":[{\"frame\":0,\"box\":[1,1,9,9]}]}]", "from 1 on")]
    [InlineData("{}", "no list of objects")]
    [InlineData("[{\"id\":\"1\"}", "no list of objects")]
    public async Task Boxes_ThatCannotBe_AreRefusedAndChangeNothing(string objects, string sentence)
    {
        await using var studio = await Opened.Pictures();
        var request = studio.Request(HttpMethod.Put, "/api/boxes/0");
        request.Content = new StringContent($"{{\"version\":0,\"objects\":{objects}}}", Encoding.UTF8, "application/json");
        using var answer = await studio.Http.SendAsync(request);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains(sentence, await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        Assert.False(File.Exists(studio.Folder["project/studio.json"]));
    }

    [Fact]
    public async Task Change_OfAWindowThatIsBehind_IsRefused_AndTheOthersStays()
    {
        await using var studio = await Opened.Pictures();
        Assert.Equal(HttpStatusCode.OK, (await studio.Ask(HttpMethod.Put, "/api/boxes/0", Box(0, 1, 1, 9, 9))).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await studio.Ask(HttpMethod.Put, "/api/boxes/0", Box(0, 2, 2, 9, 9))).Status);
        Assert.Equal(new double[] { 1, 1, 9, 9 }, studio.Server.Project.ObjectsOf(0)[0].Keys[0].Box.ToArray());
    }

    private static Gen<Drawn> Object(int id) =>
        from name in Gen.Elements("cow", "dog", "über \"x\"")
        from frames in Gen.Choose(0, 11).ListOf(6)
        from seed in Gen.Choose(0, int.MaxValue - 1)
        let draws = new Seed((ulong)seed).Draws()
        select new Drawn(
            id,
            name,
            [
                .. frames
                    .Append(draws.Next(12))
                    .Distinct()
                    .Order()
                    .Select(
                        (frame, i) =>
                        {
                            var (x, y) = (draws.Next(200) / 10.0, draws.Next(140) / 10.0);
                            return new Key(frame, [x, y, x + 2 + draws.Next(10), y + 2 + draws.Next(7)], i > 0 && draws.Next(4) == 0);
                        }
                    ),
            ]
        );

    private static Gen<ImmutableArray<Drawn>> Objects { get; } =
        from count in Gen.Choose(0, 4)
        from objects in Gen.CollectToArray(Enumerable.Range(1, count), Object)
        select objects.ToImmutableArray();

    private const int Frames = 12;

    [Fact, Law]
    public void WhatIsDrawn_KeptAndOpenedAgain_IsTheSame_AndOtherCommandsReadTheSameBoxes() =>
        Laws.Hold(
            Objects,
            objects =>
            {
                using var folder = new TemporaryFolder();
                for (var t = 0; t < Frames; t++)
                {
                    folder.Write($"clip/{t}.png", Samples.PngOf(1, Size));
                }

                var project = Project.Open(folder["project"], [folder["clip"]]).OrThrow();
                Directory.CreateDirectory(folder["project"]);
                project.Keep(0, 0, objects).Match(version => version, refusal => throw new InvalidOperationException(refusal.Text));
                var again = Project.Open(folder["project"], [folder["clip"]]).OrThrow();
                var file = BoxFile.Read(again.Boxes).OrThrow();
                var annotated = file.Frames.Select(frame => frame.Frame).Order().ToArray();
                return JsonSerializer.Serialize(again.ObjectsOf(0)) == JsonSerializer.Serialize(objects)
                    && objects.All(one =>
                    {
                        var known = file.Boxes.Where(box => box.Id == one.Id).ToDictionary(box => box.Frame, box => box.Box);
                        return Enumerable
                            .Range(0, Frames)
                            .All(frame =>
                                (Between.At(one, frame), StandIn.Joined(known, annotated, frame)) switch
                                {
                                    (null, null) => true,
                                    ({ } at, { } read) => at.Zip([read.X1, read.Y1, read.X2, read.Y2], (a, b) => Math.Abs(a - b))
                                        .All(difference => difference < 0.01), // files keep thousandths
                                    _ => false,
                                }
                            );
                    });
            },
            cases: 40
        );

    [Fact, Law]
    public void BoxesBetweenKeyFrames_AreThoseOfCvat() =>
        Laws.Hold(
            Objects.Where(objects => objects.Length > 0),
            objects =>
            {
                using var folder = new TemporaryFolder();
                var one = objects[0];
                var xml = string.Concat(
                    one.Keys.Select(key =>
                        string.Create(
                            CultureInfo.InvariantCulture,
                            $"""<box frame="{key.Frame}" keyframe="1" outside="{(key.Outside ? 1 : 0)}" xtl="{key.Box[0]}" ytl="{key.Box[1]}" xbr="{key.Box[2]}" ybr="{key.Box[3]}"/>"""
                        )
                    )
                );
                var read = BoxFile
                    .Read(folder.Write("a.xml", $"""<annotations><track id="1" label="cow">{xml}</track></annotations>"""))
                    .OrThrow()
                    .Boxes.ToDictionary(box => box.Frame, box => box.Box);
                return Enumerable
                    .Range(0, one.Keys[^1].Frame + 1)
                    .All(frame =>
                        (Between.At(one, frame), read.TryGetValue(frame, out var box)) switch
                        {
                            (null, false) => true,
                            ({ } at, true) => at.Zip([box.X1, box.Y1, box.X2, box.Y2], (a, b) => Math.Abs(a - b))
                                .All(difference => difference < 1e-4),
                            _ => false,
                        }
                    );
            }
        );

    [Fact]
    public void DamagedProject_IsOneSentence_AndIsLeftAsItIs()
    {
        using var folder = new TemporaryFolder();
        folder.Write("clip/0.png", Samples.PngOf(1, Size));
        var project = Project.Open(folder["project"], [folder["clip"]]).OrThrow();
        Directory.CreateDirectory(folder["project"]);
        project.Keep(0, 0, [new Drawn(1, "cow", [new Key(0, [1, 1, 9, 9])])]);
        var text = File.ReadAllText(folder["project/studio.json"]).Replace("cow", "cat", StringComparison.Ordinal);
        folder.Write("project/studio.json", text);
        Assert.Contains(
            "has changed since it was written",
            Project.Open(folder["project"], [folder["clip"]]).Match(_ => "opened", error => error.Describe()),
            StringComparison.Ordinal
        );
        Assert.Equal(text, File.ReadAllText(folder["project/studio.json"]));
    }

    [Fact]
    public void SecondStudio_OfAProject_IsRefusedInOneSentence()
    {
        using var folder = new TemporaryFolder();
        using (ClaimFolder.Hold(folder["project"], "studio.lock").OrThrow())
        {
            Assert.Contains(
                "is in use by another motion",
                ClaimFolder.Hold(folder["project"], "studio.lock").Match(_ => "held", error => error.Describe()),
                StringComparison.Ordinal
            );
        }

        ClaimFolder.Hold(folder["project"], "studio.lock").OrThrow().Dispose();
    }

    // ---- frames

    [VideoFact]
    public async Task Frames_InAnyOrder_AreThoseOfTheVideo_AndNoneIsDecodedTwice()
    {
        using var folder = new TemporaryFolder();
        const int count = 90; // nine seconds: late ones are sought
        var path = MadeClip.Write(folder, "crossing", new Size2(48, 64), count);
        var footage = Footage.Find(path).OrThrow()[0];
        var truth = new List<byte[]>();
        await using (var reader = footage.Read().OrThrow())
        {
            while ((await reader.Take(CancellationToken.None)).OrThrow() is { } picture)
            {
                truth.Add(picture.Planes);
            }
        }

        Assert.Equal(count, truth.Count);
        var times = (await footage.Times(CancellationToken.None)).OrThrow()!;
        Assert.Equal(count, times.Stamps.Length);
        foreach (var at in new[] { 0, 1, 41, 55, 60, 61, 77, 88, 89 })
        {
            await using var sought = footage.Read(at, times).OrThrow();
            for (var next = at; next < Math.Min(count, at + 3); next++)
            {
                Assert.Equal(truth[next], (await sought.Take(CancellationToken.None)).OrThrow()!.Planes);
            }
        }

        await using var store = new FrameStore([new StudioVideo(footage, footage.Info().OrThrow())], folder["cache"], 1 << 30);
        var order = Enumerable.Range(0, count).OrderBy(t => (t * 37) % 91).ToArray();
        foreach (var frame in order.Concat(order))
        {
            var bytes = (await store.Frame(0, frame, CancellationToken.None)).OrThrow();
            Assert.Equal(Motion.Report.Pictures.JpegWriter.Encode(truth[frame], new Size2(48, 64), 92), bytes);
        }

        Assert.Equal(count, Directory.GetFiles(folder["cache"], "*.jpg", SearchOption.AllDirectories).Length);
    }

    [Fact]
    public async Task KeptFrames_StayWithinTheirBytes()
    {
        using var folder = new TemporaryFolder();
        for (var t = 0; t < 12; t++)
        {
            folder.Write($"clip/{t:D2}.png", Samples.PngOf((uint)t, Size));
        }

        var footage = Footage.Find(folder["clip"]).OrThrow()[0];
        var all = 0L;
        await using (var store = new FrameStore([new StudioVideo(footage, footage.Info().OrThrow())], folder["all"], long.MaxValue))
        {
            for (var t = 0; t < 12; t++)
            {
                all += (await store.Frame(0, t, CancellationToken.None)).OrThrow().Length;
            }
        }

        await using var small = new FrameStore([new StudioVideo(footage, footage.Info().OrThrow())], folder["some"], all / 3);
        for (var t = 0; t < 12; t++)
        {
            await small.Frame(0, t, CancellationToken.None);
            Assert.True(
                Directory.GetFiles(folder["some"], "*.jpg", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length) <= all / 3
            );
        }

        await using var again = new FrameStore([new StudioVideo(footage, footage.Info().OrThrow())], folder["some"], all / 3);
        await again.Frame(0, 11, CancellationToken.None);
        Assert.Equal(0, again.Decoded);
    }

    // ---- labelling and taking away

    [Fact]
    public async Task Labelling_ThatIsStopped_LeavesBoxesAndMasksAsTheyWere_AndOneThatEndsShowsItsMasks()
    {
        var pause = 10_000;
        await using var studio = await Opened.Pictures(plan => StandIn.Label(3, pause)(plan));
        Assert.Equal(HttpStatusCode.BadRequest, (await studio.Ask(HttpMethod.Post, "/api/label", new { })).Status);
        await studio.Ask(HttpMethod.Put, "/api/boxes/0", Box(0, 2, 3, 20, 20));
        Assert.Equal(HttpStatusCode.OK, (await studio.Ask(HttpMethod.Post, "/api/label", new { })).Status);
        Assert.Equal(HttpStatusCode.Conflict, (await studio.Ask(HttpMethod.Post, "/api/label", new { })).Status);
        var running = await studio.Await("/api/label", state => state.GetProperty("of").GetInt64() == 3);
        Assert.Equal("training", running.GetProperty("doing").GetString());
        await studio.Ask(HttpMethod.Post, "/api/label/stop", new { });
        Assert.Equal(
            "stopped",
            (await studio.Await("/api/label", state => state.GetProperty("state").GetString() != "running"))
                .GetProperty("state")
                .GetString()
        );
        Assert.Equal(0, (await studio.Get("/api/masks/0/0")).GetArrayLength());
        pause = 1;
        await studio.Ask(HttpMethod.Post, "/api/label", new { });
        await studio.Await("/api/label", state => state.GetProperty("state").GetString() == "done");
        var mask = (await studio.Get("/api/masks/0/4"))[0];
        Assert.Equal((1, "cow"), (mask.GetProperty("id").GetInt32(), mask.GetProperty("class").GetString()));
        Assert.StartsWith("M", mask.GetProperty("path").GetString(), StringComparison.Ordinal);
        var worst = (await studio.Get("/api/doubts"))
            .GetProperty("worst")
            .EnumerateArray()
            .Select(doubt => doubt.GetProperty("quality").GetDouble())
            .ToArray();
        Assert.Equal(5, worst.Length);
        Assert.Equal(worst.Order(), worst);
    }

    [Fact]
    public async Task Labelling_ThatFails_SaysWhatItSaidLast()
    {
        await using var studio = await Opened.Pictures(_ => new LabelJob(
            Task.FromResult(new LabelEnd(3, "clip.mp4: it is a song. Name a video.")),
            () => { }
        ));
        await studio.Ask(HttpMethod.Put, "/api/boxes/0", Box(0, 2, 3, 20, 20));
        await studio.Ask(HttpMethod.Post, "/api/label", new { });
        var failed = await studio.Await("/api/label", state => state.GetProperty("state").GetString() == "failed");
        Assert.Equal("clip.mp4: it is a song. Name a video.", failed.GetProperty("message").GetString());
    }

    [Fact]
    public async Task ClipThatIsRunAgain_GoesOnFromItsModel_AndTheOthersMasksStay()
    {
        var folder = new TemporaryFolder(); // the studio's to dispose
        foreach (var name in new[] { "a", "b" })
        {
            for (var t = 0; t < 3; t++)
            {
                folder.Write($"clips/{name}/{t}.png", Samples.PngOf((uint)t, Size));
            }
        }

        var plans = new List<LabelPlan>();
        await using var studio = await Opened.Of(
            folder,
            folder["clips"],
            plan =>
            {
                plans.Add(plan);
                return StandIn.Label(1, 1)(plan);
            }
        );
        await studio.Ask(HttpMethod.Put, "/api/boxes/0", Box(0, 2, 3, 20, 20));
        await studio.Ask(HttpMethod.Put, "/api/boxes/1", Box(1, 4, 4, 12, 12));
        await studio.Ask(HttpMethod.Post, "/api/label", new { });
        await studio.Await("/api/label", state => state.GetProperty("number").GetInt32() == 1);
        var other = (await studio.Get("/api/masks/0/1"))[0].GetProperty("path").GetString();
        await studio.Ask(HttpMethod.Put, "/api/boxes/1", Box(2, 1, 1, 22, 22));
        await studio.Ask(HttpMethod.Post, "/api/label", new { videos = new[] { 1 } });
        await studio.Await("/api/label", state => state.GetProperty("number").GetInt32() == 2);
        Assert.Equal(new[] { "a", "b" }, plans[0].Clips.ToArray());
        Assert.Equal(new[] { "b" }, plans[1].Clips.ToArray());
        Assert.Equal(new[] { "b" }, BoxFile.Read(plans[1].Boxes).OrThrow().Frames.Select(frame => frame.Clip).Distinct());
        Assert.Null(plans[0].Model);
        Assert.Equal(Path.Combine(plans[0].Out, "model"), plans[1].Model);
        Assert.Equal(other, (await studio.Get("/api/masks/0/1"))[0].GetProperty("path").GetString());
        Assert.Equal(1, (await studio.Get("/api/masks/1/1"))[0].GetProperty("box")[0].GetDouble());
        foreach (var form in new[] { "youtube-vis", "davis", "cvat" })
        {
            Assert.Equal(HttpStatusCode.OK, (await studio.Ask(HttpMethod.Post, $"/api/away/{form}", new { })).Status);
            Assert.Equal(
                "done",
                (await studio.Await("/api/away", state => state.GetProperty("state").GetString() != "running"))
                    .GetProperty("state")
                    .GetString()
            );
            using var answer = await studio.Http.SendAsync(studio.Request(HttpMethod.Get, $"/api/away/{form}"));
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal(form == "youtube-vis" ? "youtube-vis.json" : form + ".zip", answer.Content.Headers.ContentDisposition!.FileName);
            Assert.Equal(form != "youtube-vis", (await answer.Content.ReadAsByteArrayAsync()).AsSpan().StartsWith("PK"u8));
        }

        Assert.Equal([("a", 2f), ("b", 1f)], Lefts(folder["project/away/youtube-vis.json"]));
    }

    /// <summary>The left side of the box of each video's only object, in its second frame.</summary>
    private static IEnumerable<(string Video, float Left)> Lefts(string file)
    {
        var lefts = new List<(string, float)>();
        ShownMasks
            .Each(
                file,
                new DataPlace(),
                video =>
                {
                    lefts.Add((video.Name, video.Objects.Single().Frames[1].Box.X1));
                    return null;
                }
            )
            .OrThrow();
        return lefts.Order();
    }
}
