using System.Collections.Immutable;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Kernels;
using Motion.Loss;
using Motion.Properties.Generators;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Verify;

/// <summary>Each law that speaks of data holds for good messages, and is broken by one spoiled message.</summary>
public sealed class RecordedLawTests
{
    private static readonly LossCase Case = new(11, 2, 8, 8, 3, 4, 6, 2);

    private static readonly RecordedRun Run = new(new LossOptions(), 0.6, new Seed(3));

    /// <summary>What a law must not let pass.</summary>
    private static readonly Dictionary<string, Func<object>> Spoiled = new(StringComparer.Ordinal)
    {
        ["Pair_BothPictures_AreBytesOfOneSize"] = () => Pair(0) with { Second = zeros(3, 5, 7, dtype: ScalarType.Byte) },
        ["Pair_SecondPicture_IsTheNeighbouringFramesFirst"] = () => Pair(1) with { First = Pair(7).First },
        ["Pair_SizesOfAClip_AreConstant"] = () => Pair(1) with { OriginalSize = new Size2(9, 9) },
        ["Pair_TrueBoxes_LieInTheFrame"] = () => Pair(0) with { Truth = new([new Instance(0, 0, new Box(1, 1, 999, 3))]) },
        ["Pair_TrueMasks_FillTheFrameAndMeetTheirBoxes"] = () =>
            Pair(0) with
            {
                Truth = new([new Instance(0, 0, new Box(1, 1, 3, 3), Rles.FromBox(10, 10, 14, 14, new Size2(20, 24)))]),
            },
        ["Flow_Vectors_AreFiniteOrMarkedUnknownAndOneAPixel"] = () =>
            Flow(0) with
            {
                Flow = full_like(Flow(0).Flow, Held.Of(double.NaN)),
                FlowNetwork = "gma",
            },
        ["Flow_WithoutASecondFrame_IsZero"] = () => Flow(0) with { Step = 0 },
        ["Flow_SizesOfAClip_AreConstant"] = () => Flow(1) with { Image = zeros(3, 5, 5, dtype: ScalarType.Byte) },
        ["Prediction_Numbers_AreFinite"] = () =>
            Batch() with
            {
                Maps = Batch().Maps with { Centerness = full_like(Batch().Maps.Centerness, Held.Of(double.NaN)) },
            },
        ["Prediction_Boxes_LieInThePaddedBatch"] = () =>
            Batch() with
            {
                Scene = Batch().Scene with { Boxes = Batch().Scene.Boxes.Plus(1000) },
            },
        ["Prediction_PositiveLocations_LieInTheirBoxes"] = () =>
            Batch() with
            {
                Targets = Batch().Targets with { Regression = Batch().Targets.Regression.neg() },
            },
        ["Prediction_Instances_BelongToTheImagesOfTheirBoxes"] = () =>
            Batch() with
            {
                Instances = Batch().Instances with { Images = Batch().Instances.Images.Plus(1) },
            },
        ["Prediction_FlowPictures_AreInZeroToOne"] = () =>
            Batch() with
            {
                Scene = Batch().Scene with { FlowImages = Batch().Scene.FlowImages.Times(255) },
            },
        ["Loss_Answer_IsOfWhatItWasFed"] = () => Step(answer => answer with { Iteration = 3 }),
        ["Loss_Terms_AreFiniteAndNotNegative"] = () => Step(answer => answer with { Terms = [new LossTerm("loss_prj", -1)] }),
        ["Loss_Terms_EqualTheirRecomputation"] = () =>
            Step(answer => answer with { Terms = [.. answer.Terms.Select(term => term with { Value = term.Value * 1.001 })] }),
        ["Loss_Gradient_EqualsItsRecomputation"] = () => Step(answer => answer with { MaskLogits = answer.MaskLogits.Times(1.001) }),
        ["Loss_Gradient_IsTheSlopeInRandomDirections"] = () =>
            Step(answer => answer with { Maps = answer.Maps with { BoxRegression = answer.Maps.BoxRegression.neg() } }),
        ["Detections_Scores_FallAndLieInZeroToOne"] = () => Found((0.4f, 1, 1), (0.6f, 15, 15)),
        ["Detections_Boxes_LieInTheFrame"] = () => Found((0.4f, 23, 15)),
        ["Detections_OfOneClass_OverlapNoMoreThanSuppressionAllows"] = () => Found((0.6f, 1, 1), (0.4f, 1.2f, 1)),
        ["Detections_Masks_AreCanonicalRunsOfTheFramesSize"] = () =>
            Found((0.6f, 1, 1)) is var found
                ? found with
                {
                    Items = [found.Items[0] with { Mask = new Rle(new Size2(20, 24), [100, 0, 380]) }],
                }
                : found,
    };

    /// <summary>
    /// Laws of our own functions on recorded data: no message breaks them, only a mistake in a function (docs/reproducing.md seeds some).
    /// </summary>
    private static readonly string[] OfFunctions =
    [
        "Flow_Mirrored_IsColouredAsTheMirrorOfItsNegatedU",
        "PseudoLabels_RaisingEitherThreshold_OnlyTakesPairsAway",
        "Same_PairsOfTheMasks_AreProbabilitiesAlikeFromBothEnds",
        "Pairwise_FlowOfOneColour_IsTheColourOnlyLoss",
        "MaskTerms_PermutingTheInstances_ChangesNothing",
        "Projection_ExactlyTheBoxes_CostsAsGoodAsNothing",
        "Detections_Masks_ComeBackFromText",
    ];

    public static TheoryData<string> Names => [.. RecordedLaw.All.Select(law => law.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void Law_OfGoodMessages_HoldsAndOfASpoiledOneDoesNot(string name)
    {
        using var scope = NewDisposeScope();
        var law = RecordedLaw.All.Single(one => one.Name == name);
        var check = law.Begin(Run);
        Assert.All(Good(law.About), message => Assert.Null(check(message)));
        if (OfFunctions.Contains(name))
            Assert.DoesNotContain(name, Spoiled.Keys);
        else
            Assert.NotNull(check(Spoiled[name]()));
    }

    [Fact, Law]
    public void Laws_OfAFamilyOfBatches_Hold() =>
        Laws.Hold(
            LossCase.Any,
            drawn =>
            {
                using var scope = NewDisposeScope();
                var fed = Inside(drawn.Draw(4_999));
                var step = new Exchange(fed, LossStage.Create(Run.Loss)(fed.Share()).OrThrow());
                return RecordedLaw.All.All(law =>
                    (
                        law.About == typeof(Prediction) ? law.Begin(Run)(fed)
                        : law.About == typeof(Exchange) ? law.Begin(Run)(step)
                        : null
                    )
                        is null
                );
            },
            cases: 20
        );

    [Fact]
    public async Task Run_WithoutRecordings_SaysHowToMakeThem()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(
            Path.Combine(folder.Path, "run.yaml"),
            await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Golden", "Verify", "run.yaml"))
        );
        var said = await CheckRun.Run(new(folder.Path), RecordedLaw.All, 9, new Seed(1), () => { }, default);
        Assert.Contains("record=true", said.Match(_ => "", problem => problem), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_WithRecordings_CountsTheMessagesOfEachLaw()
    {
        using var folder = new TemporaryFolder();
        await File.WriteAllTextAsync(
            Path.Combine(folder.Path, "run.yaml"),
            await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Golden", "Verify", "run.yaml"))
        );
        using var good = Step(answer => answer).Fed;
        await Record(Path.Combine(folder.Path, "recordings", "train", "loss.in.rec"), Batch(), Batch());
        await Record(
            Path.Combine(folder.Path, "recordings", "train", "loss.out.rec"),
            Step(answer => answer).Answer,
            Step(answer => answer with { Iteration = 1 }).Answer
        );
        var outcomes = (await CheckRun.Run(new(folder.Path), RecordedLaw.All, 9, new Seed(1), () => { }, default)).Match(
            all => all,
            problem => throw new InvalidOperationException(problem)
        );
        var answers = outcomes.Single(outcome => outcome.Law.Name == "Loss_Answer_IsOfWhatItWasFed");
        Assert.Equal((2L, 1L), (answers.Messages, answers.Contradictions));
        Assert.Equal(0, outcomes.Single(outcome => outcome.Law.Name == "Detections_Boxes_LieInTheFrame").Messages);
        Assert.All(
            outcomes.Where(outcome => outcome.Law.About == typeof(Prediction)),
            outcome => Assert.Equal((2L, 0L), (outcome.Messages, outcome.Contradictions))
        );
    }

    private static async Task Record(string path, params Message[] messages)
    {
        var writer = RecordingWriter.Create(path).OrThrow();
        foreach (var message in messages)
            (await writer.Append(message)).OrThrow();
        (await writer.Append(new EndOfStream(messages.Length))).OrThrow();
        writer.Finish().OrThrow();
    }

    private static IEnumerable<object> Good(Type about) =>
        about == typeof(FramePair) ? [Pair(0), Pair(1), Pair(3)]
        : about == typeof(FlowFrame) ? [Flow(0), Flow(1) with { Step = 0, Flow = zeros_like(Flow(1).Flow) }]
        : about == typeof(Prediction) ? [Batch()]
        : about == typeof(Exchange) ? [Step(answer => answer)]
        : about == typeof(Detections) ? [Found((0.6f, 1, 1), (0.5f, 15, 15))]
        : throw new ArgumentOutOfRangeException(nameof(about), about, "a kind of message without an example");

    /// <summary>Frame n of a clip of twenty pictures, with its successor.</summary>
    private static FramePair Pair(int n) =>
        new(
            new FrameKey(n, "clip", n),
            new Size2(20, 24),
            Picture(n),
            Picture(n + 1),
            1,
            null,
            new([new Instance(0, 0, new Box(1, 1, 9, 9), Rles.FromBox(1, 1, 9, 9, new Size2(20, 24)))])
        );

    private static Tensor Picture(int n) => FlowFields.Picture(new Sketch(new Size2(20, 24), (ulong)n));

    private static FlowFrame Flow(int n) => new FrameSketch(new Size2(20, 24), 1, 5).Draw(n) with { Step = 1 };

    private static Prediction Batch() => Inside(Case.Draw(4_999));

    /// <summary>No box without width: a drawn one may lie on one pixel.</summary>
    private static Prediction Inside(Prediction p) =>
        p with
        {
            Scene = p.Scene with
            {
                Boxes = Joins.Cat([p.Scene.Boxes.narrow(1, 0, 2), p.Scene.Boxes.narrow(1, 2, 2).Plus(FrameLaws.BoxRounding / 2)], 1),
            },
        };

    private static Exchange Step(Func<Gradient, Gradient> change) => new(Batch(), change(LossStage.Create(Run.Loss)(Batch()).OrThrow()));

    /// <summary>Boxes of 8x8 pixels in a frame of 20x24, of one class.</summary>
    private static Detections Found(params (float Score, float X, float Y)[] found) =>
        new(
            new FrameKey(0, "clip", 0),
            new Size2(20, 24),
            [
                .. found.Select(one => new Detection(
                    new Box(one.X, one.Y, one.X + 4, one.Y + 4),
                    one.Score,
                    0,
                    Rles.FromBox(2, 2, 8, 8, new Size2(20, 24))
                )),
            ],
            null
        );
}
