using System.CommandLine;
using System.CommandLine.Help;
using Motion.Pipeline.Settings;
using Motion.Runner.Recordings;
using Motion.Runner.Settings;
using Motion.Runner.Text;

namespace Motion.Pipeline.Cli;

/// <summary>The command line.</summary>
internal static class Commands
{
    public static string Lesson { get; } =
        Hints.Typed(
            """
            Motion.Pipeline: videos and boxes in, masks out.

              motion label --source my.mp4 --boxes B.csv --out D  masks for a video's boxes, and for the frames between them
              motion predict --model D/model --source V --out P   masks of the next video, without a box
              motion model show D/model                           what a model is; save makes one of a run
              motion run pipeline.yaml                            train on made-up clips, evaluate, write a report
              motion run FILE.yaml --data /data/ytvis             the same on your data (decode.path, or ${data} in the yaml)
              motion run FILE.yaml --set train.iterations=500     change any value of the yaml
              motion run FILE.yaml --source my.mp4 --boxes B.csv  one video and its boxes
              motion run FILE.yaml --set stages.flow.process=own  a stage in a process of its own; same results
              motion run FILE.yaml --resume                       go on where Ctrl-C stopped a run, to the same bytes
              motion tables pipelines/paper --scale small         the runs behind a paper's tables, measured beside published
              motion compare A.yaml B.yaml --data DAVIS           which of two methods is better, with an interval
              motion figures runs/NAME                            truth and masks side by side; what each stream gives the masks
              motion studio my.mp4                                boxes and masks in the browser: draw, label, look at the worst first, take away
              motion replay runs/NAME --stage loss                feed a stage what it was fed; compare its answers bit for bit
              motion verify --runs 1000                           hunt for counterexamples to the laws of the method
              motion verify --run runs/NAME                       check the laws on what a run recorded
              motion data inspect ytvis/train.json                what a data set holds, and what is wrong with it
              motion evaluate --gt A.json --dt R.json --type segm AP of anybody's COCO or YouTube-VIS files
              motion parity FOLDER                                recompute a folder of reference numbers and compare
              motion weights fetch gma-sintel                     published weights, once; inspect and convert files of weights

            motion COMMAND --help tells the options of a command.
            Exit codes: 0 done, 1 a check failed, 2 bad command line or yaml, 3 bad input, 4 a bug, 130 stopped by Ctrl-C.
            """
        );

    public static Command Root(StageTable table)
    {
        var root = new Command("motion", Lesson);
        root.Options.Add(new HelpOption { Action = new ShortHelp(root, Lesson) });
        root.Subcommands.Add(Run(table));
        root.Subcommands.Add(LabelCommand.Create(table));
        root.Subcommands.Add(PredictCommand.Create(table));
        root.Subcommands.Add(ModelCommand.Create(table));
        root.Subcommands.Add(Replay(table));
        root.Subcommands.Add(TablesCommand.Create(table));
        root.Subcommands.Add(CompareCommand.Create(table));
        root.Subcommands.Add(FiguresCommand.Create(table));
        root.Subcommands.Add(EvaluateCommand.Create());
        root.Subcommands.Add(WeightsCommand.Create());
        root.Subcommands.Add(Verify());
        root.Subcommands.Add(DataCommand.Create());
        root.Subcommands.Add(StudioCommand.Create());
        root.Subcommands.Add(ParityCommand.Create());
        root.Subcommands.Add(Schema(table));
        root.Subcommands.Add(Stage(table));
        root.SetAction(_ =>
        {
            Console.WriteLine(Lesson);
            return ExitCode.Done;
        });
        return root;
    }

    private static Command Replay(StageTable table)
    {
        var run = new Argument<string>("RUN") { Description = "Folder of a run with recordings (record: true on a stage)." };
        var stage = new Option<string>("--stage")
        {
            Description = $"{string.Join(", ", table.Kinds.Select(kind => kind.Name))}.",
            HelpName = "NAME",
            Required = true,
        };
        var phase = new Option<string?>("--phase")
        {
            Description = "train, test, or another folder of recordings; the first that has the stage where not given.",
            HelpName = "PHASE",
        };
        var command = new Command("replay", "Feed a stage what it was fed, and compare its answers bit for bit.") { run, stage, phase };
        command.SetAction(
            (parsed, _) => ReplayCommand.Run(parsed.GetRequiredValue(run), parsed.GetRequiredValue(stage), parsed.GetValue(phase), table)
        );
        return command;
    }

    /// <summary>
    /// The laws live with the tests, in a program of their own that the script ./motion builds and starts; here is only its name.
    /// </summary>
    private static Command Verify()
    {
        var rest = new Argument<string[]>("...") { Description = "As ./motion verify --help says.", Arity = ArgumentArity.ZeroOrMore };
        var command = new Command("verify", "Hunt for counterexamples to the laws of the method, or check them on what a run recorded.")
        {
            rest,
        };
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction(
            (_, _) =>
                Complain.Say(
                    "verify is started by the script motion in the root of the source tree: ./motion verify --help",
                    ExitCode.BadUsage
                )
        );
        return command;
    }

    /// <summary>For editors; pipelines/schema.json is what it prints.</summary>
    private static Command Schema(StageTable table)
    {
        var command = new Command(
            "schema",
            "Print the JSON schema of a pipeline yaml, by which editors complete and check (pipelines/schema.json, for stages of your own too)."
        );
        command.SetAction(_ =>
        {
            Console.Write(YamlSchema.Text(table));
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Stage(StageTable table)
    {
        var (run, phase, stage, socket, runner, start) = (
            Text("--run"),
            Text("--phase"),
            Text("--stage"),
            Text("--socket"),
            Text("--runner"),
            Text("--start")
        );
        var command = new Command("stage", "A stage in a process of its own; started by motion run.")
        {
            run,
            phase,
            stage,
            socket,
            runner,
            start,
        };
        command.Hidden = true;
        command.SetAction(
            (parsed, _) =>
                StageCommand.Run(
                    parsed.GetRequiredValue(run),
                    parsed.GetRequiredValue(phase),
                    parsed.GetRequiredValue(stage),
                    parsed.GetRequiredValue(socket),
                    parsed.GetRequiredValue(runner),
                    parsed.GetRequiredValue(start),
                    table
                )
        );
        return command;

        static Option<string> Text(string name) => new(name) { Required = true };
    }

    private static Command Run(StageTable table)
    {
        var file = new Argument<string>("FILE.yaml") { Description = "The pipeline; pipelines/ has examples." };
        var data = new Option<string?>("--data")
        {
            Description = "Path of the data: decode.path, or what ${data} stands for in the yaml.",
            HelpName = "PATH",
        };
        var clips = new Option<string[]>("--clip")
        {
            Description = "Only these clips.",
            HelpName = "NAME",
            AllowMultipleArgumentsPerToken = true,
        };
        var source = new Option<string?>("--source")
        {
            Description = "One video (any file that ffmpeg reads) in place of the yaml's source.",
            HelpName = "FILE",
        };
        var boxes = new Option<string?>("--boxes") { Description = "Boxes of that video, CSV or JSON.", HelpName = "FILE" };
        var seed = new Option<ulong?>("--seed") { Description = "The seed of everything (run.seed).", HelpName = "N" };
        var name = new Option<string?>("--name") { Description = "Name of the run's folder (run.name).", HelpName = "NAME" };
        var set = new Option<string[]>("--set")
        {
            Description = "Any value of the yaml: stages.forward.optimiser.learningRate=0.02",
            HelpName = "KEY=VALUE",
            AllowMultipleArgumentsPerToken = true,
        };
        var with = new Option<string[]>("--with")
        {
            Description = "Yaml files laid over the pipeline, the last on top.",
            HelpName = "FILE.yaml",
            AllowMultipleArgumentsPerToken = true,
        };
        var resume = new Option<bool>("--resume") { Description = "Go on with the run of that name from its last checkpoint." };
        var check = new Option<bool>("--check")
        {
            Description = "Run nothing: check the yaml and print it with every default written out.",
        };
        var plain = new Option<bool>("--plain") { Description = "Lines instead of a table that renews itself." };
        var command = new Command(
            "run",
            "Train, evaluate and report, as a yaml says. Results go to runs/NAME; a name that is taken gets a number."
        )
        {
            file,
            data,
            clips,
            source,
            boxes,
            seed,
            name,
            set,
            with,
            resume,
            check,
            plain,
        };
        command.SetAction(
            (parsed, _) =>
                RunCommand.Run(
                    new RunRequest(
                        parsed.GetRequiredValue(file),
                        new(
                            parsed.GetValue(data),
                            [.. parsed.GetValue(clips) ?? []],
                            parsed.GetValue(source),
                            parsed.GetValue(boxes),
                            parsed.GetValue(seed),
                            parsed.GetValue(name),
                            [.. parsed.GetValue(set) ?? []],
                            [.. parsed.GetValue(with) ?? []]
                        ),
                        parsed.GetValue(resume),
                        parsed.GetValue(check),
                        parsed.GetValue(plain)
                    ),
                    table
                )
        );
        return command;
    }
}
