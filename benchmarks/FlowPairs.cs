using System.Diagnostics;
using Motion.Contracts;
using Motion.Flow;
using Motion.Kernels;
using static TorchSharp.torch;

namespace Motion.Benchmarks;

/// <summary>A flow network on pairs of noise, with fresh weights, on one thread; flow_peer.py is the same with the authors' code.</summary>
public static class FlowPairs
{
    private const int Iterations = 12;

    /// <summary>Prints "CPU seconds a pair (median), peak MiB of the process".</summary>
    /// <param name="output">Where to.</param>
    /// <param name="name">gma or raft-small.</param>
    /// <param name="size">Of the pictures; sides divisible by 8.</param>
    /// <param name="pairs">How many count; one more is not counted.</param>
    public static void Print(TextWriter output, string name, Size2 size, int pairs)
    {
        set_num_threads(1);
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var network = name == "gma" ? Gma.Network : RaftSmall.Network;
        var weights = Weights.Of(network.Entries.Select(Fresh));
        var (first, second) = (Noise(size), Noise(size));
        var seconds = new double[pairs];
        for (var pair = -1; pair < pairs; pair++)
        {
            var before = Process.GetCurrentProcess().TotalProcessorTime;
            using var inner = NewDisposeScope();
            _ = network.Estimate(weights, first, second, Iterations);
            if (pair >= 0)
                seconds[pair] = (Process.GetCurrentProcess().TotalProcessorTime - before).TotalSeconds;
        }

        output.WriteLine($"{seconds.Order().ElementAt(pairs / 2):F3}\t{Process.GetCurrentProcess().PeakWorkingSet64 >> 20}");
    }

    private static KeyValuePair<string, Tensor> Fresh(Entry entry)
    {
        var value = entry.Role is Role.Weight ? randn([.. entry.Shape]).Times(0.02) : ones([.. entry.Shape]);
        return KeyValuePair.Create(entry.Name, value);
    }

    private static Tensor Noise(Size2 size) => rand([1, 3, size.Height, size.Width]).Times(255);
}
