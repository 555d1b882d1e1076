using Motion.Contracts;
using Motion.Forward;
using Motion.Runner.Settings;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Pipeline.Labelling;

/// <summary>
/// How long a labelling will take, before it begins: a convolution is timed here and now, and the rest is a multiple of it.
/// </summary>
internal static class Expect
{
    // Measured with the recipe at a shortest side of 192 on one AVX2 thread: a step of two frames, and a frame's features in one view, to
    // the probe below.
    private const double ProbesAStep = 110;
    private const double ProbesAView = 190;
    private const int Probes = 5;
    private const double UsualSide = 192;

    public static double Seconds(PipelineSettings settings, LabelPlan plan)
    {
        var options = settings.OptionsOf<ForwardOptions>(ForwardKind.Kind, Phase.Train)!;
        var grown = Math.Pow(options.View.ShortestSides.DefaultIfEmpty(192).Max() / UsualSide, 2);
        var views =
            plan.Boxes.Sum(clip => clip.Count(frame => !frame.IsEmpty))
            * (options.InBoxes.Flip || options.View.FlipProbability > 0 ? 2 : 1);
        return Probe(settings.Run.Threads)
            * grown
            * ((settings.Train!.Iterations * ProbesAStep * settings.Train.Batch / 2) + (views * ProbesAView));
    }

    /// <summary>Seconds of one convolution of 64 by 64 channels at 24 by 44.</summary>
    private static double Probe(int threads)
    {
        set_num_threads(threads);
        using var noGrad = no_grad();
        using var scope = NewDisposeScope();
        var (x, w) = (ones([2, 64, 24, 44], ScalarType.Float32), ones([64, 64, 3, 3], ScalarType.Float32));
        var fastest = double.PositiveInfinity;
        for (var i = 0; i < Probes; i++)
        {
            var begun = TimeProvider.System.GetTimestamp();
            using var y = nn.functional.conv2d(x, w, padding: [1, 1]);
            fastest = Math.Min(fastest, TimeProvider.System.GetElapsedTime(begun).TotalSeconds);
        }

        return fastest;
    }
}
