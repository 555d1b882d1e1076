using System.Collections.Immutable;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Forward;
using static TorchSharp.torch;

namespace Motion.Parity.Forms;

/// <summary>BoxInst as a whole on a batch of pictures: features, heads, a training step, optimiser steps, inference.</summary>
internal static class ModelCaseForm
{
    /// <summary>Another order of sums through some sixty layers.</summary>
    private static readonly Tolerance Forward = new("deep network in float32", OfLargest: 2e-5);

    public static ParityForm Form { get; } =
        new("boxinst-model", "backbone, FPN, heads, targets, losses, gradients, SGD steps, inference to masks", Recognise);

    private static IEnumerable<ParityCase> Recognise(OracleFolder folder)
    {
        foreach (var group in folder.Tensors.Where(IsPart).GroupBy(Prefix, StringComparer.Ordinal))
        {
            var facts = folder.Jsons.FirstOrDefault(file =>
                Prefix(file) == group.Key && (file.Has("train") || file.Has("sgd") || file.Has("inference_margins"))
            );
            ImmutableArray<OracleFile.Tensors> files = [.. group];
            yield return new(group.Key, facts is null ? [.. files] : [.. files, facts], checks => Check(checks, group.Key, files, facts));
        }

        foreach (
            var alone in folder.Jsons.Where(file =>
                file.Has("train", "sgd") && !folder.Tensors.Any(other => IsPart(other) && Prefix(other) == Prefix(file))
            )
        )
        {
            yield return new(Prefix(alone), [alone], checks => throw new LackingException(Needs(alone.Name, Prefix(alone))));
        }
    }

    /// <summary>case_a of case_a_heads.</summary>
    private static string Prefix(OracleFile file) => file.Stem.LastIndexOf('_') is > 0 and var at ? file.Stem[..at] : file.Stem;

    private static bool IsPart(OracleFile.Tensors file) =>
        IsInput(file) || IsNetwork(file) || file.Has("all_labels") || file.Has("mask_area0") || IsRuns(file);

    /// <summary>Maps of the backbone, the pyramid or the heads.</summary>
    private static bool IsNetwork(OracleFile.Tensors file) =>
        !file.Has("boxes0")
        && new[] { "res3", "p3", "logits_p3", "mask_feats_train", "mask_feats_eval" }.Any(name =>
            file.Shapes.TryGetValue(name, out var shape) && shape.Length == 4
        );

    private static bool IsInput(OracleFile.Tensors file) => file.Has("image0", "boxes0", "classes0");

    private static bool IsRuns(OracleFile.Tensors file) =>
        !file.Shapes.IsEmpty
        && file.Shapes.Keys.All(name => name.StartsWith("lr", StringComparison.Ordinal) && name.Contains('/', StringComparison.Ordinal));

    private static string Needs(string file, string prefix) =>
        $"{file} needs the pictures and boxes it was made of: {prefix}_input.safetensors with image0, boxes0, classes0, orig_hw0, ...";

    private static void Check(Checks checks, string prefix, ImmutableArray<OracleFile.Tensors> files, OracleFile.Json? factsFile)
    {
        if (files.FirstOrDefault(IsInput) is not { } inputFile)
            throw new LackingException(Needs(string.Join(", ", files.Select(file => file.Name)), prefix));
        using var stored = checks.Open(inputFile);
        var facts = factsFile is null ? null : checks.Open(factsFile);
        var input = ModelInput.Of(stored);
        stored.Compare("input_norm", input.Normalised(), Tolerance.Exact);
        void Of(Func<OracleFile.Tensors, bool> isWanted, string what, Action<StoredTensors?> check, bool always = false)
        {
            var wanted = files.Where(file => file != inputFile && isWanted(file)).ToImmutableArray();
            if (wanted.IsEmpty && !always)
                return;
            checks.Part(
                what,
                () =>
                {
                    using var tensors = wanted.IsEmpty ? null : checks.Open(wanted);
                    check(tensors);
                }
            );
        }

        Of(IsNetwork, "features and heads", tensors => CheckNetwork(checks, tensors!, input));
        Of(
            file => file.Has("all_labels"),
            "the first training step",
            tensors => ModelTrainCheck.Run(checks, tensors, facts?.Find("train"), input),
            always: facts?.Has("train") == true
        );
        Of(
            IsRuns,
            "the optimiser's steps",
            tensors => ModelRunCheck.Run(checks, tensors, facts?.Find("sgd"), input),
            always: facts?.Has("sgd") == true
        );
        Of(
            file => file.Has("mask_area0"),
            "inference",
            tensors => ModelInferenceCheck.Run(checks, tensors!, facts?.Find("inference_margins"), input)
        );
    }

    private static void CheckNetwork(Checks checks, StoredTensors stored, ModelInput input)
    {
        using var noGrad = no_grad();
        var (options, model) = (ModelInput.Options, checks.Bench.Boxinst);
        var features = Backbones.Forward(options.Backbone, Backbones.Prepare(options.Backbone, model), input.Normalised());
        foreach (var (level, name) in features.All.Zip(["res3", "res4", "res5"]))
            stored.Compare(name, level, Forward);
        var pyramid = Pyramid.Forward(model.At(Pyramid.Scope), features);
        foreach (var (level, k) in pyramid.Select((level, k) => (level, k + 3)))
            stored.Compare($"p{k}", Front(stored, $"p{k}", level), Forward);
        var evaluated = Segmenter.Forward(options, model, features, input.Images, next: null);
        var trained = Segmenter.Forward(options, model, features, input.Images, new Dictionary<string, Tensor>(StringComparer.Ordinal));
        foreach (var (level, k) in evaluated.Levels.Select((level, k) => (level, k)))
        {
            stored.Compare($"logits_p{k + 3}", Front(stored, $"logits_p{k + 3}", level.ClassLogits), Forward);
            stored.Compare($"bbox_reg_p{k + 3}", level.BoxRegression, Forward);
            stored.Compare($"ctrness_p{k + 3}", level.Centerness, Forward);
            if (stored.Has($"top_feat_p{k + 3}"))
                stored.Compare($"top_feat_p{k + 3}", EveryParameter(model, evaluated, k), Forward);
        }

        stored.Compare("mask_feats_eval", evaluated.MaskFeatures, Forward);
        stored.Compare("mask_feats_train", trained.MaskFeatures, Forward);
    }

    /// <summary>The channels that a reference keeps: the first ones, where its metadata say so (first.NAME).</summary>
    private static Tensor Front(StoredTensors stored, string name, Tensor full) =>
        stored.Metadata($"first.{name}") is { } count
        && int.TryParse(count, System.Globalization.CultureInfo.InvariantCulture, out var channels)
            ? full.narrow(1, 0, channels)
            : full;

    /// <summary>The controller at every location of a level: [N, P, h, w].</summary>
    private static Tensor EveryParameter(Weights model, SegmenterOutput output, int level)
    {
        var (n, size) = ((int)output.MaskFeatures.shape[0], output.Grid[level].Size);
        var cells =
            from image in Enumerable.Range(0, n)
            from row in Enumerable.Range(0, size.Height)
            from column in Enumerable.Range(0, size.Width)
            select new Cell(level, image, row, column);
        var flat = Controller.Forward(model.At(Controller.Scope), [.. output.Levels.Select(each => each.BoxTower)], [.. cells]);
        return flat.reshape(n, size.Height, size.Width, -1).permute(0, 3, 1, 2);
    }
}
