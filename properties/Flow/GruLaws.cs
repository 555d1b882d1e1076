using FsCheck.Fluent;
using Motion.Contracts;
using Motion.Flow;
using Motion.Kernels;
using Motion.Properties.Generators;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Flow;

public sealed class GruLaws
{
    /// <summary>Sums of some hundred float32 products, split in two.</summary>
    private const double Split = 1e-5;

    [Fact, Law]
    public void Next_WithTheContextConvolvedOnce_IsTheGruAsWritten() =>
        Laws.Hold(
            from sketch in FlowFields.Sketches(9)
            from context in Gen.Choose(1, 5)
            from changing in Gen.Choose(1, 5)
            from vertical in Gen.Elements(true, false)
            select (sketch, context, changing, vertical),
            item =>
            {
                using var scope = NewDisposeScope();
                const int Hidden = 4;
                var entries = Gru.Entries("1", Hidden, item.context + item.changing, item.vertical ? 5 : 1, item.vertical ? 1 : 5);
                using var weights = Initialise.Draw(entries, new Seed(item.sketch.Seed));
                Tensor Map(string name, int channels) =>
                    NameHashFill.Fill(name, [2, channels, item.sketch.Size.Height, item.sketch.Size.Width], new FillValue(0, 2));
                var (hidden, context, changing) = (Map("hidden", Hidden), Map("context", item.context), Map("changing", item.changing));
                var next = Gru.Of(weights, "1", context).Next(hidden, changing);
                Close.To(AsWritten(weights, "1", hidden, Joins.Cat([context, changing], 1)), next, Split, 0);
                return true;
            },
            cases: 30
        );

    /// <summary>RAFT, Eqs. (3) to (6), word by word.</summary>
    private static Tensor AsWritten(Weights weights, string suffix, Tensor h, Tensor x)
    {
        var hx = Joins.Cat([h, x], 1);
        var z = Layers.Conv(weights, "convz" + suffix, hx).sigmoid();
        var r = Layers.Conv(weights, "convr" + suffix, hx).sigmoid();
        var q = Layers.Conv(weights, "convq" + suffix, Joins.Cat([r.mul(h), x], 1)).tanh();
        return z.neg().Plus(1).mul(h).Plus(z.mul(q));
    }
}
