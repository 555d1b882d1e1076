using Motion.Contracts;

namespace Motion.Runner.Streams;

/// <summary>An expected failure or a bug that ends the run.</summary>
internal sealed class StageStopped(Fault fault) : Exception(fault.Text)
{
    public Fault Fault { get; } = fault;
}
