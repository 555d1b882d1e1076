using System.Text;
using static TorchSharp.Dispatch;

namespace TorchSharp;

public static unsafe partial class torch
{
    /// <summary>
    /// A tensor of libtorch: one counted reference to it. Belongs to the dispose scope that was innermost on the thread that
    /// created it; may be disposed of from any thread, even while another one computes with it.
    /// </summary>
    public sealed partial class Tensor : IDisposable, IEquatable<Tensor>
    {
        private readonly TensorHandle handle;
        private int disposed;

        internal Tensor(nint tensor)
        {
            handle = new TensorHandle(tensor);
            OwningDisposeScope = DisposeScopeManager.ThreadSingleton.Register(this);
        }

        /// <summary>Managed references to native tensors that are alive, in the whole process.</summary>
        public static long TotalCount => TensorHandle.Live;

        /// <summary>The most there were at one time.</summary>
        public static long PeakCount => TensorHandle.Peak;

        /// <summary>True when the tensor was disposed of, or never held anything.</summary>
        public bool IsInvalid => disposed != 0 || handle.IsInvalid;

        /// <summary>libtorch's TensorImpl*; keep the tensor alive while using it.</summary>
        public nint Handle => IsInvalid ? throw Invalid() : handle.DangerousGetHandle();

        public string? name { get; set; }

        public long Dimensions => ndim;

        public long ndim
        {
            get
            {
                using var held = Held();
                return Native.mt_dim(held.Handle);
            }
        }

        public long NumberOfElements => numel();

        public long ElementSize => element_size();

        public ScalarType dtype
        {
            get
            {
                using var held = Held();
                return (ScalarType)Native.mt_dtype(held.Handle);
            }
        }

        public DeviceType device_type
        {
            get
            {
                using var held = Held();
                return (DeviceType)Native.mt_device_type(held.Handle);
            }
        }

        public int device_index
        {
            get
            {
                using var held = Held();
                return Native.mt_device_index(held.Handle);
            }
        }

        public Device device => device_type == DeviceType.CPU ? CPU : new Device(device_type, device_index);

        public bool is_cuda => device_type == DeviceType.CUDA;

        public bool is_sparse
        {
            get
            {
                using var held = Held();
                return Native.mt_is_sparse(held.Handle) != 0;
            }
        }

        /// <summary>The sizes, outermost first; empty for a scalar.</summary>
        public long[] shape
        {
            get
            {
                using var held = Held();
                var sizes = new long[Native.mt_dim(held.Handle)];
                fixed (long* p = sizes)
                    Native.Check(Native.mt_sizes(held.Handle, p));
                return sizes;
            }
        }

        internal DisposeScope? OwningDisposeScope { get; set; }

        public long dim() => ndim;

        public long numel()
        {
            using var held = Held();
            return Native.mt_numel(held.Handle);
        }

        public long element_size() => dtype.ElementSize();

        public bool is_integral() => torch.is_integral(dtype);

        public bool is_floating_point() => torch.is_floating_point(dtype);

        public bool is_complex() => torch.is_complex(dtype);

        public bool is_cpu() => device_type == DeviceType.CPU;

        public long[] size() => shape;

        public long size(int dim)
        {
            var sizes = shape;
            var d = dim < 0 ? dim + sizes.Length : dim;
            return d >= 0 && d < sizes.Length
                ? sizes[d]
                : throw new ArgumentOutOfRangeException(nameof(dim), $"Dimension {dim} of a tensor with {sizes.Length}.");
        }

        public long[] stride()
        {
            using var held = Held();
            var strides = new long[Native.mt_dim(held.Handle)];
            fixed (long* p = strides)
                Native.Check(Native.mt_strides(held.Handle, p));
            return strides;
        }

        public long stride(int dim)
        {
            var strides = stride();
            return strides[dim < 0 ? dim + strides.Length : dim];
        }

        public long storage_offset()
        {
            using var held = Held();
            return Native.mt_storage_offset(held.Handle);
        }

        public bool is_contiguous()
        {
            using var held = Held();
            return Native.mt_is_contiguous(held.Handle, 0) != 0;
        }

        /// <summary>Another reference to the same native tensor, to be disposed of on its own.</summary>
        public Tensor alias()
        {
            using var held = Held();
            return new Tensor(Native.mt_alias(held.Handle));
        }

        public Tensor MoveToOuterDisposeScope()
        {
            OwningDisposeScope?.MoveToOuter(this);
            return this;
        }

        public Tensor MoveToOtherDisposeScope(DisposeScope other)
        {
            if (OwningDisposeScope is { } scope)
                scope.MoveToOther(other, this);
            else
                other.Attach(this);
            return this;
        }

        public Tensor MoveToOtherDisposeScope(Tensor other)
        {
            if (other.OwningDisposeScope is { } scope)
                return MoveToOtherDisposeScope(scope);
            return DetachFromDisposeScope();
        }

        public Tensor DetachFromDisposeScope()
        {
            OwningDisposeScope?.Detach(this);
            return this;
        }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref disposed, 1) != 0)
                return;
            var statistics = DisposeScopeManager.ThreadSingleton.TensorStatistics;
            if (OwningDisposeScope is { } scope)
            {
                statistics.DisposedInScopeCount++;
                scope.MarkAsDisposed(this);
            }
            else
            {
                statistics.DisposedOutsideScopeCount++;
            }
            handle.Dispose();
        }

        public override bool Equals(object? obj) => obj is Tensor other && Equals(other);

        public bool Equals(Tensor? target) => target is not null && (ReferenceEquals(this, target) || Bool(Aten.equal, this, target));

        public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);

        public override string ToString()
        {
            var text = new StringBuilder("[").AppendJoin('x', shape).Append("], type = ").Append(dtype);
            return text.Append(", device = ").Append(device).ToString();
        }

        /// <summary>Called by the scope that owns the tensor and has already let go of it.</summary>
        internal void DisposeInScope()
        {
            if (Interlocked.Exchange(ref disposed, 1) != 0)
                return;
            OwningDisposeScope = null;
            DisposeScopeManager.ThreadSingleton.TensorStatistics.DisposedInScopeCount++;
            handle.Dispose();
        }

        /// <summary>The native tensor, kept alive until <see cref="LetGo"/>.</summary>
        internal nint Hold()
        {
            if (IsInvalid)
                throw Invalid();
            var held = false;
            handle.DangerousAddRef(ref held);
            return handle.DangerousGetHandle();
        }

        internal void LetGo() => handle.DangerousRelease();

        internal HeldTensor Held() => new(this);

        private static InvalidOperationException Invalid() => new("The tensor was disposed of, or never held anything.");

        internal readonly ref struct HeldTensor(Tensor tensor) : IDisposable
        {
            public readonly nint Handle = tensor.Hold();

            public void Dispose() => tensor.LetGo();
        }
    }
}

internal static partial class Aten
{
    public static readonly Op equal = new("equal");
}
