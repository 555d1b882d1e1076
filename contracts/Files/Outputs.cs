using System.Text;

namespace Motion.Contracts;

/// <summary>
/// What a command that writes may touch: nothing that is there unless it was told to (force), and what it reads never, under whatever name.
/// Files are compared as files.
/// </summary>
public static class Outputs
{
    /// <summary>Why files may not be written; null where they may.</summary>
    /// <param name="paths">The files.</param>
    /// <param name="force">Whether files that are there may be replaced.</param>
    /// <param name="inputs">What the command reads; looked at only where a path is taken.</param>
    public static string? Refusal(IEnumerable<string> paths, bool force, IEnumerable<string> inputs)
    {
        var taken = paths.Where(path => FileIdentity.OfEntry(path).Exists).ToArray();
        if (taken.Length == 0)
        {
            return null;
        }

        var read = new InputSet(inputs);
        foreach (var path in taken)
        {
            if (read.Holds(FileIdentity.Of(path)) || read.Holds(FileIdentity.OfEntry(path)))
            {
                return $"{path} is read by this command, and what is read is never overwritten. Give another name.";
            }

            if (!force)
            {
                return $"{path} is there already. Give another name, or --force to overwrite it.";
            }

            if (FileIdentity.OfEntry(path).Kind is not (FileKind.Regular or FileKind.Link))
            {
                return $"{path} is no file, so it cannot be overwritten. Give another name.";
            }
        }

        return null;
    }

    /// <summary>Why a name that comes from data cannot be that of a file or folder here; null where it can.</summary>
    public static string? Flaw(string name)
    {
        var stem = name.Split('.')[0];
        return name.Length == 0 ? "it is empty"
            : name is "." or ".." ? "it names a folder above"
            : name.Any(letter => char.IsControl(letter) || letter is '/' or '\\' or ':' or '*' or '?' or '"' or '<' or '>' or '|')
                ? "it holds a letter that no file name can have everywhere"
            : name[^1] is '.' or ' ' || name[0] is ' ' ? "it begins or ends with a space, or ends with a dot"
            : name[0] is '-' ? "it begins with a dash, as options do"
            : IsReserved(stem) ? "it is a name that some systems keep for devices"
            : Encoding.UTF8.GetByteCount(name) > 200 ? "it is longer than 200 bytes"
            : null;
    }

    /// <summary>The form under which some file system would take two names for one: case, composition of accents.</summary>
    public static string Folded(string name)
    {
        try
        {
            return name.Normalize(NormalizationForm.FormKC).ToUpperInvariant();
        }
        catch (ArgumentException)
        {
            return name.ToUpperInvariant(); // no Unicode text
        }
    }

    private static bool IsReserved(string stem) =>
        stem.Trim().ToUpperInvariant() is var upper
        && (
            upper is "CON" or "PRN" or "AUX" or "NUL"
            || (
                upper.Length == 4
                && upper[3] is >= '0' and <= '9'
                && (upper.StartsWith("COM", StringComparison.Ordinal) || upper.StartsWith("LPT", StringComparison.Ordinal))
            )
        );
}

/// <summary>The files that a command reads, by what they are: each as an entry of its folder, and as what it leads to.</summary>
public sealed class InputSet
{
    private readonly HashSet<string> _keys = new(StringComparer.Ordinal);

    public InputSet(IEnumerable<string> inputs)
    {
        foreach (var path in inputs)
        {
            foreach (var identity in new[] { FileIdentity.Of(path), FileIdentity.OfEntry(path) })
            {
                if (identity.Exists)
                {
                    _keys.Add(identity.Key);
                }
            }
        }
    }

    public bool Holds(FileIdentity file) => file.Exists && _keys.Contains(file.Key);
}

/// <summary>
/// A folder into which a command writes files whose names come from data. Every name is placed before the first file is written: each stays
/// below the folder, whatever links lie in it, none is another's twin, and none is that of an input.
/// </summary>
public sealed class OutputFolder
{
    private readonly string _root;
    private readonly string _real;
    private readonly bool _force;
    private readonly Lazy<InputSet> _inputs;
    private readonly Dictionary<string, string> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _folders = new(StringComparer.Ordinal);

    /// <param name="root">The folder; it need not be there yet.</param>
    /// <param name="force">Whether files that are there may be replaced.</param>
    /// <param name="inputs">What the command reads.</param>
    public OutputFolder(string root, bool force, IEnumerable<string> inputs)
    {
        (_root, _real, _force) = (Path.GetFullPath(root), FileIdentity.Real(root), force);
        _inputs = new(() => new InputSet(inputs));
    }

    /// <summary>Takes a place below the folder.</summary>
    /// <param name="name">Relative, its parts set off by /.</param>
    /// <returns>Why it cannot be had, or null.</returns>
    public string? Take(string name)
    {
        var parts = name.Split('/');
        if (parts.Select(part => (part, flaw: Outputs.Flaw(part))).FirstOrDefault(pair => pair.flaw is not null) is { flaw: { } flaw } bad)
        {
            return $"\"{bad.part}\" cannot name a file: {flaw}";
        }

        return Twin(name, parts) ?? Occupied(name);
    }

    /// <summary>The file system's name of a place that was taken.</summary>
    public string PathOf(string name) => Path.Combine(_root, name);

    private string? Twin(string name, string[] parts)
    {
        for (var (i, folded, folder) = (0, "", ""); i < parts.Length; i++)
        {
            (folded, folder) = ($"{folded}/{Outputs.Folded(parts[i])}", i == 0 ? parts[i] : $"{folder}/{parts[i]}");
            var (own, others) = i == parts.Length - 1 ? (_files, _folders) : (_folders, _files);
            if (
                others.TryGetValue(folded, out var other)
                || (own.TryGetValue(folded, out other) && (i == parts.Length - 1 || other != folder))
            )
            {
                return $"{folder} and {other} would be one file, here or on another system";
            }

            own.TryAdd(folded, folder);
        }

        return null;
    }

    private string? Occupied(string name)
    {
        var path = PathOf(name);
        var folder = FileIdentity.Real(Path.GetDirectoryName(path)!);
        if (folder != _real && !folder.StartsWith(_real.TrimEnd('/') + "/", StringComparison.Ordinal))
        {
            return $"a link in {_root} leads {name} out of it, to {folder}";
        }

        var entry = FileIdentity.OfEntry(path);
        return !entry.Exists ? null
            : _inputs.Value.Holds(entry) ? $"{path} is read by this command, and what is read is never overwritten"
            : !_force ? $"{path} is there already, and is not overwritten without --force"
            : entry.Kind is FileKind.Regular or FileKind.Link ? null
            : $"{path} is no file, so it cannot be overwritten";
    }
}
