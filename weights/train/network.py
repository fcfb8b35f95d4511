# SPDX-License-Identifier: MIT
"""VGG networks of 3x3 convolutions in PyTorch, and their weights files (docs/weights-format.md)."""

import json
import struct

import numpy
import torch
import torch.nn.functional as F

DTYPES = {"F32": "<f4", "F16": "<f2"}


def read_tensors(path):
    """The tensors of a safetensors file as float32, and its metadata."""
    with open(path, "rb") as file:
        (size,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(size))
        data = file.read()
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        values = numpy.frombuffer(data[begin:end], DTYPES[entry["dtype"]]).astype(numpy.float32)
        tensors[name] = torch.from_numpy(values.reshape(entry["shape"]))
    return tensors, metadata


def write_tensors(path, tensors, metadata):
    """Writes float32 tensors as F16."""
    header, parts, at = {"__metadata__": metadata}, [], 0
    for name, tensor in tensors.items():
        part = tensor.detach().cpu().numpy().astype("<f2").tobytes()
        header[name] = {"dtype": "F16", "shape": list(tensor.shape), "data_offsets": [at, at + len(part)]}
        parts.append(part)
        at += len(part)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(parts))


def pool(x, average):
    return F.avg_pool2d(x, 2) if average else F.max_pool2d(x, 2)


class Vgg(torch.nn.Module):
    """Pictures [n][3][h][w] in [0,1] to activations after ReLU, named "1_1", "1_2", "2_1", ..."""

    def __init__(self, names, widths, mean, std, bgr=False, scale=1.0, reflect=False):
        super().__init__()
        self.names = names
        self.bgr, self.scale, self.reflect = bgr, scale, reflect
        self.register_buffer("mean", torch.tensor(mean).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(std).view(1, 3, 1, 1))
        inputs = [3] + widths[:-1]
        self.convs = torch.nn.ModuleList(torch.nn.Conv2d(i, o, 3) for i, o in zip(inputs, widths))

    @classmethod
    def load(cls, path, reflect=False):
        """A file with tensors named conv{b}_{i}; `reflect` for one that was trained with reflection padding."""
        tensors, metadata = read_tensors(path)
        names = sorted(name[4:-7] for name in tensors if name.endswith(".weight"))
        decimals = lambda key: [float(v) for v in metadata[key].split(",")]
        self = cls(names, [len(tensors[f"conv{name}.bias"]) for name in names], decimals("mean"), decimals("std"),
                   metadata["channel_order"] == "BGR", float(metadata["input_range"]), reflect)
        with torch.no_grad():
            for name, conv in zip(names, self.convs):
                conv.weight.copy_(tensors[f"conv{name}.weight"])
                conv.bias.copy_(tensors[f"conv{name}.bias"])
        return self

    def forward(self, x, wanted, average=False):
        """The activations of the wanted layers; nothing is computed past the last of them."""
        x = ((x.flip(1) if self.bgr else x) * self.scale - self.mean) / self.std
        out, block = {}, "1"
        last = max(wanted)
        for name, conv in zip(self.names, self.convs):
            if name[0] != block:
                x, block = pool(x, average), name[0]
            x = F.pad(x, (1, 1, 1, 1), "reflect" if self.reflect else "constant")
            x = F.relu(F.conv2d(x, conv.weight, conv.bias))
            if name in wanted:
                out[name] = x
            if name == last:
                break
        return out

    @torch.no_grad()
    def normalise(self, batches):
        """Scales each channel to mean activation 1 over batches of pictures. Exact: ReLU and pooling are
        homogeneous, so that what a channel is divided by, the next convolution can be multiplied with."""
        sums, count = {name: 0.0 for name in self.names}, 0
        for x in batches:
            for name, a in self(x, self.names).items():
                sums[name] = sums[name] + a.mean((2, 3)).sum(0)
            count += len(x)
        before = torch.ones(3, device=self.mean.device)
        for name, conv in zip(self.names, self.convs):
            means = sums[name] / count
            means = torch.where(means > 0, means, torch.ones_like(means))
            conv.weight.mul_(before.view(1, -1, 1, 1) / means.view(-1, 1, 1, 1))
            conv.bias.div_(means)
            before = means

    def save(self, path, metadata):
        tensors = {}
        for name, conv in zip(self.names, self.convs):
            tensors[f"conv{name}.weight"] = conv.weight
            tensors[f"conv{name}.bias"] = conv.bias
        join = lambda values: ",".join(f"{v:g}" for v in values.flatten().tolist())
        write_tensors(path, tensors, {
            "arch": "vgg19", "mean": join(self.mean), "std": join(self.std),
            "channel_order": "BGR" if self.bgr else "RGB", "input_range": f"{self.scale:g}", **metadata})


def gram(a):
    """[n][c][h][w] to the Gram matrices divided by the area, [n][c][c]."""
    n, c, h, w = a.shape
    a = a.reshape(n, c, h * w)
    return a @ a.transpose(1, 2) / (h * w)
