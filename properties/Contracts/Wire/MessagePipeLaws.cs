using System.Buffers;
using System.IO.Pipelines;
using FsCheck;
using FsCheck.Fluent;
using Motion.Contracts;
using Motion.Properties.Generators;
using Xunit;

namespace Motion.Properties.Contracts;

public sealed class MessagePipeLaws
{
    [Fact, Law]
    public void ReadMessages_EveryChunking_YieldsTheSameMessagesInOrder() =>
        Prop.ForAll(
                Streams,
                Gen.Choose(1, 3000).ArrayOf(3).ToArbitrary(),
                async (samples, sizes) =>
                {
                    var bytes = EncodeAll(samples);
                    var pipe = new Pipe();
                    var writing = Feed(pipe.Writer, bytes, sizes);
                    var (read, error) = await Drain(pipe.Reader);
                    await writing;
                    return (error is null && read.SequenceEqual(Described(samples)))
                        .Label($"{samples.Length} messages in chunks of {string.Join(',', sizes)}: {error?.Describe()}")
                        .Classify(samples.Length == 0, "empty stream");
                }
            )
            .Check(Laws.Cases(50));

    [Fact, Law]
    public void WriteMessage_ThroughAPipeThatHoldsLittle_ArrivesWhole() =>
        Prop.ForAll(
                Streams,
                async samples =>
                {
                    var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 64, resumeWriterThreshold: 32, minimumSegmentSize: 16));
                    var writing = WriteAll(pipe.Writer, samples);
                    var (read, error) = await Drain(pipe.Reader);
                    await writing;
                    return error is null && read.SequenceEqual(Described(samples));
                }
            )
            .Check(Laws.Cases(30));

    [Fact]
    public async Task ReadMessages_CutAtAnyByte_GivesWhatIsWholeAndThenSaysSo()
    {
        (int, int)[] samples = [(7, 1), (4, 2), (3, 3)];
        var bytes = EncodeAll(samples);
        var ends = samples.Select((_, i) => EncodeAll(samples[..(i + 1)], end: false).Length).ToArray();
        for (var cut = 0; cut < bytes.Length; cut++)
        {
            var (read, error) = await Drain(PipeReader.Create(new ReadOnlySequence<byte>(bytes, 0, cut)));
            var whole = ends.Count(end => end <= cut);
            Assert.Equal(Described(samples).Take(whole), read);
            var begin = whole == 0 ? 0 : ends[whole - 1];
            Assert.Equal(
                cut == begin ? new WireError.NoEnd("here", whole) : new WireError.Truncated("here", whole, begin, cut - begin),
                error
            );
        }
    }

    [Fact]
    public async Task ReadMessages_ABadFrame_NamesItsNumberAndPlaceAndStops()
    {
        var first = WireLaws.Encode((7, 1));
        var second = WireLaws.Encode((7, 2));
        second[^1] ^= 1;
        var (read, error) = await Drain(PipeReader.Create(new ReadOnlySequence<byte>([.. first, .. second, .. WireLaws.Encode((7, 3))])));
        Assert.Single(read);
        var bad = Assert.IsType<WireError.Bad>(error);
        Assert.Equal(("here", 1L, (long)first.Length), (bad.Source, bad.Message, bad.Offset));
        Assert.Contains("checksum", bad.Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadMessages_BytesAfterTheEnd_AreAnError()
    {
        var (read, error) = await Drain(PipeReader.Create(new ReadOnlySequence<byte>([.. WireLaws.Encode((8, 1)), 0])));
        Assert.Single(read);
        Assert.IsType<WireError.Bad>(error);
    }

    [Fact]
    public async Task ReadMessages_AReaderThatStops_LeavesTheRestInThePipe()
    {
        (int, int)[] samples = [(7, 1), (4, 2), (3, 3)];
        var reader = PipeReader.Create(new ReadOnlySequence<byte>(EncodeAll(samples)));
        await foreach (var first in MessagePipe.ReadMessages(reader))
        {
            Assert.Equal(Described(samples)[0], SampleMessages.Describe(first.OrThrow()));
            break;
        }

        var (read, error) = await Drain(reader);
        Assert.Null(error);
        Assert.Equal(Described(samples)[1..], read);
    }

    [Fact]
    public async Task ReadMessages_AStreamThatBreaks_IsAnError()
    {
        var pipe = new Pipe();
        await pipe.Writer.WriteAsync(WireLaws.Encode((7, 1)));
        await pipe.Writer.CompleteAsync(new IOException("connection reset"));
        var (_, error) = await Drain(pipe.Reader);
        Assert.Contains("connection reset", Assert.IsType<WireError.CannotUse>(error).Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadMessages_Cancelled_ThrowsAndTheMessagesStayUnread()
    {
        var pipe = new Pipe();
        using var cancel = new CancellationTokenSource();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var _ in MessagePipe.ReadMessages(pipe.Reader, cancel: cancel.Token)) { }
        });
    }

    [Fact]
    public async Task WriteMessage_ToAReaderThatHasGone_AnswersFalse()
    {
        var pipe = new Pipe();
        await pipe.Reader.CompleteAsync();
        Assert.False(await MessagePipe.WriteMessage(pipe.Writer, new EndOfStream(0)));
    }

    private static Arbitrary<(int Kind, int Seed)[]> Streams { get; } =
        Gen.Choose(0, SampleMessages.Kinds - 2).Zip(Gen.Choose(0, 1_000_000)).ArrayOf().Resize(6).ToArbitrary();

    private static async Task<(List<string> Read, WireError? Error)> Drain(PipeReader reader)
    {
        var read = new List<string>();
        await foreach (var item in MessagePipe.ReadMessages(reader, "here"))
        {
            switch (item)
            {
                case Result<Message, WireError>.Ok(var message):
                    read.Add(SampleMessages.Describe(message));
                    message.Dispose();
                    break;
                case Result<Message, WireError>.Error(var error):
                    return (read, error);
                default:
                    throw new InvalidOperationException();
            }
        }

        return (read, null);
    }

    private static async Task Feed(PipeWriter writer, byte[] bytes, int[] sizes)
    {
        foreach (var chunk in Chunks.Split(bytes, sizes))
        {
            await writer.WriteAsync(chunk);
        }

        await writer.CompleteAsync();
    }

    private static async Task WriteAll(PipeWriter writer, (int Kind, int Seed)[] samples)
    {
        foreach (var (kind, seed) in samples)
        {
            using var message = SampleMessages.Make(kind, seed);
            Assert.True(await MessagePipe.WriteMessage(writer, message));
        }

        await MessagePipe.WriteMessage(writer, new EndOfStream(samples.Length));
        await writer.CompleteAsync();
    }

    internal static byte[] EncodeAll((int Kind, int Seed)[] samples, bool end = true) =>
        [.. samples.SelectMany(WireLaws.Encode), .. end ? WireLaws.Encode(new EndOfStream(samples.Length)) : []];

    internal static string[] Described((int Kind, int Seed)[] samples)
    {
        var messages = samples
            .Select(sample => SampleMessages.Make(sample.Kind, sample.Seed))
            .Append(new EndOfStream(samples.Length))
            .ToArray();
        var described = messages.Select(SampleMessages.Describe).ToArray();
        foreach (var message in messages)
        {
            message.Dispose();
        }

        return described;
    }
}
