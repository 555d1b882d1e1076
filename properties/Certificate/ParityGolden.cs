using Motion.Parity;
using Motion.Properties.Generators;
using Xunit;

namespace Motion.Properties.Certificate;

/// <summary>Right numbers pass, and every one of them is looked at.</summary>
public sealed class ParityGolden
{
    [Theory]
    [InlineData("convex_upsample.safetensors")]
    [InlineData("flowviz.safetensors")]
    [InlineData("padder.json", "padder.safetensors")]
    [InlineData("adamw_onecycle.json", "adamw_onecycle.safetensors")]
    [InlineData("fill_hash_tests.json")]
    [InlineData("gma_synth1.safetensors")]
    [InlineData("gma_gradient_frozen.json", "gma_gradient_data.safetensors")]
    [InlineData("gma_gradient_batch.json", "gma_gradient_data.safetensors")]
    public void Parity_OfFlowReferences_PassesAndCoversAll(params string[] files) => PassesAndCoversAll("Flow", files);

    [Theory]
    [InlineData("unit_aligned_bilinear_a.safetensors")]
    [InlineData("unit_mask_head_169_b.safetensors")]
    [InlineData("unit_mask_head_233_a.safetensors")]
    [InlineData("unit_proposals_a.safetensors")]
    [InlineData("unit_targets_b.safetensors")]
    [InlineData("r50_pkl_names.json")]
    public void Parity_OfSegmenterReferences_PassesAndCoversAll(params string[] files) => PassesAndCoversAll("Forward", files);

    [Theory]
    [InlineData("state_dict.json", "state_dict.pth", "state_dict_legacy.pth", "state_dict_newlayout.pth")]
    [InlineData("checkpoint.json", "checkpoint.pth", "checkpoint_legacy.pth")]
    [InlineData("dtypes.json", "dtypes.pth", "dtypes_legacy.pth")]
    public void Parity_OfTorchFiles_PassesAndCoversAll(params string[] files) => PassesAndCoversAll("Pth", files);

    [OracleFact(Oracles.Numbers)]
    public void Parity_OfAllNumbers_PassesAndCoversAll()
    {
        // The whole networks of three folders: half a minute on one core, and only where the references are.
        foreach (var folder in new[] { "gma", "boxinst", "pth" })
            Passes(ParityFolder.Check(Oracles.PathOf(Oracles.Numbers, folder)));
    }

    [OracleFact(Oracles.Data)]
    public void Parity_OfPublishedWeights_Passes()
    {
        Passes(ParityFolder.Check(Oracles.PathOf(Oracles.Data, "raft-small")));
        Assert.Equal(0, ParityFolder.Check(Oracles.PathOf(Oracles.Data, "resnet50")).Failed); // the logits need weights that have been fetched
    }

    private static void PassesAndCoversAll(string area, string[] files)
    {
        using var folder = ParityFolder.Of([.. files.Select(file => $"{area}/{file}")]);
        Leaks.Check(() => Passes(folder.Check()));
    }

    private static void Passes(ParityOutcome outcome)
    {
        Assert.Empty(
            outcome.Findings.Where(finding => !finding.Passes).Select(finding => $"{finding.Case}: {finding.Quantity}: {finding.Note}")
        );
        Assert.Empty(outcome.NotCovered);
        Assert.NotEmpty(outcome.Findings);
    }
}
