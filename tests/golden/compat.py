#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Computes the golden values of --compat with PyTorch in double precision.

    python3 tests/golden/compat.py

Writes compat.json, an entry for each program, whose losses are written here in its own parameters and
units, from its formulas. An entry holds:

    compat          the word of --compat
    weights         a small network, a path from the folder tests
    content, style  test pictures: number k of the formula in make.py, width, height
    points          pictures at which the loss is looked at: k, and the parts of the loss in its
                    own weights (content, style, tv), what the program reports (loss), and the norms of
                    the gradient that it follows, by pictures in [0,1], and of that without tv
    steps           of those that use Adam: the losses before the first step and after each further one,
                    from the first of the points

Where a program differs from all others in how it sees a picture (ceil in poolings, values up to 256, an
edge that is repeated) it is not followed: docs/compat.md.
"""
import json
import os

import torch

import make

STEPS = 3
FIRST = ["relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1"]


def mean_square(a, b):
    return ((a - b) ** 2).mean()


class Program:
    """A loss: its parts at a picture, given those of content and style. `counted` are the parts that
    it reports; all of them are followed."""

    pooling, counted, units, adam = "max", ("content", "style", "tv"), 255, None

    def tv(self, x):
        return torch.zeros((), dtype=x.dtype)


class Gatys(Program):
    """NeuralImageSynthesis, its weights for the normalised network."""

    pooling = "average"

    def content(self, f, p):
        return 1e6 * mean_square(f["relu4_2"], p["relu4_2"])

    def style(self, f, a):
        return sum(1e9 / 5 * mean_square(make.gram(f[name]), make.gram(a[name])) for name in FIRST)


class NeuralStyle(Program):
    counted, units = ("content", "style"), 256

    def content(self, f, p):
        return 5 * mean_square(f["relu4_2"], p["relu4_2"])

    def style(self, f, a):
        def gram(x):
            flat = x.reshape(x.shape[0], -1)
            return flat @ flat.T / flat.numel()

        return sum(100 * mean_square(gram(f[name]), gram(a[name])) for name in FIRST)

    def tv(self, x):
        x = x * self.units
        here = x[..., :-1, :-1]
        return 1e-3 / 2 * ((here - x[..., :-1, 1:]) ** 2 + (here - x[..., 1:, :-1]) ** 2).sum()


class NeuralStylePt(NeuralStyle):
    counted, units = ("content", "style", "tv"), 255

    def tv(self, x):
        x = x * self.units
        across, down = x[..., :, 1:] - x[..., :, :-1], x[..., 1:, :] - x[..., :-1, :]
        return 1e-3 * (across.abs().sum() + down.abs().sum())


def newton_schulz(a, steps):
    norm = a.norm()
    unit = torch.eye(a.shape[0], dtype=a.dtype)
    y, z = a / norm, unit
    for _ in range(steps):
        t = (3 * unit - z @ y) / 2
        y, z = y @ t, t @ z
    return y * norm.sqrt()


class Root(torch.autograd.Function):
    """A square root by that iteration, and the way back by one for the equation of Lyapunov."""

    @staticmethod
    def forward(context, a):
        root = newton_schulz(a, 12)
        context.save_for_backward(root)
        return root

    @staticmethod
    def backward(context, gradient):
        (root,) = context.saved_tensors
        norm = root.norm()
        a, q = root / norm, gradient / norm
        three = 3 * torch.eye(a.shape[0], dtype=a.dtype)
        for _ in range(12):
            rest = three - a @ a
            q = (q @ rest - a.T @ (a.T @ q - q @ a)) / 2
            a = a @ rest / 2
        return q / 2


class StyleTransferPytorch(Program):
    units, adam = 1, {"lr": 0.02, "betas": (0.9, 0.99)}

    def content(self, f, p):
        return 0.015 * mean_square(f["relu4_2"], p["relu4_2"])

    def style(self, f, a):
        def moments(x):
            flat = x.reshape(x.shape[0], -1)
            mean = flat.mean(1)
            noise = 1e-4 * torch.eye(x.shape[0], dtype=x.dtype)
            return mean, make.gram(x) - torch.outer(mean, mean) + noise

        total = 0
        for name, weight in zip(FIRST, (256, 64, 16, 4, 1)):
            (mean, covariance), (wanted, target) = moments(f[name]), moments(a[name])
            half = Root.apply(target)
            root = Root.apply(half @ covariance @ half)
            apart = torch.diagonal(target + covariance - 2 * root).mean()
            total = total + weight / 341 * (mean_square(mean, wanted) + apart)
        return total

    def tv(self, x):
        x = torch.nn.functional.pad(x, (1, 1, 1, 1), "replicate")
        inner = x[..., 1:-1, 1:-1]
        right, below = x[..., 1:-1, 2:] - inner, x[..., 2:, 1:-1] - inner
        falling = x[..., 1:, 1:] - x[..., :-1, :-1]
        rising = x[..., 1:, :-1] - x[..., :-1, 1:]
        straight, diagonal = (right, below), (falling, rising)
        return 2 * 2 * (
            sum((d**2).mean() / 3 for d in straight) + sum((d**2).mean() / 12 for d in diagonal)
        )


class Course(Program):
    # Its epsilon is 1e-8 in its units, too, where gradients are those of a network a thousand times
    # as large: it does not count there, and does not here.
    pooling, adam = "average", {"lr": 2.0, "eps": 1e-8 / 255}

    def content(self, f, p):
        a = f["relu4_2"]
        return 10 * ((a - p["relu4_2"]) ** 2).sum() / (4 * a.numel())

    def style(self, f, a):
        total = 0
        for name in FIRST:
            channels, height, width = f[name].shape
            x, y = (v[name].reshape(channels, -1) for v in (f, a))
            other = y.shape[1] / x.shape[1]  # of one size there
            total = total + 0.2 * ((x @ x.T - y @ y.T / other) ** 2).sum() / (
                4 * channels**2 * (height * width) ** 2
            )
        return 40 * total


def describe(word, program, weights, size, style):
    network = make.load_network(os.path.join(make.FOLDER, os.path.basename(weights)))
    entry = {"compat": word, "weights": weights}
    entry["content"] = make.image(1, *size)
    entry["style"] = make.image(2, *style)
    content = make.forward(network, program.pooling, make.picture(entry["content"]))
    target = make.forward(network, program.pooling, make.picture(entry["style"]))

    def parts(x):
        f = make.forward(network, program.pooling, x)
        return {
            "content": program.content(f, content),
            "style": program.style(f, target),
            "tv": program.tv(x),
        }

    entry["points"] = []
    for k in (3, 5):
        x = make.picture(make.image(k, *size)).requires_grad_()
        found = parts(x)
        (found["content"] + found["style"]).backward(retain_graph=True)
        features = x.grad.norm()
        if found["tv"].requires_grad:
            found["tv"].backward()
        point = {"k": k} | {name: make.number(part.detach()) for name, part in found.items()}
        point["loss"] = make.number(sum(found[name].detach() for name in program.counted))
        point["gradient_norm"] = make.number(x.grad.norm())
        point["gradient_norm_without_tv"] = make.number(features)
        entry["points"].append(point)
        print(word, point)
    if program.adam:
        x = (make.picture(make.image(3, *size)) * program.units).requires_grad_()
        optimiser = torch.optim.Adam([x], **program.adam)
        entry["steps"] = []
        for _ in range(STEPS + 1):
            optimiser.zero_grad()
            loss = sum(parts(x / program.units).values())
            entry["steps"].append(make.number(loss.detach()))
            loss.backward()
            optimiser.step()
            assert 0 < x.min() and x.max() < program.units
        print(" ", entry["steps"])
    return entry


def main():
    torch.set_num_threads(1)
    caffe, torchvision = "golden/small16.safetensors", "golden/small19.safetensors"
    odd, other = (37, 29), (31, 37)
    entries = [
        describe("gatys", Gatys(), caffe, odd, other),
        describe("neural-style", NeuralStyle(), caffe, (48, 32), (32, 48)),
        describe("neural-style-pt", NeuralStylePt(), caffe, odd, other),
        describe("style-transfer-pytorch", StyleTransferPytorch(), torchvision, odd, other),
        describe("course", Course(), caffe, odd, other),
    ]
    with open(os.path.join(make.FOLDER, "compat.json"), "w", encoding="ascii") as file:
        rows = ",\n".join(json.dumps(entry) for entry in entries)
        file.write("[\n" + rows + "\n]\n")


if __name__ == "__main__":
    main()
