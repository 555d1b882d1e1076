using System.Collections.Immutable;
using Motion.Contracts;
using Motion.Runner.Yaml;

namespace Motion.Runner.Settings;

/// <summary>Pipeline yaml -> checked settings, or everything that is wrong with it.</summary>
internal static class ReadSettings
{
    private static readonly string[] Sections = ["run", "stages", "train"];

    /// <param name="path">The yaml file.</param>
    /// <param name="overrides">Values from the command line; they win.</param>
    /// <param name="table">The stages there are.</param>
    public static Result<PipelineSettings, ConfigErrors> File(string path, Overrides overrides, StageTable table)
    {
        try
        {
            var text = ReadYaml.TextOf(path);
            return Seal.Check(System.Text.Encoding.UTF8.GetBytes(text)) is SealState.Broken
                ? ConfigErrors.Of([
                    new(
                        new(path, 1, 1),
                        "",
                        "the file was changed since a run wrote it: the checksum in this line is another",
                        "Undo the change, or take line 1 out to use the file as it is."
                    ),
                ])
                : Text(text, path, overrides, table);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ConfigErrors.Of([
                new(
                    new(path, 0, 0),
                    "",
                    e is FileNotFoundException or DirectoryNotFoundException ? "there is no such file" : e.Message.TrimEnd('.'),
                    "Name a pipeline yaml; pipelines/ has examples."
                ),
            ]);
        }
    }

    /// <summary>What to say of a run's settings whose checksum does not fit.</summary>
    public static string ChangedSince(string path) =>
        $"{path} was changed since the run wrote it: the checksum in its first line is another. Undo the change; or start anew from the yaml that the run was made of.";

    public static Result<PipelineSettings, ConfigErrors> Text(string yaml, string file, Overrides overrides, StageTable table)
    {
        var kinds = table.Kinds;
        var problems = new Problems();
        if (ReadYaml.Document(yaml, file, problems) is not { } document)
            return problems.Errors;
        if (document is not Node.Map map)
        {
            problems.Add(document.Place, "", $"got {document.Show()}", $"Expected a map of {string.Join(", ", Sections)}.");
            return problems.Errors;
        }

        var layered = YamlLayers.Extended(map, file, problems).Under(overrides.With, problems);
        var written = table.Complete(overrides.Apply(layered, problems), problems);
        var top = SharesOfTraining.In(written, kinds, problems);
        Bind.CheckKeys(top, "", Sections, problems);
        var run = Checked<RunSettings>(WithName(Section(top, "run", problems) ?? Node.Map.Empty(top.Place), file), "run", problems);
        var train = Section(top, "train", problems) is { } trainMap ? Checked<TrainSettings>(trainMap, "train", problems) : null;
        var stages = Stages(top, kinds, problems);
        var settings = new PipelineSettings(run, stages, train) { Shares = SharesOfTraining.KeysIn(written, kinds) };
        CheckGraph.Of(settings, kinds, key => PlaceOf(top, key), problems);
        return problems.Any ? problems.Errors : settings;
    }

    /// <summary>Where a key stands, or the nearest above it that does: of a value, the value's own place.</summary>
    private static Place PlaceOf(Node.Map top, string path)
    {
        var (at, place) = ((Node)top, top.Place);
        foreach (var key in path.Split('.'))
        {
            if (at is not Node.Map map || map.KeyOf(key) is not { } there)
                break;
            (at, place) = (map.Find(key)!, there.Place);
        }

        return at is Node.Scalar { Text.Length: > 0 } or Node.List && path.Contains('.', StringComparison.Ordinal) ? at.Place : place;
    }

    private static Node.Map WithName(Node.Map run, string file)
    {
        var name = string.Concat(
            Path.GetFileNameWithoutExtension(file)
                .Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' ? letter : '-')
        );
        return run.Find("name") is null && name.Length > 0 ? run.With(new(run.Place, "name"), new Node.Scalar(run.Place, name)) : run;
    }

    /// <summary>
    /// A map of settings; empty where the key has nothing behind it, null where it is not there or is taken out with <c>null</c>.
    /// </summary>
    private static Node.Map? Section(Node.Map top, string key, Problems problems)
    {
        switch (top.Find(key))
        {
            case null:
                return null;
            case Node.Map map:
                return map;
            case Node.Scalar { IsNull: true, Text: "" } nothing:
                return Node.Map.Empty(nothing.Place);
            case Node.Scalar { IsNull: true }:
                return null;
            case var other:
                problems.Add(other.Place, key, $"got {other.Show()}", "Expected a map.");
                return null;
        }
    }

    private static T Checked<T>(Node.Map map, string path, Problems problems)
        where T : notnull
    {
        Bind.CheckKeys(map, path, Bind.KeysOf(typeof(T)), problems);
        return Bind.Record<T>(map, path, problems);
    }

    private static ImmutableArray<StageSettings> Stages(Node.Map top, ImmutableArray<StageKind> kinds, Problems problems)
    {
        if (Section(top, "stages", problems) is not { } map)
        {
            if (top.Find("stages") is null)
                problems.Add(
                    top.Place,
                    "stages",
                    "this section is required",
                    $"List the stages of the run: {string.Join(", ", kinds.Select(kind => kind.Name))}."
                );
            return [];
        }

        Bind.CheckKeys(map, "stages", kinds.Select(kind => kind.Name), problems);
        var trainIsOff = top.Find("train") is Node.Scalar { IsNull: true, Text: not "" }; // then what has a part in training alone has none in the run
        return
        [
            .. from kind in kinds
            where map.Find(kind.Name) is not null && !(trainIsOff && kind.Test is null)
            let stage = Section(map, kind.Name, problems)
            where stage is not null
            select Stage(kind, map.KeyOf(kind.Name)!.Place, stage, problems),
        ];
    }

    private static StageSettings Stage(StageKind kind, Place place, Node.Map map, Problems problems)
    {
        var path = $"stages.{kind.Name}";
        var own = Bind.KeysOf(kind.Options).ToList();
        var extras = kind.Extras is null ? [] : Bind.KeysOf(kind.Extras);
        string[] phases = kind.HasPhases ? ["train", "test"] : [];
        Bind.CheckKeys(map, path, [.. own, .. Bind.KeysOf(typeof(Placement)), .. extras, .. phases], problems);
        var common = map.Without(phases);
        object Options(Phase phase)
        {
            var key = Shape.Camel(phase.ToString());
            var defaults = kind.Defaults?.Invoke(phase);
            if (!kind.HasPhases || map.Find(key) is null || Section(map, key, problems) is not { } change)
                return Bind.Record(kind.Options, common, path, problems, defaults);
            Bind.CheckKeys(change, $"{path}.{key}", own, problems);
            return Bind.Record(kind.Options, common.Under(change), path, problems, defaults);
        }

        return new(
            kind,
            place,
            Bind.Record<Placement>(common, path, problems),
            Enum.GetValues<Phase>().ToImmutableDictionary(phase => phase, Options),
            kind.Extras is null ? null : Bind.Record(kind.Extras, common, path, problems)
        );
    }
}
