using static TorchSharp.Dispatch;

namespace TorchSharp;

public static partial class torch
{
    public sealed partial class Tensor
    {
        public Tensor matmul(Tensor target) => One(Aten.matmul, this, target);

        public Tensor mm(Tensor target) => One(Aten.mm, this, target);

        public Tensor mv(Tensor target) => One(Aten.mv, this, target);

        public Tensor bmm(Tensor batch2) => One(Aten.bmm, this, batch2);

        public Tensor dot(Tensor target) => One(Aten.dot, this, target);

        public Tensor outer(Tensor vec2) => One(Aten.outer, this, vec2);

        public Tensor baddbmm(Tensor batch1, Tensor batch2, float beta = 1, float alpha = 1) =>
            One(Aten.baddbmm, this, batch1, batch2, (Scalar)beta, (Scalar)alpha);

        public Tensor addmm(Tensor mat1, Tensor mat2, float beta = 1, float alpha = 1) =>
            One(Aten.addmm, this, mat1, mat2, (Scalar)beta, (Scalar)alpha);

        public Tensor addbmm(Tensor batch1, Tensor batch2, float beta = 1, float alpha = 1) =>
            One(Aten.addbmm, this, batch1, batch2, (Scalar)beta, (Scalar)alpha);
    }

    public static Tensor matmul(Tensor input, Tensor target) => input.matmul(target);

    public static Tensor mm(Tensor input, Tensor target) => input.mm(target);

    public static Tensor mv(Tensor input, Tensor target) => input.mv(target);

    public static Tensor bmm(Tensor input, Tensor batch2) => input.bmm(batch2);

    public static Tensor dot(Tensor input, Tensor target) => input.dot(target);

    public static Tensor outer(Tensor input, Tensor vec2) => input.outer(vec2);

    public static Tensor baddbmm(Tensor input, Tensor batch1, Tensor batch2, float beta = 1, float alpha = 1) =>
        input.baddbmm(batch1, batch2, beta, alpha);

    public static Tensor addmm(Tensor input, Tensor mat1, Tensor mat2, float beta = 1, float alpha = 1) =>
        input.addmm(mat1, mat2, beta, alpha);

    public static Tensor einsum(string equation, params Tensor[] tensors) => One(Aten.einsum, equation, tensors);

    public static partial class linalg
    {
        public static Tensor vector_norm(Tensor input, double ord = 2d, long[]? dims = null, bool keepdim = false) =>
            One(Aten.linalg_vector_norm, input, (Scalar)ord, dims, keepdim);

        public static Tensor norm(Tensor input, double ord, long[]? dims = null, bool keepdim = false) =>
            One(Aten.linalg_norm, input, (Scalar)ord, dims, keepdim);

        public static Tensor norm(Tensor input, long[]? dims = null, bool keepdim = false) =>
            One(Aten.linalg_norm, input, Arg.None, dims, keepdim);

        public static Tensor inv(Tensor input) => One(Aten.linalg_inv, input);

        public static Tensor det(Tensor input) => One(Aten.linalg_det, input);

        public static Tensor solve(Tensor input, Tensor other) => One(Aten.linalg_solve, input, other);
    }
}

internal static partial class Aten
{
    public static readonly Op matmul = new("matmul");
    public static readonly Op mm = new("mm");
    public static readonly Op mv = new("mv");
    public static readonly Op bmm = new("bmm");
    public static readonly Op dot = new("dot");
    public static readonly Op outer = new("outer");
    public static readonly Op baddbmm = new("baddbmm");
    public static readonly Op addmm = new("addmm");
    public static readonly Op addbmm = new("addbmm");
    public static readonly Op einsum = new("einsum");
    public static readonly Op linalg_vector_norm = new("linalg_vector_norm");
    public static readonly Op linalg_norm = new("linalg_norm");
    public static readonly Op linalg_inv = new("linalg_inv");
    public static readonly Op linalg_det = new("linalg_det");
    public static readonly Op linalg_solve = new("linalg_solve");
}
