using System.Text.RegularExpressions;

namespace Motion.Flow;

/// <summary>
/// torchvision's names of RAFT's tensors (<c>feature_encoder.layer1.0.convnormrelu1.0.weight</c>) and those of the authors.
/// </summary>
/// <remarks>
/// torchvision, models/optical_flow/raft.py: the same layers in other containers. Its raft_large is the authors' RAFT, which is no network
/// here.
/// </remarks>
public static partial class TorchvisionRaft
{
    /// <summary>The authors' name; a name that is not torchvision's stays.</summary>
    public static string Published(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return Name().IsMatch(name) ? Parts.Aggregate(name, (text, part) => part.Pattern.Replace(text, part.Published)) : name;
    }

    /// <summary>
    /// Whether the names are of torchvision's large network: its encoders have two convolutions a block and norms with numbers of their
    /// own.
    /// </summary>
    public static bool IsLarge(IEnumerable<string> names) => names.Any(name => Large().IsMatch(name));

    private static readonly (Regex Pattern, string Published)[] Parts =
    [
        (new(@"\bfeature_encoder\."), "fnet."),
        (new(@"\bcontext_encoder\."), "cnet."),
        (new(@"^([fc]net)\.convnormrelu\.0\."), "$1.conv1."),
        (new(@"^([fc]net)\.convnormrelu\.1\."), "$1.norm1."),
        (new(@"^([fc]net)\.conv\."), "$1.conv2."),
        (new(@"\.convnormrelu([1-3])\.0\."), ".conv$1."),
        (new(@"\.convnormrelu([1-3])\.1\."), ".norm$1."),
        (new(@"\.motion_encoder\.convcorr([12])\.0\."), ".encoder.convc$1."),
        (new(@"\.motion_encoder\.convflow([12])\.0\."), ".encoder.convf$1."),
        (new(@"\.motion_encoder\.conv\.0\."), ".encoder.conv."),
        (new(@"\.recurrent_block\.convgru\."), ".gru."),
    ];

    [GeneratedRegex(@"^(feature_encoder|context_encoder|update_block\.(motion_encoder|recurrent_block))\.")]
    private static partial Regex Name();

    [GeneratedRegex(@"(^|\.)(mask_predictor\.|update_block\.recurrent_block\.convgru[12]\.)")]
    private static partial Regex Large();
}
