using System.IO.Hashing;
using System.Text;
using System.Text.Json;
using Motion.Contracts;
using Motion.Kernels;
using static TorchSharp.torch;

namespace Motion.Flow;

/// <summary>
/// A memo of the flow stage on disk. A file is named by the content of both frames, the step between them, the settings of the network, the
/// content of its weights file, and what else decides the bits (device, threads): so a hit is the same to the bit, and a file can only be
/// stale if a hash collides.
/// </summary>
internal static class FlowCache
{
    private const string Entry = "flow";
    private const string Named = "name";

    /// <summary>The stage with the memo in front, where the settings want it and the network estimates.</summary>
    public static EstimateFlow Over(EstimateFlow estimate, FlowOptions options, StageContext context)
    {
        if (context.Extras is not FlowCacheOptions { Cache: true } cache || !options.Source().Estimates())
            return estimate;
        var folder = cache.CacheFolder ?? context.Cache;
        Directory.CreateDirectory(folder);
        WholeFile.Sweep(folder);
        var settings = Identity(options, context);
        return pair =>
        {
            var path = Path.Combine(folder, $"{NameOf(pair, settings)}.safetensors");
            return Find(path, pair, context.Warn) is { } known ? known : estimate(pair).Map(frame => Keep(path, frame));
        };
    }

    /// <summary>Everything but the frames that decides the answer.</summary>
    private static byte[] Identity(FlowOptions options, StageContext context)
    {
        var (weights, settings) =
            options.Weights is { } path && File.Exists(path) ? (HashOf(path), options with { Weights = null, Seed = null }) : ("", options);
        return Encoding.UTF8.GetBytes(
            string.Create(null, $"{JsonSerializer.Serialize(settings)}|{weights}|{context.Device}|{context.Threads}")
        );
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

    private static void Append(XxHash128 hash, Tensor image) =>
        image.Read(bytes =>
        {
            hash.Append(bytes);
            return bytes.Length;
        });

    /// <summary>
    /// The frame with its flow from disk; null where there is no file, or one that cannot be used: it is then made anew, with a line where
    /// it is damaged.
    /// </summary>
    private static FlowFrame? Find(string path, FramePair pair, Action<string> warn)
    {
        if (!File.Exists(path))
            return null;
        var found = WeightFiles.Open(path).Match(file => Frame(file, path, pair), error => (Frame: null, IsDamaged: true));
        if (found.IsDamaged)
            warn($"{path} is damaged: that flow is estimated again");
        return found.Frame;
    }

    /// <summary>An entry without a checksum is of an earlier version, and made anew in silence.</summary>
    private static (FlowFrame? Frame, bool IsDamaged) Frame(WeightsFile file, string path, FramePair pair)
    {
        using var weights = file.Weights;
        var (said, name) = (file.Metadata, Path.GetFileNameWithoutExtension(path));
        if (!said.ContainsKey(Seal.Key))
            return (null, false);
        if (said.GetValueOrDefault(Named) != name)
            return (null, true); // the entry of another frame under this one's name
        if (
            weights.Find(Entry) is not { } flow
            || flow.dtype != ScalarType.Float32
            || !flow.shape.SequenceEqual([2, .. pair.First.shape[1..]])
        )
            return (null, true);
        var frame = new FlowFrame(
            pair.Key,
            pair.OriginalSize,
            pair.First.alias(),
            flow.alias(),
            pair.Step,
            said.GetValueOrDefault("network", "unknown"),
            pair.Truth
        );
        pair.Dispose();
        return (frame, false);
    }

    /// <summary>
    /// Writes the flow with its checksum and its own name, under a temporary name that is then changed. A full disk costs the memo, not the
    /// run.
    /// </summary>
    private static FlowFrame Keep(string path, FlowFrame frame)
    {
        KeyValuePair<string, string>[] said = [new("network", frame.FlowNetwork), new(Named, Path.GetFileNameWithoutExtension(path))];
        _ = Safetensors.WriteSealed(path, [new(Entry, frame.Flow)], said, lasting: false);
        return frame;
    }
}
