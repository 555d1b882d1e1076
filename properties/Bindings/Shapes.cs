using FsCheck;
using FsCheck.Fluent;
using Motion.Properties.Generators;
using TorchSharp;
using Xunit;
using static TorchSharp.torch;

namespace Motion.Properties.Bindings;

/// <summary>Views, joins, gathers and scatters, against index arithmetic.</summary>
public class Shapes
{
    [Fact]
    public void Views_OfACount_ShareMemoryAndReorderAsTheyShould()
    {
        using var scope = NewDisposeScope();
        var x = arange(6).reshape(2, 3);                                      // [2, 3]
        Expect.Equal(x.t(), [3, 2], [0, 3, 1, 4, 2, 5]);
        Expect.Equal(x.T, [3, 2], [0, 3, 1, 4, 2, 5]);
        Expect.Equal(x.mT, [3, 2], [0, 3, 1, 4, 2, 5]);
        Expect.Equal(x.transpose(0, 1), [3, 2], [0, 3, 1, 4, 2, 5]);
        Expect.Equal(x.permute(1, 0), [3, 2], [0, 3, 1, 4, 2, 5]);
        Expect.Equal(x.movedim([0], [1]), [3, 2], [0, 3, 1, 4, 2, 5]);
        Expect.Equal(x.unsqueeze(1), [2, 1, 3], [0, 1, 2, 3, 4, 5]);
        Expect.Equal(x.unsqueeze(0).squeeze(), [2, 3], [0, 1, 2, 3, 4, 5]);
        Expect.Equal(x.unsqueeze(0).squeeze(0), [2, 3], [0, 1, 2, 3, 4, 5]);
        Expect.Equal(x.squeeze(0), [2, 3], [0, 1, 2, 3, 4, 5]);
        Expect.Equal(x.view(3, -1), [3, 2], [0, 1, 2, 3, 4, 5]);
        Expect.Equal(x.view_as(zeros(6)), [6], [0, 1, 2, 3, 4, 5]);
        Expect.Equal(x.flatten(), [6], [0, 1, 2, 3, 4, 5]);
        Expect.Equal(x.ravel(), [6], [0, 1, 2, 3, 4, 5]);
        Expect.Equal(x.flatten().unflatten(0, 3, 2), [3, 2], [0, 1, 2, 3, 4, 5]);
        Expect.Equal(x.narrow(1, 1, 2), [2, 2], [1, 2, 4, 5]);
        Expect.Equal(x.slice(1, 0, 3, 2), [2, 2], [0, 2, 3, 5]);
        Expect.Equal(x.select(0, 1), [3], [3, 4, 5]);
        Expect.Equal(x.diagonal(), [2], [0, 4]);
        Expect.Equal(x.as_strided([2, 2], [1, 1]), [2, 2], [0, 1, 1, 2]);
        Expect.Equal(x.unfold(1, 2, 1), [2, 2, 2], [0, 1, 1, 2, 3, 4, 4, 5]);
        x.t().select(0, 2).fill_(9);
        Expect.Equal(x, [0, 1, 9, 3, 4, 9]);
        Assert.Equal([1, 3], x.t().stride());
        Assert.False(x.t().is_contiguous());
        Assert.True(x.t().contiguous().is_contiguous());
        Assert.Equal(2, x.narrow(1, 2, 1).storage_offset());
    }

    [Fact]
    public void InPlaceViews_ChangeTheTensorItself()
    {
        using var scope = NewDisposeScope();
        var x = arange(6).reshape(2, 3);
        Assert.Equal([3, 2], x.transpose_(0, 1).shape);
        Assert.Equal([1, 3, 2], x.unsqueeze_(0).shape);
        Assert.Equal([3, 2], x.squeeze_(0).shape);
        Assert.Equal([3, 2], x.unsqueeze_(1).squeeze_().shape);
        Assert.Equal([3, 2], x.shape);
    }

    [Fact]
    public void Repetitions_ByExpandingRepeatingAndTiling_Agree()
    {
        using var scope = NewDisposeScope();
        var x = tensor([1, 2]);
        double[] twice = [1, 2, 1, 2];
        Expect.Equal(x.expand(2, 2), [2, 2], twice);
        Expect.Equal(x.expand([2, -1]), [2, 2], twice);
        Expect.Equal(x.expand(new Size((2, 2))), [2, 2], twice);
        Expect.Equal(x.expand_as(zeros(2, 2)), [2, 2], twice);
        Expect.Equal(x.broadcast_to(2, 2), [2, 2], twice);
        Expect.Equal(x.repeat(2, 1), [2, 2], twice);
        Expect.Equal(x.tile([2]), [4], twice);
        Expect.Equal(x.repeat_interleave(2), [4], [1, 1, 2, 2]);
        Expect.Equal(x.repeat_interleave(tensor([1L, 3])), [4], [1, 2, 2, 2]);
        Expect.Equal(x.unsqueeze(0).repeat_interleave(2, dim: 0), [2, 2], twice);
        var both = broadcast_tensors(x, tensor([5, 6]).unsqueeze(1));
        Expect.Equal(both[1], [2, 2], [5, 5, 6, 6]);
    }

    [Fact]
    public void Mirrors_AndRotations_MoveEveryElement()
    {
        using var scope = NewDisposeScope();
        var x = arange(6).reshape(2, 3);
        Expect.Equal(x.flip(1), [2, 1, 0, 5, 4, 3]);
        Expect.Equal(x.flip(0, 1), [5, 4, 3, 2, 1, 0]);
        Expect.Equal(x.fliplr(), [2, 1, 0, 5, 4, 3]);
        Expect.Equal(x.flipud(), [3, 4, 5, 0, 1, 2]);
        Expect.Equal(x.roll(1, 1), [2, 0, 1, 5, 3, 4]);
        Expect.Equal(x.roll(1), [5, 0, 1, 2, 3, 4]);
        Expect.Equal(x.roll((1, 1), (0, 1)), [5, 3, 4, 2, 0, 1]);
        Expect.Equal(x.roll([1, -1], [0, 1]), [4, 5, 3, 1, 2, 0]);
        Expect.Equal(x.rot90(), [3, 2], [2, 5, 1, 4, 0, 3]);
        Expect.Equal(x.tril(), [0, 0, 0, 3, 4, 0]);
        Expect.Equal(x.triu(1), [0, 1, 2, 0, 0, 5]);
        Expect.Equal(tensor([1, 2]).diag(), [2, 2], [1, 0, 0, 2]);
    }

    /// <summary>A tensor cut in pieces of any sizes and joined again is the tensor.</summary>
    [Fact]
    public void Cat_OfThePiecesOfSplit_IsTheWhole() =>
        Prop.ForAll(Gen.Choose(1, 4).NonEmptyListOf().ToArbitrary(), sizes =>
        {
            using var scope = NewDisposeScope();
            long[] pieces = [.. sizes.Select(s => (long)s)];
            var x = Expect.Filled(2, pieces.Sum(), 3);
            var cut = x.split(pieces, 1);
            var joined = cat(cut, 1);
            return joined.Equals(x) && cut.Select(c => c.shape[1]).SequenceEqual(pieces)
                && concat([.. x.unbind(1).Select(u => u.unsqueeze(1))], 1).Equals(x)
                && stack(x.unbind(2), 2).Equals(x)
                && cat(x.chunk(2, 1), 1).Equals(x)
                && cat(x.split(2, 1), 1).Equals(x)
                && cat(x.tensor_split(3, 1), 1).Equals(x);
        }).Check(Laws.Config);

    [Fact]
    public void Stacks_AreJoinsAlongANewOrTheirOwnDimension()
    {
        using var scope = NewDisposeScope();
        Tensor a = tensor([1, 2]), b = tensor([3, 4]);
        Expect.Equal(stack([a, b]), [2, 2], [1, 2, 3, 4]);
        Expect.Equal(stack([a, b], 1), [2, 2], [1, 3, 2, 4]);
        Expect.Equal(hstack([a, b]), [4], [1, 2, 3, 4]);
        Expect.Equal(vstack([a, b]), [2, 2], [1, 2, 3, 4]);
        var grid = meshgrid([tensor([1, 2, 3]), tensor([5, 6])], "xy");
        Expect.Equal(grid[0], [2, 3], [1, 2, 3, 1, 2, 3]);
        Expect.Equal(grid[1], [2, 3], [5, 5, 5, 6, 6, 6]);
        Expect.Equal(meshgrid([tensor([1, 2]), tensor([5])])[0], [2, 1], [1, 2]);
    }

    [Fact]
    public void Gathers_FollowTheirIndices()
    {
        using var scope = NewDisposeScope();
        var x = arange(6).reshape(2, 3);
        Expect.Equal(x.gather(1, tensor([2L, 0, 1, 1]).reshape(2, 2)), [2, 2], [2, 0, 4, 4]);
        Expect.Equal(x.take_along_dim(tensor([2L, 0]).reshape(2, 1), 1), [2, 1], [2, 3]);
        Expect.Equal(x.take_along_dim(tensor([5L, 0])), [2], [5, 0]);
        Expect.Equal(x.take(tensor([4L, 0])), [2], [4, 0]);
        Expect.Equal(x.index_select(1, tensor([2L, 2, 0])), [2, 3], [2, 2, 0, 5, 5, 3]);
        Expect.Equal(x.masked_select(x > 2), [3], [3, 4, 5]);
        Expect.Equal((x > 3).nonzero(), [2, 2], [1, 1, 1, 2]);
        Expect.Equal((x > 3).argwhere(), [2, 2], [1, 1, 1, 2]);
        Expect.Equal((x > 3).nonzero_as_list()[1], [2, 1], [1, 2]);
        Expect.Equal(where(x > 3)[0], [2], [1, 1]);
    }

    [Fact]
    public void Scatters_WriteAndAddAtTheirIndices()
    {
        using var scope = NewDisposeScope();
        Tensor at = tensor([0L, 2, 0]).reshape(1, 3), values = tensor([1.0, 2, 3]).reshape(1, 3);
        var zero = zeros(1, 4, float64);
        Expect.Equal(zero.scatter_add(1, at, values), [4, 0, 2, 0]);
        Expect.Equal(zero.scatter(1, at[.., 1..], values), [2, 0, 1, 0]);
        Expect.Equal(zero.clone().scatter_(1, at[.., 1..], values), [2, 0, 1, 0]);
        Expect.Equal(zero.clone().scatter_add_(1, at, values), [4, 0, 2, 0]);
        var row = zeros(4, float64);
        Tensor where1 = tensor([0L, 2, 0]), what = tensor([1.0, 2, 3]);
        Expect.Equal(row.index_add(0, where1, what, 10), [40, 0, 20, 0]);
        Expect.Equal(row.clone().index_add_(0, where1, what, 1), [4, 0, 2, 0]);
        Expect.Equal(row.index_copy(0, where1[1..], what[1..]), [3, 0, 2, 0]);
        Expect.Equal(row.clone().index_copy_(0, where1[1..], what[1..]), [3, 0, 2, 0]);
        Expect.Equal(row.index_fill(0, where1, 7), [7, 0, 7, 0]);
        Expect.Equal(row.clone().index_fill_(0, where1, 7), [7, 0, 7, 0]);
        Expect.Equal(row.slice_scatter(what, 0, 1, 4), [0, 1, 2, 3]);
        Expect.Equal(row.select_scatter(tensor(5.0), 0, 3), [0, 0, 0, 5]);
    }

    [Fact]
    public void Indexing_AsPythonDoes_ReadsTheSameElements()
    {
        using var scope = NewDisposeScope();
        var x = arange(24).reshape(2, 3, 4);
        Expect.Equal(x[1], [3, 4], [.. Enumerable.Range(12, 12).Select(k => (double)k)]);
        Expect.Equal(x[1, 2], [4], [20, 21, 22, 23]);
        Expect.Equal(x[1, 2, 3], [], [23]);
        Expect.Equal(x[-1, -1, -1], [], [23]);
        Expect.Equal(x[.., 1, 1..3], [2, 2], [5, 6, 17, 18]);
        Expect.Equal(x[TensorIndex.Ellipsis, 0], [2, 3], [0, 4, 8, 12, 16, 20]);
        Expect.Equal(x[TensorIndex.Colon, TensorIndex.Slice(0, null, 2), 0], [2, 2], [0, 8, 12, 20]);
        Expect.Equal(x[0, ..^1, ^1..], [2, 1], [3, 7]);
        Expect.Equal(x[TensorIndex.None, 0, 0], [1, 4], [0, 1, 2, 3]);
        Expect.Equal(x[tensor([1L, 0]), tensor([2L, 1])], [2, 4], [20, 21, 22, 23, 4, 5, 6, 7]);
        Expect.Equal(x[TensorIndex.Colon, tensor([2L, 0]), 1], [2, 2], [9, 1, 21, 13]);
        Expect.Equal(x[x > 21], [2], [22, 23]);
        Expect.Equal(x[0, x[0] > 9], [2], [10, 11]);
        Expect.Equal(x[0, TensorIndex.Bool(true), 0], [1, 4], [0, 1, 2, 3]);
        Assert.Throws<ArgumentException>(() => x[0, 0, 0, 0]);
        x[0, 1].fill_(-1);
        x[0, 2, 1..3].fill_(-2);
        Expect.Equal(x[0, 1..], [-1, -1, -1, -1, 8, -2, -2, 11]);
        Assert.Equal(-1, x[0, tensor(1), 2].ToInt64());
    }

    [Fact]
    public void Assignment_ThroughAnIndex_WritesThereOnly()
    {
        using var scope = NewDisposeScope();
        var x = zeros(2, 3);
        x[0] = 1;
        x[1, 2] = 5f;
        x[TensorIndex.Colon, 1..2] = tensor([7f, 8f]).reshape(2, 1);
        Expect.Equal(x, [1, 7, 1, 0, 8, 5]);
        x[x > 6] = tensor(-1f);
        Expect.Equal(x, [1, -1, 1, 0, -1, 5]);
        x.index_put_(2, x < 0);
        Expect.Equal(x, [1, 2, 1, 0, 2, 5]);
        x.index_put_(9, TensorIndex.Single(1), TensorIndex.Slice(0, 2));
        Expect.Equal(x, [1, 2, 1, 9, 9, 5]);
        x.index_put_(tensor([1f, 1f]), [tensor([0L, 0]), tensor([0L, 0])], accumulate: true);
        Expect.Equal(x, [3, 2, 1, 9, 9, 5]);
        x.index_put_(tensor([1f, 1f]), [TensorIndex.Single(0), TensorIndex.Tensor(tensor([1L, 1]))], accumulate: true);
        Expect.Equal(x, [3, 4, 1, 9, 9, 5]);
    }

    [Fact]
    public void Indexing_LeavesNothingBehind() => Leaks.Check(() =>
    {
        using var x = zeros(2, 3, 4);
        using var at = tensor([1L]);
        x[0, TensorIndex.None, 1..].Dispose();
        x[TensorIndex.Colon, at, 1].Dispose();
        x[TensorIndex.Colon].Dispose();
        x.index_put_(3, TensorIndex.Single(0), at);
    });
}
