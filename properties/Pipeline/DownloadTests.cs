using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using Motion.Contracts;
using Motion.Pipeline.Published;
using Motion.Properties.Generators;
using Xunit;

namespace Motion.Properties.Pipeline;

/// <summary>Downloads from a server on this machine that cuts connections, forgets ranges, lies and refuses.</summary>
public sealed class DownloadTests : IAsyncLifetime, IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);
    private static readonly byte[] Content = [.. Enumerable.Range(0, 300_000).Select(i => (byte)((i * 7) ^ (i >> 8)))];
    private static readonly Digest Right = new(DigestKind.Sha256, Convert.ToHexStringLower(SHA256.HashData(Content)));

    private readonly TemporaryFolder _folder = new();
    private readonly HttpListener _server = new();
    private readonly HttpClient _client = new() { Timeout = Timeout.InfiniteTimeSpan };
    private readonly List<string> _asked = [];
    private Func<HttpListenerContext, Task> _answer = context => Send(context, Content, Range(context));
    private Uri _address = null!;
    private Task _serving = Task.CompletedTask;

    private string Target => Path.Combine(_folder.Path, "cache", "file.pth");

    public Task InitializeAsync()
    {
        for (var port = 20_000 + (Environment.ProcessId % 20_000); ; port++)
        {
            try
            {
                _server.Prefixes.Clear();
                _server.Prefixes.Add($"http://127.0.0.1:{port}/");
                _server.Start();
                _address = new Uri($"http://127.0.0.1:{port}/file.pth");
                break;
            }
            catch (HttpListenerException)
            {
                // The port is another's.
            }
        }

        _serving = Serve();
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        _server.Stop();
        await _serving;
    }

    public void Dispose()
    {
        _server.Close();
        _client.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Run_AWholeFile_IsThereAndNothingElse()
    {
        var shown = new List<DownloadStatus>();
        Assert.Equal(Target, (await Fetch(Right, shown.Add)).OrThrowText());
        Assert.Equal(Content, await File.ReadAllBytesAsync(Target));
        Assert.Equal(["file.pth"], Names());
        Assert.Equal(new DownloadStatus(Content.Length, Content.Length, 0), shown[^1]);
        Assert.Equal([""], _asked);
    }

    [Fact]
    public async Task Run_AConnectionThatIsCut_GoesOnFromThere()
    {
        _answer = context => Send(context, Content, Range(context), most: 100_000);
        Assert.Equal(Target, (await Fetch(Right)).OrThrowText());
        Assert.Equal(Content, await File.ReadAllBytesAsync(Target));
        Assert.Equal(3, _asked.Count);
        Assert.Equal("", _asked[0]);
        Assert.All(_asked.Skip(1), asked => Assert.StartsWith("bytes=", asked, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_AfterAnAttemptThatEnded_AsksForTheRest()
    {
        await Begun(Content[..123_456]);
        Assert.Equal(Target, (await Fetch(Right)).OrThrowText());
        Assert.Equal(Content, await File.ReadAllBytesAsync(Target));
        Assert.Equal(["bytes=123456-"], _asked);
    }

    [Fact]
    public async Task Run_AServerWithoutRanges_GivesTheWholeAgain()
    {
        await Begun(new byte[5000]);
        _answer = context => Send(context, Content, 0);
        Assert.Equal(Target, (await Fetch(Right)).OrThrowText());
        Assert.Equal(Content, await File.ReadAllBytesAsync(Target));
    }

    [Fact]
    public async Task Run_WhatWasWholeAlready_IsTaken()
    {
        await Begun(Content);
        Assert.Equal(Target, (await Fetch(Right)).OrThrowText());
        Assert.Equal(["file.pth"], Names());
    }

    [Fact]
    public async Task Run_MoreThanTheServerHas_IsBegunAnew()
    {
        await Begun([.. Content, 1, 2, 3]);
        Assert.Equal(Target, (await Fetch(Right)).OrThrowText());
        Assert.Equal(Content, await File.ReadAllBytesAsync(Target));
    }

    [Fact]
    public async Task Run_AnotherFilesSum_IsThrownAway()
    {
        var wrong = Right with { Value = new string('0', 64) };
        var problem = Problem(await Fetch(wrong));
        Assert.Contains(Right.Value, problem, StringComparison.Ordinal);
        Assert.Contains(wrong.Value, problem, StringComparison.Ordinal);
        Assert.Empty(Names());
    }

    [Fact]
    public async Task Run_NotFound_SaysSoOnceAndLeavesNothing()
    {
        _answer = context => Refuse(context, HttpStatusCode.NotFound);
        Assert.Contains("404", Problem(await Fetch(Right)), StringComparison.Ordinal);
        Assert.Empty(Names());
        Assert.Single(_asked);
    }

    [Fact]
    public async Task Run_AServerThatFails_IsAskedAgainButNotForever()
    {
        _answer = context => Refuse(context, HttpStatusCode.ServiceUnavailable);
        Assert.Contains("503", Problem(await Fetch(Right)), StringComparison.Ordinal);
        Assert.InRange(_asked.Count, 2, 10);
    }

    [Fact]
    public async Task Run_AServerThatIsSilent_IsGivenUp()
    {
        var end = new TaskCompletionSource();
        _answer = async context =>
        {
            context.Response.ContentLength64 = Content.Length;
            await context.Response.OutputStream.WriteAsync(Content.AsMemory(0, 1000));
            await context.Response.OutputStream.FlushAsync();
            await end.Task;
            context.Response.Abort();
        };
        var fetch = Download.Run(
            _client,
            new WeightSource.Web(_address, Right),
            Target,
            TimeSpan.FromMilliseconds(100),
            _ => { },
            CancellationToken.None
        );
        var problem = Problem(await fetch);
        end.SetResult();
        Assert.Contains("silent", problem, StringComparison.Ordinal);
        Assert.Contains("bytes are kept", problem, StringComparison.Ordinal);
        Assert.Equal(["file.pth.part"], Names());
    }

    [Fact]
    public async Task Run_ThatIsStopped_KeepsWhatArrived()
    {
        using var stop = new CancellationTokenSource();
        _answer = context => Send(context, Content, Range(context), pause: 10_000);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            Download.Run(
                _client,
                new WeightSource.Web(_address, Right),
                Target,
                Patience,
                status =>
                {
                    if (status.Bytes > 50_000)
                        stop.Cancel();
                },
                stop.Token
            )
        );
        Assert.True(new FileInfo(Target + ".part").Length > 50_000);
        _answer = context => Send(context, Content, Range(context));
        Assert.Equal(Target, (await Fetch(Right)).OrThrowText());
        Assert.Equal(Content, await File.ReadAllBytesAsync(Target));
    }

    [Theory]
    [InlineData(DigestKind.GitBlob, "5e1c309dae7f45e0f39b1bf3ac3cd9db12e7d689")] // git hash-object of this text
    [InlineData(DigestKind.Sha256, "a591a6d40bf420404a011733cfb7b190d62c65bf0bcda32b57b277d9ad9f146e")]
    public async Task Digest_OfAKnownText_IsItsSum(object kind, string expected)
    {
        var path = Path.Combine(_folder.Path, "text");
        await File.WriteAllTextAsync(path, "Hello World");
        Assert.Equal(new Digest((DigestKind)kind, expected), Digest.Of(path, (DigestKind)kind));
    }

    [Fact]
    public async Task Fetch_WithoutAConnectionAllowed_SaysWhatToDoByHand()
    {
        foreach (var known in WeightStore.Published)
        {
            var published = known with { File = $"nowhere/{known.File}" }; // whether or not this machine has the real one
            var problem = Problem(await FetchWeights.Run(published, isOffline: true, _ => { }, CancellationToken.None));
            Assert.Contains(WeightStore.PathOf(published), problem, StringComparison.Ordinal);
            Assert.Contains("By hand", problem, StringComparison.Ordinal);
        }
    }

    private Task<Result<string, string>> Fetch(Digest digest, Action<DownloadStatus>? show = null) =>
        Download.Run(_client, new WeightSource.Web(_address, digest), Target, Patience, show ?? (_ => { }), CancellationToken.None);

    private static string Problem(Result<string, string> result) =>
        result.Match(path => throw new InvalidOperationException($"{path} was fetched"), problem => problem);

    private IEnumerable<string?> Names() => Directory.EnumerateFiles(Path.GetDirectoryName(Target)!).Select(Path.GetFileName);

    private async Task Begun(byte[] content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Target)!);
        await File.WriteAllBytesAsync(Target + ".part", content);
    }

    private async Task Serve()
    {
        while (_server.IsListening)
        {
            try
            {
                var context = await _server.GetContextAsync();
                _asked.Add(context.Request.Headers["Range"] ?? "");
                await _answer(context);
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or IOException or InvalidOperationException)
            {
                // The client has gone, or the server was stopped.
            }
        }
    }

    private static long Range(HttpListenerContext context) =>
        context.Request.Headers["Range"] is { } range ? long.Parse(range["bytes=".Length..^1], CultureInfo.InvariantCulture) : 0;

    /// <param name="from">First byte; 0 is answered as the whole.</param>
    /// <param name="most">Bytes after which the connection is cut.</param>
    /// <param name="pause">Bytes after which it flushes.</param>
    private static async Task Send(
        HttpListenerContext context,
        byte[] content,
        long from,
        int most = int.MaxValue,
        int pause = int.MaxValue
    )
    {
        if (from >= content.Length)
        {
            context.Response.Headers["Content-Range"] = $"bytes */{content.Length}";
            await Refuse(context, HttpStatusCode.RequestedRangeNotSatisfiable);
            return;
        }

        var rest = content.AsMemory((int)from);
        context.Response.ContentLength64 = rest.Length;
        if (from > 0)
        {
            context.Response.StatusCode = (int)HttpStatusCode.PartialContent;
            context.Response.Headers["Content-Range"] = $"bytes {from}-{content.Length - 1}/{content.Length}";
        }

        var sent = 0;
        for (var end = Math.Min(most, rest.Length); sent < end; )
        {
            var count = Math.Min(pause, end - sent);
            await context.Response.OutputStream.WriteAsync(rest.Slice(sent, count));
            await context.Response.OutputStream.FlushAsync();
            sent += count;
        }

        if (sent < rest.Length)
            context.Response.Abort();
        else
            context.Response.Close();
    }

    private static Task Refuse(HttpListenerContext context, HttpStatusCode status)
    {
        context.Response.StatusCode = (int)status;
        context.Response.Close();
        return Task.CompletedTask;
    }
}

internal static class TextResults
{
    public static string OrThrowText(this Result<string, string> result) =>
        result.Match(value => value, problem => throw new InvalidOperationException(problem));
}
