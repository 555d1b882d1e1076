using System.Text.Json;
using Motion.Contracts;

namespace Motion.Parity;

/// <summary>Reads what reference numbers are kept in; the certificate and the tests read them here and nowhere else.</summary>
public static class References
{
    /// <summary>The root of a JSON file.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public static JsonElement Json(string path)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(path));
        return document.RootElement.Clone();
    }

    /// <summary>The tensors of a safetensors file; the caller disposes them.</summary>
    public static Result<Weights, WeightsError> Tensors(string path) => Safetensors.Read(path);
}
