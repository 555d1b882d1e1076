using System.Collections.Immutable;
using System.CommandLine;

namespace Motion.Pipeline.Cli;

/// <summary>What label and predict ask alike: of which videos, where to, on how many threads, and with which settings.</summary>
internal sealed class VideoOptions
{
    private readonly Option<string[]> _source = new("--source")
    {
        Description = "Videos, a folder of videos, a folder of pictures, or a folder in DAVIS's layout.",
        Required = true,
        AllowMultipleArgumentsPerToken = true,
        HelpName = "V",
    };
    private readonly Option<string[]> _clips = new("--clip")
    {
        Description = "Only these clips of the source.",
        AllowMultipleArgumentsPerToken = true,
        HelpName = "NAME",
    };
    private readonly Option<string> _out = new("--out")
    {
        Description = "Folder for all that is made.",
        Required = true,
        HelpName = "DIR",
    };
    private readonly Option<int> _threads = new("--threads")
    {
        Description = "Threads of one tensor operation; results depend on it by rounding.",
        DefaultValueFactory = _ => Math.Min(2, Environment.ProcessorCount),
        HelpName = "N",
    };
    private readonly Option<string[]> _set;

    /// <param name="settings">What --set may say.</param>
    public VideoOptions(string settings)
    {
        _set = new("--set")
        {
            Description = settings,
            AllowMultipleArgumentsPerToken = true,
            HelpName = "KEY=VALUE",
        };
        _threads.Within(1, 256);
    }

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_source, _clips, _out, _threads, _set])
            command.Options.Add(option);
    }

    public ImmutableArray<string> Sources(ParseResult parsed) => [.. parsed.GetRequiredValue(_source)];

    public ImmutableArray<string> Clips(ParseResult parsed) => [.. parsed.GetValue(_clips) ?? []];

    public string Out(ParseResult parsed) => parsed.GetRequiredValue(_out);

    public int Threads(ParseResult parsed) => parsed.GetValue(_threads);

    public ImmutableArray<string> Set(ParseResult parsed) => [.. parsed.GetValue(_set) ?? []];
}
