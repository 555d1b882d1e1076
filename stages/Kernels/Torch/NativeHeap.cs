using System.Runtime.InteropServices;

namespace Motion.Kernels;

/// <summary>The C library's heap, on which libtorch's tensors lie.</summary>
public static partial class NativeHeap
{
    private const int MmapThreshold = -3; // M_MMAP_THRESHOLD of malloc.h
    private const int TrimThreshold = -1; // M_TRIM_THRESHOLD
    private const int ArenaMax = -8; // M_ARENA_MAX
    private const int LargeBytes = 32 << 20;
    private const int KeptBytes = 1 << 30;

    /// <summary>
    /// Fixes at 32 MiB from where on a block goes back to the system as soon as it is freed, and keeps up to 1 GiB of smaller ones. glibc
    /// lets the first threshold move with what it has seen freed, and gives smaller ones back at 64 MiB: each step's maps are then faulted
    /// in again page by page. One arena for all threads, as the others consist of 64 MiB that are unmapped as soon as they are empty. A
    /// tenth of a training's time went into these faults (benchmarks/README.md). Threads that stand already keep their arenas, so ./motion
    /// sets MALLOC_ARENA_MAX before the start. Elsewhere than under glibc nothing happens.
    /// </summary>
    /// <param name="isChosen">Whether the user has set glibc's own thresholds; then they are left alone.</param>
    public static void ReturnLargeBlocks(bool isChosen)
    {
        if (isChosen || !OperatingSystem.IsLinux())
            return;
        try
        {
            _ = SetOption(MmapThreshold, LargeBytes);
            _ = SetOption(TrimThreshold, KeptBytes);
            _ = SetOption(ArenaMax, 1);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            // another C library, which has no such option
        }
    }

    [LibraryImport("libc.so.6", EntryPoint = "mallopt")]
    private static partial int SetOption(int option, int value);
}
