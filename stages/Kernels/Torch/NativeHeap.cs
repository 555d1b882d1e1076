using System.Runtime.InteropServices;

namespace Motion.Kernels;

/// <summary>The C library's heap, on which libtorch's tensors lie.</summary>
public static partial class NativeHeap
{
    private const int MmapThreshold = -3;   // M_MMAP_THRESHOLD of malloc.h
    private const int TrimThreshold = -1;   // M_TRIM_THRESHOLD
    private const int ArenaMax = -8;        // M_ARENA_MAX
    private const int LargeBytes = 8 << 20;
    private const int KeptBytes = 512 << 20;

    /// <summary>
    /// Gives blocks of 8 MiB and more back to the system as soon as they are freed. glibc does so for 128 KiB at first, but raises that to the largest
    /// block it has seen freed, up to 32 MiB: then the maps of one picture's size leave holes that the maps of the next do not fit into. One arena
    /// for all threads, as the others consist of 64 MiB that are unmapped as soon as they are empty, and faulted in again: a tenth of a training's
    /// time was spent on that (benchmarks/README.md). Threads that stand already keep theirs, so ./motion sets MALLOC_ARENA_MAX before the start.
    /// Elsewhere than under glibc nothing happens.
    /// </summary>
    /// <param name="isChosen">Whether the user has set glibc's own thresholds; then they are left alone.</param>
    public static void ReturnLargeBlocks(bool isChosen)
    {
        if (isChosen || !OperatingSystem.IsLinux()) return;
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
