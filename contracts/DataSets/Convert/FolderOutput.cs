using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>A file that a conversion will write below its folder.</summary>
/// <param name="Name">Relative, its parts set off by /.</param>
/// <param name="Place">Of what in the set it comes; null where from the form itself.</param>
internal sealed record PlacedFile(string Name, string? Place);

/// <summary>Folders that conversions write.</summary>
internal static class FolderOutput
{
    /// <summary>Takes a place for every file before the first is written; a new folder then appears whole or not at all.</summary>
    /// <param name="work">The conversion.</param>
    /// <param name="files">All files that it may write.</param>
    /// <param name="fill">Writes them below the folder that it is given.</param>
    public static DecodeError? Write(Conversion work, IEnumerable<PlacedFile> files, Func<string, DecodeError?> fill)
    {
        var path = Path.GetFullPath(work.Path).TrimEnd('/');
        if (Plan(work, files, new OutputFolder(path, work.Options.Force, work.Set.Inputs.Concat(work.MoreInputs))) is { } problem)
        {
            return problem;
        }

        if (Directory.Exists(path))
        {
            return Tried(work, () => fill(path)); // --force: picture by picture
        }

        var temporary = WholeFile.Free(path);
        return Tried(work, () => Moved(fill, temporary, path));
    }

    private static DecodeError? Moved(Func<string, DecodeError?> fill, string temporary, string path)
    {
        Directory.CreateDirectory(temporary);
        try
        {
            if (fill(temporary) is { } error)
            {
                return error;
            }

            Directory.Move(temporary, path);
            return null;
        }
        finally
        {
            if (Directory.Exists(temporary))
            {
                Directory.Delete(temporary, recursive: true);
            }
        }
    }

    private static DecodeError? Tried(Conversion work, Func<DecodeError?> write)
    {
        try
        {
            return write();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new DecodeError.Corrupt(
                work.Path,
                $"cannot be written: {e.Message.TrimEnd('.')}",
                "Check the folder, its permissions and the disk's space."
            );
        }
    }

    private static DecodeError? Plan(Conversion work, IEnumerable<PlacedFile> files, OutputFolder folder)
    {
        foreach (var file in files)
        {
            if (folder.Take(file.Name) is { } problem)
            {
                return file.Place is null
                    ? WholeOutput.Refused(problem)
                    : new DecodeError.BadAnnotation(
                        work.Set.Path,
                        file.Place,
                        $"it cannot be written below {work.Path}: {problem}",
                        "Rename the clip or its pictures, leave the clip out (--split LIST), or choose another folder."
                    );
            }
        }

        return null;
    }

    /// <summary>A picture of the set as a link or a copy below a folder.</summary>
    public static DecodeError? Picture(Conversion work, SetVideo of, int frame, string to)
    {
        var from = Path.GetFullPath(work.Set.PictureOf(of, frame));
        if (FileIdentity.Of(from).Kind is var kind && kind != FileKind.Regular)
        {
            return kind == FileKind.Missing
                ? new DecodeError.Missing(from, "a picture")
                : new DecodeError.Corrupt(from, InputFile.Unreadable(from)!, "Leave it out.");
        }

        if (work.Options.Pictures == PicturesAs.Link)
        {
            WholeFile.Link(to, from);
            return null;
        }

        return WholeOutput.Write(
            to,
            stream =>
            {
                using var picture = InputFile.Open(from);
                picture.CopyTo(stream);
                return null;
            }
        );
    }
}
