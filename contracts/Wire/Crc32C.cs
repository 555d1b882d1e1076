using System.Buffers.Binary;
using System.Numerics;

namespace Motion.Contracts;

/// <summary>CRC-32C (Castagnoli polynomial, reflected, start and final value inverted), which processors compute in hardware.</summary>
/// <remarks>RFC 3720, appendix B.4; "123456789" gives 0xE3069283.</remarks>
public readonly record struct Crc32C
{
    private readonly uint _inverted; // the register's complement, so that the default is the checksum of nothing

    private Crc32C(uint value) => _inverted = value;

    /// <summary>The checksum of everything appended so far.</summary>
    public uint Value => _inverted;

    public Crc32C Append(ReadOnlySpan<byte> bytes)
    {
        var register = ~_inverted;
        for (; bytes.Length >= sizeof(ulong); bytes = bytes[sizeof(ulong)..])
        {
            register = BitOperations.Crc32C(register, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
        }

        foreach (var one in bytes)
        {
            register = BitOperations.Crc32C(register, one);
        }

        return new Crc32C(~register);
    }

    public static uint Of(ReadOnlySpan<byte> bytes) => default(Crc32C).Append(bytes).Value;
}
