using TorchSharp;
using Xunit;

namespace Motion.Properties;

/// <summary>Finds tensors that outlive the code that made them.</summary>
public static class Leaks
{
    /// <summary>
    /// Runs code on this thread and fails if more (or fewer) of the thread's tensors are alive afterwards. What the code returns
    /// through a variable of the caller must be disposed of inside. Counted per thread, so tests may run side by side.
    /// </summary>
    public static void Check(Action code)
    {
        var before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        code();
        var leaked = DisposeScopeManager.Statistics.ThreadTotalLiveCount - before;
        Assert.True(leaked == 0, $"{leaked} tensors more are alive on this thread than before: {DisposeScopeManager.Statistics}.");
    }

    /// <summary>As above, for a function that gives back exactly one tensor to its caller.</summary>
    public static void CheckReturnsOne(Func<torch.Tensor> function) => Check(() => function().Dispose());
}
