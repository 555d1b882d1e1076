using System.CommandLine;
using Motion.Pipeline.Cli;
using Motion.Pipeline.Show;
using Motion.Pipeline.Stages;
using Motion.Pipeline.Yaml;

Terminal.Guard();
if (NeedsRoom.Lacking() is { } room) return Complain.Now(room, ExitCode.BadInput);

var root = Commands.Root(RealStages.Table);
var parsed = root.Parse(args);
if (parsed.Errors.Count > 0)
{
    foreach (var error in parsed.Errors) Console.Error.WriteLine($"motion: {error.Message}");
    var meant = args is [var first, ..] && parsed.CommandResult.Command == root ? Suggest.Nearest(first, root.Subcommands.Where(command => !command.Hidden).Select(command => command.Name)) : null;
    Console.Error.WriteLine(meant is null ? $"{Hints.Program} --help shows what can be typed." : $"Did you mean {Hints.Program} {meant}? {Hints.Program} --help shows what can be typed.");
    return ExitCode.BadUsage;
}

if (parsed.Action == parsed.CommandResult.Command.Action && NeedsTensors.Missing(parsed.CommandResult.Command) is { } problem) return await Complain.Say(problem, ExitCode.BadInput);

try
{
    return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
}
catch (OperationCanceledException)
{
    return Complain.Now("stopped.", ExitCode.Interrupted);
}
catch (Exception e) when (NeedsRoom.Spent(e) is not null)
{
    return Complain.Now(NeedsRoom.Spent(e)!, ExitCode.BadInput);
}
catch (Exception e) when (e is IOException or UnauthorizedAccessException)
{
    return Complain.Now(e.Message, ExitCode.BadInput);
}
