using Motion.Contracts;
using Motion.Flow;
using Motion.Pipeline.Parity.Fills;

namespace Motion.Pipeline.Parity;

/// <summary>What cases share: the models with their name-hash weights, made when first asked for.</summary>
internal sealed class Workbench : IDisposable
{
    private readonly Lazy<Weights> _gma = new(() => GmaFill.Of(Motion.Flow.Gma.Network));
    private readonly Lazy<Weights> _boxinst = new(() => BoxinstFill.Of(BoxinstFill.Options, BoxinstFill.Classes));

    /// <summary>GMA's weights; nobody changes them.</summary>
    public Weights Gma => _gma.Value;

    /// <summary>BoxInst's weights; nobody changes them.</summary>
    public Weights Boxinst => _boxinst.Value;

    public void Dispose()
    {
        foreach (var model in new[] { _gma, _boxinst }.Where(model => model.IsValueCreated)) model.Value.Dispose();
    }
}
