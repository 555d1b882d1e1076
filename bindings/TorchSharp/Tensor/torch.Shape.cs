using static TorchSharp.Dispatch;

namespace TorchSharp;

// Joining, and the rearrangements of Tensor as functions.
public static partial class torch
{
    public static Tensor reshape(Tensor input, params long[] shape) => input.reshape(shape);

    public static Tensor flatten(Tensor input, long start_dim = 0, long end_dim = -1) => input.flatten(start_dim, end_dim);

    public static Tensor permute(Tensor input, params long[] permutation) => input.permute(permutation);

    public static Tensor transpose(Tensor input, long dim0, long dim1) => input.transpose(dim0, dim1);

    public static Tensor t(Tensor input) => input.t();

    public static Tensor squeeze(Tensor input, long dim) => input.squeeze(dim);

    public static Tensor unsqueeze(Tensor input, long dim) => input.unsqueeze(dim);

    public static Tensor tile(Tensor input, long[] reps) => input.tile(reps);

    public static Tensor narrow(Tensor input, long dim, long start, long length) => input.narrow(dim, start, length);

    public static Tensor select(Tensor input, long dim, long index) => input.select(dim, index);

    public static Tensor[] split(Tensor input, long size, long dim = 0) => input.split(size, dim);

    public static Tensor[] split(Tensor input, long[] sizes, long dim = 0) => input.split(sizes, dim);

    public static Tensor[] chunk(Tensor input, long chunks, long dim = 0) => input.chunk(chunks, dim);

    public static Tensor[] tensor_split(Tensor input, long size, long dim = 0) => input.tensor_split(size, dim);

    public static Tensor[] unbind(Tensor input, long dim = 0) => input.unbind(dim);

    public static Tensor flip(Tensor input, params long[] dims) => input.flip(dims);

    public static Tensor fliplr(Tensor input) => input.fliplr();

    public static Tensor flipud(Tensor input) => input.flipud();

    public static Tensor roll(Tensor input, long shifts, long? dims = null) => input.roll(shifts, dims);

    public static Tensor roll(Tensor input, long[] shifts, long[] dims) => input.roll(shifts, dims);

    public static Tensor rot90(Tensor input, long k = 1, (long, long)? dims = null) => input.rot90(k, dims);

    public static Tensor tril(Tensor input, long diagonal = 0) => input.tril(diagonal);

    public static Tensor triu(Tensor input, long diagonal = 0) => input.triu(diagonal);

    public static Tensor diag(Tensor input, long diagonal = 0) => input.diag(diagonal);

    public static Tensor diff(Tensor input, long n = 1, long dim = -1, Tensor? prepend = null, Tensor? append = null) =>
        input.diff(n, dim, prepend, append);

    public static Tensor nonzero(Tensor input) => input.nonzero();

    public static Tensor argwhere(Tensor input) => input.argwhere();

    public static Tensor masked_select(Tensor input, Tensor mask) => input.masked_select(mask);

    public static Tensor take(Tensor input, Tensor index) => input.take(index);

    public static Tensor take_along_dim(Tensor input, Tensor indices, long dim) => input.take_along_dim(indices, dim);

    public static Tensor gather(Tensor input, long dim, Tensor index) => input.gather(dim, index);

    public static Tensor scatter(Tensor input, long dim, Tensor index, Tensor src) => input.scatter(dim, index, src);

    public static Tensor scatter_add(Tensor input, long dim, Tensor index, Tensor src) => input.scatter_add(dim, index, src);

    public static Tensor index_select(Tensor input, long dim, Tensor index) => input.index_select(dim, index);

    public static Tensor index_add(Tensor input, long dim, Tensor index, Tensor source, Scalar alpha) =>
        input.index_add(dim, index, source, alpha);

    public static Tensor repeat_interleave(Tensor input, Tensor repeats, long? dim = null, long? output_size = null) =>
        input.repeat_interleave(repeats, dim, output_size);

    public static Tensor repeat_interleave(Tensor input, long repeats, long? dim = null, long? output_size = null) =>
        input.repeat_interleave(repeats, dim, output_size);

    public static Tensor broadcast_to(Tensor input, params long[] shape) => input.broadcast_to(shape);

    public static Tensor movedim(Tensor input, long[] source, long[] destination) => input.movedim(source, destination);

    public static Tensor clone(Tensor input) => input.clone();

    public static Tensor detach(Tensor input) => input.detach();

    public static Tensor cat(IList<Tensor> tensors, long dim = 0) => One(Aten.cat, tensors.ToArray(), dim);

    public static Tensor concat(IList<Tensor> tensors, long dim = 0) => cat(tensors, dim);

    public static Tensor stack(IEnumerable<Tensor> tensors, long dim = 0) => One(Aten.stack, tensors.ToArray(), dim);

    public static Tensor hstack(IList<Tensor> tensors) => One(Aten.hstack, tensors.ToArray());

    public static Tensor vstack(IList<Tensor> tensors) => One(Aten.vstack, tensors.ToArray());

    public static Tensor[] broadcast_tensors(params Tensor[] tensors) => Many(Aten.broadcast_tensors, tensors);

    /// <summary>x where the condition holds, else y.</summary>
    public static Tensor where(Tensor condition, Tensor x, Tensor y) => One(Aten.where_self, condition, x, y);

    /// <summary>The indices of the nonzero elements, one tensor for each dimension.</summary>
    public static Tensor[] where(Tensor condition) => Many(Aten.nonzero_numpy, condition);

    /// <summary>Coordinate grids; "ij": the first tensor runs down, "xy": it runs across.</summary>
    public static Tensor[] meshgrid(IEnumerable<Tensor> tensors, string indexing = "ij") =>
        Many(Aten.meshgrid, tensors.ToArray(), indexing);
}

internal static partial class Aten
{
    public static readonly Op cat = new("cat");
    public static readonly Op stack = new("stack");
    public static readonly Op hstack = new("hstack");
    public static readonly Op vstack = new("vstack");
    public static readonly Op broadcast_tensors = new("broadcast_tensors");
    public static readonly Op meshgrid = new("meshgrid", "indexing");
}
