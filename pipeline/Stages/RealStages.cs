using Motion.Contracts;
using Motion.Decode;
using Motion.Evaluate;
using Motion.Flow;
using Motion.Forward;
using Motion.Loss;
using Motion.Pipeline.Settings;
using Motion.Report;
using Motion.Runner.Settings;

namespace Motion.Pipeline.Stages;

/// <summary>The stages of the product.</summary>
internal static class RealStages
{
    public static StageTable Table { get; } =
        new([DecodeKind.Kind, FlowKind.Kind, ForwardKind.Kind, LossKind.Kind, EvaluateKind.Kind, ReportKind.Kind])
        {
            Complete = (document, problems) => FormOfBackbone.In(ChooseWeights.In(document, problems)),
            Notes = settings => FlowNote.Of(settings) is { } note ? [note] : [],
        };

    /// <summary>These, and others.</summary>
    /// <exception cref="ArgumentException">Two have one name.</exception>
    public static StageTable With(IReadOnlyCollection<StageKind> own) =>
        Table with
        {
            Kinds =
            [
                .. Table.Kinds.Concat(own).DistinctBy(kind => kind.Name) is var all && all.Count() == Table.Kinds.Length + own.Count
                    ? all
                    : throw new ArgumentException(
                        $"each stage needs a name of its own; there are {string.Join(", ", Table.Kinds.Concat(own).Select(kind => kind.Name))}",
                        nameof(own)
                    ),
            ],
        };
}
