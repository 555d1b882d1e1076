using Motion.Forward;

namespace Motion.Pipeline.Labelling;

/// <summary>What a mask is worth, from what speaks for it; no true mask is needed.</summary>
internal static class Quality
{
    /// <param name="mask">With its certainty, its way to the box's sides, its agreement with the picture's edges.</param>
    /// <param name="steadiness">Overlap with what its neighbours in time say.</param>
    /// <param name="fit">Overlap with its box of the boxes that the network sees there.</param>
    /// <returns>0 to 1.</returns>
    public static double Of(BoxMask mask, double steadiness, double fit)
    {
        if (Environment.GetEnvironmentVariable("EVIDENCE") is { } file) File.AppendAllText(file, string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{mask.Certainty:0.00000},{mask.Sides:0.00000},{mask.Agreement:0.00000},{mask.Fill:0.00000},{steadiness:0.00000},{fit:0.00000}\n"));
        return Math.Clamp(mask.Certainty * mask.Sides * mask.Agreement * steadiness, 0, 1);
    }
}
