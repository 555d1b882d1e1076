using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Flow;
using Motion.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Parity.Forms;

/// <summary>The flow stage with published RAFT-small weights on real pairs, against flows of the published code.</summary>
internal static partial class RaftSmallForm
{
    /// <summary>A dozen iterations in float32 with sums in another order; 2.5e-4 pixels was seen.</summary>
    private static readonly Tolerance Pixels = new("twelve iterations in float32, pixels", Absolute: 1.5e-3);

    private static readonly Tolerance Mean = new("mean of such flows", Absolute: 1e-4);

    private static readonly Tolerance Truth = new("a mean in float32", OfEach: 1e-5);

    public static ParityForm Form { get; } =
        new("raft-small", "published weights on real frames: whole fields, points, end-point errors", Recognise);

    private static IEnumerable<ParityCase> Recognise(OracleFolder folder)
    {
        foreach (var weights in folder.Tensors.Where(file => file.Has("fnet.conv1.weight", "update_block.gru.convz.weight")))
        {
            var golden = folder.Jsons.FirstOrDefault(file =>
                file.Root.ValueKind == JsonValueKind.Object
                && file.Root.EnumerateObject().Any()
                && file.Root.EnumerateObject()
                    .All(pair => pair.Value.ValueKind == JsonValueKind.Object && pair.Value.TryGetProperty("points", out _))
            );
            var fields = folder.Files.OfType<OracleFile.Other>().Where(file => FieldName().IsMatch(file.Name)).ToImmutableArray();
            if (golden is null && fields.IsEmpty)
                continue;
            yield return new(
                weights.Stem,
                [weights, .. golden is null ? [] : (OracleFile[])[golden], .. fields],
                checks => Check(checks, weights, golden, fields)
            );
        }
    }

    private static void Check(Checks checks, OracleFile.Tensors weights, OracleFile.Json? golden, ImmutableArray<OracleFile.Other> fields)
    {
        using var noGrad = no_grad();
        foreach (var name in weights.Shapes.Keys)
            checks.Cover(weights.Name, name); // the stage takes exactly the network's tensors, and uses all
        var expected = golden is null ? null : checks.Open(golden);
        var wanted = fields
            .Select(file => (File: file, Match: FieldName().Match(file.Name)))
            .ToLookup(
                each =>
                    (
                        Pair: each.Match.Groups["pair"].Value,
                        Iterations: int.Parse(each.Match.Groups["iterations"].Value, CultureInfo.InvariantCulture)
                    ),
                each => each.File
            );
        var stated = expected?.Members.Select(pair => (Pair: pair.Name, Iterations: pair.Value["iters"].Count())) ?? [];
        foreach (var each in stated.Concat(wanted.Select(group => group.Key)).Distinct())
        {
            checks.Part(
                each.Pair,
                () =>
                {
                    var folder = FramesOf(checks.Folder.Root, each.Pair);
                    var stage = FlowStage
                        .Create(
                            new FlowOptions
                            {
                                Network = FlowSource.RaftSmall,
                                Weights = weights.Path,
                                Iterations = each.Iterations,
                            },
                            CPU
                        )
                        .Match(made => made, error => throw new LackingException(error.Describe()));
                    using var frame = stage(Pair(folder, each.Pair))
                        .Match(flow => flow, error => throw new LackingException(error.Describe()));
                    if (expected?.Find(each.Pair) is { } stored && stored["iters"].Count() == each.Iterations)
                        CheckStated(checks, stored, frame.Flow, folder);
                    foreach (var field in wanted[each])
                        CheckField(checks, field, frame.Flow);
                }
            );
        }
    }

    /// <summary>frame1.png, frame2.png and flow.flo lie beside the folder in flow/PAIR, or in the folder itself in PAIR.</summary>
    private static string FramesOf(string root, string pair)
    {
        string[] places = [Path.Combine(root, "..", "flow", pair), Path.Combine(root, "flow", pair), Path.Combine(root, pair)];
        return places.FirstOrDefault(place => File.Exists(Path.Combine(place, "frame1.png")))
            ?? throw new LackingException(
                $"the frames of {pair} are not there: {Path.GetFullPath(Path.Combine(places[0], "frame1.png"))} and frame2.png beside it"
            );
    }

    private static FramePair Pair(string folder, string name)
    {
        var (first, second) = (Picture(Path.Combine(folder, "frame1.png")), Picture(Path.Combine(folder, "frame2.png")));
        return new FramePair(new FrameKey(0, name, 0), new Size2((int)first.shape[1], (int)first.shape[2]), first, second, 1, null, null);
    }

    /// <summary>uint8 [3, H, W] RGB.</summary>
    public static Tensor Picture(string path)
    {
        var image = Png.Read(path).Match(read => read, error => throw new LackingException(error.Describe()));
        return tensor(image.ToPlanes(), [3, image.Size.Height, image.Size.Width]);
    }

    private static void CheckField(Checks checks, OracleFile.Other file, Tensor flow)
    {
        checks.Cover(file.Name, "");
        using var stored = FloTensors.Read(file.Path).Match(read => read, error => throw new LackingException(error.Describe()));
        var expected = StoredTensors.Doubles(stored);
        var difference = stored.shape.SequenceEqual(flow.shape)
            ? Difference.Between(StoredTensors.Doubles(flow), expected, Pixels)
            : Difference.Between([], expected, Pixels);
        checks.Add(
            "the whole field",
            file.Name,
            difference,
            Pixels,
            stored.shape.SequenceEqual(flow.shape)
                ? null
                : $"of [{string.Join(", ", stored.shape)}], recomputed [{string.Join(", ", flow.shape)}]"
        );
    }

    private static void CheckStated(Checks checks, StoredNode stored, Tensor flow, string folder)
    {
        if (stored.Find("pad") is { } pad)
            checks.Claim(
                $"{stored.Path}: padding",
                stored.File,
                pad.Text().Contains("sintel", StringComparison.OrdinalIgnoreCase),
                $"\"{pad.Text()}\" is not the stage's default, sintel"
            );
        var points = checks.Group($"{stored.Path}: points", stored.File);
        foreach (var point in stored["points"].Items)
        {
            var (y, x) = (point["y"].Count(), point["x"].Count());
            points.Number($"u at ({y}, {x})", flow[0, y, x].item<float>(), point["u"], Pixels);
            points.Number($"v at ({y}, {x})", flow[1, y, x].item<float>(), point["v"], Pixels);
        }

        points.Done();
        if (stored.Find("flow_mean") is { } means)
        {
            var group = checks.Group($"{stored.Path}: mean flow", stored.File);
            foreach (var (mean, c) in means.Items.Select((mean, c) => (mean, c)))
                group.Number($"component {c}", flow[c].to(ScalarType.Float64).mean().item<double>(), mean, Mean);
            group.Done();
        }

        CheckTruth(checks, stored, flow, Path.Combine(folder, "flow.flo"));
    }

    private static void CheckTruth(Checks checks, StoredNode stored, Tensor flow, string path)
    {
        if (!new[] { "epe", "gt_mean_magnitude", "gt_valid" }.Any(stored.Has))
            return;
        using var truth = FloTensors.Read(path).Match(read => read, error => throw new LackingException(error.Describe()));
        var known = FlowField.Known(truth);
        var lengths = FlowField.EndPointErrors(truth, zeros_like(truth)).masked_select(known).to(ScalarType.Float64);
        var group = checks.Group($"{stored.Path}: against the true flow", stored.File);
        if (stored.Find("epe") is { } epe)
            group.Number("end-point error", FlowField.EndPointError(flow, truth) ?? double.NaN, epe, Mean);
        if (stored.Find("gt_mean_magnitude") is { } length)
            group.Number("mean length", lengths.mean().item<double>(), length, Truth);
        if (stored.Find("gt_valid") is { } valid)
            group.Number("known share", known.to(ScalarType.Float64).mean().item<double>(), valid, Truth);
        group.Done();
    }

    [GeneratedRegex("^(?<pair>.+)_iters(?<iterations>[0-9]{1,4})[.]flo$", RegexOptions.ExplicitCapture)]
    private static partial Regex FieldName();
}
