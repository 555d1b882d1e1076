using System.Runtime.InteropServices;

namespace Motion.Runner.Streams;

/// <summary>Memory that ran out, told from a mistake of the program.</summary>
internal static class Memory
{
    /// <summary>What the machine says where memory ran out, of .NET's heap or of libtorch's; null for other exceptions.</summary>
    public static string? Spent(Exception e) =>
        e is OutOfMemoryException or InsufficientExecutionStackException
        || (e is ExternalException && e.Message.Contains("not enough memory", StringComparison.OrdinalIgnoreCase))
            ? "the memory that it may use is too small for what it was asked. Give it more, or smaller frames (decode: shortest), a smaller train.batch, smaller buffers (docs/running.md)."
            : null;
}
