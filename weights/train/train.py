#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Trains the small network: a slim VGG-19 that learns from larger ones (README.md says how and why).

    train.py --teachers DIR --pictures DIR --start FILE --checkpoint FILE [--steps N] [--minutes M]

Goes on from the checkpoint when there is one; stops after --minutes and can be called again until all steps are
done. export.py makes a weights file of a checkpoint.
"""

import argparse
import math
import os
import time

import torch
import torch.nn.functional as F

from network import Vgg, gram, read_tensors
from pictures import Pictures

GRAM_LAYERS = ["1_1", "2_1", "3_1"]  # of the VGG-19, whose Gram matrices and gradients are learnt
NEAR_LAYERS = ["1_1", "2_1", "2_2", "3_1"]  # learnt from the VGG-19
FAR_LAYERS = ["3_4", "4_1", "4_2", "5_1"]  # learnt from the 16 times smaller one
MAPPED = ["4_1", "5_1"]  # through its published maps to the features of the VGG-19
SIDE = 128
MOVE = 2 / 255  # rms of a step of a chain


class Teachers:
    """The features to learn, standardised so that a channel's squared error counts by the root of its deviation:
    between the plain and the fully standardised error."""

    def __init__(self, folder, device):
        path = lambda name: os.path.join(folder, name + ".safetensors")
        self.vgg = Vgg.load(path("vgg19-blocks1-3")).to(device).requires_grad_(False)
        self.small = Vgg.load(path("vgg19-16x"), reflect=True).to(device).requires_grad_(False)
        heads = read_tensors(path("vgg19-16x-heads"))[0]
        self.maps = {name: [heads[f"head{name}.{part}"].to(device) for part in ("weight", "bias")] for name in MAPPED}
        self.statistics = {}

    def far(self, x, average):
        out = self.small(x, FAR_LAYERS, average)
        for name, (weight, bias) in self.maps.items():
            out[name] = F.relu(F.conv2d(out[name], weight.view(*weight.shape, 1, 1), bias))
        return out

    def targets(self, x, average=False):
        return {**self.vgg(x, NEAR_LAYERS, average), **self.far(x, average)}

    def standardise(self, name, a):
        mean, deviation = self.statistics[name]
        return (a - mean) / deviation

    def error(self, name, head, feature, target):
        """The share of the variance of a standardised target that a head on a feature leaves."""
        target = self.standardise(name, target)
        spread = (target - target.mean((0, 2, 3), keepdim=True)).square().mean().clamp(min=1e-3)
        return (head(feature) - target).square().mean() / spread

    def errors(self, student, heads, x):
        targets = self.targets(x)
        features = student(x, list(targets))
        return {name: self.error(name, heads[name], features[name], target) for name, target in targets.items()}

    @torch.no_grad()
    def measure(self, batches):
        """Means and deviations of all channels, by which targets are standardised."""
        sums = {}
        for x in batches:
            for name, a in self.targets(x).items():
                total = sums.setdefault(name, [0, 0, 0])
                total[0] += a.sum((0, 2, 3))
                total[1] += a.square().sum((0, 2, 3))
                total[2] += a.numel() // a.shape[1]
        for name, (s, q, n) in sums.items():
            mean = s / n
            deviation = (q / n - mean * mean).clamp(min=1e-12).sqrt()
            middle = deviation.square().mean().sqrt()
            scale = (deviation * middle).sqrt().clamp(min=1e-3 * middle)
            self.statistics[name] = (mean.view(1, -1, 1, 1), scale.view(1, -1, 1, 1))


def style_cost(features, targets):
    """The distance of Gram matrices, each layer in units of its target's norm; [n]."""
    return sum((gram(features[name]) - targets[name]).square().sum((1, 2)) / targets[name].detach().square().sum((1, 2))
               for name in GRAM_LAYERS)


@torch.no_grad()
def fit_heads(student, teachers, batches):
    """1x1 convolutions from the student's features to the standardised targets, by least squares."""
    sums, heads = {}, torch.nn.ModuleDict()
    for x in batches:
        targets = teachers.targets(x)
        for name, a in student(x, list(targets)).items():
            a = a.permute(0, 2, 3, 1).reshape(-1, a.shape[1]).double()
            a = torch.cat([a, torch.ones_like(a[:, :1])], 1)
            t = teachers.standardise(name, targets[name])
            t = t.permute(0, 2, 3, 1).reshape(-1, t.shape[1]).double()
            total = sums.setdefault(name, [0, 0])
            total[0] = total[0] + a.T @ a
            total[1] = total[1] + a.T @ t
    for name, (aa, at) in sums.items():
        ridge = 1e-6 * aa.diagonal().mean() * torch.eye(len(aa), dtype=aa.dtype, device=aa.device)
        solution = torch.linalg.solve(aa + ridge, at).float()
        head = torch.nn.Conv2d(len(solution) - 1, solution.shape[1], 1).to(solution.device)
        head.weight.copy_(solution[:-1].T.reshape(head.weight.shape))
        head.bias.copy_(solution[-1])
        heads[name] = head
    return heads


def empty_heads(state):
    """Heads of the shapes of a checkpoint's, to load it into."""
    shapes = {name[:-len(".weight")]: value.shape for name, value in state.items() if name.endswith(".weight")}
    return torch.nn.ModuleDict({name: torch.nn.Conv2d(shape[1], shape[0], 1) for name, shape in shapes.items()})


class Chains:
    """Pictures on their way from a content to a style, moved by the student's own gradient: what it does not see
    collects in them, and the teachers' targets on them teach it to."""

    def __init__(self, pictures, count, length, device):
        self.pictures, self.length, self.device = pictures, length, device
        self.x = torch.zeros(count, 3, SIDE, SIDE, device=device)
        self.s = torch.zeros_like(self.x)
        self.left = torch.zeros(count, dtype=torch.long)

    def take(self, count):
        """Indices of some chains; those that have come to their end start anew."""
        chosen = torch.randperm(len(self.left))[:count]
        for i in chosen.tolist():
            if self.left[i] == 0:
                self.x[i] = self.pictures.start(SIDE).to(self.device)
                self.s[i] = self.pictures.crop(SIDE).to(self.device)
                self.left[i] = int(torch.randint(1, self.length + 1, ()))
            self.left[i] -= 1
        return chosen

    def move(self, chosen, gradient):
        rms = gradient.square().mean((1, 2, 3), keepdim=True).sqrt().clamp(min=1e-20)
        self.x[chosen] = (self.x[chosen] - MOVE * gradient / rms).clamp(0, 1)


class Training:
    def __init__(self, args, device, state=None):
        torch.manual_seed(args.seed)
        self.args, self.device = args, device
        self.pictures = Pictures(args.pictures, args.seed)
        self.teachers = Teachers(args.teachers, device)
        self.student = Vgg.load(args.start).to(device)
        if state:
            self.heads = empty_heads(state["heads"]).to(device)
        else:
            batches = lambda count: (self.pictures.batch(8, SIDE).to(device) for _ in range(count))
            self.teachers.measure(batches(20))
            self.heads = fit_heads(self.student, self.teachers, batches(16))
        self.parameters = list(self.student.parameters()) + list(self.heads.parameters())
        self.adam = torch.optim.Adam([{"params": self.student.parameters(), "lr": args.rate},
                                      {"params": self.heads.parameters(), "lr": args.rate}], betas=(0.9, 0.99))
        self.chains = Chains(self.pictures, args.chains, args.length, device)
        self.step = 0
        self.seen = {}
        if state:
            self.restore(state)

    def rate(self):
        """Warm-up, then a cosine down to a hundredth."""
        share = self.step / self.args.steps
        return min(1, (self.step + 1) / 200) * (0.01 + 0.99 * (1 + math.cos(math.pi * share)) / 2)

    def losses(self):
        args = self.args
        average = bool(torch.rand(()) < args.average)
        chosen = self.chains.take(args.batch)
        x = self.chains.x[chosen].requires_grad_(True)
        s = self.chains.s[chosen]

        with torch.no_grad():
            far = self.teachers.far(x, average)
            style = {name: gram(a) for name, a in self.teachers.vgg(s, GRAM_LAYERS, average).items()}
        near = self.teachers.vgg(x, NEAR_LAYERS, average)
        teacher_gradient, = torch.autograd.grad(style_cost(near, style).sum(), x)

        targets = {name: a.detach() for name, a in {**near, **far}.items()}
        features = self.student(x, list(targets), average)
        style = {name: gram(a) for name, a in self.student(s, GRAM_LAYERS, average).items()}
        gradient, = torch.autograd.grad(style_cost(features, style).sum(), x, create_graph=True)

        out = {}
        for name, target in targets.items():
            out[name] = self.teachers.error(name, self.heads[name], features[name], target)
        cosine = F.cosine_similarity(gradient.flatten(1), teacher_gradient.flatten(1), dim=1)
        out["gradient"] = (1 - cosine).mean()
        self.chains.move(chosen, gradient.detach())
        return out

    def train_step(self):
        for group in self.adam.param_groups:
            group["lr"] = self.args.rate * self.rate()
        losses = self.losses()
        weights = {name: 1.0 for name in losses}
        weights["gradient"] = self.args.gradient
        total = sum(weights[name] * loss for name, loss in losses.items())
        self.adam.zero_grad(set_to_none=True)
        total.backward()
        torch.nn.utils.clip_grad_norm_(self.parameters, 5)
        self.adam.step()
        self.step += 1
        for name, loss in losses.items():
            self.seen[name] = 0.98 * self.seen.get(name, loss.item()) + 0.02 * loss.item()

    def state(self):
        return {"step": self.step, "student": self.student.state_dict(), "heads": self.heads.state_dict(),
                "adam": self.adam.state_dict(), "statistics": self.teachers.statistics, "seen": self.seen,
                "random": (torch.get_rng_state(), self.pictures.random.get_state()),
                "chains": (self.chains.x, self.chains.s, self.chains.left)}

    def restore(self, state):
        self.step, self.seen = state["step"], state["seen"]
        self.student.load_state_dict(state["student"])
        self.heads.load_state_dict(state["heads"])
        self.adam.load_state_dict(state["adam"])
        self.teachers.statistics = {name: [part.to(self.device) for part in parts]
                                    for name, parts in state["statistics"].items()}
        x, s, self.chains.left = state["chains"]
        self.chains.x, self.chains.s = x.to(self.device), s.to(self.device)
        torch.set_rng_state(state["random"][0])
        self.pictures.random.set_state(state["random"][1])


def save(state, path):
    torch.save(state, path + ".new")
    os.replace(path + ".new", path)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--teachers", required=True, help="folder of vgg19-blocks1-3, vgg19-16x and vgg19-16x-heads")
    parser.add_argument("--pictures", required=True, help="folder of pictures")
    parser.add_argument("--start", required=True, help="weights file to start from")
    parser.add_argument("--checkpoint", required=True)
    parser.add_argument("--steps", type=int, default=10000)
    parser.add_argument("--minutes", type=float, default=9)
    parser.add_argument("--batch", type=int, default=4)
    parser.add_argument("--chains", type=int, default=32)
    parser.add_argument("--length", type=int, default=60, help="the most moves of a chain")
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--gradient", type=float, default=1.0, help="weight of the error of the gradient")
    parser.add_argument("--average", type=float, default=0.2, help="share of steps with average pooling")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()

    torch.set_num_threads(os.cpu_count())
    end = time.monotonic() + 60 * args.minutes
    device = "cuda" if torch.cuda.is_available() else "cpu"
    state = torch.load(args.checkpoint, map_location="cpu") if os.path.exists(args.checkpoint) else None
    print(f"on {device},", f"from step {state['step']}" if state else "measuring the teachers first", flush=True)
    training = Training(args, device, state)
    saved = time.monotonic()
    while training.step < args.steps and time.monotonic() < end:
        training.train_step()
        if training.step % 100 == 0:
            print(training.step, " ".join(f"{name} {value:.3f}" for name, value in training.seen.items()), flush=True)
        if time.monotonic() - saved > 120:
            save(training.state(), args.checkpoint)
            saved = time.monotonic()
    save(training.state(), args.checkpoint)


if __name__ == "__main__":
    main()
