"""What the Python peers of the benchmark share: sizes, settings, check files, and requests on stdin.

Requests are lines of words: `open w2`, `open w3:4` (batches of 4) or `open dense:64:256:2` (batch, width, dense layers),
`round 20`, `check FILE`, `facts x`. Every answer is one line.
"""

import json
import os
import random
import sys
import time

import numpy as np

BATCH, LATENT, PIXELS, HIDDEN, SLOPE = 64, 100, 784, 200, 0.02
DIGIT_LATENT, CLASSES = 16, 10
# Settings of notebook 04: Adam's rate and betas, R1's strength and interval, the share that the average keeps.
DIGIT_RATE, DIGIT_BETAS, GAMMA, EVERY, DECAY = 2e-3, (0.5, 0.9), 0.1, 4, 0.9995
DATA_ROWS = 2048


def flag(name, default):
    """The value after `--name` on the command line."""
    option = "--" + name
    return sys.argv[sys.argv.index(option) + 1] if option in sys.argv else default


def real_sample():
    """One real sample of the pattern 1-0-1-0."""
    low, high = random.uniform, random.uniform
    return [high(0.9, 1.1), low(0, 0.1), high(0.9, 1.1), low(0, 0.1)]


class CheckFile:
    """The numbers of a check: all parameters, then the inputs of each iteration."""

    def __init__(self, path):
        self.values, self.at = np.fromfile(path, dtype="<f4"), 0

    def take(self, *shape):
        """The next numbers, as an array of this shape."""
        start, self.at = self.at, self.at + int(np.prod(shape))
        return self.values[start : self.at].reshape(shape).copy()

    def has_more(self):
        """Whether numbers are left."""
        return self.at < self.values.size


def timed_round(work, iterations):
    """Milliseconds for a number of iterations."""
    start = time.perf_counter()
    work.run(iterations)
    return (time.perf_counter() - start) * 1000


def facts():
    """The resident memory of this process, where the system tells it."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return {"residentBytes": int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")}
    except OSError:
        return {}


def serve(title, works):
    """Answers requests until stdin ends. `works` has a class for each workload."""
    work = None
    print("ready", title, flush=True)
    for line in sys.stdin:
        request, argument = line.split()
        if request == "open":
            name, *sizes = argument.split(":")
            work = works[name](*map(int, sizes or [BATCH]))
            print("ok", flush=True)
        elif request == "round":
            print("ms", timed_round(work, int(argument)), flush=True)
        elif request == "check":
            losses = work.check(CheckFile(argument))
            print("losses", " ".join(f"{float(loss):.9g}" for loss in losses), flush=True)
        elif request == "facts":
            print("facts", json.dumps(facts()), flush=True)
