using Xunit;

namespace Motion.Properties.Generators;

/// <summary>
/// Folders with the full reference data, for whoever has them: MOTION_ORACLES (numbers of the published code) and MOTION_DATA (pictures,
/// weights).
/// </summary>
public static class Oracles
{
    public const string Numbers = "MOTION_ORACLES";
    public const string Data = "MOTION_DATA";

    public static string PathOf(string variable, params ReadOnlySpan<string> parts) =>
        Path.Combine([
            Environment.GetEnvironmentVariable(variable) ?? throw new InvalidOperationException($"{variable} is not set"),
            .. parts,
        ]);
}

/// <summary>A fact about reference data too large for the repository; skipped where its folder is not named.</summary>
public sealed class OracleFactAttribute : FactAttribute
{
    public OracleFactAttribute(string variable)
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(variable)))
        {
            Skip = $"needs the folder of reference data that the environment variable {variable} names";
        }
    }
}
