using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Hashing;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Kernels;
using Motion.Properties.Generators;
using Xunit;

namespace Motion.Properties.DataSets;

/// <summary>Flow in other forms than .flo.</summary>
public sealed class FlowFormLaws
{
    /// <summary>Vectors in steps of 1/64 px, as a KITTI file can hold them; some are not known.</summary>
    private static readonly Gen<(Size2 Size, ushort[] Samples)> Kitti =
        from height in Gen.Choose(1, 9)
        from width in Gen.Choose(1, 9)
        from seed in Gen.Choose(0, int.MaxValue)
        let draws = new Seed((ulong)seed).Draws()
        select (
            new Size2(height, width),
            Enumerable.Range(0, 3 * height * width).Select(i => (ushort)(i % 3 == 2 ? draws.Next(2) : draws.Next(1 << 16))).ToArray()
        );

    [Fact, Law]
    public void Read_KittisPng_IsItsVectorsAndUnknownWhereItSaysSo() =>
        Laws.Hold(
            Kitti,
            drawn =>
            {
                var flow = FlowForms.Parse(Png16(drawn.Samples, drawn.Size, channels: 3), "kitti").OrThrow();
                using var tensor = FloTensors.ToTensor(flow);
                using var known = FlowField.Known(tensor);
                return flow.Size == drawn.Size
                    && drawn
                        .Samples.Chunk(3)
                        .Select(
                            (pixel, i) =>
                                pixel[2] == 0
                                    ? flow.Pairs[2 * i] == FlowForms.Unknown
                                        && flow.Pairs[(2 * i) + 1] == FlowForms.Unknown
                                        && !known.Elements<bool>()[i]
                                    : flow.Pairs[2 * i] == (pixel[0] - 32768) / 64f
                                        && flow.Pairs[(2 * i) + 1] == (pixel[1] - 32768) / 64f
                                        && known.Elements<bool>()[i]
                        )
                        .All(right => right);
            }
        );

    [Fact, Law]
    public void Read_Pfm_IsItsVectorsInEitherByteOrder_WhateverTheScale() =>
        Laws.Hold(
            from sketch in FlowFields.Sketches()
            from scale in Gen.Elements("-1", "1.0", "-0.5", "20")
            select (sketch, scale),
            drawn =>
            {
                using var tensor = FlowFields.Flow(drawn.sketch);
                var flow = FloTensors.ToFile(tensor);
                var read = FlowForms.Parse(Pfm(flow, drawn.scale), "flow.pfm").OrThrow();
                return read.Size == flow.Size && read.Pairs.SequenceEqual(flow.Pairs);
            }
        );

    [Fact]
    public void Parse_EveryTruncationOfAPfm_IsAnError()
    {
        using var tensor = FlowFields.Flow(new Sketch(new Size2(3, 4), 5));
        var bytes = Pfm(FloTensors.ToFile(tensor), "-1");
        for (var length = 0; length < bytes.Length; length++)
        {
            Assert.False(
                FlowForms.Parse(bytes.AsSpan(0, length), "cut").IsOk,
                $"{length} of {bytes.Length} bytes were taken for a whole file"
            );
        }

        Assert.False(FlowForms.Parse([.. bytes, 0], "long").IsOk);
    }

    [Theory]
    [InlineData("PF 99999 99999 -1\n", "takes")]
    [InlineData("PF -3 4 -1\n", "header")]
    [InlineData("PF 3 4 0\n", "header")]
    [InlineData("PF 3 4 nan\n", "header")]
    [InlineData("PF 3", "header")]
    [InlineData("Pf 1 1 -1\n1234", "one channel")]
    [InlineData("\u0089HDF\r\n\u001a\n", ".flo5")]
    [InlineData("hello", "must begin")]
    public void Parse_WhatIsNoFlow_IsRefusedInWords(string text, string part) =>
        Assert.Contains(
            part,
            FlowForms.Parse(Encoding.Latin1.GetBytes(text), "file").Match(_ => "read", error => error.Describe()),
            StringComparison.Ordinal
        );

    [Fact]
    public void Parse_APictureOfColoursOrOfDepth_IsRefusedInWords()
    {
        var size = new Size2(2, 3);
        Assert.Contains(
            "3 channels of 16 bits",
            FlowForms.Parse(Png.EncodeLabels(new byte[6], size), "flow.png").Match(_ => "read", error => error.Describe()),
            StringComparison.Ordinal
        );
        Assert.Contains(
            "this one 1 of 16",
            FlowForms.Parse(Png16(new ushort[6], size, channels: 1), "flow.png").Match(_ => "read", error => error.Describe()),
            StringComparison.Ordinal
        );
    }

    private static byte[] Pfm(FloFile flow, string scale)
    {
        using var file = new MemoryStream();
        file.Write(Encoding.ASCII.GetBytes($"PF\n{flow.Size.Width} {flow.Size.Height}\n{scale}\n"));
        var four = new byte[4];
        for (var y = flow.Size.Height - 1; y >= 0; y--)
        {
            for (var x = 0; x < flow.Size.Width; x++)
            {
                for (var c = 0; c < 3; c++)
                {
                    var value = c < 2 ? flow.Pairs[(2 * ((y * flow.Size.Width) + x)) + c] : 0;
                    if (scale[0] == '-')
                        BinaryPrimitives.WriteSingleLittleEndian(four, value);
                    else
                        BinaryPrimitives.WriteSingleBigEndian(four, value);
                    file.Write(four);
                }
            }
        }

        return file.ToArray();
    }

    private static byte[] Png16(ushort[] samples, Size2 size, int channels)
    {
        using var file = new MemoryStream();
        file.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10]);
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, size.Width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), size.Height);
        (header[8], header[9]) = (16, channels == 3 ? (byte)2 : (byte)0);
        Chunk("IHDR", header);
        using var packed = new MemoryStream();
        using (var rows = new ZLibStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            var two = new byte[2];
            for (var i = 0; i < samples.Length; i++)
            {
                if (i % (channels * size.Width) == 0)
                    rows.WriteByte(0);
                BinaryPrimitives.WriteUInt16BigEndian(two, samples[i]);
                rows.Write(two);
            }
        }

        Chunk("IDAT", packed.ToArray());
        Chunk("IEND", []);
        return file.ToArray();

        void Chunk(string name, byte[] data)
        {
            byte[] chunk = [0, 0, 0, 0, .. Encoding.ASCII.GetBytes(name), .. data, 0, 0, 0, 0];
            BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
            BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(chunk.Length - 4), Crc32.HashToUInt32(chunk.AsSpan(4, data.Length + 4)));
            file.Write(chunk);
        }
    }
}
