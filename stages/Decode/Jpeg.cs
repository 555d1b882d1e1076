using System.Runtime.InteropServices;
using Motion.Contracts;

namespace Motion.Decode;

/// <summary>
/// JPEG by libjpeg-turbo's TurboJPEG interface, with the settings under which its pixels are those of libjpeg and Pillow: exact DCT,
/// smooth upsampling of colour. Greys become RGB; an EXIF orientation is not applied (frames of a video have none).
/// </summary>
internal static unsafe class Jpeg
{
    private const int PixelsRgb = 0;             // TJPF_RGB
    private const int AccurateDct = 4096;        // TJFLAG_ACCURATEDCT
    private const int ColourSpaceCmyk = 3;       // TJCS_CMYK; TJCS_YCCK follows
    private const long MostPixels = 1 << 27;
    private static readonly Lazy<Library?> Lib = new(Library.Load);

    /// <summary>Decodes a whole file's bytes; <paramref name="name"/> is what an error calls it.</summary>
    public static Result<Picture, DecodeError> Read(ReadOnlySpan<byte> bytes, string name) => With<Picture>(bytes, name, header =>
    {
        var rgb = new byte[3 * header.Size.Area];
        fixed (byte* into = rgb)
        {
            var (lib, handle) = (header.Library, header.Handle);
            var status = lib.Decompress(
                handle, header.Memory, (nuint)header.Length, into, header.Size.Width, 0, header.Size.Height, PixelsRgb, AccurateDct);
            if (status != 0 && lib.Text(handle) is var problem && !IsHarmless(problem))
            {
                return Corrupt(name, problem);
            }
        }

        return Picture.FromInterleaved(header.Size, rgb);
    });

    /// <summary>Height and width, from the header alone.</summary>
    public static Result<Size2, DecodeError> Size(ReadOnlySpan<byte> bytes, string name) => With<Size2>(bytes, name, header => header.Size);

    private static Result<T, DecodeError> With<T>(ReadOnlySpan<byte> bytes, string name, Func<Header, Result<T, DecodeError>> use)
    {
        if (Lib.Value is not { } lib)
        {
            return new DecodeError.BadSetting(
                name, "the library libturbojpeg.so.0 is not installed", "Install it (Debian: apt-get install libturbojpeg0; Ubuntu: libturbojpeg).");
        }

        if (bytes.IsEmpty)
        {
            return Corrupt(name, "the file is empty");
        }

        var handle = lib.Start();
        try
        {
            fixed (byte* memory = bytes)
            {
                int width, height, subsampling, colours;
                if (lib.Header(handle, memory, (nuint)bytes.Length, &width, &height, &subsampling, &colours) != 0 && !IsHarmless(lib.Text(handle)))
                {
                    return Corrupt(name, lib.Text(handle));
                }

                if (colours >= ColourSpaceCmyk)
                {
                    return new DecodeError.Corrupt(
                        name, "the picture is CMYK, for printing; frames must be RGB or grey",
                        "Convert it: ffmpeg -i FILE -pix_fmt yuvj420p NEW.jpg.");
                }

                return (long)width * height > MostPixels
                    ? Corrupt(name, $"a picture of {width}x{height} pixels is larger than the {MostPixels} that are read")
                    : use(new Header(lib, handle, (nint)memory, bytes.Length, new Size2(height, width)));
            }
        }
        finally
        {
            lib.End(handle);
        }
    }

    /// <summary>Padding between the last row and the end mark: every pixel is there.</summary>
    private static bool IsHarmless(string text) => text.Contains("extraneous bytes", StringComparison.Ordinal);

    private static DecodeError.Corrupt Corrupt(string name, string problem) =>
        new(name, $"not an intact JPEG or PNG picture ({problem})", "Replace the file.");

    private sealed record Header(Library Library, nint Handle, nint Memory, int Length, Size2 Size);

    private sealed record Library(nint StartAddress, nint EndAddress, nint HeaderAddress, nint DecompressAddress, nint TextAddress)
    {
        public nint Start() => ((delegate* unmanaged<nint>)StartAddress)();

        public void End(nint handle) => _ = ((delegate* unmanaged<nint, int>)EndAddress)(handle);

        public int Header(nint handle, byte* memory, nuint length, int* width, int* height, int* subsampling, int* colours) =>
            ((delegate* unmanaged<nint, byte*, nuint, int*, int*, int*, int*, int>)HeaderAddress)(
                handle, memory, length, width, height, subsampling, colours);

        public int Decompress(nint handle, nint memory, nuint length, byte* into, int width, int pitch, int height, int format, int flags) =>
            ((delegate* unmanaged<nint, nint, nuint, byte*, int, int, int, int, int, int>)DecompressAddress)(
                handle, memory, length, into, width, pitch, height, format, flags);

        public string Text(nint handle) => Marshal.PtrToStringUTF8(((delegate* unmanaged<nint, nint>)TextAddress)(handle)) ?? "no reason given";

        public static Library? Load()
        {
            foreach (var name in (ReadOnlySpan<string>)["libturbojpeg.so.0", "libturbojpeg.0.dylib", "turbojpeg"])
            {
                if (NativeLibrary.TryLoad(name, out var handle))
                {
                    return new Library(
                        NativeLibrary.GetExport(handle, "tjInitDecompress"),
                        NativeLibrary.GetExport(handle, "tjDestroy"),
                        NativeLibrary.GetExport(handle, "tjDecompressHeader3"),
                        NativeLibrary.GetExport(handle, "tjDecompress2"),
                        NativeLibrary.GetExport(handle, "tjGetErrorStr2"));
                }
            }

            return null;
        }
    }
}
