using System.CommandLine;
using Motion.DataSets;

namespace Motion.Pipeline.Cli;

/// <summary>By which rules files of annotations and results are read: the same three of every command.</summary>
internal sealed class PolicyOptions
{
    /// <summary>What --lenient does where nothing else is said of it.</summary>
    public const string Lenient = "Leave out what is mistaken, count it and list it, instead of stopping.";

    private readonly Option<bool> _lenient;
    private readonly Option<bool> _asPycocotools = new("--as-pycocotools")
    {
        Description = "Take what pycocotools and the YouTube-VIS API take (docs/data.md).",
    };

    public PolicyOptions(string lenient = Lenient)
    {
        _lenient = new("--lenient") { Description = lenient };
        _asPycocotools.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<bool>() && result.Parent?.GetResult(_lenient)?.GetValueOrDefault<bool>() is true)
                result.AddError("--lenient and --as-pycocotools are two answers to one question: give one");
        });
    }

    public void AddTo(Command command)
    {
        command.Options.Add(_lenient);
        command.Options.Add(_asPycocotools);
    }

    public ReadingPolicy Of(ParseResult parsed) =>
        parsed.GetValue(_lenient) ? ReadingPolicy.Lenient
        : parsed.GetValue(_asPycocotools) ? ReadingPolicy.AsPycocotools
        : ReadingPolicy.Strict;

    /// <summary>What follows the sentence about the first mistake.</summary>
    /// <param name="policy">By which rules it is one.</param>
    /// <param name="others">How many more are known.</param>
    public static string Hint(ReadingPolicy policy, long others = 0) =>
        policy is not ReadingPolicy.Strict
            ? ""
            : $" ({(others > 0 ? $"{others} more; " : "")}--lenient goes on without {(others > 0 ? "them" : "it")}, --as-pycocotools takes what that takes)";
}
