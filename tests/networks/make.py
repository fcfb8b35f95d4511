#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes tiny networks beside this script in the formats that they come in; needs PyTorch, h5py.

All but whole-vgg16.pth hold the same VGG-19 to conv5_1, of widths 2, 3, 4, 4 and 4, whose weights
F16 holds exactly: tests compare the others with tiny.safetensors, bit by bit.
"""
import collections
import json
import os
import struct

import h5py
import numpy
import torch

FOLDER = os.path.dirname(os.path.abspath(__file__))


def place(name):
    return os.path.join(FOLDER, name)


def network(counts, widths):
    """[(block, number, torchvision's number, weight [out, in, 3, 3], bias [out])]"""
    random = numpy.random.RandomState(1)
    convs, feature, channels = [], 0, 3
    for block, (count, width) in enumerate(zip(counts, widths), 1):
        for number in range(1, count + 1):
            scale = (6 / (9 * channels)) ** 0.5
            weight = random.uniform(-scale, scale, (width, channels, 3, 3))
            bias = random.uniform(0, 0.25, width)
            round_off = lambda x: (numpy.round(x * 1024) / 1024).astype(numpy.float32)
            convs.append((block, number, feature, round_off(weight), round_off(bias)))
            feature, channels = feature + 2, width
        feature += 1
    return convs


NETWORK = network((2, 2, 4, 4, 1), (2, 3, 4, 4, 4))


def write_safetensors(name, metadata):
    header, data = {"__metadata__": metadata}, b""
    for block, number, _, weight, bias in NETWORK:
        for part, values in (("weight", weight), ("bias", bias)):
            header["conv%d_%d.%s" % (block, number, part)] = {
                "dtype": "F32",
                "shape": list(values.shape),
                "data_offsets": [len(data), len(data) + values.nbytes],
            }
            data += values.tobytes()
    text = json.dumps(header, separators=(",", ":")).encode()
    with open(place(name), "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


# ---- PyTorch ----


def state_dict(convert=lambda values: values, convs=NETWORK):
    tensors = collections.OrderedDict()
    for _, _, feature, weight, bias in convs:
        tensors["features.%d.weight" % feature] = convert(torch.from_numpy(weight))
        tensors["features.%d.bias" % feature] = convert(torch.from_numpy(bias))
    tensors["classifier.0.weight"] = torch.zeros(2, 3, dtype=torch.float64)
    return tensors


def strided(values):
    """The same tensor in another order, behind something else in its storage, as F16."""
    turned = values.half()
    turned = turned.permute(2, 3, 1, 0).contiguous() if values.dim() == 4 else turned
    storage = torch.cat([torch.full((5,), 9.0).half(), turned.flatten()])
    view = storage[5:].view(turned.shape)
    return view.permute(3, 2, 0, 1) if values.dim() == 4 else view


def one_storage():
    """Parameters that all lie in one storage, and an attribute as model.state_dict() has it."""
    values = list(state_dict().items())[:-1]
    flat = torch.cat([value.flatten() for _, value in values])
    tensors, at = collections.OrderedDict(), 0
    for name, value in values:
        view = flat[at : at + value.numel()].view(value.shape)
        tensors[name] = torch.nn.Parameter(view)
        at += value.numel()
    tensors["epoch"] = 90
    tensors._metadata = collections.OrderedDict([("", {"version": 1})])
    return tensors


def write_old(name):
    """As PyTorch 0.1 under Python 2 wrote: byte strings, an OrderedDict of a list of pairs, and
    parameters that are called and then given their attributes."""

    def text(value):
        return b"U" + bytes([len(value)]) + value.encode()

    def integers(values):
        return b"(" + b"".join(b"\x8a\x02" + struct.pack("<h", v) for v in values) + b"t"

    def pickle(content):
        return b"\x80\x02" + content + b"."

    tensors = [(name, value) for name, value in state_dict().items() if "classifier" not in name]
    body, keys, data = b"ccollections\nOrderedDict\n(]q\x00(", [], b""
    for name_of, value in tensors:
        key = str(94000000 + 32 * len(keys))
        keys.append(key)
        strides = value.stride()
        storage = b"(" + text("storage") + b"ctorch\nFloatStorage\n" + text(key) + text("cpu")
        storage += b"M" + struct.pack("<H", value.numel()) + b"NtQ"
        body += b"(" + text(name_of) + b"ctorch.nn.parameter\nParameter\n"
        body += b"ctorch._utils\n_rebuild_tensor\n(" + storage + b"K\x00"
        body += integers(value.shape) + integers(strides) + b"tR"
        body += b"\x85R(\x88\x89ccollections\nOrderedDict\n(]tRtb"
        body = body.replace(b"(" + text(name_of), b"]q\x01(" + text(name_of)) + b"e"
        data += struct.pack("<q", value.numel()) + value.numpy().tobytes()
    body += b"etR"
    system = b"}(" + text("little_endian") + b"\x88" + text("protocol_version") + b"M\xe9\x03u"
    with open(place(name), "wb") as file:
        file.write(pickle(b"\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19") + pickle(b"M\xe9\x03"))
        file.write(pickle(system) + pickle(body))
        file.write(pickle(b"]q\x00(" + b"".join(text(key) for key in keys) + b"e") + data)


def write_pytorch():
    def legacy(tensors, name):
        torch.save(tensors, place(name), _use_new_zipfile_serialization=False)

    torch.save(state_dict(), place("zip.pth"))
    torch.save(one_storage(), place("zip-one-storage.pth"))
    whole = network((2, 2, 3, 3, 3), (2, 2, 2, 2, 2))
    torch.save(state_dict(convs=whole), place("whole-vgg16.pth"))
    legacy(state_dict(), "legacy.pth")
    legacy(state_dict(strided), "legacy-strided-f16.pth")
    write_old("legacy-old.pth")


# ---- Keras ----


def write_keras(name, libver, convs, folder="", below="", names="%s_W_1:0 %s_b_1:0", **how):
    """Groups block{b}_conv{i} in `folder`, whose datasets are in the group `below` again."""
    with h5py.File(place(name), "w", libver=libver) as file:
        layers = file.require_group(folder) if folder else file
        layers.attrs["backend"] = b"tensorflow"
        layers.create_group("input_1")
        layers.create_group("block1_pool")
        for block, number, _, weight, values in NETWORK[:convs]:
            layer = "block%d_conv%d" % (block, number)
            group = layers.create_group(layer)
            group = group.create_group(layer) if below else group
            kernel, bias = names.replace("%s", layer).split()
            group.create_dataset(kernel, data=weight.transpose(2, 3, 1, 0), **how)
            group.create_dataset(bias, data=values, **how)
            how = {} if number > 1 else how


CAFFE = {"mean": "103.939,116.779,123.68", "std": "1,1,1"}
CAFFE.update({"channel_order": "BGR", "input_range": "255"})
write_safetensors("tiny.safetensors", {"arch": "vgg19", **CAFFE})
write_pytorch()
write_keras("keras-notop.h5", "earliest", 9)  # to conv4_1: these files are large
MODEL = {"folder": "model_weights", "below": "x", "names": "kernel:0 bias:0"}
write_keras("keras-model.h5", "latest", 13, **MODEL, compression="gzip", shuffle=True)
