using System.Text.Json;
using Motion.Contracts;
using Motion.Flow;
using Motion.Kernels;
using Motion.Properties.Generators;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Flow;

/// <summary>GMA against the numbers of the published code (Golden/Flow/README.md).</summary>
public sealed class GmaGolden
{
    [Fact]
    public void Gma_OfAPaddedPair_GivesEveryPublishedIntermediate()
    {
        using var weights = GmaFill.Of(Gma.Network);
        using var golden = GoldenFiles.Read("Flow", "gma_synth1.safetensors");
        new GmaCase(weights, golden.All.ToDictionary(), Safetensors.ReadMetadata(GoldenFiles.PathOf("Flow", "gma_synth1.safetensors")).OrThrow()).Check();
    }

    [OracleFact(Oracles.Numbers)]
    public void Gma_OfAllReferencePairs_GivesEveryPublishedIntermediate()
    {
        using var weights = GmaFill.Of(Gma.Network);
        var folder = Oracles.PathOf(Oracles.Numbers, "gma");
        var cases = Directory.GetFiles(folder, "*_corr.safetensors").Select(path => Path.GetFileName(path)[..^"_corr.safetensors".Length]).ToList();
        Assert.NotEmpty(cases);
        foreach (var name in cases)
        {
            var parts = Directory.GetFiles(folder, name + "_*.safetensors");
            var tensors = parts.SelectMany(path => Safetensors.Read(path).OrThrow().All).ToDictionary();
            new GmaCase(weights, tensors, Safetensors.ReadMetadata(parts[0]).OrThrow()).Check();
        }
    }

    [Fact]
    public void Convex_OfPublishedMasks_GivesThePublishedFlow()
    {
        using var golden = GoldenFiles.Read("Flow", "convex_upsample.safetensors");
        CheckConvex(golden);
    }

    [OracleFact(Oracles.Numbers)]
    public void Convex_OfAllReferenceMasks_GivesThePublishedFlow()
    {
        foreach (var path in Directory.GetFiles(Oracles.PathOf(Oracles.Numbers, "gma"), "convex_upsample_*.safetensors"))
        {
            using var reference = Safetensors.Read(path).OrThrow();
            CheckConvex(reference);
        }
    }

    [Fact]
    public void Entries_AreThoseOfAPublishedStateDict()
    {
        using var manifest = JsonDocument.Parse(File.ReadAllText(GoldenFiles.PathOf("Flow", "gma_manifest.json")));
        var published = manifest.RootElement.EnumerateObject().ToDictionary(
            item => item.Name, item => item.Value.EnumerateArray().Select(side => side.GetInt64()).ToArray(), StringComparer.Ordinal);
        var ours = Spec.Shapes(Gma.Network.Entries);
        var names = published.Keys.Select(Gma.Network.Canonical).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
        Assert.Equal(names, ours.Keys);
        Assert.All(published, item => Assert.True(
            Gma.Network.Canonical(item.Key) is not { } name || ours[name].SequenceEqual(item.Value), $"{item.Key} has another shape"));
    }

    [OracleFact(Oracles.Numbers)]
    public void Fill_OfEveryTensor_HasThePublishedSums()
    {
        using var weights = GmaFill.Of(Gma.Network);
        using var manifest = JsonDocument.Parse(File.ReadAllText(Oracles.PathOf(Oracles.Numbers, "gma", "weights_manifest.json")));
        var compared = 0;
        foreach (var entry in manifest.RootElement.GetProperty("entries").EnumerateArray())
        {
            if (Gma.Network.Canonical(entry.GetProperty("name").GetString()!) is { } name)
            {
                var sum = weights[name].to_type(ScalarType.Float64).sum().item<double>();
                Close.To(entry.GetProperty("sum").GetDouble(), sum, 1e-9, 1e-9);
                compared++;
            }
        }

        Assert.True(compared > 150, $"only {compared} tensors compared");
    }

    /// <summary>A softmax of 9 and a sum of 9 in float32, on flows of some 100 px.</summary>
    private const double ConvexSum = 1e-4;

    private static void CheckConvex(Weights reference)
    {
        using var scope = NewDisposeScope();
        Close.To(reference["flow_up"], Upsample.Convex(reference["flow"], reference["mask"]), ConvexSum, 1e-6);
    }
}
