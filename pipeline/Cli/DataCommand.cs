using System.CommandLine;
using System.Text.Json;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Decode;
using Motion.Pipeline.Show;

namespace Motion.Pipeline.Cli;

/// <summary>motion data: data sets as their owners publish them, looked at, split, converted.</summary>
internal static class DataCommand
{
    public static Command Create()
    {
        var command = new Command(
            "data",
            """
            Look at data sets, split them, convert them: YouTube-VIS, COCO, DAVIS, boxes in CSV or JSON, and the forms of annotation tools.

              motion data inspect ytvis/train.json                       what it holds, and what is wrong with it
              motion data split ytvis/train.json --out ytvis             train_train and train_val, ten videos a class
              motion data convert DAVIS dog.json --to youtube-vis        from one form to another; says what is lost
            """
        );
        command.Subcommands.Add(Inspect());
        command.Subcommands.Add(Split());
        command.Subcommands.Add(Convert());
        command.Subcommands.Add(MakeUp());
        command.SetAction(_ =>
        {
            Console.WriteLine($"{command.Description}\n\nmotion data COMMAND --help tells the options of each.");
            return ExitCode.Done;
        });
        return command;
    }

    private static Command Inspect()
    {
        var (path, place) = (PathArgument(), new PlaceOptions("Mistakes are counted and listed, and do not make the command fail."));
        var json = new Option<bool>("--json") { Description = "Print JSON in place of text." };
        var command = new Command(
            "inspect",
            """
            What a data set holds: videos, frames, sizes, classes, boxes, masks; and what is wrong with it.

              motion data inspect ytvis/train.json
              motion data inspect DAVIS --split val
              motion data inspect coco --split val --json

            The format is told by its form. Ends with 3 where something is wrong, unless --lenient is given.
            """
        )
        {
            path,
            json,
        };
        place.AddTo(command);
        command.SetAction(
            (parsed, cancel) =>
                Guard(() =>
                    DataWork
                        .Run("reading", progress => DataInspect.Run(parsed.GetRequiredValue(path), place.Of(parsed), progress), cancel)
                        .Match(inventory => Show(inventory, parsed.GetValue(json), place.Of(parsed).Policy), Fail)
                )
        );
        return command;
    }

    private static int Show(Inventory inventory, bool json, ReadingPolicy policy)
    {
        if (json)
        {
            Console.WriteLine(Legible.Json(JsonSerializer.Serialize(inventory, DataWork.Json)));
        }
        else
        {
            DataText.Print(inventory, Console.Out);
        }

        if (inventory.Problems.IsEmpty || policy is ReadingPolicy.Lenient)
        {
            return ExitCode.Done;
        }

        var others = inventory.Problems.Sum(problem => problem.Count) - 1;
        Console.Error.WriteLine($"motion: {inventory.Problems[0].First[0]}{PolicyOptions.Hint(policy, others)}");
        return ExitCode.BadInput;
    }

    private static Command Split()
    {
        var (path, place) = (PathArgument(), new PlaceOptions());
        var folder = new Option<string>("--out")
        {
            Description = "Folder for train_train and train_val.",
            HelpName = "DIR",
            Required = true,
        };
        var seed = new Option<ulong>("--seed")
        {
            Description = "Decides the draws.",
            HelpName = "N",
            DefaultValueFactory = _ => 1,
        };
        var perClass = new Option<int>("--per-class")
        {
            Description = "Videos to draw a class.",
            HelpName = "N",
            DefaultValueFactory = _ => 10,
        };
        var reading = new Option<SplitReading>("--reading")
        {
            Description = "union: each class draws its own ten, a video drawn twice counts once. fill: classes draw what they still lack.",
            DefaultValueFactory = _ => SplitReading.Union,
        };
        var force = Force();
        var command = new Command(
            "split",
            """
            The paper's split of an annotated set: ten videos a class, drawn at random, to validate (train_val), the others to train (train_train).

              motion data split ytvis/train.json --out ytvis
              motion run FILE.yaml --set stages.decode.train.boxes=ytvis/train_train.json stages.decode.test.boxes=ytvis/train_val.json

            Writes a list of clips for each half (split: FILE takes it), and of JSON sets the JSON of each.
            """
        )
        {
            path,
            folder,
            seed,
            perClass,
            reading,
            force,
        };
        place.AddTo(command);
        command.SetAction(
            (parsed, cancel) =>
                Guard(() =>
                {
                    if (parsed.GetValue(perClass) < 1)
                    {
                        Console.Error.WriteLine($"motion: --per-class must be at least 1; got {parsed.GetValue(perClass)}.");
                        return ExitCode.BadUsage;
                    }

                    var options = new SplitOptions(
                        parsed.GetValue(seed),
                        parsed.GetValue(perClass),
                        parsed.GetValue(reading),
                        parsed.GetValue(force)
                    );
                    return DataWork
                        .Run(
                            "splitting",
                            progress =>
                                DataSplit.Run(
                                    parsed.GetRequiredValue(path),
                                    place.Of(parsed),
                                    parsed.GetRequiredValue(folder),
                                    options,
                                    progress
                                ),
                            cancel
                        )
                        .Match(
                            report =>
                            {
                                DataText.Print(report, options, Console.Out);
                                return ExitCode.Done;
                            },
                            Fail
                        );
                })
        );
        return command;
    }

    private static Command Convert()
    {
        var (path, place) = (
            new Argument<string>("IN") { Description = "A JSON or CSV of annotations, or a folder of any of the layouts in docs/data.md." },
            new PlaceOptions()
        );
        var output = new Argument<string>("OUT")
        {
            Description = "The file to write; a folder for davis, mot, labelme and yolo, and of several clips for cvat and label-studio.",
        };
        var to = new Option<string?>("--to")
        {
            Description = DataWork.Listed(FormHolds.Targets) + ".",
            HelpName = "FORM",
            Required = true,
        }.AcceptOnly(FormHolds.Targets);
        var boxesOnly = new Option<bool>("--boxes-only") { Description = "Leave masks out: what someone with boxes alone would have." };
        var pictures = new Option<PicturesAs>("--with-pictures")
        {
            Description = "davis, yolo: what becomes of the pictures there: none, link or copy.",
            HelpName = "HOW",
            DefaultValueFactory = _ => PicturesAs.None,
        };
        var force = Force();
        var command = new Command(
            "convert",
            """
            From one form to another. Boxes and masks come over to the bit where the target can hold them; what it cannot is listed.

              motion data convert DAVIS davis.json --to youtube-vis
              motion data convert ytvis/train.json boxes.csv --to boxes-csv
              motion data convert ytvis/train.json boxed.json --to youtube-vis --boxes-only
              motion data convert street.csv street.json --to youtube-vis --source street.mp4
              motion data convert street.xml street --to yolo --source street-frames --with-pictures copy
            """
        )
        {
            path,
            output,
            to,
            boxesOnly,
            pictures,
            force,
        };
        place.AddTo(command);
        command.SetAction(
            (parsed, cancel) =>
                Guard(() =>
                    DataWork
                        .Run(
                            "converting",
                            progress =>
                                DataConvert.Run(
                                    parsed.GetRequiredValue(path),
                                    place.Of(parsed),
                                    parsed.GetRequiredValue(output),
                                    new ConvertOptions(
                                        DataWork.Format(parsed.GetValue(to))!.Value,
                                        parsed.GetValue(boxesOnly),
                                        parsed.GetValue(pictures),
                                        parsed.GetValue(force)
                                    ),
                                    progress
                                ),
                            cancel
                        )
                        .Match(
                            report =>
                            {
                                DataText.Print(report, Console.Out);
                                return ExitCode.Done;
                            },
                            Fail
                        )
                )
        );
        return command;
    }

    private static Command MakeUp()
    {
        var file = new Argument<string>("OUT.json") { Description = "The file to write." };
        var (videos, frames, classes) = (
            Number("--videos", 2238, "Videos."),
            Number("--frames", 61845, "Frames of all videos."),
            Number("--classes", 40, "Categories.")
        );
        var (height, width) = (Number("--height", 720, "Of the frames, pixels."), Number("--width", 1280, "Of the frames, pixels."));
        var polygons = new Option<bool>("--polygons") { Description = "Outlines in place of run lengths." };
        var seed = new Option<ulong>("--seed")
        {
            Description = "Decides everything.",
            HelpName = "N",
            DefaultValueFactory = _ => 1,
        };
        var force = Force();
        var command = new Command(
            "make-up",
            """
            A YouTube-VIS file of any size, without pictures, to try tools and to measure them. The default is as large as YouTube-VIS 2019's train.

              motion data make-up /tmp/large.json
              motion data make-up small.json --videos 100 --frames 2000 --classes 5
            """
        )
        {
            file,
            videos,
            frames,
            classes,
            height,
            width,
            polygons,
            seed,
            force,
        };
        command.SetAction(
            (parsed, cancel) =>
                Guard(() =>
                {
                    var options = new MakeUpOptions(
                        parsed.GetValue(videos),
                        parsed.GetValue(frames),
                        parsed.GetValue(classes),
                        parsed.GetValue(height),
                        parsed.GetValue(width),
                        parsed.GetValue(polygons),
                        parsed.GetValue(seed),
                        parsed.GetValue(force)
                    );
                    var path = parsed.GetRequiredValue(file);
                    return DataWork
                        .Run("writing", progress => DataSets.MakeUp.Write(path, options, progress), cancel)
                        .Match(
                            _ =>
                            {
                                Console.WriteLine(
                                    $"{path}: {options.Videos} videos, {options.Frames} frames, {new FileInfo(path).Length / 1e6:0.0} MB"
                                );
                                return ExitCode.Done;
                            },
                            Fail
                        );
                })
        );
        return command;
    }

    private static Argument<string> PathArgument() =>
        new("PATH") { Description = "A JSON or CSV of annotations, a video, or a folder of any of the layouts in docs/data.md." };

    private static Option<bool> Force() => new("--force") { Description = "Overwrite what is there." };

    private static Option<int> Number(string name, int value, string description) =>
        new(name)
        {
            Description = description,
            HelpName = "N",
            DefaultValueFactory = _ => value,
        };

    private static int Fail(DecodeError error)
    {
        Console.Error.WriteLine($"motion: {error.Describe()}");
        return error is DecodeError.BadSetting ? ExitCode.BadUsage : ExitCode.BadInput;
    }

    /// <summary>Ctrl-C leaves no half file behind: the writing is unwound.</summary>
    private static Task<int> Guard(Func<int> work)
    {
        try
        {
            return Task.FromResult(work());
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("motion: stopped; nothing was written.");
            return Task.FromResult(ExitCode.Interrupted);
        }
    }
}

/// <summary>Options by which a data set is found.</summary>
internal sealed class PlaceOptions(string lenient = PolicyOptions.Lenient)
{
    private readonly PolicyOptions _policy = new(lenient);
    private readonly Option<string?> _format = new Option<string?>("--format")
    {
        Description = DataWork.Listed([.. Enum.GetValues<DataFormat>()]) + "; told by the form where not given.",
        HelpName = "FORM",
    }.AcceptOnly([.. Enum.GetValues<DataFormat>()]);
    private readonly Option<string?> _split = new("--split")
    {
        Description = "A split by its name (train, val), or a file that lists clips.",
        HelpName = "NAME",
    };
    private readonly Option<string?> _pictures = new("--pictures")
    {
        Description = "Folder of the pictures, where it is not found beside the annotations.",
        HelpName = "DIR",
    };
    private readonly Option<string?> _source = new("--source")
    {
        Description = "Boxes: the video, or the folder of pictures, that they are about.",
        HelpName = "PATH",
    };
    private readonly Option<bool> _clip = new("--clip-boxes") { Description = "Accept boxes that reach over the border of their frame." };

    private readonly Option<bool> _anywhere = new("--pictures-anywhere")
    {
        Description = "Let names of pictures in a JSON be absolute, or lead out of the folder of pictures.",
    };

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_format, _split, _pictures, _source, _clip, _anywhere])
        {
            command.Options.Add(option);
        }

        _policy.AddTo(command);
    }

    public DataPlace Of(ParseResult parsed) =>
        new(
            DataWork.Format(parsed.GetValue(_format)),
            parsed.GetValue(_split),
            parsed.GetValue(_pictures),
            parsed.GetValue(_source),
            parsed.GetValue(_clip),
            parsed.GetValue(_anywhere),
            DecodeSources.ProbeVideos,
            _policy.Of(parsed)
        );
}
