using Motion.Contracts;
using Motion.Flow;
using Motion.Parity.Fills;

namespace Motion.Parity;

/// <summary>The ImageNet ResNet-50 as this machine has it.</summary>
/// <param name="Path">Its file; null where it has not been fetched.</param>
/// <param name="Fetch">What is typed to have it.</param>
internal sealed record PublishedResnet(string? Path, string Fetch);

/// <summary>What cases share: the models with their name-hash weights, made when first asked for, and the published weights.</summary>
internal sealed class Workbench(PublishedResnet published) : IDisposable
{
    private readonly Lazy<Weights> _gma = new(() => GmaFill.Of(Motion.Flow.Gma.Network));
    private readonly Lazy<Weights> _boxinst = new(() => BoxinstFill.Of(BoxinstFill.Options, BoxinstFill.Classes));

    public PublishedResnet Published => published;

    /// <summary>GMA's weights; nobody changes them.</summary>
    public Weights Gma => _gma.Value;

    /// <summary>BoxInst's weights; nobody changes them.</summary>
    public Weights Boxinst => _boxinst.Value;

    public void Dispose()
    {
        foreach (var model in new[] { _gma, _boxinst }.Where(model => model.IsValueCreated))
            model.Value.Dispose();
    }
}
