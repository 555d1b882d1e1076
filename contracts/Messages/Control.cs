using System.Collections.Immutable;
using static TorchSharp.torch;

namespace Motion.Contracts;

/// <summary>First message of both ends of a connection.</summary>
/// <param name="Protocol">Version of the wire format; both ends must agree.</param>
/// <param name="Stage">Name of the stage in pipeline.yaml.</param>
/// <param name="Accepts">Message types this end reads.</param>
/// <param name="Emits">Message types this end writes.</param>
/// <param name="SettingsHash">SHA-256 (hex) of the stage's resolved settings; both ends must agree.</param>
public sealed record Handshake(
    int Protocol,
    string Stage,
    ImmutableArray<string> Accepts,
    ImmutableArray<string> Emits,
    string SettingsHash
) : Message
{
    public override long Sequence => 0;

    public override IEnumerable<Tensor> Tensors => [];

    public override Handshake Share() => this;
}

/// <summary>An expected failure, in place of the message that could not be made.</summary>
/// <param name="Sequence">That of the message that failed, or -1.</param>
/// <param name="Stage">The stage that failed.</param>
/// <param name="Text">The sentence for the user.</param>
/// <param name="IsBug">An exception, not a refusal: the run stops whatever onError says.</param>
public sealed record Fault(long Sequence, string Stage, string Text, bool IsBug) : Message
{
    public override long Sequence { get; } = Sequence;

    public override IEnumerable<Tensor> Tensors => [];

    public override Fault Share() => this;
}

/// <summary>Nothing follows. A stream that ends without it was cut.</summary>
/// <param name="Count">Messages sent before this one.</param>
public sealed record EndOfStream(long Count) : Message
{
    public override long Sequence => Count;

    public override IEnumerable<Tensor> Tensors => [];

    public override EndOfStream Share() => this;
}
