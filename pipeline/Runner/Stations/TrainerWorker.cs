using System.Collections.Immutable;
using Motion.Contracts;
using Motion.Runner.Folders;
using Motion.Runner.Recordings;
using Motion.Runner.Settings;
using Motion.Runner.Streams;

namespace Motion.Runner.Stations;

/// <summary>How a trainer runs.</summary>
/// <param name="Batch">Frames a batch.</param>
/// <param name="CheckpointEvery">Iterations between checkpoints.</param>
/// <param name="Keep">Checkpoints kept.</param>
/// <param name="FirstBatch">Number of the first batch it will be given.</param>
/// <param name="Folder">Where checkpoints go.</param>
/// <param name="RecordStart">Where the state before the first message is kept for a replay; null for nowhere.</param>
internal sealed record TrainerPlan(int Batch, int CheckpointEvery, int Keep, long FirstBatch, RunFolder Folder, string? RecordStart = null)
{
    /// <summary>As a training's settings say.</summary>
    public static TrainerPlan Of(StageSettings stage, RunContext context)
    {
        var train = context.Settings.Train!;
        return new(
            train.Batch,
            train.CheckpointEvery,
            train.KeepCheckpoints,
            context.Start.Batch,
            context.Folder,
            stage.Placement.Record ? RecordingFolder.Of(context.Folder, Phase.Train, context.Start).TrainerState : null
        );
    }
}

/// <summary>
/// The forward stage as a trainer, as a stream: the frames of a batch in, a prediction out; its gradient in; the frames of the next batch
/// in, and so on. A batch that is followed by frames and not by its gradient is given up. Checkpoints are written on the way and when the
/// stream ends. A step or a checkpoint that fails leaves no state to go on with: the worker answers the fault and ends.
/// </summary>
internal static class TrainerWorker
{
    public static Worker Of(string stage, Action prepare, Trainer trainer, TrainState start, TrainerPlan plan) =>
        (input, output, cancel) =>
            OwnThread.Run(
                stage,
                () =>
                {
                    prepare();
                    if (plan.RecordStart is { } path)
                    {
                        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
                        trainer.Save(start, path).OrThrow();
                    }

                    var step = new Training(stage, trainer, plan, start);
                    foreach (var message in OwnThread.Messages(input, cancel))
                    {
                        if (step.Take(message) is { } answer)
                            OwnThread.Write(output, answer, cancel);
                        if (step.IsLost)
                            return;
                    }

                    if (step.End() is { } fault)
                        OwnThread.Write(output, fault, cancel);
                }
            );

    /// <summary>The fold over the stream; local to one worker's thread.</summary>
    private sealed class Training(string stage, Trainer trainer, TrainerPlan plan, TrainState start)
    {
        private readonly List<FlowFrame> _frames = [];
        private TrainState _state = start;
        private ForwardPass? _open;
        private long _batch = plan.FirstBatch;
        private int _saved = start.Iteration;

        public bool IsLost { get; private set; }

        /// <summary>A prediction, a fault, or nothing to say.</summary>
        public Message? Take(Message message)
        {
            switch (message)
            {
                case FlowFrame frame:
                    GiveUp();
                    _frames.Add(frame);
                    return _frames.Count < plan.Batch ? null : Steps.Guard(stage, _batch, Predict);
                case Gradient gradient when _open is not null:
                    return Lost(Steps.Guard(stage, gradient.Sequence, () => Learn(gradient)));
                case Fault:
                    return null;
                default:
                    return new Fault(
                        message.Sequence,
                        stage,
                        $"a trainer takes frames, and a gradient after each prediction; got {message.GetType().Name}",
                        IsBug: true
                    );
            }
        }

        public Fault? End()
        {
            GiveUp();
            var fault = _state.Iteration == _saved ? null : Lost(Steps.Guard(stage, -1, Save));
            _state.Dispose();
            return fault;
        }

        private Message Predict()
        {
            ImmutableArray<FlowFrame> batch = [.. _frames];
            _frames.Clear();
            return trainer
                .Predict(_state, _batch++, batch)
                .Match<Message>(
                    pass =>
                    {
                        _open = pass;
                        return pass.Prediction;
                    },
                    error => new Fault(_batch - 1, stage, error.Describe(), IsBug: false)
                );
        }

        private Message Learn(Gradient gradient)
        {
            var pass = _open!;
            _open = null;
            switch (trainer.Learn(_state, pass, gradient))
            {
                case Result<TrainState, ForwardError>.Ok(var next):
                    _state = next;
                    return _state.Iteration % plan.CheckpointEvery == 0 ? Save() : new EndOfStream(0);
                case Result<TrainState, ForwardError>.Error(var error):
                    return new Fault(gradient.Sequence, stage, error.Describe(), IsBug: false);
                default:
                    throw new System.Diagnostics.UnreachableException();
            }
        }

        private Message Save() =>
            Checkpoints
                .Save(trainer, _state, plan.Folder, plan.Keep)
                .Match<Message>(
                    _ =>
                    {
                        _saved = _state.Iteration;
                        return new EndOfStream(0);
                    },
                    error => new Fault(-1, stage, error.Describe(), IsBug: false)
                );

        private Fault? Lost(Message answer)
        {
            IsLost = answer is Fault;
            return answer as Fault;
        }

        private void GiveUp()
        {
            _open?.Graph.Dispose();
            _open = null;
        }
    }
}

/// <summary>Checkpoints of a run.</summary>
internal static class Checkpoints
{
    /// <summary>So many stay whatever is asked for: where one is damaged there is the one before.</summary>
    private const int Fewest = 2;

    /// <summary>Writes the state, then removes all but the newest.</summary>
    public static Result<Unit, ForwardError> Save(Trainer trainer, TrainState state, RunFolder folder, int keep)
    {
        Directory.CreateDirectory(folder.Checkpoints);
        return trainer
            .Save(state, folder.Checkpoint(state.Iteration))
            .Map(unit =>
            {
                foreach (var (_, old) in folder.AllCheckpoints().SkipLast(Math.Max(keep, Fewest)))
                    File.Delete(old);
                return unit;
            });
    }
}
