"""The peer in Google's JAX: jitted steps whose state is donated, asked for one round at a time on stdin.

`--threads 1` keeps the process on one core, where the system allows it. `--scan` runs all iterations of a round of W1
in one `lax.scan`.
"""

import os
import sys

from python_peer import (
    CLASSES,
    DATA_ROWS,
    DECAY,
    DIGIT_BETAS,
    DIGIT_LATENT,
    DIGIT_RATE,
    EVERY,
    GAMMA,
    HIDDEN,
    LATENT,
    PIXELS,
    SLOPE,
    flag,
    real_sample,
    serve,
)

THREADS = int(flag("threads", "1"))
if hasattr(os, "sched_setaffinity"):  # before JAX starts its threads
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:THREADS])

# pylint: disable=wrong-import-position
import jax
import numpy as np
from jax import grad, jit, lax, nn, random, value_and_grad
from jax import numpy as jnp

SCAN = "--scan" in sys.argv


def dense(x, kernel, bias):
    """A dense layer."""
    return x @ kernel + bias


def leaky(x, slope=SLOPE):
    """LeakyReLU."""
    return nn.leaky_relu(x, slope)


def convolve(x, kernel, bias):
    """A convolution with stride 2, [batch, height, width, channels]."""
    layout = ("NHWC", "HWIO", "NHWC")
    return lax.conv_general_dilated(x, kernel, (2, 2), "SAME", dimension_numbers=layout) + bias


def unfold(x, kernel, bias):
    """A transposed convolution with stride 2; its kernel is [height, width, out, in], as in TensorFlow.js."""
    layout = ("NHWC", "HWIO", "NHWC")
    options = {"dimension_numbers": layout, "transpose_kernel": True}
    return lax.conv_transpose(x, kernel, (2, 2), "SAME", **options) + bias


def mean_square(outputs, target):
    """The mean squared distance from one target."""
    return jnp.mean(jnp.square(outputs - target))


def logit_loss(logits, target):
    """Binary cross-entropy of logits and one target."""
    return jnp.mean(jnp.maximum(logits, 0) - logits * target + jnp.log1p(jnp.exp(-jnp.abs(logits))))


def fresh_adam(parameters):
    """The state of Adam: both moments, and the powers of both betas."""
    zeros = lambda: [jnp.zeros_like(parameter) for parameter in parameters]
    return {"m": zeros(), "v": zeros(), "powers": jnp.ones(2)}


def adam(parameters, state, gradients, rate=1e-4, betas=(0.9, 0.999)):
    """One update of Adam; epsilon is outside the root."""
    b1, b2 = betas
    powers = state["powers"] * jnp.array(betas)
    m = [b1 * old + (1 - b1) * g for old, g in zip(state["m"], gradients)]
    v = [b2 * old + (1 - b2) * g * g for old, g in zip(state["v"], gradients)]
    step = lambda p, first, second: p - rate * (first / (1 - powers[0])) / (
        jnp.sqrt(second / (1 - powers[1])) + 1e-7
    )
    return [step(*each) for each in zip(parameters, m, v)], {"m": m, "v": v, "powers": powers}


def update(loss, parameters, state, **options):
    """The loss, and parameters and state after an update of Adam."""
    value, gradients = value_and_grad(loss)(parameters)
    return value, *adam(parameters, state, gradients, **options)


def initial(shapes):
    """Parameters in PyTorch's initial distribution."""
    rng, bound, parameters = np.random.default_rng(1), 0, []
    for shape in shapes:
        if len(shape) > 1:
            bound = 1 / np.sqrt(np.prod(shape[:-1]))
        parameters.append(rng.uniform(-bound, bound, shape).astype(np.float32))
    return parameters


def pattern_net(parameters, x):
    """Both networks of W1: two dense layers with sigmoids."""
    k0, b0, k1, b1 = parameters
    return nn.sigmoid(dense(nn.sigmoid(dense(x, k0, b0)), k1, b1))


def pattern_step(state, real):
    """The three updates of W1's iteration, by plain gradient descent; returns their losses."""
    d, g = state
    half, net = jnp.full((1, 1), 0.5), pattern_net
    descend = lambda parameters, slopes: [p - 0.01 * s for p, s in zip(parameters, slopes)]
    on_real, slopes = value_and_grad(lambda d: mean_square(net(d, real[None]), 1))(d)
    d = descend(d, slopes)
    fake = net(g, half)
    on_fake, slopes = value_and_grad(lambda d: mean_square(net(d, fake), 0))(d)
    d = descend(d, slopes)
    g_loss, slopes = value_and_grad(lambda g: mean_square(net(d, net(g, half)), 1))(g)
    return (d, descend(g, slopes)), jnp.stack([on_real, on_fake, g_loss])


class Pattern:
    """W1: the 1-0-1-0 script."""

    d_shapes = [(4, 3), (3,), (3, 1), (1,)]
    g_shapes = [(1, 3), (3,), (3, 4), (4,)]

    def __init__(self, _):
        self.counter, self.progress = 0, {"d": [], "g": []}
        self.one = jit(pattern_step, donate_argnums=0)
        self.many = jit(lambda state, samples: lax.scan(pattern_step, state, samples), donate_argnums=0)
        self.start(initial(self.d_shapes), initial(self.g_shapes))

    def start(self, d, g):
        """Takes parameters."""
        self.state = jax.device_put((d, g))

    def keep(self, losses):
        """Keeps every tenth loss, as the script does."""
        for loss in losses:
            self.counter += 1
            if self.counter % 5 == 0:
                self.progress["d"].append(loss[1])  # D's every tenth
            if self.counter % 10 == 0:
                self.progress["g"].append(loss[2])

    def run(self, iterations):
        """Some iterations."""
        if SCAN:
            samples = np.array([real_sample() for _ in range(iterations)], np.float32)
            self.state, losses = self.many(self.state, samples)
            return self.keep(np.asarray(losses))
        losses = []
        for _ in range(iterations):
            self.state, loss = self.one(self.state, np.array(real_sample(), np.float32))
            losses.append(loss)
        return self.keep(np.asarray(loss) for loss in losses)

    def check(self, file):
        """The losses of a check."""
        self.start(*([file.take(*shape) for shape in shapes] for shapes in (self.d_shapes, self.g_shapes)))
        samples = []
        while file.has_more():
            samples.append(file.take(4))
        if SCAN:
            return self.many(self.state, np.array(samples))[1].ravel()
        losses = []
        for sample in samples:
            self.state, loss = self.one(self.state, sample)
            losses.extend(loss)
        return losses


class Pixels:
    """W2, W3 and W4: batches of images, fresh noise in both phases, Adam."""

    latent, width, rates, loss = LATENT, PIXELS, {}, staticmethod(mean_square)

    def __init__(self, batch_size):
        self.batch_size, self.iteration = batch_size, 0
        self.data = jnp.asarray(np.random.default_rng(1).random((DATA_ROWS, self.width), np.float32))
        self.next = jit(self.draw_and_step, donate_argnums=0, static_argnames="penalized")
        self.one = jit(self.step, donate_argnums=0, static_argnames="penalized")
        self.start(initial(self.d_shapes), initial(self.g_shapes))

    def start(self, d, g):
        """Takes parameters."""
        self.iteration = 0
        state = {"d": d, "dAdam": fresh_adam(d), "g": g, "gAdam": fresh_adam(g)}
        self.state = jax.device_put({**state, "key": random.key(1, impl="unsafe_rbg"), "row": 0, **self.more(g)})

    def more(self, _):
        """What the state has beside networks and optimizers."""
        return {}

    def after(self, state):
        """What an iteration does at its end."""
        return state

    def on_real(self, d, real, penalized):
        """D's loss on real samples, as it is told, and what is added to it."""
        del penalized
        return self.loss(self.judge(d, real), 1), 0

    def step(self, state, real, noise_d, noise_g, penalized=False):
        """The three updates of an iteration; returns their losses."""
        d, g = state["d"], state["g"]

        def total(d):
            loss, penalty = self.on_real(d, real, penalized)
            return loss + penalty, loss

        (_, on_real), slopes = value_and_grad(total, has_aux=True)(d)
        d, d_adam = adam(d, state["dAdam"], slopes, **self.rates)
        fake = self.draw(g, noise_d)
        on_fake, d, d_adam = update(lambda d: self.loss(self.judge(d, fake), 0), d, d_adam, **self.rates)
        g_loss, g, g_adam = update(
            lambda g: self.loss(self.judge(d, self.draw(g, noise_g)), 1), g, state["gAdam"], **self.rates
        )
        state = {**state, "d": d, "dAdam": d_adam, "g": g, "gAdam": g_adam}
        return self.after(state), jnp.stack([on_real, on_fake, g_loss])

    def noise(self, key):
        """A batch of noise."""
        return random.normal(key, (self.batch_size, self.latent))

    def draw_and_step(self, state, data, penalized=False):
        """An iteration on the next rows of the data and on new noise."""
        key, first, second = random.split(state["key"], 3)
        real = lax.dynamic_slice_in_dim(data, state["row"], self.batch_size)
        row = (state["row"] + self.batch_size) % DATA_ROWS
        state = {**state, "key": key, "row": row}
        return self.step(state, real, self.noise(first), self.noise(second), penalized)

    def is_penalized(self):
        """Whether the next iteration has a penalty."""
        return False

    def run(self, iterations):
        """Some iterations. Each starts while the one before still runs; the losses are read at the end."""
        losses = []
        for _ in range(iterations):
            self.iteration += 1
            self.state, loss = self.next(self.state, self.data, penalized=self.is_penalized())
            losses.append(loss)
        return [np.asarray(loss) for loss in losses]

    def check(self, file):
        """The losses of a check."""
        self.start(*([file.take(*shape) for shape in shapes] for shapes in (self.d_shapes, self.g_shapes)))
        losses = []
        while file.has_more():
            self.iteration += 1
            sizes = [self.width, self.latent, self.latent]
            inputs = [file.take(self.batch_size, size) for size in sizes]
            self.state, loss = self.one(self.state, *inputs, penalized=self.is_penalized())
            losses.extend(loss)
        return losses


class Dense(Pixels):
    """W2: two dense networks."""

    d_shapes = [(PIXELS, HIDDEN), (HIDDEN,), (HIDDEN, 1), (1,)]
    g_shapes = [(LATENT, HIDDEN), (HIDDEN,), (HIDDEN, PIXELS), (PIXELS,)]

    def judge(self, parameters, x):
        """D's answers."""
        k0, b0, k1, b1 = parameters
        return nn.sigmoid(dense(leaky(dense(x, k0, b0)), k1, b1))

    draw = judge  # G has the same layers


class Convolution(Pixels):
    """W3: two small convolutional networks."""

    d_shapes = [(4, 4, 1, 32), (32,), (4, 4, 32, 64), (64,), (3136, 1), (1,)]
    g_shapes = [(LATENT, 3136), (3136,), (4, 4, 32, 64), (32,), (4, 4, 1, 32), (1,)]

    def judge(self, parameters, x):
        """D's answers."""
        k0, b0, k1, b1, k2, b2 = parameters
        x = leaky(convolve(x.reshape(-1, 28, 28, 1), k0, b0))
        x = leaky(convolve(x, k1, b1))
        return nn.sigmoid(dense(x.reshape(-1, 3136), k2, b2))

    def draw(self, parameters, noise):
        """G's images."""
        k0, b0, k1, b1, k2, b2 = parameters
        x = leaky(dense(noise, k0, b0)).reshape(-1, 7, 7, 64)
        x = leaky(unfold(x, k1, b1))
        return nn.sigmoid(unfold(x, k2, b2)).reshape(-1, PIXELS)


class Digits(Pixels):
    """W4: notebook 04, with R1 at every fourth step on real digits and a moving average of the generator."""

    latent, width = DIGIT_LATENT + CLASSES, PIXELS + CLASSES
    rates, loss = {"rate": DIGIT_RATE, "betas": DIGIT_BETAS}, staticmethod(logit_loss)
    d_shapes = [
        *[(4, 4, 1, 32), (32,), (4, 4, 32, 64), (64,), (3136, 128), (128,)],
        *[(CLASSES, 128), (128, 1), (1,)],
    ]
    g_shapes = [(DIGIT_LATENT + CLASSES, 3136), (3136,), (4, 4, 32, 64), (32,), (4, 4, 1, 32), (1,)]

    def judge(self, parameters, x):
        """D's logits: features of the images, projected on those of the digit."""
        k0, b0, k1, b1, k2, b2, embedding, k3, b3 = parameters
        images, digits = x[:, :PIXELS].reshape(-1, 28, 28, 1), x[:, PIXELS:]
        x = leaky(convolve(images, k0, b0), 0.2)
        x = leaky(convolve(x, k1, b1), 0.2)
        features = leaky(dense(x.reshape(-1, 3136), k2, b2), 0.2)
        return dense(features, k3, b3) + jnp.sum(features * (digits @ embedding), 1, keepdims=True)

    def draw(self, parameters, noise):
        """G's images, and the digits that it was asked for."""
        k0, b0, k1, b1, k2, b2 = parameters
        x = nn.relu(dense(noise, k0, b0)).reshape(-1, 7, 7, 64)
        x = nn.relu(unfold(x, k1, b1))
        images = nn.sigmoid(unfold(x, k2, b2)).reshape(-1, PIXELS)
        return jnp.concatenate([images, noise[:, DIGIT_LATENT:]], 1)

    def noise(self, key):
        """A batch of noise with requested digits."""
        normal, digit = random.split(key)
        digits = nn.one_hot(random.randint(digit, (self.batch_size,), 0, CLASSES), CLASSES)
        return jnp.concatenate([random.normal(normal, (self.batch_size, DIGIT_LATENT)), digits], 1)

    def on_real(self, d, real, penalized):
        """D's loss on real digits, and R1 on their pixels."""
        loss = self.loss(self.judge(d, real), 1)
        if not penalized:
            return loss, 0
        slopes = grad(lambda x: jnp.sum(self.judge(d, x)))(real)[:, :PIXELS]
        return loss, GAMMA / 2 * EVERY * jnp.mean(jnp.sum(jnp.square(slopes), 1))

    def is_penalized(self):
        """Whether the next iteration has R1."""
        return self.iteration % EVERY == 0

    def more(self, g):
        """The average of the generator."""
        return {"average": [np.array(parameter) for parameter in g]}

    def after(self, state):
        """Updates the average."""
        pairs = zip(state["average"], state["g"])
        return {**state, "average": [old + (1 - DECAY) * (new - old) for old, new in pairs]}


class Layers:
    """One step of Adam of a network 784-width-...-1 of `depth` dense layers, on a batch that stays the same."""

    def __init__(self, batch, width, depth):
        sizes = [PIXELS, *[width] * (depth - 1), 1]
        self.shapes = [shape for pair in zip(sizes, sizes[1:]) for shape in (pair, pair[1:])]
        self.inputs = jnp.asarray(np.random.default_rng(1).random((batch, PIXELS), np.float32))
        self.one = jit(self.step, donate_argnums=0)
        self.start(initial(self.shapes))

    def start(self, parameters):
        """Takes parameters."""
        self.state = jax.device_put((parameters, fresh_adam(parameters)))

    @staticmethod
    def net(parameters, x):
        """The answers of the network."""
        *hidden, kernel, bias = parameters
        for k, b in zip(hidden[::2], hidden[1::2]):
            x = leaky(dense(x, k, b))
        return nn.sigmoid(dense(x, kernel, bias))

    def step(self, state, inputs):
        """One update; returns its loss."""
        loss, *state = update(lambda p: mean_square(self.net(p, inputs), 1), *state)
        return tuple(state), loss

    def run(self, iterations):
        """Some updates. Each starts while the one before still runs; the losses are read at the end."""
        losses = []
        for _ in range(iterations):
            self.state, loss = self.one(self.state, self.inputs)
            losses.append(loss)
        return [float(loss) for loss in losses]

    def check(self, file):
        """The losses of a check."""
        self.start([file.take(*shape) for shape in self.shapes])
        losses = []
        while file.has_more():
            self.state, loss = self.one(self.state, file.take(*self.inputs.shape))
            losses.append(loss)
        return losses


works = {"w1": Pattern, "w2": Dense, "w3": Convolution, "w4": Digits, "dense": Layers}
serve(f"JAX {jax.__version__}", works)
