using System.Collections.Concurrent;
using System.Collections.Immutable;
using Motion.Properties.Generators;
using TorchSharp;

namespace Motion.Properties.Verify;

/// <summary>Checks many laws, some side by side.</summary>
internal static class CheckLaws
{
    /// <param name="laws">What to check.</param>
    /// <param name="runs">Cases of a law of weight 1.</param>
    /// <param name="seed">Where a law's cases come from.</param>
    /// <param name="jobs">How many at a time.</param>
    /// <param name="clock">Measures.</param>
    /// <param name="done">Told of each as it ends, one at a time.</param>
    /// <param name="cancel">Stops after the laws at hand.</param>
    /// <returns>Outcomes in the laws' order.</returns>
    public static async Task<ImmutableArray<LawOutcome>> Run(
        ImmutableArray<Law> laws,
        int runs,
        Func<Law, LawSeed> seed,
        int jobs,
        TimeProvider clock,
        Action<LawOutcome> done,
        CancellationToken cancel
    )
    {
        var outcomes = new ConcurrentDictionary<Law, LawOutcome>();
        var gate = new Lock();
        async ValueTask Check(Law law, CancellationToken _)
        {
            torch.set_num_threads(1); // of this thread; as many laws run as there are cores
            var outcome = await CheckLaw.Run(law, runs, seed(law), clock);
            outcomes[law] = outcome;
            lock (gate)
                done(outcome);
        }

        var options = new ParallelOptions { MaxDegreeOfParallelism = jobs, CancellationToken = cancel };
        await Parallel.ForEachAsync(laws.Where(law => !law.MustBeAlone), options, Check);
        foreach (var law in laws.Where(law => law.MustBeAlone))
        {
            cancel.ThrowIfCancellationRequested();
            await Check(law, cancel);
        }

        return [.. laws.Select(law => outcomes[law])];
    }
}
