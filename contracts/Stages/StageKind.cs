using System.Collections.Immutable;

namespace Motion.Contracts;

/// <summary>The two streams of a run: frames to learn from, frames to be judged by.</summary>
public enum Phase
{
    Train,
    Test,
}

/// <summary>A kind of stage: all that a runner knows of it. Each stage's project exports one; so may a project of one's own.</summary>
/// <param name="Name">Its key under <c>stages:</c>; it stands here and nowhere else.</param>
/// <param name="Options">Its settings record, with a default for every property.</param>
/// <param name="Does">What it does, in a line: for drawings and tables.</param>
public sealed record StageKind(string Name, Type Options, string Does)
{
    /// <summary>What it is in a training; null where it has no part in one.</summary>
    public StagePart? Train { get; init; }

    /// <summary>What it is in a test; null where it has no part in one.</summary>
    public StagePart? Test { get; init; }

    /// <summary>A second settings record, of what changes no answer (flow: its cache); null for none.</summary>
    public Type? Extras { get; init; }

    /// <summary>Whether <c>train:</c> and <c>test:</c> maps may change its options for one phase.</summary>
    public bool HasPhases { get; init; }

    /// <summary>Whether it keeps nothing between messages, so that several of it may run side by side in a test.</summary>
    public bool MayCopy { get; init; }

    /// <summary>The options of a phase where the yaml says nothing; those of the record itself where not given.</summary>
    public Func<Phase, object>? Defaults { get; init; }

    /// <summary>What no type or range can say of its settings: of its options in a phase, and whether the run has a training.</summary>
    public Func<object, bool, IEnumerable<OptionProblem>>? Check { get; init; }

    /// <summary>What will be done with a source's clips that a reader of the results should know, in sentences.</summary>
    public Func<object, Catalogue, IEnumerable<string>>? Notes { get; init; }

    public StagePart? In(Phase phase) => phase is Phase.Train ? Train : Test;

    /// <summary>Its parts, each once.</summary>
    public IEnumerable<StagePart> Parts => new[] { Train, Test }.OfType<StagePart>();
}

/// <summary>A setting that is fine by itself and not among the others.</summary>
/// <param name="Key">Below the stage, as yaml spells it: <c>head.prior</c>.</param>
/// <param name="Problem">What came.</param>
/// <param name="Remedy">What to do; a sentence.</param>
public sealed record OptionProblem(string Key, string Problem, string Remedy);

/// <summary>Where messages go in. Messages of several ports come in the order of the ports, those of a frame together.</summary>
/// <param name="Message">Their type.</param>
/// <param name="Required">Whether the stage cannot do without.</param>
public sealed record Port(Type Message, bool Required = true)
{
    /// <summary>Whether it uses them, by its options; always where not given.</summary>
    public Func<object, bool>? If { get; init; }

    /// <summary>Whether they answer what the stage gives: the way back of a loop (a trainer's gradients).</summary>
    public bool IsAnswer { get; init; }

    public bool IsUsedBy(object options) => If is not { } condition || condition(options);
}

/// <summary>A stage in one phase: what it takes, what it gives, and how.</summary>
/// <param name="Takes">Its ports, in the order in which messages of one frame come.</param>
/// <param name="Gives">The type of its answers; null for a stage that leaves files and no message.</param>
/// <param name="Work">How it is made.</param>
public sealed record StagePart(ImmutableArray<Port> Takes, Type? Gives, StageWork Work)
{
    /// <summary>A stage that begins a stream.</summary>
    public static StagePart Source<TOptions>(Type gives, Func<TOptions, StageContext, Result<OpenedSource, IStageError>> open) =>
        new([], gives, new StageWork.Source((options, context) => open((TOptions)options, context)));

    /// <summary>A stage that answers each message with one.</summary>
    public static StagePart Map<TOptions, TIn, TOut>(
        Func<TOptions, StageContext, Result<Func<TIn, Result<TOut, IStageError>>, IStageError>> make
    )
        where TIn : Message
        where TOut : Message =>
        new(
            [new(typeof(TIn))],
            typeof(TOut),
            new StageWork.Map(
                (options, context) =>
                    make((TOptions)options, context)
                        .Map<Func<TIn, Result<TOut, IStageError>>, Func<Message, Result<Message, IStageError>>, IStageError>(answer =>
                            message => answer(message as TIn ?? throw Unexpected(message, typeof(TIn))).Map(Message (given) => given)
                        )
            )
        );

    /// <summary>A stage that takes a whole stream and answers once.</summary>
    /// <param name="takes">What it takes; of these alone the stream is.</param>
    /// <param name="gives">What it answers.</param>
    /// <param name="make">The stage: it reads the stream on a thread of its own, and waits for it as it reads.</param>
    public static StagePart Fold<TOptions>(
        ImmutableArray<Port> takes,
        Type? gives,
        Func<TOptions, StageContext, Result<Func<IEnumerable<Message>, Result<Message, IStageError>>, IStageError>> make
    ) => new(takes, gives, new StageWork.Fold((options, context) => make((TOptions)options, context)));

    /// <summary>A stage that learns: frames in, a prediction out for each batch; its gradient in.</summary>
    /// <param name="make">The trainer.</param>
    /// <param name="learningRate">Of an iteration's step.</param>
    /// <param name="problem">What is wrong with a checkpoint (path, iteration, seed); null where nothing is.</param>
    public static StagePart Trainer<TOptions>(
        Func<TOptions, StageContext, Result<Trainer, IStageError>> make,
        Func<TOptions, int, double> learningRate,
        Func<string, int, Seed, string?> problem
    ) =>
        new(
            [new(typeof(FlowFrame)), new(typeof(Gradient)) { IsAnswer = true }],
            typeof(Prediction),
            new StageWork.Trainer(
                (options, context) => make((TOptions)options, context),
                (options, iteration) => learningRate((TOptions)options, iteration),
                problem
            )
        );

    private static InvalidOperationException Unexpected(Message message, Type wanted) =>
        new($"it takes {wanted.Name}, got {message.GetType().Name}");
}

/// <summary>How a stage works, which decides how it is run and how it goes on after its process has died.</summary>
public abstract record StageWork
{
    private StageWork() { }

    /// <summary>Begins a stream; goes on at a position.</summary>
    public sealed record Source(Func<object, StageContext, Result<OpenedSource, IStageError>> Open) : StageWork;

    /// <summary>Answers each message; is sent again what it had not answered.</summary>
    public sealed record Map(Func<object, StageContext, Result<Func<Message, Result<Message, IStageError>>, IStageError>> Make) : StageWork;

    /// <summary>Answers at the end of its stream; is sent all of it again.</summary>
    public sealed record Fold(
        Func<object, StageContext, Result<Func<IEnumerable<Message>, Result<Message, IStageError>>, IStageError>> Make
    ) : StageWork;

    /// <summary>Learns; goes on from its last checkpoint.</summary>
    public sealed record Trainer(
        Func<object, StageContext, Result<Contracts.Trainer, IStageError>> Make,
        Func<object, int, double> LearningRate,
        Func<string, int, Seed, string?> Problem
    ) : StageWork;
}

/// <summary>A source that was opened.</summary>
/// <param name="Catalogue">What it holds.</param>
/// <param name="From">Its stream from a position on (0: all of it); an item that cannot be read is the reason why.</param>
/// <param name="Frames">Messages it will send; 0 where it does not end or does not know.</param>
public sealed record OpenedSource(
    Catalogue Catalogue,
    Func<long, CancellationToken, IAsyncEnumerable<Result<Message, IStageError>>> From,
    long Frames
)
{
    /// <summary>Sentences on what was left out of the source's files.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];
}

/// <summary>What a stage is made from beside its options.</summary>
/// <param name="Phase">The stream it serves.</param>
/// <param name="Seed">The root of its random choices: the run's, derived by the stage's name.</param>
/// <param name="Device">cpu, cuda or cuda:N.</param>
/// <param name="Threads">Threads of one tensor operation; set on the stage's thread already.</param>
/// <param name="Catalogue">What the source of the phase holds; empty while the source is opened.</param>
/// <param name="Start">Where the stream goes on, and the checkpoint to load.</param>
public sealed record StageContext(Phase Phase, Seed Seed, string Device, int Threads, Catalogue Catalogue, StreamStart Start)
{
    /// <summary>Folder for what may be made again.</summary>
    public string Cache { get; init; } = "cache";

    /// <summary>Folder for what is there to be looked at; one a stage.</summary>
    public string Output { get; init; } = "output";

    /// <summary>
    /// The settings record of <see cref="StageKind.Extras"/>; null where the kind has none, and in a replay, which asks the stage and not
    /// the disk.
    /// </summary>
    public object? Extras { get; init; }

    /// <summary>How long a program that the stage asks may answer nothing.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Whether the run goes on after a failure (<c>onError: skip</c>).</summary>
    public bool SkipsFailures { get; init; }

    /// <summary>Types of the messages that its arrows bring.</summary>
    public ImmutableHashSet<Type> Fed { get; init; } = [];

    /// <summary>What there is to tell of the run so far.</summary>
    public Func<RunStory> Story { get; init; } = () => new("run", "", [], [], []);

    /// <summary>Told what the user should know and what stops nothing: an entry of a cache that is damaged, and made again.</summary>
    public Action<string> Warn { get; init; } = _ => { };
}

/// <summary>What a report tells of the run that it belongs to.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Yaml">Its settings with every default.</param>
/// <param name="Facts">Names and values.</param>
/// <param name="Notes">Sentences to the reader.</param>
/// <param name="Curve">The training curve.</param>
public sealed record RunStory(
    string Name,
    string Yaml,
    ImmutableArray<KeyValuePair<string, string>> Facts,
    ImmutableArray<string> Notes,
    ImmutableArray<TrainingPoint> Curve
);

/// <summary>Where a stream and a training go on.</summary>
/// <param name="Iteration">Steps taken so far.</param>
/// <param name="Batch">Number of the next batch.</param>
/// <param name="Sequence">The stream's position of the last frame used; -1 for none.</param>
/// <param name="Seconds">Trained so far.</param>
/// <param name="Checkpoint">State to load; null to start afresh.</param>
public sealed record StreamStart(int Iteration, long Batch, long Sequence, double Seconds, string? Checkpoint)
{
    public static StreamStart Fresh { get; } = new(0, 0, -1, 0, null);
}
