using Motion.Contracts;
using Motion.Flow;
using Motion.Kernels;
using Motion.Pipeline.Stages;
using Motion.Properties.Generators;
using Motion.Runner.Settings;
using Motion.Runner.Stations;
using TorchSharp;
using Xunit;

namespace Motion.Properties.Pipeline;

/// <summary>Flow kept on disk: the same bits, estimated once.</summary>
public sealed class FlowCacheTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("motion-tests-");
    private readonly List<string> _said = [];
    private int _estimates;

    public void Dispose() => _folder.Delete(recursive: true);

    /// <summary>A network that says of a frame how bright it is, with bits that no text would keep.</summary>
    private Result<FlowFrame, FlowError> Estimate(FramePair pair)
    {
        _estimates++;
        using var scope = torch.NewDisposeScope();
        var flow = pair.First.to(torch.ScalarType.Float32).mean().Over(3).expand(2, 4, 6).contiguous().MoveToOuterDisposeScope();
        return new FlowFrame(pair.Key, pair.OriginalSize, pair.First.alias(), flow, pair.Step, "counted", pair.Truth);
    }

    private EstimateFlow Cached(string flow = "network: raft-small, weights: random", string run = "seed: 1")
    {
        var settings = ReadSettings
            .Text(
                $"run: {{{run}}}\nstages: {{decode: {{}}, flow: {{{flow}}}, report: {{}}}}",
                "p.yaml",
                Overrides.None,
                RealStages.Table.Kinds
            )
            .OrThrow();
        var stage = settings.Find(FlowKind.Kind)!;
        var context = new RunContext(settings, Phase.Train, new(_folder.FullName), new([], []), StreamStart.Fresh) { Warn = _said.Add }.Of(
            stage
        );
        var options = stage.Of<FlowOptions>(Phase.Train);
        return FlowCache.Over(Estimate, options with { Seed = options.Seed ?? (long)context.Seed.Value }, context);
    }

    private static FramePair Pair(int brightness, int second = 7, long sequence = 0, int step = 1) =>
        new(
            new(sequence, "clip", (int)sequence),
            new(4, 6),
            torch.full([3, 4, 6], Held.Of(brightness), torch.uint8),
            torch.full([3, 4, 6], Held.Of(second), torch.uint8),
            step,
            null,
            Annotation.Empty
        );

    private int EstimatesOf(Action act)
    {
        var before = _estimates;
        act();
        return _estimates - before;
    }

    [Fact]
    public void Flow_OfAFrameSeenBefore_IsTheSameWithoutAnEstimate()
    {
        var first = Cached()(Pair(100)).OrThrow();
        FlowFrame? again = null;
        Assert.Equal(0, EstimatesOf(() => again = Cached()(Pair(100, sequence: 9)).OrThrow()));
        Assert.True(Tensors.SameBits(first.Flow, again!.Flow));
        Assert.Equal((9L, "counted", Annotation.Empty), (again.Sequence, again.FlowNetwork, again.Truth));
    }

    [Theory]
    [InlineData(101, 7, 1)]
    [InlineData(100, 8, 1)]
    [InlineData(100, 7, -1)]
    public void Flow_OfAnotherPair_IsEstimated(int brightness, int second, int step)
    {
        Cached()(Pair(100)).OrThrow();
        Assert.Equal(1, EstimatesOf(() => Cached()(Pair(brightness, second, step: step)).OrThrow()));
    }

    [Theory]
    [InlineData("network: raft-small, weights: random, iterations: 11", "seed: 1", 1)]
    [InlineData("network: gma, weights: random", "seed: 1", 1)]
    [InlineData("network: dis", "seed: 1", 1)]
    [InlineData("network: raft-small, weights: random", "threads: 2", 1)]
    [InlineData("network: raft-small, weights: random, copies: 2, buffer: 9", "seed: 1", 0)]
    [InlineData("network: raft-small, weights: random", "seed: 2", 1)]
    [InlineData("network: raft-small, weights: random, cache: false", "seed: 1", 1)]
    public void Flow_UnderOtherSettings_IsEstimatedWhereTheyMatter(string flow, string run, int estimates)
    {
        Cached()(Pair(100)).OrThrow();
        Assert.Equal(estimates, EstimatesOf(() => Cached(flow, run)(Pair(100)).OrThrow()));
    }

    [Fact]
    public void Flow_WhoseFileIsDamaged_IsEstimatedAgain()
    {
        var whole = Cached()(Pair(100)).OrThrow();
        var file = Assert.Single(Directory.GetFiles(Path.Combine(_folder.FullName, "cache")));
        foreach (var damage in new[] { File.ReadAllBytes(file)[..^5], [], [.. "nonsense"u8] })
        {
            File.WriteAllBytes(file, damage);
            FlowFrame? made = null;
            Assert.Equal(1, EstimatesOf(() => made = Cached()(Pair(100)).OrThrow()));
            Assert.True(Tensors.SameBits(whole.Flow, made!.Flow));
        }

        Assert.Equal(0, EstimatesOf(() => Cached()(Pair(100)).OrThrow()));
    }

    [Fact, Law]
    public void Flow_WhoseFileIsDamagedInAnyWay_IsEstimatedAgainAndSaid()
    {
        var whole = Cached()(Pair(100)).OrThrow();
        var file = Assert.Single(Directory.GetFiles(Path.Combine(_folder.FullName, "cache")));
        var bytes = File.ReadAllBytes(file);
        Laws.Hold(
            Damage.Any,
            damage =>
            {
                File.WriteAllBytes(file, damage.Of(bytes));
                _said.Clear();
                FlowFrame? made = null;
                return EstimatesOf(() => made = Cached()(Pair(100)).OrThrow()) == 1
                    && Tensors.SameBits(whole.Flow, made!.Flow)
                    && _said.Count == 1;
            },
            cases: 200
        );
    }

    [Fact]
    public void Flow_UnderAnotherFramesName_IsEstimatedAgain()
    {
        var one = Cached()(Pair(100)).OrThrow();
        var first = Assert.Single(Directory.GetFiles(Path.Combine(_folder.FullName, "cache")));
        Cached()(Pair(50)).OrThrow();
        var second = Directory.GetFiles(Path.Combine(_folder.FullName, "cache")).Single(path => path != first);
        File.Copy(second, first, overwrite: true);
        Assert.True(Tensors.SameBits(one.Flow, Cached()(Pair(100)).OrThrow().Flow));
    }

    [Fact]
    public void Flow_OfASharedFolder_ServesOtherRuns()
    {
        var shared = $"network: raft-small, weights: random, seed: 3, cacheFolder: {Path.Combine(_folder.FullName, "shared")}";
        Cached(shared)(Pair(100)).OrThrow();
        Assert.Equal(0, EstimatesOf(() => Cached(shared, "seed: 5, name: other")(Pair(100)).OrThrow()));
    }

    [Fact]
    public void Flow_ThatIsKnownAnyway_IsNotKept()
    {
        Cached("network: zero")(Pair(100)).OrThrow();
        Assert.False(Directory.Exists(Path.Combine(_folder.FullName, "cache")));
    }
}
