#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The work of tests/bench/worker.h, whose mode is `transfer`, in PyTorch.

    torch_worker.py WEIGHTS SIZE THREADS PRECISION LAYOUT

PRECISION is fp32, or bf16 by autocast; LAYOUT contiguous or channels_last. peer.py starts these.
"""
import json
import resource
import struct
import sys
import time

import numpy
import torch
import torch.nn.functional as F

STYLE = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")
CONTENT = "relu4_2"
ALPHA, BETA = 1, 300
CONVS = {"vgg16": (2, 2, 3, 3, 3), "vgg19": (2, 2, 4, 4, 4)}  # of each block
TORCHVISION = {
    "mean": "0.485,0.456,0.406",
    "std": "0.229,0.224,0.225",
    "channel_order": "RGB",
    "input_range": "1",
}


def picture(k, size):
    """The test pictures of pictures.c."""

    def triangle(t, half):
        t = t % (2 * half)
        return numpy.where(t < half, t, 2 * half - 1 - t)

    y, x = numpy.mgrid[0:size, 0:size]
    planes = [
        48
        + triangle((7 + k) * x + (3 + 2 * c) * y + 11 * c + 29 * k, 64)
        + triangle(5 * (c + 1) * x + (13 + k) * y + 17 * k, 48)
        + (37 * x + 61 * y + 89 * c + 7 * x * y + 13 * k) % 31
        for c in range(3)
    ]
    return torch.from_numpy(numpy.stack(planes)[None].astype("f4")) / 255


def conv_names(convs):
    """(conv{b}_{i}, features.{n}) in order."""
    n = 0
    for block, count in enumerate(convs, 1):
        for i in range(1, count + 1):
            yield f"conv{block}_{i}", f"features.{n}"
            n += 2  # the ReLU
        n += 1  # the pooling


def load_network(path):
    """[(name, weight, bias)] in order, and the metadata, of a file as docs/weights-format.md."""
    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = file.read()
    metadata = header.pop("__metadata__", {})

    def read(name):
        begin, end = header[name]["data_offsets"]
        dtype = {"F32": "<f4", "F16": "<f2", "I8": "i1"}[header[name]["dtype"]]
        values = numpy.frombuffer(data[begin:end], dtype).astype("f4")
        values = values.reshape(header[name]["shape"])
        if dtype == "i1":
            values *= read(name + "_scale").numpy()[:, None, None, None]
        return torch.from_numpy(values)

    vgg19 = "conv3_4.weight" in header or "features.16.weight" in header
    layers = []
    for own, other in conv_names(CONVS["vgg19" if vgg19 else metadata.get("arch", "vgg16")]):
        name = own if own + ".weight" in header else other
        if name + ".weight" not in header:
            break
        layers.append((own, read(name + ".weight"), read(name + ".bias")))
    return layers, TORCHVISION | metadata


class Network:
    def __init__(self, path, precision, layout):
        self.format = torch.channels_last if layout == "channels_last" else torch.contiguous_format
        # Autocast would make bf16 of them in each evaluation.
        dtype = torch.bfloat16 if precision == "bf16" else torch.float32
        layers, metadata = load_network(path)
        mean, std = ([float(v) for v in metadata[key].split(",")] for key in ("mean", "std"))
        if metadata["channel_order"] == "BGR":
            name, weight, bias = layers[0]
            layers[0] = name, weight.flip(1), bias
            mean, std = mean[::-1], std[::-1]
        self.layers = [
            (name, weight.to(dtype, memory_format=self.format), bias.to(dtype))
            for name, weight, bias in layers
        ]
        self.scale = float(metadata["input_range"])
        self.mean = torch.tensor(mean).view(1, 3, 1, 1)
        self.std = torch.tensor(std).view(1, 3, 1, 1)

    def __call__(self, x):
        """The activations that the cost looks at."""
        x = ((x * self.scale - self.mean) / self.std).contiguous(memory_format=self.format)
        wanted, kept, block = {*STYLE, CONTENT}, {}, "1"
        for name, weight, bias in self.layers:
            if name[4] != block:
                x, block = F.max_pool2d(x, 2), name[4]
            x = F.relu(F.conv2d(x, weight, bias, padding=1), inplace=True)
            layer = "relu" + name[4:]
            if layer in wanted:
                kept[layer] = x
                if len(kept) == len(wanted):
                    break
        return kept


def gram(a, layout):
    """In the precision of autocast, as a product of matrices; what comes of it is fp32."""
    if layout == "channels_last":
        flat = a[0].permute(1, 2, 0).reshape(-1, a.shape[1]).T  # no copy
    else:
        flat = a[0].flatten(1)
    return (flat @ flat.T).float() / flat.shape[1]


def peak_resident():
    """Bytes; getrusage may count what the parent held."""
    try:
        with open("/proc/self/status", encoding="ascii") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("VmHWM:")) * 1024
    except (OSError, StopIteration):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


class Transfer:
    def __init__(self, path, size, precision, layout):
        start = time.monotonic()
        self.network = Network(path, precision, layout)
        self.load_s = time.monotonic() - start
        self.precision, self.layout = precision, layout
        with torch.no_grad(), self.autocast():
            kept = self.network(picture(2, size))
            self.style_target = {layer: gram(kept[layer], layout) for layer in STYLE}
            self.content_target = self.network(picture(1, size))[CONTENT].clone()
        self.x = picture(3, size).requires_grad_()
        # No tolerance, so that every step is a whole one.
        self.optimiser = torch.optim.LBFGS(
            [self.x], max_iter=1, history_size=10, tolerance_grad=0, tolerance_change=0
        )

    def autocast(self):
        return torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.precision == "bf16")

    def evaluate(self):
        self.optimiser.zero_grad()
        with self.autocast():
            kept = self.network(self.x)
            style = sum(
                ((gram(kept[layer], self.layout) - self.style_target[layer]) ** 2).sum()
                / (4 * kept[layer].shape[1] ** 2)
                for layer in STYLE
            )
            content = F.mse_loss(kept[CONTENT], self.content_target) / 2
            total = ALPHA * content + BETA * style / len(STYLE)
        total.backward()
        return total


def say(**line):
    print(json.dumps(line), flush=True)


def main(path, size, threads, precision, layout):
    torch.set_num_threads(int(threads))
    torch.set_flush_denormal(True)
    work = Transfer(path, int(size), precision, layout)
    total = work.evaluate().item()
    say(
        set="PyTorch " + torch.__version__,
        precision=precision,
        threads=int(threads),
        load_s=work.load_s,
        total=total,
        gradient_norm=work.x.grad.norm().item(),
    )
    for command in sys.stdin:
        seconds = []
        for _ in range(int(command)):
            before = time.monotonic()
            total = work.optimiser.step(work.evaluate).item()
            seconds.append(time.monotonic() - before)
        say(seconds=seconds)
    assert total == total, "the cost is no number any more, and a step no whole one"
    say(peak_resident=peak_resident())


if __name__ == "__main__":
    main(*sys.argv[1:])
