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
    public void Entries_AreThoseOfAPublishedStateDict()
    {
        var manifest = GoldenFiles.Json("Flow", "gma_manifest.json");
        var published = manifest
            .EnumerateObject()
            .ToDictionary(
                item => item.Name,
                item => item.Value.EnumerateArray().Select(side => side.GetInt64()).ToArray(),
                StringComparer.Ordinal
            );
        var ours = Spec.Shapes(Gma.Network.Entries);
        var names = published
            .Keys.Select(Gma.Network.Canonical)
            .OfType<string>()
            .Distinct(StringComparer.Ordinal)
            .Order(StringComparer.Ordinal);
        Assert.Equal(names, ours.Keys);
        Assert.All(
            published,
            item =>
                Assert.True(
                    Gma.Network.Canonical(item.Key) is not { } name || ours[name].SequenceEqual(item.Value),
                    $"{item.Key} has another shape"
                )
        );
    }

    [Fact]
    public void Last_OfManyIterations_IsTheLastOfAllToTheBit()
    {
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        using var weights = GmaFill.Of(Gma.Network);
        using var pair = GoldenFiles.Read("Flow", "gma_synth1.safetensors");
        Tensor Picture(string name) => pair[name].narrow(2, 0, 64).narrow(3, 0, 96).to_type(ScalarType.Float32);
        var recurrence = Gma.Network.Prepare(weights, Picture("image1"), Picture("image2"), null, null);
        foreach (var initial in new[] { null, ones(1, 2, 8, 12) })
        {
            var (all, last) = (Refinement.All(recurrence, 3, initial)[^1], Refinement.Last(recurrence, 3, initial));
            Assert.True(Tensors.SameBits(all.Full, last.Full) && Tensors.SameBits(all.Low, last.Low));
        }
    }
}
