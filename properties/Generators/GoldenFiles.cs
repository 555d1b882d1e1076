using System.Text.Json;
using Motion.Contracts;
using Motion.Parity;

namespace Motion.Properties.Generators;

/// <summary>
/// Numbers of the published code, kept beside the laws (properties/Golden/AREA, each with a README of how they were made).
/// </summary>
public static class GoldenFiles
{
    public static string PathOf(string area, string name) => Path.Combine(AppContext.BaseDirectory, "Golden", area, name);

    /// <summary>Tensors of a safetensors file; the caller disposes them.</summary>
    public static Weights Read(string area, string name) => References.Tensors(PathOf(area, name)).OrThrow();

    /// <summary>The root of a JSON file.</summary>
    public static JsonElement Json(string area, string name) => References.Json(PathOf(area, name));
}
