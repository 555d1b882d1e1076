using static TorchSharp.Dispatch;

namespace TorchSharp;

public static partial class torch
{
    public enum RoundingMode
    {
        None,
        trunc,
        floor,
    }

    private static string? NameOf(RoundingMode mode) => mode == RoundingMode.None ? null : mode.ToString();

    // Element-wise arithmetic of two tensors, or of a tensor and a number.
    public sealed partial class Tensor
    {
        public Tensor add(Tensor target) => One(Aten.add_Tensor, this, target);

        public Tensor add(Tensor target, Scalar alpha) => One(Aten.add_Tensor, this, target, alpha);

        public Tensor add(Scalar scalar) => One(Aten.add_Scalar, this, scalar);

        public Tensor add(Scalar scalar, Scalar alpha) => One(Aten.add_Scalar, this, scalar, alpha);

        public Tensor add_(Tensor target) => Self(this, Aten.add_Tensor_, this, target);

        public Tensor add_(Tensor target, Scalar alpha) => Self(this, Aten.add_Tensor_, this, target, alpha);

        public Tensor add_(Scalar scalar) => Self(this, Aten.add_Scalar_, this, scalar);

        public Tensor add_(Scalar scalar, Scalar alpha) => Self(this, Aten.add_Scalar_, this, scalar, alpha);

        public Tensor sub(Tensor target) => One(Aten.sub_Tensor, this, target);

        public Tensor sub(Scalar target) => One(Aten.sub_Scalar, this, target);

        public Tensor sub_(Tensor target) => Self(this, Aten.sub_Tensor_, this, target);

        public Tensor sub_(Scalar target) => Self(this, Aten.sub_Scalar_, this, target);

        public Tensor subtract(Tensor target) => sub(target);

        public Tensor subtract(Scalar target) => sub(target);

        public Tensor mul(Tensor target) => One(Aten.mul_Tensor, this, target);

        public Tensor mul(Scalar target) => One(Aten.mul_Scalar, this, target);

        public Tensor mul_(Tensor target) => Self(this, Aten.mul_Tensor_, this, target);

        public Tensor mul_(Scalar target) => Self(this, Aten.mul_Scalar_, this, target);

        public Tensor multiply(Tensor target) => mul(target);

        public Tensor multiply(Scalar target) => mul(target);

        public Tensor div(Tensor target, RoundingMode rounding_mode = RoundingMode.None) =>
            One(Aten.div_Tensor_mode, this, target, NameOf(rounding_mode));

        public Tensor div(Scalar target, RoundingMode rounding_mode = RoundingMode.None) =>
            One(Aten.div_Scalar_mode, this, target, NameOf(rounding_mode));

        public Tensor div_(Tensor target, RoundingMode rounding_mode = RoundingMode.None) =>
            Self(this, Aten.div_Tensor_mode_, this, target, NameOf(rounding_mode));

        public Tensor div_(Scalar target, RoundingMode rounding_mode = RoundingMode.None) =>
            Self(this, Aten.div_Scalar_mode_, this, target, NameOf(rounding_mode));

        public Tensor divide(Tensor target, RoundingMode rounding_mode = RoundingMode.None) => div(target, rounding_mode);

        public Tensor divide(Scalar target, RoundingMode rounding_mode = RoundingMode.None) => div(target, rounding_mode);

        public Tensor true_divide(Tensor other) => div(other);

        public Tensor true_divide(Scalar other) => div(other);

        public Tensor floor_divide(Tensor other) => div(other, RoundingMode.floor);

        public Tensor floor_divide(Scalar other) => div(other, RoundingMode.floor);

        public Tensor pow(Tensor exponent) => One(Aten.pow_Tensor, this, exponent);

        public Tensor pow(Scalar exponent) => One(Aten.pow_Scalar, this, exponent);

        public Tensor pow_(Tensor exponent) => Self(this, Aten.pow_Tensor_, this, exponent);

        public Tensor pow_(Scalar exponent) => Self(this, Aten.pow_Scalar_, this, exponent);

        public Tensor fmod(Tensor target) => One(Aten.fmod_Tensor, this, target);

        public Tensor fmod(Scalar scalar) => One(Aten.fmod_Scalar, this, scalar);

        public Tensor fmod_(Tensor target) => Self(this, Aten.fmod_Tensor_, this, target);

        public Tensor fmod_(Scalar scalar) => Self(this, Aten.fmod_Scalar_, this, scalar);

        public Tensor remainder(Tensor target) => One(Aten.remainder_Tensor, this, target);

        public Tensor remainder(Scalar scalar) => One(Aten.remainder_Scalar, this, scalar);

        public Tensor remainder_(Tensor target) => Self(this, Aten.remainder_Tensor_, this, target);

        public Tensor remainder_(Scalar scalar) => Self(this, Aten.remainder_Scalar_, this, scalar);

        public Tensor maximum(Tensor other) => One(Aten.maximum, this, other);

        public Tensor minimum(Tensor other) => One(Aten.minimum, this, other);

        public Tensor fmax(Tensor other) => One(Aten.fmax, this, other);

        public Tensor fmin(Tensor other) => One(Aten.fmin, this, other);

        public Tensor clamp(Scalar? min = null, Scalar? max = null) => One(Aten.clamp, this, min, max);

        public Tensor clamp(Tensor? min = null, Tensor? max = null) => One(Aten.clamp_Tensor, this, min, max);

        public Tensor clamp_(Scalar? min = null, Scalar? max = null) => Self(this, Aten.clamp_, this, min, max);

        public Tensor clamp_(Tensor? min = null, Tensor? max = null) => Self(this, Aten.clamp_Tensor_, this, min, max);

        public Tensor clip(Scalar? min = null, Scalar? max = null) => clamp(min, max);

        public Tensor clamp_min(Scalar min) => One(Aten.clamp_min, this, min);

        public Tensor clamp_min_(Scalar min) => Self(this, Aten.clamp_min_, this, min);

        public Tensor clamp_max(Scalar max) => One(Aten.clamp_max, this, max);

        public Tensor clamp_max_(Scalar max) => Self(this, Aten.clamp_max_, this, max);

        public Tensor atan2(Tensor other) => One(Aten.atan2, this, other);

        public Tensor atan2_(Tensor other) => Self(this, Aten.atan2_, this, other);

        public Tensor hypot(Tensor other) => One(Aten.hypot, this, other);

        public Tensor copysign(Tensor other) => One(Aten.copysign, this, other);

        public Tensor nextafter(Tensor other) => One(Aten.nextafter, this, other);

        public Tensor logaddexp(Tensor other) => One(Aten.logaddexp, this, other);

        public Tensor xlogy(Tensor y) => One(Aten.xlogy, this, y);

        public Tensor lerp(Tensor end, Tensor weight) => One(Aten.lerp_Tensor, this, end, weight);

        public Tensor lerp_(Tensor end, Tensor weight) => Self(this, Aten.lerp_Tensor_, this, end, weight);

        public Tensor addcmul(Tensor tensor1, Tensor tensor2, Scalar value) => One(Aten.addcmul, this, tensor1, tensor2, value);

        public Tensor addcmul_(Tensor tensor1, Tensor tensor2, Scalar value) => Self(this, Aten.addcmul_, this, tensor1, tensor2, value);

        public Tensor addcdiv(Tensor tensor1, Tensor tensor2) => addcdiv(tensor1, tensor2, 1);

        public Tensor addcdiv(Tensor tensor1, Tensor tensor2, Scalar value) => One(Aten.addcdiv, this, tensor1, tensor2, value);

        public Tensor addcdiv_(Tensor tensor1, Tensor tensor2) => addcdiv_(tensor1, tensor2, 1);

        public Tensor addcdiv_(Tensor tensor1, Tensor tensor2, Scalar value) => Self(this, Aten.addcdiv_, this, tensor1, tensor2, value);

        public Tensor bitwise_and(Tensor other) => One(Aten.bitwise_and, this, other);

        public Tensor bitwise_and_(Tensor other) => Self(this, Aten.bitwise_and_, this, other);

        public Tensor bitwise_or(Tensor other) => One(Aten.bitwise_or, this, other);

        public Tensor bitwise_or_(Tensor other) => Self(this, Aten.bitwise_or_, this, other);

        public Tensor bitwise_xor(Tensor other) => One(Aten.bitwise_xor, this, other);

        public Tensor bitwise_xor_(Tensor other) => Self(this, Aten.bitwise_xor_, this, other);

        public Tensor bitwise_left_shift(Tensor other) => One(Aten.bitwise_left_shift, this, other);

        public Tensor bitwise_right_shift(Tensor other) => One(Aten.bitwise_right_shift, this, other);

        public Tensor logical_and(Tensor other) => One(Aten.logical_and, this, other);

        public Tensor logical_and_(Tensor other) => Self(this, Aten.logical_and_, this, other);

        public Tensor logical_or(Tensor other) => One(Aten.logical_or, this, other);

        public Tensor logical_or_(Tensor other) => Self(this, Aten.logical_or_, this, other);

        public Tensor logical_xor(Tensor other) => One(Aten.logical_xor, this, other);

        public Tensor logical_xor_(Tensor other) => Self(this, Aten.logical_xor_, this, other);

        public Tensor masked_fill(Tensor mask, Scalar value) => One(Aten.masked_fill, this, mask, value);

        public Tensor masked_fill_(Tensor mask, Scalar value) => Self(this, Aten.masked_fill_, this, mask, value);

        /// <summary>This tensor where the condition holds, else y.</summary>
        public Tensor where(Tensor condition, Tensor y) => One(Aten.where_self, condition, this, y);
    }
}

internal static partial class Aten
{
    public static readonly Op add_Tensor = new("add", "Tensor");
    public static readonly Op add_Scalar = new("add", "Scalar");
    public static readonly Op add_Tensor_ = new("add_", "Tensor");
    public static readonly Op add_Scalar_ = new("add_", "Scalar");
    public static readonly Op sub_Tensor = new("sub", "Tensor");
    public static readonly Op sub_Scalar = new("sub", "Scalar");
    public static readonly Op sub_Tensor_ = new("sub_", "Tensor");
    public static readonly Op sub_Scalar_ = new("sub_", "Scalar");
    public static readonly Op mul_Tensor = new("mul", "Tensor");
    public static readonly Op mul_Scalar = new("mul", "Scalar");
    public static readonly Op mul_Tensor_ = new("mul_", "Tensor");
    public static readonly Op mul_Scalar_ = new("mul_", "Scalar");
    public static readonly Op div_Tensor_mode = new("div", "Tensor_mode");
    public static readonly Op div_Scalar_mode = new("div", "Scalar_mode");
    public static readonly Op div_Tensor_mode_ = new("div_", "Tensor_mode");
    public static readonly Op div_Scalar_mode_ = new("div_", "Scalar_mode");
    public static readonly Op pow_Tensor = new("pow", "Tensor_Tensor");
    public static readonly Op pow_Scalar = new("pow", "Tensor_Scalar");
    public static readonly Op pow_Tensor_ = new("pow_", "Tensor");
    public static readonly Op pow_Scalar_ = new("pow_", "Scalar");
    public static readonly Op fmod_Tensor = new("fmod", "Tensor");
    public static readonly Op fmod_Scalar = new("fmod", "Scalar");
    public static readonly Op fmod_Tensor_ = new("fmod_", "Tensor");
    public static readonly Op fmod_Scalar_ = new("fmod_", "Scalar");
    public static readonly Op remainder_Tensor = new("remainder", "Tensor");
    public static readonly Op remainder_Scalar = new("remainder", "Scalar");
    public static readonly Op remainder_Tensor_ = new("remainder_", "Tensor");
    public static readonly Op remainder_Scalar_ = new("remainder_", "Scalar");
    public static readonly Op maximum = new("maximum");
    public static readonly Op minimum = new("minimum");
    public static readonly Op fmax = new("fmax");
    public static readonly Op fmin = new("fmin");
    public static readonly Op clamp = new("clamp");
    public static readonly Op clamp_Tensor = new("clamp", "Tensor");
    public static readonly Op clamp_ = new("clamp_");
    public static readonly Op clamp_Tensor_ = new("clamp_", "Tensor");
    public static readonly Op clamp_min = new("clamp_min");
    public static readonly Op clamp_min_ = new("clamp_min_");
    public static readonly Op clamp_max = new("clamp_max");
    public static readonly Op clamp_max_ = new("clamp_max_");
    public static readonly Op atan2 = new("atan2");
    public static readonly Op atan2_ = new("atan2_");
    public static readonly Op hypot = new("hypot");
    public static readonly Op copysign = new("copysign", "Tensor");
    public static readonly Op nextafter = new("nextafter");
    public static readonly Op logaddexp = new("logaddexp");
    public static readonly Op xlogy = new("xlogy", "Tensor");
    public static readonly Op lerp_Tensor = new("lerp", "Tensor");
    public static readonly Op lerp_Tensor_ = new("lerp_", "Tensor");
    public static readonly Op addcmul = new("addcmul");
    public static readonly Op addcmul_ = new("addcmul_");
    public static readonly Op addcdiv = new("addcdiv");
    public static readonly Op addcdiv_ = new("addcdiv_");
    public static readonly Op bitwise_and = new("bitwise_and", "Tensor");
    public static readonly Op bitwise_and_ = new("bitwise_and_", "Tensor");
    public static readonly Op bitwise_or = new("bitwise_or", "Tensor");
    public static readonly Op bitwise_or_ = new("bitwise_or_", "Tensor");
    public static readonly Op bitwise_xor = new("bitwise_xor", "Tensor");
    public static readonly Op bitwise_xor_ = new("bitwise_xor_", "Tensor");
    public static readonly Op bitwise_left_shift = new("bitwise_left_shift", "Tensor");
    public static readonly Op bitwise_right_shift = new("bitwise_right_shift", "Tensor");
    public static readonly Op logical_and = new("logical_and");
    public static readonly Op logical_and_ = new("logical_and_");
    public static readonly Op logical_or = new("logical_or");
    public static readonly Op logical_or_ = new("logical_or_");
    public static readonly Op logical_xor = new("logical_xor");
    public static readonly Op logical_xor_ = new("logical_xor_");
    public static readonly Op masked_fill = new("masked_fill", "Scalar");
    public static readonly Op masked_fill_ = new("masked_fill_", "Scalar");
    public static readonly Op where_self = new("where", "self");
}
