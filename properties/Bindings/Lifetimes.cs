using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Bindings;

/// <summary>The laws of dispose scopes.</summary>
public class Lifetimes
{
    [Fact]
    public void Scope_WhenItCloses_DisposesOfWhatWasMadeInIt() => Leaks.Check(() =>
    {
        Tensor inside;
        using (NewDisposeScope())
        {
            inside = ones(2) + 1;
            Assert.False(inside.IsInvalid);
        }
        Assert.True(inside.IsInvalid);
    });

    [Fact]
    public void MoveToOuter_FromNestedScopes_OutlivesThemOneByOne() => Leaks.Check(() =>
    {
        Tensor x;
        using (var outer = NewDisposeScope())
        {
            using (NewDisposeScope())
            {
                using (NewDisposeScope())
                    x = ones(2).MoveToOuterDisposeScope();
                Assert.False(x.IsInvalid);
                x.MoveToOuterDisposeScope();
            }
            Assert.True(outer.Contains(x));
            Assert.False(x.IsInvalid);
        }
        Assert.True(x.IsInvalid);
    });

    [Fact]
    public void MoveToOuter_WithoutAnOuterScope_LeavesTheTensorToItsHolder() => Leaks.Check(() =>
    {
        Tensor x;
        using (NewDisposeScope())
            x = ones(2).MoveToOuterDisposeScope();
        Assert.False(x.IsInvalid);
        x.Dispose();
    });

    [Fact]
    public void Detach_Attach_AndMoveToOther_ChangeTheOwner() => Leaks.Check(() =>
    {
        using var outer = NewDisposeScope();
        Tensor detached, attached, moved, like;
        using (var inner = NewDisposeScope())
        {
            detached = ones(1).DetachFromDisposeScope();
            attached = outer.Attach(ones(1));
            moved = ones(1).MoveToOtherDisposeScope(outer);
            like = ones(1).MoveToOtherDisposeScope(moved);
            Assert.Equal(0, inner.DisposablesCount);
            Assert.Equal(3, outer.DisposablesCount);
        }
        Assert.False(detached.IsInvalid || attached.IsInvalid || moved.IsInvalid || like.IsInvalid);
        outer.Attach(detached);
        outer.Dispose();
        Assert.True(detached.IsInvalid && attached.IsInvalid && moved.IsInvalid && like.IsInvalid);
    });

    [Fact]
    public void DisposeEverythingBut_KeepsWhatItIsTold() => Leaks.Check(() =>
    {
        using var scope = NewDisposeScope();
        Tensor a = ones(1), b = ones(1);
        scope.DisposeEverythingBut(a);
        Assert.True(!a.IsInvalid && b.IsInvalid && scope.Contains(a));
        Assert.Equal([a], scope.DisposablesView);
        scope.DisposeEverything();
        Assert.True(a.IsInvalid);
        Assert.Equal(0, scope.DisposablesCount);
    });

    [Fact]
    public void Scope_ThatWasClosed_RefusesUse()
    {
        var scope = NewDisposeScope();
        scope.Dispose();
        scope.Dispose();
        Assert.Throws<ObjectDisposedException>(() => scope.DisposablesCount);
        Assert.Null(CurrentDisposeScope);
    }

    [Fact]
    public void Scopes_ClosedOutOfOrder_StillOwnTheirOwn() => Leaks.Check(() =>
    {
        var outer = NewDisposeScope();
        var x = ones(1);
        var inner = NewDisposeScope();
        var y = ones(1);
        outer.Dispose();
        Assert.True(x.IsInvalid && !y.IsInvalid);
        Assert.Same(inner, CurrentDisposeScope);
        inner.Dispose();
        Assert.True(y.IsInvalid);
        Assert.Null(CurrentDisposeScope);
    });

    [Fact]
    public void Statistics_OfTheThread_CountEveryFate()
    {
        var counts = DisposeScopeManager.Statistics.TensorStatistics;
        counts.Reset();
        ones(1).Dispose();
        using (var scope = NewDisposeScope())
        {
            _ = ones(1);
            ones(1).Dispose();
            using var held = ones(1).DetachFromDisposeScope();
            scope.Attach(held);
        }
        Assert.Equal((1, 1), (counts.CreatedOutsideScopeCount, counts.DisposedOutsideScopeCount));
        Assert.Equal((3, 3), (counts.CreatedInScopeCount, counts.DisposedInScopeCount));
        Assert.Equal((1, 1), (counts.AttachedToScopeCount, counts.DetachedFromScopeCount));
        Assert.Equal(0, counts.ThreadTotalLiveCount);
        Assert.Contains("ThreadTotalLiveCount: 0", counts.ToString());
    }

    [Fact]
    public void Scopes_OfTwoThreads_DoNotSeeEachOther()
    {
        using var scope = NewDisposeScope();
        DisposeScope? there = scope;
        Tensor? made = null;
        var thread = new Thread(() =>
        {
            there = CurrentDisposeScope;
            made = ones(1);
        });
        thread.Start();
        thread.Join();
        Assert.Null(there);
        Assert.False(scope.Contains(made!));
        made!.Dispose();
    }

    [Fact]
    public void Dispose_Twice_ReleasesOnce() => Leaks.Check(() =>
    {
        var x = ones(1);
        x.Dispose();
        x.Dispose();
        Assert.Throws<InvalidOperationException>(() => x.shape);
        Assert.Throws<InvalidOperationException>(() => x + 1);
    });

    /// <summary>Another thread disposes of tensors while this one computes with them: either the sum or a clean refusal.</summary>
    [Fact]
    public void Dispose_FromAnotherThread_NeverBreaksARunningCall()
    {
        using var scope = NewDisposeScope();
        for (var round = 0; round < 200; round++)
        {
            var x = full([2000], 1.0);
            var thread = new Thread(x.Dispose);
            thread.Start();
            try
            {
                using var sum = x.sum();
                Assert.Equal(2000, sum.ToSingle());
            }
            catch (InvalidOperationException)
            {
                Assert.True(x.IsInvalid);
            }
            thread.Join();
        }
    }

    [Fact]
    public void TotalCount_OfTheProcess_FollowsThisThreadToo()
    {
        var before = Tensor.TotalCount;
        Tensor[] many = [.. Enumerable.Range(0, 10_000).Select(_ => ones(1))];
        Assert.True(Tensor.TotalCount >= before + 5_000, "other tests make and dispose of some meanwhile, not of thousands");
        Assert.True(Tensor.PeakCount >= many.Length);
        foreach (var t in many)
            t.Dispose();
    }

    [Fact]
    public void WrappedScope_GivesBackItsResultOnly() => Leaks.CheckReturnsOne(() => WrappedTensorDisposeScope(() => (ones(2) + 1) * 2));

    [Fact]
    public void ForgottenTensors_AreFreedByTheCollector()
    {
        var before = Tensor.TotalCount;
        Forget();
        for (var k = 0; k < 20 && Tensor.TotalCount > before + 2_000; k++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Assert.True(Tensor.TotalCount <= before + 2_000);

        [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
        static void Forget()
        {
            for (var k = 0; k < 5_000; k++)
                ones(1);
        }
    }
}
