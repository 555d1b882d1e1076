namespace TorchSharp;

// The arithmetic of Tensor as functions.
public static partial class torch
{
    public static Tensor add(Tensor input, Tensor other) => input.add(other);

    public static Tensor add(Tensor input, Tensor other, Scalar alpha) => input.add(other, alpha);

    public static Tensor add(Tensor input, Scalar scalar) => input.add(scalar);

    public static Tensor sub(Tensor input, Tensor right) => input.sub(right);

    public static Tensor sub(Tensor input, Scalar right) => input.sub(right);

    public static Tensor mul(Tensor input, Tensor right) => input.mul(right);

    public static Tensor mul(Tensor input, Scalar right) => input.mul(right);

    public static Tensor div(Tensor input, Tensor other, RoundingMode rounding_mode = RoundingMode.None) => input.div(other, rounding_mode);

    public static Tensor div(Tensor input, Scalar other, RoundingMode rounding_mode = RoundingMode.None) => input.div(other, rounding_mode);

    public static Tensor floor_divide(Tensor input, Tensor other) => input.floor_divide(other);

    public static Tensor floor_divide(Tensor input, Scalar other) => input.floor_divide(other);

    public static Tensor pow(Tensor input, Tensor exponent) => input.pow(exponent);

    public static Tensor pow(Tensor input, Scalar exponent) => input.pow(exponent);

    public static Tensor fmod(Tensor input, Tensor other) => input.fmod(other);

    public static Tensor fmod(Tensor input, Scalar other) => input.fmod(other);

    public static Tensor remainder(Tensor input, Tensor other) => input.remainder(other);

    public static Tensor remainder(Tensor input, Scalar other) => input.remainder(other);

    public static Tensor maximum(Tensor input, Tensor other) => input.maximum(other);

    public static Tensor minimum(Tensor input, Tensor other) => input.minimum(other);

    public static Tensor fmax(Tensor input, Tensor other) => input.fmax(other);

    public static Tensor fmin(Tensor input, Tensor other) => input.fmin(other);

    public static Tensor clamp(Tensor input, Scalar? min = null, Scalar? max = null) => input.clamp(min, max);

    public static Tensor clamp(Tensor input, Tensor? min = null, Tensor? max = null) => input.clamp(min, max);

    public static Tensor clamp_(Tensor input, Scalar? min = null, Scalar? max = null) => input.clamp_(min, max);

    public static Tensor clip(Tensor input, Scalar? min = null, Scalar? max = null) => input.clip(min, max);

    public static Tensor clamp_min(Tensor input, Scalar min) => input.clamp_min(min);

    public static Tensor clamp_max(Tensor input, Scalar max) => input.clamp_max(max);

    public static Tensor atan2(Tensor input, Tensor other) => input.atan2(other);

    public static Tensor hypot(Tensor input, Tensor other) => input.hypot(other);

    public static Tensor logaddexp(Tensor input, Tensor other) => input.logaddexp(other);

    public static Tensor lerp(Tensor input, Tensor end, Tensor weight) => input.lerp(end, weight);

    public static Tensor addcmul(Tensor input, Tensor tensor1, Tensor tensor2, Scalar value) => input.addcmul(tensor1, tensor2, value);

    public static Tensor addcdiv(Tensor input, Tensor tensor1, Tensor tensor2, Scalar value) => input.addcdiv(tensor1, tensor2, value);

    public static Tensor bitwise_and(Tensor input, Tensor other) => input.bitwise_and(other);

    public static Tensor bitwise_or(Tensor input, Tensor other) => input.bitwise_or(other);

    public static Tensor bitwise_xor(Tensor input, Tensor other) => input.bitwise_xor(other);

    public static Tensor logical_and(Tensor input, Tensor other) => input.logical_and(other);

    public static Tensor logical_or(Tensor input, Tensor other) => input.logical_or(other);

    public static Tensor logical_xor(Tensor input, Tensor other) => input.logical_xor(other);

    public static Tensor masked_fill(Tensor input, Tensor mask, Scalar value) => input.masked_fill(mask, value);
}
