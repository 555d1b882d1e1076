using System.Collections.Immutable;
using System.Text.Json;
using Motion.Contracts;
using Motion.Flow;
using Motion.Parity.Training;
using Motion.Properties.Generators;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Flow;

/// <summary>Gradients of GMA's training loss against those of the published code (Golden/Flow/README.md).</summary>
public sealed class GmaGradients
{
    /// <summary>Of a sum over all pixels in float32; the published float32 and float64 runs differ by 5e-8.</summary>
    private const double LossRelative = 1e-5;

    /// <summary>Batch statistics summed over channels in float32.</summary>
    private const double Statistics = 1e-4;

    [Fact]
    public void Backward_WithStoredStatistics_GivesThePublishedGradients() => Check(
        GoldenFiles.PathOf("Flow", "gma_gradient_frozen.json"), GoldenFiles.PathOf("Flow", "gma_gradient_data.safetensors"), null);

    [Fact]
    public void Backward_WithBatchStatistics_GivesThePublishedGradientsAndStatistics() => Check(
        GoldenFiles.PathOf("Flow", "gma_gradient_batch.json"), GoldenFiles.PathOf("Flow", "gma_gradient_data.safetensors"), null);

    [OracleFact(Oracles.Numbers)]
    public void Backward_OfAllReferences_GivesThePublishedGradients()
    {
        var folder = Oracles.PathOf(Oracles.Numbers, "gma");
        var cases = Directory.GetFiles(folder, "grad_*_it*.json");
        Assert.NotEmpty(cases);
        foreach (var path in cases)
        {
            using var reference = JsonDocument.Parse(File.ReadAllText(path));
            var data = Path.Combine(folder, reference.RootElement.GetProperty("data_file").GetString()!);
            Check(path, data, path[..^".json".Length] + "_grads.safetensors");
        }
    }

    private static void Check(string referencePath, string dataPath, string? gradientsPath)
    {
        using var scope = NewDisposeScope();
        using var document = JsonDocument.Parse(File.ReadAllText(referencePath));
        var reference = document.RootElement;
        using var data = Safetensors.Read(dataPath).OrThrow();
        var statistics = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        var norm = reference.TryGetProperty("running_stats", out var stored) ? Layers.BatchNorm("cnet.", statistics) : Layers.FrozenBatchNorm;
        using var weights = Wide(GmaFill.Of(Gma.Network));
        var trainable = Trainable(weights);

        var loss = Loss(weights, data, norm, reference);
        loss.backward();

        Close.To(reference.GetProperty("loss").GetDouble(), loss.item<double>(), 0, LossRelative);
        var total = reference.GetProperty("total_grad_norm").GetDouble();
        using var gradients = gradientsPath is null ? null : Safetensors.Read(gradientsPath).OrThrow();
        foreach (var (name, parameter) in trainable)
        {
            CheckGradient(name, parameter.grad!, reference.GetProperty("params").GetProperty(name), total, gradients?.Find("grad." + name));
        }

        CheckStatistics(statistics, stored);
    }

    /// <summary>In float64 no ReLU's kink lies within rounding (properties/Parity/Forms/GmaGradientForm.cs).</summary>
    private static Weights Wide(Weights weights)
    {
        using (weights) return Weights.Of(weights.All.Select(pair => KeyValuePair.Create(pair.Key, pair.Value.to_type(ScalarType.Float64, copy: true).DetachFromDisposeScope())));
    }

    private static Dictionary<string, Tensor> Trainable(Weights weights)
    {
        var trainable = Gma.Network.Entries.Where(entry => entry.IsTrained).ToDictionary(entry => entry.Name, entry => weights[entry.Name]);
        foreach (var tensor in trainable.Values)
        {
            tensor.requires_grad_(true);
        }

        return trainable;
    }

    /// <summary>The sequence loss: later predictions weigh more; invalid pixels are zero but counted.</summary>
    private static Tensor Loss(Weights weights, Weights data, Norm norm, JsonElement reference)
    {
        var batch = reference.GetProperty("batch").GetInt64();
        Tensor Of(string name) => data[name].narrow(0, 0, batch).to_type(ScalarType.Float64);
        var truth = FlowTruth.Of(Of("flow_gt"), Of("valid"));
        var recurrence = Gma.Network.Prepare(weights, Of("image1"), Of("image2"), norm, null);
        return SequenceLoss.Of([.. Refinement.All(recurrence, reference.GetProperty("iters").GetInt32()).Select(flow => flow.Full)], truth);
    }

    /// <summary>The tolerance that the references suggest: ten times their own float32 noise, and 1e-5 of the whole gradient.</summary>
    private static void CheckGradient(string name, Tensor gradient, JsonElement expected, double total, Tensor? whole)
    {
        var bound = (10 * expected.GetProperty("diff_l2").GetDouble()) + (1e-5 * total);
        var first = expected.GetProperty("first3").EnumerateArray().Select(value => value.GetDouble()).ToArray();
        var actual = gradient.flatten().to_type(ScalarType.Float64);
        Assert.True(actual.isfinite().all().item<bool>(), $"{name} has a gradient that is not finite");
        Near(name, expected.GetProperty("l2").GetDouble(), actual.norm().item<double>(), bound);
        for (var i = 0; i < first.Length; i++)
        {
            Near($"{name}, element {i}", first[i], actual[i].item<double>(), bound);
        }

        if (whole is not null)
        {
            Near($"{name}, whole", 0, actual.sub(whole.flatten()).norm().item<double>(), bound);
        }
    }

    private static void CheckStatistics(Dictionary<string, Tensor> actual, JsonElement expected)
    {
        if (expected.ValueKind == JsonValueKind.Undefined)
        {
            Assert.Empty(actual);
            return;
        }

        foreach (var item in expected.EnumerateObject())
        {
            if (Gma.Network.Canonical(item.Name) is { } name)
            {
                var values = actual[name].to_type(ScalarType.Float64);
                Near($"{name}, sum", item.Value.GetProperty("sum").GetDouble(), values.sum().item<double>(), Statistics);
                Near($"{name}, sum of magnitudes", item.Value.GetProperty("abs_sum").GetDouble(), values.abs().sum().item<double>(), Statistics);
            }
        }
    }

    private static void Near(string what, double expected, double actual, double bound) =>
        Assert.True(Math.Abs(actual - expected) <= bound, $"{what}: expected {expected:R}, got {actual:R}, allowed {bound:R} apart");
}
