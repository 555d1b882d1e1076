using System.Collections.Immutable;
using System.Globalization;
using Motion.Contracts;
using Motion.Runner.Folders;
using Motion.Runner.Text;

namespace Motion.Runner.Running;

/// <summary>Names and values at the head of the report.</summary>
internal static class RunFacts
{
    public static ImmutableArray<KeyValuePair<string, string>> Of(Session session, int iterations)
    {
        var settings = session.Settings;
        var facts = new List<KeyValuePair<string, string>>
        {
            new("stages", string.Join(" -> ", settings.Stages.Select(stage => stage.Name))),
            new("seed", settings.Run.Seed.ToString(CultureInfo.InvariantCulture)),
            new("device", $"{settings.Run.Device}, {settings.Run.Threads} {(settings.Run.Threads == 1 ? "thread" : "threads")}"),
            new("processor", Processor.Name),
        };
        var curve = Curve.Read(session.Folder.Curve);
        if (settings.Train is { } train)
        {
            facts.Add(new("training", $"{iterations} iterations, {train.Batch} frames each"));
            if (curve is [.., var last])
            {
                facts.Add(
                    new("training took", $"{Words.Duration(last.Point.Seconds)}, {last.Point.Seconds / curve.Length:0.000} s an iteration")
                );
                facts.Add(new("last loss", last.Point.Terms.Sum(term => term.Value).ToString("0.000", CultureInfo.InvariantCulture)));
            }
        }

        return [.. facts];
    }
}
