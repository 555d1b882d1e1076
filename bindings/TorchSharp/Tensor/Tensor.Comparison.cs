using static TorchSharp.Dispatch;

namespace TorchSharp;

// Element-wise comparisons (bool tensors) and their operators. Note that == answers with a tensor: test for null with `is null`.
public static partial class torch
{
    public sealed partial class Tensor
    {
        public static Tensor operator ==(Tensor left, Tensor right) => left.eq(right);

        public static Tensor operator ==(Tensor left, Scalar right) => left.eq(right);

        public static Tensor operator ==(Scalar left, Tensor right) => right.eq(left);

        public static Tensor operator !=(Tensor left, Tensor right) => left.ne(right);

        public static Tensor operator !=(Tensor left, Scalar right) => left.ne(right);

        public static Tensor operator !=(Scalar left, Tensor right) => right.ne(left);

        public static Tensor operator <(Tensor left, Tensor right) => left.lt(right);

        public static Tensor operator <(Tensor left, Scalar right) => left.lt(right);

        public static Tensor operator <(Scalar left, Tensor right) => right.gt(left);

        public static Tensor operator <=(Tensor left, Tensor right) => left.le(right);

        public static Tensor operator <=(Tensor left, Scalar right) => left.le(right);

        public static Tensor operator <=(Scalar left, Tensor right) => right.ge(left);

        public static Tensor operator >(Tensor left, Tensor right) => left.gt(right);

        public static Tensor operator >(Tensor left, Scalar right) => left.gt(right);

        public static Tensor operator >(Scalar left, Tensor right) => right.lt(left);

        public static Tensor operator >=(Tensor left, Tensor right) => left.ge(right);

        public static Tensor operator >=(Tensor left, Scalar right) => left.ge(right);

        public static Tensor operator >=(Scalar left, Tensor right) => right.le(left);

        public Tensor eq(Tensor target) => One(Aten.eq_Tensor, this, target);

        public Tensor eq(Scalar target) => One(Aten.eq_Scalar, this, target);

        public Tensor eq_(Tensor target) => Self(this, Aten.eq_Tensor_, this, target);

        public Tensor eq_(Scalar target) => Self(this, Aten.eq_Scalar_, this, target);

        public Tensor ne(Tensor target) => One(Aten.ne_Tensor, this, target);

        public Tensor ne(Scalar target) => One(Aten.ne_Scalar, this, target);

        public Tensor ne_(Tensor target) => Self(this, Aten.ne_Tensor_, this, target);

        public Tensor ne_(Scalar target) => Self(this, Aten.ne_Scalar_, this, target);

        public Tensor not_equal(Tensor target) => ne(target);

        public Tensor lt(Tensor target) => One(Aten.lt_Tensor, this, target);

        public Tensor lt(Scalar target) => One(Aten.lt_Scalar, this, target);

        public Tensor lt_(Tensor target) => Self(this, Aten.lt_Tensor_, this, target);

        public Tensor lt_(Scalar target) => Self(this, Aten.lt_Scalar_, this, target);

        public Tensor less(Tensor target) => lt(target);

        public Tensor le(Tensor target) => One(Aten.le_Tensor, this, target);

        public Tensor le(Scalar target) => One(Aten.le_Scalar, this, target);

        public Tensor le_(Tensor target) => Self(this, Aten.le_Tensor_, this, target);

        public Tensor le_(Scalar target) => Self(this, Aten.le_Scalar_, this, target);

        public Tensor less_equal(Tensor target) => le(target);

        public Tensor gt(Tensor target) => One(Aten.gt_Tensor, this, target);

        public Tensor gt(Scalar target) => One(Aten.gt_Scalar, this, target);

        public Tensor gt_(Tensor target) => Self(this, Aten.gt_Tensor_, this, target);

        public Tensor gt_(Scalar target) => Self(this, Aten.gt_Scalar_, this, target);

        public Tensor greater(Tensor target) => gt(target);

        public Tensor ge(Tensor target) => One(Aten.ge_Tensor, this, target);

        public Tensor ge(Scalar target) => One(Aten.ge_Scalar, this, target);

        public Tensor ge_(Tensor target) => Self(this, Aten.ge_Tensor_, this, target);

        public Tensor ge_(Scalar target) => Self(this, Aten.ge_Scalar_, this, target);

        public Tensor greater_equal(Tensor target) => ge(target);

        /// <summary>Element-wise, as in TorchSharp; for one answer there is <see cref="Equals(Tensor)"/>.</summary>
        public Tensor equal(Tensor target) => eq(target);

        public bool allclose(Tensor target, double rtol = 1e-05, double atol = 1e-08, bool equal_nan = false) =>
            Bool(Aten.allclose, this, target, rtol, atol, equal_nan);

        public Tensor isclose(Tensor other, double rtol = 1e-05, double atol = 1e-08, bool nanEqual = false) =>
            One(Aten.isclose, this, other, rtol, atol, nanEqual);
    }

    public static Tensor eq(Tensor left, Tensor right) => left.eq(right);

    public static Tensor ne(Tensor left, Tensor right) => left.ne(right);

    public static Tensor lt(Tensor left, Tensor right) => left.lt(right);

    public static Tensor le(Tensor left, Tensor right) => left.le(right);

    public static Tensor gt(Tensor left, Tensor right) => left.gt(right);

    public static Tensor ge(Tensor left, Tensor right) => left.ge(right);

    public static Tensor equal(Tensor tensor, Tensor target) => tensor.eq(target);

    public static bool allclose(Tensor tensor, Tensor target, double rtol = 1e-05, double atol = 1e-08, bool equal_nan = false) =>
        tensor.allclose(target, rtol, atol, equal_nan);

    public static Tensor isclose(Tensor tensor, Tensor other, double rtol = 1e-05, double atol = 1e-08, bool nanEqual = false) =>
        tensor.isclose(other, rtol, atol, nanEqual);
}

internal static partial class Aten
{
    public static readonly Op eq_Tensor = new("eq", "Tensor");
    public static readonly Op eq_Scalar = new("eq", "Scalar");
    public static readonly Op eq_Tensor_ = new("eq_", "Tensor");
    public static readonly Op eq_Scalar_ = new("eq_", "Scalar");
    public static readonly Op ne_Tensor = new("ne", "Tensor");
    public static readonly Op ne_Scalar = new("ne", "Scalar");
    public static readonly Op ne_Tensor_ = new("ne_", "Tensor");
    public static readonly Op ne_Scalar_ = new("ne_", "Scalar");
    public static readonly Op lt_Tensor = new("lt", "Tensor");
    public static readonly Op lt_Scalar = new("lt", "Scalar");
    public static readonly Op lt_Tensor_ = new("lt_", "Tensor");
    public static readonly Op lt_Scalar_ = new("lt_", "Scalar");
    public static readonly Op le_Tensor = new("le", "Tensor");
    public static readonly Op le_Scalar = new("le", "Scalar");
    public static readonly Op le_Tensor_ = new("le_", "Tensor");
    public static readonly Op le_Scalar_ = new("le_", "Scalar");
    public static readonly Op gt_Tensor = new("gt", "Tensor");
    public static readonly Op gt_Scalar = new("gt", "Scalar");
    public static readonly Op gt_Tensor_ = new("gt_", "Tensor");
    public static readonly Op gt_Scalar_ = new("gt_", "Scalar");
    public static readonly Op ge_Tensor = new("ge", "Tensor");
    public static readonly Op ge_Scalar = new("ge", "Scalar");
    public static readonly Op ge_Tensor_ = new("ge_", "Tensor");
    public static readonly Op ge_Scalar_ = new("ge_", "Scalar");
    public static readonly Op allclose = new("allclose");
    public static readonly Op isclose = new("isclose");
}
