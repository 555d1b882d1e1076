"""Pickles of numpy arrays as model zoos have them, for properties/Contracts/Weights/NumpyPickleLaws.cs. CPython 3.11, numpy 1.24."""
import io
import json
import pickle
import zlib

import numpy

draw = numpy.random.default_rng(5)


def content():
    shared = numpy.arange(3, dtype=numpy.float32)
    arrays = {
        "conv1_w": draw.standard_normal((4, 3, 2, 2)).astype(numpy.float32),
        "f16": draw.standard_normal((3, 2)).astype(numpy.float16),
        "f64": draw.standard_normal(5),
        "i64": numpy.array([-1, 2**40], dtype=numpy.int64),
        "i32": numpy.array([[-7]], dtype=numpy.int32),
        "i16": numpy.array([300, -300], dtype=numpy.int16),
        "i8": numpy.array([-128, 127], dtype=numpy.int8),
        "u8": numpy.arange(250, 256, dtype=numpy.uint8),
        "bool": numpy.array([True, False, True]),
        "fortran": numpy.asfortranarray(draw.standard_normal((2, 3, 4)).astype(numpy.float32)),
        "big": numpy.array([1.5, -2.25, 1e-3], dtype=">f4"),
        "big_twice": numpy.array([[3]], dtype=">i2"),
        "scalar_array": numpy.array(2.5, dtype=numpy.float32),
        "empty": numpy.zeros((0, 3), dtype=numpy.float32),
        "strided": numpy.arange(12, dtype=numpy.float32).reshape(3, 4)[:, ::2],
        "once": shared,
        "twice": shared,
        "special": numpy.array([numpy.nan, numpy.inf, -numpy.inf, -0.0], dtype=numpy.float32),
    }
    return {"model": arrays, "__author__": "someone", "matching_heuristics": True, "score": numpy.float64(0.25), "epoch": numpy.int64(7)}


whole = content()
for protocol in (2, 3, 4, 5):
    with open(f"arrays_protocol{protocol}.pkl", "wb") as file:
        pickle.dump(whole, file, protocol=protocol)

# numpy 2 renamed numpy.core; names of one length more, so the protocol whose names end at a line.
with open("arrays_numpy2.pkl", "wb") as file:
    file.write(pickle.dumps(whole, protocol=3).replace(b"cnumpy.core.", b"cnumpy._core."))

native = {name: numpy.ascontiguousarray(array.astype(array.dtype.newbyteorder("="))).reshape(array.shape) for name, array in whole["model"].items()}
with open("arrays.json", "w") as file:
    json.dump({name: {"dtype": str(array.dtype), "shape": list(array.shape), "crc32": f"{zlib.crc32(array.tobytes()):08x}"} for name, array in native.items()}, file, indent=1)

stem = {
    "conv1_w": draw.standard_normal((2, 3, 7, 7)).astype(numpy.float32),
    "conv1_b": numpy.zeros(2, dtype=numpy.float32),
    "res_conv1_bn_s": numpy.ones(2, dtype=numpy.float32),
    "res_conv1_bn_b": numpy.zeros(2, dtype=numpy.float32),
    "res2_0_branch2a_w": draw.standard_normal((1, 2, 1, 1)).astype(numpy.float32),
    "res2_0_branch1_w": draw.standard_normal((4, 2, 1, 1)).astype(numpy.float32),
    "res2_0_branch1_w_momentum": numpy.zeros((4, 2, 1, 1), dtype=numpy.float32),
    "weight_order": ["conv1_w"],
}
with open("caffe2_stem.pkl", "wb") as file:
    pickle.dump({"blobs": stem}, file, protocol=2)
