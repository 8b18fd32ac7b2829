"""Prints layer_rows.inc: the rows of one layer record of two tiny nets, computed plainly with PyTorch in float64.

    python3 tests/data/layer_rows.py > tests/data/layer_rows.inc     (printed with PyTorch 1.13, numpy 1.24)

The net 5-[4-3]-3 and its batch of 7 are the formulas of `filled`, which the test repeats; every number is a multiple of
1/8, so float32 holds it exactly. Deltas and gradients come from autograd. `update` stands for the norm of the last step.
"""
import numpy as np
import torch

SIZES, N = [5, 4, 3, 3], 7
NAN = float("nan")


def filled(rows, columns, salt, factor):
    k = np.arange(rows * columns)
    return torch.tensor((((k * 7 + salt * 5) % 17 - 8) / 8 * factor).reshape(rows, columns), dtype=torch.float64)


def number(x):
    return "kNoValue" if np.isnan(x) else repr(float(x))


def row(layer, tensor, fan_in, fan_out, t, saturated=NAN, dead=NAN, between=NAN, update=NAN):
    x = t.detach().numpy().ravel()
    rms = np.sqrt(np.mean(x**2))
    values = [x.mean(), x.std(), rms, np.sqrt(np.sum(x**2)), x.min(), x.max(), *np.quantile(x, [0.01, 0.5, 0.99]),
              np.mean(x == 0), saturated, dead, between, update]
    print(f"{{{layer}, TensorKind::{tensor}, {fan_in}, {fan_out}, {x.size}, {{{', '.join(map(number, values))}}}}},")


def between(t):  # root of the mean over units of the variance over samples
    return float(t.detach().var(dim=1, unbiased=False).mean().sqrt())


def net(name, f, max_derivative, saturating, factor):
    weights = [filled(o, i, l, factor).requires_grad_() for l, (i, o) in enumerate(zip(SIZES, SIZES[1:]))]
    biases = [filled(o, 1, 20 + l, 0.5).requires_grad_() for l, o in enumerate(SIZES[1:])]
    x = filled(SIZES[0], N, 40, 1.0)
    a, zs, activations = x, [], []
    for l, (w, b) in enumerate(zip(weights, biases)):
        z = w @ a + b
        z.retain_grad()
        a = f(z) if l < 2 else torch.softmax(z, dim=0)
        zs.append(z)
        activations.append(a)
    labels = torch.tensor([j % 3 for j in range(N)])
    torch.nn.functional.cross_entropy(zs[-1].T, labels, reduction="mean").backward()

    print(f"// {name}")
    row(0, "activation", 0, SIZES[0], x, between=between(x))
    for l in range(3):
        fans = SIZES[l], SIZES[l + 1]
        saturated = dead = NAN
        if l < 2:
            free = zs[l].detach().clone().requires_grad_()
            derivative = torch.autograd.grad(f(free).sum(), free)[0]
            dead = float((derivative == 0).all(dim=1).double().mean())
            if saturating:
                saturated = float((derivative.abs() < 0.05 * max_derivative).double().mean())
        update = (l + 1) / 8
        row(l + 1, "weight", *fans, weights[l], update=update / float(weights[l].detach().norm()))
        row(l + 1, "preactivation", *fans, zs[l], saturated, dead, between(zs[l]))
        row(l + 1, "activation", *fans, activations[l], between=between(activations[l]))
        row(l + 1, "delta", *fans, zs[l].grad * N)  # of a sample's loss, not of the mean
        row(l + 1, "weight_gradient", *fans, weights[l].grad)
        row(l + 1, "bias_gradient", *fans, biases[l].grad)


net("tanh", torch.tanh, 1.0, True, 2.0)
net("relu", torch.relu, 1.0, False, 1.0)
