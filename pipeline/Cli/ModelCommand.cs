using System.CommandLine;
using Motion.Contracts;
using Motion.Forward;
using Motion.Pipeline.Models;
using Motion.Runner.Folders;
using Motion.Runner.Settings;

namespace Motion.Pipeline.Cli;

/// <summary>motion model.</summary>
internal static class ModelCommand
{
    public static Command Create(StageTable table)
    {
        var command = new Command(
            "model",
            """
            Models to keep and to hand on: a folder with weights.safetensors, model.yaml (the settings that made it), card.json and CARD.md.

              motion model save runs/clip my-model             the newest checkpoint of a run, with all that is known of it
              motion model save runs/clip my-model --half      in half precision: half the size
              motion model show my-model                       its classes, what it learnt from, where its weights came from

            Whatever takes a model (motion predict --model, motion label --model) takes such a folder, a run's folder, or a .pth or .safetensors file.
            """
        );
        var run = new Argument<string>("RUN") { Description = "Folder of a run, or of a model." };
        var to = new Argument<string>("DIR") { Description = "Where the model goes; a new folder." };
        var half = new Option<bool>("--half") { Description = "Numbers in half precision (float16)." };
        var save = new Command("save", "Write the model of a run into a folder of its own.") { run, to, half };
        save.SetAction(parsed => Save(parsed.GetRequiredValue(run), parsed.GetRequiredValue(to), parsed.GetValue(half), table));
        var model = new Argument<string>("DIR") { Description = "Folder of a model, of a run, or a file of weights." };
        var show = new Command("show", "Tell what a model is.") { model };
        show.SetAction(parsed =>
            ModelFolder
                .Open(parsed.GetRequiredValue(model))
                .Match(
                    found =>
                    {
                        Console.Write(
                            found.Card is { } card
                                ? ModelFolder.Page(card)
                                : $"{found.Weights}: weights without a card; motion weights inspect says what they fit.\n"
                        );
                        Console.WriteLine($"- weights: {found.Weights} ({new FileInfo(found.Weights).Length / 1e6:0.0} MB)");
                        return ExitCode.Done;
                    },
                    error => Complain.Now(error.Describe(), ExitCode.BadInput)
                )
        );
        command.Subcommands.Add(save);
        command.Subcommands.Add(show);
        return command;
    }

    private static int Save(string run, string to, bool half, StageTable table)
    {
        if (Directory.Exists(to) && Directory.EnumerateFileSystemEntries(to).Any())
            return Complain.Now($"{to} is there already and not empty. Give a new folder.", ExitCode.BadUsage);
        return ModelFolder
            .Open(run)
            .Match(
                model =>
                    model is not { Yaml: { } yaml, Card: { } card }
                        ? Complain.Now(
                            $"{run}: nothing is known of these weights but their numbers, so there is no model to save. Name a run's folder.",
                            ExitCode.BadInput
                        )
                        : ReadSettings
                            .Text(
                                yaml.Text,
                                yaml.File,
                                new Overrides([new("stages.forward.weights", model.Weights, "motion model save", IsText: true)]),
                                table
                            )
                            .Match(
                                settings =>
                                    ModelFolder
                                        .Save(to, settings, model.Weights, Told(card, settings) with { Half = half })
                                        .Match(
                                            _ =>
                                            {
                                                Console.WriteLine(
                                                    $"{to}: {new FileInfo(Path.Combine(to, ModelFolder.WeightsName)).Length / 1e6:0.0} MB"
                                                );
                                                return ExitCode.Done;
                                            },
                                            error => Complain.Now(error.Describe(), ExitCode.BadInput)
                                        ),
                                errors => Complain.Now(errors.Describe(), ExitCode.BadInput)
                            ),
                error => Complain.Now(error.Describe(), ExitCode.BadInput)
            );
    }

    /// <summary>A run's folder tells its seed and threads in its settings.</summary>
    private static ModelCard Told(ModelCard card, PipelineSettings settings) =>
        card.Threads > 0
            ? card
            : card with
            {
                Seed = settings.Run.Seed,
                Threads = settings.Run.Threads,
                Processor = Processor.Name,
                Weights = Origins(settings.OptionsOf<ForwardOptions>(ForwardKind.Kind, Phase.Train)!.Backbone.Weights),
            };

    /// <summary>Where the backbone's numbers are from.</summary>
    public static System.Collections.Immutable.ImmutableArray<string> Origins(string? backbone) =>
        backbone is null ? []
        : Published.WeightStore.Published.FirstOrDefault(known => known.File == Path.GetFileName(backbone)) is { } known
            ? [$"{known.What}; its licence is that of its source"]
        : [$"{Path.GetFileName(backbone)}; its licence is not known here"];
}
