using System.Collections.Immutable;
using System.Text.Json;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Forward;
using Motion.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Parity.Forms;

/// <summary>The published ImageNet ResNet-50: its tensors, its names, and what it sees in a picture.</summary>
internal static class Resnet50Form
{
    /// <summary>Weights as rounded to float16; the means are far nearer than single activations.</summary>
    private sealed record Closeness(Tolerance Feature, Tolerance Statistic, double Sum, Tolerance Logit)
    {
        public static Closeness Float32 { get; } =
            new(
                new("fifty layers in float32", Absolute: 1e-4, OfEach: 1e-4),
                new("fifty layers in float32", OfEach: 2e-5),
                1e-6,
                new("fifty layers in float32", Absolute: 1e-3)
            );

        public static Closeness Float16 { get; } =
            new(
                new("weights of float16", Absolute: 2e-2, OfEach: 5e-3),
                new("weights of float16", OfEach: 1e-3),
                5e-4,
                new("weights of float16", Absolute: 2e-2)
            );
    }

    private static readonly string[] Stages = ["pool1", "layer1", "layer2", "layer3", "layer4"];

    public static ParityForm Activations { get; } =
        new("resnet50", "tensors of the published weights, activations and logits of a picture", Recognise);

    public static ParityForm Names { get; } =
        new(
            "keras-names",
            "from Keras' names and layout to torchvision's",
            folder =>
                from file in folder.Jsons
                where
                    file.Root.ValueKind == JsonValueKind.Array
                    && file.Root.GetArrayLength() > 0
                    && file.Root.EnumerateArray()
                        .All(item => item.ValueKind == JsonValueKind.Object && item.TryGetProperty("kernel_hwio", out _))
                select new ParityCase(file.Stem, [file], checks => CheckNames(checks, checks.Open(file)))
        );

    private static IEnumerable<ParityCase> Recognise(OracleFolder folder)
    {
        var golden = folder.Jsons.FirstOrDefault(file => file.Has("features", "image"));
        var sums = folder.Jsons.FirstOrDefault(file => file.Has("conv1.weight", "bn1.weight"));
        var weights = folder.Tensors.FirstOrDefault(file => file.Has("conv1.weight", "layer1.0.conv1.weight"));
        if (golden is null && sums is null)
            yield break;
        var image =
            golden is not null && golden.Root.GetProperty("image").ValueKind == JsonValueKind.String
                ? folder.Find(golden.Root.GetProperty("image").GetString()!.Split(' ')[0])
                : null;
        ImmutableArray<OracleFile> files = [.. new OracleFile?[] { golden, sums, weights, image }.OfType<OracleFile>()];
        yield return new("resnet50", files, checks => Check(checks, (golden, sums, weights, image)));
    }

    private static void Check(
        Checks checks,
        (OracleFile.Json? Golden, OracleFile.Json? Sums, OracleFile.Tensors? Weights, OracleFile? Image) files
    )
    {
        using var noGrad = no_grad();
        if (files.Image is not null)
            checks.Cover(files.Image.Name, "");
        foreach (var (name, path) in Sources(files.Weights, checks.Bench.Published))
        {
            checks.Part(
                name,
                () =>
                {
                    using var weights = WeightFiles.Read(path).Match(read => read, error => throw new LackingException(error.Describe()));
                    var closeness = weights["conv1.weight"].dtype == ScalarType.Float16 ? Closeness.Float16 : Closeness.Float32;
                    if (files.Weights is not null && path == files.Weights.Path)
                        CoverUsed(checks, files.Weights, weights);
                    if (files.Sums is not null)
                        CheckSums(checks, name, checks.Open(files.Sums), weights, closeness);
                    if (files.Golden is not null)
                        CheckActivations(checks, name, checks.Open(files.Golden), (weights, path), files.Image, closeness);
                }
            );
        }

        if (!Sources(files.Weights, checks.Bench.Published).Any())
            throw new LackingException(
                $"there are no weights: neither a safetensors file with conv1.weight beside it, nor those of {checks.Bench.Published.Fetch}"
            );
    }

    /// <summary>The weights in the folder, and the published ones in float32 where they have been fetched.</summary>
    private static IEnumerable<(string Name, string Path)> Sources(OracleFile.Tensors? weights, PublishedResnet published)
    {
        if (weights is not null)
            yield return (weights.Name, weights.Path);
        if (published.Path is { } path)
            yield return ("published weights", path);
    }

    /// <summary>The loader refuses a backbone that lacks or exceeds an entry; so what is there is used.</summary>
    private static void CoverUsed(Checks checks, OracleFile.Tensors file, Weights weights)
    {
        foreach (var (name, _) in weights.All)
            checks.Cover(file.Name, name);
    }

    private static void CheckSums(Checks checks, string source, StoredNode stored, Weights weights, Closeness closeness)
    {
        var group = checks.Group($"{source}: shapes and sums", stored.File);
        foreach (var (name, entry) in stored.Members.Where(member => weights.Has(member.Name)))
        {
            using var scope = NewDisposeScope();
            var (values, magnitude) = (weights[name].to(ScalarType.Float64), entry["abs_sum"].Number());
            var tolerance = new Tolerance(closeness.Feature.Name, Absolute: closeness.Sum * magnitude);
            group.Same($"{name}, shape", string.Join(",", values.shape), string.Join(",", entry["shape"].Numbers()));
            group.Number($"{name}, sum", values.sum().item<double>(), entry["sum"], tolerance);
            group.Number($"{name}, abs_sum", values.abs().sum().item<double>(), entry["abs_sum"], tolerance);
        }

        group.Done();
    }

    private static void CheckActivations(
        Checks checks,
        string source,
        StoredNode golden,
        (Weights All, string Path) weights,
        OracleFile? image,
        Closeness closeness
    )
    {
        if (image is null)
            throw new LackingException($"{golden.File} needs the picture {golden["image"].Text()} beside it");
        var options = new BackboneOptions { Weights = weights.Path, PixelMean = [103.939, 116.779, 123.68] };
        using var backbone = BackboneFiles
            .Read(weights.Path, options)
            .Match(read => read, error => throw new LackingException(error.Describe()));
        var picture = RaftSmallForm.Picture(image.Path);
        var size = new Size2((int)picture.shape[1], (int)picture.shape[2]);
        var input = Views.Normalise(picture, options, Views.RoundUp(size));
        var folded = Backbones.Prepare(options, backbone);
        var pool = Resnet.StemForward(folded, input);
        var first = Resnet.Stage(options.Layout, folded, "res2", Resnet.Blocks(options.Network)[0], pool, stride: 1);
        Tensor[] features = [pool, first, .. Resnet.Forward(options, folded, input).All];
        foreach (var (stage, feature) in Stages.Zip(features))
            CheckFeature(checks, $"{source}: {stage}", golden["features"][stage], feature, closeness);
        golden["image"].Text();
        golden.Find("pre")?.Aside();
        if (weights.All.Has("fc.weight"))
            CheckLogits(checks, source, golden, features[^1], weights.All, closeness);
        else if (checks.Bench.Published.Path is null)
            checks.Remark(
                $"the logits, and fc in the sums, need the classifier, which the backbone's file lacks: {checks.Bench.Published.Fetch}"
            );
    }

    private static void CheckFeature(Checks checks, string quantity, StoredNode stored, Tensor feature, Closeness closeness)
    {
        var wide = feature.to(ScalarType.Float64);
        var (h, w) = (feature.shape[2], feature.shape[3]);
        var group = checks.Group(quantity, stored.File);
        group.Same("shape", string.Join(",", feature.shape), string.Join(",", stored["shape"].Numbers()));
        group.Number("mean", wide.mean().item<double>(), stored["mean"], closeness.Statistic);
        group.Number("std", wide.std().item<double>(), stored["std"], closeness.Statistic);
        group.Number("max", wide.max().item<double>(), stored["max"], closeness.Feature);
        foreach (var (value, x) in stored["first8_c0_row0"].Items.Select((value, x) => (value, x)))
            group.Number($"[0, 0, 0, {x}]", wide[0, 0, 0, x].item<double>(), value, closeness.Feature);
        group.Number("channel 7, centre", wide[0, 7, h / 2, w / 2].item<double>(), stored["c7_centre"], closeness.Feature);
        group.Done();
    }

    /// <summary>The classifier that the network was published with: the mean over the picture, then a linear layer.</summary>
    private static void CheckLogits(Checks checks, string source, StoredNode golden, Tensor features, Weights weights, Closeness closeness)
    {
        var logits = Products.AddMatrices(
            weights["fc.bias"].to(ScalarType.Float32),
            features.mean([2, 3]),
            weights["fc.weight"].to(ScalarType.Float32).t()
        )[0]; // [1000]
        var (probabilities, order) = (logits.softmax(0), Facts.Ints(logits.sort(0, descending: true, stable: true).Item2));
        var group = checks.Group($"{source}: logits", golden.File);
        foreach (var (value, i) in golden["logits_first8"].Items.Select((value, i) => (value, i)))
            group.Number($"logit {i}", logits[i].item<float>(), value, closeness.Logit);
        foreach (var (best, rank) in golden["top5"].Items.Select((best, rank) => (best, rank)))
        {
            var index = best["index"].Count();
            group.Number($"rank {rank}", order[rank], index, Tolerance.Exact);
            group.Number($"logit {index}", logits[index].item<float>(), best["logit"], closeness.Logit);
            group.Number($"probability {index}", probabilities[index].item<float>(), best["prob"], closeness.Logit);
            best.Find("label")?.Aside();
        }

        group.Done();
    }

    /// <summary>Each convolution and its norm go through the converter by themselves.</summary>
    private static void CheckNames(Checks checks, StoredNode stored)
    {
        var group = checks.Group("names and layouts", stored.File);
        foreach (var item in stored.Items)
        {
            using var scope = NewDisposeScope();
            var (conv, norm) = (item["tf_conv"].Text(), item["tf_bn"].Text());
            long[] kernel = [.. item["kernel_hwio"].Items.Select(side => (long)side.Count())];
            var keras = Weights.Of([new($"{conv}/kernel", zeros(kernel)), new($"{norm}/gamma", zeros(kernel[^1]))]);
            var expected =
                $"{item["conv"].Text()}.weight [{kernel[3]}, {kernel[2]}, {kernel[0]}, {kernel[1]}]; {item["bn"].Text()}.weight [{kernel[3]}]";
            group.Same(
                conv,
                KerasResNet.ToTorchvision(keras).Match(read => Described(read, item["conv"].Text()), problem => problem),
                expected
            );
        }

        group.Done();
    }

    private static string Described(Weights weights, string first)
    {
        using (weights)
        {
            return string.Join(
                "; ",
                weights
                    .All.OrderByDescending(pair => pair.Key == $"{first}.weight")
                    .Select(pair => $"{pair.Key} [{string.Join(", ", pair.Value.shape)}]")
            );
        }
    }
}
