using System.Collections.Immutable;
using System.Text.Json;
using Motion.Contracts;

namespace Motion.Studio;

/// <summary>What is to be labelled.</summary>
/// <param name="Sources">Videos, or folders of pictures.</param>
/// <param name="Clips">Their names.</param>
/// <param name="Boxes">File of the boxes.</param>
/// <param name="Out">Folder of the labelling.</param>
/// <param name="Model">A model to go on from; null to train from these boxes.</param>
/// <param name="Iterations">Of the training; null for the usual number.</param>
internal sealed record LabelPlan(
    ImmutableArray<string> Sources,
    ImmutableArray<string> Clips,
    string Boxes,
    string Out,
    string? Model,
    int? Iterations
)
{
    /// <summary>As arguments of motion label.</summary>
    public IEnumerable<string> ToArguments() =>
        [
            "label",
            "--source",
            .. Sources,
            "--boxes",
            Boxes,
            "--out",
            Out,
            .. Model is null ? [] : new[] { "--model", Model },
            .. Iterations is { } number ? new[] { "--iterations", number.ToString(System.Globalization.CultureInfo.InvariantCulture) } : [],
        ];
}

/// <summary>How a labelling ended.</summary>
/// <param name="ExitCode">0: all was done.</param>
/// <param name="Words">What it said last.</param>
internal sealed record LabelEnd(int ExitCode, string Words);

/// <summary>A labelling that runs.</summary>
/// <param name="Ended">Ends with it.</param>
/// <param name="Stop">Asks it to end.</param>
internal sealed record LabelJob(Task<LabelEnd> Ended, Action Stop);

/// <summary>Starts a labelling.</summary>
internal delegate LabelJob StartLabel(LabelPlan plan);

/// <summary>How a labelling stands, for the page.</summary>
/// <param name="State">idle, running, done, failed or stopped.</param>
/// <param name="Clips">Names of its videos.</param>
/// <param name="Doing">What it is at, as progress.json says.</param>
/// <param name="Done">Of these.</param>
/// <param name="Of">Of so many.</param>
/// <param name="SecondsLeft">Where it can be said.</param>
/// <param name="Message">For people.</param>
/// <param name="Number">Counts the labellings that ended well: masks may have changed.</param>
internal sealed record LabelState(
    string State,
    ImmutableArray<string> Clips,
    string? Doing,
    long Done,
    long Of,
    double? SecondsLeft,
    string Message,
    int Number
);

/// <summary>The labellings of a project, one at a time.</summary>
internal sealed class Labellings(Project project, StartLabel start)
{
    private readonly Lock _gate = new();
    private (LabelJob Job, LabelPlan Plan)? _running;
    private LabelState _last = new("idle", [], null, 0, 0, null, "", 0);
    private bool _isStopped;
    private int _ended;

    /// <summary>Starts one, of the videos that have boxes.</summary>
    /// <param name="videos">Indices; empty for all.</param>
    /// <param name="iterations">Of the training.</param>
    /// <returns>Why it cannot be started; null where it was.</returns>
    public StudioRefusal? Start(IReadOnlyList<int> videos, int? iterations)
    {
        lock (_gate)
        {
            if (_running is not null)
            {
                return new StudioRefusal(409, "A labelling is running. Stop it first, or wait for it.");
            }

            var all = videos.Count == 0 ? Enumerable.Range(0, project.Videos.Length) : videos.Distinct();
            int[] chosen = [.. all.Where(video => !project.ObjectsOf(video).IsEmpty)];
            if (chosen.Length == 0)
            {
                return new StudioRefusal(400, "No object has a box yet. Draw one round each object first, in a few frames.");
            }

            try
            {
                var number = 1;
                while (Directory.Exists(project.Labelling(number)))
                {
                    number++;
                }

                Directory.CreateDirectory(project.Labelling(number));
                var clips = chosen.Select(video => project.Videos[video].Footage).ToImmutableArray();
                var boxes = Path.Combine(project.Labelling(number), "boxes.json");
                // of these alone: boxes of a clip that is not there are a mistake
                project.WriteBoxes(boxes, [.. clips.Select(clip => clip.Name)]);
                var plan = new LabelPlan(
                    [.. clips.Select(clip => Path.GetFullPath(clip.Path))],
                    [.. clips.Select(clip => clip.Name)],
                    boxes,
                    project.Labelling(number),
                    videos.Count == 0 ? null : ModelOf(clips[0].Name),
                    iterations
                );
                _isStopped = false;
                _running = (start(plan), plan);
                _ = Follow(_running.Value.Job, plan, number);
                return null;
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or System.ComponentModel.Win32Exception)
            {
                return new StudioRefusal(507, $"The labelling could not be started: {e.Message.TrimEnd('.')}.");
            }
        }
    }

    /// <summary>The model of a video's last labelling, from which a corrected clip goes on.</summary>
    private string? ModelOf(string clip) =>
        project.Kept.Labelled.TryGetValue(clip, out var number)
        && Path.Combine(project.Labelling(number), "model") is var model
        && Directory.Exists(model)
            ? model
            : null;

    private async Task Follow(LabelJob job, LabelPlan plan, int number)
    {
        LabelEnd end;
        try
        {
            end = await job.Ended;
        }
        catch (Exception e) when (e is IOException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            end = new LabelEnd(-1, e.Message);
        }

        lock (_gate)
        {
            var isThere = File.Exists(Path.Combine(plan.Out, Masks.FileName));
            if (end.ExitCode == 0 && isThere)
            {
                var refused = project.Labelled(plan.Clips, number).Match(_ => (string?)null, refusal => refusal.Text);
                _ended++;
                _last = new(
                    refused is null ? "done" : "failed",
                    plan.Clips,
                    "done",
                    1,
                    1,
                    0,
                    refused ?? "The masks are there. Look at the worst first.",
                    _ended
                );
            }
            else
            {
                var words = end.Words.Length > 0 ? end.Words : Step(plan).Message;
                _last = _isStopped
                    ? new("stopped", plan.Clips, null, 0, 0, null, "Stopped. The boxes and the masks of before are as they were.", _ended)
                    : new(
                        "failed",
                        plan.Clips,
                        "failed",
                        0,
                        0,
                        null,
                        words.Length > 0
                            ? words
                            : $"The labelling ended with exit code {end.ExitCode} and said nothing; its folder is {plan.Out}.",
                        _ended
                    );
            }

            _running = null;
        }
    }

    /// <returns>Whether one was running.</returns>
    public bool Stop()
    {
        lock (_gate)
        {
            if (_running is not { } running)
            {
                return false;
            }

            _isStopped = true;
            running.Job.Stop();
            return true;
        }
    }

    /// <summary>Stops and waits.</summary>
    public async Task End()
    {
        Task? ended = null;
        lock (_gate)
        {
            ended = _running?.Job.Ended;
        }

        Stop();
        if (ended is not null)
        {
            await ended.ContinueWith(_ => { }, TaskScheduler.Default);
        }
    }

    public LabelState State()
    {
        lock (_gate)
        {
            return _running is { } running ? Step(running.Plan) with { Number = _ended } : _last;
        }
    }

    /// <summary>What progress.json says; a moment before it is there, that it begins.</summary>
    private static LabelState Step(LabelPlan plan)
    {
        var begun = new LabelState("running", plan.Clips, null, 0, 0, null, "Starting", 0);
        try
        {
            var path = Path.Combine(plan.Out, "progress.json");
            if (!File.Exists(path))
            {
                return begun;
            }

            using var json = JsonDocument.Parse(File.ReadAllBytes(path));
            var root = json.RootElement;
            return begun with
            {
                Doing = root.GetProperty("doing").GetString(),
                Done = root.GetProperty("done").GetInt64(),
                Of = root.GetProperty("of").GetInt64(),
                SecondsLeft = root.GetProperty("secondsLeft") is { ValueKind: JsonValueKind.Number } left ? left.GetDouble() : null,
                Message = root.GetProperty("message").GetString() ?? "",
            };
        }
        catch (Exception e) when (e is IOException or JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return begun;
        }
    }
}
