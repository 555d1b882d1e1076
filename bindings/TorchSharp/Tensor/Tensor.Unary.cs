using static TorchSharp.Dispatch;

namespace TorchSharp;

// Functions of one element: out of place as libtorch's op, in place as op_.
public static partial class torch
{
    public sealed partial class Tensor
    {
        public Tensor abs() => One(Aten.abs, this);

        public Tensor abs_() => Self(this, Aten.abs_, this);

        public Tensor neg() => One(Aten.neg, this);

        public Tensor neg_() => Self(this, Aten.neg_, this);

        public Tensor ceil() => One(Aten.ceil, this);

        public Tensor ceil_() => Self(this, Aten.ceil_, this);

        public Tensor floor() => One(Aten.floor, this);

        public Tensor floor_() => Self(this, Aten.floor_, this);

        public Tensor trunc() => One(Aten.trunc, this);

        public Tensor trunc_() => Self(this, Aten.trunc_, this);

        public Tensor frac() => One(Aten.frac, this);

        public Tensor frac_() => Self(this, Aten.frac_, this);

        public Tensor sign() => One(Aten.sign, this);

        public Tensor sign_() => Self(this, Aten.sign_, this);

        public Tensor sgn() => One(Aten.sgn, this);

        public Tensor sgn_() => Self(this, Aten.sgn_, this);

        public Tensor exp() => One(Aten.exp, this);

        public Tensor exp_() => Self(this, Aten.exp_, this);

        public Tensor exp2() => One(Aten.exp2, this);

        public Tensor exp2_() => Self(this, Aten.exp2_, this);

        public Tensor expm1() => One(Aten.expm1, this);

        public Tensor expm1_() => Self(this, Aten.expm1_, this);

        public Tensor log() => One(Aten.log, this);

        public Tensor log_() => Self(this, Aten.log_, this);

        public Tensor log10() => One(Aten.log10, this);

        public Tensor log10_() => Self(this, Aten.log10_, this);

        public Tensor log1p() => One(Aten.log1p, this);

        public Tensor log1p_() => Self(this, Aten.log1p_, this);

        public Tensor log2() => One(Aten.log2, this);

        public Tensor log2_() => Self(this, Aten.log2_, this);

        public Tensor sqrt() => One(Aten.sqrt, this);

        public Tensor sqrt_() => Self(this, Aten.sqrt_, this);

        public Tensor rsqrt() => One(Aten.rsqrt, this);

        public Tensor rsqrt_() => Self(this, Aten.rsqrt_, this);

        public Tensor reciprocal() => One(Aten.reciprocal, this);

        public Tensor reciprocal_() => Self(this, Aten.reciprocal_, this);

        public Tensor sigmoid() => One(Aten.sigmoid, this);

        public Tensor sigmoid_() => Self(this, Aten.sigmoid_, this);

        public Tensor sin() => One(Aten.sin, this);

        public Tensor sin_() => Self(this, Aten.sin_, this);

        public Tensor cos() => One(Aten.cos, this);

        public Tensor cos_() => Self(this, Aten.cos_, this);

        public Tensor tan() => One(Aten.tan, this);

        public Tensor tan_() => Self(this, Aten.tan_, this);

        public Tensor asin() => One(Aten.asin, this);

        public Tensor asin_() => Self(this, Aten.asin_, this);

        public Tensor acos() => One(Aten.acos, this);

        public Tensor acos_() => Self(this, Aten.acos_, this);

        public Tensor atan() => One(Aten.atan, this);

        public Tensor atan_() => Self(this, Aten.atan_, this);

        public Tensor sinh() => One(Aten.sinh, this);

        public Tensor sinh_() => Self(this, Aten.sinh_, this);

        public Tensor cosh() => One(Aten.cosh, this);

        public Tensor cosh_() => Self(this, Aten.cosh_, this);

        public Tensor tanh() => One(Aten.tanh, this);

        public Tensor tanh_() => Self(this, Aten.tanh_, this);

        public Tensor erf() => One(Aten.erf, this);

        public Tensor erf_() => Self(this, Aten.erf_, this);

        public Tensor erfc() => One(Aten.erfc, this);

        public Tensor erfc_() => Self(this, Aten.erfc_, this);

        public Tensor erfinv() => One(Aten.erfinv, this);

        public Tensor erfinv_() => Self(this, Aten.erfinv_, this);

        public Tensor relu() => One(Aten.relu, this);

        public Tensor relu_() => Self(this, Aten.relu_, this);

        public Tensor relu6() => One(Aten.relu6, this);

        public Tensor relu6_() => Self(this, Aten.relu6_, this);

        public Tensor silu() => One(Aten.silu, this);

        public Tensor silu_() => Self(this, Aten.silu_, this);

        public Tensor selu() => One(Aten.selu, this);

        public Tensor selu_() => Self(this, Aten.selu_, this);

        public Tensor hardsigmoid() => One(Aten.hardsigmoid, this);

        public Tensor hardsigmoid_() => Self(this, Aten.hardsigmoid_, this);

        public Tensor hardswish() => One(Aten.hardswish, this);

        public Tensor hardswish_() => Self(this, Aten.hardswish_, this);

        public Tensor bitwise_not() => One(Aten.bitwise_not, this);

        public Tensor bitwise_not_() => Self(this, Aten.bitwise_not_, this);

        public Tensor logical_not() => One(Aten.logical_not, this);

        public Tensor logical_not_() => Self(this, Aten.logical_not_, this);

        public Tensor isnan() => One(Aten.isnan, this);

        public Tensor isinf() => One(Aten.isinf, this);

        public Tensor isfinite() => One(Aten.isfinite, this);

        public Tensor isposinf() => One(Aten.isposinf, this);

        public Tensor isneginf() => One(Aten.isneginf, this);

        public Tensor signbit() => One(Aten.signbit, this);

        public Tensor digamma() => One(Aten.digamma, this);

        public Tensor lgamma() => One(Aten.lgamma, this);

        public Tensor absolute() => abs();

        public Tensor negative() => neg();

        public Tensor fix() => trunc();

        public Tensor arcsin() => asin();

        public Tensor arccos() => acos();

        public Tensor arctan() => atan();

        public Tensor square() => pow(2);

        public Tensor round(long decimals = 0L) =>
            decimals == 0 ? One(Aten.round, this) : One(Aten.round_decimals, this, decimals);

        public Tensor round_(long decimals = 0L) =>
            decimals == 0 ? Self(this, Aten.round_, this) : Self(this, Aten.round_decimals_, this, decimals);

        public Tensor logit(double? eps = null) => One(Aten.logit, this, eps);

        public Tensor nan_to_num(double nan = 0d, double? posinf = null, double? neginf = null) =>
            One(Aten.nan_to_num, this, nan, posinf, neginf);
    }
}

internal static partial class Aten
{
    public static readonly Op abs = new("abs");
    public static readonly Op abs_ = new("abs_");
    public static readonly Op neg = new("neg");
    public static readonly Op neg_ = new("neg_");
    public static readonly Op ceil = new("ceil");
    public static readonly Op ceil_ = new("ceil_");
    public static readonly Op floor = new("floor");
    public static readonly Op floor_ = new("floor_");
    public static readonly Op trunc = new("trunc");
    public static readonly Op trunc_ = new("trunc_");
    public static readonly Op frac = new("frac");
    public static readonly Op frac_ = new("frac_");
    public static readonly Op sign = new("sign");
    public static readonly Op sign_ = new("sign_");
    public static readonly Op sgn = new("sgn");
    public static readonly Op sgn_ = new("sgn_");
    public static readonly Op exp = new("exp");
    public static readonly Op exp_ = new("exp_");
    public static readonly Op exp2 = new("exp2");
    public static readonly Op exp2_ = new("exp2_");
    public static readonly Op expm1 = new("expm1");
    public static readonly Op expm1_ = new("expm1_");
    public static readonly Op log = new("log");
    public static readonly Op log_ = new("log_");
    public static readonly Op log10 = new("log10");
    public static readonly Op log10_ = new("log10_");
    public static readonly Op log1p = new("log1p");
    public static readonly Op log1p_ = new("log1p_");
    public static readonly Op log2 = new("log2");
    public static readonly Op log2_ = new("log2_");
    public static readonly Op sqrt = new("sqrt");
    public static readonly Op sqrt_ = new("sqrt_");
    public static readonly Op rsqrt = new("rsqrt");
    public static readonly Op rsqrt_ = new("rsqrt_");
    public static readonly Op reciprocal = new("reciprocal");
    public static readonly Op reciprocal_ = new("reciprocal_");
    public static readonly Op sigmoid = new("sigmoid");
    public static readonly Op sigmoid_ = new("sigmoid_");
    public static readonly Op sin = new("sin");
    public static readonly Op sin_ = new("sin_");
    public static readonly Op cos = new("cos");
    public static readonly Op cos_ = new("cos_");
    public static readonly Op tan = new("tan");
    public static readonly Op tan_ = new("tan_");
    public static readonly Op asin = new("asin");
    public static readonly Op asin_ = new("asin_");
    public static readonly Op acos = new("acos");
    public static readonly Op acos_ = new("acos_");
    public static readonly Op atan = new("atan");
    public static readonly Op atan_ = new("atan_");
    public static readonly Op sinh = new("sinh");
    public static readonly Op sinh_ = new("sinh_");
    public static readonly Op cosh = new("cosh");
    public static readonly Op cosh_ = new("cosh_");
    public static readonly Op tanh = new("tanh");
    public static readonly Op tanh_ = new("tanh_");
    public static readonly Op erf = new("erf");
    public static readonly Op erf_ = new("erf_");
    public static readonly Op erfc = new("erfc");
    public static readonly Op erfc_ = new("erfc_");
    public static readonly Op erfinv = new("erfinv");
    public static readonly Op erfinv_ = new("erfinv_");
    public static readonly Op relu = new("relu");
    public static readonly Op relu_ = new("relu_");
    public static readonly Op relu6 = new("relu6");
    public static readonly Op relu6_ = new("relu6_");
    public static readonly Op silu = new("silu");
    public static readonly Op silu_ = new("silu_");
    public static readonly Op selu = new("selu");
    public static readonly Op selu_ = new("selu_");
    public static readonly Op hardsigmoid = new("hardsigmoid");
    public static readonly Op hardsigmoid_ = new("hardsigmoid_");
    public static readonly Op hardswish = new("hardswish");
    public static readonly Op hardswish_ = new("hardswish_");
    public static readonly Op bitwise_not = new("bitwise_not");
    public static readonly Op bitwise_not_ = new("bitwise_not_");
    public static readonly Op logical_not = new("logical_not");
    public static readonly Op logical_not_ = new("logical_not_");
    public static readonly Op isnan = new("isnan");
    public static readonly Op isinf = new("isinf");
    public static readonly Op isfinite = new("isfinite");
    public static readonly Op isposinf = new("isposinf");
    public static readonly Op isneginf = new("isneginf");
    public static readonly Op signbit = new("signbit");
    public static readonly Op digamma = new("digamma");
    public static readonly Op lgamma = new("lgamma");
    public static readonly Op round = new("round");
    public static readonly Op round_decimals = new("round", "decimals");
    public static readonly Op round_ = new("round_");
    public static readonly Op round_decimals_ = new("round_", "decimals");
    public static readonly Op logit = new("logit");
    public static readonly Op nan_to_num = new("nan_to_num");
}
