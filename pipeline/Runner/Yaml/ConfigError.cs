using System.Collections.Immutable;
using Motion.Contracts;

namespace Motion.Runner.Yaml;

/// <summary>One thing wrong with a configuration.</summary>
/// <param name="Place">File, line and column of the value (or the map that lacks it).</param>
/// <param name="Path">The key from the top of the document: stages.flow.iterations.</param>
/// <param name="Problem">What came, and why it cannot be.</param>
/// <param name="Remedy">What is expected, or what to do.</param>
internal sealed record ConfigError(Place Place, string Path, string Problem, string Remedy) : IStageError
{
    public string Describe() => Legible.Line(Path.Length == 0 ? $"{Place}: {Problem}. {Remedy}" : $"{Place}: {Path}: {Problem}. {Remedy}");
}

/// <summary>Every error of a configuration, in the order of the file.</summary>
internal sealed record ConfigErrors(ImmutableArray<ConfigError> All) : IStageError
{
    public string Describe() => string.Join('\n', All.Select(error => error.Describe()));

    public static ConfigErrors Of(IEnumerable<ConfigError> errors) =>
        new([
            .. errors.Distinct().OrderBy(error => error.Place.File).ThenBy(error => error.Place.Line).ThenBy(error => error.Place.Column),
        ]);
}

/// <summary>Collects the errors of one reading; local to it.</summary>
internal sealed class Problems
{
    private readonly List<ConfigError> _errors = [];

    public bool Any => _errors.Count > 0;

    public ConfigErrors Errors => ConfigErrors.Of(_errors);

    public void Add(Place place, string path, string problem, string remedy) => _errors.Add(new(place, path, problem, remedy));
}
