#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Measures the same work in PyTorch, in turn with ours: see "Measuring" in docs/speed.md.

A case is one network and one size: full (VGG-19's own widths, random weights), bundled (the small
network, or --weights) or real (the bundled VGG-16). Each program gets a process of its own for each
precision and layout, which speaks as tests/bench/worker.h says, and they iterate by turns: a unit
of work is one step of L-BFGS with one evaluation of cost and gradient.
"""
import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile

WARM_UNITS = 11  # until L-BFGS has its ten pairs
LAYOUTS = ("contiguous", "channels_last")
# By how much costs and gradients may differ from those of others in fp32. bf16 has eight bits: what
# is rounded to it, factors and results of thirteen layers and of the Gram matrices, is off by up to
# .2 % each time. Most of it averages out, but the cost squares small differences of such numbers.
# PyTorch's own autocast is off by 1.5 % at 128 pixels.
TOLERANCE = {"fp32": 1e-3, "bf16": 2e-2}
TRIAL_UNITS = 2
FAR_SLOWER = 1.5  # times as long as the other layout, in the trial: not worth the minutes
NAMED_WEIGHTS = {"bundled": "weights/vgg19-slim.safetensors", "real": "weights/vgg16.safetensors"}


class Worker:
    def __init__(self, precision, command, environment=None):
        self.precision = precision
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )
        self.ready = self.read()
        self.rounds = []  # seconds of the units of each
        self.mb = None  # at the peak, when it is ended

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
        self.rounds.append(self.work(units))

    def medians(self):
        return [statistics.median(seconds) for seconds in self.rounds]

    def seconds(self):
        return sum(self.rounds, [])

    def running(self):
        return self.mb is None

    def end(self):
        self.process.stdin.close()
        self.mb = self.read()["peak_resident"] / 2**20
        if self.process.wait():
            sys.exit("bench-peer: a worker failed")


def ours_of(precision):
    return "stylize " + precision


def theirs_of(precision):
    return [f"{precision} {layout}" for layout in LAYOUTS]


def start_workers(options, path, size):
    """{name: worker}, and the precisions."""
    tail = [path, str(size), str(options.threads)]
    # Ours chooses how its threads wait. PyTorch's sleep: where they spin, it is slower if anything.
    sleeping = {"OMP_WAIT_POLICY": "passive", **os.environ}
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "torch_worker.py")

    def start_ours(precision):
        return Worker(precision, [options.bench, "--worker", "transfer", *tail, precision])

    workers = {ours_of("fp32"): start_ours("fp32")}
    precisions = ["fp32"]
    multiplies = workers[ours_of("fp32")].ready["bf16_products"]
    if options.precision == "both" or (options.precision == "auto" and multiplies):
        workers[ours_of("bf16")] = start_ours("bf16")
        precisions.append("bf16")
    for precision in precisions:
        for name, layout in zip(theirs_of(precision), LAYOUTS):
            command = [sys.executable, script, *tail, precision, layout]
            workers[name] = Worker(precision, command, sleeping)
    return workers, precisions


def say_whether_agree(workers):
    """Compares each with ours in fp32, and ours in any precision with PyTorch's in fp32."""
    ours = workers[ours_of("fp32")].ready
    theirs = workers[theirs_of("fp32")[0]].ready
    agree = True
    for name, worker in workers.items():
        off = max(
            abs(worker.ready[key] / other[key] - 1)
            for key in ("total", "gradient_norm")
            for other in ([ours, theirs] if name.startswith("stylize") else [ours])
        )
        most = TOLERANCE[worker.precision]
        alike = off <= most  # not so of what is no number
        agree = agree and alike
        print(
            f"  {name:18} cost {worker.ready['total']:<10.6g} gradient norm"
            f" {worker.ready['gradient_norm']:<10.6g} off by {100 * off:.2g} %"
            + ("" if alike else f": THEY DIFFER by more than {100 * most:g} %")
        )
    if not agree:
        print("  this compares nothing")
    return agree


def leave_out_slower(workers, precisions):
    """Ends layouts that are far slower than the other; their figures are those of the trial."""
    for precision in precisions:
        pair = [workers[name] for name in theirs_of(precision)]
        for worker in pair:
            worker.count(TRIAL_UNITS)
        fastest = min(worker.medians()[0] for worker in pair)
        for worker in pair:
            if worker.medians()[0] > FAR_SLOWER * fastest:
                worker.end()
            else:
                worker.rounds = []


def compare(workers, precision, left_out):
    """Ours to the faster of PyTorch's layouts, by pairs near in time, as the load changes."""
    ours = workers[ours_of(precision)]
    theirs = {name: workers[name] for name in theirs_of(precision)}
    kept = [name for name in theirs if name not in left_out]
    faster = min(kept, key=lambda name: statistics.median(theirs[name].seconds()))
    ratios = [their / our for our, their in zip(ours.medians(), theirs[faster].medians())]
    result = {
        "faster": faster,
        "ratio": statistics.median(ratios),
        "ratios": ratios,
        "memory_ratio": min(worker.mb for worker in theirs.values()) / ours.mb,
    }
    print(
        f"  {precision}: ratio to {faster}: {result['ratio']:.2f}"
        f" ({min(ratios):.2f} to {max(ratios):.2f});"
        f" memory, to the smaller: {result['memory_ratio']:.2f}"
    )
    return result


def measure(options, network, path, size):
    workers, precisions = start_workers(options, path, size)
    sets = [workers[ours_of(precision)].ready["set"] for precision in precisions]
    sets = " and ".join([*dict.fromkeys(sets), workers[theirs_of("fp32")[0]].ready["set"]])
    print(f"\n{network} network, {size}x{size}, {sets}, {options.threads} threads")
    agree = say_whether_agree(workers)
    leave_out_slower(workers, precisions)
    left_out = [name for name, worker in workers.items() if not worker.running()]
    running = [worker for worker in workers.values() if worker.running()]
    for worker in running:
        worker.work(options.warm)
    for _ in range(options.rounds):
        for worker in running:
            worker.count(options.units)
    for worker in running:
        worker.end()
    print(f"  {'':18} {'median s':>9} {'best s':>9} {'MB':>7} {'load s':>7}   rounds")
    results = {}
    for name, worker in workers.items():
        seconds = worker.seconds()
        results[name] = worker.ready | {
            "median_s": statistics.median(seconds),
            "best_s": min(seconds),
            "mb": worker.mb,
            "left_out": name in left_out,
            "rounds": worker.rounds,
        }
        rounds = " ".join(f"{value:.3f}" for value in worker.medians())
        print(
            f"  {name:18} {results[name]['median_s']:9.3f} {min(seconds):9.3f} {worker.mb:7.0f}"
            f" {worker.ready['load_s']:7.3f}   "
            + ("far slower in a trial: left out" if name in left_out else rounds)
        )
    return {
        "part": "peer",
        "network": network,
        "size": size,
        "threads": options.threads,
        "agree": agree,
        "comparisons": {p: compare(workers, p, left_out) for p in precisions},
        "workers": results,
    }


def case_of(text):
    network, _, size = text.partition(":")
    if network not in ("full", *NAMED_WEIGHTS) or not size.isdigit():
        raise argparse.ArgumentTypeError(f"{text} is not like full:512, bundled:512 or real:512")
    return network, int(size)


def read_options():
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n", 1)[0],
        epilog="make bench-peer runs this with the first of python3 and /usr/bin/python3 that has "
        "PyTorch and numpy, or with the Python that the environment variable PYTHON names.",
    )
    parser.add_argument("--bench", required=True, help="the program of make bench")
    parser.add_argument("--quick", action="store_true", help="small cases, one short round")
    parser.add_argument("--json", help="file for one line of JSON a case")
    parser.add_argument("--rounds", type=int, help="turns of each program (default 3)")
    parser.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument(
        "--precision",
        choices=("auto", "fp32", "both"),
        default="auto",
        help="fp32 alone, or bf16, too; auto: where the processor multiplies that",
    )
    parser.add_argument(
        "--weights", default=NAMED_WEIGHTS["bundled"], help="what is measured as bundled"
    )
    parser.add_argument(
        "--case", type=case_of, action="append", help="full:512, bundled:512, real:512, ..."
    )
    options = parser.parse_args()
    usual = [("full", 256), ("bundled", 512), ("full", 512), ("real", 512), ("full", 1024)]
    quick = [("full", 128), ("bundled", 128), ("real", 128)]
    options.case = options.case or (quick if options.quick else usual)
    options.warm, options.units = (2, 2) if options.quick else (WARM_UNITS, 3)
    options.rounds = options.rounds or (1 if options.quick else 3)
    return options


def main():
    options = read_options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # and the temporary folder goes
    sys.stdout.reconfigure(line_buffering=True)
    print("seconds of one iteration of L-BFGS with its evaluation of cost and gradient")
    agree = True
    with tempfile.TemporaryDirectory(prefix="stylize-bench-") as folder:
        full = os.path.join(folder, "full.safetensors")
        paths = NAMED_WEIGHTS | {"bundled": options.weights, "full": full}
        subprocess.run([options.bench, "--make-weights", full, "1"], check=True)
        lines = open(options.json, "w", encoding="ascii") if options.json else None
        for network, size in options.case:
            result = measure(options, network, paths[network], size)
            agree = agree and result["agree"]
            if lines:
                print(json.dumps(result), file=lines, flush=True)
    if not agree:
        sys.exit("bench-peer: the programs do not compute the same")


if __name__ == "__main__":
    main()
