using System.Globalization;
using Motion.Contracts;
using Motion.Runner.Running;
using Motion.Runner.Text;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Motion.Pipeline.Show;

/// <summary>Live progress: a table that renews itself on a terminal; a line now and then, ever rarer, elsewhere.</summary>
internal static class Display
{
    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan FirstLine = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RarestLine = TimeSpan.FromSeconds(60);

    /// <summary>Shows the status until told to end.</summary>
    public static async Task Run(RunStatus status, IAnsiConsole console, bool plain, CancellationToken end)
    {
        try
        {
            await (plain ? Lines(status, end) : Live(status, console, end));
        }
        catch (OperationCanceledException)
        {
            // The run has ended; so does the display.
        }
    }

    private static Task Live(RunStatus status, IAnsiConsole console, CancellationToken end) =>
        console
            .Live(new Text(""))
            .AutoClear(true)
            .StartAsync(async live =>
            {
                while (true)
                {
                    live.UpdateTarget(Picture(status));
                    await Task.Delay(Refresh, end);
                }
            });

    private static async Task Lines(RunStatus status, CancellationToken end)
    {
        for (var pause = FirstLine; ; pause = TimeSpan.FromSeconds(Math.Min(pause.TotalSeconds * 1.5, RarestLine.TotalSeconds)))
        {
            await Task.Delay(pause, end);
            if (status.Phase is not null)
                Console.Out.WriteLine(Line(status));
        }
    }

    /// <summary>The status in one line.</summary>
    public static string Line(RunStatus status) =>
        status.Phase is not { } phase
            ? "starting"
            : $"{Title(phase, status)}{(phase.Phase is Phase.Train && status.Point is { } point ? $", {Words.Terms(point.Terms)}" : "")}, {Left(phase, status)}";

    private static IRenderable Picture(RunStatus status)
    {
        if (status.Phase is not { } phase)
            return new Text("starting ...");
        var seconds = status.Since(phase.Begun).TotalSeconds;
        var table = new Table().Border(TableBorder.Rounded).Title(Title(phase, status).EscapeMarkup());
        table.AddColumns("stage", "messages", "rate", "waiting behind it", "skipped");
        foreach (var meter in phase.Meters)
        {
            table.AddRow(
                meter.Stage,
                meter.Given.ToString(CultureInfo.InvariantCulture),
                Words.Rate(seconds > 0 ? meter.Given / seconds : 0),
                meter.Waiting().ToString(CultureInfo.InvariantCulture),
                meter.Skips == 0 ? "" : meter.Skips.ToString(CultureInfo.InvariantCulture)
            );
        }

        var losses =
            phase.Phase is Phase.Train && status.Point is { } point
                ? string.Create(
                    CultureInfo.InvariantCulture,
                    $"loss {point.Terms.Sum(term => term.Value):0.000}   {Words.Terms(point.Terms)}"
                )
                : "";
        return new Rows(table, new Text(losses), new Text(Left(phase, status)));
    }

    private static string Title(PhaseStatus phase, RunStatus status) =>
        phase.Phase is Phase.Train
            ? $"training, iteration {Done(phase, status)} of {phase.Iterations}"
            : $"test, frame {Done(phase, status)}{(phase.Iterations > 0 ? $" of {phase.Iterations}" : "")}";

    private static long Done(PhaseStatus phase, RunStatus status) =>
        phase.Phase is Phase.Train
            ? status.Point?.Iteration + 1 ?? phase.First
            : phase.Meters.Where(meter => !meter.AnswersAtEnd).Select(meter => meter.Given).DefaultIfEmpty(0).Min();

    private static string Left(PhaseStatus phase, RunStatus status)
    {
        var seconds = status.Since(phase.Begun).TotalSeconds;
        var done = Done(phase, status) - phase.First;
        if (phase.Phase is Phase.Test)
            phase.Pace.Seen(done, seconds);
        return phase.Pace.SecondsEach is not { } each || phase.Iterations <= 0
            ? $"{Words.Duration(seconds)} so far"
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{each:0.00} s each, {Words.Duration(each * (phase.Iterations - phase.First - done))} left"
            );
    }
}
