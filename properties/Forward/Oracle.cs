using System.Text.Json;
using Motion.Contracts;
using Motion.Forward;
using Motion.Parity;
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
        Environment.GetEnvironmentVariable(Oracles.Numbers) is { Length: > 0 } folder ? Path.Combine(folder, "boxinst") : null;

    /// <summary>The full file where it is at hand, else the part of it in the repository. The caller disposes.</summary>
    public static Weights Read(string name)
    {
        var file = $"{name}.safetensors";
        var full = Path.Combine(Folder ?? "", file);
        return References.Tensors(Folder is not null && File.Exists(full) ? full : GoldenFiles.PathOf("Forward", file)).OrThrow();
    }

    public static JsonElement Facts(string name)
    {
        var golden = GoldenFiles.PathOf("Forward", $"{name}.json");
        return References.Json(Folder is null ? golden : Path.Combine(Folder, $"{name}.json"));
    }

    /// <summary>MS_R_50_1x: one stream, 80 classes.</summary>
    public static ForwardOptions Options => BoxinstFill.Options;

    public const int Classes = BoxinstFill.Classes;

    /// <summary>The whole model, filled as the oracle's README says.</summary>
    public static Weights Model(ForwardOptions options, int classes = Classes) => BoxinstFill.Of(options, classes);

    /// <summary>Fails unless shapes agree and no element is further away than a fraction of the largest expected one.</summary>
    public static void Near(Tensor actual, Tensor expected, string what, double ofMaximum = OfMaximum)
    {
        using var scope = NewDisposeScope();
        Assert.True(
            actual.shape.SequenceEqual(expected.shape),
            $"{what}: [{string.Join(", ", actual.shape)}], expected [{string.Join(", ", expected.shape)}]"
        );
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
        Assert.True(
            actual.shape.SequenceEqual(expected.shape),
            $"{what}: [{string.Join(", ", actual.shape)}], expected [{string.Join(", ", expected.shape)}]"
        );
        var different = actual.to(ScalarType.Int64).ne(expected.to(ScalarType.Int64)).sum().item<long>();
        Assert.True(different == 0, $"{what}: {different} of {expected.numel()} differ");
    }
}
