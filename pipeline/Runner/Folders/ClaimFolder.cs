using System.Collections.Immutable;
using Motion.Contracts;
using Motion.Runner.Settings;
using Motion.Runner.Text;
using Motion.Runner.Yaml;

namespace Motion.Runner.Folders;

/// <summary>A run's folder, held against other runners while the claim lives.</summary>
internal sealed record Claim(PipelineSettings Settings, RunFolder Folder, FileStream Lock) : IDisposable
{
    public void Dispose() => Lock.Dispose();
}

/// <summary>Why a run's folder cannot be had.</summary>
internal sealed record ClaimError(string Text) : IStageError
{
    public string Describe() => Text;
}

/// <summary>Finds or makes the folder of a run. What is there is never overwritten: a name that is taken gets a number.</summary>
internal static class ClaimFolder
{
    private const string LockName = "run.lock";

    /// <summary>NAME, or NAME-2, NAME-3, ... whichever is free.</summary>
    public static Result<Claim, ClaimError> New(PipelineSettings settings)
    {
        try
        {
            for (var n = 1; ; n++)
            {
                var named = settings with { Run = settings.Run with { Name = n == 1 ? settings.Run.Name : $"{settings.Run.Name}-{n}" } };
                if (IsTaken(new(named.RunFolder), settings))
                    continue;
                Directory.CreateDirectory(named.RunFolder);
                if (Hold(named) is not { } claim)
                    continue;
                RunYaml.Write(claim.Folder, named);
                claim.Folder.Sweep();
                return claim;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new ClaimError($"{settings.RunFolder} cannot be written: {e.Message}. Choose another place with run.folder.");
        }
    }

    /// <summary>
    /// Holds results, or is no run at all. A run that failed before it had done anything leaves its name (and its cache) to the next.
    /// </summary>
    private static bool IsTaken(RunFolder folder, PipelineSettings settings) =>
        Directory.Exists(folder.Root)
        && Directory.EnumerateFileSystemEntries(folder.Root).Any(path => !IsOfAClaim(folder, path))
        && (
            !File.Exists(folder.Yaml)
            || !File.Exists(Path.Combine(folder.Root, LockName))
            || new[] { folder.Curve, folder.Scores }.Any(File.Exists)
            || settings
                .Stages.Select(stage => folder.Output(stage.Name))
                .Append(folder.Checkpoints)
                .Append(folder.Recordings)
                .Any(Directory.Exists)
        );

    /// <summary>What a runner leaves that was killed while it claimed a folder: its lock, and the settings half written.</summary>
    private static bool IsOfAClaim(RunFolder folder, string path) =>
        Path.GetFileName(path) is var name
        && (
            name == LockName
            || (name.StartsWith(Path.GetFileName(folder.Yaml), StringComparison.Ordinal) && name.EndsWith(".tmp", StringComparison.Ordinal))
        );

    /// <summary>The folder of an earlier sitting, if its settings are these.</summary>
    public static Result<Claim, ClaimError> Again(PipelineSettings settings)
    {
        var folder = new RunFolder(settings.RunFolder);
        if (!File.Exists(folder.Yaml))
            return new ClaimError(
                $"{folder.Root} holds no run to resume. Name the run itself ({Hints.Program} run RUN/run.yaml --resume), its --name, or leave out --resume."
            );
        if (RunYaml.Problem(folder) is { } damaged)
            return new ClaimError(damaged);
        var problems = new Problems();
        var before = ReadYaml.Document(ReadYaml.TextOf(folder.Yaml), folder.Yaml, problems);
        if (before is null)
            return new ClaimError(problems.Errors.Describe());
        var changes = ResolvedYaml.Differences(before, settings);
        if (!changes.IsEmpty)
        {
            return new ClaimError(
                $"{folder.Root} was run with other settings, so it cannot be resumed with these:\n"
                    + string.Join('\n', changes.Select(change => $"  {change.Key}: {change.Before}, now {change.Now}"))
                    + $"\nResume with `{folder.ResumeCommand}`, or start anew without --resume."
            );
        }

        try
        {
            if (Hold(settings) is not { } claim)
                return new ClaimError($"{folder.Root} is in use by another motion. Wait for it, or stop it.");
            RunYaml.Write(folder, settings);
            folder.Sweep();
            return claim;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new ClaimError($"{folder.Root} cannot be written: {e.Message}");
        }
    }

    /// <summary>A folder that is no run's, made where it is not there, held while the answer is open.</summary>
    public static Result<FileStream, ClaimError> Hold(string folder, string lockName = LockName)
    {
        try
        {
            Directory.CreateDirectory(folder);
            return Held(Path.Combine(folder, lockName)) is { } held
                ? held
                : new ClaimError($"{folder} is in use by another motion. Wait for it, or stop it, or name another folder with --out.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new ClaimError($"{folder} cannot be written: {e.Message.TrimEnd('.')}. Name another folder with --out.");
        }
    }

    /// <summary>
    /// What a run that goes on takes from its earlier sitting, since it was said as a share of a length that may have changed.
    /// </summary>
    public static ImmutableArray<Override> KeptShares(PipelineSettings settings)
    {
        var path = new RunFolder(settings.RunFolder).Yaml;
        return File.Exists(path) && ReadYaml.Document(File.ReadAllText(path), path, new Problems()) is { } before
            ? ResolvedYaml.KeptShares(before, settings, path)
            : [];
    }

    /// <summary>Whether another process has the file: what the systems call it differs.</summary>
    // EAGAIN of Linux, EWOULDBLOCK of macOS, ERROR_SHARING_VIOLATION of Windows
    private static bool IsHeld(IOException e) => e.HResult is 11 or 35 or unchecked((int)0x80070020);

    private static Claim? Hold(PipelineSettings settings) =>
        Held(Path.Combine(settings.RunFolder, LockName)) is { } held ? new Claim(settings, new(settings.RunFolder), held) : null;

    /// <summary>A file that one process has at a time; null where another has it.</summary>
    private static FileStream? Held(string path)
    {
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (IsHeld(e))
        {
            return null;
        }
    }
}
