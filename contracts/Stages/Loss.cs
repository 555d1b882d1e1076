using System.Diagnostics;

namespace Motion.Contracts;

/// <summary>The loss stage: predictions and targets in, loss terms and their gradient out. Consumes the prediction.</summary>
public delegate Result<Gradient, LossError> ComputeLoss(Prediction prediction);

/// <summary>Every way the loss stage can refuse.</summary>
public abstract record LossError : IStageError
{
    private LossError() { }

    /// <summary>A prediction or a term is NaN or infinite.</summary>
    public sealed record NotFinite(int Iteration, string Where) : LossError;

    public string Describe() =>
        Legible.Line(
            this switch
            {
                NotFinite(var iteration, var where) =>
                    $"iteration {iteration}: {where} is not a finite number. Lower the learning rate or clip gradients (forward.optimiser).",
                _ => throw new UnreachableException(),
            }
        );
}
