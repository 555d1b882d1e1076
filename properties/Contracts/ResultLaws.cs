using FsCheck;
using FsCheck.Fluent;
using Motion.Contracts;
using Motion.Properties.Generators;
using Xunit;
using Result = Motion.Contracts.Result;

namespace Motion.Properties.Contracts;

/// <summary>Result is a monad, and what is built on Bind is what Bind says.</summary>
public sealed class ResultLaws
{
    /// <summary>A function from numbers to results: some fail, and say on which number.</summary>
    /// <param name="Factor">Of what succeeds.</param>
    /// <param name="Modulus">Numbers that it divides fail.</param>
    public sealed record Step(int Factor, int Modulus)
    {
        public Result<int, string> Of(int value) =>
            value % Modulus == 0
                ? Result.Error<int, string>($"{Factor} refuses {value}")
                : Result.Ok<int, string>(unchecked(value * Factor) + 1);
    }

    private static readonly Gen<int> Numbers = Gen.Choose(-20, 20);

    private static readonly Gen<Step> Steps =
        from factor in Gen.Choose(-5, 5)
        from modulus in Gen.Choose(1, 4)
        select new Step(factor, modulus);

    private static readonly Gen<Result<int, string>> Results =
        from isOk in Gen.Elements(true, true, false)
        from number in Numbers
        select isOk ? Result.Ok<int, string>(number) : Result.Error<int, string>($"{number}");

    private static readonly Gen<(Result<int, string> Result, Step First, Step Next)> Chains =
        from result in Results
        from first in Steps
        from next in Steps
        select (result, first, next);

    [Fact, Law]
    public void Bind_OfAValue_IsTheFunctionOfIt() =>
        Laws.Hold(
            from number in Numbers
            from step in Steps
            select (Number: number, Step: step),
            drawn => Result.Ok<int, string>(drawn.Number).Bind(drawn.Step.Of).Equals(drawn.Step.Of(drawn.Number))
        );

    [Fact, Law]
    public void Bind_ToOk_ChangesNothing() => Laws.Hold(Results, result => result.Bind(Result.Ok<int, string>).Equals(result));

    [Fact, Law]
    public void Bind_ThenBind_IsBindOfBoth() =>
        Laws.Hold(
            Chains,
            drawn =>
                drawn
                    .Result.Bind(drawn.First.Of)
                    .Bind(drawn.Next.Of)
                    .Equals(drawn.Result.Bind(value => drawn.First.Of(value).Bind(drawn.Next.Of)))
        );

    [Fact, Law]
    public void Bind_AfterAnError_IsNotCalled() =>
        Laws.Hold(
            Chains,
            drawn =>
            {
                var called = 0;
                var bound = drawn.Result.Bind(value =>
                {
                    called++;
                    return drawn.First.Of(value);
                });
                return called == (drawn.Result.IsOk ? 1 : 0) && (drawn.Result.IsOk || bound.Equals(drawn.Result));
            }
        );

    [Fact, Law]
    public void Map_OfAFunction_IsBindToOkOfIt() =>
        Laws.Hold(
            Results,
            result =>
                result.Map(value => value + 1).Equals(result.Bind(value => Result.Ok<int, string>(value + 1)))
                && result.Map(value => value).Equals(result)
        );

    [Fact, Law]
    public void Map_ThenMap_IsMapOfBoth() =>
        Laws.Hold(Results, result => result.Map(value => value + 1).Map(value => value * 3).Equals(result.Map(value => (value + 1) * 3)));

    [Fact, Law]
    public void MapError_OfAnError_LeavesValuesAndChangesTheReason() =>
        Laws.Hold(
            Results,
            result =>
                result
                    .MapError(reason => reason.Length)
                    .Match(
                        value => result.Equals(Result.Ok<int, string>(value)),
                        length => !result.IsOk && length == result.Match(_ => "", reason => reason).Length
                    )
        );

    [Fact, Law]
    public void Query_OfThree_StopsWhereBindStops() =>
        Laws.Hold(
            Chains,
            drawn =>
                (
                    from value in drawn.Result
                    from first in drawn.First.Of(value)
                    from next in drawn.Next.Of(first)
                    select (value, first, next)
                ).Equals(
                    drawn.Result.Bind(value => drawn.First.Of(value).Bind(first => drawn.Next.Of(first).Map(next => (value, first, next))))
                )
        );

    [Fact, Law]
    public void Sequence_OfResults_IsAllValuesOrTheFirstError() =>
        Laws.Hold(
            Results.ArrayOf(),
            results =>
                results
                    .Sequence()
                    .Match(
                        values => results.SequenceEqual(values.Select(Result.Ok<int, string>)),
                        reason => results.First(result => !result.IsOk).Equals(Result.Error<int, string>(reason))
                    )
        );

    [Fact, Law]
    public void OrThrow_OfAResult_IsItsValueOrThrowsItsReason() =>
        Laws.Hold(
            Results,
            result =>
                result.Match(
                    value => result.OrThrow() == value,
                    reason => Assert.Throws<InvalidOperationException>(() => result.OrThrow()).Message == reason
                )
        );
}
