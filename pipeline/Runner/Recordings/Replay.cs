using System.Threading.Channels;
using Motion.Contracts;
using Motion.Runner.Streams;

namespace Motion.Runner.Recordings;

/// <summary>What a replay found.</summary>
/// <param name="Fed">Messages the stage was fed.</param>
/// <param name="Recorded">Answers recorded.</param>
/// <param name="Answers">Answers now.</param>
/// <param name="Different">Answers that differ.</param>
/// <param name="First">The first difference, in words; null for none.</param>
/// <param name="Note">Something about the recordings the user should know.</param>
internal sealed record ReplayOutcome(long Fed, long Recorded, long Answers, long Different, string? First, string? Note)
{
    public bool Same => First is null;
}

/// <summary>Feeds a stage what it was fed, and compares what it answers.</summary>
internal static class Replay
{
    /// <param name="worker">The stage, made afresh.</param>
    /// <param name="inPath">Recording of what it was fed.</param>
    /// <param name="outPath">Recording of what it answered.</param>
    /// <param name="cancel">Stops at once.</param>
    /// <returns>The comparison, or why a recording cannot be read.</returns>
    public static async Task<Result<ReplayOutcome, WireError>> Run(Worker worker, string inPath, string outPath, CancellationToken cancel)
    {
        var (input, output) = (Arrow.Of(1), Arrow.Of(1));
        var comparison = new Comparison(outPath);
        var fed = 0L;
        WireError? broken = null;
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        async Task Feed(CancellationToken token)
        {
            await foreach (var next in Recording.Read(Existing(inPath), cancel: token))
            {
                if (next is Result<Message, WireError>.Error(var error))
                    broken = error is WireError.NoEnd or WireError.Truncated && !File.Exists(inPath) ? null : error;
                if (next is not Result<Message, WireError>.Ok(var message) || message is EndOfStream)
                    break;
                await input.Writer.WriteAsync(message, token);
                fed++;
            }

            input.Writer.Complete();
        }

        await Together.Run(
            cancel,
            [
                token => Until(Feed, enough.Token, token),
                token =>
                    Until(
                        async both =>
                        {
                            await worker(input.Reader, output.Writer, both);
                            output.Writer.Complete();
                        },
                        enough.Token,
                        token
                    ),
                async token =>
                {
                    await comparison.Run(output.Reader, token);
                    await enough.CancelAsync();
                },
            ]
        );

        if ((broken ?? comparison.Broken) is { } problem)
            return problem;
        return comparison.Outcome(
            fed,
            File.Exists(inPath) ? null : "the stream was cut while messages were under way: what is compared is its beginning"
        );
    }

    /// <summary>Runs until there is nothing left to compare with.</summary>
    private static async Task Until(Func<CancellationToken, Task> run, CancellationToken enough, CancellationToken cancel)
    {
        using var both = CancellationTokenSource.CreateLinkedTokenSource(enough, cancel);
        try
        {
            await run(both.Token);
        }
        catch (OperationCanceledException) when (enough.IsCancellationRequested && !cancel.IsCancellationRequested)
        {
            // A source that does not end, or a message whose answer was not recorded.
        }
    }

    /// <summary>The recording, or what there is of one whose run was cut short.</summary>
    private static string Existing(string path) => File.Exists(path) || !File.Exists(path + ".part") ? path : path + ".part";

    private sealed class Comparison(string path)
    {
        private long _recorded;
        private long _answers;
        private long _different;
        private string? _first;

        public WireError? Broken { get; private set; }

        public async Task Run(ChannelReader<Message> answers, CancellationToken cancel)
        {
            await using var recorded = Recording.Read(Existing(path), cancel: cancel).GetAsyncEnumerator(cancel);
            await foreach (var now in answers.ReadAllAsync(cancel))
            {
                using var answer = now;
                var next = await Next(recorded);
                if (next is null && (Broken is not null || !File.Exists(path)))
                    return;
                _answers++;
                if (next is not { } before)
                {
                    Differ($"an answer more than recorded: {answer.GetType().Name}");
                    continue;
                }

                using var kept = before;
                _recorded++;
                if (Compare.Difference(before, answer) is { } difference)
                    Differ(difference);
            }

            while (await Next(recorded) is { } missing)
            {
                missing.Dispose();
                _recorded++;
                if (File.Exists(path))
                    Differ("recorded, and not answered now");
            }
        }

        public ReplayOutcome Outcome(long fed, string? note) => new(fed, _recorded, _answers, _different, _first, note);

        private void Differ(string difference)
        {
            _different++;
            _first ??= $"answer {Math.Max(_answers, _recorded) - 1}: {difference}";
        }

        private async ValueTask<Message?> Next(IAsyncEnumerator<Result<Message, WireError>> recorded)
        {
            if (Broken is not null || !await recorded.MoveNextAsync())
                return null;
            switch (recorded.Current)
            {
                case Result<Message, WireError>.Ok(EndOfStream):
                    return null;
                case Result<Message, WireError>.Ok(var message):
                    return message;
                case Result<Message, WireError>.Error(var error):
                    Broken = error is WireError.NoEnd or WireError.Truncated && !File.Exists(path) ? null : error;
                    return null;
                default:
                    throw new System.Diagnostics.UnreachableException();
            }
        }
    }
}
