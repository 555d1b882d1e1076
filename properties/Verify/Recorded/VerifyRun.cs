using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Pipeline.Cli;
using Motion.Runner.Folders;
using Spectre.Console;

namespace Motion.Properties.Verify;

/// <summary>motion verify --run DIR.</summary>
internal static class VerifyRun
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
    };

    /// <param name="Run">The run's folder.</param>
    /// <param name="Names">Only these laws.</param>
    /// <param name="Most">Messages a law is shown at most.</param>
    /// <param name="Seed">Of random directions.</param>
    /// <param name="List">Only list the laws.</param>
    /// <param name="Json">Where results go as well.</param>
    public sealed record Request(string Run, string[] Names, long Most, ulong Seed, bool List, string? Json);

    public static async Task<int> Check(Request request, CancellationToken cancel)
    {
        var laws = LawNames.Matching(RecordedLaw.All, request.Names);
        if (laws.IsEmpty)
            return Complain.Now(
                $"no law that speaks of data has a name with {string.Join(" or ", request.Names)}; motion verify --run {request.Run} --list shows them.",
                ExitCode.BadUsage
            );
        if (request.List)
        {
            foreach (var law in laws)
                Console.WriteLine($"{law.About.Name}: {law.Name}");
            return ExitCode.Done;
        }

        try
        {
            return (
                await Progress(seen => CheckRun.Run(new RunFolder(request.Run), laws, request.Most, new Seed(request.Seed), seen, cancel))
            ).Match(outcomes => Tell(request, outcomes), problem => Complain.Now(problem, ExitCode.BadUsage));
        }
        catch (OperationCanceledException)
        {
            return Complain.Now("stopped", ExitCode.Interrupted);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Complain.Now(e.Message, ExitCode.BadInput);
        }
    }

    private static async Task<Result<ImmutableArray<RecordedOutcome>, string>> Progress(
        Func<Action, Task<Result<ImmutableArray<RecordedOutcome>, string>>> check
    )
    {
        var console = AnsiConsole.Console;
        if (Console.IsOutputRedirected || !console.Profile.Capabilities.Interactive)
            return await check(() => { });
        return await console
            .Status()
            .StartAsync(
                "reading",
                async status =>
                {
                    var count = 0L;
                    return await check(() =>
                        status.Status = string.Create(CultureInfo.InvariantCulture, $"{Interlocked.Increment(ref count)} messages")
                    );
                }
            );
    }

    private static int Tell(Request request, ImmutableArray<RecordedOutcome> outcomes)
    {
        var console = AnsiConsole.Console;
        if (Console.IsOutputRedirected)
            console.Profile.Width = VerifyCommand.PipedWidth;
        console.Write(Table(outcomes));
        foreach (var outcome in outcomes.Where(outcome => outcome.First is not null))
        {
            console.MarkupLineInterpolated(
                $"[red]{outcome.Law.Name} does not hold[/] for {outcome.Contradictions} of {outcome.Messages} messages in {outcome.Folder}"
            );
            console.WriteLine($"  {outcome.First}");
        }

        var laws = outcomes.GroupBy(outcome => outcome.Law).ToArray();
        var broken = laws.Count(IsBroken);
        var unseen = laws.Count(law => law.All(outcome => outcome.Messages == 0));
        console.WriteLine($"{laws.Length - broken - unseen} laws hold, {broken} are broken, {unseen} had no message of their kind");
        if (request.Json is { } file)
            Write(file, request, outcomes);
        return broken > 0 ? ExitCode.CheckFailed : ExitCode.Done;
    }

    private static bool IsBroken(IEnumerable<RecordedOutcome> law) => law.Any(outcome => outcome.First is not null);

    /// <summary>A row a law, a column a folder of recordings.</summary>
    private static Table Table(ImmutableArray<RecordedOutcome> outcomes)
    {
        var table = new Table { Border = TableBorder.Simple }
            .AddColumn("law")
            .AddColumn("of");
        foreach (var folder in outcomes.Select(outcome => outcome.Folder).Distinct())
            table.AddColumn(new TableColumn($"messages in {Markup.Escape(folder)}") { Alignment = Justify.Right, NoWrap = true });
        foreach (var law in outcomes.GroupBy(outcome => outcome.Law))
        {
            var verdict =
                IsBroken(law) ? "[red]BROKEN[/]"
                : law.All(outcome => outcome.Messages == 0) ? "[dim]not seen[/]"
                : "[green]holds[/]";
            table.AddRow([
                new Markup($"{verdict} {Markup.Escape(law.Key.Name)}"),
                new Text(law.Key.About.Name),
                .. law.Select(outcome => new Text(outcome.Messages == 0 ? "" : outcome.Messages.ToString(CultureInfo.InvariantCulture))),
            ]);
        }

        return table;
    }

    private static void Write(string file, Request request, ImmutableArray<RecordedOutcome> outcomes) =>
        WholeFile.Write(
            file,
            stream =>
                JsonSerializer.Serialize(
                    stream,
                    new
                    {
                        run = request.Run,
                        seed = request.Seed,
                        laws = outcomes.Select(outcome => new
                        {
                            name = outcome.Law.Name,
                            of = outcome.Law.About.Name,
                            folder = outcome.Folder,
                            messages = outcome.Messages,
                            contradictions = outcome.Contradictions,
                            first = outcome.First,
                        }),
                    },
                    Indented
                )
        );
}
