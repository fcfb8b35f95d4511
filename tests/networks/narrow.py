#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes narrow-vgg16.safetensors and narrow-vgg19-slim.safetensors beside this script: the bundled
networks, of each layer the first 16 channels. They take the others' places where programs are watched,
and slow for it. Needs numpy.
"""
import json
import os
import struct

import numpy

FOLDER = os.path.dirname(os.path.abspath(__file__))
CHANNELS = 16
TYPES = {"I8": numpy.int8, "F16": numpy.float16, "F32": numpy.float32}


def write(name):
    with open(os.path.join(FOLDER, "..", "..", "weights", name), "rb") as file:
        (size,) = struct.unpack("<Q", file.read(8))
        tensors = json.loads(file.read(size))
        data = file.read()
    metadata = tensors.pop("__metadata__")
    changes = [metadata.get("changes"), "the first %d channels of each layer" % CHANNELS]
    metadata["changes"] = ", ".join(filter(None, changes))
    header, kept = {"__metadata__": metadata}, b""
    for tensor_name, tensor in tensors.items():
        start, end = tensor["data_offsets"]
        values = numpy.frombuffer(data[start:end], TYPES[tensor["dtype"]]).reshape(tensor["shape"])
        values = values[:CHANNELS]
        if values.ndim == 4:
            values = values[:, :CHANNELS]
        header[tensor_name] = {
            "dtype": tensor["dtype"],
            "shape": list(values.shape),
            "data_offsets": [len(kept), len(kept) + values.nbytes],
        }
        kept += values.tobytes()
    text = json.dumps(header, separators=(",", ":")).encode()
    with open(os.path.join(FOLDER, "narrow-" + name), "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + kept)


for bundled in ("vgg16.safetensors", "vgg19-slim.safetensors"):
    write(bundled)
