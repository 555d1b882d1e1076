using FsCheck;
using FsCheck.Fluent;
using Motion.Contracts;
using Motion.Kernels;
using Motion.Parity;
using Motion.Properties.Generators;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Certificate;

/// <summary>A number that is changed makes the verdict fail, whichever it is.</summary>
public sealed class ParityLaws
{
    private const int Cases = 25; // each recomputes a folder

    private static readonly (string Area, string File)[] Files =
    [
        ("Flow", "convex_upsample.safetensors"),
        ("Flow", "padder.safetensors"),
        ("Flow", "flowviz.safetensors"),
        ("Forward", "unit_aligned_bilinear_a.safetensors"),
        ("Forward", "unit_mask_head_169_b.safetensors"),
        ("Forward", "unit_targets_b.safetensors"),
        ("Forward", "unit_proposals_a.safetensors"),
    ];

    private static readonly Gen<(int File, int Tensor, int Element)> Places =
        from file in Gen.Choose(0, Files.Length - 1)
        from tensor in Gen.Choose(0, 10_000)
        from element in Gen.Choose(0, 10_000_000)
        select (file, tensor, element);

    [Fact, Law]
    public void Parity_OneStoredNumberChanged_Fails() => Laws.Hold(Places, place => Fails(place, Nudged), Cases);

    [Fact, Law]
    public void Parity_OneStoredNumberNotANumber_Fails() => Laws.Hold(Places, place => Fails(place, NotANumber), Cases);

    [Theory, Law]
    [InlineData("padder.json")]
    [InlineData("fill_hash_tests.json")]
    [InlineData("adamw_onecycle.json")]
    public void Parity_OneStatedNumberChanged_Fails(string file) =>
        Laws.Hold(
            Gen.Choose(0, 10_000),
            place =>
            {
                using var folder = ParityFolder.Of(
                    $"Flow/{file}",
                    $"Flow/{Path.ChangeExtension(file, ".safetensors")}".Replace(
                        "fill_hash_tests.safetensors",
                        "convex_upsample.safetensors",
                        StringComparison.Ordinal
                    )
                );
                folder.Change(file, place % folder.NumbersIn(file), number => number + 1);
                return folder.Check().Failed > 0;
            },
            Cases
        );

    /// <summary>Changes one element of a tensor that was compared, and asks whether just that comparison fails.</summary>
    private static bool Fails((int File, int Tensor, int Element) place, Func<Tensor, long, Tensor> change)
    {
        var (area, file) = Files[place.File];
        using var folder = ParityFolder.Of($"{area}/{file}");
        var stored = Compared.GetOrAdd(file, _ => [.. folder.Check().Findings.Select(finding => finding.Quantity)]);
        using var weights = Safetensors.Read(folder.PathOf(file)).OrThrow();
        var names = weights.All.Where(pair => stored.Contains(pair.Key) && pair.Value.numel() > 0).Select(pair => pair.Key).ToArray();
        var name = names[place.Tensor % names.Length];
        folder.Change(file, name, tensor => change(tensor, place.Element % tensor.numel()));
        return folder.Check().Findings.Any(finding => finding.Quantity == name && !finding.Passes);
    }

    private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, string[]> Compared = new(StringComparer.Ordinal);

    /// <summary>By a hundredth of the tensor's largest number, or by one where numbers are whole.</summary>
    private static Tensor Nudged(Tensor tensor, long element)
    {
        var flat = tensor.flatten().clone();
        var step = tensor.is_floating_point() ? Math.Max(0.01 * tensor.abs().max().Number(), 1e-3) : 1;
        flat[element] = flat[element].Plus(step);
        return flat.reshape(tensor.shape);
    }

    private static Tensor NotANumber(Tensor tensor, long element)
    {
        if (!tensor.is_floating_point())
            return Nudged(tensor, element);
        var flat = tensor.flatten().clone();
        flat[element] = full([], Held.Of(double.NaN), tensor.dtype);
        return flat.reshape(tensor.shape);
    }

    private static readonly Gen<(double A, double B, int Scale)> Pairs =
        from a in Gen.Choose(-1000, 1000)
        from b in Gen.Choose(-1000, 1000)
        from scale in Gen.Choose(0, 1000)
        select (a / 100.0, b / 100.0, scale);

    [Fact, Law]
    public void Between_PassesExactlyWhereTheDifferenceIsAllowed() =>
        Laws.Hold(
            Pairs,
            pair =>
                Difference.Between([pair.A], [pair.B], new("a law", Absolute: pair.Scale / 100.0)).Passes
                == (Math.Abs(pair.A - pair.B) <= pair.Scale / 100.0)
        );

    [Theory]
    [InlineData(double.NaN, 1, false)]
    [InlineData(1, double.NaN, false)]
    [InlineData(double.NaN, double.NaN, false)]
    [InlineData(double.PositiveInfinity, double.PositiveInfinity, true)]
    [InlineData(double.PositiveInfinity, double.NegativeInfinity, false)]
    [InlineData(1, double.PositiveInfinity, false)]
    [InlineData(0, 0, true)]
    public void Between_NumbersThatAreNone_Fail(double actual, double expected, bool passes)
    {
        foreach (var tolerance in new[] { Tolerance.Exact, new Tolerance("a law", 1e9, 1e9, 1e9) })
        {
            Assert.Equal(passes, Difference.Between([actual], [expected], tolerance).Passes);
            Assert.Equal(passes, Difference.Between([actual, 5], [expected, 5], tolerance).Passes);
        }
    }

    [Fact]
    public void Between_OtherLengths_Fail() => Assert.False(Difference.Between([1, 2], [1], new("a law", 1e9)).Passes);
}
