using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Motion.Runner.Folders;

/// <summary>
/// The processor under a run: its kind decides the order in which libtorch's kernels sum, and with it the last bits of a result.
/// </summary>
internal static class Processor
{
    private const string Description = "/proc/cpuinfo";

    /// <summary>
    /// Its name as the system gives it, its architecture, and the widest of the instructions that libtorch has kernels for.
    /// </summary>
    public static string Name { get; } =
        string.Join(
            ", ",
            new[] { Model() ?? "", $"{RuntimeInformation.ProcessArchitecture}".ToLowerInvariant(), Widest }.Where(part => part.Length > 0)
        );

    private static string Widest =>
        Avx512F.IsSupported ? "AVX512"
        : Avx2.IsSupported ? "AVX2"
        : "";

    private static string? Model() =>
        OperatingSystem.IsLinux() && File.Exists(Description)
            ? File.ReadLines(Description)
                .FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))
                ?.Split(':', 2)[^1]
                .Trim()
            : Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER");
}
