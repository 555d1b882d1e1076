using SkiaSharp;

namespace Motion.Kernels;

/// <summary>Why pictures cannot be read or written here.</summary>
public sealed record SkiaLack(string Problem, string Remedy);

/// <summary>SkiaSharp's native library, which every picture but a PNG that is read passes through.</summary>
public static class Skia
{
    private static readonly Lazy<SkiaLack?> Found = new(() => Try(Touch));

    /// <summary>
    /// Null where the library loads. To be asked before SkiaSharp's types are touched: afterwards a failure is an exception without a
    /// reason.
    /// </summary>
    public static SkiaLack? Lacking => Found.Value;

    /// <summary>What to say of a first use of the library; null where it succeeds.</summary>
    internal static SkiaLack? Try(Action use)
    {
        try
        {
            use();
            return null;
        }
        catch (Exception e)
            when (e
                    is TypeInitializationException
                        or DllNotFoundException
                        or EntryPointNotFoundException
                        or BadImageFormatException
                        or InvalidOperationException
            )
        {
            var cause = e;
            while (cause.InnerException is { } inner)
            {
                cause = inner;
            }

            return new SkiaLack(
                $"the library libSkiaSharp cannot be loaded ({cause.Message.Split(". ")[0].Split('\n')[0].Trim().TrimEnd('.')})",
                "It lies beside the program or in its folder runtimes/: build again (./motion setup); on Linux it needs glibc 2.27 and libstdc++."
            );
        }
    }

    private static void Touch()
    {
        using var data = SKData.CreateCopy([0]);
        using var codec = SKCodec.Create(data);
    }
}
