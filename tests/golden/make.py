#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Computes the golden values of tests/golden with PyTorch in double precision.

    python3 tests/golden/make.py ../weights/vgg19-slim.safetensors [CASE...]    (path seen from tests/)

Writes two small seeded networks, small16.safetensors and small19.safetensors, and one JSON file per
case. The costs are those of docs/method.md; gradients come from autograd. A case holds:

    weights         the network, a path from the folder tests
    pooling         max or average;  content_cost  mean or gatys;  alpha, beta, tv
    content, styles, generated
                    test pictures: number k of the formula, width, height (styles: weight)
    terms           layer, kind (content or style), weight, cost (before that weight)
    costs           content, style, tv (layer weights only) and total, at the generated picture
    gradient_norms  of dJ/dG: of each part (with alpha, beta, tv) and of the total
    gradient        dJ/dG, [3][height][width]
    activations     each layer on the generated picture, [channels][height][width]
    grams           G(X)/M(X) at the style layers; image: generated, or the style's number from 0
    gradient_descent, adam
                    rate, and the totals before the first step and after each of ten; no value comes
                    near 0 or 1. Adam: betas .9 and .999, epsilon 1e-8, bias-corrected

Activations and Gram matrices are given by their sum, sum of squares and samples, the values at
every `stride`-th place from the first: 16, or of the whole VGG-16 200.
"""
import json
import os
import struct
import sys

import numpy
import torch
import torch.nn.functional as F

FOLDER = os.path.dirname(os.path.abspath(__file__))
SAMPLES = 16
STEPS = 10
DIGITS = 14
TORCHVISION = {"mean": "0.485,0.456,0.406", "std": "0.229,0.224,0.225"}
TORCHVISION.update(channel_order="RGB", input_range="1")


def triangle(t, half):
    t %= 2 * half
    return t if t < half else 2 * half - 1 - t


def pattern(k, x, y, c):
    """Test picture k, 8 bits: smooth waves and some noise, far from 0 and 255."""
    return (
        48
        + triangle((7 + k) * x + (3 + 2 * c) * y + 11 * c + 29 * k, 64)
        + triangle(5 * (c + 1) * x + (13 + k) * y + 17 * k, 48)
        + (37 * x + 61 * y + 89 * c + 7 * x * y + 13 * k) % 31
    )


def picture(spec):
    rows, columns = range(spec["height"]), range(spec["width"])
    values = [[[pattern(spec["k"], x, y, c) for x in columns] for y in rows] for c in range(3)]
    return torch.tensor([values], dtype=torch.float64) / 255


# Networks: {"conv1_1": (weight, bias), ...} in order, and the metadata.


def make_network(path, counts, widths, seed, metadata, torchvision_names):
    random = numpy.random.RandomState(seed)
    header, data, inputs, position = {}, b"", 3, 0
    if metadata:
        header["__metadata__"] = metadata
    for block, (count, width) in enumerate(zip(counts, widths), 1):
        for index in range(1, count + 1):
            weight = random.standard_normal((width, inputs, 3, 3)) * (2 / (9 * inputs)) ** 0.5
            bias = random.standard_normal(width) * 0.1
            name = f"features.{position}" if torchvision_names else f"conv{block}_{index}"
            for part, values in (("weight", weight), ("bias", bias)):
                content = values.astype("<f4").tobytes()
                header[f"{name}.{part}"] = {
                    "dtype": "F32",
                    "shape": list(values.shape),
                    "data_offsets": [len(data), len(data) + len(content)],
                }
                data += content
            inputs = width
            position += 2
        position += 1
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


def load_network(path):
    with open(path, "rb") as file:
        content = file.read()
    start = 8 + struct.unpack("<Q", content[:8])[0]
    header = json.loads(content[8:start])
    metadata = header.pop("__metadata__", TORCHVISION)

    def read(name):
        begin, end = header[name]["data_offsets"]
        dtype = {"F32": "<f4", "F16": "<f2", "I8": "i1"}[header[name]["dtype"]]
        values = numpy.frombuffer(content[start + begin : start + end], dtype)
        values = values.astype("f4").reshape(header[name]["shape"])
        if name + "_scale" in header:
            values = values * read(name + "_scale").numpy().astype("f4").reshape(-1, 1, 1, 1)
        return torch.tensor(values.astype("f8"))

    layers, position = {}, 0
    for block in range(1, 6):
        for index in range(1, 5):
            for name in (f"features.{position}", f"conv{block}_{index}"):
                if name + ".weight" in header:
                    layers[f"conv{block}_{index}"] = read(name + ".weight"), read(name + ".bias")
                    position += 2
                    break
            else:
                break
        position += 1
    assert 2 * len(layers) == sum(not name.endswith("_scale") for name in header)
    return layers, metadata


def forward(network, pooling, x):
    """All activations {name: [channels, height, width]} of a picture [1, 3, height, width]."""
    layers, metadata = network
    mean, std = (
        torch.tensor([float(v) for v in metadata[key].split(",")], dtype=x.dtype).view(1, 3, 1, 1)
        for key in ("mean", "std")
    )
    if metadata["channel_order"] == "BGR":
        x = x.flip(1)
    x = (x * float(metadata["input_range"]) - mean) / std
    kept, block = {}, "1"
    for name, (weight, bias) in list(layers.items()) + [("end", (None, None))]:
        if name[4:5] != block and min(x.shape[2:]) < 2:
            break
        if name == "end" or name[4] != block:
            x = F.max_pool2d(x, 2) if pooling == "max" else F.avg_pool2d(x, 2)
            kept["pool" + block] = x[0]
            block = name[4:5]
        if name != "end":
            x = F.conv2d(x, weight.to(x.dtype), bias.to(x.dtype), padding=1)
            kept[name] = x[0]
            x = F.relu(x)
            kept["relu" + name[4:]] = x[0]
    return kept


def gram(a):
    flat = a.reshape(a.shape[0], -1)
    return flat @ flat.T / flat.shape[1]


class Objective:
    def __init__(self, case, network):
        self.case, self.network = case, network
        content = forward(network, case["pooling"], picture(case["content"]))
        styles = [forward(network, case["pooling"], picture(s)) for s in case["styles"]]
        total = sum(s["weight"] for s in case["styles"])
        self.targets = []
        for term in case["terms"]:
            if term["kind"] == "content":
                self.targets.append(content[term["layer"]])
            else:
                self.targets.append(
                    sum(
                        s["weight"] / total * gram(a[term["layer"]])
                        for s, a in zip(case["styles"], styles)
                    )
                )
        self.styles = styles

    def __call__(self, g):
        """The terms' costs and the parts alpha J_content, beta J_style, tv J_tv as tensors."""
        case, costs = self.case, []
        sums = {"content": 0, "style": 0}
        kept = forward(self.network, case["pooling"], g)
        for term, target in zip(case["terms"], self.targets):
            a, target = kept[term["layer"]], target.to(g.dtype)
            if term["kind"] == "content":
                cost = 0.5 * ((a - target) ** 2).sum()
                if case["content_cost"] == "mean":
                    cost = cost / a.numel()
            else:
                cost = ((gram(a) - target) ** 2).sum() / (4 * a.shape[0] ** 2)
            costs.append(cost)
            sums[term["kind"]] = sums[term["kind"]] + term["weight"] * cost
        across, down = g[..., :, 1:] - g[..., :, :-1], g[..., 1:, :] - g[..., :-1, :]
        sums["tv"] = ((across**2).sum() + (down**2).sum()) / (g.shape[2] * g.shape[3])
        return costs, sums, kept

    def total(self, g):
        sums = self(g)[1]
        factors = {"content": "alpha", "style": "beta", "tv": "tv"}
        return sum(self.case[factor] * sums[kind] for kind, factor in factors.items())


def number(value):
    return float(f"{float(value):.{DIGITS}g}")


def summary(values, samples):
    flat = values.detach().reshape(-1)
    stride = max(1, flat.numel() // samples)
    return {
        "sum": number(flat.sum()),
        "sum_squares": number((flat**2).sum()),
        "stride": stride,
        "samples": [number(v) for v in flat[::stride]],
    }


def optimise(objective, start, make_optimiser):
    g = start.clone().requires_grad_()
    optimiser = make_optimiser(g)
    totals = []
    for step in range(STEPS + 1):
        optimiser.zero_grad()
        total = objective.total(g)
        totals.append(number(total))
        if step < STEPS:
            total.backward()
            optimiser.step()
            assert 0.05 < g.min() and g.max() < 0.95, "a value comes too near to the bounds"
    assert totals[-1] < totals[0]
    return totals


def check_single_precision(objective, start, gradient):
    """A picture at which float rounding flips a ReLU or a maximum would test nothing else."""
    g = start.float().requires_grad_()
    objective.total(g).backward()
    distance = (g.grad.double() - gradient).norm() / gradient.norm()
    print(f"  dJ/dG in single precision is off by {distance:.1e}")
    assert distance < 2e-5, "choose another generated picture"


def describe(case, network, samples):
    objective = Objective(case, network)
    start = picture(case["generated"])
    g = start.clone().requires_grad_()
    costs, sums, kept = objective(g)
    for term, cost in zip(case["terms"], costs):
        term["cost"] = number(cost)
    case["costs"] = {kind: number(value) for kind, value in sums.items()}
    case["costs"]["total"] = number(objective.total(g))
    factors = {"content": case["alpha"], "style": case["beta"], "tv": case["tv"]}
    parts = {
        kind: torch.autograd.grad(factors[kind] * value, g, retain_graph=True)[0]
        for kind, value in sums.items()
    }
    gradient = sum(parts.values())
    case["gradient_norms"] = {kind: number(part.norm()) for kind, part in parts.items()}
    case["gradient_norms"]["total"] = number(gradient.norm())
    print("  costs", case["costs"], "norms", case["gradient_norms"])
    check_single_precision(objective, start, gradient)
    case["activations"] = [
        {"layer": name, "channels": a.shape[0], "height": a.shape[1], "width": a.shape[2]}
        | summary(a, samples)
        for name, a in kept.items()
    ]
    case["grams"] = [
        {"layer": term["layer"], "image": image} | summary(gram(a[term["layer"]]), samples)
        for term in case["terms"]
        if term["kind"] == "style"
        for image, a in [("generated", kept), *enumerate(objective.styles)]
    ]
    rate = float(f"{0.004 / gradient.abs().max():.1g}")
    descent = optimise(objective, start, lambda x: torch.optim.SGD([x], rate))
    case["gradient_descent"] = {"rate": rate, "totals": descent}
    rate = 0.004
    adam = optimise(objective, start, lambda x: torch.optim.Adam([x], rate, (0.9, 0.999), 1e-8))
    case["adam"] = {"rate": rate, "totals": adam}
    print("  descent", descent[0], descent[-1], "adam", adam[-1])
    case["gradient"] = [number(v) for v in gradient.reshape(-1)]


def image(k, width, height, **more):
    return {"k": k, "width": width, "height": height, **more}


def terms(content, style):
    table = []
    for kind, layers in (("content", content), ("style", style)):
        for item in layers.split():
            layer, weight = item.split(":")
            table.append({"layer": layer, "kind": kind, "weight": float(weight)})
    return table


def main(bundled, wanted):
    torch.set_num_threads(1)
    path = {name: os.path.join(FOLDER, name + ".safetensors") for name in ("small16", "small19")}
    caffe = {"mean": "103.939,116.779,123.68", "std": "57,58.5,60"}
    caffe.update(channel_order="BGR", input_range="255")
    make_network(path["small16"], (2, 2, 3, 3, 2), (5, 12, 20, 33, 17), 16, caffe, False)
    make_network(path["small19"], (2, 2, 4, 4, 1), (5, 12, 20, 33, 17), 19, None, True)
    path["bundled"] = os.path.join(FOLDER, "..", bundled)
    names = {name: f"golden/{name}.safetensors" for name in ("small16", "small19")}
    names["bundled"] = bundled
    names["vgg16"] = os.path.join("..", "weights", "vgg16.safetensors")
    path["vgg16"] = os.path.join(FOLDER, "..", names["vgg16"])

    usual = "relu1_1:0.2 relu2_1:0.2 relu3_1:0.2 relu4_1:0.2 relu5_1:0.2"
    mixed = "conv1_2:0.5 relu2_2:1 pool3:0.25 relu4_3:0.125 pool1:0.0625"
    one = [image(2, 41, 33, weight=1.0)]
    two = [image(2, 41, 33, weight=3.0), image(4, 26, 47, weight=1.0)]
    # name, network, alpha, beta, tv, content layers, style layers, styles
    cases = (
        ("small19-max-mean", "small19", 1, 10, 0, "relu4_2:1", usual, one),
        ("small19-average-gatys", "small19", 0.01, 50, 0.2, "relu4_2:1", usual, one),
        ("small16-max-gatys", "small16", 0.01, 200, 0.5, "pool4:1 conv3_2:0.5", mixed, two),
        ("small16-average-mean", "small16", 2, 1000, 0, "conv4_1:1 relu2_1:2", usual, two),
        ("bundled-max-mean", "bundled", 1, 10, 0, "relu4_2:1", usual, one),
        ("bundled-average-gatys", "bundled", 0.001, 10, 1, "relu4_2:1", usual, one),
        ("vgg16-max-mean", "vgg16", 1, 30, 0, "relu4_2:1", usual, one),
    )
    for name, network, alpha, beta, tv, content, style, styles in cases:
        if wanted and name not in wanted:
            continue
        print(name)
        pooling, cost = name.split("-")[1:]
        case = {"weights": names[network], "pooling": pooling, "content_cost": cost}
        case.update(alpha=alpha, beta=beta, tv=tv, content=image(1, 37, 29), styles=styles)
        case.update(generated=image(3, 37, 29), terms=terms(content, style))
        describe(case, load_network(path[network]), 200 if network == "vgg16" else SAMPLES)
        with open(os.path.join(FOLDER, name + ".json"), "w", encoding="ascii") as file:
            rows = (f"{json.dumps(key)}: {json.dumps(value)}" for key, value in case.items())
            file.write("{\n" + ",\n".join(rows) + "\n}\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
