using FsCheck.Fluent;
using Motion.Contracts;
using Motion.Properties.Generators;
using Motion.Runner.Settings;
using Motion.Runner.Stations;
using Motion.Runner.Streams;
using TorchSharp;
using Xunit;

namespace Motion.Properties.Pipeline;

/// <summary>What the runner promises of any stage: order, patience, and an end.</summary>
public sealed class RunnerLaws
{
    private static Station Station(
        Step step,
        int copies = 1,
        int buffer = 1,
        OnError onError = OnError.Stop,
        Action<Fault>? skipped = null
    ) =>
        new(
            "s",
            [.. Enumerable.Repeat(Steps.Map("s", () => { }, step), copies)],
            buffer,
            onError,
            new Meter("s", skipped ?? (_ => { })),
            null
        );

    private static Step Function(Func<EndOfStream, Message> function) =>
        message => message is EndOfStream number ? Steps.Guard("s", number.Count, () => function(number)) : message;

    /// <summary>Numbers through a stage; the cheapest message that carries one is EndOfStream.</summary>
    private static async Task<List<Message>> Through(Station station, IEnumerable<long> numbers, CancellationToken cancel = default)
    {
        var input = Arrow.Of(1);
        var wiring = new Wiring();
        var answers = new List<Message>();
        wiring.End(wiring.Stage(station, input.Reader), answers.Add);
        await Together.Run(
            cancel,
            [
                .. wiring.Parts,
                async token =>
                {
                    foreach (var number in numbers)
                        await input.Writer.WriteAsync(new EndOfStream(number), token);
                    input.Writer.Complete();
                },
            ]
        );
        return answers;
    }

    [Fact, Law]
    public void Answers_WhateverCopiesAndBuffers_KeepTheOrderOfMessages() =>
        Laws.Hold(
            from copies in Gen.Choose(1, 5)
            from buffer in Gen.Choose(1, 16)
            from length in Gen.Choose(0, 40)
            from slow in Gen.Choose(0, 4)
            select (copies, buffer, length, slow),
            each =>
                Through(
                        Station(
                            Function(number =>
                            {
                                if (number.Count % 5 == each.slow)
                                    Thread.Yield();
                                return new EndOfStream(number.Count * 2);
                            }),
                            each.copies,
                            each.buffer
                        ),
                        Enumerable.Range(0, each.length).Select(n => (long)n)
                    )
                    .GetAwaiter()
                    .GetResult()
                    .Select(answer => answer.Sequence)
                    .SequenceEqual(Enumerable.Range(0, each.length).Select(n => 2L * n)),
            cases: 60
        );

    [Fact, Law]
    public void Failures_ThatAreSkipped_KeepTheirPlacesAndAreToldOnce() =>
        Laws.Hold(
            from copies in Gen.Choose(1, 4)
            from bad in Gen.Choose(0, 20).ListOf()
            select (copies, bad: bad.ToHashSet()),
            each =>
            {
                var told = new List<long>();
                var answers = Through(
                        Station(
                            Function(number =>
                                each.bad.Contains((int)number.Count) ? new Fault(number.Count, "s", "no", IsBug: false) : number
                            ),
                            each.copies,
                            onError: OnError.Skip,
                            skipped: fault => told.Add(fault.Sequence)
                        ),
                        Enumerable.Range(0, 20).Select(n => (long)n)
                    )
                    .GetAwaiter()
                    .GetResult();
                var expected = each.bad.Where(n => n < 20).Order().Select(n => (long)n).ToList();
                return answers.Count == 20
                    && answers
                        .Index()
                        .All(answer => answer.Item.Sequence == answer.Index && answer.Item is Fault == each.bad.Contains(answer.Index))
                    && told.SequenceEqual(expected);
            },
            cases: 40
        );

    [Fact]
    public async Task Failures_OfAnEarlierStage_PassThroughUntold()
    {
        var told = 0;
        var answers = await Through(
            new Station(
                "later",
                [Steps.Map("later", () => { }, message => new Fault(message.Sequence, "earlier", "no", IsBug: false))],
                1,
                OnError.Stop,
                new Meter("later", _ => told++),
                null
            ),
            [0, 1]
        );
        Assert.Equal((2, 0), (answers.OfType<Fault>().Count(), told));
    }

    [Fact]
    public async Task Source_BehindAFullArrow_Waits()
    {
        const int buffer = 3;
        var made = 0;
        using var stop = new CancellationTokenSource();
        async IAsyncEnumerable<Message> Numbers()
        {
            while (true)
            {
                Interlocked.Increment(ref made);
                yield return new EndOfStream(made);
                await Task.CompletedTask;
            }
        }

        var output = Arrow.Of(buffer);
        var station = new Station(
            "s",
            [Steps.Source("s", () => { }, _ => Numbers())],
            buffer,
            OnError.Stop,
            new Meter("s", _ => { }),
            null
        );
        var run = StageRunner.Run(station, Wiring.Nothing(), output.Writer, stop.Token);
        const int most = buffer + 1; // the arrow's three, and the one that its writer waits with
        while (Volatile.Read(ref made) < most)
            await Task.Yield();
        for (var i = 0; i < 100; i++)
            await Task.Yield();
        Assert.Equal(most, made);
        await output.Reader.ReadAsync();
        while (Volatile.Read(ref made) < most + 1)
            await Task.Yield();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
    }

    [Fact]
    public async Task Bug_InOneCopy_EndsEverythingWithItsStory()
    {
        var endless = Enumerable.Range(0, int.MaxValue).Select(n => (long)n);
        var stopped = await Assert.ThrowsAsync<StageStopped>(() =>
            Through(
                Station(
                    Function(number => number.Count == 7 ? throw new InvalidOperationException("seven") : number),
                    copies: 3,
                    onError: OnError.Skip
                ),
                endless
            )
        );
        Assert.True(stopped.Fault.IsBug);
        Assert.Contains("seven", stopped.Fault.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancelling_InTheMiddle_EndsEverything()
    {
        using var stop = new CancellationTokenSource();
        var endless = Enumerable.Range(0, int.MaxValue).Select(n => (long)n);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            Through(
                Station(
                    Function(number =>
                    {
                        if (number.Count == 100)
                            stop.Cancel();
                        return number;
                    }),
                    copies: 2
                ),
                endless,
                stop.Token
            )
        );
    }

    /// <summary>
    /// The arrow holds what it says, however many copies there are and whoever is slow: a message each copy works at comes on top, and one
    /// each waits with.
    /// </summary>
    [Theory]
    [InlineData(1, 1)]
    [InlineData(4, 1)]
    [InlineData(4, 3)]
    public async Task Messages_BehindAReaderThatDoesNotRead_AreAsManyAsTheBuffersAndTheHands(int buffer, int copies)
    {
        var made = 0;
        using var stop = new CancellationTokenSource();
        IEnumerable<Message> Numbers()
        {
            while (true)
                yield return new EndOfStream(Interlocked.Increment(ref made));
        }

        var wiring = new Wiring();
        var source = new Station(
            "source",
            [Steps.Source("source", () => { }, _ => Numbers().ToAsyncEnumerable())],
            buffer,
            OnError.Stop,
            new Meter("source", _ => { }),
            null
        );
        var unread = wiring.Stage(Station(message => message, copies, buffer), wiring.Stage(source, Wiring.Nothing()), arms: 2);
        var run = Together.Run(stop.Token, wiring.Parts);
        var most = (2 * buffer) + copies + 1;
        while (Volatile.Read(ref made) < most)
            await Task.Yield();
        for (var i = 0; i < 1000; i++)
            await Task.Yield();
        Assert.Equal(most, made);
        Assert.All(unread, arm => Assert.Equal(buffer, arm.Count));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
    }

    [Fact]
    public async Task Pulled_ByAReaderThatGivesUpWaiting_LosesNothing()
    {
        var (first, second) = (Arrow.Of(1), Arrow.Of(1));
        var zipped = new Pulled(Arrows.Join([first.Reader, second.Reader], [], () => { }, () => false));
        using var brief = new CancellationTokenSource();
        var waiting = zipped.WaitToReadAsync(brief.Token);
        await first.Writer.WriteAsync(new EndOfStream(1));
        await brief.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await waiting);
        Assert.False(zipped.TryRead(out _));
        await second.Writer.WriteAsync(new EndOfStream(2));
        first.Writer.Complete();
        second.Writer.Complete();
        Assert.Equal([1L, 2L], await zipped.ReadAllAsync().Select(message => message.Sequence).ToListAsync());
    }

    [Fact]
    public async Task Parted_GivesEveryArmItsOwnTensors()
    {
        var wiring = new Wiring();
        var sums = new double[2];
        var station = new Station(
            "s",
            [Steps.Source("s", () => { }, _ => Enumerable.Range(1, 3).Select(n => (Message)TinyStages.Pair(n)).ToAsyncEnumerable())],
            1,
            OnError.Stop,
            new Meter("s", _ => { }),
            null
        );
        foreach (var (i, arm) in wiring.Stage(station, Wiring.Nothing(), arms: 2).Index())
        {
            wiring.End(
                arm,
                message =>
                {
                    sums[i] += message.Tensors.First().sum().to(torch.ScalarType.Float64).item<double>();
                    message.Dispose(); // the other arm must not notice
                }
            );
        }

        await Together.Run(CancellationToken.None, wiring.Parts);
        Assert.Equal([18.0, 18.0], sums); // three bytes a picture: 3 (1 + 2 + 3)
    }
}
