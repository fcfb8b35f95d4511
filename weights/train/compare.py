#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares networks by the pictures made with them, as the first three blocks of the real VGG-19 see these.

    compare.py --stylize PROGRAM --teachers DIR --images DIR --out DIR NETWORK...

DIR of --images holds content-*.jpg and style-*.jpg, none of them trained on. Every pair is painted with each
network at several strengths (--betas); what is there is not painted again. Printed for each: the share of the
content's Gram distance to the style that is left at relu1_1, 2_1 and 3_1, the relative error of the content at
relu3_1, and the mean absolute Laplacian in units of the style's (speckle). Strengths are not the same from network
to network; so the last table compares what is left of the style where the content's error is equal, on a line
through the two nearest strengths. Contact sheets go to --out. Networks are told apart by the names of their files.
"""

import argparse
import glob
import math
import os
import subprocess

import numpy
import torch
import torch.nn.functional as F
from PIL import Image

from network import Vgg, gram

STYLE = ["1_1", "2_1", "3_1"]
CONTENT = "3_1"


def load(path, size):
    picture = Image.open(path).convert("RGB")
    ratio = min(1, size / max(picture.size))
    picture = picture.resize([max(1, round(side * ratio)) for side in picture.size], Image.LANCZOS)
    return torch.from_numpy(numpy.array(picture)).permute(2, 0, 1)[None].float() / 255


def laplacian(x):
    kernel = torch.tensor([[0, 1, 0], [1, -4, 1], [0, 1, 0.0]]).expand(3, 1, 3, 3)
    return F.conv2d(x, kernel, groups=3).abs().mean().item()


def geometric(values):
    return math.exp(sum(math.log(max(v, 1e-9)) for v in values) / len(values))


@torch.no_grad()
def judge(vgg, content, style, result):
    c, s, x = (vgg(v, STYLE) for v in (content, style, result))
    left = [(gram(x[n]) - gram(s[n])).norm().item() ** 2 / (gram(c[n]) - gram(s[n])).norm().item() ** 2 for n in STYLE]
    error = ((x[CONTENT] - c[CONTENT]).square().sum() / c[CONTENT].square().sum()).item()
    return left, error, laplacian(result) / laplacian(style)


def left_at(curve, error):
    """What is left of the style at a content error: between the two strengths around it, in logarithms."""
    points = sorted((math.log(e), math.log(geometric(left))) for left, e, _ in curve)
    at = math.log(error)
    for (e0, l0), (e1, l1) in zip(points, points[1:]):
        if at <= e1 or (e1, l1) == points[-1]:
            return math.exp(l0 + (l1 - l0) * (at - e0) / max(e1 - e0, 1e-9))
    return math.exp(points[0][1])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--stylize", required=True)
    parser.add_argument("--teachers", required=True)
    parser.add_argument("--images", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--size", type=int, default=384)
    parser.add_argument("--iterations", type=int, default=200)
    parser.add_argument("--betas", default="100,300,1000")
    parser.add_argument("--pairs", type=int, default=0, help="only so many pairs")
    parser.add_argument("networks", nargs="+")
    args = parser.parse_args()
    label = lambda path: os.path.basename(path).rsplit(".", 1)[0]
    if len({label(path) for path in args.networks}) < len(args.networks):
        parser.error("two networks have the same file name: copy one to another name")
    os.makedirs(args.out, exist_ok=True)
    vgg = Vgg.load(os.path.join(args.teachers, "vgg19-blocks1-3.safetensors"))
    contents, styles = (sorted(glob.glob(os.path.join(args.images, kind + "-*.jpg"))) for kind in ("content", "style"))
    pairs = [(c, s) for c in contents for s in styles]
    if args.pairs:
        pairs = [pairs[i * len(pairs) // args.pairs] for i in range(args.pairs)]
    betas = args.betas.split(",")
    curves = {}
    for c, s in pairs:
        name = "-".join(os.path.basename(p).split("-", 1)[1].rsplit(".", 1)[0] for p in (c, s))
        content, style, rows = load(c, args.size), load(s, args.size), []
        for network in args.networks:
            curve, row = curves.setdefault((label(network), name), []), []
            for beta in betas:
                out = os.path.join(args.out, f"{name}-{label(network)}-{args.size}-{args.iterations}-{beta}.png")
                if not os.path.exists(out):
                    subprocess.run([args.stylize, "--no-defaults", "-q", "-s", str(args.size), "-n", str(args.iterations), "-b", beta,
                                    "-w", network, c, s, out], check=True)
                result = load(out, args.size)
                left, error, speckle = judge(vgg, content, style, result)
                curve.append((left, error, speckle))
                row.append(Image.open(out))
                print(f"{name:28s} {label(network):20s} beta {beta:>5s}  style left "
                      + " ".join(f"{100 * v:5.1f}" for v in left)
                      + f" %  content {error:.3f}  Laplacian {speckle:.2f}", flush=True)
            rows.append(row)
        width, height = rows[0][0].size
        sheet = Image.new("RGB", (width * len(betas), height * len(rows)))
        for y, row in enumerate(rows):
            for x, picture in enumerate(row):
                sheet.paste(picture, (x * width, y * height))
        sheet.save(os.path.join(args.out, f"sheet-{name}.png"))
    first = label(args.networks[0])
    names = sorted({name for _, name in curves})
    print("\nstyle left at equal content error, relative to", first, "(geometric mean); Laplacian likewise")
    for network in args.networks:
        ratios, speckles = [], []
        for name in names:
            for _, error, _ in curves[first, name]:
                ratios.append(left_at(curves[label(network), name], error) / left_at(curves[first, name], error))
            speckles += [b[2] / a[2] for a, b in zip(curves[first, name], curves[label(network), name])]
        print(f"{label(network):20s} {geometric(ratios):.3f}  {geometric(speckles):.3f}")


if __name__ == "__main__":
    main()
