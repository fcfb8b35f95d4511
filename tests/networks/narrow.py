#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes narrow-vgg16.safetensors and narrow-vgg19-slim.safetensors beside this script: the bundled
networks, of each layer the first 16 channels, with weights that make up for those that are missing.
They take the others' places where programs are watched, and slow for it. Needs numpy.
"""
import json
import os
import struct

import numpy

FOLDER = os.path.dirname(os.path.abspath(__file__))
CHANNELS = 16
TYPES = {"I8": numpy.int8, "F16": numpy.float16, "F32": numpy.float32}


def narrowed(name, tensors, data):
    """Of that tensor the first channels; the scale of a convolution grows by what its input lost."""
    start, end = tensors[name]["data_offsets"]
    values = numpy.frombuffer(data[start:end], TYPES[tensors[name]["dtype"]])
    values = values.reshape(tensors[name]["shape"])[:CHANNELS]
    if values.ndim == 4:
        values = values[:, :CHANNELS]
    conv = name.rsplit(".", 1)[0]
    lost = max(1, tensors[conv + ".weight"]["shape"][1] / CHANNELS) ** 0.5
    has_scale = conv + ".weight_scale" in tensors
    if name == conv + (".weight_scale" if has_scale else ".weight"):
        values = (values * lost).astype(values.dtype)
    return values


def write(name):
    with open(os.path.join(FOLDER, "..", "..", "weights", name), "rb") as file:
        (size,) = struct.unpack("<Q", file.read(8))
        tensors = json.loads(file.read(size))
        data = file.read()
    metadata = tensors.pop("__metadata__")
    changes = [metadata.get("changes"), "the first %d channels of each layer" % CHANNELS]
    metadata["changes"] = ", ".join(filter(None, changes))
    header, kept = {"__metadata__": metadata}, b""
    for tensor in tensors:
        values = narrowed(tensor, tensors, data)
        header[tensor] = {
            "dtype": tensors[tensor]["dtype"],
            "shape": list(values.shape),
            "data_offsets": [len(kept), len(kept) + values.nbytes],
        }
        kept += values.tobytes()
    text = json.dumps(header, separators=(",", ":")).encode()
    with open(os.path.join(FOLDER, "narrow-" + name), "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + kept)


for bundled in ("vgg16.safetensors", "vgg19-slim.safetensors"):
    write(bundled)
