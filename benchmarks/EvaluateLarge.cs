using System.Diagnostics;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Evaluate;
using Motion.Kernels;
using Motion.Parity.Fills;

namespace Motion.Benchmarks;

/// <summary>COCO evaluation of 5,000 generated images with 500,000 detections: the "full" case of Golden/Coco/large.json.</summary>
public static class EvaluateLarge
{
    internal static LargeParameters Parameters { get; } = new(1592590337, 5000, 40, new Size2(480, 640), 100);

    /// <summary>Prints wall and CPU seconds, and the peak memory of the process so far.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="what">boxes or masks: lists in memory, evaluated three times; stage: images made one by one and streamed through the
    /// stage.</param>
    /// <param name="threads">How many.</param>
    public static void Print(TextWriter output, string what, int threads)
    {
        if (what == "stage")
        {
            Measure(output, "made, streamed and evaluated", () => Stream(threads));
            return;
        }

        var kind = what == "boxes" ? OverlapKind.Boxes : OverlapKind.Masks;
        var (truths, detections) = LargeCase.Lists(Parameters, LargeCase.Images(Parameters), kind);
        for (var run = 1; run <= 3; run++)
        {
            Measure(
                output,
                $"{what}, {threads} threads, run {run}",
                () => CocoEvaluation.Evaluate(truths, detections, kind, threads).Stats.Ap
            );
        }
    }

    private static double Stream(int threads)
    {
        var catalogue = new Catalogue([.. Enumerable.Range(1, Parameters.Classes).Select(k => new Category(k, $"{k}"))], []);
        var fold = EvaluateStage.Create(new EvaluateOptions { Threads = threads }, catalogue);
        var state = LargeCase
            .Images(Parameters)
            .Aggregate(fold.Start(), (state, image) => fold.Step(state, image.ToMessage(Parameters.Size)).OrThrow());
        return fold.Finish(state).OrThrow().Masks!.Stats.Ap;
    }

    private static void Measure(TextWriter output, string what, Func<double> run)
    {
        using var process = Process.GetCurrentProcess();
        var (cpu, wall) = (process.TotalProcessorTime, Stopwatch.StartNew());
        var ap = run();
        process.Refresh();
        output.WriteLine(
            $"{what}: {wall.Elapsed.TotalSeconds:F2} s, CPU {(process.TotalProcessorTime - cpu).TotalSeconds:F2} s, AP {ap:F4}, "
                + $"peak memory of the process {process.PeakWorkingSet64 >> 20} MiB"
        );
    }
}
