using System.Buffers;
using Motion.Contracts;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Contracts;

/// <summary>The worked example of docs/wire-format.md, assembled there by hand from its tables.</summary>
public sealed class WireGolden
{
    private const string FlowFrame =
        "4d00000000000000"
        + // 77 bytes follow
        "37000000"
        + // 55 of them header
        "94"
        + "01"
        + "a9466c6f774672616d65"
        + // [1, "FlowFrame",
        "92"
        + "92a575696e7438"
        + "93030102"
        + //  [["uint8", [3, 1, 2]],
        "92a7666c6f61743332"
        + "93020101"
        + //   ["float32", [2, 1, 1]]],
        "95"
        + "9307a46265617203"
        + "920203"
        + "01"
        + "a3676d61"
        + "c0"
        + // [[7, "bear", 3], [2, 3], 1, "gma", nil]]
        "010203040506"
        + // Image
        "0000003f"
        + "000080bf"
        + // Flow: 0.5, -1
        "e8f8397f"; // CRC-32C

    [Fact]
    public void Write_TheSpecificationsExample_IsItsBytes()
    {
        using var frame = Example();
        var output = new ArrayBufferWriter<byte>();
        WireCodec.Write(output, frame);
        Assert.Equal(FlowFrame, Convert.ToHexStringLower(output.WrittenSpan));
    }

    [Fact]
    public void TryRead_TheSpecificationsExample_IsItsMessage()
    {
        using var frame = Example();
        var input = new ReadOnlySequence<byte>(Convert.FromHexString(FlowFrame));
        using var read = Assert.IsType<WireRead.Frame>(WireCodec.TryRead(ref input)).Message;
        Assert.Equal(SampleMessages.Describe(frame), SampleMessages.Describe(read));
    }

    private static FlowFrame Example() =>
        new(
            new FrameKey(7, "bear", 3),
            new Size2(2, 3),
            tensor(new byte[] { 1, 2, 3, 4, 5, 6 }).reshape(3, 1, 2),
            tensor(new[] { 0.5f, -1f }).reshape(2, 1, 1),
            1,
            "gma",
            null
        );
}
