#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Distillation errors of networks, layer by layer, on pictures held out from training.

    errors.py --teachers DIR --pictures DIR NETWORK...

The share of the standardised target variance that a linear head on the network's features leaves (fitted on the
pictures that are trained on), and one minus the cosine between the network's gradient of the style cost and
VGG-19's, at a crop, at a noisy crop and at one that has come some way to the style along the network's own gradient.
"""

import argparse
import os

import torch
import torch.nn.functional as F

from network import Vgg, gram
from pictures import Pictures
from train import GRAM_LAYERS, MOVE, SIDE, Teachers, fit_heads, style_cost

BATCHES = 8
MOVES = 40


def gradient(network, x, style):
    x = x.detach().requires_grad_(True)
    grams = {name: gram(a) for name, a in network(style, GRAM_LAYERS).items()}
    return torch.autograd.grad(style_cost(network(x, GRAM_LAYERS), grams).sum(), x)[0]


def off(network, vgg, x, style):
    """One minus the cosine between the two gradients at x."""
    a, b = gradient(network, x, style), gradient(vgg, x, style)
    return (1 - F.cosine_similarity(a.flatten(1), b.flatten(1), dim=1)).mean().item()


def move(network, x, style):
    for _ in range(MOVES):
        g = gradient(network, x, style)
        x = (x - MOVE * g / g.square().mean((1, 2, 3), keepdim=True).sqrt()).clamp(0, 1)
    return x


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--teachers", required=True)
    parser.add_argument("--pictures", required=True)
    parser.add_argument("networks", nargs="+")
    args = parser.parse_args()
    for path in args.networks:
        torch.manual_seed(1)
        teachers = Teachers(args.teachers, "cpu")
        seen, held_out = Pictures(args.pictures), Pictures(args.pictures, seed=2, held_out=True)
        teachers.measure(seen.batch(8, SIDE) for _ in range(20))
        network = Vgg.load(path).requires_grad_(False)
        heads = fit_heads(network, teachers, (seen.batch(8, SIDE) for _ in range(24)))
        errors, moved = {}, []
        for _ in range(BATCHES):
            x, style = held_out.batch(4, SIDE), held_out.batch(4, SIDE)
            with torch.no_grad():
                for name, error in teachers.errors(network, heads, x).items():
                    errors.setdefault(name, []).append(error.item())
            noisy = (x + 0.3 * (torch.rand_like(x) - 0.5)).clamp(0, 1)
            moved.append([off(network, teachers.vgg, p, style) for p in (x, noisy, move(network, x, style))])
        print(os.path.basename(path))
        print("  " + "  ".join(f"relu{name} {sum(e) / len(e):.3f}" for name, e in errors.items()))
        means = torch.tensor(moved).mean(0).tolist()
        print("  gradient: crop {:.3f}  noisy {:.3f}  moved {:.3f}".format(*means), flush=True)


if __name__ == "__main__":
    main()
