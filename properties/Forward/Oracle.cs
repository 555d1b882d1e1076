using System.Text.Json;
using Motion.Contracts;
using Motion.Forward;
using Motion.Properties.Generators;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Forward;

/// <summary>The oracle's model, filled once for all tests that only read it.</summary>
public sealed class OracleModel : IDisposable
{
    public const string Tests = "the oracle's model";

    internal Weights Weights { get; } = Oracle.Model(Oracle.Options);

    public void Dispose() => Weights.Dispose();
}

[CollectionDefinition(OracleModel.Tests)]
public sealed class OracleModelTests : ICollectionFixture<OracleModel>;

/// <summary>A fact about files that are too big for the repository; they are looked for where MOTION_ORACLES points.</summary>
public sealed class OracleFactAttribute : FactAttribute
{
    public OracleFactAttribute() =>
        Skip = Oracle.Folder is null ? "needs MOTION_ORACLES: the folder of the authors' numbers (boxinst/*.safetensors), 19 MB" : null;
}

/// <summary>
/// Numbers of the authors' BoxInst (AdelaiDet 3672122 on detectron2 02b5c4e, torch 1.13, one CPU thread), model MS_R_50_1x with weights
/// that are a function of name and shape. What the repository holds of them are the smaller files, and the smaller tensors of case a.
/// </summary>
internal static class Oracle
{
    /// <summary>
    /// Stored float32 against float64 of the same code is within 2e-6 of a tensor's maximum; another order of sums costs a few times that.
    /// </summary>
    public const double OfMaximum = 2e-5;

    public static string? Folder =>
        Environment.GetEnvironmentVariable("MOTION_ORACLES") is { Length: > 0 } folder ? Path.Combine(folder, "boxinst") : null;

    /// <summary>The full file where it is at hand, else the part of it in the repository. The caller disposes.</summary>
    public static Weights Read(string name)
    {
        var file = $"{name}.safetensors";
        var full = Path.Combine(Folder ?? "", file);
        return Safetensors.Read(Folder is not null && File.Exists(full) ? full : GoldenFiles.PathOf("Forward", file)).OrThrow();
    }

    public static JsonElement Facts(string name)
    {
        var golden = GoldenFiles.PathOf("Forward", $"{name}.json");
        using var facts = JsonDocument.Parse(File.ReadAllBytes(Folder is null ? golden : Path.Combine(Folder, $"{name}.json")));
        return facts.RootElement.Clone();
    }

    /// <summary>MS_R_50_1x: one stream, 80 classes.</summary>
    public static ForwardOptions Options { get; } = new()
    {
        Fusion = new() { Detection = DetectionFusion.None, Mask = MaskFusion.None },
    };

    public const int Classes = 80;

    /// <summary>The whole model, filled as the oracle's README says.</summary>
    public static Weights Model(ForwardOptions options, int classes = Classes)
    {
        var entries = Segmenter.Entries(options, classes).Select(entry =>
            KeyValuePair.Create(entry.Name, Rule(entry.Name, [.. entry.Shape]) is { } value
                ? NameHashFill.Fill(entry.Name, [.. entry.Shape], value)
                : Initialise.Draw([entry], new Seed(0))[entry.Name]));
        return Weights.Of(entries.Select(pair => KeyValuePair.Create(pair.Key, pair.Value.DetachFromDisposeScope())));
    }

    /// <summary>The first rule that matches; null: the constructor's value stays.</summary>
    public static FillValue? Rule(string name, long[] shape) => name switch
    {
        "mask_head.sizes_of_interest" or "mask_head._iter" => null,
        _ when name.EndsWith(".num_batches_tracked", StringComparison.Ordinal) => null,
        _ when name.EndsWith(".running_mean", StringComparison.Ordinal) => new(0, 0.05),
        _ when name.EndsWith(".running_var", StringComparison.Ordinal) => new(1, 0.1, Absolute: true),
        _ when name.EndsWith(".scale", StringComparison.Ordinal) => new(1, 0.1),
        _ when shape.Length == 4 => new(0, Gain(name) * Math.Sqrt(3.0 / (shape[1] * shape[2] * shape[3]))),
        _ when name.EndsWith(".conv3.norm.weight", StringComparison.Ordinal) => new(0.3, 0.03),
        _ when name.EndsWith(".weight", StringComparison.Ordinal) => new(1, 0.1),
        _ when name.EndsWith("cls_logits.bias", StringComparison.Ordinal) => new(-7, 0.05),
        _ when name.EndsWith("bbox_pred.bias", StringComparison.Ordinal) => new(2, 0.05),
        _ => new(0, 0.05),
    };

    private static double Gain(string name) => name switch
    {
        "backbone.bottom_up.stem.conv1.weight" => 0.025,
        _ when name.StartsWith("backbone.bottom_up.", StringComparison.Ordinal) =>
            name.EndsWith("shortcut.weight", StringComparison.Ordinal) ? 1.0 : 1.5,
        _ when name.StartsWith("backbone.", StringComparison.Ordinal) => 1.0,
        _ when name.Contains(".cls_tower.", StringComparison.Ordinal) || name.Contains(".bbox_tower.", StringComparison.Ordinal) => 1.5,
        _ when name.EndsWith("cls_logits.weight", StringComparison.Ordinal) => 2.0,
        _ when name.EndsWith("bbox_pred.weight", StringComparison.Ordinal) => 1.0,
        _ when name.EndsWith("ctrness.weight", StringComparison.Ordinal) => 1.5,
        _ when name.StartsWith("controller", StringComparison.Ordinal) => 0.7,
        "mask_branch.tower.4.weight" => 1.2,
        _ when name.StartsWith("mask_branch.refine.", StringComparison.Ordinal) => 0.8,
        _ => 1.25,
    };

    /// <summary>Fails unless shapes agree and no element is further away than a fraction of the largest expected one.</summary>
    public static void Near(Tensor actual, Tensor expected, string what, double ofMaximum = OfMaximum)
    {
        using var scope = NewDisposeScope();
        Assert.True(actual.shape.SequenceEqual(expected.shape),
            $"{what}: [{string.Join(", ", actual.shape)}], expected [{string.Join(", ", expected.shape)}]");
        if (expected.numel() == 0)
        {
            return;
        }

        var (a, b) = (actual.to(ScalarType.Float64).detach(), expected.to(ScalarType.Float64));
        var (worst, largest) = (a.sub(b).abs().max().item<double>(), b.abs().max().item<double>());
        Assert.True(worst <= ofMaximum * largest, $"{what}: off by {worst:g3} where the largest is {largest:g3}");
    }

    public static void Same(Tensor actual, Tensor expected, string what)
    {
        using var scope = NewDisposeScope();
        Assert.True(actual.shape.SequenceEqual(expected.shape),
            $"{what}: [{string.Join(", ", actual.shape)}], expected [{string.Join(", ", expected.shape)}]");
        var different = actual.to(ScalarType.Int64).ne(expected.to(ScalarType.Int64)).sum().item<long>();
        Assert.True(different == 0, $"{what}: {different} of {expected.numel()} differ");
    }
}
