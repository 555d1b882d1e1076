using System.Diagnostics;
using Motion.Contracts;

namespace Motion.DataSets;

/// <summary>Every way a written mask can fail to be one.</summary>
public abstract record RleError : IStageError
{
    private RleError() { }

    /// <summary>A compressed string with a letter, a length or a sum that no mask has.</summary>
    public sealed record BadText(int Position, string Problem) : RleError;

    /// <summary>Run lengths that do not fill the mask.</summary>
    public sealed record BadCounts(Size2 Size, string Problem) : RleError;

    /// <summary>A polygon that encloses nothing one could fill.</summary>
    public sealed record BadPolygon(int Part, string Problem) : RleError;

    public string Describe() =>
        Legible.Line(
            this switch
            {
                BadText(var position, var problem) =>
                    $"A compressed RLE is letters '0' to 'o'; at letter {position}: {problem}. Write the mask again.",
                BadCounts(var size, var problem) =>
                    $"Run lengths must fill the mask of {size}: {problem}. Check the size, or write the mask again.",
                BadPolygon(var part, var problem) =>
                    $"A polygon is x, y of three corners or more, in pixels; part {part}: {problem}. Mend or remove it.",
                _ => throw new UnreachableException(),
            }
        );
}
