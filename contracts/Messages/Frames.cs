using static TorchSharp.torch;

namespace Motion.Contracts;

/// <summary>Two neighbouring frames of a clip (decode -> flow).</summary>
/// <param name="Key">The frame.</param>
/// <param name="OriginalSize">Size of the frame in the file; the annotation's pixels. The images may be smaller.</param>
/// <param name="First">uint8 [3, H, W] RGB, frame t.</param>
/// <param name="Second">uint8 [3, H, W] RGB, frame t + <paramref name="Step"/>; the same picture as First where Step is 0.</param>
/// <param name="Step">1; -1 for the last frame of a clip, or one whose successor cannot be read (its flow is that to t-1, negated); 0 for
/// want of any second frame (its flow is zero).</param>
/// <param name="KnownFlow">float32 [2, H, W] (u, v) in pixels of First, t -> t+1, where the source knows it.</param>
/// <param name="Truth">Boxes and perhaps masks, where known.</param>
public sealed record FramePair(
    FrameKey Key,
    Size2 OriginalSize,
    Tensor First,
    Tensor Second,
    int Step,
    Tensor? KnownFlow,
    Annotation? Truth
) : Message
{
    public override long Sequence => Key.Sequence;

    public override IEnumerable<Tensor> Tensors => KnownFlow is null ? [First, Second] : [First, Second, KnownFlow];

    public override FramePair Share() => this with { First = First.alias(), Second = Second.alias(), KnownFlow = KnownFlow?.alias() };
}

/// <summary>A frame and its motion (flow -> forward, report).</summary>
/// <param name="Key">The frame.</param>
/// <param name="OriginalSize">Size of the frame in the file; the annotation's pixels.</param>
/// <param name="Image">uint8 [3, H, W] RGB.</param>
/// <param name="Flow">float32 [2, H, W]: u (right), v (down), pixels of Image per frame step, t -> t+1.</param>
/// <param name="Step">As in <see cref="FramePair.Step"/>: -1 says that the flow is a negated t -> t-1, 0 that it is zero for want of a
/// second frame.</param>
/// <param name="FlowNetwork">Which network made the flow: gma, raft-small, dis, precomputed, zero.</param>
/// <param name="Truth">Boxes and perhaps masks, where known.</param>
public sealed record FlowFrame(FrameKey Key, Size2 OriginalSize, Tensor Image, Tensor Flow, int Step, string FlowNetwork, Annotation? Truth)
    : Message
{
    public override long Sequence => Key.Sequence;

    public override IEnumerable<Tensor> Tensors => [Image, Flow];

    public override FlowFrame Share() => this with { Image = Image.alias(), Flow = Flow.alias() };
}
