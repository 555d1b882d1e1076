using System.Collections.Immutable;
using System.Threading.Channels;
using FsCheck;
using FsCheck.Experimental;
using FsCheck.Fluent;
using Motion.Contracts;
using Motion.Properties.Generators;
using Motion.Runner.Streams;
using Xunit;

namespace Motion.Properties.Pipeline;

/// <summary>An arrow against a model of it, for any sequence of what its two ends may do.</summary>
public sealed class ArrowLaws
{
    [Fact, Law]
    public void Arrow_AnySequenceOfWhatItsEndsDo_IsABoundedQueue() => new Spec().ToProperty().Check(Laws.Cases(Laws.UsualCases));

    /// <summary>What an arrow should be.</summary>
    /// <param name="Capacity">Messages it holds.</param>
    /// <param name="Held">Those it holds.</param>
    /// <param name="Waiting">Those whose writers wait for room.</param>
    /// <param name="Sent">Numbers given out so far.</param>
    /// <param name="End">How it was ended; null while it is open.</param>
    /// <param name="Seen">What the last operation must have answered.</param>
    private sealed record Model(int Capacity, ImmutableList<long> Held, ImmutableList<long> Waiting, long Sent, string? End, string Seen)
    {
        public Model Answered(string seen) => this with { Seen = seen };

        /// <summary>The oldest that waits comes in where there is room.</summary>
        public Model Settled() =>
            Waiting.IsEmpty || Held.Count == Capacity ? this : this with { Held = Held.Add(Waiting[0]), Waiting = Waiting.RemoveAt(0) };
    }

    /// <summary>The arrow, and the writes that were begun and may wait.</summary>
    private sealed record Actual(Channel<Message> Arrow)
    {
        public Dictionary<long, Task> Writes { get; } = [];

        public long Sent { get; set; }
    }

    private sealed class Begun(int capacity) : Setup<Actual, Model>
    {
        public override Actual Actual() => new(Arrow.Of(capacity));

        public override Model Model() => new(capacity, [], [], 0, null, "");

        public override string ToString() => $"an arrow of {capacity}";
    }

    private sealed class Step(string name, Func<Model, Model> run, Func<Actual, string> act) : Operation<Actual, Model>
    {
        public override Model Run(Model model) => run(model);

        public override Property Check(Actual actual, Model model)
        {
            var seen = act(actual);
            var isSame =
                seen == model.Seen
                && actual.Arrow.Reader.Count == model.Held.Count
                && actual.Writes.All(write => model.Waiting.Contains(write.Key) ? !write.Value.IsCompleted : Ends(write.Value))
                && (
                    model.End is null || model.Held.Count > 0
                        ? !actual.Arrow.Reader.Completion.IsCompleted
                        : Ends(actual.Arrow.Reader.Completion)
                );
            return isSame.Label(
                $"{name} answered {seen}, {actual.Arrow.Reader.Count} held; the model has {model.Seen}, {model.Held.Count}"
            );
        }

        public override string ToString() => name;

        /// <summary>What is done is told on another thread.</summary>
        private static bool Ends(Task task) => Task.WaitAny([task], TimeSpan.FromSeconds(30)) == 0;
    }

    private sealed class Spec : Machine<Actual, Model>
    {
        public override Arbitrary<Setup<Actual, Model>> Setup =>
            Arb.From(Gen.Choose(1, 4).Select(capacity => (Setup<Actual, Model>)new Begun(capacity)));

        public override Gen<Operation<Actual, Model>> Next(Model model) =>
            Gen.Frequency(
                (6, Gen.Constant<Operation<Actual, Model>>(Send)),
                (6, Gen.Constant<Operation<Actual, Model>>(Receive)),
                (2, Gen.Constant<Operation<Actual, Model>>(TrySend)),
                (1, Gen.Constant<Operation<Actual, Model>>(CancelledSend)),
                (1, Gen.Constant<Operation<Actual, Model>>(CancelledReceive)),
                (1, Gen.Constant<Operation<Actual, Model>>(Complete)),
                (1, Gen.Constant<Operation<Actual, Model>>(Fail))
            );
    }

    /// <summary>A write that waits where there is no room.</summary>
    private static readonly Step Send = new(
        "send",
        model =>
            model.End is not null
                ? (model with { Sent = model.Sent + 1 }).Answered("closed")
                : (model with { Waiting = model.Waiting.Add(model.Sent), Sent = model.Sent + 1 })
                    .Answered(model.Held.Count < model.Capacity ? "sent" : "waits")
                    .Settled(),
        actual =>
        {
            var number = actual.Sent++;
            var write = actual.Arrow.Writer.WriteAsync(new EndOfStream(number)).AsTask();
            if (write.IsFaulted && write.Exception.InnerException is ChannelClosedException)
                return "closed";
            actual.Writes[number] = write;
            return write.IsCompletedSuccessfully ? "sent" : "waits";
        }
    );

    private static readonly Step TrySend = new(
        "try to send",
        model =>
            model.End is null && model.Held.Count < model.Capacity
                ? (model with { Held = model.Held.Add(model.Sent), Sent = model.Sent + 1 }).Answered("True")
                : (model with { Sent = model.Sent + 1 }).Answered("False"),
        actual => $"{actual.Arrow.Writer.TryWrite(new EndOfStream(actual.Sent++))}"
    );

    private static readonly Step Receive = new(
        "receive",
        model =>
            model.Held.IsEmpty
                ? model.Answered("nothing")
                : (model with { Held = model.Held.RemoveAt(0) }).Answered($"{model.Held[0]}").Settled(),
        actual => actual.Arrow.Reader.TryRead(out var message) ? $"{message.Sequence}" : "nothing"
    );

    private static readonly Step CancelledSend = new(
        "send, cancelled",
        model => (model with { Sent = model.Sent + 1 }).Answered("cancelled"),
        actual =>
            actual.Arrow.Writer.WriteAsync(new EndOfStream(actual.Sent++), new CancellationToken(canceled: true)).AsTask().IsCanceled
                ? "cancelled"
                : "not"
    );

    private static readonly Step CancelledReceive = new(
        "receive, cancelled",
        model => model.Answered("cancelled"),
        actual => actual.Arrow.Reader.WaitToReadAsync(new CancellationToken(canceled: true)).AsTask().IsCanceled ? "cancelled" : "not"
    );

    /// <summary>Whoever waits for room is told that it will not come; what is held stays.</summary>
    private static readonly Step Complete = new(
        "complete",
        model => Ended(model, "complete"),
        actual => $"{actual.Arrow.Writer.TryComplete()}"
    );

    private static readonly Step Fail = new(
        "fail",
        model => Ended(model, "fail"),
        actual => $"{actual.Arrow.Writer.TryComplete(new InvalidOperationException("fail"))}"
    );

    private static Model Ended(Model model, string how) =>
        model.End is not null ? model.Answered("False") : (model with { End = how, Waiting = [] }).Answered("True");
}
