using System.Runtime.CompilerServices;
using Motion.Contracts;
using Motion.DataSets;

namespace Motion.Decode;

/// <summary>The decode stage as a run knows it.</summary>
public static class DecodeKind
{
    public static StageKind Kind { get; } =
        new("decode", typeof(DecodeOptions), "reads frames, their boxes and known flow")
        {
            Train = Part,
            Test = Part,
            HasPhases = true,
            Defaults = phase =>
                phase is Phase.Train
                    ? new DecodeOptions { Order = FrameOrder.Shuffled, Family = ClipSplit.Train }
                    : new DecodeOptions { Order = FrameOrder.Sequential, Family = ClipSplit.Test },
            Check = (options, _) => DecodeSources.Problems((DecodeOptions)options),
        };

    private static StagePart Part =>
        StagePart.Source<DecodeOptions>(
            typeof(FramePair),
            (options, context) => Open(options, context).Map(stage => Opened(stage, options, context)).Widen()
        );

    /// <summary>The source of a run, as its settings and the run's have it.</summary>
    public static Result<DecodeStage, DecodeError> Open(DecodeOptions options, StageContext context) =>
        DecodeSources.Open(InRun(options, context), context.Seed, context.Warn, context.Silence);

    /// <summary>
    /// What a run skips message by message is skipped in files of annotations too; pictures are kept with the run where no place is named.
    /// </summary>
    private static DecodeOptions InRun(DecodeOptions options, StageContext context) =>
        options with
        {
            CacheFolder = options.CacheFolder ?? context.Cache,
            Policy = options.Policy is ReadingPolicy.Strict && context.SkipsFailures ? ReadingPolicy.Lenient : options.Policy,
        };

    private static OpenedSource Opened(DecodeStage stage, DecodeOptions options, StageContext context) =>
        new(
            stage.Catalogue,
            (from, cancel) => Messages(stage, from, cancel),
            context.Phase is Phase.Train
                ? 0
                : Math.Min(options.MaxFrames ?? long.MaxValue, stage.Catalogue.Clips.Sum(clip => ((clip.Frames - 1L) / options.Every) + 1))
        )
        {
            Notes = stage.Notes,
        };

    private static async IAsyncEnumerable<Result<Message, IStageError>> Messages(
        DecodeStage stage,
        long from,
        [EnumeratorCancellation] CancellationToken cancel
    )
    {
        await foreach (var item in stage.Frames(from, cancel))
            yield return item.Map(Message (pair) => pair).Widen();
    }
}
