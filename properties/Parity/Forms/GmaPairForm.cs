using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Flow;
using Motion.Kernels;
using static TorchSharp.torch;

namespace Motion.Parity.Forms;

/// <summary>A pair of pictures with every intermediate result of GMA.</summary>
internal static partial class GmaPairForm
{
    private const double NoiseFactor = 5; // proposed with the references: 5 to 10 times the noise of their own float32 run
    private const double LeastOfLargest = 1e-6; // eight units in the last place of float32

    // Where nothing states the noise: the largest that is allowed at all.
    private const double Features = 1e-4;
    private const double Correlations = 3e-4;
    private const double Flows = 1e-3;

    private static readonly string[] Marks =
    [
        "fmap1",
        "attention",
        "corr_pyramid_0",
        "corr_it01",
        "motion_it01",
        "net_it01",
        "flow_up_01",
        "flow_low_01",
    ];

    public static ParityForm Form { get; } =
        new("gma-pair", "features, correlation, attention, lookup and every iteration's flow of GMA", Recognise);

    private static IEnumerable<ParityCase> Recognise(OracleFolder folder)
    {
        var noise = folder.Jsons.FirstOrDefault(IsNoise);
        var groups = folder
            .Tensors.Where(file => file.Metadata.ContainsKey("case") || IsPart(file))
            .GroupBy(CaseOf, StringComparer.Ordinal)
            .ToList();
        foreach (var group in groups.Where(group => group.Any(IsPart)))
        {
            ImmutableArray<OracleFile.Tensors> files = [.. group];
            yield return new(group.Key, noise is null ? [.. files] : [.. files, noise], checks => Check(checks, group.Key, files, noise));
        }
    }

    private static bool IsPart(OracleFile.Tensors file) =>
        Marks.Any(mark => file.Has(mark)) || (FlowName().IsMatch(file.Shapes.Keys.FirstOrDefault() ?? "") && !file.Has("flow_up", "mask"));

    /// <summary>name -> case -> shape, absmax, rms, f32_vs_f64_maxabs.</summary>
    private static bool IsNoise(OracleFile.Json file) =>
        file.Root.ValueKind == JsonValueKind.Object
        && file.Root.EnumerateObject().Any()
        && file.Root.EnumerateObject()
            .All(item =>
                item.Value.ValueKind == JsonValueKind.Object
                && item.Value.EnumerateObject()
                    .All(entry => entry.Value.ValueKind == JsonValueKind.Object && entry.Value.TryGetProperty("f32_vs_f64_maxabs", out _))
            );

    private static string CaseOf(OracleFile.Tensors file) => file.Metadata.GetValueOrDefault("case") ?? PartSuffix().Replace(file.Stem, "");

    private static void Check(Checks checks, string name, ImmutableArray<OracleFile.Tensors> files, OracleFile.Json? noiseFile)
    {
        using var noGrad = no_grad();
        using var stored = checks.Open(files);
        var noise = noiseFile is null ? null : checks.Open(noiseFile).Find(name);
        var pair = new Pair(checks, stored, noise);
        pair.Check();
        pair.CheckNoise();
    }

    private sealed class Pair(Checks checks, StoredTensors stored, StoredNode? noise)
    {
        private readonly Weights _weights = checks.Bench.Gma;
        private readonly Dictionary<string, (double Largest, double Rms)> _seen = new(StringComparer.Ordinal);

        public void Check()
        {
            var (first, second) = (stored["image1"], stored["image2"]);
            var pad = FlowPad.For(new Size2((int)first.shape[^2], (int)first.shape[^1]), Encoder.Stride, 0, FlowPadMode.Sintel);
            CheckPadding(pad, first, second);
            var pictures = (First: pad.Apply(first.to_type(ScalarType.Float32)), Second: pad.Apply(second.to_type(ScalarType.Float32)));
            checks.Part(
                "features",
                () =>
                {
                    var features = Gma.Features(_weights, pictures.First, pictures.Second, Layers.FrozenBatchNorm);
                    Compare("fmap1", features.First, Features);
                    Compare("fmap2", features.Second, Features);
                    Compare("net", features.Hidden, Features);
                    Compare("inp", features.Context, Features);
                    CheckCorrelation(features);
                    checks.Part("iterations", () => CheckIterations(features));
                }
            );
            checks.Part("flows", () => CheckFlows(pictures.First, pictures.Second, pad));
            checks.Part("the drawn motion", () => CheckMotion(first));
        }

        private void CheckPadding(FlowPad pad, Tensor first, Tensor second)
        {
            if (stored.Metadata("pad") is { } text)
            {
                checks.Claim(
                    "padding",
                    stored.FileOf("image1"),
                    text == $"{pad.Left},{pad.Right},{pad.Top},{pad.Bottom}",
                    $"{pad} computed, {text} stored (left, right, top, bottom)"
                );
            }

            stored.Compare("image1_padded", pad.Apply(first.to_type(ScalarType.Float32)), Tolerance.Exact);
            stored.Compare("image2_padded", pad.Apply(second.to_type(ScalarType.Float32)), Tolerance.Exact);
        }

        private void CheckCorrelation(PairFeatures features)
        {
            Compare("attention", Gma.Attention(_weights.At("att"), features.Context).unsqueeze(1), Features);
            var pyramid = Correlation.Pyramid(features.First, features.Second);
            for (var level = 0; level < pyramid.Length; level++)
            {
                Compare($"corr_pyramid_{level}", pyramid[level], Correlations);
            }

            if (stored.Has("lookup_out"))
            {
                var coords = stored["lookup_coords"];
                Saw("lookup_coords", coords);
                Compare("lookup_out", Correlation.Lookup(pyramid, coords, Gma.Radius), Correlations);
            }
        }

        /// <summary>The parts of each iteration of which something is stored.</summary>
        private void CheckIterations(PairFeatures features)
        {
            var last = stored
                .Names.Select(name => IterationName().Match(name))
                .Where(match => match.Success)
                .Select(match => Number(match.Groups["t"].Value))
                .DefaultIfEmpty(0)
                .Max();
            var (h, w) = (features.Hidden.shape[2], features.Hidden.shape[3]);
            var pyramid = Correlation.Pyramid(features.First, features.Second);
            var attention = Gma.Attention(_weights.At("att"), features.Context);
            var update = _weights.At("update_block");
            var grus = Gma.Grus(update.At("gru"), features.Context);
            var (hidden, flow, grid) = (features.Hidden, zeros(features.Hidden.shape[0], 2, h, w), Refinement.Grid(h, w, CPU));
            for (var t = 1; t <= last; t++)
            {
                var at = $"_it{t:00}";
                var corr = Correlation.Lookup(pyramid, grid.Plus(flow), Gma.Radius);
                var motion = UpdateBlock.Motion(update.At("encoder"), corr, flow);
                Compare($"flow_in{at}", flow, Correlations);
                Compare($"corr{at}", corr, Correlations);
                Compare($"motion{at}", motion, Correlations);
                Compare($"motion_global{at}", Gma.Aggregate(update.At("aggregator"), attention, motion), Correlations);
                var (next, delta) = Gma.Update(update, grus, attention, (hidden, corr, flow));
                Compare($"net{at}", next, Correlations);
                Compare($"delta_flow{at}", delta, Correlations);
                Compare($"mask{at}", Gma.Mask(update, next), Correlations);
                (hidden, flow) = (next, flow.Plus(delta));
            }
        }

        private void CheckFlows(Tensor first, Tensor second, FlowPad pad)
        {
            var names = stored.Names.Select(name => (Name: name, Match: FlowName().Match(name))).Where(each => each.Match.Success).ToList();
            int Last(bool fromInitial) =>
                names
                    .Where(each => each.Match.Groups["init"].Success == fromInitial)
                    .Select(each => Number(each.Match.Groups["t"].Value))
                    .DefaultIfEmpty(0)
                    .Max();
            var recurrence = Gma.Network.Prepare(_weights, first, second, null, null);
            Sequence("", Refinement.All(recurrence, Last(fromInitial: false)), pad);
            if (Last(fromInitial: true) is > 0 and var iterations)
            {
                var initial = stored["flow_init"];
                Saw("flow_init", initial);
                Sequence("init_", Refinement.All(recurrence, iterations, initial), pad);
            }
        }

        private void Sequence(string prefix, ImmutableArray<Refined> flows, FlowPad pad)
        {
            for (var t = 1; t <= flows.Length; t++)
            {
                Compare($"{prefix}flow_low_{t:00}", flows[t - 1].Low, Flows);
                Compare($"{prefix}flow_up_{t:00}", flows[t - 1].Full, Flows);
                if (stored.Has($"{prefix}flow_up_{t:00}_unpadded"))
                    Compare($"{prefix}flow_up_{t:00}_unpadded", pad.Crop(flows[t - 1].Full), Flows);
            }
        }

        /// <summary>The motion that the pictures were drawn with, by whichever of the published formulas fits best.</summary>
        private void CheckMotion(Tensor picture)
        {
            if (!stored.Has("motion_formula"))
                return;
            var motion = stored["motion_formula"];
            var candidates = SyntheticMotion.All(picture.shape[^2], picture.shape[^1]).ToList();
            var best = candidates.MinBy(candidate =>
                candidate.shape.SequenceEqual(motion.shape) ? candidate.sub(motion).abs().mean().item<float>() : float.PositiveInfinity
            )!;
            stored.Compare("motion_formula", best, new("one float32 rounding", OfLargest: 1e-6));
        }

        private void Compare(string quantity, Tensor actual, double most)
        {
            Saw(quantity, actual);
            if (!stored.Has(quantity))
                return;
            var known = noise?.Find(quantity.Replace("_unpadded", "", StringComparison.Ordinal))?.Find("f32_vs_f64_maxabs")?.Number();
            var largest = stored[quantity].numel() == 0 ? 0 : stored[quantity].abs().max().to_type(ScalarType.Float64).item<double>();
            var tolerance = known is { } spread
                ? new Tolerance("5 times the references' noise", NoiseFactor * spread).Between(
                    LeastOfLargest * (double.IsFinite(largest) ? largest : 0),
                    most
                )
                : new Tolerance("GMA in float32", most);
            stored.Compare(quantity, actual, tolerance);
        }

        private void Saw(string quantity, Tensor actual)
        {
            if (noise?.Find(quantity) is null)
                return;
            var wide = actual.to_type(ScalarType.Float64);
            _seen[quantity] = (wide.abs().max().item<double>(), wide.Squared().mean().sqrt().item<double>());
        }

        /// <summary>The magnitudes that are stored beside the noise are those of our results too.</summary>
        public void CheckNoise()
        {
            if (noise is null)
                return;
            var group = checks.Group("magnitudes (absmax, rms)", noise.File);
            foreach (var (quantity, entry) in noise.Members)
            {
                if (!_seen.TryGetValue(quantity, out var seen))
                    continue;
                var spread = entry["f32_vs_f64_maxabs"].Number();
                var allowed = new Tolerance("5 times the references' noise", NoiseFactor * spread, OfEach: LeastOfLargest);
                group.Number($"{quantity}, absmax", seen.Largest, entry["absmax"], allowed);
                group.Number($"{quantity}, rms", seen.Rms, entry["rms"], allowed);
                if (stored.Has(quantity) && stored.Metadata($"steps.{quantity}") is null)
                {
                    group.Same(
                        $"{quantity}, shape",
                        $"[{string.Join(", ", stored[quantity].shape)}]",
                        $"[{string.Join(", ", entry["shape"].Numbers())}]"
                    );
                }
            }

            group.Done();
        }

        private static int Number(string digits) => int.Parse(digits, CultureInfo.InvariantCulture);
    }

    [GeneratedRegex("_(features|inputs|corr|mask|iter[0-9]+|flow(_[a-z])?)$", RegexOptions.ExplicitCapture)]
    private static partial Regex PartSuffix();

    [GeneratedRegex("^(corr|motion|motion_global|net|mask|delta_flow|flow_in)_it(?<t>[0-9]{2,3})$", RegexOptions.ExplicitCapture)]
    private static partial Regex IterationName();

    [GeneratedRegex("^(?<init>init_)?flow_(up|low)_(?<t>[0-9]{2,3})(_unpadded)?$", RegexOptions.ExplicitCapture)]
    private static partial Regex FlowName();
}
