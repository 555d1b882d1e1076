using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>Output files that exist whole or not at all, whether an error value or an exception ends their writing.</summary>
internal static class WholeOutput
{
    /// <summary>Lets <paramref name="write"/> fill a file; where it answers an error nothing is left behind.</summary>
    public static DecodeError? Write(string path, Func<Stream, DecodeError?> write)
    {
        try
        {
            WholeFile.Write(
                path,
                stream =>
                {
                    if (write(stream) is { } error)
                    {
                        throw new Abandoned(error);
                    }
                }
            );
            return null;
        }
        catch (Abandoned end)
        {
            return end.Error;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new DecodeError.Corrupt(
                path,
                $"cannot be written: {e.Message.TrimEnd('.')}",
                "Check the folder, its permissions and the disk's space."
            );
        }
    }

    /// <summary>Refuses names that are taken, and those of what is read.</summary>
    public static Result<Unit, DecodeError> Free(IEnumerable<string> paths, bool force, IEnumerable<string> inputs) =>
        Outputs.Refusal(paths, force, inputs) is { } problem ? Refused(problem) : default(Unit);

    /// <summary>What cannot be written, as an error of the command line.</summary>
    public static DecodeError Refused(string sentence) =>
        sentence.Split(". ", 2) is [var problem, var remedy]
            ? new DecodeError.BadSetting("out", problem, remedy)
            : new DecodeError.BadSetting("out", sentence, "Give another folder.");

    /// <summary>Carries an error value through the writing of a whole file, so that it cleans up.</summary>
    private sealed class Abandoned(DecodeError error) : Exception
    {
        public DecodeError Error { get; } = error;
    }
}
