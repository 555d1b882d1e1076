using System.Text;

namespace TorchSharp;

/// <summary>An ATen operator by schema name and overload, looked up in the dispatcher at its first use.</summary>
internal sealed unsafe class Op(string name, string overload = "")
{
    private nint handle;

    /// <summary>The dispatcher's handle; valid for the life of the process.</summary>
    public nint Handle => handle != 0 ? handle : Resolve();

    /// <summary>The schema as libtorch prints it.</summary>
    public string Schema()
    {
        var buffer = stackalloc byte[4096];
        _ = Native.mt_schema(Handle, buffer, 4096);
        return System.Runtime.InteropServices.Marshal.PtrToStringUTF8((nint)buffer)!;
    }

    private nint Resolve()
    {
        fixed (byte* n = Encoding.UTF8.GetBytes($"aten::{name}\0"), o = Encoding.UTF8.GetBytes($"{overload}\0"))
            return handle = Native.Check(Native.mt_operator(n, o));
    }
}
