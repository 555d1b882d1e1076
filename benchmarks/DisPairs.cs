using System.Diagnostics;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Flow;
using Motion.Kernels;
using static TorchSharp.torch;

namespace Motion.Benchmarks;

/// <summary>Dense inverse search on pairs of frames with true flow, on one thread.</summary>
public static class DisPairs
{
    private const int WarmUp = 40;
    private const int Runs = 31;

    /// <summary>
    /// Prints a line "pair, preset, end-point error in pixels, median CPU milliseconds of a pair" for each; from RGB frames to full-size
    /// flow.
    /// </summary>
    /// <param name="output">Where to.</param>
    /// <param name="folder">Has a folder a pair with frame1.png, frame2.png and flow.flo.</param>
    public static void Print(TextWriter output, string folder)
    {
        foreach (var pair in Directory.GetDirectories(folder).Order(StringComparer.Ordinal))
        {
            var (first, second) = (
                Png.Read(Path.Combine(pair, "frame1.png")).OrThrow(),
                Png.Read(Path.Combine(pair, "frame2.png")).OrThrow()
            );
            using var truth = FloTensors.Read(Path.Combine(pair, "flow.flo")).OrThrow();
            foreach (var preset in Enum.GetValues<DisPreset>())
            {
                var (flow, milliseconds) = Measure(first, second, preset);
                using var field = tensor(flow, [2, first.Size.Height, first.Size.Width]);
                output.WriteLine(
                    $"{Path.GetFileName(pair)}\t{preset.ToString().ToLowerInvariant()}\t{FlowField.EndPointError(field, truth):F4}\t{milliseconds:F2}"
                );
            }
        }
    }

    private static (float[] Flow, double Milliseconds) Measure(PngImage first, PngImage second, DisPreset preset)
    {
        var (a, b) = (first.ToPlanes(), second.ToPlanes());
        float[] flow = [];
        var taken = new double[Runs];
        for (var run = -WarmUp; run < Runs; run++)
        {
            var before = Process.GetCurrentProcess().TotalProcessorTime;
            flow = DenseInverseSearch.Estimate(a, b, first.Size, preset, threads: 1);
            if (run >= 0)
                taken[run] = (Process.GetCurrentProcess().TotalProcessorTime - before).TotalMilliseconds;
        }

        return (flow, taken.Order().ElementAt(Runs / 2));
    }
}
