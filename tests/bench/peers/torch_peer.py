"""The PyTorch peer of the benchmark: eager GAN steps, asked for one round at a time on stdin."""

import numpy as np
import torch
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
from torch import nn

THREADS = int(flag("threads", "1"))
FUSED = flag("adam", "default") == "fused"
CHANNELS_LAST = flag("layout", "channels_last") == "channels_last"


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


class Work:
    """Iterations that can be timed and checked."""

    def run(self, iterations):
        """Some iterations."""
        for _ in range(iterations):
            self.iterate()

    def check(self, file):
        """The losses of a check."""
        for parameter in self.parameters():
            load(parameter, file.take)
        losses = []
        while file.has_more():
            losses += self.iterate(*self.read_inputs(file.take))
        return losses


class Pattern(Work):
    """W1: the 1-0-1-0 script, in its own order of updates."""

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
        real = torch.FloatTensor(real_sample()) if real is None else torch.from_numpy(real)
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


class Pixels(Work):
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


class Layers(Work):
    """One step of Adam of a network 784-width-...-1 of `depth` dense layers, on a batch that stays the same."""

    def __init__(self, batch, width, depth):
        sizes = [PIXELS, *[width] * (depth - 1)]
        hidden = [[nn.Linear(*pair), nn.LeakyReLU(SLOPE)] for pair in zip(sizes, sizes[1:])]
        self.net = nn.Sequential(*sum(hidden, []), nn.Linear(sizes[-1], 1), nn.Sigmoid())
        options = {"lr": 1e-4, "eps": 1e-7, "fused": FUSED}
        self.optimizer = torch.optim.Adam(self.net.parameters(), **options)
        self.loss, self.ones = nn.MSELoss(), torch.ones(batch, 1)
        self.inputs = torch.rand(batch, PIXELS)

    def parameters(self):
        """Every parameter in the order of the check file."""
        return list(self.net.parameters())

    def iterate(self, inputs=None):
        """One update; returns its loss."""
        inputs = self.inputs if inputs is None else torch.from_numpy(inputs)
        loss = self.loss(self.net(inputs), self.ones)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return [loss.item()]

    def read_inputs(self, take):
        """The inputs of one iteration of the check file."""
        return (take(*self.inputs.shape),)


torch.set_num_threads(THREADS)
works = {"w1": Pattern, "w2": Dense, "w3": Convolution, "w4": Digits, "dense": Layers}
serve(f"PyTorch {torch.__version__}", works)
