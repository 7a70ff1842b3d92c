"""The PyTorch peer of the benchmark: eager GAN steps, asked for one round at a time on stdin.

Requests are lines of words: `open w2` or `open w3:4` (batches of 4), `round 20`, `check FILE`. Every answer is one line.
"""

import random
import sys
import time

import numpy as np
import torch
from torch import nn

BATCH, LATENT, PIXELS, HIDDEN, SLOPE = 64, 100, 784, 200, 0.02
DIGIT_LATENT, CLASSES = 64, 10
# Settings of notebook 04: Adam's rate and betas, R1's strength and interval, the share that the average keeps.
DIGIT_RATE, DIGIT_BETAS, GAMMA, EVERY, DECAY = 2e-3, (0.5, 0.9), 0.1, 4, 0.998
DATA_ROWS = 2048


def flag(name, default):
    """The value after `--name` on the command line."""
    option = "--" + name
    return sys.argv[sys.argv.index(option) + 1] if option in sys.argv else default


THREADS = int(flag("threads", "1"))
FUSED = flag("adam", "default") == "fused"
CHANNELS_LAST = flag("layout", "channels_last") == "channels_last"


class Pattern:
    """W1: the 1-0-1-0 script, in its own order of updates."""

    check_steps = 200

    def __init__(self, _):
        self.d = nn.Sequential(nn.Linear(4, 3), nn.Sigmoid(), nn.Linear(3, 1), nn.Sigmoid())
        self.g = nn.Sequential(nn.Linear(1, 3), nn.Sigmoid(), nn.Linear(3, 4), nn.Sigmoid())
        self.loss = nn.MSELoss()
        self.d_optimizer = torch.optim.SGD(self.d.parameters(), lr=0.01)
        self.g_optimizer = torch.optim.SGD(self.g.parameters(), lr=0.01)
        self.counter = {"d": 0, "g": 0}
        self.progress = {"d": [], "g": []}

    def parameters(self):
        """Every parameter in the order of the check file."""
        return list(self.d.parameters()) + list(self.g.parameters())

    def sample(self):
        """One real sample of the pattern."""
        low, high = random.uniform, random.uniform
        return torch.FloatTensor([high(0.9, 1.1), low(0, 0.1), high(0.9, 1.1), low(0, 0.1)])

    def record(self, which, loss):
        """Keeps every tenth loss, as the script does."""
        self.counter[which] += 1
        if self.counter[which] % 10 == 0:
            self.progress[which].append(loss.item())

    def train_d(self, inputs, targets):
        """One update of the discriminator."""
        loss = self.loss(self.d(inputs), targets)
        self.record("d", loss)
        self.d_optimizer.zero_grad()
        loss.backward()
        self.d_optimizer.step()
        return loss

    def train_g(self, inputs, targets):
        """One update of the generator through the discriminator."""
        loss = self.loss(self.d(self.g(inputs)), targets)
        self.record("g", loss)
        self.g_optimizer.zero_grad()
        loss.backward()
        self.g_optimizer.step()
        return loss

    def iterate(self, real=None):
        """The three updates of one iteration; returns their losses."""
        real = self.sample() if real is None else torch.from_numpy(real)
        return (
            self.train_d(real, torch.FloatTensor([1.0])),
            self.train_d(self.g(torch.FloatTensor([0.5])).detach(), torch.FloatTensor([0.0])),
            self.train_g(torch.FloatTensor([0.5]), torch.FloatTensor([1.0])),
        )

    def read_inputs(self, take):
        """The inputs of one iteration of the check file."""
        return (take(4),)


class ToImage(nn.Module):
    """[batch, 3136] to [batch, 64, 7, 7], the channels last in the features as in TensorFlow.js."""

    def forward(self, x):
        x = x.view(-1, 7, 7, 64).permute(0, 3, 1, 2)
        return x if CHANNELS_LAST else x.contiguous()


class Flat(nn.Module):
    """[batch, channels, 7, 7] to [batch, 3136], the channels last."""

    def forward(self, x):
        return x.permute(0, 2, 3, 1).flatten(1)


class Pixels:
    """W2 and W3: batches of 64 images, fresh noise in both phases, Adam."""

    latent = LATENT

    def __init__(self, batch_size, d, g, loss=None, options=None):
        self.batch_size, self.d, self.g = batch_size, d, g
        if CHANNELS_LAST:
            self.d = self.d.to(memory_format=torch.channels_last)
            self.g = self.g.to(memory_format=torch.channels_last)
        self.loss = loss or nn.MSELoss()
        options = {**(options or {"lr": 1e-4, "eps": 1e-7}), **({"fused": True} if FUSED else {})}
        self.d_optimizer = torch.optim.Adam(d.parameters(), **options)
        self.g_optimizer = torch.optim.Adam(g.parameters(), **options)
        self.ones, self.zeros = torch.ones(batch_size, 1), torch.zeros(batch_size, 1)
        self.data = torch.rand(DATA_ROWS, *self.shape)
        self.row = 0

    def parameters(self):
        """Every parameter in the order of the check file."""
        return list(self.d.parameters()) + list(self.g.parameters())

    def batch(self):
        """The next 64 rows of the data."""
        self.row = (self.row + self.batch_size) % DATA_ROWS
        return self.data[self.row : self.row + self.batch_size]

    def train_d(self, inputs, targets):
        """One update of the discriminator."""
        loss = self.loss(self.d(inputs), targets)
        self.d_optimizer.zero_grad()
        loss.backward()
        self.d_optimizer.step()
        return loss

    def train_g(self, noise):
        """One update of the generator; the discriminator's gradients are not asked for."""
        self.d.requires_grad_(False)
        loss = self.loss(self.d(self.g(noise)), self.ones)
        self.g_optimizer.zero_grad()
        loss.backward()
        self.g_optimizer.step()
        self.d.requires_grad_(True)
        return loss

    def fake(self, noise):
        """Generated images that carry no gradient."""
        with torch.no_grad():
            return self.g(noise)

    def iterate(self, real=None, noise_d=None, noise_g=None):
        """The three updates of one iteration; returns their losses as numbers."""
        checked = real is not None
        real = torch.from_numpy(real).view(self.batch_size, *self.shape) if checked else self.batch()
        noise = torch.from_numpy(noise_d) if checked else torch.randn(self.batch_size, self.latent)
        on_real = self.train_d(real, self.ones).item()
        on_fake = self.train_d(self.fake(noise), self.zeros).item()
        noise = torch.from_numpy(noise_g) if checked else torch.randn(self.batch_size, self.latent)
        return on_real, on_fake, self.train_g(noise).item()

    def read_inputs(self, take):
        """The inputs of one iteration of the check file."""
        noise = lambda: take(self.batch_size, self.latent)
        return (take(self.batch_size, int(np.prod(self.shape))), noise(), noise())


class Dense(Pixels):
    """W2: two dense networks."""

    shape = (PIXELS,)
    check_steps = 8

    def __init__(self, batch):
        super().__init__(
            batch,
            nn.Sequential(
                nn.Linear(PIXELS, HIDDEN), nn.LeakyReLU(SLOPE), nn.Linear(HIDDEN, 1), nn.Sigmoid()
            ),
            nn.Sequential(
                nn.Linear(LATENT, HIDDEN),
                nn.LeakyReLU(SLOPE),
                nn.Linear(HIDDEN, PIXELS),
                nn.Sigmoid(),
            ),
        )


class Convolution(Pixels):
    """W3: two small convolutional networks."""

    shape = (1, 28, 28)
    check_steps = 5

    def __init__(self, batch):
        super().__init__(
            batch,
            nn.Sequential(
                nn.Conv2d(1, 32, 4, stride=2, padding=1),
                nn.LeakyReLU(SLOPE),
                nn.Conv2d(32, 64, 4, stride=2, padding=1),
                nn.LeakyReLU(SLOPE),
                Flat(),
                nn.Linear(3136, 1),
                nn.Sigmoid(),
            ),
            nn.Sequential(
                nn.Linear(LATENT, 3136),
                nn.LeakyReLU(SLOPE),
                ToImage(),
                nn.ConvTranspose2d(64, 32, 4, stride=2, padding=1),
                nn.LeakyReLU(SLOPE),
                nn.ConvTranspose2d(32, 1, 4, stride=2, padding=1),
                nn.Sigmoid(),
            ),
        )


class Judge(nn.Module):
    """Notebook 04's discriminator: logits of images, their features projected on those of the digit."""

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 32, 4, stride=2, padding=1),
            nn.LeakyReLU(0.2),
            nn.Conv2d(32, 64, 4, stride=2, padding=1),
            nn.LeakyReLU(0.2),
            Flat(),
            nn.Linear(3136, 128),
            nn.LeakyReLU(0.2),
        )
        self.embedding = nn.Linear(CLASSES, 128, bias=False)
        self.real = nn.Linear(128, 1)

    def forward(self, sample):
        images, digits = sample[:, :PIXELS], sample[:, PIXELS:]
        images = images.reshape(-1, 1, 28, 28)
        if CHANNELS_LAST:
            images = images.contiguous(memory_format=torch.channels_last)
        features = self.features(images)
        return self.real(features) + (features * self.embedding(digits)).sum(1, keepdim=True)


class Artist(nn.Module):
    """Notebook 04's generator: an image and the digit that it was asked for."""

    def __init__(self):
        super().__init__()
        self.image = nn.Sequential(
            nn.Linear(DIGIT_LATENT + CLASSES, 3136),
            nn.ReLU(),
            ToImage(),
            nn.ConvTranspose2d(64, 32, 4, stride=2, padding=1),
            nn.ReLU(),
            nn.ConvTranspose2d(32, 1, 4, stride=2, padding=1),
            nn.Sigmoid(),
        )

    def forward(self, noise):
        return torch.cat([self.image(noise).flatten(1), noise[:, DIGIT_LATENT:]], 1)


class Digits(Pixels):
    """W4: notebook 04, with R1 at every fourth step on real digits and a moving average of the generator."""

    shape = (PIXELS + CLASSES,)
    check_steps = 4
    latent = DIGIT_LATENT + CLASSES

    def __init__(self, batch):
        options = {"lr": DIGIT_RATE, "betas": DIGIT_BETAS, "eps": 1e-7}
        super().__init__(batch, Judge(), Artist(), nn.BCEWithLogitsLoss(), options)
        self.average = [parameter.detach().clone() for parameter in self.g.parameters()]
        self.step = 0

    def train_d(self, inputs, targets):
        """One update; its penalty does not count in the loss that is told."""
        is_real = bool(targets[0, 0] == 1)
        self.step += is_real
        loss = self.loss(self.d(inputs), targets)
        total = loss
        if is_real and self.step % EVERY == 0:
            places = inputs.detach().requires_grad_()
            slopes = torch.autograd.grad(self.d(places).sum(), places, create_graph=True)[0]
            total = loss + GAMMA / 2 * EVERY * slopes[:, :PIXELS].square().sum(1).mean()
        self.d_optimizer.zero_grad()
        total.backward()
        self.d_optimizer.step()
        return loss

    def train_g(self, noise):
        """One update of the generator, and of its average."""
        loss = super().train_g(noise)
        with torch.no_grad():
            torch._foreach_lerp_(self.average, list(self.g.parameters()), 1 - DECAY)
        return loss


def load(parameter, take):
    """Fills one parameter from the check file, whose kernels have TensorFlow.js's layout."""
    if parameter.dim() == 2:
        values = take(parameter.shape[1], parameter.shape[0]).T
    elif parameter.dim() == 4:
        out, into, height, width = parameter.shape
        values = take(height, width, into, out).transpose(3, 2, 0, 1)
    else:
        values = take(*parameter.shape)
    with torch.no_grad():
        parameter.copy_(torch.from_numpy(np.ascontiguousarray(values)))


def check(work, file):
    """The losses of the first iterations from the weights and inputs of the file."""
    values, at = np.fromfile(file, dtype="<f4"), 0

    def take(*shape):
        nonlocal at
        start, at = at, at + int(np.prod(shape))
        return values[start:at].reshape(shape).copy()

    for parameter in work.parameters():
        load(parameter, take)
    losses = []
    for _ in range(work.check_steps):
        losses += [float(loss) for loss in work.iterate(*work.read_inputs(take))]
    return " ".join(f"{loss:.9g}" for loss in losses)


def timed_round(work, iterations):
    """Milliseconds for a number of iterations."""
    start = time.perf_counter()
    for _ in range(iterations):
        work.iterate()
    return (time.perf_counter() - start) * 1000


def main():
    """Answers requests until stdin ends."""
    torch.set_num_threads(THREADS)
    works, work = {"w1": Pattern, "w2": Dense, "w3": Convolution, "w4": Digits}, None
    print("ready PyTorch", torch.__version__, flush=True)
    for line in sys.stdin:
        request, argument = line.split()
        if request == "open":
            name, _, batch = argument.partition(":")
            work = works[name](int(batch or BATCH))
            print("ok", flush=True)
        elif request == "round":
            print("ms", timed_round(work, int(argument)), flush=True)
        elif request == "check":
            print("losses", check(work, argument), flush=True)


main()
