using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Motion.Contracts;

namespace Motion.Pipeline.Cli;

/// <summary>Help of the program itself: the lesson, and a line a command. Each command's own help is System.CommandLine's.</summary>
internal sealed class ShortHelp(Command root, string lesson) : SynchronousCommandLineAction
{
    private readonly HelpAction _own = new();

    /// <summary>Help is given for a line that lacks what the command needs, too.</summary>
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        if (parseResult.CommandResult.Command != root)
            return _own.Invoke(parseResult);
        var shown = root.Subcommands.Where(command => !command.Hidden).ToList();
        var width = shown.Max(command => command.Name.Length) + 2;
        var output = parseResult.InvocationConfiguration.Output;
        output.WriteLine(lesson);
        output.WriteLine();
        foreach (var command in shown)
            output.WriteLine($"  {command.Name.PadRight(width)}{FirstSentence(command.Description ?? "")}");
        return ExitCode.Done;
    }

    /// <summary>Up to the first full stop, however the text is broken into lines.</summary>
    internal static string FirstSentence(string text)
    {
        var line = string.Join(' ', text.Split('\n').Select(part => part.Trim()).TakeWhile(part => part.Length > 0));
        var end = line.IndexOf(". ", StringComparison.Ordinal);
        return end < 0 ? line : line[..(end + 1)];
    }
}
