using System.IO.Hashing;
using System.Text;
using Motion.Contracts;
using Motion.Flow;
using Motion.Kernels;
using Motion.Pipeline.Running;
using Motion.Pipeline.Settings;
using Motion.Pipeline.Yaml;
using static TorchSharp.torch;

namespace Motion.Pipeline.Stages;

/// <summary>Settings of the flow stage that are the pipeline's own.</summary>
/// <param name="Cache">Whether estimated flow is kept on disk, so that a frame that comes again is not estimated again.</param>
/// <param name="CacheFolder">Where; the run's own cache folder where not given. Runs may share one: a file's name says exactly what it holds.</param>
internal sealed record CacheSettings(bool Cache = true, string? CacheFolder = null);

/// <summary>
/// A memo of the flow stage on disk. A file is named by the content of both frames, the step between them, the settings of the network, the content of its
/// weights file, and what else decides the bits (device, threads): so a hit is the same to the bit, and a file can only be stale if a hash collides.
/// </summary>
internal static class FlowCache
{
    private const string Entry = "flow";

    /// <summary>Whether a network's answer is worth keeping.</summary>
    public static bool Estimates(FlowSource network) => network is FlowSource.Gma or FlowSource.RaftSmall;

    /// <summary>The stage with the memo in front, where the settings want it and the network estimates.</summary>
    public static EstimateFlow Over(EstimateFlow estimate, StageSettings stage, StageContext context)
    {
        var options = stage.Of<FlowOptions>(context.Phase);
        if (stage.Extras is not CacheSettings { Cache: true } cache || !Estimates(options.Network)) return estimate;
        var folder = cache.CacheFolder ?? context.Folder.Cache;
        Directory.CreateDirectory(folder);
        var settings = Identity(options, context.Settings.Run);
        return pair =>
        {
            var path = Path.Combine(folder, $"{NameOf(pair, settings)}.safetensors");
            return Find(path, pair) is { } known ? known : estimate(pair).Map(frame => Keep(path, frame));
        };
    }

    /// <summary>Everything but the frames that decides the answer.</summary>
    private static byte[] Identity(FlowOptions options, RunSettings run)
    {
        var (weights, settings) = options.Weights is { } path && File.Exists(path) ? (HashOf(path), options with { Weights = null }) : ("", options);
        return Encoding.UTF8.GetBytes(string.Create(null, $"{WriteYaml.Text(WriteYaml.Map(settings))}|{weights}|{run.Device}|{run.Threads}"));
    }

    private static string HashOf(string file)
    {
        using var stream = InputFile.Open(file, bufferSize: 1 << 16);
        var hash = new XxHash128();
        hash.Append(stream);
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    private static string NameOf(FramePair pair, byte[] settings)
    {
        var hash = new XxHash128();
        hash.Append(settings);
        hash.Append(Encoding.UTF8.GetBytes(string.Create(null, $"{pair.Step}|{string.Join(',', pair.First.shape)}|")));
        Append(hash, pair.First);
        Append(hash, pair.Second);
        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    private static void Append(XxHash128 hash, Tensor image) => image.Read(bytes =>
    {
        hash.Append(bytes);
        return bytes.Length;
    });

    /// <summary>The frame with its flow from disk; null where there is no file, or one that cannot be used (it is then made anew).</summary>
    private static FlowFrame? Find(string path, FramePair pair)
    {
        if (!File.Exists(path)) return null;
        return Safetensors.Read(path).Bind(weights => Safetensors.ReadMetadata(path).Map(said => Frame(weights, said.GetValueOrDefault("network", "unknown"), pair))).Match(frame => frame, _ => null);
    }

    private static FlowFrame? Frame(Contracts.Weights weights, string network, FramePair pair)
    {
        using var file = weights;
        if (weights.Find(Entry) is not { } flow || flow.dtype != ScalarType.Float32 || !flow.shape.SequenceEqual([2, .. pair.First.shape[1..]])) return null;
        var frame = new FlowFrame(pair.Key, pair.OriginalSize, pair.First.alias(), flow.alias(), pair.Step, network, pair.Truth);
        pair.Dispose();
        return frame;
    }

    /// <summary>Writes the flow under a temporary name, then renames it. A full disk costs the memo, not the run.</summary>
    private static FlowFrame Keep(string path, FlowFrame frame)
    {
        _ = Safetensors.Write(path, [new(Entry, frame.Flow)], System.Collections.Immutable.ImmutableDictionary<string, string>.Empty.Add("network", frame.FlowNetwork));
        return frame;
    }
}
