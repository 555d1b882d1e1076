using System.Collections.Immutable;
using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using Motion.Contracts;
using Motion.Runner.Yaml;

namespace Motion.Runner.Settings;

/// <summary>Whose process a stage runs in.</summary>
internal enum Home
{
    Runner,
    Own,
}

internal enum OnError
{
    Stop,
    Skip,
}

/// <summary>The <c>run:</c> section.</summary>
/// <param name="Name">Folder of the run, within <paramref name="Folder"/>; the yaml's own name where not given.</param>
/// <param name="Folder">Where runs are kept.</param>
/// <param name="Seed">The root of every random choice.</param>
/// <param name="Device">cpu, cuda or cuda:N.</param>
/// <param name="Silence">Seconds without a sign of life after which a stage's process is ended and started again; a long computation is no
/// silence.</param>
/// <param name="Spool">MB of disk that the stream of evaluate or report may take while it runs in a process of its own.</param>
/// <param name="Threads">Threads of one tensor operation, in every process; results depend on it, so it is part of the settings.</param>
internal sealed record RunSettings(
    [property: RegularExpression(
        @"\.?[A-Za-z0-9_-][A-Za-z0-9._-]{0,98}",
        ErrorMessage = "letters, digits, dots, dashes and underscores, and not dots alone"
    )]
        string Name = "run",
    string Folder = "runs",
    ulong Seed = 1,
    [property: RegularExpression("cpu|cuda(:[0-9]{1,2})?", ErrorMessage = "cpu, cuda or cuda:N")] string Device = "cpu",
    [property: Range(1, 256)] int Threads = 1,
    [property: Range(1, 86_400)] int Silence = 60,
    [property: Range(0, 1 << 30)] int Spool = 4096
);

/// <summary>The <c>train:</c> section.</summary>
/// <param name="Iterations">Steps of the optimiser.</param>
/// <param name="Batch">Frames a step.</param>
/// <param name="CheckpointEvery">Steps between checkpoints; the last step always has one.</param>
/// <param name="KeepCheckpoints">How many of the newest checkpoints stay on disk.</param>
internal sealed record TrainSettings(
    [property: Range(1, 100_000_000)] int Iterations = 90_000,
    [property: Range(1, 4096)] int Batch = 16,
    [property: Range(1, 100_000_000)] int CheckpointEvery = 1000,
    [property: Range(1, 1_000_000)] int KeepCheckpoints = 3
);

/// <summary>What every stage may say beside its own options.</summary>
/// <param name="From">Stages whose messages it takes, and no others'; every stage that gives what it takes where not given.</param>
/// <param name="Process">Whose process it runs in.</param>
/// <param name="Copies">How many of it run side by side; order is kept.</param>
/// <param name="Buffer">Messages the arrow out of it holds, and messages under way to its process. Memory: buffer x bytes of a
/// message.</param>
/// <param name="OnError">What an expected failure does.</param>
/// <param name="Record">Whether what it takes and answers is written to disk, for replay.</param>
internal sealed record Placement(
    ImmutableArray<string>? From = null,
    Home Process = Home.Runner,
    [property: Range(1, 64)] int Copies = 1,
    [property: Range(1, 1024)] int Buffer = 4,
    OnError OnError = OnError.Stop,
    bool Record = false
);

/// <summary>One stage of a configuration.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Place">Where the yaml names it.</param>
/// <param name="Placement">Where and how it runs.</param>
/// <param name="Options">Its options in each phase.</param>
/// <param name="Extras">Settings of the pipeline's own for this kind.</param>
internal sealed record StageSettings(
    StageKind Kind,
    Place Place,
    Placement Placement,
    ImmutableDictionary<Phase, object> Options,
    object? Extras
)
{
    public string Name => Kind.Name;

    public T Of<T>(Phase phase) => (T)Options[phase];

    /// <summary>The ports that it uses in a phase, as it is set.</summary>
    public IEnumerable<Port> Ports(Phase phase) => Kind.In(phase)?.Takes.Where(port => port.IsUsedBy(Options[phase])) ?? [];
}

/// <summary>A checked configuration.</summary>
internal sealed record PipelineSettings(RunSettings Run, ImmutableArray<StageSettings> Stages, TrainSettings? Train)
{
    /// <summary>Keys that the yaml gives as shares of the training's iterations.</summary>
    public ImmutableArray<string> Shares { get; init; } = [];

    public StageSettings? Find(string stage) => Stages.FirstOrDefault(s => s.Name == stage);

    public StageSettings? Find(StageKind kind) => Find(kind.Name);

    public bool Has(string stage) => Find(stage) is not null;

    /// <summary>Options of a stage in a phase; null where the run does not have it.</summary>
    public T? OptionsOf<T>(StageKind kind, Phase phase)
        where T : class => Find(kind)?.Of<T>(phase);

    public string RunFolder => Path.Combine(Run.Folder, Run.Name);

    public Seed Seed => new(Run.Seed);
}
