using System.CommandLine;
using Motion.Pipeline.Cli;
using Motion.Pipeline.Stages;

var parsed = Commands.Root(RealStages.Table).Parse(args);
if (parsed.Errors.Count > 0)
{
    foreach (var error in parsed.Errors) Console.Error.WriteLine($"motion: {error.Message}");
    Console.Error.WriteLine("motion --help shows what can be typed.");
    return ExitCode.BadUsage;
}

return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
