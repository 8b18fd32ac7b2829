"""Prints optimizer_steps.inc: what PyTorch's optimizers do with given gradients, in float64.

    python3 tests/data/optimizer_steps.py > tests/data/optimizer_steps.inc     (printed with PyTorch 1.13)

A net of two layers, W (2, 3), b (2), W (1, 2), b (1). Parameters and the gradients of each step are the formulas of
`start` and `gradient`, which the test repeats. Weight decay is given to weights only, as a parameter group; the
clip is clip_grad_norm_ over all parameters before the step.
"""
import torch

SHAPES = [(2, 3), (2,), (1, 2), (1,)]
STEPS = 6


def start(k):  # entry k of all, in order; W is counted row by row
    return ((k * 7) % 11 - 5) / 8


def gradient(k, step):  # step 0, 1, ...; large enough that a clip at 1 bites in some steps and not in others
    return ((k * 5 + step * 3) % 13 - 6) / 16 * (0.25 if step % 2 else 1.0)


def filled(formula):
    tensors, k = [], 0
    for shape in SHAPES:
        n = torch.Size(shape).numel()
        tensors.append(torch.tensor([formula(k + i) for i in range(n)], dtype=torch.float64).reshape(shape))
        k += n
    return tensors


def run(make, weight_decay=0.0, clip=None):
    parameters = [torch.nn.Parameter(t) for t in filled(start)]
    weights, biases = parameters[0::2], parameters[1::2]
    optimizer = make([{"params": weights, "weight_decay": weight_decay}, {"params": biases, "weight_decay": 0.0}])
    for step in range(STEPS):
        for p, g in zip(parameters, filled(lambda k: gradient(k, step))):
            p.grad = g
        if clip is not None:
            torch.nn.utils.clip_grad_norm_(parameters, clip)
        optimizer.step()
    return [x for p in parameters for x in p.detach().reshape(-1).tolist()]


RULES = {
    "sgd": lambda p: torch.optim.SGD(p, lr=0.1),
    "momentum": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9),
    "nesterov": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True),
    "rmsprop": lambda p: torch.optim.RMSprop(p, lr=0.1, alpha=0.8, eps=1e-3),
    "adam": lambda p: torch.optim.Adam(p, lr=0.1, betas=(0.8, 0.95), eps=1e-3),
}

for name, make in RULES.items():
    for decay, clip in [(0.0, None), (0.3, None), (0.0, 0.5), (0.3, 0.5)]:
        values = ", ".join(repr(x) for x in run(make, decay, clip))
        print(f"{{OptimizerKind::{name}, {decay}, {clip or 0.0}, {{{values}}}}},")
