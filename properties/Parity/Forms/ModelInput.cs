using System.Collections.Immutable;
using Motion.Contracts;
using Motion.Forward;
using Motion.Kernels;
using Motion.Loss;
using Motion.Parity.Fills;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Parity.Forms;

/// <summary>The batch of a whole-model case, as the forward stage sees it after its views are drawn.</summary>
/// <param name="Pictures">uint8 [3, h, w] RGB, already resized.</param>
/// <param name="Views">Their sizes.</param>
/// <param name="Originals">Sizes of the frames that they stand for.</param>
/// <param name="Boxes">float32 [n, 4] of each picture.</param>
/// <param name="Classes">Of each box.</param>
internal sealed record ModelInput(
    ImmutableArray<Tensor> Pictures,
    ImmutableArray<View> Views,
    ImmutableArray<Size2> Originals,
    ImmutableArray<Tensor> Boxes,
    ImmutableArray<int[]> Classes
)
{
    public static ForwardOptions Options => BoxinstFill.Options;

    public int Images => Pictures.Length;

    public Size2 Padded => Encoder.Padded(Views);

    /// <summary>image0, boxes0, classes0, orig_hw0, image1, ...; what is not stored of a picture is class 0 and its own size.</summary>
    public static ModelInput Of(StoredTensors stored)
    {
        var images = Enumerable.Range(0, stored.Names.Count).TakeWhile(image => stored.Has($"image{image}")).ToArray();
        var pictures = images.Select(image => stored[$"image{image}"].flip(0)).ToImmutableArray(); // stored BGR
        var views = pictures
            .Select(picture => new View(new Size2((int)picture.shape[1], (int)picture.shape[2]), Flip: false))
            .ToImmutableArray();
        return new(
            pictures,
            views,
            [
                .. images.Select(image =>
                    stored.Has($"orig_hw{image}") && Facts.Ints(stored[$"orig_hw{image}"]) is [var h, var w]
                        ? new Size2(h, w)
                        : views[image].Size
                ),
            ],
            [.. images.Select(image => stored[$"boxes{image}"])],
            [
                .. images.Select(image =>
                    stored.Has($"classes{image}") ? Facts.Ints(stored[$"classes{image}"]) : new int[stored[$"boxes{image}"].shape[0]]
                ),
            ]
        );
    }

    /// <summary>float32 [B, 3, H, W], normalised and padded together.</summary>
    public Tensor Normalised() =>
        Joins.Cat([.. Pictures.Select(picture => Motion.Forward.Views.Normalise(picture, Options.Backbone, Padded))], 0);

    /// <summary>uint8 [B, 3, H/4, W/4] RGB.</summary>
    public Tensor Colours() =>
        Stride4.ColourBytes(Joins.Cat([.. Pictures.Select(picture => Motion.Forward.Views.Pad(picture, Padded).unsqueeze(0))], 0));

    /// <summary>Rows and columns of each picture that count for pairs.</summary>
    public ImmutableArray<Size2> Valid() =>
        [.. Views.Zip(Originals, (view, original) => Motion.Forward.Views.ValidSize(view, original, Options.Mask.BottomPixelsRemoved))];

    /// <summary>What each picture is to teach.</summary>
    public ImmutableArray<Target>[] Targets() =>
        [
            .. Boxes.Zip(
                Classes,
                (boxes, classes) =>
                {
                    var numbers = StoredTensors.Doubles(boxes).Select(number => (float)number).ToArray();
                    return classes
                        .Select(
                            (each, k) =>
                                new Target(new Box(numbers[4 * k], numbers[(4 * k) + 1], numbers[(4 * k) + 2], numbers[(4 * k) + 3]), each)
                        )
                        .ToImmutableArray();
                }
            ),
        ];
}

/// <summary>A model in training on one batch, over and over.</summary>
internal sealed class ModelTraining(TrainerSettings settings, ModelInput input)
{
    private static readonly LossOptions WithoutFlow = new() { Pairwise = new() { Flow = false } };

    public static TrainerSettings Settings(double rate) =>
        TrainerSettings.Of(
            ModelInput.Options with
            {
                Optimiser = new()
                {
                    LearningRate = rate,
                    Warmup = 0,
                    Steps = [],
                },
            },
            BoxinstFill.Classes,
            new Seed(1),
            CPU
        );

    /// <summary>A state of its own: learning changes it.</summary>
    public static TrainState Start(TrainerSettings settings, Weights weights, int iteration) =>
        new(
            Weights.Of(weights.All.Select(entry => KeyValuePair.Create(entry.Key, entry.Value.clone().DetachFromDisposeScope()))),
            Weights.Of(settings.Trained.Select(entry => KeyValuePair.Create(entry.Name, zeros([.. entry.Shape]).DetachFromDisposeScope()))),
            iteration
        );

    /// <summary>
    /// The forward stage's half of a step, from normalised pictures on; the flow is of one colour, so that every pair agrees in it.
    /// </summary>
    public ForwardPass Predict(TrainState state)
    {
        using var scope = NewDisposeScope();
        var (leaves, weights) = Trainers.Leaves(settings, state);
        var features = Backbones.Forward(
            settings.Options.Backbone,
            Backbones.Prepare(settings.Options.Backbone, weights),
            input.Normalised()
        );
        var colour = input.Colours();
        var batch = new EncodedBatch(features, colour, ones(colour.shape), input.Padded);
        return TrainingPass.Run(
            settings.Options,
            settings.Classes,
            weights,
            leaves,
            batch,
            0,
            state.Iteration,
            input.Targets(),
            input.Valid()
        );
    }

    /// <summary>The loss stage's half.</summary>
    public static Gradient Loss(Prediction prediction) => LossStage.Create(WithoutFlow)(prediction.Share()).OrThrow();

    /// <summary>The gradient of every trained parameter, by name; zeros where none flows. Of the caller's dispose scope.</summary>
    public Dictionary<string, Tensor> Gradients(ForwardPass pass, Gradient gradient)
    {
        var graph = (PassGraph)pass.Graph;
        Tensor[] upstream = [gradient.Maps.ClassLogits, gradient.Maps.BoxRegression, gradient.Maps.Centerness, gradient.MaskLogits];
        var gradients = Motion.Kernels.Gradients.Of([.. graph.Outputs], [.. graph.Leaves], [.. upstream.Take(graph.Outputs.Length)]);
        return settings
            .Trained.Zip(gradients)
            .ToDictionary(each => each.First.Name, each => each.Second ?? zeros([.. each.First.Shape]), StringComparer.Ordinal);
    }

    public TrainState Learn(TrainState state, ForwardPass pass, Gradient gradient) =>
        Trainers.Learn(settings, state, pass, gradient).OrThrow();
}
