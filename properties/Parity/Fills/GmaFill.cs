using Motion.Contracts;
using Motion.Flow;
using Motion.Kernels;

namespace Motion.Parity.Fills;

/// <summary>The name-hash weights that the reference numbers of GMA were made with.</summary>
internal static class GmaFill
{
    private static readonly (Func<string, bool> Fits, double Gain)[] Gains =
    [
        (name => name.EndsWith("flow_head.conv2.weight", StringComparison.Ordinal), 0.2),
        (name => name.EndsWith("mask.2.weight", StringComparison.Ordinal), 6.0),
        (name => name.EndsWith("to_qk.weight", StringComparison.Ordinal), 3.0),
        (name => name.EndsWith("fnet.conv2.weight", StringComparison.Ordinal), 0.6),
        (name => name.EndsWith("cnet.conv2.weight", StringComparison.Ordinal), 0.3),
        (name => name.EndsWith("encoder.convc1.weight", StringComparison.Ordinal), 0.5),
        (name => name.EndsWith("encoder.convf1.weight", StringComparison.Ordinal), 3.0),
        (name => name.Contains(".gru.", StringComparison.Ordinal), 1.0),
        (_ => true, 1.5),
    ];

    /// <summary>
    /// A network's weights. The norm after a shortcut has two published names; its numbers come from the one that our names lack. The
    /// caller disposes.
    /// </summary>
    public static Weights Of(FlowNetwork network) =>
        Weights.Of(
            Spec.Shapes(network.Entries)
                .Select(entry =>
                {
                    var (name, shape) = entry;
                    var hashed = Hashed(name);
                    return KeyValuePair.Create(name, NameHashFill.Fill(hashed, shape, Rule(hashed, shape)!.Value).DetachFromDisposeScope());
                })
        );

    /// <summary>The name that an entry's numbers come from.</summary>
    public static string Hashed(string name) => name.Replace(".norm3.", ".downsample.1.", StringComparison.Ordinal);

    /// <summary>The first rule that matches a hashed name; null: the constructor's value stays.</summary>
    public static FillValue? Rule(string name, long[] shape) =>
        name switch
        {
            _ when name.EndsWith("num_batches_tracked", StringComparison.Ordinal) || name.EndsWith("rel_ind", StringComparison.Ordinal) =>
                null,
            _ when name.EndsWith(".gamma", StringComparison.Ordinal) => new FillValue(0.5, 0),
            _ when name.EndsWith(".running_mean", StringComparison.Ordinal) => new FillValue(0, 0.1),
            _ when name.EndsWith(".running_var", StringComparison.Ordinal) => new FillValue(1, 0.1, Absolute: true),
            _ when name.EndsWith(".bias", StringComparison.Ordinal) => new FillValue(0, 0.1),
            _ when shape.Length == 4 => new FillValue(
                0,
                Gains.First(gain => gain.Fits(name)).Gain * Math.Sqrt(3.0 / (shape[1] * shape[2] * shape[3]))
            ),
            _ when shape.Length == 2 => new FillValue(0, 1),
            _ => new FillValue(1, 0.1),
        };
}
