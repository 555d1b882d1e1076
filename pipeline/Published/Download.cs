using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using Motion.Contracts;

namespace Motion.Pipeline.Published;

/// <summary>What a download is doing, for who shows it.</summary>
/// <param name="Bytes">There so far, those of an earlier attempt included.</param>
/// <param name="Total">Where the server says it.</param>
/// <param name="Resumed">Bytes of an earlier attempt.</param>
internal readonly record struct DownloadStatus(long Bytes, long? Total, long Resumed);

/// <summary>
/// Fetches one file over HTTP. What has arrived stays in TARGET.part when the connection ends or the user stops, and the next attempt asks
/// for the rest alone; only a file with the right sum gets the target's name.
/// </summary>
internal static class Download
{
    private const int Attempts = 4;
    private const int BufferBytes = 1 << 16;

    /// <param name="client">Without a limit on the whole request's time; each read of it has <paramref name="patience"/>.</param>
    /// <param name="patience">How long a connection may be silent.</param>
    /// <param name="show">Told after each piece.</param>
    /// <returns>The target's path, or a sentence on why the file is not there.</returns>
    public static async Task<Result<string, string>> Run(
        HttpClient client,
        WeightSource.Web source,
        string target,
        TimeSpan patience,
        Action<DownloadStatus> show,
        CancellationToken cancel
    )
    {
        var part = target + ".part";
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(target))!);
            using var file = new FileStream(part, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            var resumed = file.Length;
            for (var attempt = 1; ; attempt++)
            {
                var before = file.Length;
                var problem = await Rest(client, source.Address, file, resumed, patience, show, cancel);
                if (problem is null)
                    break;
                if (!problem.IsPassing || (attempt >= Attempts && file.Length == before) || attempt >= Attempts * Attempts)
                {
                    var kept = file.Length;
                    if (kept == 0)
                    {
                        file.Close();
                        File.Delete(part);
                    }

                    return Result.Error<string, string>(
                        $"{source.Address}: {problem.Reason}{(kept > 0 ? $"; {kept} bytes are kept in {part}, and the next attempt goes on from there" : "")}"
                    );
                }
            }

            file.Flush(flushToDisk: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Result.Error<string, string>($"{part} cannot be written: {e.Message.TrimEnd('.')}; is another fetch running?");
        }

        return Accept(source, part, target);
    }

    private sealed record Problem(string Reason, bool IsPassing);

    /// <summary>Appends what the server still has; null when the file is whole.</summary>
    private static async Task<Problem?> Rest(
        HttpClient client,
        Uri address,
        FileStream file,
        long resumed,
        TimeSpan patience,
        Action<DownloadStatus> show,
        CancellationToken cancel
    )
    {
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        silence.CancelAfter(patience);
        try
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            if (file.Length > 0)
                request.Headers.Range = new RangeHeaderValue(file.Length, null);
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, silence.Token);
            switch (response.StatusCode)
            {
                case HttpStatusCode.PartialContent when response.Content.Headers.ContentRange is { } range && range.From == file.Length:
                    file.Position = file.Length;
                    break;
                case HttpStatusCode.OK: // the whole file, whatever was asked for
                    file.SetLength(0);
                    break;
                case HttpStatusCode.RequestedRangeNotSatisfiable when response.Content.Headers.ContentRange?.Length == file.Length:
                    return null; // it was whole already
                case HttpStatusCode.RequestedRangeNotSatisfiable or HttpStatusCode.PartialContent:
                    file.SetLength(0);
                    return new Problem("the server's file is not the one that was begun", IsPassing: true);
                default:
                    return new Problem(
                        $"the server answers {(int)response.StatusCode} {response.ReasonPhrase}",
                        IsPassing: (int)response.StatusCode >= 500
                    );
            }

            var total = response.Content.Headers.ContentLength is { } length ? file.Length + length : (long?)null;
            using var body = await response.Content.ReadAsStreamAsync(silence.Token);
            var buffer = new byte[BufferBytes];
            for (var count = await body.ReadAsync(buffer, silence.Token); count > 0; count = await body.ReadAsync(buffer, silence.Token))
            {
                file.Write(buffer, 0, count);
                show(new(file.Length, total, resumed));
                silence.CancelAfter(patience);
            }

            return total is null || file.Length == total
                ? null
                : new Problem($"the connection ended at byte {file.Length} of {total}", IsPassing: true);
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return new Problem(
                string.Create(CultureInfo.InvariantCulture, $"the server was silent for {patience.TotalSeconds:0} seconds"),
                IsPassing: true
            );
        }
        catch (HttpRequestException e)
            when (e.HttpRequestError is HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError)
        {
            return new Problem(e.Message.TrimEnd('.'), IsPassing: false);
        }
        catch (Exception e)
            when (e is HttpRequestException or HttpIOException
                || (e is IOException && e.InnerException is System.Net.Sockets.SocketException)
            )
        {
            return new Problem(e.Message.TrimEnd('.'), IsPassing: true);
        }
    }

    private static Result<string, string> Accept(WeightSource.Web source, string part, string target)
    {
        var found = Digest.Of(part, source.Digest.Kind);
        if (found == source.Digest)
        {
            WholeFile.Rename(part, target, lasting: true);
            return Result.Ok<string, string>(target);
        }

        File.Delete(part);
        return Result.Error<string, string>(
            $"what {source.Address} gave has {found.Show()} where {source.Digest.Show()} is published; it was thrown away"
        );
    }
}
