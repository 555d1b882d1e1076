using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Motion.Forward;

/// <summary>
/// Bytes outside the collector's heap, freed when nobody holds them any more. Gigabytes that stay would otherwise let the collector put off
/// its work until as much again lies about as garbage.
/// </summary>
internal sealed unsafe class NativeBytes : SafeHandleZeroOrMinusOneIsInvalid
{
    /// <param name="length">At least 1; the bytes are undefined until they are written.</param>
    public NativeBytes(int length)
        : base(ownsHandle: true)
    {
        Length = length;
        SetHandle((nint)NativeMemory.Alloc((nuint)length));
    }

    public int Length { get; }

    /// <summary>The bytes, valid for the length of the call.</summary>
    public T Use<T>(Func<Span<byte>, T> use)
    {
        var held = false;
        DangerousAddRef(ref held);
        try
        {
            return use(new Span<byte>((void*)handle, Length));
        }
        finally
        {
            DangerousRelease();
        }
    }

    protected override bool ReleaseHandle()
    {
        NativeMemory.Free((void*)handle);
        return true;
    }
}
