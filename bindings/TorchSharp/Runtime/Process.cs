using System.Runtime.InteropServices;

namespace TorchSharp;

public static unsafe partial class torch
{
    /// <summary>libtorch's version, such as "1.13.1".</summary>
    public static string __version__ { get; } = Marshal.PtrToStringUTF8((nint)Native.mt_version())!;

    /// <summary>Threads inside an operator: libtorch's own and OpenBLAS's.</summary>
    public static void set_num_threads(int num) => Native.Check(Native.mt_set_num_threads(num));

    public static int get_num_threads() => Native.mt_get_num_threads();

    public static void set_num_interop_threads(int num) => Native.Check(Native.mt_set_num_interop_threads(num));

    public static int get_num_interop_threads() => Native.mt_get_num_interop_threads();

    /// <summary>CUDA as libtorch sees it.</summary>
    public static partial class cuda
    {
        public static bool is_available() => Native.mt_cuda_count() > 0;

        public static bool is_cudnn_available() => Native.mt_cudnn_available() != 0;

        public static int device_count() => Native.mt_cuda_count();

        public static Generator manual_seed(long seed) => torch.manual_seed(seed);

        public static Generator manual_seed_all(long seed) => torch.manual_seed(seed);

        /// <summary>Waits until everything queued on a device (the current one if not given) is done.</summary>
        public static void synchronize(Device? device = null) => Native.Check(Native.mt_cuda_synchronize(device?.index ?? -1));
    }

    public static partial class backends
    {
        internal static bool cudnn_enabled => Native.mt_backend_flag(4, -1) != 0;

        public static class cuda
        {
            public static class matmul
            {
                public static bool allow_tf32
                {
                    get => Native.mt_backend_flag(1, -1) != 0;
                    set => _ = Native.mt_backend_flag(1, value ? 1 : 0);
                }
            }
        }

        public static class cudnn
        {
            public static bool allow_tf32
            {
                get => Native.mt_backend_flag(2, -1) != 0;
                set => _ = Native.mt_backend_flag(2, value ? 1 : 0);
            }
        }
    }
}
