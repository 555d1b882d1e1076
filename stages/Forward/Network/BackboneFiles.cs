using System.Collections.Immutable;
using Motion.Contracts;
using Motion.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Forward;

/// <summary>Pretrained backbones in the forms they are published in.</summary>
public static class BackboneFiles
{
    /// <summary>
    /// A file's backbone under detectron2's names within the backbone; what else the file holds is left out. Caffe2's affine-only norms get
    /// the statistics that they were folded with: mean 0, variance 1. Consumes the weights.
    /// </summary>
    /// <returns>The tensors as they are in the file, element types included; or what is wrong.</returns>
    public static Result<Weights, string> Canonical(Weights file) =>
        KerasResNet.Recognises(file)
            ? KerasResNet.ToTorchvision(file).Bind(Renamed)
            : Renamed(WeightNames.Under(file, PrefixOf(file.All.Select(pair => pair.Key))));

    /// <summary>What stands before a backbone's names among those of a file.</summary>
    public static string PrefixOf(IEnumerable<string> names) => WeightNames.Prefix(names, BackboneNames.Detectron, Known);

    private static readonly HashSet<string> Known =
    [
        .. Backbones
            .Entries(new BackboneOptions { Network = BackboneNetwork.Resnet101 })
            .Concat(Backbones.Entries(new BackboneOptions { Network = BackboneNetwork.Small }))
            .Select(entry => entry.Name),
    ];

    /// <summary>Reads a backbone and gives it detectron2's names under <see cref="Backbones.Scope"/>; float16 becomes float32.</summary>
    internal static Result<Weights, ForwardError> Read(string path, BackboneOptions options) =>
        from file in WeightFiles.Read(path).MapError(error => Refusal.OfWeights(path, error.Problem))
        from named in Canonical(file).MapError(problem => Refusal.OfWeights(path, $"{problem}. Choose another file."))
        from backbone in Fitting(path, named, options)
        select backbone;

    private static Result<Weights, string> Renamed(Weights file)
    {
        var kept = new Dictionary<string, (string File, Tensor Tensor)>(StringComparer.Ordinal);
        string? problem = null;
        foreach (var (name, tensor) in file.All)
        {
            if (BackboneNames.Detectron(name) is not { } canonical)
            {
                tensor.Dispose();
            }
            else if (!kept.TryAdd(canonical, (name, tensor)))
            {
                problem ??= $"{kept[canonical].File} and {name} are two names of one tensor";
                tensor.Dispose();
            }
        }

        if (problem is null)
        {
            return Weights.Of(kept.Select(pair => KeyValuePair.Create(pair.Key, pair.Value.Tensor)).Concat(AffineStatistics(kept)));
        }

        kept.Values.ToList().ForEach(entry => entry.Tensor.Dispose());
        return Result.Error<Weights, string>(problem);
    }

    /// <summary>Mean 0 and variance 1 for norms of Caffe2 that have neither.</summary>
    private static List<KeyValuePair<string, Tensor>> AffineStatistics(Dictionary<string, (string File, Tensor Tensor)> kept)
    {
        const string suffix = ".norm.weight";
        return
        [
            .. from pair in kept
            where pair.Key.EndsWith(suffix, StringComparison.Ordinal) && pair.Value.File.EndsWith("_bn_s", StringComparison.Ordinal)
            let norm = pair.Key[..^"weight".Length]
            where !kept.ContainsKey(norm + "running_mean") && !kept.ContainsKey(norm + "running_var")
            from statistic in ((string Name, double Value)[])[("running_mean", 0), ("running_var", 1)]
            select KeyValuePair.Create(
                norm + statistic.Name,
                full(pair.Value.Tensor.shape, Held.Of(statistic.Value), ScalarType.Float32).DetachFromDisposeScope()
            ),
        ];
    }

    private static Result<Weights, ForwardError> Fitting(string path, Weights named, BackboneOptions options)
    {
        using var owner = named;
        var entries = Backbones.Entries(options).Where(entry => !options.Grow || !Resnet.IsBeyond50(entry.Name) || named.Has(entry.Name));
        return WeightNames
            .Check(named, entries.ToDictionary(entry => entry.Name, entry => entry.Shape.ToArray(), StringComparer.Ordinal))
            .Bind(weights => WeightNames.CheckTypes(weights, _ => false))
            .MapError(error =>
                Refusal.OfWeights(
                    path,
                    $"does not fit the backbone: {error.Problem} Choose another file, or another forward.backbone.network."
                )
            )
            .Map(weights =>
                Weights.Of(
                    weights
                        .All.Select(pair =>
                            KeyValuePair.Create(
                                $"{Backbones.Scope}.{pair.Key}",
                                pair.Value.to_type(ScalarType.Float32, copy: true).DetachFromDisposeScope()
                            )
                        )
                        .ToList()
                )
            );
    }
}
