namespace Motion.Contracts;

/// <summary>A stage that consumes a stream and answers once: evaluate, report.</summary>
/// <param name="Start">The state before the first item; called once a run.</param>
/// <param name="Step">The state after one more item. Consumes the old state and the item (disposes what it does not keep).</param>
/// <param name="Finish">The answer. Consumes the state.</param>
public sealed record Fold<TIn, TState, TOut, TError>(
    Func<TState> Start,
    Func<TState, TIn, Result<TState, TError>> Step,
    Func<TState, Result<TOut, TError>> Finish
)
{
    /// <summary>The answer to a whole stream, or the first refusal.</summary>
    public Result<TOut, TError> Run(IEnumerable<TIn> items)
    {
        var state = Start();
        foreach (var item in items)
        {
            switch (Step(state, item))
            {
                case Result<TState, TError>.Ok(var next):
                    state = next;
                    break;
                case Result<TState, TError>.Error(var error):
                    return error;
            }
        }

        return Finish(state);
    }
}
