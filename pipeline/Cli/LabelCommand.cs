using System.Collections.Immutable;
using System.CommandLine;
using Motion.Contracts;
using Motion.Pipeline.Labelling;
using Motion.Runner.Folders;
using Motion.Runner.Settings;

namespace Motion.Pipeline.Cli;

/// <summary>motion label.</summary>
internal static class LabelCommand
{
    public static Command Create(StageTable table)
    {
        var source = new Option<string[]>("--source") { Required = true, AllowMultipleArgumentsPerToken = true, HelpName = "V" };
        var clips = new Option<string[]>("--clip") { AllowMultipleArgumentsPerToken = true };
        var boxes = new Option<string?>("--boxes");
        var to = new Option<string>("--out") { Required = true };
        var iterations = new Option<int?>("--iterations");
        var threads = new Option<int>("--threads") { DefaultValueFactory = _ => 1 };
        var seed = new Option<ulong>("--seed") { DefaultValueFactory = _ => 1 };
        var set = new Option<string[]>("--set") { AllowMultipleArgumentsPerToken = true };
        var truth = new Option<string?>("--truth");
        var keys = new Option<int>("--keys") { DefaultValueFactory = _ => 1 };
        var command = new Command("label", "Masks for boxes.") { source, clips, boxes, to, iterations, threads, seed, set, truth, keys };
        command.SetAction((parsed, _) => Run(new LabelRequest([.. parsed.GetRequiredValue(source)], parsed.GetRequiredValue(to))
        {
            Clips = [.. parsed.GetValue(clips) ?? []],
            Boxes = parsed.GetValue(boxes),
            Iterations = parsed.GetValue(iterations),
            Threads = parsed.GetValue(threads),
            Seed = parsed.GetValue(seed),
            Set = [.. parsed.GetValue(set) ?? []],
            Truth = parsed.GetValue(truth),
            Keys = parsed.GetValue(keys),
        }, table));
        return command;
    }

    private static async Task<int> Run(LabelRequest request, StageTable table)
    {
        var folder = new LabelFolder(request.Out);
        Directory.CreateDirectory(folder.Cache);
        if (Footage.Find(request.Sources, request.Clips, folder.Links) is not Result<Footage, DecodeError>.Ok(var footage)) return Complain.Now("bad source", 3);
        if (await LabelWork.Plan(request, footage) is not Result<LabelPlan, LabelError>.Ok(var plan)) return Complain.Now("no boxes", 3);
        var settings = Recipe.Settings(request, footage, null, null, table).Match(s => s, e => throw new InvalidOperationException(e.Describe()));
        var progress = new ProgressFile(folder.Progress, TimeProvider.System);
        var begun = Environment.CpuUsage.TotalTime;
        var run = settings;
        string weights; RunFolder runFolder;
        if (Environment.GetEnvironmentVariable("REUSE") is not null)
        {
            runFolder = new RunFolder(settings.RunFolder);
            weights = runFolder.AllCheckpoints().Last().Path;
        }
        else
        {
            switch (await LabelWork.Train(settings, table, progress, true, default))
            {
                case Result<(string, RunFolder), LabelError>.Ok(var found): (weights, runFolder) = found; break;
                case Result<(string, RunFolder), LabelError>.Error(var error): return Complain.Now(error.Text, error.Code);
                default: return 4;
            }
        }

        Console.WriteLine($"trained, cpu {(Environment.CpuUsage.TotalTime - begun).TotalSeconds:0.0}");
        switch (await LabelWork.Draw(settings, runFolder, plan, weights, progress, Console.Error.WriteLine, default))
        {
            case Result<(ImmutableArray<DrawnClip> Clips, ImmutableArray<string>), LabelError>.Ok(var drawn):
                Console.WriteLine($"cpu {Environment.CpuUsage.TotalTime.TotalSeconds:0.0}");
                foreach (var p in drawn.Item2) Console.Error.WriteLine(p);
                if (request.Truth is { } truth)
                {
                    foreach (var line in (await Measure.Of(drawn.Clips, truth)).Match(all => Measure.Lines(all), e => [e.Describe()])) Console.WriteLine(line);
                }

                return 0;
            case Result<(ImmutableArray<DrawnClip> Clips, ImmutableArray<string>), LabelError>.Error(var error): return Complain.Now(error.Text, error.Code);
            default: return 4;
        }
    }
}
