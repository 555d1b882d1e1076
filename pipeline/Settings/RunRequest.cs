using System.Collections.Immutable;
using System.Globalization;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Pipeline.Settings;
using Motion.Runner.Running;
using Motion.Runner.Settings;
using Motion.Runner.Yaml;

namespace Motion.Pipeline.Settings;

/// <summary>motion run, as typed.</summary>
internal sealed record RunRequest(string File, RunChanges Changes, bool Resume, bool Check, bool Plain);

/// <summary>Options of motion run that change the yaml.</summary>
internal sealed record RunChanges(
    string? Data,
    ImmutableArray<string> Clips,
    string? Source,
    string? Boxes,
    ulong? Seed,
    string? Name,
    ImmutableArray<string> Set,
    ImmutableArray<string>? With = null
)
{
    /// <summary>A video without boxes has nothing to be measured against: its detections are all that is wanted.</summary>
    public bool Unmeasured =>
        Source is not null
        && Boxes is null
        && !Set.Any(text =>
            text.StartsWith("stages.decode.", StringComparison.Ordinal) && text.Contains("boxes=", StringComparison.Ordinal)
        );

    /// <summary>The values they stand for; --set last, so that it wins.</summary>
    public Result<Overrides, ConfigErrors> ToOverrides()
    {
        var problems = new Problems();
        var values = ImmutableArray.CreateBuilder<Override>();
        if (Source is not null)
        {
            values.Add(new("stages.decode.source", "video", "--source", IsText: true, BothPhases: true));
            values.Add(new("stages.decode.path", Source, "--source", IsText: true, BothPhases: true));
        }

        if (Unmeasured)
            values.Add(new("stages.evaluate", "null", "--source"));
        if (Boxes is not null)
            values.Add(new("stages.decode.boxes", Boxes, "--boxes", IsText: true, BothPhases: true));
        if (Clips.Length > 0)
            values.Add(
                new(
                    "stages.decode.clips",
                    $"[{string.Join(", ", Clips.Select(clip => $"'{clip.Replace("'", "''", StringComparison.Ordinal)}'"))}]",
                    "--clip",
                    BothPhases: true
                )
            );
        if (Seed is { } seed)
            values.Add(new("run.seed", seed.ToString(CultureInfo.InvariantCulture), "--seed"));
        if (Name is not null)
            values.Add(new("run.name", Name, "--name", IsText: true));
        foreach (var text in Set)
        {
            var parts = text.Split('=', 2);
            if (parts.Length == 2 && parts[0].Length > 0)
                values.Add(new(parts[0].Trim(), parts[1], $"--set {parts[0].Trim()}"));
            else
                problems.Add(new("--set", 0, 0), "", $"got \"{text}\"", "Expected KEY=VALUE, as in stages.flow.iterations=12.");
        }

        return problems.Any ? problems.Errors : new Overrides(values.ToImmutable(), Data, With);
    }
}
