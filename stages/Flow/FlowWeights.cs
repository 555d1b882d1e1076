using Motion.Contracts;
using Motion.Kernels;
using static TorchSharp.torch;

namespace Motion.Flow;

/// <summary>A network's weights, read or drawn, checked and brought to the device.</summary>
public static class FlowWeights
{
    /// <summary>The weights that the settings name.</summary>
    /// <returns>Exactly the network's tensors, float32 on the device; or what is wrong with the file.</returns>
    public static Result<Weights, FlowError> Load(FlowNetwork network, FlowOptions options, Device device) =>
        options.Weights switch
        {
            null or "" => new FlowError.BadSetting(
                "flow.weights",
                $"network {network.Name} needs a file of weights, and none is given",
                $"Fetch {network.Source} and give its path (.pth or .safetensors), or say {FlowOptions.RandomWeights} to start from scratch."
            ),
            FlowOptions.RandomWeights => OnDevice(
                Initialise.Draw(network.Entries, new Seed((ulong)(options.Seed ?? 0)).Derive(network.Name)),
                device
            ),
            var path => Read(network, path, device),
        };

    /// <summary>Published names brought to those of the network: a doubled name once, unused tensors left out.</summary>
    /// <param name="network">Says which names are which.</param>
    /// <param name="published">As in a file, without "module.". Consumed.</param>
    /// <returns>An error where two names of one tensor hold different numbers: PyTorch would take the one it sets last.</returns>
    public static Result<Weights, WeightsError> Canonical(FlowNetwork network, Weights published)
    {
        var kept = new Dictionary<string, (string File, Tensor Tensor)>(StringComparer.Ordinal);
        WeightsError? problem = null;
        foreach (var (name, tensor) in published.All)
        {
            if (network.Canonical(name) is not { } canonical)
            {
                tensor.Dispose();
            }
            else if (!kept.TryAdd(canonical, (name, tensor)))
            {
                problem ??= Tensors.SameBits(kept[canonical].Tensor, tensor) ? null : new WeightsError.TwoOfOne(kept[canonical].File, name);
                tensor.Dispose();
            }
        }

        var weights = Weights.Of(kept.Select(pair => KeyValuePair.Create(pair.Key, pair.Value.Tensor)));
        if (problem is null)
        {
            return weights;
        }

        weights.Dispose();
        return problem;
    }

    /// <summary>What stands before a network's names among those of a file.</summary>
    public static string PrefixOf(FlowNetwork network, IEnumerable<string> names) =>
        WeightNames.Prefix(names, network.Canonical, network.Entries.Select(entry => entry.Name).ToHashSet(StringComparer.Ordinal));

    private static Result<Weights, FlowError> Read(FlowNetwork network, string path, Device device) =>
        WeightFiles
            .Read(path)
            .Bind(published => NotLarge(path, published))
            .Map(published => WeightNames.Under(published, PrefixOf(network, published.All.Select(pair => pair.Key))))
            .Bind(published => Canonical(network, published))
            .Bind(weights => Checked(network, weights))
            .Map(weights => OnDevice(weights, device))
            .MapError<Weights, WeightsError, FlowError>(error => new FlowError.BadWeights(
                path,
                $"not weights of network {network.Name}: {error.Problem}"
            ));

    /// <summary>A network of the same family that one could take for one of ours.</summary>
    private static Result<Weights, WeightsError> NotLarge(string path, Weights published)
    {
        if (!TorchvisionRaft.IsLarge(published.All.Select(pair => pair.Key)))
        {
            return published;
        }

        published.Dispose();
        return new WeightsError.NoWeights(path, "it is torchvision's raft_large, and of torchvision's two networks raft_small is read");
    }

    private static Result<Weights, WeightsError> Checked(FlowNetwork network, Weights weights)
    {
        var result = WeightNames.Check(weights, Spec.Shapes(network.Entries)).Bind(fitting => WeightNames.CheckTypes(fitting, _ => false));
        if (!result.IsOk)
        {
            weights.Dispose();
        }

        return result;
    }

    /// <summary>The same numbers, float32 on the device. Consumes the weights.</summary>
    private static Weights OnDevice(Weights weights, Device device) =>
        Weights.Of(
            weights
                .All.Select(pair =>
                {
                    using var scope = NewDisposeScope();
                    var moved = pair.Value.to(ScalarType.Float32).to(device).alias().DetachFromDisposeScope();
                    pair.Value.Dispose();
                    return KeyValuePair.Create(pair.Key, moved);
                })
                .ToList()
        );
}
