using System.Collections.Immutable;
using System.CommandLine;
using System.Runtime.InteropServices;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Decode;
using Motion.Pipeline.Figures;
using Motion.Runner.Folders;
using Motion.Runner.Settings;
using Motion.Runner.Stations;
using Spectre.Console;

namespace Motion.Pipeline.Cli;

/// <summary>motion figures.</summary>
internal static class FiguresCommand
{
    private const string PageName = "index.html";

    public static Command Create(StageTable table)
    {
        var run = new Argument<string>("RUN") { Description = "Folder of a finished run." };
        var baseline = new Option<string?>("--baseline")
        {
            Description = "Another run, shown between the truth and this one; its network sees the same frames.",
            HelpName = "RUN",
        };
        var clips = new Option<string[]>("--clip")
        {
            Description = "Only these clips.",
            HelpName = "NAME",
            AllowMultipleArgumentsPerToken = true,
        };
        var perClip = new Option<int>("--per-clip")
        {
            Description = "Frames of each clip, evenly over it.",
            HelpName = "N",
            DefaultValueFactory = _ => 1,
        };
        var to = new Option<string?>("--out") { Description = "Where the pictures go; RUN/figures where not given.", HelpName = "FOLDER" };
        var command = new Command(
            "figures",
            """
            Draw the paper's figures from any run: truth, baseline and this run side by side (figure 1), and the activations of both streams
            where the mask head reads them (figure 3). Writes PNG files and a page that shows them all.

              motion figures runs/davis                                   one frame of every clip
              motion figures runs/davis --baseline runs/davis-boxinst     with another run between truth and this one
              motion figures runs/davis --clip dog bear --per-clip 3
            """
        )
        {
            run,
            baseline,
            clips,
            perClip,
            to,
        };
        command.SetAction(
            (parsed, cancel) =>
            {
                var (given, other, place) = (
                    parsed.GetRequiredValue(run),
                    parsed.GetValue(baseline) is { } named ? Path.GetFullPath(named) : null,
                    parsed.GetValue(to) is { } out_ ? Path.GetFullPath(out_) : null
                );
                var folder = RunPlace.Enter(new RunFolder(given)).Root;
                return parsed.GetValue(perClip) < 1 ? Complain.Say("--per-clip wants 1 or more", ExitCode.BadUsage)
                    : place is not null && OwnPages.Foreign(Path.Combine(place, PageName), place) is { } foreign
                        ? Complain.Say(foreign, ExitCode.BadUsage)
                    : Run(
                        folder,
                        other,
                        [.. parsed.GetValue(clips) ?? []],
                        parsed.GetValue(perClip),
                        place ?? Path.Combine(folder, "figures"),
                        table,
                        cancel
                    );
            }
        );
        return command;
    }

    private static StartError Refused(DecodeError error) => new(DecodeKind.Kind.Name, error.Describe());

    private static Task<int> Run(
        string run,
        string? baseline,
        ImmutableArray<string> clips,
        int perClip,
        string to,
        StageTable table,
        CancellationToken cancel
    ) =>
        (
            from own in FigureNetwork.Open(run, table)
            from other in baseline is null
                ? Result.Ok<FigureNetwork?, StartError>(null)
                : FigureNetwork.Open(baseline, table).Map(each => (FigureNetwork?)each)
            from source in DecodeSources
                .Open(own.Settings.OptionsOf<DecodeOptions>(DecodeKind.Kind, Phase.Test)!, own.Settings.Seed.Derive(DecodeKind.Kind.Name))
                .MapError(Refused)
            select (own, other, source)
        ).Match(
            opened => Draw(opened.own, opened.other, opened.source, clips, perClip, to, cancel),
            error => Complain.Say(error.Describe(), ExitCode.BadInput)
        );

    private static async Task<int> Draw(
        FigureNetwork run,
        FigureNetwork? baseline,
        DecodeStage source,
        ImmutableArray<string> clips,
        int perClip,
        string to,
        CancellationToken cancel
    )
    {
        var options = run.Settings.OptionsOf<DecodeOptions>(DecodeKind.Kind, Phase.Test)!;
        var known = source.Catalogue.Clips.Select(clip => clip.Name).ToList();
        if (clips.FirstOrDefault(clip => !known.Contains(clip)) is { } unknown)
        {
            return Complain.Now(
                $"the run has no clip {Legible.Line(unknown)}. It has {string.Join(", ", known.Take(40).Select(Legible.Line))}{(known.Count > 40 ? $" and {known.Count - 40} more" : "")}.",
                ExitCode.BadUsage
            );
        }

        Directory.CreateDirectory(to);
        var chosen = ChooseFrames.Of(source.Catalogue.Clips, options.Every, options.MaxFrames ?? long.MaxValue, clips, perClip);
        var figures = ImmutableArray.CreateBuilder<Figure>();
        string? failure = null;
        await Shown(
            chosen.Length,
            async step =>
            {
                foreach (var frame in chosen)
                {
                    cancel.ThrowIfCancellationRequested();
                    failure = (await One(run, baseline, source, frame, to, cancel)).Match<string?>(
                        figure =>
                        {
                            figures.Add(figure);
                            return null;
                        },
                        error => error.Describe()
                    );
                    step();
                    if (failure is not null)
                        return;
                }
            }
        );
        RunFolder.Write(Path.Combine(to, PageName), DrawFigures.Page(run.Name, baseline?.Name, figures.ToImmutable()));
        if (failure is not null)
            return Complain.Now(failure, ExitCode.BadInput);
        Console.WriteLine($"{figures.Count} frames drawn: {Path.Combine(to, PageName)}");
        return ExitCode.Done;
    }

    /// <summary>With a bar and the time left on a terminal, quietly elsewhere.</summary>
    private static Task Shown(int count, Func<Action, Task> work) =>
        Console.IsOutputRedirected || !AnsiConsole.Profile.Capabilities.Interactive
            ? work(() => { })
            : AnsiConsole
                .Progress()
                .AutoClear(true)
                .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new RemainingTimeColumn())
                .StartAsync(context =>
                {
                    var progress = context.AddTask("figures", maxValue: count);
                    return work(() => progress.Increment(1));
                });

    private static async Task<Result<Figure, StartError>> One(
        FigureNetwork run,
        FigureNetwork? baseline,
        DecodeStage source,
        ChosenFrame frame,
        string to,
        CancellationToken cancel
    )
    {
        await foreach (var item in source.Frames(frame.Position, cancel))
        {
            return item.MapError(Refused).Bind(pair => DrawFigures.Of(pair, run, baseline, to));
        }

        return new StartError(
            DecodeKind.Kind.Name,
            $"the source ends before frame {frame.Position} of its stream ({frame.Clip}). Has the data changed since the run?"
        );
    }
}
