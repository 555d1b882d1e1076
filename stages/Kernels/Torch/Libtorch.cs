using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Motion.Contracts;

namespace Motion.Kernels;

/// <summary>Why the native half of TorchSharp cannot be used.</summary>
public abstract record LibtorchError : IStageError
{
    private LibtorchError() { }

    /// <summary>No file of the library lies beside the program.</summary>
    public sealed record NotThere(string File, string Runtime) : LibtorchError;

    /// <summary>The system's C++ library is older than the one that TorchSharp was built with.</summary>
    public sealed record OldCxx(string File, string Wanted, string Found) : LibtorchError;

    /// <summary>The file is there, and the loader refuses it.</summary>
    public sealed record DoesNotLoad(string File, string Reason) : LibtorchError;

    public string Describe() =>
        Legible.Line(
            this switch
            {
                NotThere(var file, var runtime) =>
                    $"{file} is not beside the program, so there are no tensors on this machine ({runtime}). Build here, or publish for it: dotnet publish pipeline -r {runtime}; libtorch exists for linux-x64, win-x64, win-arm64 and osx-arm64.",
                OldCxx(var file, var wanted, var found) =>
                    $"{file} wants {wanted} of libstdc++.so.6, and this system's ends at {found}. Start through ./motion, which bridges that (docs/install.md), or use a system with GCC 13's libstdc++ or newer (Debian 13, Ubuntu 24.04).",
                DoesNotLoad(var file, var reason) => $"{file} does not load: {reason}. Remove the folder bin, or .build, and build again.",
                _ => throw new System.Diagnostics.UnreachableException(),
            }
        );
}

/// <summary>
/// The native libraries under TorchSharp. Asked before the first tensor: TorchSharp 0.107 answers every failure to load with the advice to
/// reference libtorch-cpu, and copies 478 MB into a folder "cpu" first.
/// </summary>
public static partial class Libtorch
{
    private static readonly Lazy<LibtorchError?> Answer = new(Load);

    /// <summary>Loads TorchSharp's library and what it needs; the answer of the first call is kept.</summary>
    public static Result<Unit, LibtorchError> Check() => Answer.Value is { } error ? error : default(Unit);

    internal static string FileName =>
        OperatingSystem.IsWindows() ? "LibTorchSharp.dll"
        : OperatingSystem.IsMacOS() ? "libLibTorchSharp.dylib"
        : "libLibTorchSharp.so";

    /// <summary>What a loader's complaint about a file means.</summary>
    /// <param name="file">The file that was to be loaded.</param>
    /// <param name="complaint">The loader's text.</param>
    /// <param name="newest">The newest version of libstdc++ on this system, as its name stands in the library.</param>
    internal static LibtorchError Explain(string file, string complaint, Func<string> newest) =>
        MissingVersion().Match(complaint) is { Success: true } match
            ? new LibtorchError.OldCxx(file, match.Groups["wanted"].Value, newest())
            : new LibtorchError.DoesNotLoad(file, Shorten(complaint));

    private static LibtorchError? Load()
    {
        var folders = ((string?)AppContext.GetData("NATIVE_DLL_SEARCH_DIRECTORIES") ?? "").Split(
            Path.PathSeparator,
            StringSplitOptions.RemoveEmptyEntries
        );
        var file = folders.Append(AppContext.BaseDirectory).Select(folder => Path.Combine(folder, FileName)).FirstOrDefault(File.Exists);
        if (file is null)
        {
            return new LibtorchError.NotThere(FileName, RuntimeInformation.RuntimeIdentifier);
        }

        try
        {
            NativeLibrary.Load(file);
            return null;
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            return Explain(file, e.Message, NewestCxx);
        }
    }

    /// <summary>The largest GLIBCXX_3.4.N in the system's libstdc++; "an unknown version" where it is not found.</summary>
    private static string NewestCxx()
    {
        string[] places = ["/usr/lib/x86_64-linux-gnu/libstdc++.so.6", "/usr/lib64/libstdc++.so.6", "/usr/lib/libstdc++.so.6"];
        var text =
            places.Where(File.Exists).Select(place => System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(place))).FirstOrDefault()
            ?? "";
        var numbers = CxxVersion()
            .Matches(text)
            .Select(match => int.Parse(match.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture))
            .ToArray();
        return numbers.Length == 0 ? "an unknown version" : $"GLIBCXX_3.4.{numbers.Max()}";
    }

    // The loader repeats itself for every place where it looked: its first line with a reason is enough.
    private static string Shorten(string complaint) =>
        complaint
            .Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .FirstOrDefault(line => line.Contains(": ", StringComparison.Ordinal))
            ?.TrimEnd('.')
        ?? complaint.Trim().TrimEnd('.');

    [GeneratedRegex(@"version [`'](?<wanted>(GLIBCXX|CXXABI)_[0-9.]+)'? not found")]
    private static partial Regex MissingVersion();

    [GeneratedRegex(@"GLIBCXX_3\.4\.(\d{1,3})\0")]
    private static partial Regex CxxVersion();
}
