using System.Buffers;

namespace MessagePack;

/// <summary>The value that stands for nothing.</summary>
public readonly record struct Nil
{
    public static readonly Nil Default;

    public override string ToString() => "()";
}

/// <summary>Type and length of an extension value.</summary>
public readonly record struct ExtensionHeader
{
    public ExtensionHeader(sbyte typeCode, uint length) => (TypeCode, Length) = (typeCode, length);

    public ExtensionHeader(sbyte typeCode, int length) => (TypeCode, Length) = (typeCode, checked((uint)length));

    /// <summary>Negative codes belong to the specification, the others to the application.</summary>
    public sbyte TypeCode { get; }

    /// <summary>Bytes of data that follow the header.</summary>
    public uint Length { get; }
}

/// <summary>An extension value; its data is a slice of what was read.</summary>
public readonly struct ExtensionResult
{
    public ExtensionResult(sbyte typeCode, Memory<byte> data)
        : this(typeCode, new ReadOnlySequence<byte>(data))
    {
    }

    public ExtensionResult(sbyte typeCode, ReadOnlySequence<byte> data) => (TypeCode, Data) = (typeCode, data);

    public sbyte TypeCode { get; }

    public ReadOnlySequence<byte> Data { get; }

    public ExtensionHeader Header => new(TypeCode, checked((uint)Data.Length));
}

/// <summary>Bytes that are no MessagePack, or another type of value than was asked for.</summary>
public class MessagePackSerializationException : Exception
{
    public MessagePackSerializationException()
    {
    }

    public MessagePackSerializationException(string? message)
        : base(message)
    {
    }

    public MessagePackSerializationException(string? message, Exception? inner)
        : base(message, inner)
    {
    }
}

/// <summary>How deep a reader of nested values may go; data from outside must not choose our stack's depth.</summary>
public sealed class MessagePackSecurity
{
    private MessagePackSecurity(int maximumObjectGraphDepth) => MaximumObjectGraphDepth = maximumObjectGraphDepth;

    public static readonly MessagePackSecurity UntrustedData = new(500);

    public int MaximumObjectGraphDepth { get; }

    public MessagePackSecurity WithMaximumObjectGraphDepth(int maximumObjectGraphDepth) => new(maximumObjectGraphDepth);

    /// <summary>Counts one level; whoever calls it lowers <see cref="MessagePackReader.Depth"/> again when the level is read.</summary>
    /// <exception cref="InsufficientExecutionStackException">The value is nested deeper than allowed.</exception>
    public void DepthStep(ref MessagePackReader reader)
    {
        if (reader.Depth >= MaximumObjectGraphDepth)
        {
            throw new InsufficientExecutionStackException($"values may be nested {MaximumObjectGraphDepth} deep, and this one is deeper");
        }

        reader.Depth++;
    }
}
