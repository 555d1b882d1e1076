using Motion.Properties.Decode;
using Xunit;

namespace Motion.Properties.Studio;

/// <summary>A fact about the page in a browser: Debian's Chromium, or the one that MOTION_CHROMIUM names. None is downloaded.</summary>
public sealed class ChromiumFactAttribute : FactAttribute
{
    public ChromiumFactAttribute() =>
        Skip =
            new VideoFactAttribute().Skip
            ?? (
                Path is null
                    ? "no Chromium is installed on this machine (Debian: apt-get install chromium; or name it with MOTION_CHROMIUM)"
                    : null
            );

    /// <summary>Null where there is none.</summary>
    public static string? Path { get; } =
        new[]
        {
            Environment.GetEnvironmentVariable("MOTION_CHROMIUM"),
            "/usr/bin/chromium",
            "/usr/bin/chromium-browser",
            "/usr/bin/google-chrome",
        }.FirstOrDefault(path => path is not null && File.Exists(path));
}
