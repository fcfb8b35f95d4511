#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the hostile weights files beside this script: one defect each.

tests/test_safetensors.c lists them all with the text each must be refused with. The names that
start with read- open well and are refused by weights_file_read; those with vgg- are refused by
vgg_load (tests/test_vgg.c). Also writes the good files that the
fuzz corpus starts from.
"""
import json
import os
import struct

FOLDER = os.path.dirname(os.path.abspath(__file__))


def write(name, content):
    with open(os.path.join(FOLDER, name + ".safetensors"), "wb") as file:
        file.write(content)


def raw(name, header, data=b"", length=None):
    """A file with any bytes as header, and any claim about their number."""
    header = header.encode() if isinstance(header, str) else header
    write(name, struct.pack("<Q", len(header) if length is None else length) + header + data)


def entry(dtype="F32", shape=(2,), offsets=(0, 8), **more):
    return {"dtype": dtype, "shape": list(shape), "data_offsets": list(offsets), **more}


def tensors(name, table, size=8):
    raw(name, json.dumps(table, ensure_ascii=False), b"\0" * size)


def one(name, size=8, **fields):
    tensors(name, {"t": entry(**fields)}, size)


def without(key):
    table = entry()
    del table[key]
    return {"t": table}


def replaced(key, value):
    return {"t": {**entry(), key: value}}


# The length and the frame of the header.
write("empty", b"")
write("seven-bytes", b"\2\0\0\0\0\0\0")
raw("header-over-100mb", "{}", length=100000001)
raw("header-all-ones", "{}", length=2**64 - 1)
raw("header-past-end", "{}", length=1000)
raw("header-past-end-by-one", "{}", length=3)
raw("header-of-none", "")
raw("header-after-space", " {}")
raw("header-array", "[]")
raw("header-unfinished", '{"t":')
raw("header-not-utf8", b'{"t\xff":{}}')
raw("header-rest", "{}x")
raw("header-nul", b"{}\0")
raw("header-deep", '{"t":' + "[" * 3000)

# Names and metadata.
raw("duplicate-tensor", '{"t":%s,"t":%s}' % ((json.dumps(entry()),) * 2), b"\0" * 8)
TWO_TYPES = '{"t":{"dtype":"F32","dtype":"I32","shape":[2],"data_offsets":[0,8]}}'
raw("duplicate-key", TWO_TYPES, b"\0" * 8)
raw("duplicate-metadata", '{"__metadata__":{"a":"1","a":"2"}}')
raw("name-with-nul", '{"t\\u0000":{}}')
tensors("name-too-long", {"n" * 256: entry()})
tensors("name-too-long-utf8", {"n" + "\u00e4" * 128: entry()})
tensors("metadata-array", {"__metadata__": ["a"]}, 0)
tensors("metadata-null", {"__metadata__": None}, 0)
tensors("metadata-number", {"__metadata__": {"a": "x", "range": 255}}, 0)

# The keys of an entry.
tensors("entry-number", {"t": 1}, 0)
tensors("entry-null", {"t": None}, 0)
tensors("missing-dtype", without("dtype"))
tensors("missing-shape", without("shape"))
tensors("missing-offsets", without("data_offsets"))
one("unknown-key", strides=[1])

# Types.
one("dtype-unknown", dtype="F33")
one("dtype-lower-case", dtype="f32")
one("dtype-empty", dtype="")
tensors("dtype-number", replaced("dtype", 32))

# Shapes.
tensors("shape-number", replaced("shape", 2))
one("shape-rank-5", shape=(1, 1, 1, 1, 2))
one("shape-negative", shape=(-2,))
one("shape-two-negatives", shape=(-1, -2))
one("shape-fraction", shape=(2.5,))
one("shape-real", shape=(2.0,))
raw("shape-exponent", '{"t":{"dtype":"F32","shape":[2e0],"data_offsets":[0,8]}}', b"\0" * 8)
one("shape-string", shape=("2",))
one("shape-true", shape=(True,))
one("shape-2-to-63", shape=(2**63,))
one("shape-2-to-64-plus-2", shape=(2**64 + 2,))
one("shape-product-overflows", shape=(2**32, 2**32))
one("shape-wraps-to-2", shape=(2**62 + 1, 4, 1, 2))
one("shape-bytes-overflow", shape=(2**62 + 2,))

# Ranges.
tensors("offsets-number", replaced("data_offsets", 8))
one("offsets-one", offsets=(8,))
one("offsets-three", offsets=(0, 8, 8))
one("offsets-negative", offsets=(-8, 0))
one("offsets-real", offsets=(0, 8.0))
one("offsets-backwards", offsets=(8, 0))
one("offsets-2-to-64", offsets=(2**64, 2**64 + 8))
one("range-too-short", offsets=(0, 7))
one("range-too-long", shape=(1,))
one("range-for-f16", dtype="F16")
one("range-empty", offsets=(0, 0), size=0)
one("range-not-from-0", offsets=(4, 12), size=12)
one("range-far", shape=(0,), offsets=(2**62, 2**62))
one("file-cut-short", size=7)
one("file-without-data", size=0)
one("file-with-rest", size=9)
tensors("file-of-rest", {}, 1)
tensors("ranges-with-hole", {"a": entry(), "b": entry(offsets=(12, 20))}, 20)
tensors("ranges-overlap", {"a": entry(), "b": entry(offsets=(4, 12))}, 12)
tensors("ranges-equal", {"a": entry(), "b": entry()})
tensors("range-empty-inside", {"a": entry(), "b": entry(shape=(0,), offsets=(4, 4))})

# Values and types that open but cannot be read.
NAN, INFINITY = float("nan"), float("inf")
for name, dtype, content in (
    ("nan-f32", "F32", struct.pack("<ff", 1, NAN)),
    ("infinity-f32", "F32", struct.pack("<ff", -INFINITY, 1)),
    ("nan-f16", "F16", struct.pack("<eeee", 1, 2, 3, NAN)),
    ("infinity-f16", "F16", struct.pack("<eeee", 1, INFINITY, 3, 4)),
    ("bf16", "BF16", b"\0" * 8),
    ("f64", "F64", b"\0" * 8),
):
    shape = {"F32": (2,), "F64": (1,)}.get(dtype, (4,))
    raw("read-" + name, json.dumps({"t": entry(dtype, shape)}), content)

# Good containers of what is no VGG, or not all of one.


def vgg(name, more=(), values=None, **changed):
    """conv1_1 with one output: 27 weights and a bias; `changed` by tensor (None: absent)."""
    table = {
        "conv1_1.weight": ("F32", (1, 3, 3, 3), 108),
        "conv1_1.bias": ("F32", (1,), 4),
        **{key.replace("__", "."): value for key, value in changed.items()},
        **dict(more),
    }
    at, header = 0, {}
    for key, value in table.items():
        if value:
            header[key] = entry(value[0], value[1], (at, at + value[2]))
            at += value[2]
    data = bytearray(at)
    for place, value in (values or {}).items():
        struct.pack_into("<f", data, 4 * place, value)
    raw(name, json.dumps(header), bytes(data))


vgg("vgg-nan", values={5: NAN})
vgg("vgg-infinite-bias", values={27: INFINITY})
vgg("vgg-integers", conv1_1__weight=("I32", (1, 3, 3, 3), 108))
vgg("vgg-kernel-5x5", conv1_1__weight=("F32", (1, 3, 5, 5), 300))
vgg("vgg-four-inputs", conv1_1__weight=("F32", (1, 4, 3, 3), 144))
vgg("vgg-no-outputs", conv1_1__weight=("F32", (0, 3, 3, 3), 0))
vgg("vgg-flat-weight", conv1_1__weight=("F32", (27,), 108))
vgg("vgg-without-bias", conv1_1__bias=None)
vgg("vgg-bias-too-long", conv1_1__bias=("F32", (2,), 8))
vgg("vgg-without-start", conv1_1__weight=None, conv1_1__bias=None)
vgg("vgg-with-gap", {"conv2_1.weight": ("F32", (1, 1, 3, 3), 36), "conv2_1.bias": ("F32", (1,), 4)})
vgg("vgg-batch-norm", {"features.1.running_mean": ("F32", (1,), 4)})
vgg(
    "vgg-classifier-alone",
    {"classifier.0.weight": ("F32", (2, 2), 16)},
    conv1_1__weight=None,
    conv1_1__bias=None,
)
# Scales of 8-bit weights: `more`, so the last, whose only value is at -1.
I8, SCALE = ("I8", (1, 3, 3, 3), 27), "conv1_1.weight_scale"
ONE = ("F32", (1,), 4)
vgg("vgg-i8-without-scale", conv1_1__weight=I8)
vgg("vgg-i8-scale-f16", {SCALE: ("F16", (1,), 2)}, conv1_1__weight=I8)
vgg("vgg-i8-scale-integer", {SCALE: ("I32", (1,), 4)}, {-1: 1.0}, conv1_1__weight=I8)
vgg("vgg-i8-scale-too-long", {SCALE: ("F32", (2,), 8)}, {-1: 1.0, -2: 1.0}, conv1_1__weight=I8)
vgg("vgg-i8-scale-of-none", {SCALE: ("F32", (0,), 0)}, conv1_1__weight=I8)
vgg("vgg-i8-scale-scalar", {SCALE: ("F32", (), 4)}, {-1: 1.0}, conv1_1__weight=I8)
vgg("vgg-i8-scale-rank-2", {SCALE: ("F32", (1, 1), 4)}, {-1: 1.0}, conv1_1__weight=I8)
for name, value in (
    ("zero", 0.0),
    ("minus-zero", -0.0),
    ("negative", -1.0),
    ("infinite", INFINITY),
    ("nan", NAN),
    ("subnormal", 1e-39),
    ("too-large", 1e37),
):
    vgg("vgg-i8-scale-" + name, {SCALE: ONE}, {-1: value}, conv1_1__weight=I8)
vgg("vgg-i8-scale-other-name", {"features.0.weight_scale": ONE}, {-1: 1.0}, conv1_1__weight=I8)
vgg("vgg-i8-bias", {SCALE: ONE}, {-1: 1.0}, conv1_1__weight=I8, conv1_1__bias=("I8", (1,), 1))
vgg("vgg-i8-bias-scale", {"conv1_1.bias_scale": ONE}, {-1: 1.0})
vgg("vgg-u8", {SCALE: ONE}, {-1: 1.0}, conv1_1__weight=("U8", (1, 3, 3, 3), 27))
vgg("vgg-f32-with-scale", {SCALE: ONE}, {-1: 1.0})
vgg("vgg-scale-without-weight", {"conv1_2.weight_scale": ONE}, {-1: 1.0})

# What is not read is bounds-checked all the same.
raw(
    "file-classifier-past-end",
    json.dumps(
        {
            "conv1_1.weight": entry("F32", (1, 3, 3, 3), (0, 108)),
            "conv1_1.bias": entry("F32", (1,), (108, 112)),
            "classifier.0.weight": entry("F32", (2, 2), (112, 128)),
        }
    ),
    b"\0" * 127,
)

# Seeds of the fuzz corpus: good files, small enough to be mutated well.
SEEDS = os.path.join("..", "fuzz", "corpus")
raw(os.path.join(SEEDS, "no-tensors"), "{}")
tensors(os.path.join(SEEDS, "metadata-only"), {"__metadata__": {"arch": "vgg19", "mean": "0"}}, 0)
raw(
    os.path.join(SEEDS, "two-types"),
    json.dumps(
        {
            "__metadata__": {"arch": "vgg19"},
            "a": entry("F16", (2, 1), (0, 4)),
            "b": entry("F32", (), (4, 8)),
            "c": entry("U8", (1, 0, 3), (8, 8)),
        }
    )
    + "  ",
    struct.pack("<eef", 1, -2, 3),
)
raw(
    os.path.join(SEEDS, "i8"),
    json.dumps(
        {
            "conv1_1.weight": entry("I8", (2, 3, 1, 1), (0, 6)),
            "conv1_1.weight_scale": entry("F32", (2,), (6, 14)),
        }
    ),
    bytes((0, 1, 127, 128, 255, 2)) + struct.pack("<ff", 0.5, 3),
)
