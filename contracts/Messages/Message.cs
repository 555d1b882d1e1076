using System.Collections.Immutable;
using System.Diagnostics;
using static TorchSharp.torch;

namespace Motion.Contracts;

/// <summary>Which frame a message is about.</summary>
/// <param name="Sequence">Position in the stream, from 0; unique in one run of a graph, and what order is kept by.</param>
/// <param name="Clip">Name of the clip.</param>
/// <param name="Frame">Index of the frame in its clip, from 0.</param>
public sealed record FrameKey(long Sequence, string Clip, int Frame)
{
    public override string ToString() => $"clip {Clip}, frame {Frame} (message {Sequence})";
}

/// <summary>
/// What travels along an arrow. Immutable; owns its tensors: whoever receives a message disposes it, and a sender does not touch it again.
/// To give one message to two receivers, send <see cref="Share"/> to one of them: new handles on the same storage, nothing copied.
/// </summary>
public abstract record Message : IDisposable
{
    private protected Message() { }

    /// <summary>Position in the stream, from 0.</summary>
    public abstract long Sequence { get; }

    /// <summary>The tensors this message owns.</summary>
    public abstract IEnumerable<Tensor> Tensors { get; }

    /// <summary>A second owner of the same tensors' storage.</summary>
    public abstract Message Share();

    /// <summary>One answer a case: a new message type breaks every caller until it has one for it.</summary>
    public T Match<T>(
        Func<FramePair, T> framePair,
        Func<FlowFrame, T> flowFrame,
        Func<Prediction, T> prediction,
        Func<Gradient, T> gradient,
        Func<Detections, T> detections,
        Func<Evaluation, T> evaluation,
        Func<Handshake, T> handshake,
        Func<Fault, T> fault,
        Func<EndOfStream, T> endOfStream
    ) =>
        this switch
        {
            FramePair message => framePair(message),
            FlowFrame message => flowFrame(message),
            Prediction message => prediction(message),
            Gradient message => gradient(message),
            Detections message => detections(message),
            Evaluation message => evaluation(message),
            Handshake message => handshake(message),
            Fault message => fault(message),
            EndOfStream message => endOfStream(message),
            _ => throw new UnreachableException(),
        };

    public void Dispose()
    {
        foreach (var tensor in Tensors)
        {
            tensor.Dispose();
        }

        GC.SuppressFinalize(this);
    }
}

/// <summary>One annotated or detected object, in pixels of the original frame.</summary>
/// <param name="Id">Identity of the object within its clip (its track).</param>
/// <param name="Class">Index into <see cref="Catalogue.Categories"/>, from 0.</param>
/// <param name="Box">In pixels of the original frame.</param>
/// <param name="Mask">At the original frame's size, where known; never used in training.</param>
/// <param name="IsCrowd">COCO's iscrowd: neither a training target nor a miss.</param>
/// <param name="Area">Area by which COCO's size ranges go, where the annotation gives one; pixels.</param>
public sealed record Instance(long Id, int Class, Box Box, Rle? Mask = null, bool IsCrowd = false, double? Area = null);

/// <summary>What is known of a frame.</summary>
public sealed record Annotation(ImmutableArray<Instance> Instances)
{
    public static Annotation Empty { get; } = new([]);
}

/// <summary>One category. <paramref name="Id"/> is the data set's own id; messages use the index in the catalogue.</summary>
public sealed record Category(int Id, string Name);

/// <summary>A clip of a data set.</summary>
public sealed record ClipInfo(string Name, int Frames, Size2 Size);

/// <summary>What a source holds; known before its first frame.</summary>
public sealed record Catalogue(ImmutableArray<Category> Categories, ImmutableArray<ClipInfo> Clips);
