using System.CommandLine;
using Motion.Contracts;
using Motion.Pipeline.Cli;
using Motion.Pipeline.Show;
using Motion.Pipeline.Stages;
using Motion.Runner.Streams;
using Motion.Runner.Text;
using Motion.Runner.Yaml;

namespace Motion.Pipeline;

/// <summary>
/// The command line, <c>motion</c>, as a function: for this program, and for those that bring stages of their own
/// (docs/stage-of-your-own.md).
/// </summary>
public static class PipelineProgram
{
    /// <summary>Does what the arguments say.</summary>
    /// <param name="arguments">As they were typed.</param>
    /// <param name="own">Stages beside those of the product; each may then stand in a yaml.</param>
    /// <returns>The exit code.</returns>
    /// <exception cref="ArgumentException">Two stages have one name.</exception>
    public static async Task<int> Run(string[] arguments, params StageKind[] own)
    {
        Terminal.Guard();
        if (NeedsRoom.Lacking() is { } room)
            return Complain.Now(room, ExitCode.BadInput);

        var root = Commands.Root(RealStages.With(own));
        var parsed = root.Parse(arguments);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors)
                Console.Error.WriteLine($"motion: {Named(error.Message)}");
            var meant =
                arguments is [var first, ..] && parsed.CommandResult.Command == root
                    ? Suggest.Nearest(first, root.Subcommands.Where(command => !command.Hidden).Select(command => command.Name))
                    : null;
            Console.Error.WriteLine(
                meant is null
                    ? $"{Hints.Program} --help shows what can be typed."
                    : $"Did you mean {Hints.Program} {meant}? {Hints.Program} --help shows what can be typed."
            );
            return ExitCode.BadUsage;
        }

        if (parsed.Action == parsed.CommandResult.Command.Action && NeedsTensors.Missing(parsed.CommandResult.Command) is { } problem)
            return await Complain.Say(problem, ExitCode.BadInput);

        try
        {
            return await parsed.InvokeAsync(
                new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }
            );
        }
        catch (OperationCanceledException)
        {
            return Complain.Now("stopped.", ExitCode.Interrupted);
        }
        catch (Exception e) when (Memory.Spent(e) is not null)
        {
            return Complain.Now(Memory.Spent(e)!, ExitCode.BadInput);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Complain.Now(e.Message, ExitCode.BadInput);
        }
        catch (Exception e)
        {
            return Complain.Now($"a mistake of this program: {e}", ExitCode.Bug);
        }
    }

    /// <summary>What was expected, in the words of people: the parser calls types by their names in .NET.</summary>
    private static string Named(string message) =>
        new[] { ("Int32", "a whole number"), ("UInt64", "a whole number from 0 on"), ("Double", "a number") }.Aggregate(
            message,
            (text, type) =>
                text.Replace($"type 'System.Nullable`1[System.{type.Item1}]'", type.Item2, StringComparison.Ordinal)
                    .Replace($"type 'System.{type.Item1}'", type.Item2, StringComparison.Ordinal)
        );
}
