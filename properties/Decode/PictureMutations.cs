using System.Buffers.Binary;
using System.Globalization;
using System.IO.Hashing;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Decode;
using Motion.Properties.Generators;
using Xunit;

namespace Motion.Properties.Decode;

/// <summary>
/// Picture files, changed and cut at random: each is read or refused with a reason, without an exception, and with memory in proportion to
/// the file. MOTION_MUTATIONS says how many of each form (300 where it is not set).
/// </summary>
public sealed class PictureMutations
{
    private const string Count = "MOTION_MUTATIONS";
    private const int UsualCount = 300;
    private const long MostBytesPerByte = 40_000; // PNG: 1032 bytes unpacked, 8 pixels each; JPEG: 2048 pixels; with all copies
    private const long Slack = 1 << 20;

    public static TheoryData<string> Forms =>
        [
            "rgb420.jpg",
            "rgb444.jpg",
            "progressive422.jpg",
            "restarts.jpg",
            "grey.jpg",
            "profile.jpg",
            "turned.jpg",
            "rgb24.png",
            "rgb48be-interlaced.png",
            "ya8.png",
            "palette.png",
            "bits.png",
        ];

    [Theory]
    [MemberData(nameof(Forms))]
    public void Read_AnyChangeOrCut_IsReadOrRefusedWithAReason(string form)
    {
        var original = Original(form);
        var draws = new Seed(2212).Derive(form).Draws();
        Assert.Null(Refusal(original));
        var refused = 0;
        var rounds = int.TryParse(Environment.GetEnvironmentVariable(Count), CultureInfo.InvariantCulture, out var more)
            ? more
            : UsualCount;
        for (var round = 0; round < rounds; round++)
        {
            var changed = Mutations.Change(original, draws);
            if (form.EndsWith(".png", StringComparison.Ordinal) && draws.Next(4) > 0)
            {
                Reseal(changed);
            }

            var before = GC.GetAllocatedBytesForCurrentThread();
            var refusal = Refusal(changed);
            Assert.True(
                GC.GetAllocatedBytesForCurrentThread() - before < Slack + (MostBytesPerByte * changed.Length),
                $"round {round} took too much memory"
            );
            Assert.True(refusal is null or { Length: > 10 });
            refused += refusal is null ? 0 : 1;
        }

        Assert.True(refused > rounds / 8, $"{refused} of {rounds} refused: hardly anything was changed");
    }

    private static string? Refusal(byte[] bytes) =>
        Png.IsPng(bytes)
            ? Png.Read(bytes, "a.png").Match(_ => (string?)null, error => error.Describe())
            : Jpeg.Read(bytes, "a.jpg").Match(_ => (string?)null, error => error.Describe());

    private static byte[] Original(string form) =>
        form switch
        {
            "turned.jpg" => Samples.WithExif(PictureGolden.Bytes("rgb420.jpg"), Samples.Exif(6)),
            "palette.png" => Png.EncodeLabels(Samples.Planes(1, new Size2(9, 7)).AsSpan(0, 63), new Size2(9, 7)),
            "bits.png" => new PngForm(new Size2(19, 18), 1, 3, IsInterlaced: true, Seed: 3).File(("eXIf", Samples.Exif(5))),
            _ => PictureGolden.Bytes(form),
        };

    /// <summary>Corrects the checksums, so that changes reach what is behind them.</summary>
    private static void Reseal(byte[] png)
    {
        for (var at = 8; at + 12 <= png.Length; )
        {
            var length = BinaryPrimitives.ReadUInt32BigEndian(png.AsSpan(at));
            if (length > png.Length - at - 12)
            {
                return;
            }

            var end = at + 8 + (int)length;
            BinaryPrimitives.WriteUInt32BigEndian(png.AsSpan(end), Crc32.HashToUInt32(png.AsSpan(at + 4, (int)length + 4)));
            at = end + 4;
        }
    }
}
