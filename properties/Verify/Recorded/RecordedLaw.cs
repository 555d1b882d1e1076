using System.Collections.Immutable;
using Motion.Contracts;
using Motion.Loss;

namespace Motion.Properties.Verify;

/// <summary>What a law may ask about the run beside its messages.</summary>
/// <param name="Loss">The settings of the loss stage.</param>
/// <param name="NmsThreshold">Above it one of two boxes of a class is dropped.</param>
/// <param name="Seed">Of random directions.</param>
internal sealed record RecordedRun(LossOptions Loss, double NmsThreshold, Seed Seed);

/// <summary>A training step as the loss stage saw it: what it was fed, and what it answered. Both are the reader's to dispose.</summary>
internal sealed record Exchange(Prediction Fed, Gradient Answer);

/// <summary>A law that speaks of data: it can be checked on what a run recorded, message by message.</summary>
/// <param name="Name">States it.</param>
/// <param name="About">The kind of message it speaks of.</param>
/// <param name="Begin">Starts on a stream; what it gives is shown each message in order and says what contradicts the law, or null.</param>
internal sealed record RecordedLaw(string Name, Type About, Func<RecordedRun, Func<object, string?>> Begin)
{
    /// <summary>A law of each message by itself.</summary>
    public static RecordedLaw Each<T>(string name, Func<T, RecordedRun, string?> contradiction) =>
        new(name, typeof(T), run => message => contradiction((T)message, run));

    /// <summary>A law of a stream: what it has seen matters.</summary>
    public static RecordedLaw Stream<T>(string name, Func<Func<T, string?>> begin) =>
        new(name, typeof(T), _ => begin() is var see ? message => see((T)message) : null!);

    /// <summary>All of them, in the order of the stages.</summary>
    public static ImmutableArray<RecordedLaw> All { get; } =
    [.. FrameLaws.All, .. PredictionLaws.All, .. ExchangeLaws.All, .. DetectionLaws.All];
}
