using System.Diagnostics;

namespace Motion.Contracts;

/// <summary>A value, or the reason there is none. For failures a user can cause; bugs throw.</summary>
public abstract record Result<T, TError>
{
    private Result() { }

    /// <summary>The computation succeeded.</summary>
    public sealed record Ok(T Value) : Result<T, TError>;

    /// <summary>The computation failed in a way its caller should handle.</summary>
    public sealed record Error(TError Reason) : Result<T, TError>;

    public bool IsOk => this is Ok;

    public TOut Match<TOut>(Func<T, TOut> ok, Func<TError, TOut> error) =>
        this switch
        {
            Ok(var value) => ok(value),
            Error(var reason) => error(reason),
            _ => throw new UnreachableException(),
        };

    public static implicit operator Result<T, TError>(T value) => new Ok(value);

    public static implicit operator Result<T, TError>(TError reason) => new Error(reason);
}

/// <summary>Composition of results; <c>from x in a from y in b(x) select f(x, y)</c> stops at the first error.</summary>
public static class Result
{
    public static Result<T, TError> Ok<T, TError>(T value) => new Result<T, TError>.Ok(value);

    public static Result<T, TError> Error<T, TError>(TError reason) => new Result<T, TError>.Error(reason);

    public static Result<TOut, TError> Map<T, TOut, TError>(this Result<T, TError> result, Func<T, TOut> map) =>
        result.Match(value => Ok<TOut, TError>(map(value)), Error<TOut, TError>);

    public static Result<TOut, TError> Bind<T, TOut, TError>(this Result<T, TError> result, Func<T, Result<TOut, TError>> bind) =>
        result.Match(bind, Error<TOut, TError>);

    public static Result<T, TOther> MapError<T, TError, TOther>(this Result<T, TError> result, Func<TError, TOther> map) =>
        result.Match(Ok<T, TOther>, reason => Error<T, TOther>(map(reason)));

    /// <summary>The error as any stage's error.</summary>
    public static Result<T, IStageError> Widen<T, TError>(this Result<T, TError> result)
        where TError : IStageError => result.MapError(IStageError (error) => error);

    public static Result<TOut, TError> Select<T, TOut, TError>(this Result<T, TError> result, Func<T, TOut> map) => result.Map(map);

    public static Result<TOut, TError> SelectMany<T, TNext, TOut, TError>(
        this Result<T, TError> result,
        Func<T, Result<TNext, TError>> bind,
        Func<T, TNext, TOut> project
    ) => result.Bind(value => bind(value).Map(next => project(value, next)));

    /// <summary>The value, where an error is a bug of the caller (tests, values checked before).</summary>
    /// <exception cref="InvalidOperationException">The result is an error; its text is the message.</exception>
    public static T OrThrow<T, TError>(this Result<T, TError> result) =>
        result.Match(
            value => value,
            reason => throw new InvalidOperationException(reason is IStageError error ? error.Describe() : $"{reason}")
        );

    /// <summary>All values in order, or the first error.</summary>
    public static Result<IReadOnlyList<T>, TError> Sequence<T, TError>(this IEnumerable<Result<T, TError>> results)
    {
        var values = new List<T>();
        foreach (var result in results)
        {
            switch (result)
            {
                case Result<T, TError>.Ok(var value):
                    values.Add(value);
                    break;
                case Result<T, TError>.Error(var reason):
                    return Error<IReadOnlyList<T>, TError>(reason);
                default:
                    throw new UnreachableException();
            }
        }

        return Ok<IReadOnlyList<T>, TError>(values);
    }
}

/// <summary>The value that carries no information.</summary>
public readonly record struct Unit;

/// <summary>A failure with a sentence for the user: the rule, what came, what to do.</summary>
public interface IStageError
{
    string Describe();
}
