using System.Collections.Immutable;
using Motion.Contracts;
using Motion.Evaluate;
using Motion.Flow;
using Motion.Forward;
using Motion.Loss;
using Motion.Pipeline.Stages;
using Motion.Runner.Folders;
using Motion.Runner.Recordings;
using Motion.Runner.Running;
using Motion.Runner.Settings;
using Motion.Runner.Streams;

namespace Motion.Properties.Verify;

/// <summary>What came of one law on one folder of recordings.</summary>
/// <param name="Law">The law.</param>
/// <param name="Folder">train, test, ...</param>
/// <param name="Messages">Messages it was shown.</param>
/// <param name="Contradictions">How many contradicted it.</param>
/// <param name="First">The first of them: which message, and what is wrong; null where the law holds.</param>
internal sealed record RecordedOutcome(RecordedLaw Law, string Folder, long Messages, long Contradictions, string? First);

/// <summary>Checks the laws that speak of data on the recordings of a run.</summary>
internal static class CheckRun
{
    /// <summary>Where each kind of message is looked for: the first that was recorded.</summary>
    private static readonly ImmutableArray<(Type Message, string[] Files)> Sources =
    [
        (typeof(FramePair), ["decode.out.rec", "flow.in.rec"]),
        (typeof(FlowFrame), ["flow.out.rec", "forward.in.rec", "report.in.rec"]),
        (typeof(Prediction), ["loss.in.rec", "forward.out.rec"]),
        (typeof(Detections), ["forward.out.rec", "evaluate.in.rec", "report.in.rec"]),
    ];

    /// <param name="folder">The run's.</param>
    /// <param name="laws">What to check.</param>
    /// <param name="most">Messages a law is shown at most.</param>
    /// <param name="seed">Of random directions.</param>
    /// <param name="seen">Told of every message read.</param>
    /// <param name="cancel">Stops at once.</param>
    /// <returns>One outcome a law and folder of recordings, or why the run cannot be read.</returns>
    public static async Task<Result<ImmutableArray<RecordedOutcome>, string>> Run(
        RunFolder folder,
        ImmutableArray<RecordedLaw> laws,
        long most,
        Seed seed,
        Action seen,
        CancellationToken cancel
    )
    {
        if (!File.Exists(folder.Yaml))
            return $"{folder.Root} holds no run: there is no {folder.Yaml}";
        if (
            ReadSettings.File(folder.Yaml, Overrides.None, RealStages.Table.Kinds).Match<PipelineSettings?>(read => read, _ => null)
            is not { } settings
        )
            return $"{folder.Yaml} cannot be read as the settings of a run";
        var phases = Directory.Exists(folder.Recordings)
            ? Directory.EnumerateDirectories(folder.Recordings).Order(StringComparer.Ordinal).ToArray()
            : [];
        if (phases.Length == 0)
            return $"{folder.Root} has no recordings. Run it with --set stages.loss.record=true (and decode, flow, forward likewise).";
        var outcomes = new List<RecordedOutcome>();
        foreach (var path in phases)
        {
            var train = Path.GetFileName(path).StartsWith("train", StringComparison.Ordinal);
            var reading = new Reading(
                new RecordingFolder(path),
                [.. laws.Select(law => new Sight(law, law.Begin(Of(settings, train ? Phase.Train : Phase.Test, seed)), most))],
                seen
            );
            if (await reading.All(cancel) is { } problem)
                return problem;
            outcomes.AddRange(reading.Sights.Select(sight => sight.Outcome(Path.GetFileName(path))));
        }

        return outcomes.ToImmutableArray();
    }

    private static RecordedRun Of(PipelineSettings settings, Phase phase, Seed seed) =>
        new(
            settings.OptionsOf<LossOptions>(LossKind.Kind, phase) ?? new(),
            (settings.OptionsOf<ForwardOptions>(ForwardKind.Kind, phase) ?? new()).Inference.NmsThreshold,
            seed
        );

    /// <summary>One law on one stream.</summary>
    private sealed class Sight(RecordedLaw law, Func<object, string?> check, long most)
    {
        private long _messages;
        private long _contradictions;
        private string? _first;

        public Type About => law.About;

        public void See(object message, string where)
        {
            if (_messages >= most)
                return;
            _messages++;
            if (check(message) is not { } contradiction)
                return;
            _contradictions++;
            _first ??= $"{where}: {contradiction}";
        }

        public RecordedOutcome Outcome(string folder) => new(law, folder, _messages, _contradictions, _first);
    }

    private sealed class Reading(RecordingFolder folder, ImmutableArray<Sight> sights, Action seen)
    {
        public ImmutableArray<Sight> Sights => sights;

        /// <summary>Every file once; what is wrong with one, or null.</summary>
        public async Task<string?> All(CancellationToken cancel)
        {
            var files = Sources
                .Select(source => (source.Message, File: source.Files.Select(Existing).FirstOrDefault(file => file is not null)))
                .Where(source => source.File is not null)
                .GroupBy(source => source.File!, source => source.Message);
            foreach (var file in files)
            {
                if (await One(file.Key, [.. file], cancel) is { } problem)
                    return problem;
            }

            return Existing("loss.in.rec") is { } fed && Existing("loss.out.rec") is { } answered
                ? await Steps(fed, answered, cancel)
                : null;
        }

        private async Task<string?> One(string file, Type[] kinds, CancellationToken cancel)
        {
            var number = 0L;
            await foreach (var next in Recording.Read(file, cancel: cancel))
            {
                if (Problem(next, file) is { } problem)
                    return problem.Length > 0 ? problem : null;
                using var message = ((Result<Message, WireError>.Ok)next).Value;
                if (kinds.Contains(message.GetType()))
                    Show(message, $"{Path.GetFileName(file)}, message {number}");
                number++;
                seen();
            }

            return null;
        }

        private async Task<string?> Steps(string fed, string answered, CancellationToken cancel)
        {
            await using var answers = Recording.Read(answered, cancel: cancel).GetAsyncEnumerator(cancel);
            await foreach (var next in Recording.Read(fed, cancel: cancel))
            {
                if (Problem(next, fed) is { } problem)
                    return problem.Length > 0 ? problem : null;
                using var prediction = ((Result<Message, WireError>.Ok)next).Value;
                if (prediction is EndOfStream || !await answers.MoveNextAsync())
                    return null;
                if (Problem(answers.Current, answered) is { } other)
                    return other.Length > 0 ? other : null;
                using var gradient = ((Result<Message, WireError>.Ok)answers.Current).Value;
                if (prediction is Prediction p && gradient is Gradient g)
                    Show(new Exchange(p, g), $"{Path.GetFileName(answered)}, iteration {g.Iteration}");
                seen();
            }

            return null;
        }

        private void Show(object message, string where)
        {
            foreach (var sight in sights.Where(sight => sight.About == message.GetType()))
                sight.See(message, where);
        }

        /// <summary>Null for a message, "" where an unfinished recording ends, else what is wrong.</summary>
        private static string? Problem(Result<Message, WireError> next, string file) =>
            next.Match<string?>(
                _ => null,
                error =>
                    error is WireError.NoEnd or WireError.Truncated && file.EndsWith(".part", StringComparison.Ordinal)
                        ? ""
                        : error.Describe()
            );

        /// <summary>The recording, or the beginning that a killed run left.</summary>
        private string? Existing(string name) =>
            Path.Combine(folder.Path, name) is var path && File.Exists(path) ? path
            : File.Exists(path + ".part") ? path + ".part"
            : null;
    }
}
