using System.Diagnostics;
using Motion.Contracts;
using Motion.Pipeline.Labelling;
using Motion.Runner.Folders;

namespace Motion.Pipeline.Cli;

/// <summary>
/// Work of label and predict in their folder, alone there: how it ends is said in progress.json, in a sentence and in the exit code.
/// </summary>
internal static class OwnWork
{
    public static async Task<int> Run(string command, LabelFolder folder, Func<ProgressFile, Task<Result<int, LabelError>>> work)
    {
        switch (ClaimFolder.Hold(folder.Root))
        {
            case Result<FileStream, ClaimError>.Error(var taken):
                return Complain.Now(taken.Describe(), ExitCode.BadUsage);
            case Result<FileStream, ClaimError>.Ok(var held):
                await using (held)
                {
                    var progress = new ProgressFile(command, folder.Progress, TimeProvider.System);
                    return (await Guarded(progress, work)).Match(code => code, failed => Failed(progress, failed));
                }

            default:
                throw new UnreachableException();
        }
    }

    private static async Task<Result<int, LabelError>> Guarded(
        ProgressFile progress,
        Func<ProgressFile, Task<Result<int, LabelError>>> work
    )
    {
        try
        {
            return await work(progress);
        }
        catch (OperationCanceledException)
        {
            return new LabelError("stopped; the same command goes on.", LabelFault.Stopped);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new LabelError(
                $"{e.Message.TrimEnd('.')}. Free some space or give another folder with --out; the same command then goes on, and what was done is kept."
            );
        }
    }

    private static int Failed(ProgressFile progress, LabelError failed)
    {
        progress.Say(new(Doing.Failed, 0, 0, null, failed.Text));
        return Complain.Now(
            failed.Text,
            failed.Fault switch
            {
                LabelFault.Input => ExitCode.BadInput,
                LabelFault.Usage => ExitCode.BadUsage,
                _ => ExitCode.Interrupted,
            }
        );
    }
}
