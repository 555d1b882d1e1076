using Motion.Contracts;

namespace Motion.Forward;

/// <summary>Errors under their union's type, as queries over results need them.</summary>
internal static class Refusal
{
    internal static ForwardError OfWeights(string path, string problem) => new ForwardError.BadWeights(path, problem);
}
