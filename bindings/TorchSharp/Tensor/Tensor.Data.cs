using TorchSharp.Utils;
using static TorchSharp.Dispatch;

namespace TorchSharp;

public static unsafe partial class torch
{
    public sealed partial class Tensor
    {
        /// <summary>The elements, readable and writable. Of a tensor elsewhere than on the CPU: a copy.</summary>
        public TensorAccessor<T> data<T>()
            where T : unmanaged
        {
            ValidateType<T>();
            return new TensorAccessor<T>(device_type == DeviceType.CPU ? this : cpu());
        }

        /// <summary>The only element.</summary>
        public T item<T>()
            where T : unmanaged
        {
            if (numel() != 1)
                throw new ArgumentException($"Only a tensor of one element has an item; this one is {this}.");
            ValidateType<T>();
            if (device_type == DeviceType.CPU)
                return Read<T>();
            using var here = cpu();
            return here.Read<T>();
        }

        /// <summary>The memory of a contiguous CPU tensor; valid while the tensor is.</summary>
        public Span<byte> bytes
        {
            get
            {
                if (!is_contiguous())
                    throw new NotImplementedException("Only a contiguous tensor shows its bytes.");
                if (device_type != DeviceType.CPU)
                    throw new InvalidOperationException("Only a CPU tensor shows its bytes: copy it with cpu().");
                return new Span<byte>(DataPointer(), checked((int)(numel() * ElementSize)));
            }
            set
            {
                var here = bytes;
                if (here.Length != value.Length)
                    throw new ArgumentException($"The tensor has {here.Length} bytes, the value {value.Length}.");
                value.CopyTo(here);
            }
        }

        public Scalar ToScalar() => Number(Aten.item, this);

        public Tensor fill_(Scalar value) => Self(this, Aten.fill_Scalar, this, value);

        public Tensor zero_() => Self(this, Aten.zero_, this);

        public Tensor copy_(Tensor source, bool nonBlocking = false) => Self(this, Aten.copy_, this, source, nonBlocking);

        public Tensor set_(Tensor source) => Self(this, Aten.set_source, this, source);

        public Tensor clone() => One(Aten.clone, this);

        public Tensor contiguous() => One(Aten.contiguous, this);

        public Tensor detach() => One(Aten.detach, this);

        public Tensor detach_() => Self(this, Aten.detach_, this);

        public Tensor cpu() => to(DeviceType.CPU);

        public Tensor cuda(Device? device = null) => to(device ?? CUDA);

        public Tensor pin_memory() => One(Aten.pin_memory, this);

        public Tensor to_type(ScalarType type, bool copy = false) => One(Aten.to_dtype, this, type, false, copy);

        public Tensor type_as(Tensor tensor) => to_type(tensor.dtype);

        public Tensor to(ScalarType type) => to_type(type);

        public Tensor to(DeviceType deviceType, int deviceIndex = -1, bool copy = false) =>
            to(dtype, new Device(deviceType, deviceIndex), copy);

        public Tensor to(ScalarType type, Device device, bool copy = false)
        {
            InitializeDevice(device);
            return One(Aten.to_device, this, device, type, false, copy);
        }

        public Tensor to(string device) => to(new Device(device));

        public Tensor to(Device device) => to(dtype, device);

        public Tensor to(Tensor other) => to(other.dtype, other.device);

        public Tensor type(ScalarType dtype) => to(dtype);

        public Tensor @bool() => to_type(ScalarType.Bool);

        public Tensor @byte() => to_type(ScalarType.Byte);

        public Tensor @char() => to_type(ScalarType.Int8);

        public Tensor @short() => to_type(ScalarType.Int16);

        public Tensor @int() => to_type(ScalarType.Int32);

        public Tensor @long() => to_type(ScalarType.Int64);

        public Tensor half() => to_type(ScalarType.Float16);

        public Tensor bfloat16() => to_type(ScalarType.BFloat16);

        public Tensor @float() => to_type(ScalarType.Float32);

        public Tensor @double() => to_type(ScalarType.Float64);

        internal void* DataPointer()
        {
            using var held = Held();
            var data = Native.mt_data_ptr(held.Handle);
            return data != 0 || Native.mt_numel(held.Handle) == 0 ? (void*)data : throw Native.LastError();
        }

        internal void ValidateType<T>()
        {
            var type = dtype;
            if (type != ScalarType.BFloat16 && ToScalarType(typeof(T)) != type)
                throw new ArgumentException($"{typeof(T).Name} is not the element type of a {type} tensor.");
            if (type == ScalarType.BFloat16)
                throw new ArgumentException("A BFloat16 tensor has no .NET element type: convert it, or read its bytes.");
        }

        private T Read<T>()
            where T : unmanaged
        {
            var value = *(T*)DataPointer();
            GC.KeepAlive(this);
            return value;
        }
    }
}

/// <summary>One-element tensors to numbers, and numbers to tensors.</summary>
public static class TensorExtensionMethods
{
    public static Scalar ToScalar(this torch.Tensor value) => value.ToScalar();

    public static float ToSingle(this torch.Tensor value) => value.ToScalar().ToSingle();

    public static double ToDouble(this torch.Tensor value) => value.ToScalar().ToDouble();

    public static Half ToHalf(this torch.Tensor value) => value.ToScalar().ToHalf();

    public static sbyte ToSByte(this torch.Tensor value) => value.ToScalar().ToSByte();

    public static byte ToByte(this torch.Tensor value) => value.ToScalar().ToByte();

    public static short ToInt16(this torch.Tensor value) => value.ToScalar().ToInt16();

    public static int ToInt32(this torch.Tensor value) => value.ToScalar().ToInt32();

    public static long ToInt64(this torch.Tensor value) => value.ToScalar().ToInt64();

    public static bool ToBoolean(this torch.Tensor value) => value.ToScalar().ToBoolean();

    /// <summary>A scalar tensor of a .NET number.</summary>
    public static torch.Tensor ToTensor<T>(this T scalar, torch.Device? device = null, bool requires_grad = false)
        where T : unmanaged => torch.FromValues<T>([scalar], [], null, device, requires_grad);

    /// <summary>A tensor of a .NET array, copied.</summary>
    public static torch.Tensor ToTensor<T>(
        this T[] rawArray, long[] dimensions, bool doCopy = false, bool requires_grad = false)
        where T : unmanaged => torch.FromValues<T>(rawArray, dimensions, null, null, requires_grad);
}

internal static partial class Aten
{
    public static readonly Op item = new("item");
    public static readonly Op fill_Scalar = new("fill_", "Scalar");
    public static readonly Op zero_ = new("zero_");
    public static readonly Op copy_ = new("copy_");
    public static readonly Op set_source = new("set_", "source_Tensor");
    public static readonly Op clone = new("clone");
    public static readonly Op contiguous = new("contiguous");
    public static readonly Op detach = new("detach");
    public static readonly Op detach_ = new("detach_");
    public static readonly Op pin_memory = new("pin_memory");
    public static readonly Op to_dtype = new("to", "dtype");
    public static readonly Op to_device = new("to", "device");
}
