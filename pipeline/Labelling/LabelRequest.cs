using System.Collections.Immutable;

namespace Motion.Pipeline.Labelling;

/// <summary>motion label, as typed.</summary>
internal sealed record LabelRequest(ImmutableArray<string> Sources, string Out)
{
    public ImmutableArray<string> Clips { get; init; } = [];

    /// <summary>What is read, and so not written.</summary>
    public IEnumerable<string> Read => [.. Sources, .. new[] { Boxes, Truth }.OfType<string>()];

    public string? Boxes { get; init; }

    public string? Model { get; init; }

    /// <summary>Of the training; null for the usual number.</summary>
    public int? Iterations { get; init; }

    public int Threads { get; init; } = 1;

    public ulong Seed { get; init; } = 1;

    public int? Review { get; init; }

    public ImmutableArray<string> To { get; init; } = [];

    public ImmutableArray<string> Set { get; init; } = [];

    /// <summary>A folder of true masks to compare with.</summary>
    public string? Truth { get; init; }

    /// <summary>Boxes of every n-th frame alone are used.</summary>
    public int Keys { get; init; } = 1;
}
