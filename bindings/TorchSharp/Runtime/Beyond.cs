namespace TorchSharp;

// What PyTorch has under these names and TorchSharp 0.107 has not. Measuring needs it (benchmarks/, properties/Bindings); the stages
// must do without, or they would no longer compile against the packages.
public static unsafe partial class torch
{
    /// <summary>Treats numbers below the smallest normal one as zero, on this thread and on libtorch's.</summary>
    /// <returns>False where the processor cannot.</returns>
    public static bool set_flush_denormal(bool mode) => Native.mt_set_flush_denormal(mode ? 1 : 0) != 0;

    /// <summary>Refuses (or, with warn_only, warns of) operators whose result depends on the order of threads.</summary>
    public static void use_deterministic_algorithms(bool mode = true, bool warn_only = false) =>
        Native.Check(Native.mt_use_deterministic(mode ? 1 : 0, warn_only ? 1 : 0));

    public static bool are_deterministic_algorithms_enabled() => Native.mt_deterministic() != 0;

    public static partial class backends
    {
        public static class mkldnn
        {
            /// <summary>Whether operators may use oneDNN, in the whole process.</summary>
            public static bool enabled
            {
                get => Native.mt_onednn() != 0;
                set => Native.mt_set_onednn(value ? 1 : 0);
            }
        }
    }

    public static partial class cuda
    {
        /// <summary>Bytes that tensors take on a device (the first one if not given).</summary>
        public static long memory_allocated(Device? device = null) => Memory(device, 0);

        public static long max_memory_allocated(Device? device = null) => Memory(device, 1);

        /// <summary>Bytes that libtorch took from the driver, tensors' and cached ones.</summary>
        public static long memory_reserved(Device? device = null) => Memory(device, 2);

        public static long max_memory_reserved(Device? device = null) => Memory(device, 3);

        public static void reset_peak_memory_stats(Device? device = null) => Memory(device, 0, reset: true);

        private static long Memory(Device? device, int figure, bool reset = false)
        {
            var figures = stackalloc long[4];
            Native.Check(Native.mt_cuda_memory(Math.Max(device?.index ?? 0, 0), reset ? 1 : 0, figures));
            return figures[figure];
        }
    }
}
