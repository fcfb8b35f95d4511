#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measures the same work in PyTorch, in turn with ours: see "Measuring" in docs/speed.md.

    peer.py --bench PROGRAM [--quick] [--json FILE] [--rounds N] [--threads N] [--weights FILE]
            [--case NETWORK:SIZE]...

A case is one network (full: VGG-19's own widths, random weights; or bundled) and one size. Each
program gets a process of its own, which speaks as tests/bench/worker.h says, and they iterate by
turns: a unit of work is one step of L-BFGS with one evaluation of cost and gradient.

    peer.py --worker WEIGHTS SIZE THREADS LAYOUT
"""
import argparse
import json
import os
import resource
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import time

WARM_UNITS = 11  # until L-BFGS has its ten pairs
STYLE = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")
CONTENT = "relu4_2"
ALPHA, BETA = 1, 300  # stylize_params_default
TOLERANCE = 1e-3
LAYOUTS = ("contiguous", "channels_last")
TRIAL_UNITS = 2
FAR_SLOWER = 1.5  # times as long as the other layout, in the trial: not worth the minutes


# ---- the worker: PyTorch ----


def picture(k, size):
    """The test pictures of pictures.c."""
    import numpy
    import torch

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


def load_network(path):
    """[(name, weight, bias)] in order, and the metadata, of a safetensors file."""
    import numpy
    import torch

    with open(path, "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        data = file.read()
    metadata = header.pop("__metadata__")

    def read(name):
        begin, end = header[name]["data_offsets"]
        dtype = {"F32": "<f4", "F16": "<f2"}[header[name]["dtype"]]
        values = numpy.frombuffer(data[begin:end], dtype).astype("f4")
        return torch.from_numpy(values.reshape(header[name]["shape"]))

    names = [f"conv{block}_{i}" for block in range(1, 6) for i in range(1, 5)]
    names = [name for name in names if name + ".weight" in header]
    return [(name, read(name + ".weight"), read(name + ".bias")) for name in names], metadata


class Network:
    def __init__(self, path, layout):
        import torch

        self.format = torch.channels_last if layout == "channels_last" else torch.contiguous_format
        layers, metadata = load_network(path)
        assert metadata["channel_order"] == "RGB"
        self.layers = [(n, w.contiguous(memory_format=self.format), b) for n, w, b in layers]
        self.scale = float(metadata["input_range"])
        self.mean, self.std = (
            torch.tensor([float(v) for v in metadata[key].split(",")]).view(1, 3, 1, 1)
            for key in ("mean", "std")
        )

    def __call__(self, x):
        """The activations that the cost looks at."""
        import torch.nn.functional as F

        x = ((x * self.scale - self.mean) / self.std).contiguous(memory_format=self.format)
        kept, block = {}, "1"
        for name, weight, bias in self.layers:
            if name[4] != block:
                x, block = F.max_pool2d(x, 2), name[4]
            x = F.relu(F.conv2d(x, weight, bias, padding=1), inplace=True)
            kept["relu" + name[4:]] = x
            if name == "conv5_1":
                break
        return {layer: kept[layer] for layer in (*STYLE, CONTENT)}


def gram(a, layout):
    if layout == "channels_last":
        flat = a[0].permute(1, 2, 0).reshape(-1, a.shape[1]).T  # no copy
    else:
        flat = a[0].flatten(1)
    return flat @ flat.T / flat.shape[1]


def peak_resident():
    """Bytes; getrusage may count what the parent held."""
    try:
        with open("/proc/self/status", encoding="ascii") as file:
            return next(int(line.split()[1]) for line in file if line.startswith("VmHWM:")) * 1024
    except (OSError, StopIteration):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def work(path, size, threads, layout):
    import torch

    torch.set_num_threads(threads)
    torch.set_flush_denormal(True)
    start = time.monotonic()
    network = Network(path, layout)
    load = time.monotonic() - start
    with torch.no_grad():
        kept = network(picture(2, size))
        style_target = {layer: gram(kept[layer], layout) for layer in STYLE}
        content_target = network(picture(1, size))[CONTENT].clone()
        del kept
    x = picture(3, size).requires_grad_()
    # No tolerance, so that every step is a whole one.
    optimiser = torch.optim.LBFGS(
        [x], max_iter=1, history_size=10, tolerance_grad=0, tolerance_change=0
    )

    def closure():
        optimiser.zero_grad()
        kept = network(x)
        style = sum(
            ((gram(kept[layer], layout) - style_target[layer]) ** 2).sum()
            / (4 * kept[layer].shape[1] ** 2)
            for layer in STYLE
        )
        content = ((kept[CONTENT] - content_target) ** 2).mean() / 2
        total = ALPHA * content + BETA * style / len(STYLE)
        total.backward()
        return total

    def say(**line):
        print(json.dumps(line), flush=True)

    total = closure().item()
    say(
        set="PyTorch " + torch.__version__,
        threads=threads,
        load_s=load,
        total=total,
        gradient_norm=x.grad.norm().item(),
    )
    for command in sys.stdin:
        seconds = []
        for _ in range(int(command)):
            before = time.monotonic()
            total = optimiser.step(closure).item()
            seconds.append(time.monotonic() - before)
        say(seconds=seconds)
    assert total == total, "the cost is no number any more, and a step no whole one"
    say(peak_resident=peak_resident())


# ---- the comparison ----


class Worker:
    def __init__(self, command, environment=None):
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        self.ready = self.read()
        self.seconds = []  # of every unit that counts
        self.medians = []  # of each round

    def read(self):
        line = self.process.stdout.readline()
        if not line:
            sys.exit("bench-peer: a worker gave no answer")
        return json.loads(line)

    def work(self, units):
        self.process.stdin.write(f"{units}\n")
        self.process.stdin.flush()
        return self.read()["seconds"]

    def count(self, units):
        seconds = self.work(units)
        self.seconds += seconds
        self.medians.append(statistics.median(seconds))

    def result(self):
        return {
            "median_s": statistics.median(self.seconds),
            "best_s": min(self.seconds),
            "mb": self.end(),
        }

    def end(self):
        """Megabytes of memory at the peak."""
        self.process.stdin.close()
        peak = self.read()["peak_resident"] / 2**20
        if self.process.wait():
            sys.exit("bench-peer: a worker failed")
        return peak


def leave_out_slower(workers):
    """Ends the layout that is far slower than the other; its figures are those of the trial."""
    for layout in LAYOUTS:
        workers[layout].count(TRIAL_UNITS)
    fastest = min(workers[layout].medians[0] for layout in LAYOUTS)
    ended = {}
    for layout in LAYOUTS:
        if workers[layout].medians[0] > FAR_SLOWER * fastest:
            ended[layout] = workers.pop(layout).result()
        else:
            workers[layout].seconds, workers[layout].medians = [], []
    return ended


def measure(options, network, path, size):
    tail = [path, str(size), str(options.threads)]
    # Ours chooses how its threads wait. PyTorch's sleep: where they spin, it is slower if anything.
    sleeping = {"OMP_WAIT_POLICY": "passive", **os.environ}
    workers = {"stylize": Worker([options.bench, "--worker", "transfer", *tail])}
    for layout in LAYOUTS:
        workers[layout] = Worker([sys.executable, __file__, "--worker", *tail, layout], sleeping)
    ours = workers["stylize"].ready
    sets = f"{ours['set']} and {workers[LAYOUTS[0]].ready['set']}"
    print(f"\n{network} network, {size}x{size}, {sets}, {options.threads} threads")
    load = {name: worker.ready["load_s"] for name, worker in workers.items()}
    agree = True
    for name, worker in workers.items():
        for key in ("total", "gradient_norm"):
            value = worker.ready[key]
            agree = agree and abs(value - ours[key]) <= TOLERANCE * abs(ours[key])
        norm = worker.ready["gradient_norm"]
        print(f"  {name:14} cost {worker.ready['total']:.6g}, gradient norm {norm:.6g}")
    if not agree:
        print(f"  THEY DIFFER by more than {TOLERANCE:g}: this compares nothing")
    result = leave_out_slower(workers)
    for worker in workers.values():
        worker.work(options.warm)
    for _ in range(options.rounds):
        for worker in workers.values():
            worker.count(options.units)
    result |= {name: worker.result() for name, worker in workers.items()}
    medians = {name: worker.medians for name, worker in workers.items()}
    kept = [layout for layout in LAYOUTS if layout in workers]
    faster = min(kept, key=lambda layout: result[layout]["median_s"])
    # Of neighbours in time, as the load of the machine changes.
    ratios = [theirs / our for our, theirs in zip(medians["stylize"], medians[faster])]
    print(f"  {'':14} {'median s':>9} {'best s':>9} {'MB':>7} {'load s':>7}   rounds")
    for name in ("stylize", *LAYOUTS):
        r = result[name]
        rounds = " ".join(f"{value:.3f}" for value in medians.get(name, []))
        print(
            f"  {name:14} {r['median_s']:9.3f} {r['best_s']:9.3f} {r['mb']:7.0f} {load[name]:7.3f}"
            f"   {rounds or 'far slower in a trial: left out'}"
        )
    ratio = statistics.median(ratios)
    memory = min(result[layout]["mb"] for layout in LAYOUTS) / result["stylize"]["mb"]
    span = f"{min(ratios):.2f} to {max(ratios):.2f}"
    print(f"  ratio to {faster}: {ratio:.2f} ({span}); memory, to the smaller: {memory:.2f}")
    return {
        "part": "peer",
        "network": network,
        "size": size,
        "set": ours["set"],
        "threads": options.threads,
        "agree": agree,
        "faster": faster,
        "ratio": ratio,
        "rounds": medians,
        **result,
    }


def case_of(text):
    network, _, size = text.partition(":")
    if network not in ("full", "bundled") or not size.isdigit():
        raise argparse.ArgumentTypeError(f"{text} is not like full:512 or bundled:512")
    return network, int(size)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--bench", required=True, help="the program of make bench")
    parser.add_argument("--quick", action="store_true", help="two small cases, one short round")
    parser.add_argument("--json", help="file for one line of JSON a case")
    parser.add_argument("--rounds", type=int, help="turns of each program (default 3)")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--weights", default="weights/vgg19-slim.safetensors")
    parser.add_argument("--case", type=case_of, action="append", help="full:512, bundled:512, ...")
    options = parser.parse_args()
    usual = [("full", 256), ("bundled", 512), ("full", 512), ("full", 1024)]
    cases = options.case or ([("full", 128), ("bundled", 128)] if options.quick else usual)
    options.warm, options.units = (2, 2) if options.quick else (WARM_UNITS, 3)
    options.rounds = options.rounds or (1 if options.quick else 3)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # and the temporary folder goes
    sys.stdout.reconfigure(line_buffering=True)
    print("seconds of one iteration of L-BFGS with its evaluation of cost and gradient")
    agree = True
    with tempfile.TemporaryDirectory(prefix="stylize-bench-") as folder:
        path = {"full": os.path.join(folder, "full.safetensors"), "bundled": options.weights}
        subprocess.run([options.bench, "--make-weights", path["full"], "1"], check=True)
        lines = open(options.json, "w", encoding="ascii") if options.json else None
        for network, size in cases:
            result = measure(options, network, path[network], size)
            agree = agree and result["agree"]
            if lines:
                print(json.dumps(result), file=lines, flush=True)
    if not agree:
        sys.exit("bench-peer: the programs do not compute the same")


if __name__ == "__main__":
    if len(sys.argv) == 6 and sys.argv[1] == "--worker":
        work(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5])
    else:
        main()
