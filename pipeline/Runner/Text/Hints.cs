namespace Motion.Runner.Text;

/// <summary>Commands that can be typed as they are shown.</summary>
internal static partial class Hints
{
    private const string Name = "motion";

    /// <summary>How this program is started: the script tells, which is not on anybody's PATH.</summary>
    public static string Program { get; } =
        Environment.GetEnvironmentVariable("MOTION_COMMAND") is { Length: > 0 } command ? command : Name;

    /// <summary>A text with lines to be typed, each beginning with the program.</summary>
    public static string Typed(string text) =>
        Program == Name ? text : CommandLine().Replace(text, match => $"{match.Groups[1].Value}{Program} ");

    [System.Text.RegularExpressions.GeneratedRegex(@"(?m)(^ *)motion (?=[a-zA-Z-])")]
    private static partial System.Text.RegularExpressions.Regex CommandLine();
}
