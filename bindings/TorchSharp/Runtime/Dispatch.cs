using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace TorchSharp;

/// <summary>
/// Calls operators. Arguments are laid out on the stack; lists are copied into a scratch block beside them; every tensor is
/// held for the length of the call, so that another thread may dispose of it meanwhile.
/// </summary>
internal static unsafe class Dispatch
{
    private const int ScratchWords = 96;

    /// <summary>Calls an operator with one result, a tensor.</summary>
    public static torch.Tensor One(Op op, params ReadOnlySpan<Arg> args)
    {
        NativeValue result;
        Call(op, args, &result, 1);
        return Wrap(result);
    }

    /// <summary>Calls an operator that changes its first argument in place; answers with that very tensor.</summary>
    public static torch.Tensor Self(torch.Tensor self, Op op, params ReadOnlySpan<Arg> args)
    {
        Call(op, args, null, 0);
        return self;
    }

    public static (torch.Tensor, torch.Tensor) Two(Op op, params ReadOnlySpan<Arg> args)
    {
        var results = stackalloc NativeValue[2];
        Call(op, args, results, 2);
        return (Wrap(results[0]), Wrap(results[1]));
    }

    public static (torch.Tensor, torch.Tensor, torch.Tensor) Three(Op op, params ReadOnlySpan<Arg> args)
    {
        var results = stackalloc NativeValue[3];
        Call(op, args, results, 3);
        return (Wrap(results[0]), Wrap(results[1]), Wrap(results[2]));
    }

    public static torch.Tensor[] Many(Op op, params ReadOnlySpan<Arg> args)
    {
        NativeValue result;
        Call(op, args, &result, 1);
        var tensors = new torch.Tensor[result.Count];
        for (var k = 0; k < tensors.Length; k++)
            tensors[k] = new torch.Tensor(((nint*)result.Pointer)[k]);
        Native.mt_free(result.Pointer);
        return tensors;
    }

    public static bool Bool(Op op, params ReadOnlySpan<Arg> args) => Plain(op, args).Int != 0;

    /// <summary>Calls an operator whose result is a number.</summary>
    public static Scalar Number(Op op, params ReadOnlySpan<Arg> args)
    {
        var value = Plain(op, args);
        return new Scalar(value.Tag, value.Int);
    }

    private static NativeValue Plain(Op op, ReadOnlySpan<Arg> args)
    {
        NativeValue result;
        Call(op, args, &result, 1);
        return result;
    }

    private static torch.Tensor Wrap(in NativeValue value) => new(value.Tag == Tag.Tensor ? value.Pointer : 0);

    private static void Call(Op op, ReadOnlySpan<Arg> args, NativeValue* results, int capacity)
    {
        var handle = op.Handle;
        var values = stackalloc NativeValue[args.Length];
        var words = Words(args);
        int status;
        if (words <= ScratchWords)
        {
            var scratch = stackalloc long[words];
            status = Call(handle, args, values, scratch, results, capacity);
        }
        else
        {
            fixed (long* scratch = GC.AllocateUninitializedArray<long>(words))
                status = Call(handle, args, values, scratch, results, capacity);
        }
        if (status < 0)
            throw Native.LastError();
    }

    private static int Call(nint op, ReadOnlySpan<Arg> args, NativeValue* values, long* scratch, NativeValue* results, int capacity)
    {
        var held = 0;
        try
        {
            for (; held < args.Length; held++)
                scratch = Lay(args[held], values + held, scratch);
            return Native.mt_call(op, values, args.Length, results, capacity);
        }
        finally
        {
            for (var k = 0; k < held; k++)
                Release(args[k]);
        }
    }

    /// <summary>How many 8-byte words the lists and texts of the arguments take.</summary>
    private static int Words(ReadOnlySpan<Arg> args)
    {
        var words = 0;
        foreach (ref readonly var a in args)
        {
            words += a.Tag switch
            {
                Tag.IntList => Unsafe.As<long[]>(a.Reference!).Length,
                Tag.DoubleList => Unsafe.As<double[]>(a.Reference!).Length,
                Tag.TensorList => Unsafe.As<torch.Tensor?[]>(a.Reference!).Length,
                Tag.BoolList => (Unsafe.As<bool[]>(a.Reference!).Length + 7) / 8,
                Tag.String => (Encoding.UTF8.GetMaxByteCount(Unsafe.As<string>(a.Reference!).Length) + 7) / 8,
                _ => 0,
            };
        }
        return words;
    }

    private static long* Lay(in Arg a, NativeValue* value, long* scratch)
    {
        value->Tag = a.Tag;
        value->Count = 0;
        switch (a.Tag)
        {
            case Tag.Tensor:
                value->Pointer = Unsafe.As<torch.Tensor>(a.Reference!).Hold();
                return scratch;
            case Tag.IntList:
                return Copy<long>(Unsafe.As<long[]>(a.Reference!), value, scratch);
            case Tag.DoubleList:
                return Copy<double>(Unsafe.As<double[]>(a.Reference!), value, scratch);
            case Tag.BoolList:
                return Copy<bool>(Unsafe.As<bool[]>(a.Reference!), value, scratch);
            case Tag.TensorList:
                return Hold(Unsafe.As<torch.Tensor?[]>(a.Reference!), value, scratch);
            case Tag.String:
                var text = Unsafe.As<string>(a.Reference!);
                value->Pointer = (nint)scratch;
                value->Count = Encoding.UTF8.GetBytes(text, new Span<byte>(scratch, Encoding.UTF8.GetMaxByteCount(text.Length)));
                return scratch + ((value->Count + 7) / 8);
            default:
                value->Int = a.Bits;
                return scratch;
        }
    }

    private static long* Copy<T>(T[] items, NativeValue* value, long* scratch)
        where T : unmanaged
    {
        items.AsSpan().CopyTo(new Span<T>(scratch, items.Length));
        value->Pointer = (nint)scratch;
        value->Count = items.Length;
        return scratch + (((items.Length * sizeof(T)) + 7) / 8);
    }

    private static long* Hold(torch.Tensor?[] tensors, NativeValue* value, long* scratch)
    {
        var k = 0;
        try
        {
            for (; k < tensors.Length; k++)
                scratch[k] = tensors[k] is { } t ? t.Hold() : 0;
        }
        catch
        {
            for (var j = 0; j < k; j++)
                tensors[j]?.LetGo();
            throw;
        }
        value->Pointer = (nint)scratch;
        value->Count = tensors.Length;
        return scratch + tensors.Length;
    }

    private static void Release(in Arg a)
    {
        if (a.Tag == Tag.Tensor)
            Unsafe.As<torch.Tensor>(a.Reference!).LetGo();
        else if (a.Tag == Tag.TensorList)
            foreach (var t in Unsafe.As<torch.Tensor?[]>(a.Reference!))
                t?.LetGo();
        else
            GC.KeepAlive(a.Reference);
    }
}
