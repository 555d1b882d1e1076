using System.Text;
using Motion.Contracts;

namespace Motion.Report;

/// <summary>Whole files or none: written under a temporary name, then renamed.</summary>
internal static class Files
{
    public static Result<Unit, ReportError> Write(string path, string text) => Write(path, Encoding.UTF8.GetBytes(text));

    public static Result<Unit, ReportError> Write(string path, byte[] bytes) =>
        Try(
            path,
            () =>
            {
                WholeFile.Write(path, bytes, lasting: false);
                return default(Unit);
            }
        );

    /// <summary>Runs a file operation; what the operating system refuses becomes an error value.</summary>
    public static Result<T, ReportError> Try<T>(string path, Func<T> operation)
    {
        try
        {
            return Result.Ok<T, ReportError>(operation());
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            return new ReportError.CannotWrite(path, e.Message.TrimEnd('.'));
        }
    }

    /// <summary>A name that is safe in a path, from a name that came from data.</summary>
    public static string Safe(string name)
    {
        var letters = name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : '_').Take(80).ToArray();
        return letters.Length == 0 ? "_" : new string(letters);
    }
}
