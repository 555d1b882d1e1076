using FsCheck;
using FsCheck.Fluent;
using Motion.Contracts;

namespace Motion.Properties.Generators;

/// <summary>What disks, power cuts and people do to a file that nobody wanted changed.</summary>
public sealed record Damage(string Kind, double Where, int Bit)
{
    public static readonly string[] Kinds = ["bit", "byte", "cut", "zeros at the end", "garbage at the end", "zeros within", "swap"];

    public static Gen<Damage> Any { get; } =
        from kind in Gen.Elements(Kinds)
        from at in Gen.Choose(0, 1_000_000)
        from bit in Gen.Choose(0, 7)
        select new Damage(kind, at / 1_000_001.0, bit);

    /// <summary>The file, changed; another one in every case.</summary>
    public byte[] Of(byte[] file)
    {
        var changed = file.ToArray();
        var at = (int)(Where * file.Length);
        switch (Kind)
        {
            case "bit":
                changed[at] ^= (byte)(1 << Bit);
                break;
            case "byte":
                changed[at] = (byte)(changed[at] + 1 + (37 * Bit));
                break;
            case "cut":
                return changed[..at];
            case "zeros at the end":
                return [.. changed, .. new byte[1 + (Bit * 73)]];
            case "garbage at the end":
                return
                [
                    .. changed,
                    .. new Seed((ulong)at).Draws() is var draws
                        ? Enumerable.Range(0, 1 + (Bit * 11)).Select(_ => (byte)draws.NextUInt64())
                        : [],
                ];
            case "zeros within":
                changed.AsSpan(at, Math.Min(1 + (Bit * 40), changed.Length - at)).Clear();
                break;
            case "swap":
                var other = (at + 1 + (Bit * 13)) % changed.Length;
                (changed[at], changed[other]) = (changed[other], changed[at]);
                break;
        }

        if (changed.AsSpan().SequenceEqual(file))
            changed[at] ^= 1; // what was cleared or swapped was alike
        return changed;
    }
}
