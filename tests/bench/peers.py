#!/usr/bin/env python3
"""What a user of PyTorch would run instead, as one JSON line.

    peers.py VARIANT WORKLOAD --data FOLDER [--tuned] [--samples N] [--statistics] [--first-step]
    peers.py VARIANT W6 --data FOLDER [--tuned] [--samples N] [--part N]
    peers.py version

VARIANT  usual  the script as tutorials have it: nn.Sequential, DataLoader, optim.SGD, loss.item(); joblib for W6
         eager  data in memory, batches by index_select, autograd, SGD over all tensors at once; a process pool for W6
         jit    no autograd: the backward pass written by hand over preallocated buffers, compiled by TorchScript
W1..W5   `seconds` an epoch of the training loop, after thirty steps to warm up. --statistics: five statistics of each
         layer's weight gradient, activation and delta every 50 steps, of the batch at hand
W6       96 trainings in two processes with evaluation and those statistics after the epoch on 64 samples; `seconds`
         of the whole but starting PyTorch. --part N trains every N-th
--tuned  one thread, denormals flushed to zero; the environment must do the same for the BLAS library
"""
import argparse
import csv
import json
import multiprocessing
import os
import pathlib
import tempfile
import time

import torch

import torch_nets

WARM_UP_STEPS, EPOCH = 30, 60000
# hidden layers, activation, initializer, batch size, samples that are timed: as in workloads.hpp
WORKLOADS = {
    "W1": ([300, 100], "relu", "he_normal", 50, EPOCH),
    "W2": ([100] * 20, "relu", "he_normal", 64, EPOCH),
    "W3": ([1000] * 5, "tanh", "glorot_uniform", 10, 6000),
    "W4": ([1000] * 5, "tanh", "glorot_uniform", 128, 7680),
    "W5": ([300] * 30, "tanh", "glorot_uniform", 128, 7680),
}
INITIALIZERS = ["glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_normal", "normal"]
ACTIVATIONS = ["sigmoid", "tanh", "relu", "elu"]
DEPTHS = [20, 10, 5, 2]  # longest first
W6_BATCH = 64


def tune():
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)


def blas_library():
    """What PyTorch's products come from."""
    if torch.backends.mkl.is_available():
        return "MKL"
    with open("/proc/self/maps", encoding="utf-8") as file:
        maps = file.read()
    known = {"openblas": "OpenBLAS", "libblis": "BLIS", "libmkl": "MKL", "libatlas": "ATLAS"}
    return next((name for part, name in known.items() if part in maps), "reference BLAS")


DATA = []  # of W6, set before its processes fork; joblib hands it to each job


def train_one(job, arrays=None):
    variant, initializer, activation, depth, samples = job
    x, y, x_test, y_test = [torch.from_numpy(array) for array in arrays or DATA]
    torch.manual_seed(0)
    net = torch_nets.make(variant, ([100] * depth, activation, initializer, W6_BATCH), x, y)
    net.train(samples)
    accuracy = net.accuracy(x_test, y_test)
    return job, accuracy, net.statistics(x[:W6_BATCH].clone(), y[:W6_BATCH])


def main_job(options):
    began = time.perf_counter()
    jobs = [(options.variant, initializer, activation, depth, options.samples or EPOCH)
            for depth in DEPTHS for activation in ACTIVATIONS for initializer in INITIALIZERS]
    n_all, n = len(jobs), len(INITIALIZERS)
    jobs = [job for k, job in enumerate(jobs) if (k + k // n) % options.part == 0]  # all depths and activations alike
    arrays = torch_nets.load(options.data)
    if options.variant == "usual":
        import joblib
        done = joblib.Parallel(n_jobs=2)(joblib.delayed(train_one)(job, arrays) for job in jobs)
    else:
        DATA.extend(arrays)
        if options.variant == "jit":
            torch_nets.compiled()
        with multiprocessing.get_context("fork").Pool(2, tune) as pool:
            done = pool.map(train_one, jobs, chunksize=1)
    with tempfile.TemporaryFile("w", newline="") as runs, tempfile.TemporaryFile("w", newline="") as layers:
        csv.writer(runs).writerows([*job, accuracy] for job, accuracy, _ in done)
        csv.writer(layers).writerows([*job, i // 3, i % 3, *five]
                                     for job, _, rows in done for i, five in enumerate(rows))
    return {"seconds": time.perf_counter() - began, "jobs": len(jobs), "of": n_all,
            "accuracy": sum(accuracy for _, accuracy, _ in done) / len(done)}


def training_loop(options):
    *shape, samples = WORKLOADS[options.workload]
    samples = options.samples or samples
    torch.manual_seed(0)
    x, y, x_test, y_test = map(torch.from_numpy, torch_nets.load(options.data))
    net = torch_nets.make(options.variant, shape, x, y)
    net.train(samples, 1, options.statistics)
    if options.first_step:
        return {"seconds": time.time() - float(os.environ["T0"])}
    net.train(samples, min(WARM_UP_STEPS, samples // shape[-1]), options.statistics)
    if "BARRIER" in os.environ:
        folder, count = os.environ["BARRIER"].rsplit(":", 1)
        pathlib.Path(folder, str(os.getpid())).touch()
        while len(os.listdir(folder)) < int(count):
            time.sleep(0.005)
    began = time.perf_counter()
    net.train(samples, None, options.statistics)
    return {"seconds": (time.perf_counter() - began) * EPOCH / samples, "accuracy": net.accuracy(x_test, y_test)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("variant", choices=["usual", "eager", "jit", "version"])
    parser.add_argument("workload", nargs="?", choices=[*WORKLOADS, "W6"])
    parser.add_argument("--data")
    parser.add_argument("--tuned", action="store_true")
    parser.add_argument("--samples", type=int)
    parser.add_argument("--statistics", action="store_true")
    parser.add_argument("--first-step", action="store_true")
    parser.add_argument("--part", type=int, default=1)
    options = parser.parse_args()
    if options.tuned:
        tune()
    if options.variant == "version":
        answer = {"PyTorch": torch.__version__, "BLAS": blas_library()}
    else:
        if options.workload is None or options.data is None:
            parser.error("a workload and --data are needed")
        answer = main_job(options) if options.workload == "W6" else training_loop(options)
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
