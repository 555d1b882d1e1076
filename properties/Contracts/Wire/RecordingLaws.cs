using Motion.Contracts;
using Xunit;

namespace Motion.Properties.Contracts;

public sealed class RecordingLaws : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("recording-").FullName;

    private string File => Path.Combine(_folder, "deep", "flow.rec");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Read_AFinishedRecording_IsWhatWasAppended()
    {
        await Record(finish: true);
        var (read, error) = await Drain(File);
        Assert.Null(error);
        Assert.Equal(MessagePipeLaws.Described(Samples), read);
        Assert.False(System.IO.File.Exists(File + ".part"));
    }

    [Fact]
    public async Task Append_ThenNothing_LeavesAReadableBeginningAndNoFinishedFile()
    {
        using var writer = RecordingWriter.Create(File).OrThrow();
        for (var count = 0; count < Samples.Length; count++)
        {
            using var message = SampleMessages.Make(Samples[count].Kind, Samples[count].Seed);
            (await writer.Append(message)).OrThrow();
            var (read, error) = await Drain(File + ".part"); // as another program would find it if this one were killed now
            Assert.Equal(MessagePipeLaws.Described(Samples)[..(count + 1)], read);
            Assert.IsType<WireError.NoEnd>(error);
        }

        Assert.False(System.IO.File.Exists(File));
    }

    [Fact]
    public async Task Read_ACutTail_GivesWhatIsWholeAndNamesTheFile()
    {
        await Record(finish: true);
        var bytes = await System.IO.File.ReadAllBytesAsync(File);
        var last = WireLaws.Encode(new EndOfStream(Samples.Length)).Length;
        foreach (var cut in new[] { 1, last - 1, last, last + 1 })
        {
            await System.IO.File.WriteAllBytesAsync(File, bytes[..^cut]);
            var (read, error) = await Drain(File);
            Assert.Equal(cut > last ? Samples.Length - 1 : Samples.Length, read.Count);
            Assert.Equal(cut == last, error is WireError.NoEnd);
            Assert.Contains(File, error!.Describe(), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("MOTION")]
    [InlineData("MOTIONR2.......................")]
    [InlineData("name: a pipeline, not a recording")]
    public async Task Read_NoFileOrAnotherKindOfFile_SaysSo(string? content)
    {
        var path = Path.Combine(_folder, "other");
        if (content is not null)
        {
            await System.IO.File.WriteAllTextAsync(path, content);
        }

        var (read, error) = await Drain(path);
        Assert.Empty(read);
        Assert.Contains(path, Assert.IsType<WireError.CannotUse>(error).Describe(), StringComparison.Ordinal);
    }

    [Fact]
    public void Create_WhereNoFileCanBe_IsAnError()
    {
        System.IO.File.WriteAllText(Path.Combine(_folder, "deep"), "a file where the folder should be");
        Assert.IsType<Result<RecordingWriter, WireError>.Error>(RecordingWriter.Create(File));
    }

    private static readonly (int Kind, int Seed)[] Samples = [(6, 4), (0, 1), (1, 2), (4, 3)];

    private async Task Record(bool finish)
    {
        using var writer = RecordingWriter.Create(File).OrThrow();
        foreach (var (kind, seed) in Samples)
        {
            using var message = SampleMessages.Make(kind, seed);
            (await writer.Append(message)).OrThrow();
        }

        (await writer.Append(new EndOfStream(Samples.Length))).OrThrow();
        if (finish)
        {
            writer.Finish().OrThrow();
        }
    }

    private static async Task<(List<string> Read, WireError? Error)> Drain(string path)
    {
        var read = new List<string>();
        WireError? error = null;
        await foreach (var item in Recording.Read(path))
        {
            error = item.Match<WireError?>(
                message =>
                {
                    read.Add(SampleMessages.Describe(message));
                    message.Dispose();
                    return null;
                },
                reason => reason
            );
        }

        return (read, error);
    }
}
