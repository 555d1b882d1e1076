using System.Collections.Immutable;
using Motion.Contracts;
using Motion.DataSets;
using Motion.Kernels;
using TorchSharp;
using static TorchSharp.torch;

namespace Motion.Properties.Verify;

/// <summary>Laws of what decode and flow send.</summary>
internal static class FrameLaws
{
    /// <summary>Pixels that rounding to float32 may put a box beyond its frame.</summary>
    public const double BoxRounding = 1e-2;

    public static ImmutableArray<RecordedLaw> All { get; } =
    [
        RecordedLaw.Each<FramePair>(
            "Pair_BothPictures_AreBytesOfOneSize",
            (pair, _) =>
                IsPicture(pair.First) && IsPicture(pair.Second) && pair.First.shape.SequenceEqual(pair.Second.shape)
                    ? null
                    : $"{Shape(pair.First)} and {Shape(pair.Second)}"
        ),
        RecordedLaw.Stream<FramePair>("Pair_SecondPicture_IsTheNeighbouringFramesFirst", Successors),
        RecordedLaw.Stream<FramePair>(
            "Pair_SizesOfAClip_AreConstant",
            () => Constant<FramePair>(pair => pair.Key, pair => pair.OriginalSize, pair => pair.First)
        ),
        RecordedLaw.Each<FramePair>(
            "Pair_TrueBoxes_LieInTheFrame",
            (pair, _) => Outside(pair.Truth?.Instances.Select(one => one.Box), pair.OriginalSize)
        ),
        RecordedLaw.Each<FramePair>(
            "Pair_TrueMasks_FillTheFrameAndMeetTheirBoxes",
            (pair, _) =>
                pair.Truth?.Instances.Select(one => MaskProblem(one, pair.OriginalSize)).FirstOrDefault(problem => problem is not null)
        ),
        RecordedLaw.Each<FlowFrame>("Flow_Vectors_AreFiniteOrMarkedUnknownAndOneAPixel", FlowProblem),
        RecordedLaw.Each<FlowFrame>(
            "Flow_WithoutASecondFrame_IsZero",
            (frame, _) => frame.Step != 0 || Greatest(frame.Flow) == 0 ? null : $"moves by up to {Greatest(frame.Flow)} pixels"
        ),
        RecordedLaw.Stream<FlowFrame>(
            "Flow_SizesOfAClip_AreConstant",
            () => Constant<FlowFrame>(frame => frame.Key, frame => frame.OriginalSize, frame => frame.Image)
        ),
        RecordedLaw.Each<FlowFrame>("Flow_Mirrored_IsColouredAsTheMirrorOfItsNegatedU", MirrorProblem),
    ];

    /// <summary>What lies outside a frame, in words.</summary>
    public static string? Outside(IEnumerable<Box>? boxes, Size2 frame) =>
        boxes
            ?.Where(box =>
                !box.IsProper
                || box.X1 < -BoxRounding
                || box.Y1 < -BoxRounding
                || box.X2 > frame.Width + BoxRounding
                || box.Y2 > frame.Height + BoxRounding
            )
            .Select(box => $"{box} is no box within {frame}")
            .FirstOrDefault();

    /// <summary>Every mask is as large as its frame and its runs fill it.</summary>
    public static string? RunProblem(Rle mask, Size2 frame) =>
        mask.Size != frame
            ? $"a mask of {mask.Size} in a frame of {frame}"
            : Rles.Problem(mask)
                ?? (
                    mask.Counts.AsSpan().SequenceEqual(Rles.Encode(Rles.Decode(mask), frame).Counts.AsSpan())
                        ? null
                        : "a mask's runs are not the shortest that draw it"
                );

    private static string? MaskProblem(Instance instance, Size2 frame)
    {
        if (instance.Mask is not { } mask)
            return null;
        if (RunProblem(mask, frame) is { } problem)
            return problem;
        return Rles.Area(mask) == 0 || Boxes.Iou(Rles.Box(mask), instance.Box) > 0
            ? null
            : $"the mask of object {instance.Id} lies in {Rles.Box(mask)}, its box is {instance.Box}";
    }

    private static string? FlowProblem(FlowFrame frame, RecordedRun _)
    {
        using var scope = NewDisposeScope();
        if (!frame.Flow.shape.SequenceEqual([2, frame.Image.shape[1], frame.Image.shape[2]]))
            return $"{Shape(frame.Flow)} for a picture {Shape(frame.Image)}";
        var bad =
            frame.FlowNetwork == "precomputed"
                ? frame.Flow.isfinite().logical_or(FlowField.Known(frame.Flow).logical_not().expand(frame.Flow.shape)).logical_not()
                : frame.Flow.isfinite().logical_not();
        return bad.any().item<bool>() ? $"{bad.sum().item<long>()} components are no numbers" : null;
    }

    private static string? MirrorProblem(FlowFrame frame, RecordedRun _)
    {
        using var scope = NewDisposeScope();
        var mirrored = FlowField.FlipHorizontal(frame.Flow);
        var negated = stack([frame.Flow[0].neg(), frame.Flow[1]]);
        if (!Tensors.SameBits(FlowField.FlipHorizontal(mirrored), frame.Flow.contiguous()))
            return "mirrored twice it is another flow";
        return Tensors.SameBits(FlowColour.Wheel(mirrored), FlowColour.Wheel(negated).flip(-1).contiguous())
            ? null
            : "its mirror has other colours";
    }

    private static Func<FramePair, string?> Successors()
    {
        var firsts = new Dictionary<(string, int), uint>();
        var seconds = new Dictionary<(string, int), uint>();
        return pair =>
        {
            var (here, there) = ((pair.Key.Clip, pair.Key.Frame), (pair.Key.Clip, pair.Key.Frame + pair.Step));
            var (first, second) = (Sum(pair.First), Sum(pair.Second));
            firsts[here] = first;
            if (pair.Step == 0 && first != second)
                return $"{pair.Key}: without a neighbour its second picture is another";
            if (firsts.TryGetValue(there, out var neighbour) && neighbour != second)
                return $"{pair.Key}: its second picture is not frame {there.Item2}";
            if (seconds.TryGetValue(here, out var announced) && announced != first)
                return $"{pair.Key}: a neighbour announced another picture";
            seconds[there] = second;
            return null;
        };
    }

    private static Func<T, string?> Constant<T>(Func<T, FrameKey> key, Func<T, Size2> original, Func<T, Tensor> picture)
    {
        var seen = new Dictionary<string, (Size2, long, long)>(StringComparer.Ordinal);
        return message =>
        {
            var sizes = (original(message), picture(message).shape[1], picture(message).shape[2]);
            return seen.TryAdd(key(message).Clip, sizes) || seen[key(message).Clip] == sizes
                ? null
                : $"{key(message)}: {sizes} after {seen[key(message).Clip]}";
        };
    }

    private static bool IsPicture(Tensor tensor) => tensor.dtype == ScalarType.Byte && tensor.dim() == 3 && tensor.shape[0] == 3;

    private static string Shape(Tensor tensor) => $"{tensor.dtype} [{string.Join(", ", tensor.shape)}]";

    private static double Greatest(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return tensor.abs().max().item<float>();
    }

    private static uint Sum(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        return tensor.Read(Crc32C.Of);
    }
}
