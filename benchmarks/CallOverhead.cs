using System.Diagnostics;
using BenchmarkDotNet.Attributes;
using Motion.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Benchmarks;

/// <summary>What a call of an operator costs beside its arithmetic: four numbers, so that there is next to none.</summary>
[InProcess]
[MemoryDiagnoser]
public class CallOverhead
{
    private static readonly (string Name, Action<CallOverhead> Call)[] Calls =
    [
        ("add", b => b.Add()),
        ("add_", b => b.AddInPlace()),
        ("mul by a number", b => b.MulByANumber()),
        ("reshape", b => b.Reshape()),
        ("cat of two", b => b.CatOfTwo()),
        ("conv2d 1x1", b => b.Conv2d()),
        ("add, with autograd", b => b.AddWithAutograd()),
    ];

    private readonly Tensor x = ones(4);
    private readonly Tensor y = ones(4);
    private readonly Tensor image = ones(1, 1, 2, 2);
    private readonly Tensor weight = ones(1, 1, 1, 1);
    private readonly Tensor leaf = ones(4, requires_grad: true);

    [GlobalSetup]
    public void Setup() => set_num_threads(1);

    [Benchmark(Baseline = true)]
    public void Add() => x.Plus(y).Dispose();

    [Benchmark]
    public void AddInPlace() => x.PlusInPlace(y);

    [Benchmark]
    public void MulByANumber() => x.Times(2.0).Dispose();

    [Benchmark]
    public void Reshape() => x.reshape(2, 2).Dispose();

    [Benchmark]
    public void CatOfTwo() => Joins.Cat([x, y]).Dispose();

    [Benchmark]
    public void Conv2d() => nn.functional.conv2d(image, weight).Dispose();

    [Benchmark]
    public void AddWithAutograd() => leaf.Plus(y).Dispose();

    /// <summary>Prints a line "name, microseconds a call" for each: the best of four hundred runs, as call_overhead.py does.</summary>
    public static void Print(TextWriter to)
    {
        var bench = new CallOverhead();
        bench.Setup();
        foreach (var (name, call) in Calls)
            to.WriteLine(FormattableString.Invariant($"{name}\t{Best(() => call(bench)):F3}"));
    }

    private static double Best(Action call)
    {
        const int calls = 1_000,
            runs = 400;
        for (var k = 0; k < 60 * calls; k++) // until the JIT has settled
            call();
        var best = double.MaxValue;
        for (var r = 0; r < runs; r++)
        {
            var start = Stopwatch.GetTimestamp();
            for (var k = 0; k < calls; k++)
                call();
            best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalMicroseconds / calls);
        }
        return best;
    }
}
