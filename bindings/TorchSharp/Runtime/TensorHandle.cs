using System.Runtime.InteropServices;

namespace TorchSharp;

/// <summary>One reference to a native tensor. Counted, so that a test can see what is alive.</summary>
internal sealed class TensorHandle : SafeHandle
{
    private static long live;
    private static long peak;

    public TensorHandle(nint tensor)
        : base(0, ownsHandle: true)
    {
        SetHandle(tensor);
        if (tensor == 0)
            return;                                                            // undefined: nothing is held, nothing will be released
        var now = Interlocked.Increment(ref live);
        if (now > Volatile.Read(ref peak))
            Volatile.Write(ref peak, now);
    }

    public static long Live => Interlocked.Read(ref live);

    public static long Peak => Interlocked.Read(ref peak);

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        Interlocked.Decrement(ref live);
        Native.mt_release(handle);
        return true;
    }
}
