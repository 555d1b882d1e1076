using System.Runtime.CompilerServices;
using Motion.Contracts;
using Motion.Runner.Settings;
using Motion.Runner.Streams;
using static TorchSharp.torch;

namespace Motion.Runner.Stations;

/// <summary>From what a stage says of itself to a worker on a thread of this process.</summary>
internal static class MakeStage
{
    /// <summary>The stage of a phase, made from its settings.</summary>
    public static Result<Worker, StartError> Of(StageSettings stage, RunContext context)
    {
        // The number of threads changes the order of sums: it is set on every stage's thread, to the same.
        void Prepare() => set_num_threads(context.Settings.Run.Threads);
        Prepare();
        var (name, options, told) = (stage.Name, stage.Options[context.Phase], context.Of(stage));
        Result<Worker, IStageError> made = stage.Kind.In(context.Phase)?.Work switch
        {
            StageWork.Source source => source
                .Open(options, told)
                .Map(opened => Steps.Source(name, Prepare, cancel => Messages(name, opened, context.Start.Sequence + 1, cancel))),
            StageWork.Map map => map.Make(options, told).Map(answer => Steps.Map(name, Prepare, Steps.Of(name, answer))),
            StageWork.Fold fold => fold.Make(options, told).Map(answer => Steps.Fold(name, Prepare, answer)),
            StageWork.Trainer learns => from trainer in learns.Make(options, told)
            from start in (context.Start.Checkpoint is { } path ? trainer.Load(path) : trainer.Start()).Widen()
            select TrainerWorker.Of(name, Prepare, trainer, start, TrainerPlan.Of(stage, context)),
            _ => throw new ArgumentException($"{name} has no part in this phase", nameof(stage)),
        };
        return made.MapError(error => new StartError(name, error.Describe()));
    }

    /// <summary>The source of a phase, opened to see what it holds: nothing is read of its stream, and nothing is said.</summary>
    public static Result<OpenedSource, StartError> Open(StageSettings stage, RunContext context) =>
        ((StageWork.Source)stage.Kind.In(context.Phase)!.Work)
            .Open(stage.Options[context.Phase], (context with { Warn = _ => { } }).Of(stage))
            .MapError(error => new StartError(stage.Name, error.Describe()));

    /// <summary>The stream from a position on. An item that cannot be read is a fault at its place.</summary>
    private static async IAsyncEnumerable<Message> Messages(
        string name,
        OpenedSource source,
        long from,
        [EnumeratorCancellation] CancellationToken cancel
    )
    {
        var position = from;
        await foreach (var item in source.From(from, cancel))
        {
            var at = position++;
            yield return item.Match(message => message, error => new Fault(at, name, error.Describe(), IsBug: false));
        }
    }
}
