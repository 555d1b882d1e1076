using System.Collections.Immutable;
using System.Text.Json;
using Motion.Contracts;
using Motion.Forward;
using Motion.Kernels;
using Motion.Loss;
using Motion.Properties.Generators;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Forward;

/// <summary>Training steps of the whole network, loss included, against the authors' numbers.</summary>
[Collection(OracleModel.Tests)]
public sealed class TrainingGolden(OracleModel oracle)
{
    private const double Loss = 1e-5;
    private const double GradientNorm = 1e-3; // another rounding can push one ReLU or one arg-max over its kink
    private const double Gradient = 2e-3;
    private const double AfterTwoSteps = 1e-3;

    [Fact]
    public void FirstStep_OfCaseA_IsTheAuthors() => FirstStep("case_a");

    [Fact]
    public void TwoSteps_OfCaseA_AreTheAuthors() => TwoSteps("case_a", "lr0.001_iter0", rate: 0.001, iteration: 0);

    private void FirstStep(string name)
    {
        using var scope = NewDisposeScope();
        var settings = Settings(rate: 0.001);
        using var state = State(settings, iteration: 0);
        using var expected = Oracle.Read($"{name}_train");
        var facts = Oracle.Facts($"{name}_facts").GetProperty("train");
        var pass = Predict(settings, state, name);
        var graph = (PassGraph)pass.Graph;
        var prediction = pass.Prediction;

        Oracle.Same(prediction.Targets.Labels, expected["all_labels"], "labels");
        var positive = prediction.Targets.Labels.ne(Held.Of(Oracle.Classes)).nonzero().squeeze(1);
        Oracle.Same(positive, expected["pos_inds"], "positives");
        Oracle.Near(prediction.Targets.Regression.index_select(0, positive), expected["pos_reg_targets"], "distances", ofMaximum: 1e-6);
        Oracle.Same(prediction.Instances.Boxes, expected["kept_gt_inds"], "boxes of the kept");
        Oracle.Same(prediction.Instances.Images, expected["kept_im_inds"], "images of the kept");
        Oracle.Near(prediction.Instances.MaskLogits, expected["mask_logits_s4"], "mask logits", ofMaximum: 1e-4);

        using var gradient = LossStage.Create(new LossOptions())(prediction.Share()).OrThrow();
        foreach (var term in gradient.Terms)
        {
            Near(term.Value, facts.GetProperty("losses").GetProperty(term.Name).GetDouble(), Loss, term.Name);
        }

        Tensor[] upstream = [gradient.Maps.ClassLogits, gradient.Maps.BoxRegression, gradient.Maps.Centerness, gradient.MaskLogits];
        var gradients = settings
            .Trained.Zip(Gradients.Of([.. graph.Outputs], [.. graph.Leaves], upstream))
            .ToDictionary(each => each.First.Name, each => each.Second!, StringComparer.Ordinal);
        var norms = facts.GetProperty("grad_l2_norm").EnumerateObject().ToArray();
        Assert.Equal(norms.Select(norm => norm.Name).Order(StringComparer.Ordinal), gradients.Keys.Order(StringComparer.Ordinal));
        foreach (var norm in norms.Where(norm => norm.Value.GetDouble() > 1e-4))
        {
            Near(gradients[norm.Name].norm().Number(), norm.Value.GetDouble(), GradientNorm, $"gradient of {norm.Name}");
        }

        foreach (var (entry, values) in expected.All.Where(entry => entry.Key.StartsWith("grad/", StringComparison.Ordinal)))
        {
            Oracle.Near(gradients[entry["grad/".Length..]], values, entry, Gradient);
        }

        prediction.Dispose();
        graph.Dispose();
    }

    private void TwoSteps(string name, string run, double rate, int iteration)
    {
        using var scope = NewDisposeScope();
        var settings = Settings(rate);
        var state = State(settings, iteration);
        var loss = LossStage.Create(new LossOptions { Pairwise = new() { Flow = false } });
        var losses = new List<Gradient>();
        for (var step = 0; step < 3; step++)
        {
            var pass = Predict(settings, state, name);
            losses.Add(loss(pass.Prediction).OrThrow());
            if (step < 2)
            {
                state = Trainers.Learn(settings, state, pass, losses[step]).OrThrow();
            }
            else
            {
                pass.Graph.Dispose();
            }
        }

        var stored = Oracle
            .Facts($"{name}_facts")
            .GetProperty("sgd")
            .GetProperty(run)
            .GetProperty("losses_at_forward_1_2_3")
            .EnumerateArray()
            .ToArray();
        foreach (var (gradient, expected, tolerance) in losses.Zip(stored, [Loss, AfterTwoSteps, 10 * AfterTwoSteps]))
        {
            Near(gradient.Total, expected.GetProperty("total").GetDouble(), tolerance, "total loss");
        }

        using var after = Oracle.Read($"{name}_sgd");
        foreach (var (entry, values) in after.All.Where(entry => entry.Key.StartsWith($"{run}/", StringComparison.Ordinal)))
        {
            Oracle.Near(state.Weights[entry[(run.Length + 1)..]], values, entry, AfterTwoSteps);
        }

        state.Dispose();
        losses.ForEach(gradient => gradient.Dispose());
    }

    private static TrainerSettings Settings(double rate) =>
        TrainerSettings.Of(
            Oracle.Options with
            {
                Optimiser = new()
                {
                    LearningRate = rate,
                    Warmup = 0,
                    Steps = [],
                },
            },
            Oracle.Classes,
            new Seed(1),
            CPU
        );

    // A state of its own: learning changes it.
    private TrainState State(TrainerSettings settings, int iteration) =>
        new(
            Weights.Of(oracle.Weights.All.Select(entry => KeyValuePair.Create(entry.Key, entry.Value.clone().DetachFromDisposeScope()))),
            Weights.Of(settings.Trained.Select(entry => KeyValuePair.Create(entry.Name, zeros([.. entry.Shape]).DetachFromDisposeScope()))),
            iteration
        );

    // The case's pictures are already resized: the network's part of Predict, from normalised pictures on.
    private static ForwardPass Predict(TrainerSettings settings, TrainState state, string name)
    {
        using var scope = NewDisposeScope();
        var (input, images) = WholeModelGolden.Input(name);
        using var file = Oracle.Read($"{name}_input");
        var pictures = Enumerable.Range(0, images).Select(image => file[$"image{image}"].flip(0)).ToArray();
        var views = pictures.Select(picture => new View(new Size2((int)picture.shape[1], (int)picture.shape[2]), Flip: false)).ToArray();
        var padded = Encoder.Padded(views);
        var (leaves, weights) = Trainers.Leaves(settings, state);
        var features = Backbones.Forward(settings.Options.Backbone, Backbones.Prepare(settings.Options.Backbone, weights), input);
        var colour = Stride4.ColourBytes(Joins.Cat([.. pictures.Select(picture => Views.Pad(picture, padded).unsqueeze(0))], 0));
        var batch = new EncodedBatch(features, colour, ones(colour.shape), padded); // a flow picture of one colour: every pair agrees
        var targets = Enumerable.Range(0, images).Select(image => Targets(file, image)).ToArray();
        var valid = views
            .Select((view, image) => Views.ValidSize(view, Original(file, image), settings.Options.Mask.BottomPixelsRemoved))
            .ToArray();
        return TrainingPass.Run(settings.Options, settings.Classes, weights, leaves, batch, 0, state.Iteration, targets, valid);
    }

    private static ImmutableArray<Target> Targets(Weights file, int image)
    {
        var (boxes, classes) = (file[$"boxes{image}"].Elements<float>(), HeadGolden.Ints(file[$"classes{image}"]));
        return
        [
            .. classes.Select(
                (each, k) => new Target(new Box(boxes[4 * k], boxes[(4 * k) + 1], boxes[(4 * k) + 2], boxes[(4 * k) + 3]), each)
            ),
        ];
    }

    private static Size2 Original(Weights file, int image)
    {
        var size = HeadGolden.Ints(file[$"orig_hw{image}"]);
        return new(size[0], size[1]);
    }

    private static void Near(double actual, double expected, double relative, string what) =>
        Assert.True(Math.Abs(actual - expected) <= relative * Math.Abs(expected), $"{what}: {actual:R}, expected {expected:R}");
}
