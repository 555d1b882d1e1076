using Motion.Contracts;
using Motion.Report.Page;

namespace Motion.Pipeline.Cli;

/// <summary>
/// Folders that a command fills again and again: it replaces what an earlier call of it left there, and nothing else. They are known by
/// their page.
/// </summary>
internal static class OwnPages
{
    private const int Beginning = 1 << 12;

    /// <summary>Why a folder cannot be filled; null where it is new, empty, or holds a page of this program's.</summary>
    /// <param name="page">The page, as it is named there.</param>
    /// <param name="folder">The folder.</param>
    public static string? Foreign(string page, string folder)
    {
        var taken =
            FileIdentity.OfEntry(folder).Exists && (!Directory.Exists(folder) || (Directory.EnumerateFiles(folder).Any() && !IsOwn(page)));
        return taken
            ? $"{folder} holds files that this command did not write, and nothing there is overwritten. Give a new folder with --out."
            : null;
    }

    private static bool IsOwn(string page)
    {
        if (FileIdentity.OfEntry(page).Kind != FileKind.Regular)
        {
            return false;
        }

        using var file = InputFile.Open(page);
        var start = new byte[Math.Min(Beginning, file.Length)];
        file.ReadExactly(start);
        return System.Text.Encoding.UTF8.GetString(start).Contains(PlainPage.Mark, StringComparison.Ordinal);
    }
}
