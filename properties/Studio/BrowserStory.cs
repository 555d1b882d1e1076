using System.Globalization;
using System.IO.Compression;
using Microsoft.Playwright;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Properties.Generators;
using Motion.Studio;
using Xunit;

namespace Motion.Properties.Studio;

/// <summary>
/// The page of motion studio in Chromium, from an mp4 to downloaded masks. MOTION_SCREENSHOTS names a folder where pictures of it are left,
/// to be looked at.
/// </summary>
public sealed class BrowserStory
{
    private static readonly Size2 Size = new(270, 480);
    private const int Frames = 24;

    /// <summary>A page of a studio over one clip.</summary>
    private sealed class Sitting : IAsyncDisposable
    {
        public required IPlaywright Playwright { get; init; }

        public required IBrowser Browser { get; init; }

        public required IPage Page { get; init; }

        public required StudioServer Studio { get; init; }

        public List<string> Errors { get; } = [];

        /// <summary>Without the bridge to another libstdc++ (docs/install.md), which is libtorch's need and not the browser's.</summary>
        private static Dictionary<string, string> Surroundings =>
            Environment
                .GetEnvironmentVariables()
                .Cast<System.Collections.DictionaryEntry>()
                .Where(pair => (string)pair.Key != "LD_PRELOAD")
                .ToDictionary(pair => (string)pair.Key, pair => (string?)pair.Value ?? "");

        public static async Task<Sitting> Begin(TemporaryFolder folder, StartLabel label)
        {
            var source = MadeClip.Write(folder, "crossing", Size, Frames, sound: true);
            Directory.CreateDirectory(folder["project"]);
            var studio = await StudioServer.Start(
                Project.Open(folder["project"], [source]).OrThrow(),
                StandIn.Tools(label),
                new StudioOptions(),
                CancellationToken.None
            );
            var playwright = await Microsoft.Playwright.Playwright.CreateAsync();
            var browser = await playwright.Chromium.LaunchAsync(
                new()
                {
                    ExecutablePath = ChromiumFactAttribute.Path,
                    Env = Surroundings,
                    Args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"],
                }
            );
            var context = await browser.NewContextAsync(
                new()
                {
                    ViewportSize = new() { Width = 1360, Height = 800 },
                    AcceptDownloads = true,
                }
            );
            var page = await context.NewPageAsync();
            page.SetDefaultTimeout(15_000);
            var sitting = new Sitting
            {
                Playwright = playwright,
                Browser = browser,
                Page = page,
                Studio = studio,
            };
            page.PageError += (_, error) => sitting.Errors.Add(error);
            page.Console += (_, said) => sitting.Errors.AddRange(said.Type == "error" ? [said.Text] : []);
            await page.GotoAsync(studio.Address.ToString());
            await sitting.Shown(0);
            return sitting;
        }

        /// <summary>Waits until a frame is on the screen.</summary>
        public async Task Shown(int frame) => await Page.WaitForSelectorAsync($"body[data-frame='0/{frame}']");

        public async Task Look(string name)
        {
            if (Environment.GetEnvironmentVariable("MOTION_SCREENSHOTS") is { Length: > 0 } folder)
            {
                Directory.CreateDirectory(folder);
                await Page.ScreenshotAsync(new() { Path = Path.Combine(folder, name + ".png") });
            }
        }

        /// <summary>Waits until the server has a state of the drawing.</summary>
        public async Task Kept(Func<IReadOnlyList<Drawn>, bool> wanted)
        {
            for (var i = 0; i < 200 && !wanted(Studio.Project.ObjectsOf(0)); i++)
            {
                await Task.Delay(25);
            }

            Assert.True(wanted(Studio.Project.ObjectsOf(0)), System.Text.Json.JsonSerializer.Serialize(Studio.Project.ObjectsOf(0)));
        }

        /// <summary>A corner of the clip on the screen.</summary>
        public async Task<(float X, float Y)> At(double x, double y)
        {
            var room = (await Page.Locator("#fit").BoundingBoxAsync())!;
            return ((float)(room.X + (x / Size.Width * room.Width)), (float)(room.Y + (y / Size.Height * room.Height)));
        }

        public async Task Drag((double X, double Y) from, (double X, double Y) to)
        {
            var (start, end) = (await At(from.X, from.Y), await At(to.X, to.Y));
            await Page.Mouse.MoveAsync(start.X, start.Y);
            await Page.Mouse.DownAsync();
            await Page.Mouse.MoveAsync(end.X, end.Y, new() { Steps = 4 });
            await Page.Mouse.UpAsync();
        }

        public async Task Press(params string[] keys)
        {
            foreach (var key in keys)
            {
                await Page.Keyboard.PressAsync(key);
            }
        }

        public async ValueTask DisposeAsync()
        {
            await Browser.DisposeAsync();
            Playwright.Dispose();
            await Studio.DisposeAsync();
        }
    }

    private static (double Left, double Top, double Right, double Bottom) Round(int which, int frame)
    {
        var (x, y, radius) = MadeClip.Disc(Size, which, frame, Frames);
        return (x - radius, y - radius, x + radius, y + radius);
    }

    private static bool Near(Key key, (double Left, double Top, double Right, double Bottom) box) =>
        key.Box.Zip([box.Left, box.Top, box.Right, box.Bottom], (a, b) => Math.Abs(a - b)).All(difference => difference < 2);

    [ChromiumFact]
    public async Task Mouse_FromAVideoToItsMasks_WithAReloadInTheMiddle()
    {
        using var folder = new TemporaryFolder();
        await using var sitting = await Sitting.Begin(folder, StandIn.Label(steps: 6, pause: 150));
        var page = sitting.Page;
        await sitting.Look("1-empty");

        // Two boxes, drawn.
        foreach (var which in new[] { 0, 1 })
        {
            var box = Round(which, 0);
            await sitting.Drag((box.Left, box.Top), (box.Right, box.Bottom));
        }

        await sitting.Kept(objects => objects.Count == 2 && Near(objects[0].Keys[0], Round(0, 0)) && Near(objects[1].Keys[0], Round(1, 0)));
        await page.Locator("#objects input").First.FillAsync("ball");
        await page.Locator("#objects input").First.PressAsync("Enter");
        await sitting.Kept(objects => objects[0].Class == "ball");

        // The same in the last frame, moved there.
        await page.Locator("#last").ClickAsync();
        await sitting.Shown(Frames - 1);
        foreach (var which in new[] { 0, 1 })
        {
            var (from, to) = (Round(which, 0), Round(which, Frames - 1));
            await sitting.Drag(((from.Left + from.Right) / 2, from.Bottom - 6), ((to.Left + to.Right) / 2, to.Bottom - 6));
        }

        await sitting.Kept(objects => objects.All(one => one.Keys.Length == 2) && Near(objects[0].Keys[1], Round(0, Frames - 1)));

        // Between them boxes are dashed, on a line.
        await page.EvaluateAsync("go(0, 11)");
        await sitting.Shown(11);
        Assert.Equal(2, await page.Locator(".box.between").CountAsync());
        await sitting.Look("2-between");

        // Closed and opened: as it was.
        var before = System.Text.Json.JsonSerializer.Serialize(sitting.Studio.Project.ObjectsOf(0));
        await page.ReloadAsync();
        await sitting.Shown(11);
        Assert.Equal(2, await page.Locator(".box.between").CountAsync());
        Assert.Equal(before, System.Text.Json.JsonSerializer.Serialize(sitting.Studio.Project.ObjectsOf(0)));

        // A corner is dragged, undone, and done again.
        await page.Locator(".box").First.FocusAsync();
        var grip = (await page.Locator(".grip").Nth(4).BoundingBoxAsync())!;
        await page.Mouse.MoveAsync(grip.X + (grip.Width / 2), grip.Y + (grip.Height / 2));
        await page.Mouse.DownAsync();
        await page.Mouse.MoveAsync(grip.X + 30, grip.Y + 20, new() { Steps = 3 });
        await page.Mouse.UpAsync();
        await sitting.Kept(objects => objects[0].Keys.Length == 3);
        await page.Locator("#undo").ClickAsync();
        await sitting.Kept(objects => objects[0].Keys.Length == 2);

        // Labelled, with its progress; the page is loaded again while it runs.
        await page.Locator("#label").ClickAsync();
        await page.WaitForSelectorAsync("#running:not([hidden])");
        await page.ReloadAsync();
        await page.WaitForSelectorAsync("#running:not([hidden])");
        await sitting.Look("3-labelling");
        await page.WaitForSelectorAsync("body[data-label=done]");
        await page.WaitForSelectorAsync("path.mask");
        Assert.Equal(2, await page.Locator("path.mask").CountAsync());

        // The worst first.
        await page.Locator(".doubt").First.ClickAsync();
        await page.WaitForSelectorAsync(".doubt[aria-current=true]");
        await page.WaitForSelectorAsync("path.mask");
        await sitting.Look("4-masks");

        // Taken away: a file, and a folder as a zip.
        await page.Locator("#away").ClickAsync();
        await sitting.Look("5-away");
        foreach (var (form, isZip) in new[] { ("youtube-vis", false), ("davis", true), ("overlay", false) })
        {
            var download = await page.RunAndWaitForDownloadAsync(() => page.Locator($"[data-form={form}]").ClickAsync());
            await download.SaveAsAsync(folder[$"got/{form}"]);
            Assert.Equal(isZip, File.ReadAllBytes(folder[$"got/{form}"]).AsSpan().StartsWith("PK"u8));
        }

        ZipFile.ExtractToDirectory(folder["got/davis"], folder["got/zip"]);
        Assert.Equal(Frames, Directory.GetFiles(folder["got/zip"], "*.png", SearchOption.AllDirectories).Length);
        File.Move(folder["got/youtube-vis"], folder["got/masks.json"]);
        var (masks, area) = (0, 0L);
        ShownMasks
            .Each(
                folder["got/masks.json"],
                new DataPlace(),
                video =>
                {
                    masks = video.Objects.Sum(one => one.Frames.Count);
                    area = Rles.Area(video.Objects[0].Frames[0].Mask!);
                    return null;
                }
            )
            .OrThrow();
        Assert.Equal(2 * Frames, masks);
        Assert.InRange(area / (Math.PI * Math.Pow(MadeClip.Disc(Size, 0, 0, Frames).Radius, 2)), 0.93, 1.07);
        Assert.Empty(sitting.Errors);
    }

    [ChromiumFact]
    public async Task Keyboard_Alone_DrawsMovesLabelsLooksAndTakesAway()
    {
        using var folder = new TemporaryFolder();
        await using var sitting = await Sitting.Begin(folder, StandIn.Label(steps: 2, pause: 30));
        var page = sitting.Page;
        await sitting.Press("n");
        await sitting.Kept(objects => objects.Count == 1);
        var first = sitting.Studio.Project.ObjectsOf(0)[0].Keys[0].Box;
        await sitting.Press("ArrowRight", "ArrowRight", "Shift+ArrowDown", "Alt+ArrowLeft", "Alt+Shift+ArrowUp");
        await sitting.Kept(objects => objects[0].Keys[0].Box.SequenceEqual([first[0] + 2, first[1] + 10, first[2] + 1, first[3]]));
        await sitting.Press("c");
        await page.Keyboard.TypeAsync("kite");
        await sitting.Press("Enter");
        await sitting.Kept(objects => objects[0].Class == "kite");

        // Ten frames on, moved: a key frame. Then gone from there on, and back by undo.
        await sitting.Press("Shift+.", "Shift+ArrowRight");
        await sitting.Shown(10);
        await sitting.Kept(objects => objects[0].Keys.Length == 2 && objects[0].Keys[1].Frame == 10);
        await sitting.Press(".", "o");
        await sitting.Kept(objects => objects[0].Keys is [_, _, { Outside: true, Frame: 11 }]);
        Assert.Equal(0, await page.Locator(".box").CountAsync());
        await sitting.Press("Control+z");
        await sitting.Kept(objects => objects[0].Keys.Length == 2);
        await sitting.Press("Control+Shift+z", "Control+z", "j");
        await sitting.Shown(10);

        // A second one, chosen by Tab, taken away with its key frame.
        await sitting.Press("n");
        await sitting.Kept(objects => objects.Count == 2);
        await sitting.Press("Escape", "Tab");
        Assert.Equal("1", await page.EvaluateAsync<string>("document.activeElement.dataset.id"));
        Assert.NotEqual("none", await page.EvaluateAsync<string>("getComputedStyle(document.activeElement.querySelector('.halo')).stroke"));
        await sitting.Press("Tab", "Delete");
        await sitting.Kept(objects => objects.Count == 1 && objects[0].Class == "kite");

        await sitting.Press("?");
        await page.WaitForSelectorAsync("#helpBox[open]");
        await sitting.Look("6-keys");
        await sitting.Press("Escape");
        Assert.Equal(0, await page.Locator("dialog[open]").CountAsync());

        await sitting.Press("l");
        await page.WaitForSelectorAsync("body[data-label=done]");
        await page.WaitForSelectorAsync(".doubt");
        await sitting.Press("w");
        await page.WaitForSelectorAsync(".doubt[aria-current=true]");
        await sitting.Press("m");
        Assert.Equal(0, await page.Locator("path.mask").CountAsync());
        await sitting.Press("m", "t");
        await page.WaitForSelectorAsync("#awayBox[open]");
        await page.Locator("[data-form=cvat]").FocusAsync();
        var download = await page.RunAndWaitForDownloadAsync(() => page.Keyboard.PressAsync("Enter"));
        Assert.Equal("cvat.xml", download.SuggestedFilename);
        await download.SaveAsAsync(folder["got.xml"]);
        Assert.Contains("<mask", await File.ReadAllTextAsync(folder["got.xml"]), StringComparison.Ordinal);
        Assert.Empty(sitting.Errors);
    }

    [ChromiumFact]
    public async Task PageOfAnotherSite_InTheSameBrowser_ReadsAndStartsNothing()
    {
        using var folder = new TemporaryFolder();
        var started = false;
        await using var sitting = await Sitting.Begin(
            folder,
            plan =>
            {
                started = true;
                return StandIn.Label(1, 1)(plan);
            }
        );
        await sitting.Press("n");
        await sitting.Kept(objects => objects.Count == 1);
        using var other = new System.Net.HttpListener();
        var port = Free();
        other.Prefixes.Add($"http://127.0.0.1:{port}/");
        other.Start();
        var served = Task.Run(async () =>
        {
            var context = await other.GetContextAsync();
            context.Response.ContentType = "text/html";
            await context.Response.OutputStream.WriteAsync("<!doctype html><title>other</title>"u8.ToArray());
            context.Response.Close();
        });
        var page = await sitting.Page.Context.NewPageAsync(); // the same browser, with its cookies
        await page.GotoAsync($"http://127.0.0.1:{port}/");
        await served;
        var own = $"http://127.0.0.1:{sitting.Studio.Address.Port}";
        var version = sitting.Studio.Project.Kept.Version;
        var read = await page.EvaluateAsync<string>(
            """
            async own => {
              const tried = [];
              for (const [path, options] of [
                ['/api/project', { credentials: 'include' }],
                ['/api/boxes/0', { method: 'PUT', credentials: 'include', headers: { 'Content-Type': 'application/json' }, body: '{"version":1,"objects":[]}' }],
                ['/api/label', { method: 'POST', credentials: 'include', mode: 'no-cors', headers: { 'Content-Type': 'text/plain' }, body: '{}' }],
                ['/api/label', { method: 'POST', credentials: 'include' }]]) {
                try { tried.push((await (await fetch(own + path, options)).text()).length > 0 ? 'read ' + path : ''); } catch { tried.push(''); }
              }
              const shown = await new Promise(done => { const image = new Image(); image.onload = () => done('image'); image.onerror = () => done(''); image.src = own + '/api/frame/0/0'; });
              const script = await new Promise(done => { const made = document.createElement('script'); made.onload = () => done('script'); made.onerror = () => done(''); made.src = own + '/studio.js'; document.body.append(made); });
              return [...tried, shown, script].filter(Boolean).join(', ');
            }
            """,
            own
        );
        Assert.Equal("", read);
        Assert.False(started);
        Assert.Equal(version, sitting.Studio.Project.Kept.Version);
    }

    private static int Free()
    {
        using var listener = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        listener.Start();
        return int.Parse(listener.LocalEndpoint.ToString()!.Split(':')[^1], CultureInfo.InvariantCulture);
    }
}
