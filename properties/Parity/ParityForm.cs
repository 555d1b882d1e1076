using System.Collections.Immutable;
using Motion.DataSets;
using Motion.Parity.Forms;

namespace Motion.Parity;

/// <summary>A kind of reference numbers that parity understands.</summary>
/// <param name="Name">For --list and messages.</param>
/// <param name="About">What is recomputed, in a line.</param>
/// <param name="Recognise">The cases of this kind in a folder, found by what the files hold, never by a list of names.</param>
internal sealed record ParityForm(string Name, string About, Func<OracleFolder, IEnumerable<ParityCase>> Recognise);

/// <summary>One case of a form: files that belong together, and how they are checked.</summary>
/// <param name="Name">Of the case.</param>
/// <param name="Files">All that it understands; what the check did not touch in them is not covered.</param>
/// <param name="Check">Recomputes everything and reports it; runs in a dispose scope of its own.</param>
internal sealed record ParityCase(string Name, ImmutableArray<OracleFile> Files, Action<Checks> Check);

/// <summary>All kinds; a new one is one more line.</summary>
internal static class ParityForms
{
    public static ImmutableArray<ParityForm> All { get; } =
    [
        GmaPairForm.Form,
        GmaGradientForm.Form,
        FlowPartForms.Convex,
        FlowPartForms.Padding,
        FlowPartForms.Wheel,
        FlowOptimiserForm.Form,
        FillForms.HashTests,
        FillForms.Manifest,
        MaskHeadForms.Bilinear,
        MaskHeadForms.Head,
        DetectionForms.Targets,
        DetectionForms.Losses,
        ProposalForm.Form,
        MaskLossForm.Form,
        FlowVariantForm.Form,
        ModelCaseForm.Form,
        BoxinstTableForms.Solver,
        BoxinstTableForms.Names,
        BoxinstTableForms.Edges,
        TorchFileForm.Form,
        RaftSmallForm.Form,
        Resnet50Form.Activations,
        Resnet50Form.Names,
        CocoCaseForms.Case,
        CocoCaseForms.Example,
        CocoCaseForms.Thresholds,
        CocoCaseForms.Large,
        RleForm.Form,
    ];
}
