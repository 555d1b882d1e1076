using System.CommandLine;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Pipeline.Published;
using Spectre.Console;

namespace Motion.Pipeline.Cli;

/// <summary>motion weights: published weights, fetched once and kept for all runs; and what is in a file of weights.</summary>
internal static class WeightsCommand
{
    private const string Lesson = """
        Weights: fetch published ones, look into files, convert them.

          motion weights list                                        which have names, and which are there
          motion weights fetch gma-sintel                            once; then weights: gma-sintel in any yaml
          motion weights inspect model.pth                           names, shapes, and which network it fits
          motion weights convert runs/NAME/checkpoints/X OUT.pth     a checkpoint for PyTorch (detectron2's names)
          motion weights convert R-50.pkl r50.safetensors --to torchvision

        Read: torch.save's .pth in both forms, safetensors, pickles of numpy arrays (.pkl), TensorFlow.js models (model.json, .tgz). No file's
        code is ever executed.
        """;

    public static Command Create()
    {
        var command = new Command("weights", Lesson);
        command.Subcommands.Add(Fetch());
        var list = new Command(
            "list",
            $"Which weights have names, and which of them are there. They are kept in {WeightStore.Folder}; MOTION_CACHE names another folder."
        );
        list.SetAction(_ => List());
        command.Subcommands.Add(list);
        command.Subcommands.Add(InspectWeights.Create());
        command.Subcommands.Add(ConvertWeights.Create());
        return command;
    }

    private static Command Fetch()
    {
        var name = new Argument<string>("NAME") { Description = string.Join(", ", WeightStore.Published.Select(weights => weights.Name)) };
        var offline = new Option<bool>("--offline")
        {
            Description = "Fetch nothing; say what to do by hand where the file is not there (MOTION_OFFLINE=1 does the same).",
        };
        var fetch = new Command(
            "fetch",
            "Fetch published weights, unless they are there already. Goes on where an earlier attempt ended; a file whose checksum is wrong is thrown away."
        )
        {
            name,
            offline,
        };
        fetch.SetAction(
            (parsed, cancel) => Fetch(parsed.GetRequiredValue(name), parsed.GetValue(offline) || WeightStore.IsOffline, cancel)
        );
        return fetch;
    }

    private static async Task<int> Fetch(string name, bool isOffline, CancellationToken cancel)
    {
        if (WeightStore.Find(name) is not { } published)
        {
            return Complain.Now(
                $"no weights are named {name}. Known: {string.Join(", ", WeightStore.Published.Select(weights => weights.Name))}.",
                ExitCode.BadUsage
            );
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        void OnCancel(object? sender, ConsoleCancelEventArgs e)
        {
            e.Cancel = true;
            stop.Cancel();
        }

        Console.CancelKeyPress += OnCancel;
        try
        {
            var got = await Shown(name, show => FetchWeights.Run(published, isOffline, show, stop.Token));
            return got.Match(
                path =>
                {
                    Console.WriteLine(path);
                    return ExitCode.Done;
                },
                problem => Complain.Now(problem, ExitCode.BadInput)
            );
        }
        catch (OperationCanceledException)
        {
            return Complain.Now(
                published.Source is WeightSource.Web
                    ? "stopped; what has arrived is kept, and the same command goes on from there"
                    : "stopped",
                ExitCode.Interrupted
            );
        }
        finally
        {
            Console.CancelKeyPress -= OnCancel;
        }
    }

    /// <summary>A bar with rate and time left on a terminal, nothing elsewhere.</summary>
    private static Task<T> Shown<T>(string name, Func<Action<DownloadStatus>, Task<T>> work) =>
        Console.IsErrorRedirected
            ? work(_ => { })
            : Show
                .Terminal.Error()
                .Progress()
                .Columns(
                    new TaskDescriptionColumn(),
                    new ProgressBarColumn(),
                    new DownloadedColumn(),
                    new TransferSpeedColumn(),
                    new RemainingTimeColumn()
                )
                .StartAsync(context =>
                {
                    var task = context.AddTask(name, autoStart: true).IsIndeterminate();
                    return work(status =>
                    {
                        if (status.Total is { } total)
                            task.IsIndeterminate(false).MaxValue(total);
                        task.Value = status.Bytes;
                    });
                });

    private static int List()
    {
        foreach (var published in WeightStore.Published)
        {
            var path = WeightStore.PathOf(published);
            var state =
                File.Exists(path) ? path
                : File.Exists(path + ".part") ? $"begun ({new FileInfo(path + ".part").Length} bytes)"
                : "not there";
            Console.WriteLine($"{published.Name, -12} {state}  ({published.What})");
        }

        return ExitCode.Done;
    }
}
