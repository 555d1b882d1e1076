using System.Collections.Immutable;
using System.IO.Compression;
using System.Net;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Report.Pictures;

namespace Motion.Studio;

/// <summary>What the studio is given, since it is built elsewhere.</summary>
/// <param name="Label">Starts a labelling.</param>
/// <param name="Forms">In which masks are taken away: name and words of each.</param>
/// <param name="Away">Takes masks away: of a file, about sources, in a form, into a folder; answers what was written and what it
/// loses.</param>
internal sealed record StudioTools(StartLabel Label, ImmutableArray<(string Name, string Words)> Forms, TakeMasks Away);

/// <summary>Writes masks in a form.</summary>
/// <param name="masks">Their file.</param>
/// <param name="sources">The videos, or folders, of the project.</param>
/// <param name="form">Name of the form.</param>
/// <param name="folder">Where.</param>
/// <param name="progress">Told done and of how many.</param>
/// <param name="cancel">Stops it.</param>
internal delegate Task<Result<(string Path, ImmutableArray<string> Lost), DecodeError>> TakeMasks(
    string masks,
    ImmutableArray<string> sources,
    string form,
    string folder,
    Action<long, long> progress,
    CancellationToken cancel
);

/// <summary>How the studio is served.</summary>
/// <param name="Port">0 for any that is free.</param>
/// <param name="CacheBytes">Of decoded frames on disk.</param>
internal sealed record StudioOptions(int Port = 0, long CacheBytes = 2L << 30);

/// <summary>
/// The page's server. The page names videos, frames and forms by numbers and by names that are listed here, and never a path.
/// </summary>
internal sealed class StudioServer : IAsyncDisposable
{
    private const long MostBody = 8 << 20; // of what a page sends
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };
    private readonly WebApplication _app;

    private StudioServer(WebApplication app, Project project, FrameStore frames, Labellings labellings, Takings takings, Uri address) =>
        (_app, Project, Frames, Labelling, Takings, Address) = (app, project, frames, labellings, takings, address);

    public Project Project { get; }

    public FrameStore Frames { get; }

    public Labellings Labelling { get; }

    private Takings Takings { get; }

    /// <summary>With the token.</summary>
    public Uri Address { get; }

    /// <summary>Starts to serve a project.</summary>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<StudioServer> Start(Project project, StudioTools tools, StudioOptions options, CancellationToken cancel)
    {
        var builder = WebApplication.CreateSlimBuilder(
            new WebApplicationOptions
            {
                ApplicationName = typeof(StudioServer).Assembly.GetName().Name,
                ContentRootPath = AppContext.BaseDirectory,
            }
        );
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MostBody;
            kestrel.Limits.MaxConcurrentConnections = 64;
            kestrel.Listen(IPAddress.Loopback, options.Port, listen => listen.Protocols = HttpProtocols.Http1);
        });
        var app = builder.Build();
        var (frames, masks) = (new FrameStore(project.Videos, project.Cache, options.CacheBytes), new Masks(project));
        var (labellings, takings) = (new Labellings(project, tools.Label), new Takings(project, masks, tools));
        var (token, guard) = (Guard.NewSecret(), (Guard?)null);
        app.Use(next => context => guard!.Invoke(context, next)); // the port is known once it listens
        app.UseRouting();
        Files(app);
        Routes(app, project, frames, masks, labellings, takings, tools);
        try
        {
            await app.StartAsync(cancel);
        }
        catch
        {
            await app.DisposeAsync();
            await frames.DisposeAsync();
            throw;
        }

        var at = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        guard = new Guard(token, at.Port);
        return new StudioServer(app, project, frames, labellings, takings, new Uri(at, $"/?token={token}"));
    }

    private static void Files(WebApplication app)
    {
        foreach (
            var (path, name, type) in ((string, string, string)[])
                [
                    ("/", "index.html", "text/html"),
                    ("/studio.css", "studio.css", "text/css"),
                    ("/studio.js", "studio.js", "text/javascript"),
                ]
        )
        {
            using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!;
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            app.MapGet(path, () => Results.Bytes(bytes, type + "; charset=utf-8"));
        }
    }

    private static void Routes(
        WebApplication app,
        Project project,
        FrameStore frames,
        Masks masks,
        Labellings labellings,
        Takings takings,
        StudioTools tools
    )
    {
        var api = app.MapGroup("/api");
        api.MapGet("/project", () => Answer(Overview(project, tools)));
        api.MapGet("/boxes", () => Answer(Boxes(project)));
        api.MapPut(
            "/boxes/{video:int}",
            async (int video, HttpRequest request, CancellationToken cancel) =>
                await Body<BoxesSent>(request, cancel) is not { Objects.IsDefault: false } sent
                    ? Refuse(new StudioRefusal(400, "That is no list of objects."))
                : IsVideo(project, video) is { } refusal ? Refuse(refusal)
                : project.Keep(video, sent.Version, sent.Objects).Match(version => Answer(new { Version = version }), Refuse)
        );
        api.MapGet(
            "/frame/{video:int}/{frame:int}",
            async (int video, int frame, HttpContext context, CancellationToken cancel) =>
            {
                if (IsFrame(project, video, frame) is { } refusal)
                {
                    return Refuse(refusal);
                }

                return (await frames.Frame(video, frame, cancel)).Match(
                    bytes =>
                    {
                        context.Response.Headers.CacheControl = "private, max-age=3600";
                        return Results.Bytes(bytes, "image/jpeg");
                    },
                    error => Refuse(new StudioRefusal(500, error.Describe()))
                );
            }
        );
        api.MapGet(
            "/masks/{video:int}/{frame:int}",
            (int video, int frame) =>
                IsFrame(project, video, frame) is { } refusal
                    ? Refuse(refusal)
                    : masks.Frame(video, frame).Match(shown => Answer(shown), error => Refuse(new StudioRefusal(500, error.Describe())))
        );
        api.MapGet(
            "/doubts",
            () =>
                masks
                    .Doubts()
                    .Match(
                        doubts =>
                            Answer(
                                new
                                {
                                    doubts.Worst,
                                    doubts.Least,
                                    project.Kept.Labelled,
                                }
                            ),
                        error => Refuse(new StudioRefusal(500, error.Describe()))
                    )
        );
        api.MapGet("/label", () => Answer(labellings.State()));
        api.MapPost(
            "/label",
            async (HttpRequest request, CancellationToken cancel) =>
                await Body<LabelSent>(request, cancel) is not { } sent || sent.Iterations is < 1 or > 1_000_000
                    ? Refuse(new StudioRefusal(400, "That is no order to label."))
                : (sent.Videos ?? []).Select(video => IsVideo(project, video)).FirstOrDefault(problem => problem is not null) is { } refusal
                    ? Refuse(refusal)
                : labellings.Start(sent.Videos ?? [], sent.Iterations) is { } problem ? Refuse(problem)
                : Answer(labellings.State())
        );
        api.MapPost("/label/stop", () => Answer(new { Stopped = labellings.Stop() }));
        api.MapGet("/away", () => Answer(takings.State()));
        api.MapPost("/away/{form}", (string form) => takings.Start(form) is { } refusal ? Refuse(refusal) : Answer(takings.State()));
        api.MapGet(
            "/away/{form}",
            (string form) =>
                takings.File(form) is { } file
                    ? Results.File(file.Stream, file.Type, file.Name)
                    : Refuse(new StudioRefusal(404, "That has not been written."))
        );
        app.MapFallback(() => Refuse(new StudioRefusal(404, "There is nothing here.")));
    }

    private sealed record BoxesSent(long Version, ImmutableArray<Drawn> Objects);

    private sealed record LabelSent(int[]? Videos, int? Iterations);

    private static object Overview(Project project, StudioTools tools) =>
        new
        {
            Name = Path.GetFileName(Path.GetFullPath(project.Root).TrimEnd('/')),
            Folder = Path.GetFullPath(project.Root),
            Videos = project.Videos.Select(video => new
            {
                video.Footage.Name,
                video.Info.Frames,
                video.Info.Size.Width,
                video.Info.Size.Height,
            }),
            Forms = tools.Forms.Select(form => new { form.Name, form.Words }),
            Colours = Enumerable.Range(0, 10).Select(Palette.Hex),
            Boxes = Boxes(project),
        };

    private static object Boxes(Project project) =>
        new { project.Kept.Version, Videos = Enumerable.Range(0, project.Videos.Length).Select(project.ObjectsOf) };

    private static StudioRefusal? IsVideo(Project project, int video) =>
        video >= 0 && video < project.Videos.Length ? null : new StudioRefusal(404, $"There is no video {video}.");

    private static StudioRefusal? IsFrame(Project project, int video, int frame) =>
        IsVideo(project, video)
        ?? (
            frame >= 0 && frame < project.Videos[video].Info.Frames
                ? null
                : new StudioRefusal(404, $"There is no frame {frame}; the video has {project.Videos[video].Info.Frames}.")
        );

    private static async Task<T?> Body<T>(HttpRequest request, CancellationToken cancel)
        where T : class
    {
        try
        {
            return request.HasJsonContentType() ? await JsonSerializer.DeserializeAsync<T>(request.Body, Json, cancel) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static IResult Answer(object value) => Results.Json(value, Json);

    private static IResult Refuse(StudioRefusal refusal) =>
        Results.Text(refusal.Text, "text/plain; charset=utf-8", System.Text.Encoding.UTF8, refusal.Status);

    /// <summary>Ends what runs, and the server.</summary>
    public async ValueTask DisposeAsync()
    {
        await Labelling.End();
        await Takings.DisposeAsync();
        await _app.StopAsync(CancellationToken.None);
        await _app.DisposeAsync();
        await Frames.DisposeAsync();
    }
}

/// <summary>How taking away stands.</summary>
internal sealed record TakingState(
    string State,
    string? Form,
    long Done,
    long Of,
    string Message,
    string? Path,
    ImmutableArray<string> Lost
);

/// <summary>Writes masks in forms, one at a time; what was written is downloaded.</summary>
internal sealed class Takings(Project project, Masks masks, StudioTools tools) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, string> _written = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stop = new();
    private TakingState _state = new("idle", null, 0, 0, "", null, []);
    private Task _work = Task.CompletedTask;

    public TakingState State()
    {
        lock (_gate)
        {
            return _state;
        }
    }

    public StudioRefusal? Start(string form)
    {
        lock (_gate)
        {
            if (!tools.Forms.Any(known => known.Name == form))
            {
                return new StudioRefusal(404, $"There is no form {form}.");
            }

            if (_state.State == "running")
            {
                return new StudioRefusal(409, "Something is being written. Wait for it.");
            }

            if (project.Kept.Labelled.IsEmpty)
            {
                return new StudioRefusal(400, "There are no masks yet. Label first.");
            }

            _written.Remove(form);
            _state = new TakingState("running", form, 0, 0, "Writing", null, []);
            _work = Task.Run(() => Write(form));
            return null;
        }
    }

    private async Task Write(string form)
    {
        TakingState end;
        try
        {
            var file = masks.Together();
            var sources = project
                .Videos.Where(video => project.Kept.Labelled.ContainsKey(video.Footage.Name))
                .Select(video => video.Footage.Path)
                .ToImmutableArray();
            end = file is null
                ? new TakingState("failed", form, 0, 0, "There are no masks yet. Label first.", null, [])
                : (await tools.Away(file, sources, form, project.Takings, Told, _stop.Token)).Match(
                    taken => new TakingState("done", form, 1, 1, "", Path.GetFullPath(taken.Path), taken.Lost),
                    error => new TakingState("failed", form, 0, 0, error.Describe(), null, [])
                );
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException or OperationCanceledException)
        {
            end = new TakingState("failed", form, 0, 0, e.Message, null, []);
        }

        lock (_gate)
        {
            if (end.Path is { } path)
            {
                _written[form] = path;
            }

            _state = end;
        }
    }

    private void Told(long done, long of)
    {
        lock (_gate)
        {
            _state = _state with { Done = done, Of = of };
        }
    }

    /// <summary>What was written in a form, a folder as a zip.</summary>
    public (Stream Stream, string Type, string Name)? File(string form)
    {
        string? path;
        lock (_gate)
        {
            path = _written.GetValueOrDefault(form);
        }

        if (path is null)
        {
            return null;
        }

        if (Directory.Exists(path))
        {
            var zip = WholeFile.Free(path + ".zip");
            ZipFile.CreateFromDirectory(path, zip, CompressionLevel.Fastest, includeBaseDirectory: true);
            return (
                new FileStream(
                    zip,
                    FileMode.Open,
                    FileAccess.Read,
                    FileShare.Read,
                    1 << 16,
                    FileOptions.DeleteOnClose | FileOptions.Asynchronous
                ),
                "application/zip",
                Path.GetFileName(path) + ".zip"
            );
        }

        return System.IO.File.Exists(path)
            ? (
                new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.Asynchronous),
                "application/octet-stream",
                Path.GetFileName(path)
            )
            : null;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _work;
        _stop.Dispose();
    }
}
