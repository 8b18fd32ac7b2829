"""MNIST and three ways to train a net on it with PyTorch: see peers.py."""
import functools
import gzip
import pathlib
from typing import List

import numpy
import torch
from torch import nn
from torch.nn import functional

LEARNING_RATE, STATISTICS_EVERY = 0.01, 50
MODULES = {"relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid, "elu": nn.ELU}
CODES = {"relu": 0, "tanh": 1, "sigmoid": 2, "elu": 3}  # TorchScript compares numbers faster than text


def read_idx(folder, name, header):
    plain = pathlib.Path(folder, name)
    raw = plain.read_bytes() if plain.exists() else gzip.decompress(plain.with_name(name + ".gz").read_bytes())
    return numpy.frombuffer(raw, dtype=numpy.uint8, offset=header)


def load(folder):
    """Training images and labels, then those for testing."""
    parts = []
    for part in ("train", "t10k"):
        images = read_idx(folder, f"{part}-images-idx3-ubyte", 16).reshape(-1, 784)
        parts += [images.astype(numpy.float32) / numpy.float32(255),
                  read_idx(folder, f"{part}-labels-idx1-ubyte", 8).astype(numpy.int64)]
    return parts


def draw_weights(hidden, initializer):
    """Matrices of shape (in, out)."""
    rng = numpy.random.default_rng(0)
    sizes, drawn = [784, *hidden, 10], []
    for n_in, n_out in zip(sizes, sizes[1:]):
        fan = {"glorot": (n_in + n_out) / 2, "he": n_in / 2, "lecun": n_in}.get(initializer.split("_")[0], 1)
        stddev = fan ** -0.5
        if initializer.endswith("uniform"):
            w = rng.uniform(-stddev * 3 ** 0.5, stddev * 3 ** 0.5, (n_in, n_out))
        else:
            w = rng.normal(0, stddev, (n_in, n_out))
        drawn.append(torch.from_numpy(w.astype(numpy.float32)))
    return drawn


def correct_share(logits, x, y):
    n = sum(int((logits(x[i:i + 1000]).argmax(1) == y[i:i + 1000]).sum()) for i in range(0, len(x), 1000))
    return n / len(x)


def five_statistics(t):
    std, mean = torch.std_mean(t)
    low, high = torch.aminmax(t)
    return torch.stack([mean, std, low, high, torch.linalg.vector_norm(t)])


def five_statistics_one_by_one(t):
    return [t.mean().item(), t.std().item(), t.min().item(), t.max().item(), t.norm().item()]


class Hooks:
    """Keeps activations and the gradients of preactivations of the passes asked for."""

    def __init__(self, net, one_by_one):
        self.on, self.one_by_one, self.rows, self.activation, self.delta = False, one_by_one, [], {}, {}
        modules = list(net)
        self.linear = [module for module in modules if isinstance(module, nn.Linear)]
        for i, module in enumerate(self.linear):
            module.register_forward_hook(lambda _, _in, z, i=i: self.keep_preactivation(i, z))
            last = modules[2 * i + 1] if 2 * i + 1 < len(modules) else module
            last.register_forward_hook(lambda _, _in, a, i=i: self.keep_activation(i, a))

    def keep_preactivation(self, i, z):
        if self.on:
            z.register_hook(lambda gradient, i=i: self.delta.__setitem__(i, gradient))

    def keep_activation(self, i, a):
        if self.on:
            self.activation[i] = a.detach()

    def collect(self):
        tensors = [t for i, module in enumerate(self.linear)
                   for t in (module.weight.grad, self.activation[i], self.delta[i])]
        if self.one_by_one:
            self.rows.append([five_statistics_one_by_one(t) for t in tensors])
        else:
            self.rows.append(torch.stack([five_statistics(t) for t in tensors]).tolist())


class Autograd:
    """`usual` and `eager`."""

    def __init__(self, shape, x, y, usual):
        hidden, activation, initializer, self.batch = shape
        modules = []
        for w in draw_weights(hidden, initializer):
            linear = nn.Linear(*w.shape)
            with torch.no_grad():
                linear.weight.copy_(w.t())
                linear.bias.zero_()
            modules += [linear, MODULES[activation]()]
        self.net = nn.Sequential(*modules[:-1])
        self.x, self.y, self.usual, self.hooks = x, y, usual, None
        parameters = list(self.net.parameters())
        self.optimizer = torch.optim.SGD(parameters, LEARNING_RATE) if usual else \
            torch.optim.SGD(parameters, LEARNING_RATE, foreach=True)

    def train(self, samples, steps=None, statistics=False):
        """An epoch of the first `samples`, or as many steps."""
        if statistics and self.hooks is None:
            self.hooks = Hooks(self.net, self.usual)
        hooks = self.hooks if statistics else None
        if self.usual:
            self.train_as_usual(samples, steps, hooks)
        else:
            self.train_eagerly(samples, steps, hooks)

    def train_as_usual(self, samples, steps, hooks):
        loss_of, total = nn.CrossEntropyLoss(), 0.0
        dataset = torch.utils.data.TensorDataset(self.x[:samples], self.y[:samples])
        for step, (x, y) in enumerate(torch.utils.data.DataLoader(dataset, batch_size=self.batch, shuffle=True)):
            if step == steps:
                break
            if hooks:
                hooks.on = step % STATISTICS_EVERY == 0
            self.optimizer.zero_grad()
            loss = loss_of(self.net(x), y)
            loss.backward()
            if hooks and hooks.on:
                hooks.collect()
            self.optimizer.step()
            total += loss.item()

    def train_eagerly(self, samples, steps, hooks):
        order, batch = torch.randperm(len(self.x))[:samples], torch.empty(self.batch, 784)
        for step in range(samples // self.batch if steps is None else steps):
            chosen = order[step * self.batch:(step + 1) * self.batch]
            torch.index_select(self.x, 0, chosen, out=batch)
            if hooks:
                hooks.on = step % STATISTICS_EVERY == 0
            loss = functional.cross_entropy(self.net(batch), self.y[chosen])
            self.optimizer.zero_grad(set_to_none=True)
            loss.backward()
            if hooks and hooks.on:
                hooks.collect()
            self.optimizer.step()

    def statistics(self, x, y):
        hooks = Hooks(self.net, self.usual)
        hooks.on = True
        self.net.zero_grad()
        functional.cross_entropy(self.net(x), y).backward()
        hooks.collect()
        return hooks.rows[0]

    @torch.inference_mode()
    def accuracy(self, x, y):
        return correct_share(self.net, x, y)


def activate(z, code: int):
    if code == 0:
        torch.relu_(z)
    elif code == 1:
        torch.tanh_(z)
    elif code == 2:
        torch.sigmoid_(z)
    else:
        torch.ops.aten.elu_(z)


def times_derivative(delta, a, code: int):
    """delta *= f'(z), from a = f(z)"""
    if code == 0:
        torch.ops.aten.threshold_backward(delta, a, 0, grad_input=delta)
    elif code == 1:
        torch.ops.aten.tanh_backward(delta, a, grad_input=delta)
    elif code == 2:
        torch.ops.aten.sigmoid_backward(delta, a, grad_input=delta)
    else:
        torch.ops.aten.elu_backward(delta, 1., 1., 1., True, a, grad_input=delta)


def run_steps(x, y, eye, order, steps: int, w: List[torch.Tensor], b: List[torch.Tensor], a: List[torch.Tensor],
              delta: List[torch.Tensor], ones, rate: float, code: int):
    """Plain gradient descent; the update is folded into the product that gives the weight gradient."""
    n_layers, n = len(w), ones.size(0)
    batch = torch.empty([n, 784])
    for step in range(steps):
        chosen = order[step * n:(step + 1) * n]
        torch.index_select(x, 0, chosen, out=batch)
        below = batch
        for l in range(n_layers):
            torch.addmm(b[l], below, w[l], out=a[l])
            below = a[l]
            if l < n_layers - 1:
                activate(below, code)
        d = delta[n_layers - 1]
        d.copy_(torch.softmax(below, 1))
        d.sub_(eye.index_select(0, y.index_select(0, chosen))).mul_(1.0 / n)
        for i in range(n_layers):
            l = n_layers - 1 - i
            d = delta[l]
            if l > 0:
                torch.mm(d, w[l].t(), out=delta[l - 1])
                w[l].addmm_(a[l - 1].t(), d, alpha=-rate)
            else:
                w[l].addmm_(batch.t(), d, alpha=-rate)
            b[l].addmv_(d.t(), ones, alpha=-rate)
            if l > 0:
                times_derivative(delta[l - 1], a[l - 1], code)


@functools.cache
def compiled():
    return torch.jit.script(run_steps)


class ByHand:
    """`jit`."""

    def __init__(self, shape, x, y):
        hidden, activation, initializer, batch = shape
        self.x, self.y, self.eye, self.ones, self.code = x, y, torch.eye(10), torch.ones(batch), CODES[activation]
        self.w = draw_weights(hidden, initializer)
        self.b = [torch.zeros(w.shape[1]) for w in self.w]
        self.a = [torch.empty(batch, w.shape[1]) for w in self.w]
        self.delta = [torch.empty(batch, w.shape[1]) for w in self.w]
        self.rows = []

    @torch.inference_mode()
    def train(self, samples, steps=None, statistics=False):
        order, batch = torch.randperm(len(self.x))[:samples], len(self.ones)
        steps = samples // batch if steps is None else steps
        if not statistics:
            self.run(order, steps)
            return
        for step in range(0, steps, STATISTICS_EVERY):  # one step with statistics, then compiled ones
            chosen = order[step * batch:(step + 1) * batch]
            self.rows.append(self.step_with_statistics(self.x[chosen], self.y[chosen], LEARNING_RATE))
            self.run(order[(step + 1) * batch:], min(STATISTICS_EVERY, steps - step) - 1)

    def run(self, order, steps):
        compiled()(self.x, self.y, self.eye, order, steps, self.w, self.b, self.a, self.delta, self.ones, LEARNING_RATE,
                   self.code)

    def step_with_statistics(self, x, y, rate):
        w, a, delta, found = self.w, self.a, self.delta, []
        for l in range(len(w)):
            torch.addmm(self.b[l], a[l - 1] if l else x, w[l], out=a[l])
            if l < len(w) - 1:
                activate(a[l], self.code)
        torch.softmax(a[-1], 1, out=delta[-1])
        delta[-1].sub_(self.eye[y]).mul_(1.0 / len(x))
        for l in reversed(range(len(w))):
            if l:
                torch.mm(delta[l], w[l].t(), out=delta[l - 1])
            gradient = torch.mm((a[l - 1] if l else x).t(), delta[l])
            found = [five_statistics(gradient), five_statistics(a[l]), five_statistics(delta[l])] + found
            w[l].add_(gradient, alpha=-rate)
            self.b[l].addmv_(delta[l].t(), self.ones, alpha=-rate)
            if l:
                times_derivative(delta[l - 1], a[l - 1], self.code)
        return torch.stack(found).tolist()

    @torch.inference_mode()
    def statistics(self, x, y):
        return self.step_with_statistics(x, y, 0.0)

    def logits(self, x):
        for l, w in enumerate(self.w):
            x = torch.addmm(self.b[l], x, w)
            if l < len(self.w) - 1:
                activate(x, self.code)
        return x

    @torch.inference_mode()
    def accuracy(self, x, y):
        return correct_share(self.logits, x, y)


def make(variant, shape, x, y):
    return ByHand(shape, x, y) if variant == "jit" else Autograd(shape, x, y, usual=variant == "usual")
