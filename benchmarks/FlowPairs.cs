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

    /// <summary>
    /// Prints "CPU seconds a pair (median), peak MiB of the process, GFLOP of its convolutions and products, GFLOP/s that one thread
    /// reaches in a product of large matrices".
    /// </summary>
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

        var memory = Process.GetCurrentProcess().PeakWorkingSet64 >> 20;
        output.WriteLine($"{seconds.Order().ElementAt(pairs / 2):F3}\t{memory}\t{Operations(network, size) / 1e9:F0}\t{Peak() / 1e9:F0}");
    }

    private static KeyValuePair<string, Tensor> Fresh(Entry entry)
    {
        var value = entry.Role is Role.Weight ? randn([.. entry.Shape]).Times(0.02) : ones([.. entry.Shape]);
        return KeyValuePair.Create(entry.Name, value);
    }

    /// <summary>
    /// Twice the multiplications of convolutions and matrix products: what no order of them saves. The gates' share of the context is
    /// convolved once (Gru), everything else of the update in each iteration.
    /// </summary>
    private static double Operations(FlowNetwork network, Size2 size)
    {
        double cells = size.Area / 64.0;
        var (isGma, context) = (network.Name == "gma", network.Name == "gma" ? 128 : 64);
        var features = isGma ? 256 : 128;
        var convolutions = network
            .Entries.Where(entry => entry.Shape.Length == 4)
            .Sum(entry =>
                entry.Elements
                * entry.Name.Split('.') switch
                {
                    ["fnet", .. var layer] => 2 * cells * Finer(layer),
                    ["cnet", .. var layer] => cells * Finer(layer),
                    ["att", ..] or ["update_block", "mask", ..] => cells,
                    ["update_block", "gru", ..] => cells * (Iterations - ((Iterations - 1.0) * context / entry.Shape[1])),
                    _ => cells * Iterations,
                }
            );
        var correlation = cells * cells * features;
        var attention = isGma ? cells * cells * 128 * (1 + Iterations) : 0;
        return 2 * (convolutions + correlation + attention);
    }

    /// <summary>Cells of a layer for one at an eighth.</summary>
    private static double Finer(string[] layer) =>
        layer[0] is "conv1" or "layer1" ? 16
        : layer[0] is "layer2" ? 4
        : 1;

    /// <summary>Operations a second of a product of large matrices, the best of ten.</summary>
    private static double Peak()
    {
        const int side = 1536;
        using var scope = NewDisposeScope();
        var (a, b) = (rand(side, side), rand(side, side));
        var best = 0.0;
        for (var run = 0; run < 10; run++)
        {
            using var inner = NewDisposeScope();
            var begun = Process.GetCurrentProcess().TotalProcessorTime;
            _ = a.mm(b);
            best = Math.Max(best, 2.0 * side * side * side / (Process.GetCurrentProcess().TotalProcessorTime - begun).TotalSeconds);
        }

        return best;
    }

    private static Tensor Noise(Size2 size) => rand([1, 3, size.Height, size.Width]).Times(255);
}
