using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

[assembly: DisableRuntimeMarshalling]

namespace TorchSharp;

/// <summary>What a value handed over the C ABI is; the order is that of <c>Tag</c> in aten.cpp.</summary>
internal enum Tag
{
    None, Default, Tensor, Int, Double, Bool, String, IntList, DoubleList, BoolList, TensorList, Device, Generator,
}

/// <summary>A tagged value as aten.cpp lays it out: 16 bytes.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct NativeValue
{
    [FieldOffset(0)] public Tag Tag;
    [FieldOffset(4)] public int Count;
    [FieldOffset(8)] public long Int;
    [FieldOffset(8)] public double Double;
    [FieldOffset(8)] public nint Pointer;
}

/// <summary>The C ABI of bindings/native/aten.cpp.</summary>
internal static unsafe partial class Native
{
    private const string Library = "motion_aten";

    [DllImport(Library)] public static extern byte* mt_last_error();
    [DllImport(Library)] public static extern byte* mt_version();
    [DllImport(Library)] public static extern void mt_free(nint pointer);
    [DllImport(Library)] public static extern nint mt_operator(byte* name, byte* overload);
    [DllImport(Library)] public static extern int mt_schema(nint op, byte* buffer, int capacity);
    [DllImport(Library)] public static extern int mt_call(nint op, NativeValue* args, int count, NativeValue* results, int capacity);

    [DllImport(Library)] public static extern void mt_release(nint tensor);
    [DllImport(Library)] public static extern nint mt_alias(nint tensor);
    [DllImport(Library)] public static extern nint mt_new(void* data, long bytes, long* sizes, int dim, sbyte dtype);
    [DllImport(Library)]
    public static extern nint mt_from_blob(void* data, long* sizes, int dim, sbyte dtype, delegate* unmanaged<nint, void> deleter, nint context);
    [DllImport(Library)] public static extern nint mt_data_ptr(nint tensor);
    [DllImport(Library), SuppressGCTransition] public static extern long mt_dim(nint tensor);
    [DllImport(Library), SuppressGCTransition] public static extern long mt_numel(nint tensor);
    [DllImport(Library), SuppressGCTransition] public static extern int mt_dtype(nint tensor);
    [DllImport(Library), SuppressGCTransition] public static extern int mt_device_type(nint tensor);
    [DllImport(Library), SuppressGCTransition] public static extern int mt_device_index(nint tensor);
    [DllImport(Library)] public static extern long mt_storage_offset(nint tensor);
    [DllImport(Library)] public static extern int mt_is_sparse(nint tensor);
    [DllImport(Library)] public static extern int mt_is_contiguous(nint tensor, sbyte format);
    [DllImport(Library)] public static extern int mt_sizes(nint tensor, long* sizes);
    [DllImport(Library)] public static extern int mt_strides(nint tensor, long* strides);

    [DllImport(Library)] public static extern int mt_requires_grad(nint tensor);
    [DllImport(Library)] public static extern int mt_set_requires_grad(nint tensor, int on);
    [DllImport(Library)] public static extern int mt_is_leaf(nint tensor);
    [DllImport(Library)] public static extern int mt_retain_grad(nint tensor);
    [DllImport(Library)] public static extern nint mt_grad(nint tensor);
    [DllImport(Library)] public static extern int mt_set_grad(nint tensor, nint grad);
    [DllImport(Library)] public static extern int mt_set_data(nint tensor, nint data);
    [DllImport(Library)] public static extern void mt_grad_fn(nint tensor, byte* buffer, int capacity);
    [DllImport(Library)]
    public static extern int mt_backward(nint* outputs, nint* grads, int count, int retain, int create, nint* inputs, int inputCount);
    [DllImport(Library)]
    public static extern int mt_autograd_grad(
        nint* outputs, nint* grads, int count, nint* inputs, int inputCount, int retain, int create, int allowUnused, nint* results);
    [DllImport(Library)] public static extern int mt_grad_enabled();
    [DllImport(Library)] public static extern void mt_set_grad_enabled(int on);
    [DllImport(Library)] public static extern int mt_inference_enabled();
    [DllImport(Library)] public static extern nint mt_enter_inference(int on);
    [DllImport(Library)] public static extern void mt_leave_inference(nint guard);

    [DllImport(Library)] public static extern int mt_manual_seed(long seed);
    [DllImport(Library)] public static extern nint mt_generator(long device, int fresh, ulong seed);
    [DllImport(Library)] public static extern void mt_generator_release(nint generator);
    [DllImport(Library)] public static extern int mt_generator_seed(nint generator, long seed);
    [DllImport(Library)] public static extern long mt_generator_initial_seed(nint generator);
    [DllImport(Library)] public static extern nint mt_generator_state(nint generator);
    [DllImport(Library)] public static extern int mt_generator_set_state(nint generator, nint state);

    [DllImport(Library)] public static extern int mt_set_num_threads(int count);
    [DllImport(Library)] public static extern int mt_get_num_threads();
    [DllImport(Library)] public static extern int mt_set_num_interop_threads(int count);
    [DllImport(Library)] public static extern int mt_get_num_interop_threads();
    [DllImport(Library)] public static extern int mt_set_flush_denormal(int on);
    [DllImport(Library)] public static extern int mt_use_deterministic(int on, int warnOnly);
    [DllImport(Library)] public static extern int mt_deterministic();
    [DllImport(Library)] public static extern int mt_onednn();
    [DllImport(Library)] public static extern void mt_set_onednn(int on);
    [DllImport(Library)] public static extern int mt_backend_flag(int which, int set);
    [DllImport(Library)] public static extern int mt_cuda_count();
    [DllImport(Library)] public static extern int mt_cudnn_available();
    [DllImport(Library)] public static extern int mt_cuda_synchronize(int index);
    [DllImport(Library)] public static extern int mt_cuda_memory(int index, int reset, long* figures);

    /// <summary>The text libtorch left on this thread, as the exception TorchSharp throws for it.</summary>
    public static ExternalException LastError() => new(Marshal.PtrToStringUTF8((nint)mt_last_error()));

    /// <exception cref="ExternalException">The status says that libtorch threw.</exception>
    public static void Check(int status)
    {
        if (status < 0)
            throw LastError();
    }

    /// <exception cref="ExternalException">The handle is null: libtorch threw.</exception>
    public static nint Check(nint handle) => handle != 0 ? handle : throw LastError();
}
