using static TorchSharp.Dispatch;

namespace TorchSharp;

public static partial class torch
{
    // Over all elements, or along dimensions.
    public sealed partial class Tensor
    {
        public Tensor all() => One(Aten.all, this);

        public Tensor all(long dim, bool keepdim = false) => One(Aten.all_dim, this, dim, keepdim);

        public Tensor any() => One(Aten.any, this);

        public Tensor any(long dim, bool keepdim = false) => One(Aten.any_dim, this, dim, keepdim);

        public Tensor sum() => One(Aten.sum, this);

        [Obsolete("A literal 0 converts to a ScalarType before it converts to a dimension: write sum(dim: 0). To accumulate in a type, convert first.")]
        public Tensor sum(ScalarType? type) => One(Aten.sum, this, type);

        public Tensor sum(long[] dim, bool keepdim = false, ScalarType? type = null) => One(Aten.sum_dim, this, dim, keepdim, type);

        public Tensor sum(ReadOnlySpan<long> dim, bool keepdim = false, ScalarType? type = null) => sum(dim.ToArray(), keepdim, type);

        public Tensor sum(long dim, bool keepdim = false, ScalarType? type = null) => sum([dim], keepdim, type);

        public Tensor sum(long dim0, long dim1, bool keepdim = false, ScalarType? type = null) => sum([dim0, dim1], keepdim, type);

        public Tensor sum(long dim0, long dim1, long dim2, bool keepdim = false, ScalarType? type = null) =>
            sum([dim0, dim1, dim2], keepdim, type);

        public Tensor nansum() => One(Aten.nansum, this);

        public Tensor mean() => One(Aten.mean, this);

        public Tensor mean(long[] dimensions, bool keepdim = false, ScalarType? type = null) =>
            One(Aten.mean_dim, this, dimensions, keepdim, type);

        public Tensor prod() => One(Aten.prod, this);

        [Obsolete("A literal 0 converts to a ScalarType before it converts to a dimension: write prod(dim: 0). To accumulate in a type, convert first.")]
        public Tensor prod(ScalarType? type) => One(Aten.prod, this, type);

        public Tensor prod(long dim, bool keepdim = false, ScalarType? type = null) => One(Aten.prod_dim, this, dim, keepdim, type);

        public Tensor std(bool unbiased = true) => One(Aten.std, this, unbiased);

        public Tensor std(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Cast(One(Aten.std_dim, this, dimensions, unbiased, keepdim), type);

        public Tensor std(ReadOnlySpan<long> dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            std(dimensions.ToArray(), unbiased, keepdim, type);

        public Tensor std(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            std([dim], unbiased, keepdim, type);

        public Tensor var(bool unbiased = true) => One(Aten.var, this, unbiased);

        public Tensor var(long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Cast(One(Aten.var_dim, this, dimensions, unbiased, keepdim), type);

        public Tensor var(ReadOnlySpan<long> dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            var(dimensions.ToArray(), unbiased, keepdim, type);

        public Tensor var(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            var([dim], unbiased, keepdim, type);

        public (Tensor var, Tensor mean) var_mean(bool unbiased = true) => Two(Aten.var_mean, this, unbiased);

        public (Tensor var, Tensor mean) var_mean(
            long[] dimensions, bool unbiased = true, bool keepdim = false, ScalarType? type = null)
        {
            var (v, m) = Two(Aten.var_mean_dim, this, dimensions, unbiased, keepdim);
            return (Cast(v, type), Cast(m, type));
        }

        public Tensor norm(float p = 2.0f) => One(Aten.norm, this, (Scalar)p);

        public Tensor norm(int dim, bool keepdim = false, float p = 2.0f) =>
            One(Aten.norm_dim, this, (Scalar)p, new long[] { dim }, keepdim);

        public Tensor amax(params long[] dims) => One(Aten.amax, this, dims, false);

        public Tensor amax(long[] dims, bool keepdim = false, Tensor? @out = null) => Into(One(Aten.amax, this, dims, keepdim), @out);

        public Tensor amax(ReadOnlySpan<long> dims, bool keepdim = false, Tensor? @out = null) => amax(dims.ToArray(), keepdim, @out);

        public Tensor amin(params long[] dims) => One(Aten.amin, this, dims, false);

        public Tensor amin(long[] dims, bool keepdim = false, Tensor? @out = null) => Into(One(Aten.amin, this, dims, keepdim), @out);

        public Tensor amin(ReadOnlySpan<long> dims, bool keepdim = false, Tensor? @out = null) => amin(dims.ToArray(), keepdim, @out);

        public (Tensor min, Tensor max) aminmax(long? dim = null, bool keepdim = false) => Two(Aten.aminmax, this, dim, keepdim);

        public Tensor max() => One(Aten.max, this);

        public (Tensor values, Tensor indexes) max(long dim, bool keepdim = false) => Two(Aten.max_dim, this, dim, keepdim);

        public Tensor min() => One(Aten.min, this);

        public (Tensor values, Tensor indexes) min(long dim, bool keepdim = false) => Two(Aten.min_dim, this, dim, keepdim);

        public Tensor argmax() => One(Aten.argmax, this);

        public Tensor argmax(long dim, bool keepdim = false) => One(Aten.argmax, this, dim, keepdim);

        public Tensor argmin() => One(Aten.argmin, this);

        public Tensor argmin(long dim, bool keepdim = false) => One(Aten.argmin, this, dim, keepdim);

        /// <summary>The lower of the two middle elements where their number is even.</summary>
        public Tensor median() => One(Aten.median, this);

        public Tensor quantile(Tensor q, long dim = -1, bool keepdim = false) => One(Aten.quantile, this, q, dim, keepdim);

        public (Tensor values, Tensor indexes) topk(int k, int dim = -1, bool largest = true, bool sorted = true) =>
            Two(Aten.topk, this, k, dim, largest, sorted);

        public (Tensor Values, Tensor Indices) sort(long dim = -1, bool descending = false, bool stable = false) =>
            Two(Aten.sort, this, stable, dim, descending);

        public Tensor msort() => One(Aten.msort, this);

        public Tensor argsort(long dim = -1, bool descending = false) => One(Aten.argsort, this, dim, descending);

        public (Tensor values, Tensor indices) kthvalue(long k, long? dim, bool keepdim = false) =>
            Two(Aten.kthvalue, this, k, dim ?? -1, keepdim);

        public (Tensor values, Tensor indices) mode(long dim = -1L, bool keepdim = false) => Two(Aten.mode, this, dim, keepdim);

        public (Tensor output, Tensor? inverse_indices, Tensor? counts) unique(
            bool sorted = true, bool return_inverse = false, bool return_counts = false, int? dim = null)
        {
            var (output, inverse, counts) = dim is { } d
                ? Three(Aten.unique_dim, this, d, sorted, return_inverse, return_counts)
                : Three(Aten._unique2, this, sorted, return_inverse, return_counts);
            return (output, Asked(inverse, return_inverse), Asked(counts, return_counts));
        }

        public (Tensor output, Tensor? inverse_indices, Tensor? counts) unique_consecutive(
            bool return_inverse = false, bool return_counts = false, int? dim = null)
        {
            var (output, inverse, counts) = Three(Aten.unique_consecutive, this, return_inverse, return_counts, (long?)dim);
            return (output, Asked(inverse, return_inverse), Asked(counts, return_counts));
        }

        public Tensor bincount(Tensor? weights, long minlength = 0) => One(Aten.bincount, this, weights, minlength);

        public Tensor bucketize(Tensor boundaries, bool outInt32 = false, bool right = false) =>
            One(Aten.bucketize, this, boundaries, outInt32, right);

        public Tensor histc(long bins = 100, long min = 0, long max = 0) => One(Aten.histc, this, bins, min, max);

        public Tensor count_nonzero(long[]? dims = null) =>
            dims is null ? One(Aten.count_nonzero, this) : One(Aten.count_nonzero_dim, this, dims);

        public Tensor logsumexp(long dim, bool keepdim = false) => One(Aten.logsumexp, this, new long[] { dim }, keepdim);

        public Tensor cumsum(long dim, ScalarType? type = null) => One(Aten.cumsum, this, dim, type);

        public Tensor cumprod(long dim, ScalarType? type = null) => One(Aten.cumprod, this, dim, type);

        public (Tensor values, Tensor indexes) cummax(long dim) => Two(Aten.cummax, this, dim);

        public (Tensor values, Tensor indexes) cummin(long dim) => Two(Aten.cummin, this, dim);

        public Tensor softmax(long dim, ScalarType? dtype = null) => One(Aten.softmax, this, dim, dtype);

        public Tensor log_softmax(long dim, ScalarType? dtype = null) => One(Aten.log_softmax, this, dim, dtype);

        private static Tensor Cast(Tensor result, ScalarType? type)
        {
            if (type is not { } t || t == result.dtype)
                return result;
            using (result)
                return result.to(t);
        }

        private static Tensor Into(Tensor result, Tensor? @out)
        {
            if (@out is null)
                return result;
            using (result)
                return @out.copy_(result);
        }

        private static Tensor? Asked(Tensor tensor, bool asked)
        {
            if (asked)
                return tensor;
            tensor.Dispose();
            return null;
        }
    }
}

internal static partial class Aten
{
    public static readonly Op all = new("all");
    public static readonly Op all_dim = new("all", "dim");
    public static readonly Op any = new("any");
    public static readonly Op any_dim = new("any", "dim");
    public static readonly Op sum = new("sum");
    public static readonly Op sum_dim = new("sum", "dim_IntList");
    public static readonly Op nansum = new("nansum");
    public static readonly Op mean = new("mean");
    public static readonly Op mean_dim = new("mean", "dim");
    public static readonly Op prod = new("prod");
    public static readonly Op prod_dim = new("prod", "dim_int");
    public static readonly Op std = new("std");
    public static readonly Op std_dim = new("std", "dim");
    public static readonly Op var = new("var");
    public static readonly Op var_dim = new("var", "dim");
    public static readonly Op var_mean = new("var_mean");
    public static readonly Op var_mean_dim = new("var_mean", "dim");
    public static readonly Op norm = new("norm", "Scalar");
    public static readonly Op norm_dim = new("norm", "ScalarOpt_dim");
    public static readonly Op amax = new("amax");
    public static readonly Op amin = new("amin");
    public static readonly Op aminmax = new("aminmax");
    public static readonly Op max = new("max");
    public static readonly Op max_dim = new("max", "dim");
    public static readonly Op min = new("min");
    public static readonly Op min_dim = new("min", "dim");
    public static readonly Op argmax = new("argmax");
    public static readonly Op argmin = new("argmin");
    public static readonly Op median = new("median");
    public static readonly Op quantile = new("quantile");
    public static readonly Op topk = new("topk");
    public static readonly Op sort = new("sort", "stable");
    public static readonly Op msort = new("msort");
    public static readonly Op argsort = new("argsort");
    public static readonly Op kthvalue = new("kthvalue");
    public static readonly Op mode = new("mode");
    public static readonly Op _unique2 = new("_unique2");
    public static readonly Op unique_dim = new("unique_dim");
    public static readonly Op unique_consecutive = new("unique_consecutive");
    public static readonly Op bincount = new("bincount");
    public static readonly Op bucketize = new("bucketize", "Tensor");
    public static readonly Op histc = new("histc");
    public static readonly Op count_nonzero = new("count_nonzero");
    public static readonly Op count_nonzero_dim = new("count_nonzero", "dim_IntList");
    public static readonly Op logsumexp = new("logsumexp");
    public static readonly Op cumsum = new("cumsum");
    public static readonly Op cumprod = new("cumprod");
    public static readonly Op cummax = new("cummax");
    public static readonly Op cummin = new("cummin");
    public static readonly Op softmax = new("softmax", "int");
    public static readonly Op log_softmax = new("log_softmax", "int");
}
