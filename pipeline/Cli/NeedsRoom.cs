using System.Globalization;
using System.Runtime.InteropServices;

namespace Motion.Pipeline.Cli;

/// <summary>
/// Asks, before anything else is loaded, whether the limits of this process (ulimit) leave room: without it .NET and libtorch die in the
/// middle of something, or wait for ever.
/// </summary>
internal static class NeedsRoom
{
    private const string Limits = "/proc/self/limits";
    private const long LeastFiles = 256;
    private const long LeastAddresses = 8L << 30; // .NET's heap is set aside, and libtorch mapped, whatever of it is used

    public static string? Lacking() => !OperatingSystem.IsLinux() || !File.Exists(Limits) ? null : Lacking(File.ReadAllLines(Limits));

    /// <summary>The sentence for such a table of limits; null where there is room.</summary>
    internal static string? Lacking(IEnumerable<string> limits)
    {
        foreach (var line in limits)
        {
            if (Hard(line, "Max open files") is { } files && files < LeastFiles)
            {
                return $"this process may open {files} files, and at least {LeastFiles} are needed. Raise the limit: ulimit -n {LeastFiles}";
            }

            if (Hard(line, "Max address space") is { } bytes && bytes < LeastAddresses)
            {
                return $"this process may use {bytes >> 20} MiB of addresses, and {LeastAddresses >> 20} are needed. Raise the limit: ulimit -v {LeastAddresses >> 10}; memory itself is bounded by the container, or by DOTNET_GCHeapHardLimit.";
            }
        }

        return null;
    }

    /// <summary>The limit that this process cannot raise by itself (it raises the soft one); null where there is none.</summary>
    private static long? Hard(string line, string name) =>
        line.StartsWith(name, StringComparison.Ordinal)
        && line[name.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries) is [_, var hard, ..]
        && long.TryParse(hard, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? value
            : null;
}
