namespace Motion.Parity;

/// <summary>What one quantity of a folder came to.</summary>
/// <param name="Case">The case it belongs to.</param>
/// <param name="Quantity">A stored tensor, number, or group of numbers.</param>
/// <param name="File">Where the stored one lies.</param>
/// <param name="Difference">Null where nothing could be compared.</param>
/// <param name="Tolerance">What was allowed; null where nothing could be compared.</param>
/// <param name="Passes">The verdict.</param>
/// <param name="Note">What is wrong and where, or what the quantity consists of.</param>
internal sealed record Finding(
    string Case,
    string Quantity,
    string File,
    Difference? Difference,
    Tolerance? Tolerance,
    bool Passes,
    string? Note
);

/// <summary>A tensor or number that a check needs and the folder does not have; the check ends and says so.</summary>
internal sealed class LackingException(string what) : Exception(what);
