using System.Globalization;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Forward;
using Motion.Kernels;
using Motion.Parity.Fills;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Parity.Forms;

/// <summary>Tables of BoxInst: the optimiser's groups and rates, the names of the pretrained file, and what happens at the edges.</summary>
internal static class BoxinstTableForms
{
    private const int IterationsOf1X = 90_000;

    public static ParityForm Solver { get; } =
        new(
            "solver",
            "which parameters decay, and the learning rate over the iterations",
            folder =>
                from file in folder.Jsons
                where file.Has("param_groups", "lr_used_at_iteration")
                select new ParityCase(file.Stem, [file], checks => CheckSolver(checks, checks.Open(file)))
        );

    public static ParityForm Names { get; } =
        new(
            "backbone-names",
            "from the names in R-50.pkl to those of the state dict",
            folder =>
                from file in folder.Jsons
                where file.Has("map") && file.Root.GetProperty("map").ValueKind == System.Text.Json.JsonValueKind.Object
                select new ParityCase(file.Stem, [file], checks => CheckNames(checks, checks.Open(file)))
        );

    public static ParityForm Edges { get; } =
        new(
            "edges",
            "a batch without a positive location, a picture without a detection",
            folder =>
                from file in folder.Jsons
                where file.Has("no_positive_location")
                let input = folder.Tensors.FirstOrDefault(other =>
                    other.Has("image0", "boxes0") && !other.Has("classes0") && other.Stem.Split('_')[0] == file.Stem.Split('_')[0]
                )
                select new ParityCase(
                    file.Stem,
                    input is null ? [file] : [file, input],
                    checks => CheckEdges(checks, checks.Open(file), input)
                )
        );

    /// <summary>
    /// The published schedules: 90,000 iterations with steps at 60,000 and 80,000; where rates of later iterations are stored, the one
    /// three times as long.
    /// </summary>
    private static OptimiserOptions Schedule(StoredNode rates) =>
        rates.Members.Select(member => long.Parse(member.Name, CultureInfo.InvariantCulture)).DefaultIfEmpty(0).Max() < IterationsOf1X
            ? new OptimiserOptions()
            : new OptimiserOptions { Steps = [210_000, 250_000] };

    private static void CheckSolver(Checks checks, StoredNode stored)
    {
        OptimiserGroups.Check(
            checks,
            stored["param_groups"],
            TrainerSettings.Of(BoxinstFill.Options, BoxinstFill.Classes, new Seed(1), CPU)
        );
        var options = Schedule(stored["lr_used_at_iteration"]);
        var group = checks.Group("learning rates", stored.File);
        foreach (var (iteration, rate) in stored["lr_used_at_iteration"].Members)
        {
            group.Number(
                $"iteration {iteration}",
                Motion.Forward.Schedule.LearningRate(options, int.Parse(iteration, CultureInfo.InvariantCulture)),
                rate,
                new("formula in double", OfEach: 1e-14)
            );
        }

        group.Done();
        stored.Find("note")?.Aside();
    }

    private static void CheckNames(Checks checks, StoredNode stored)
    {
        var entries = Backbones
            .Entries(BoxinstFill.Options.Backbone)
            .Select(entry => $"{Backbones.Scope}.{entry.Name}")
            .ToHashSet(StringComparer.Ordinal);
        var group = checks.Group("names", stored.File);
        foreach (var (name, target) in stored["map"].Members)
        {
            var ours = BackboneNames.Detectron(name) is { } local ? $"{Backbones.Scope}.{local}" : "unused";
            var theirs = target.IsNull() ? "unused" : target.Text();
            group.Same(name, ours, theirs);
            if (theirs != "unused")
                group.Same($"{theirs}, of the backbone and once", entries.Remove(theirs), expected: true);
        }

        foreach (var missing in entries)
            group.Same(missing, "an entry of the backbone", "not reached");
        group.Done();
        stored.Find("note")?.Aside();
    }

    private static void CheckEdges(Checks checks, StoredNode stored, OracleFile.Tensors? inputFile)
    {
        if (inputFile is null)
            throw new LackingException(
                $"{stored.File} needs the picture and box it was made of, {stored.File.Split('_')[0]}_..._input.safetensors with image0 and boxes0"
            );
        using var tensors = checks.Open(inputFile);
        var input = ModelInput.Of(tensors);
        var settings = ModelTraining.Settings(rate: 0.01);
        using var state = ModelTraining.Start(settings, checks.Bench.Boxinst, iteration: 0);
        var training = new ModelTraining(settings, input);
        var pass = training.Predict(state);
        using var prediction = pass.Prediction;
        using var graph = (PassGraph)pass.Graph;
        using var gradient = ModelTraining.Loss(prediction);
        var losses = checks.Group("losses without a positive location", stored.File);
        ModelTrainCheck.Terms(losses, stored["no_positive_location"], gradient, ModelTrainCheck.Loss);
        losses.Done();
        if (stored.Find("no_positive_location_controller_grad_norm") is { } norm)
        {
            var slopes = training
                .Gradients(pass, gradient)
                .Where(pair => pair.Key.StartsWith($"{Controller.Scope}.", StringComparison.Ordinal))
                .Select(pair => pair.Value.norm().Number());
            norm.Compare(Math.Sqrt(slopes.Sum(slope => slope * slope)), Tolerance.Exact);
        }

        CheckNothingFound(checks, stored.Find("no_detection"), input);
        foreach (var text in new[] { "image_without_gt", "batched_inference_with_two_sizes" })
            stored.Find(text)?.Aside();
    }

    /// <summary>Inference with a threshold that nothing passes.</summary>
    private static void CheckNothingFound(Checks checks, StoredNode? stored, ModelInput input)
    {
        if (stored is null)
            return;
        using var noGrad = no_grad();
        var options = ModelInput.Options with { Inference = new() { ScoreThreshold = 1 } };
        var model = DetectorModel.Of(options, BoxinstFill.Classes, checks.Bench.Boxinst, CPU);
        try
        {
            var (candidates, logits) = Detectors.Find(model, input.Normalised().narrow(0, 0, 1));
            var group = checks.Group("no detection", stored.File);
            group.Number("n", candidates.Length, stored["n"], Tolerance.Exact);
            group.Same("has masks", logits is not null, stored["has_pred_masks"].Flag());
            group.Done();
            stored.Find("fields")?.Aside();
        }
        finally
        {
            model.Weights.Dispose();
            model.Backbone.Dispose();
        }
    }
}
