using System.Collections.Immutable;
using System.Globalization;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Flow;
using Motion.Parity.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Parity.Forms;

/// <summary>The sequence loss of GMA, its metrics, and the gradient of every parameter.</summary>
/// <remarks>
/// Computed in float64. In float32 the sum of a convolution may round a value near 0 to either side, its ReLU then passes another gradient
/// on, and a parameter's gradient moves by up to 1e-2 of its length: with each release of libtorch to another place. The references' own
/// float32 run is as near to float64 as they state it for each parameter.
/// </remarks>
internal static class GmaGradientForm
{
    /// <summary>A sum over all pixels in float32; the references' own float32 and float64 differ by 5e-8.</summary>
    private static readonly Tolerance Loss = new("loss in float32", OfEach: 1e-6);

    /// <summary>A mean of float32 errors; a share of pixels may lack one pixel that lies on its bound.</summary>
    private static readonly Tolerance Metric = new("mean in float32", OfEach: 1e-5);

    private static readonly Tolerance Statistics = new("batch statistics in float32", Absolute: 2e-5, OfEach: 1e-6);

    private static readonly Tolerance Flow = new("GMA in float32", 1e-3);

    /// <summary>A single element's share of a vector's noise: its mean share is 1 / sqrt(n), and some elements have far more.</summary>
    private const double MostOfOneElement = 20;

    public static ParityForm Form { get; } =
        new("gma-gradient", "sequence loss, metrics, gradient norms and gradients of flow training", Recognise);

    private static IEnumerable<ParityCase> Recognise(OracleFolder folder) =>
        from file in folder.Jsons
        where file.Has("params", "total_grad_norm", "loss", "iters")
        let data = file.Root.TryGetProperty("data_file", out var name)
            ? folder.Find(name.ToString()) as OracleFile.Tensors
            : DataBeside(folder)
        let gradients = folder.Find($"{file.Stem}_grads.safetensors") as OracleFile.Tensors
        select new ParityCase(
            file.Stem,
            [.. new OracleFile?[] { file, data, gradients }.OfType<OracleFile>()],
            checks => Check(checks, checks.Open(file), data, gradients)
        );

    private static OracleFile.Tensors? DataBeside(OracleFolder folder) =>
        folder.Tensors.Where(file => file.Has("image1", "image2", "flow_gt", "valid")).Take(2).ToList() is [var only] ? only : null;

    private static void Check(Checks checks, StoredNode reference, OracleFile.Tensors? dataFile, OracleFile.Tensors? gradientsFile)
    {
        if (dataFile is null)
        {
            throw new LackingException(
                $"{reference.File} needs {(reference.Find("data_file") is { } name ? name.Text() : "one file with image1, image2, flow_gt and valid")} beside it"
            );
        }

        reference.Find("data_file")?.Text();
        using var data = checks.Open(dataFile);
        using var gradients = gradientsFile is null ? null : checks.Open(gradientsFile);
        var statistics = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        var runs = new Dictionary<string, int>(StringComparer.Ordinal);
        var isTraining = reference.Has("running_stats");
        if (reference.Find("bn") is { } bn)
            checks.Claim(
                "batch norm",
                reference.File,
                bn.Text().StartsWith("training", StringComparison.Ordinal) == isTraining,
                "running_stats do not fit it"
            );
        Norm norm = isTraining ? Counted(Layers.BatchNorm("cnet.", statistics), runs) : Layers.FrozenBatchNorm;
        using var weights = Weights.Of(
            checks.Bench.Gma.All.Select(pair =>
                KeyValuePair.Create(pair.Key, pair.Value.to_type(ScalarType.Float64, copy: true).DetachFromDisposeScope())
            )
        );
        var trainable = Gma
            .Network.Entries.Where(entry => entry.IsTrained)
            .ToDictionary(entry => entry.Name, entry => weights[entry.Name].requires_grad_(true), StringComparer.Ordinal);

        var batch = reference["batch"].Count();
        Tensor Of(string name) => data[name].narrow(0, 0, Math.Min(batch, data[name].shape[0])).to_type(ScalarType.Float64);
        var truth = FlowTruth.Of(Of("flow_gt"), Of("valid"), reference.Find("max_flow")?.Number() ?? FlowTruth.Longest);
        var flows = Refinement
            .All(Gma.Network.Prepare(weights, Of("image1"), Of("image2"), norm, null), reference["iters"].Count())
            .Select(flow => flow.Full)
            .ToArray();
        var loss = SequenceLoss.Of(flows, truth, reference.Find("loss_gamma")?.Number() ?? SequenceLoss.Gamma);
        loss.backward();

        foreach (var name in new[] { "loss", "loss_f64" })
            reference.Find(name)?.Compare(loss.item<double>(), Loss);
        foreach (var name in new[] { "metrics", "metrics_f64" })
            CheckMetrics(checks, reference.Find(name), FlowErrors.Of(flows[^1], truth));
        var slopes = trainable.ToDictionary(pair => pair.Key, pair => pair.Value.grad!, StringComparer.Ordinal);
        CheckGradients(checks, reference, slopes, gradients);
        gradients?.Compare("flow_up_last", flows[^1], Flow);
        CheckStatistics(checks, reference.Find("running_stats"), statistics, runs);
        foreach (var tensor in statistics.Values)
            tensor.Dispose();
    }

    /// <summary>A norm that counts the batches it has seen, as num_batches_tracked does.</summary>
    private static Norm Counted(Norm norm, Dictionary<string, int> runs) =>
        (weights, name, x) =>
        {
            runs[$"cnet.{name}"] = runs.GetValueOrDefault($"cnet.{name}") + 1;
            return norm(weights, name, x);
        };

    private static void CheckMetrics(Checks checks, StoredNode? stored, FlowErrors errors)
    {
        if (stored is null)
            return;
        var group = checks.Group(stored.Path, stored.File);
        foreach (var (name, value) in stored.Members)
        {
            if (name == "epe")
                group.Number(name, errors.EndPointError, value, Metric);
            else if (
                name.EndsWith("px", StringComparison.Ordinal)
                && int.TryParse(name[..^2], CultureInfo.InvariantCulture, out var pixels)
                && errors.Below.TryGetValue(pixels, out var share)
            )
                group.Number(name, share, value, Metric);
        }

        group.Done();
    }

    /// <summary>
    /// Each parameter's gradient may be four times as far away as the references' float32 run is from float64 (they propose ten). Where
    /// that happens to be next to nothing: 1e-5 of its own length; and where a gradient is 0 but for rounding (a bias before an instance
    /// norm), 2e-8 of the whole gradient.
    /// </summary>
    private static void CheckGradients(Checks checks, StoredNode reference, Dictionary<string, Tensor> slopes, StoredTensors? gradients)
    {
        var total = reference["total_grad_norm"].Number();
        var norm = AdamW.Norm(slopes.Values);
        foreach (var name in new[] { "total_grad_norm", "total_grad_norm_f64" })
            reference.Find(name)?.Compare(norm, new("norm in float32", OfEach: 2e-5));
        var (norms, firsts, wholes) = (
            checks.Group("gradient norms", reference.File),
            checks.Group("first gradient elements", reference.File),
            checks.Group("whole gradients (distance)", gradients?.FileOf("") ?? "")
        );
        var named = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, stored) in reference["params"].Members)
        {
            var canonical = Gma.Network.Canonical(name);
            if (stored.IsNull())
            {
                norms.Same(name, canonical is not null && slopes.ContainsKey(canonical) ? "a gradient" : "none", "none");
                continue;
            }

            if (canonical is null || !slopes.TryGetValue(canonical, out var slope))
            {
                norms.Same(name, "no such parameter", "a gradient");
                continue;
            }

            named.Add(canonical);
            var length = stored["l2"].Number();
            var bound = new Tolerance("4 times the references' noise", (4 * stored["diff_l2"].Number()) + (1e-5 * length) + (2e-8 * total));
            var actual = slope.flatten().to_type(ScalarType.Float64);
            var element = bound with { Absolute = bound.Absolute * Math.Min(1, MostOfOneElement / Math.Sqrt(actual.shape[0])) };
            norms.Number(name, actual.norm().item<double>(), stored["l2"], bound);
            if (stored.Find("l2_f64") is { } wide)
                norms.Number($"{name}, l2_f64", actual.norm().item<double>(), wide, bound);
            foreach (var (value, i) in stored["first3"].Items.Select((value, i) => (value, i)))
                firsts.Number($"{name}[{i}]", i < actual.shape[0] ? actual[i].item<double>() : double.NaN, value, element);
            if (gradients?.Has($"grad.{name}") == true)
            {
                gradients.Compare($"grad.{name}", slope, element);
                var whole = gradients[$"grad.{name}"].flatten();
                wholes.Distance(
                    name,
                    whole.shape[0] == actual.shape[0] ? actual.sub(whole).norm().item<double>() : double.NaN,
                    actual.norm().item<double>(),
                    bound
                );
            }
        }

        foreach (var missing in slopes.Keys.Except(named, StringComparer.Ordinal))
            norms.Same(missing, "a gradient", "nothing");
        norms.Done();
        firsts.Done();
        wholes.Done();
    }

    private static void CheckStatistics(
        Checks checks,
        StoredNode? stored,
        Dictionary<string, Tensor> statistics,
        Dictionary<string, int> runs
    )
    {
        if (stored is null)
            return;
        var group = checks.Group("running statistics after the pass", stored.File);
        foreach (var (name, entry) in stored.Members)
        {
            const string counter = ".num_batches_tracked";
            var canonical = GmaFill(name);
            var values = name.EndsWith(counter, StringComparison.Ordinal)
                ? tensor(new double[] { runs.GetValueOrDefault(canonical[..^counter.Length]) })
                : statistics.GetValueOrDefault(canonical)?.to_type(ScalarType.Float64);
            if (values is null)
            {
                group.Same(name, "no such statistic", "one");
                continue;
            }

            group.Number($"{name}, sum", values.sum().item<double>(), entry["sum"], Statistics);
            group.Number($"{name}, abs_sum", values.abs().sum().item<double>(), entry["abs_sum"], Statistics);
            foreach (var (element, i) in entry["first3"].Items.Select((element, i) => (element, i)))
                group.Number($"{name}[{i}]", values.flatten()[i].item<double>(), element, Statistics);
        }

        group.Done();
    }

    private static string GmaFill(string name) => name.Replace(".downsample.1.", ".norm3.", StringComparison.Ordinal);
}
