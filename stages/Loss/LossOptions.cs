using System.ComponentModel.DataAnnotations;
using Motion.Contracts;

namespace Motion.Loss;

/// <summary>What pipeline.yaml may say of the loss; the defaults are the paper's and BoxInst's.</summary>
public sealed record LossOptions
{
    /// <summary>The classification term.</summary>
    public FocalOptions Focal { get; init; } = new();

    /// <summary>The pairwise term.</summary>
    public PairwiseOptions Pairwise { get; init; } = new();
}

/// <summary>Focal loss (Lin et al. 2017).</summary>
public sealed record FocalOptions
{
    /// <summary>Weight of the positives; the negatives have 1 - alpha.</summary>
    [Range(0.0, 1.0)]
    public double Alpha { get; init; } = 0.25;

    /// <summary>How fast well-classified locations stop counting.</summary>
    [Range(0.0, 10.0)]
    public double Gamma { get; init; } = 2;
}

/// <summary>The pairwise term, Eqs. (1) to (4) of the paper.</summary>
public sealed record PairwiseOptions
{
    /// <summary>
    /// Whether a pair must also agree in motion; false is BoxInst's own loss (table 2, "w/o optical flow for pairwise loss").
    /// </summary>
    public bool Flow { get; init; } = true;

    /// <summary>tau_color: least colour similarity of a pair that is given one label.</summary>
    [Range(0.0, 1.0)]
    public double ColourThreshold { get; init; } = 0.3;

    /// <summary>theta_color, in units of Lab.</summary>
    [Range(1e-6, 1e6)]
    public double ColourTheta { get; init; } = 2;

    /// <summary>tau_flow: least flow similarity of a pair that is given one label.</summary>
    [Range(0.0, 1.0)]
    public double FlowThreshold { get; init; } = 0.6;

    /// <summary>theta_flow, in units of the flow picture's RGB in 0..1.</summary>
    [Range(1e-6, 1e6)]
    public double FlowTheta { get; init; } = 0.5;

    /// <summary>Cells between a pixel and its neighbours (3x3 kernel).</summary>
    [Range(1, 16)]
    public int Dilation { get; init; } = 2;

    /// <summary>What the sum over pairs is divided by.</summary>
    public PairNormaliser Normaliser { get; init; } = PairNormaliser.Boxinst;

    /// <summary>Iterations over which the term grows linearly to its full weight; 0 for none.</summary>
    [Range(0, int.MaxValue)]
    [ShareOfTraining]
    public int WarmupIterations { get; init; } = 10_000;
}

/// <summary>Which pairs count, and what their sum is divided by.</summary>
public enum PairNormaliser
{
    /// <summary>
    /// BoxInst's code: each pixel of the box with each of its eight neighbours, divided by the number of those that pass the thresholds. A
    /// pair with both ends in the box counts twice.
    /// </summary>
    Boxinst,

    /// <summary>Eq. (2): each pair with a pixel in the box once, divided by the number of all of them.</summary>
    Paper,
}
