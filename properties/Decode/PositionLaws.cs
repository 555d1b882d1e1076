using Motion.Contracts;
using Motion.DataSets;
using Motion.Decode;
using Xunit;

namespace Motion.Properties.Decode;

/// <summary>A stream begun in its middle: how a run goes on where it was stopped.</summary>
public sealed class PositionLaws
{
    private static readonly SyntheticOptions Small = new()
    {
        Clips = 3,
        Frames = 4,
        Height = 16,
        Width = 24,
        ObjectsMin = 1,
        ObjectsMax = 1,
    };

    [Theory]
    [InlineData(FrameOrder.Sequential, 0)]
    [InlineData(FrameOrder.Sequential, 5)]
    [InlineData(FrameOrder.Sequential, 12)]
    [InlineData(FrameOrder.Shuffled, 1)]
    [InlineData(FrameOrder.Shuffled, 12)]
    [InlineData(FrameOrder.Shuffled, 17)]
    public async Task Frames_FromAPosition_AreTheTailOfAll(FrameOrder order, int from)
    {
        const int length = 30; // more than two epochs
        var all = await Take(order, 0, length);
        Assert.Equal(all.Skip(from), await Take(order, from, Math.Max(0, all.Count - from)));
    }

    private static async Task<List<string>> Take(FrameOrder order, long from, int count)
    {
        var stage = DecodeSources.Open(new DecodeOptions { Synthetic = Small, Order = order }, new Seed(3)).OrThrow();
        var seen = new List<string>();
        await foreach (var item in stage.Frames(from, CancellationToken.None))
        {
            if (seen.Count == count)
                break;
            using var pair = item.OrThrow();
            seen.Add($"{pair.Key} {pair.First.to(TorchSharp.torch.ScalarType.Int64).sum().item<long>()}");
        }

        return seen;
    }
}
