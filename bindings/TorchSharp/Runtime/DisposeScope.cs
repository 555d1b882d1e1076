namespace TorchSharp;

/// <summary>
/// What is created on a thread while a scope is its innermost one belongs to the scope and is disposed of with it, unless it was
/// moved out or detached. Scopes are per thread; their contents may be disposed of from any thread.
/// </summary>
public sealed class DisposeScope : IDisposable
{
    private readonly DisposeScopeManager manager;
    private readonly Lock gate = new();
    private HashSet<IDisposable>? contents = new(ReferenceEqualityComparer.Instance);

    internal DisposeScope(DisposeScopeManager manager, DisposeScope? outer)
    {
        this.manager = manager;
        OuterScope = outer;
    }

    internal DisposeScope? OuterScope { get; set; }

    /// <summary>A copy of what the scope holds now.</summary>
    public IReadOnlyList<IDisposable> DisposablesView
    {
        get
        {
            lock (gate)
                return [.. Contents];
        }
    }

    public int DisposablesCount
    {
        get
        {
            lock (gate)
                return Contents.Count;
        }
    }

    private HashSet<IDisposable> Contents => contents ?? throw new ObjectDisposedException(nameof(DisposeScope));

    public bool Contains(IDisposable disposable)
    {
        lock (gate)
            return Contents.Contains(disposable);
    }

    /// <summary>Takes something into this scope, out of the scope that has it now, if any.</summary>
    public T Attach<T>(T disposable)
        where T : IDisposable
    {
        if (disposable is torch.Tensor tensor)
        {
            if (tensor.IsInvalid)
                throw new ObjectDisposedException(nameof(disposable), "A tensor that was disposed of cannot enter a scope.");
            if (tensor.OwningDisposeScope is { } owner)
                owner.Remove(tensor);
            else
                DisposeScopeManager.ThreadSingleton.TensorStatistics.AttachedToScopeCount++;
            tensor.OwningDisposeScope = this;
        }
        Add(disposable);
        return disposable;
    }

    public void Attach(params IDisposable[] disposables) => Attach((IEnumerable<IDisposable>)disposables);

    public void Attach(IEnumerable<IDisposable> disposables)
    {
        foreach (var d in disposables)
            Attach(d);
    }

    /// <summary>Hands something to the enclosing scope; where there is none, to nobody.</summary>
    public T MoveToOuter<T>(T disposable)
        where T : IDisposable => MoveToOther(OuterScope, disposable);

    public (T1 first, T2 second) MoveToOuter<T1, T2>(T1 first, T2 second)
        where T1 : IDisposable
        where T2 : IDisposable => (MoveToOuter(first), MoveToOuter(second));

    public (T1 first, T2 second, T3 third) MoveToOuter<T1, T2, T3>(T1 first, T2 second, T3 third)
        where T1 : IDisposable
        where T2 : IDisposable
        where T3 : IDisposable => (MoveToOuter(first), MoveToOuter(second), MoveToOuter(third));

    public void MoveToOuter(params IDisposable[] disposables) => MoveToOther(OuterScope, disposables);

    public void MoveToOuter(IEnumerable<IDisposable> disposables) => MoveToOther(OuterScope, disposables);

    /// <summary>Hands something of this scope to another one (null: to nobody). What is not of this scope stays where it is.</summary>
    public T MoveToOther<T>(DisposeScope? scope, T disposable)
        where T : IDisposable
    {
        if (!Remove(disposable))
            return disposable;
        if (disposable is torch.Tensor tensor)
        {
            tensor.OwningDisposeScope = scope;
            if (scope is null)
                DisposeScopeManager.ThreadSingleton.TensorStatistics.DetachedFromScopeCount++;
        }
        scope?.Add(disposable);
        return disposable;
    }

    public (T1 first, T2 second) MoveToOther<T1, T2>(DisposeScope? scope, T1 first, T2 second)
        where T1 : IDisposable
        where T2 : IDisposable => (MoveToOther(scope, first), MoveToOther(scope, second));

    public (T1 first, T2 second, T3 third) MoveToOther<T1, T2, T3>(DisposeScope? scope, T1 first, T2 second, T3 third)
        where T1 : IDisposable
        where T2 : IDisposable
        where T3 : IDisposable => (MoveToOther(scope, first), MoveToOther(scope, second), MoveToOther(scope, third));

    public void MoveToOther(DisposeScope? scope, params IDisposable[] disposables) =>
        MoveToOther(scope, (IEnumerable<IDisposable>)disposables);

    public void MoveToOther(DisposeScope? scope, IEnumerable<IDisposable> disposables)
    {
        foreach (var d in disposables)
            MoveToOther(scope, d);
    }

    /// <summary>Takes something out of the scope; its holder disposes of it.</summary>
    public T Detach<T>(T disposable)
        where T : IDisposable => MoveToOther(null, disposable);

    public (T1 first, T2 second) Detach<T1, T2>(T1 first, T2 second)
        where T1 : IDisposable
        where T2 : IDisposable => MoveToOther(null, first, second);

    public (T1 first, T2 second, T3 third) Detach<T1, T2, T3>(T1 first, T2 second, T3 third)
        where T1 : IDisposable
        where T2 : IDisposable
        where T3 : IDisposable => MoveToOther(null, first, second, third);

    public void Detach(params IDisposable[] disposables) => MoveToOther(null, disposables);

    public void Detach(IEnumerable<IDisposable> disposables) => MoveToOther(null, disposables);

    public void DisposeEverything() => DisposeEverythingBut((IEnumerable<IDisposable>)[]);

    /// <summary>Disposes of the contents except some, which stay in the scope.</summary>
    public void DisposeEverythingBut(IEnumerable<IDisposable> inKeep)
    {
        HashSet<IDisposable> keep = new(inKeep, ReferenceEqualityComparer.Instance);
        IDisposable[] doomed;
        lock (gate)
        {
            doomed = [.. Contents.Where(d => !keep.Contains(d))];
            Contents.IntersectWith(keep);
        }
        Release(doomed);
    }

    public void DisposeEverythingBut(params IDisposable[] keep) => DisposeEverythingBut((IEnumerable<IDisposable>)keep);

    public T DisposeEverythingBut<T>(T keep)
        where T : IDisposable
    {
        DisposeEverythingBut((IEnumerable<IDisposable>)[keep]);
        return keep;
    }

    /// <summary>Forgets something that was disposed of by other means.</summary>
    public void MarkAsDisposed(IDisposable disposable)
    {
        Remove(disposable);
        if (disposable is torch.Tensor tensor)
            tensor.OwningDisposeScope = null;
    }

    /// <summary>Disposes of the contents and closes the scope.</summary>
    public void Dispose()
    {
        HashSet<IDisposable>? doomed;
        lock (gate)
        {
            doomed = contents;
            contents = null;
        }
        if (doomed is null)
            return;
        manager.Close(this);
        Release(doomed);
    }

    internal void Add(IDisposable disposable)
    {
        lock (gate)
            Contents.Add(disposable);
    }

    internal bool Remove(IDisposable disposable)
    {
        lock (gate)
            return contents?.Remove(disposable) ?? false;
    }

    private static void Release(IEnumerable<IDisposable> doomed)
    {
        foreach (var d in doomed)
        {
            if (d is torch.Tensor tensor)
                tensor.DisposeInScope();
            else
                d.Dispose();
        }
    }
}
