using System.CommandLine;
using System.CommandLine.Help;
using Motion.Properties.Verify;

// ./motion starts this program for its command verify: the laws of the test suite, outside it.
Motion.Pipeline.Show.Terminal.Guard();
var root = new Command("motion", "The laws of the method, and counterexamples to them.") { new HelpOption() };
root.Subcommands.Add(VerifyCommand.Create());
var parsed = root.Parse(["verify", .. args]);
if (parsed.Errors.Count == 0)
    return await parsed.InvokeAsync(
        new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }
    );
foreach (var error in parsed.Errors)
    Console.Error.WriteLine($"motion: {error.Message}");
Console.Error.WriteLine("motion verify --help shows what can be typed.");
return Motion.Pipeline.Cli.ExitCode.BadUsage;
