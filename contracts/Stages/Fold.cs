namespace Motion.Contracts;

/// <summary>A stage that consumes a stream and answers once: evaluate, report.</summary>
/// <param name="Start">The state before the first item; called once a run.</param>
/// <param name="Step">The state after one more item. Consumes the old state and the item (disposes what it does not keep).</param>
/// <param name="Finish">The answer. Consumes the state.</param>
public sealed record Fold<TIn, TState, TOut, TError>(
    Func<TState> Start, Func<TState, TIn, Result<TState, TError>> Step, Func<TState, Result<TOut, TError>> Finish);
