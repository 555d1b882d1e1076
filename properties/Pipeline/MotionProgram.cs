using System.Diagnostics;
using Motion.Contracts;
using Motion.Pipeline.Cli;
using Motion.Runner.Folders;
using Xunit;

namespace Motion.Properties.Pipeline;

/// <summary>The program as it is started, in a folder that goes with the test.</summary>
public abstract class MotionProgram : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("motion-tests-");

    /// <summary>The program's working folder.</summary>
    protected string Here => _folder.FullName;

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing) => _folder.Delete(recursive: true);

    protected Process Start(params string[] arguments) => Start(Here, arguments);

    /// <param name="folder">The program's working folder.</param>
    /// <param name="arguments">What is typed.</param>
    protected static Process Start(string folder, string[] arguments)
    {
        var info = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = folder,
        };
        foreach (var argument in arguments.Prepend(typeof(Commands).Assembly.Location))
            info.ArgumentList.Add(argument);
        info.Environment["OMP_NUM_THREADS"] = "1";
        return Process.Start(info)!;
    }

    protected async Task<(int Code, string Out, string Error)> Motion(params string[] arguments)
    {
        using var process = Start(arguments);
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await error);
    }

    protected async Task<string> Succeeds(params string[] arguments)
    {
        var (code, said, error) = await Motion(arguments);
        Assert.True(code == ExitCode.Done, error);
        return said;
    }

    internal RunFolder Folder(string name) => new(Path.Combine(Here, "runs", name));
}
