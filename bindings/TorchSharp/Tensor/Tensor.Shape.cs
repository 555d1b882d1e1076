using static TorchSharp.Dispatch;

namespace TorchSharp;

public static partial class torch
{
    // Views, rearrangements, gathers and scatters.
    public sealed partial class Tensor
    {
        public Tensor T => permute([.. Enumerable.Range(0, (int)ndim).Reverse().Select(d => (long)d)]);

        public Tensor mT => One(Aten.mT, this);

        public Tensor reshape(params long[] shape) => One(Aten.reshape, this, shape);

        public Tensor view(params long[] shape) => One(Aten.view, this, shape);

        public Tensor view_as(Tensor other) => view(other.shape);

        public Tensor flatten(long start_dim = 0, long end_dim = -1) => One(Aten.flatten, this, start_dim, end_dim);

        public Tensor unflatten(long dim, params long[] sizes)
        {
            var s = shape;
            var d = (int)(dim < 0 ? dim + s.Length : dim);
            return reshape([.. s[..d], .. sizes, .. s[(d + 1)..]]);
        }

        public Tensor ravel() => One(Aten.ravel, this);

        public Tensor permute(params long[] permutation) => One(Aten.permute, this, permutation);

        public Tensor transpose(long dim0, long dim1) => One(Aten.transpose, this, dim0, dim1);

        public Tensor transpose_(long dim0, long dim1) => Self(this, Aten.transpose_, this, dim0, dim1);

        public Tensor swapaxes(long dim0, long dim1) => transpose(dim0, dim1);

        public Tensor swapdims(long dim0, long dim1) => transpose(dim0, dim1);

        public Tensor movedim(long[] source, long[] destination) => One(Aten.movedim, this, source, destination);

        public Tensor t() => One(Aten.t, this);

        public Tensor squeeze(long? dim = null) => dim is { } d ? One(Aten.squeeze_dim, this, d) : One(Aten.squeeze, this);

        public Tensor squeeze_(long? dim = null) =>
            dim is { } d ? Self(this, Aten.squeeze_dim_, this, d) : Self(this, Aten.squeeze_, this);

        public Tensor unsqueeze(long dim) => One(Aten.unsqueeze, this, dim);

        public Tensor unsqueeze_(long dim) => Self(this, Aten.unsqueeze_, this, dim);

        public Tensor expand(params long[] sizes) => One(Aten.expand, this, sizes);

        public Tensor expand(long[] sizes, bool isImplicit = false) => One(Aten.expand, this, sizes, isImplicit);

        public Tensor expand(ReadOnlySpan<long> sizes, bool isImplicit = false) => expand(sizes.ToArray(), isImplicit);

        public Tensor expand(Size sizes, bool isImplicit = false) => expand(sizes.Shape, isImplicit);

        public Tensor expand_as(Tensor other) => expand(other.shape);

        public Tensor broadcast_to(params long[] shape) => expand(shape);

        public Tensor repeat(params long[] sizes) => One(Aten.repeat, this, sizes);

        public Tensor repeat_interleave(Tensor repeats, long? dim = null, long? output_size = null) =>
            One(Aten.repeat_interleave_Tensor, this, repeats, dim, output_size);

        public Tensor repeat_interleave(long repeats, long? dim = null, long? output_size = null) =>
            One(Aten.repeat_interleave_int, this, repeats, dim, output_size);

        public Tensor tile(long[] reps) => One(Aten.tile, this, reps);

        public Tensor as_strided(long[] size, long[] strides, long storageOffset = 0L) =>
            One(Aten.as_strided, this, size, strides, storageOffset);

        public Tensor narrow(long dim, long start, long length) => One(Aten.narrow, this, dim, start, length);

        public Tensor slice(long dim, long start, long finish, long step) => One(Aten.slice, this, dim, start, finish, step);

        public Tensor select(long dim, long index) => One(Aten.select, this, dim, index);

        public Tensor diagonal(long offset = 0L, long dim1 = 0L, long dim2 = 1L) => One(Aten.diagonal, this, offset, dim1, dim2);

        public Tensor unfold(long dimension, long size, long step) => One(Aten.unfold, this, dimension, size, step);

        public Tensor[] split(long size, long dim = 0) => Many(Aten.split, this, size, dim);

        public Tensor[] split(long[] sizes, long dim = 0) => Many(Aten.split_with_sizes, this, sizes, dim);

        public Tensor[] split(ReadOnlySpan<long> sizes, long dim = 0) => split(sizes.ToArray(), dim);

        public Tensor[] chunk(long chunks, long dim = 0L) => Many(Aten.chunk, this, chunks, dim);

        public Tensor[] tensor_split(long size, long dim = 0L) => Many(Aten.tensor_split, this, size, dim);

        public Tensor[] unbind(long dimension = 0L) => Many(Aten.unbind, this, dimension);

        public Tensor flip(params long[] dims) => One(Aten.flip, this, dims);

        public Tensor fliplr() => One(Aten.fliplr, this);

        public Tensor flipud() => One(Aten.flipud, this);

        public Tensor roll(long shifts, long? dims = null) =>
            One(Aten.roll, this, new[] { shifts }, dims is { } d ? [d] : Array.Empty<long>());

        public Tensor roll((long, long) shifts, (long, long) dims) =>
            One(Aten.roll, this, new[] { shifts.Item1, shifts.Item2 }, new[] { dims.Item1, dims.Item2 });

        public Tensor roll(long[] shifts, long[] dims) => One(Aten.roll, this, shifts, dims);

        public Tensor rot90(long k = 1, (long, long)? dims = null) =>
            One(Aten.rot90, this, k, dims is { } d ? new[] { d.Item1, d.Item2 } : new[] { 0L, 1L });

        public Tensor tril(long diagonal = 0) => One(Aten.tril, this, diagonal);

        public Tensor triu(long diagonal = 0) => One(Aten.triu, this, diagonal);

        public Tensor diag(long diagonal = 0) => One(Aten.diag, this, diagonal);

        public Tensor diff(long n = 1, long dim = -1, Tensor? prepend = null, Tensor? append = null) =>
            One(Aten.diff, this, n, dim, prepend, append);

        public Tensor nonzero() => One(Aten.nonzero, this);

        public IList<Tensor> nonzero_as_list()
        {
            using var places = nonzero();
            return places.chunk(places.shape[1], 1);
        }

        public Tensor argwhere() => One(Aten.argwhere, this);

        public Tensor masked_select(Tensor mask) => One(Aten.masked_select, this, mask);

        public Tensor take(Tensor index) => One(Aten.take, this, index);

        public Tensor take_along_dim(Tensor indices) => One(Aten.take_along_dim, this, indices);

        public Tensor take_along_dim(Tensor indices, long dim) => One(Aten.take_along_dim, this, indices, dim);

        public Tensor gather(long dim, Tensor index) => One(Aten.gather, this, dim, index);

        public Tensor scatter(long dim, Tensor index, Tensor src) => One(Aten.scatter, this, dim, index, src);

        public Tensor scatter_(long dim, Tensor index, Tensor src) => Self(this, Aten.scatter_, this, dim, index, src);

        public Tensor scatter_add(long dim, Tensor index, Tensor src) => One(Aten.scatter_add, this, dim, index, src);

        public Tensor scatter_add_(long dim, Tensor index, Tensor src) => Self(this, Aten.scatter_add_, this, dim, index, src);

        public Tensor index_select(long dim, Tensor index) => One(Aten.index_select, this, dim, index);

        public Tensor index_add(long dim, Tensor index, Tensor source, Scalar alpha) =>
            One(Aten.index_add, this, dim, index, source, alpha);

        public Tensor index_add_(long dim, Tensor index, Tensor source, Scalar alpha) =>
            Self(this, Aten.index_add_, this, dim, index, source, alpha);

        public Tensor index_copy(long dim, Tensor index, Tensor source) => One(Aten.index_copy, this, dim, index, source);

        public Tensor index_copy_(long dim, Tensor index, Tensor source) => Self(this, Aten.index_copy_, this, dim, index, source);

        public Tensor index_fill(long dim, Tensor index, Scalar value) => One(Aten.index_fill, this, dim, index, value);

        public Tensor index_fill_(long dim, Tensor index, Scalar value) => Self(this, Aten.index_fill_, this, dim, index, value);

        public Tensor select_scatter(Tensor src, long dim, long index) => One(Aten.select_scatter, this, src, dim, index);

        public Tensor slice_scatter(Tensor src, long dim = 0L, long? start = null, long? end = null, long step = 1L) =>
            One(Aten.slice_scatter, this, src, dim, start, end, step);
    }
}

internal static partial class Aten
{
    public static readonly Op mT = new("mT");
    public static readonly Op reshape = new("reshape");
    public static readonly Op view = new("view");
    public static readonly Op flatten = new("flatten", "using_ints");
    public static readonly Op ravel = new("ravel");
    public static readonly Op permute = new("permute");
    public static readonly Op transpose = new("transpose", "int");
    public static readonly Op transpose_ = new("transpose_");
    public static readonly Op movedim = new("movedim", "intlist");
    public static readonly Op t = new("t");
    public static readonly Op squeeze = new("squeeze");
    public static readonly Op squeeze_dim = new("squeeze", "dim");
    public static readonly Op squeeze_ = new("squeeze_");
    public static readonly Op squeeze_dim_ = new("squeeze_", "dim");
    public static readonly Op unsqueeze = new("unsqueeze");
    public static readonly Op unsqueeze_ = new("unsqueeze_");
    public static readonly Op expand = new("expand");
    public static readonly Op repeat = new("repeat");
    public static readonly Op repeat_interleave_Tensor = new("repeat_interleave", "self_Tensor");
    public static readonly Op repeat_interleave_int = new("repeat_interleave", "self_int");
    public static readonly Op tile = new("tile");
    public static readonly Op as_strided = new("as_strided");
    public static readonly Op narrow = new("narrow");
    public static readonly Op select = new("select", "int");
    public static readonly Op diagonal = new("diagonal");
    public static readonly Op unfold = new("unfold");
    public static readonly Op split = new("split", "Tensor");
    public static readonly Op split_with_sizes = new("split_with_sizes");
    public static readonly Op chunk = new("chunk");
    public static readonly Op tensor_split = new("tensor_split", "sections");
    public static readonly Op unbind = new("unbind", "int");
    public static readonly Op flip = new("flip");
    public static readonly Op fliplr = new("fliplr");
    public static readonly Op flipud = new("flipud");
    public static readonly Op roll = new("roll");
    public static readonly Op rot90 = new("rot90");
    public static readonly Op tril = new("tril");
    public static readonly Op triu = new("triu");
    public static readonly Op diag = new("diag");
    public static readonly Op diff = new("diff");
    public static readonly Op nonzero = new("nonzero");
    public static readonly Op nonzero_numpy = new("nonzero_numpy");
    public static readonly Op argwhere = new("argwhere");
    public static readonly Op masked_select = new("masked_select");
    public static readonly Op take = new("take");
    public static readonly Op take_along_dim = new("take_along_dim");
    public static readonly Op gather = new("gather");
    public static readonly Op scatter = new("scatter", "src");
    public static readonly Op scatter_ = new("scatter_", "src");
    public static readonly Op scatter_add = new("scatter_add");
    public static readonly Op scatter_add_ = new("scatter_add_");
    public static readonly Op index_select = new("index_select");
    public static readonly Op index_add = new("index_add");
    public static readonly Op index_add_ = new("index_add_");
    public static readonly Op index_copy = new("index_copy");
    public static readonly Op index_copy_ = new("index_copy_");
    public static readonly Op index_fill = new("index_fill", "int_Scalar");
    public static readonly Op index_fill_ = new("index_fill_", "int_Scalar");
    public static readonly Op select_scatter = new("select_scatter");
    public static readonly Op slice_scatter = new("slice_scatter");
}
