using Motion.Contracts;
using Motion.DataSets;
using Motion.Kernels;
using Motion.Properties.Generators;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.DataSets;

public sealed class FloLaws
{
    [Fact, Law]
    public void Parse_OfFormat_GivesTheSameFlow() =>
        Laws.Hold(
            FlowFields.Sketches(),
            sketch =>
            {
                using var scope = NewDisposeScope();
                var flow = FlowFields.Flow(sketch);
                return FloTensors.ToTensor(Flo.Parse(Flo.Format(FloTensors.ToFile(flow)), "memory").OrThrow()).Equals(flow);
            }
        );

    [Fact]
    public void Format_OfAKnownFlow_HasTheKnownBytes()
    {
        using var scope = NewDisposeScope();
        var flow = tensor(new[] { 1f, 2f, -1f, 0.5f }).view(2, 1, 2); // u = 1, 2; v = -1, 0.5
        Assert.Equal(
            "50494548" + "02000000" + "01000000" + "0000803F" + "000080BF" + "00000040" + "0000003F",
            Convert.ToHexString(Flo.Format(FloTensors.ToFile(flow)))
        );
    }

    [Fact]
    public void Parse_OfEveryTruncation_IsAnError()
    {
        using var scope = NewDisposeScope();
        var bytes = Flo.Format(FloTensors.ToFile(FlowFields.Flow(new Sketch(new Size2(3, 4), 5))));
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.False(Flo.Parse(bytes.AsSpan(0, length), "cut").IsOk, $"{length} of {bytes.Length} bytes were taken for a whole file");
        }

        Assert.False(Flo.Parse([.. bytes, 0], "long").IsOk);
    }

    [Theory]
    [InlineData(int.MaxValue, int.MaxValue)]
    [InlineData(-1, -1)]
    [InlineData(0, 5)]
    public void Parse_OfAbsurdSizes_IsAnError(int width, int height)
    {
        var bytes = new byte[12];
        BitConverter.TryWriteBytes(bytes, 202021.25f);
        BitConverter.TryWriteBytes(bytes.AsSpan(4), width);
        BitConverter.TryWriteBytes(bytes.AsSpan(8), height);
        Assert.IsType<FloError.WrongLength>(Assert.IsType<Result<FloFile, FloError>.Error>(Flo.Parse(bytes, "absurd")).Reason);
    }

    [Fact]
    public void Read_OfWhatWriteWrote_GivesTheSameFlowAndLeavesNothingElse()
    {
        using var scope = NewDisposeScope();
        var folder = Directory.CreateTempSubdirectory("flo");
        try
        {
            var path = Path.Combine(folder.FullName, "clip", "00001.flo");
            var flow = FlowFields.Flow(new Sketch(new Size2(6, 5), 7));
            Assert.True(Flo.Write(path, FloTensors.ToFile(flow)).IsOk);
            Assert.True(FloTensors.Read(path).OrThrow().Equals(flow));
            Assert.Equal([path], Directory.GetFiles(folder.FullName, "*", SearchOption.AllDirectories));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Read_OfAMissingFile_NamesIt()
    {
        var error = Assert.IsType<Result<FloFile, FloError>.Error>(FlowForms.Read("/nowhere/at/all.flo")).Reason;
        Assert.Equal("/nowhere/at/all.flo: there is no such file.", error.Describe());
    }
}
