using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Motion.Runner.Processes;

/// <summary>
/// The end of this process, at once: the exit of the runtime would run the destructors of libraries whose threads are still computing,
/// which ends in a segmentation fault as often as not. What would be left behind is known here and goes first.
/// </summary>
internal static partial class Leaving
{
    private static readonly ConcurrentDictionary<Process, byte> Children = [];
    private static readonly ConcurrentDictionary<string, byte> Folders = [];

    public static void Running(Process child) => Children[child] = 0;

    public static void Gone(Process child) => Children.TryRemove(child, out _);

    public static void Made(string folder) => Folders[folder] = 0;

    public static void Removed(string folder) => Folders.TryRemove(folder, out _);

    /// <summary>Does not return.</summary>
    public static void Now(int code)
    {
        foreach (var child in Children.Keys)
            Try(child.Kill);
        foreach (var folder in Folders.Keys)
            Try(() => Directory.Delete(folder, recursive: true));
        if (OperatingSystem.IsWindows())
            Environment.Exit(code);
        else
            Exit(code);
    }

    /// <summary>The number of the process that started this one; another once that has gone.</summary>
    public static int Parent() => OperatingSystem.IsWindows() ? 0 : ParentId();

    private static void Try(Action action)
    {
        try
        {
            action();
        }
        catch (Exception e)
            when (e is InvalidOperationException or IOException or UnauthorizedAccessException or System.ComponentModel.Win32Exception)
        {
            // It has gone by itself.
        }
    }

    [LibraryImport("libc", EntryPoint = "_exit")]
    private static partial void Exit(int code);

    [LibraryImport("libc", EntryPoint = "getppid")]
    private static partial int ParentId();
}
