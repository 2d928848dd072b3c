"""The network over the blocks of a page: learns it, writes it as crates/chrome/src/model/network.rs reads it, and reads it."""
import math
import os
from typing import NamedTuple

os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
import jax
import jax.numpy as jnp
import numpy as np
import optax

# Blocks from the one in the middle to the others, in each layer.
APART = [1, 2, 4, 8, 16]
RATE = 3e-3
# Blocks that are learnt from at once, in pages of up to so many blocks; longer ones are left out.
TOGETHER = [(64, 64), (32, 128), (16, 256), (8, 512), (4, 1024), (1, 4096)]
# Values that are kinds, not numbers: which one is greater says nothing.
KINDS = ("first", "last", "effect", "kind", "ends", "blank", "in_stretch")
# Inputs are whole numbers of this part of a standard deviation, values between layers of this part of one.
INPUT, VALUE = 32, 256
# Sums of the score are whole numbers of this part of a natural-logarithm unit.
UNIT = 1 << 16


class Recipe(NamedTuple):
    """How wide a network is, how often it sees each page, and which share of the features and of the values between layers is left
    out while it learns."""
    width: int
    epochs: int
    features_out: float
    values_out: float


class Inputs:
    """Which inputs the features become."""

    def __init__(self, numbers, tables, kinds):
        self.numbers, self.tables, self.kinds = numbers, tables, kinds

    @classmethod
    def fitted(cls, names, features):
        is_kind = [name.startswith(KINDS) for name in names]
        numbers = [at for at in range(len(names)) if not is_kind[at]]
        tables = []
        for at in numbers:
            mean, deviation = features[:, at].mean(), features[:, at].std() + 1e-3
            values = np.round((np.arange(256) - mean) / deviation * INPUT)
            tables.append(np.clip(values, -127, 127).astype(np.int8))
        # Kinds with fewer than one block in two thousand are none.
        kinds = []
        for at in (at for at in range(len(names)) if is_kind[at]):
            counts = np.bincount(features[:, at], minlength=256)
            kinds.append((at, np.flatnonzero(counts > len(features) / 2000)))
        return cls(numbers, tables, kinds)

    def of(self, features):
        numbers = [table[features[:, at]] for at, table in zip(self.numbers, self.tables)]
        kinds = [(features[:, at] == kind) * np.int8(INPUT) for at, kinds in self.kinds for kind in kinds]
        return np.stack(numbers + kinds, axis=1)


class Blocks(NamedTuple):
    """What is known of all blocks, page by page."""
    inputs: np.ndarray
    share: np.ndarray  # of the block that is article
    weight: np.ndarray
    words: np.ndarray
    starts: np.ndarray  # of each page its first block, and one past the last
    dice: np.ndarray  # what the F1 of each page weighs
    gathered: np.ndarray  # whether each page was gathered

    def batch(self, shape, pages):
        count, length = shape
        columns = self.inputs.shape[1]
        values = np.zeros((count, length, columns + 1), np.float32)
        rest = np.zeros((4, count, length), np.float32)
        ours = np.zeros(count, np.float32)
        for row, page in enumerate(pages):
            blocks = slice(self.starts[page], self.starts[page + 1])
            size = blocks.stop - blocks.start
            values[row, :size, :columns] = self.inputs[blocks] / np.float32(INPUT)
            values[row, :size, columns] = self.gathered[page]
            for known, column in zip(rest, (self.share[blocks], self.weight[blocks], self.words[blocks], 1)):
                known[row, :size] = column
            ours[row] = self.dice[page]
        return values, *rest, ours

    def batches(self, pages, random=None):
        """These pages with others of about their length, in an order of chance if there is one."""
        sizes = np.diff(self.starts)[pages]
        found, longest = [], 0
        for shape in TOGETHER:
            alike = pages[(sizes > longest) & (sizes <= shape[1])]
            longest = shape[1]
            if random:
                random.shuffle(alike)
            found += [(shape, alike[at:at + shape[0]]) for at in range(0, len(alike), shape[0])]
        if random:
            random.shuffle(found)
        return found


def learn(blocks, chosen, recipe):
    """The parameters of a network, learnt from the pages `chosen`.

    The last input is whether the page was gathered: that need not be explained by a block's looks where sources differ in what
    they take for the article. The program answers it with no, so it is not written.
    """
    random = np.random.RandomState(1)
    steps = len(blocks.batches(chosen, random)) * recipe.epochs
    rate = optax.warmup_cosine_decay_schedule(0, RATE, steps // 20, steps, RATE / 50)
    optimizer = optax.chain(optax.clip_by_global_norm(1.0), optax.adamw(rate, weight_decay=0.05))
    key = jax.random.key(1, impl="rbg")
    parameters = start(key, blocks.inputs.shape[1] + 1, recipe.width)
    state = optimizer.init(parameters)

    @jax.jit
    def step(parameters, state, batch, key):
        gradients = jax.grad(loss)(parameters, batch, key, recipe)
        updates, state = optimizer.update(gradients, state, parameters)
        return optax.apply_updates(parameters, updates), state

    for _ in range(recipe.epochs):
        for size, pages in blocks.batches(chosen, random):
            key, own = jax.random.split(key)
            parameters, state = step(parameters, state, blocks.batch(size, pages), own)
    return {name: np.asarray(value, np.float64) for name, value in parameters.items()}


def start(key, columns, width):
    keys = iter(jax.random.split(key, 64))
    normal = lambda rows, sums, scale: jax.random.normal(next(keys), (rows, sums)) * scale
    parameters = {"first": normal(columns, width, 1 / math.sqrt(columns)), "first.bias": jnp.zeros(width)}
    for at, _ in enumerate(APART):
        parameters[f"together{at}"] = normal(3 * width, width, math.sqrt(2 / (3 * width)))
        parameters[f"page{at}"] = normal(2 * width, width, 0.05)
        parameters[f"page{at}.bias"] = jnp.zeros(width)
        parameters[f"added{at}"] = normal(width, width, 0.3 / math.sqrt(width))
    parameters["last"] = normal(width, width, math.sqrt(2 / width))
    parameters["last.bias"] = jnp.zeros(width)
    return parameters | {"out": normal(width, 1, 0.1), "out.bias": jnp.zeros(1)}


def forward(parameters, values, there, key=None, recipe=None):
    """The score of each block, in natural-logarithm units; with a key as while learning, some values being left out."""
    keys = iter(jax.random.split(key, 64)) if recipe else None

    def out(values, share, size):
        return values * jax.random.bernoulli(next(keys), 1 - share, size) if recipe else values

    features_out, values_out = (recipe.features_out, recipe.values_out) if recipe else (0, 0)
    there = there[:, :, None]
    values = out(values, features_out, (values.shape[0], 1, values.shape[2]))
    values = jax.nn.relu(values @ parameters["first"] + parameters["first.bias"]) * there
    for at, apart in enumerate(APART):
        before = jnp.pad(values, ((0, 0), (apart, 0), (0, 0)))[:, :-apart]
        behind = jnp.pad(values, ((0, 0), (0, apart), (0, 0)))[:, apart:]
        together = jnp.concatenate([before, values, behind], -1) @ parameters[f"together{at}"]
        page = jnp.concatenate([values.sum(1) / there.sum(1).clip(1), values.max(1).clip(0)], -1) @ parameters[f"page{at}"]
        together = jax.nn.relu(together + (page + parameters[f"page{at}.bias"])[:, None])
        together = out(together, values_out, together.shape) / (1 - values_out)
        values = (values + together @ parameters[f"added{at}"]) * there
    values = jax.nn.relu(values @ parameters["last"] + parameters["last.bias"])
    values = out(values, values_out, values.shape) / (1 - values_out)
    return (values @ parameters["out"])[..., 0] + parameters["out.bias"]


def loss(parameters, batch, key, recipe):
    """Cross entropy a block, and what each page lacks of F1 when each block counts as much as its score says (Milletari, Navab
    and Ahmadi, V-Net, 2016: the Dice loss)."""
    values, share, weight, words, there, ours = batch
    score = forward(parameters, values, there, key, recipe)
    entropy = (jnp.maximum(score, 0) - score * share + jnp.log1p(jnp.exp(-jnp.abs(score)))) * weight
    kept = jax.nn.sigmoid(score)
    found = (kept * share * words).sum(1)
    f1 = 2 * found / ((kept + share) * words).sum(1).clip(1)
    return entropy.sum() / weight.sum().clip(1) + ((1 - f1) * ours).sum() / ours.sum().clip(1)


def written(inputs, parameters):
    """The bytes that the program reads."""
    numbers, width = len(inputs.numbers), len(parameters["last"])
    out = bytes([numbers])
    for at, table in zip(inputs.numbers, inputs.tables):
        out += bytes([at]) + table.tobytes()
    rows, row = [np.zeros(width)], 1
    out += bytes([len(inputs.kinds)])
    for at, kinds in inputs.kinds:
        table = np.zeros(256, np.uint8)
        table[kinds] = np.arange(row, row + len(kinds))
        row += len(kinds)
        out += bytes([at]) + table.tobytes()
    first = parameters["first"]
    shift = bits(first[:numbers], 127)
    rows += list(first[numbers:-1])
    out += bytes([len(rows)]) + b"".join(whole(row, INPUT << shift, "<i4") for row in rows)
    out += dense(first[:numbers], parameters["first.bias"], shift, INPUT)
    out += bytes([len(APART)])
    for at, apart in enumerate(APART):
        together, page, added = (parameters[f"{name}{at}"] for name in ("together", "page", "added"))
        shift = bits(np.concatenate([together, page]), 1 << 15)
        out += bytes([apart]) + dense(page, parameters[f"page{at}.bias"], shift, VALUE)
        out += dense(together, np.zeros(width), shift, VALUE)
        out += dense(added, np.zeros(width), bits(added, 1 << 15), VALUE)
    last = parameters["last"]
    out += dense(last, parameters["last.bias"], bits(last, 1 << 15), VALUE)
    out += whole(parameters["out"][:, 0], UNIT // VALUE, "<i2") + whole(parameters["out.bias"], UNIT, "<i4")
    for step in range(1, 256):
        share = (step - 0.5) / 255
        out += whole(np.array([math.log(share / (1 - share))]), UNIT, "<i4")
    return out


def bits(weights, most):
    """Bits behind the point that weights of 16 bits can have, sums of 32 not overflowing, with inputs up to `most`."""
    room = min((1 << 30) / most / np.abs(weights).sum(0).max(), 32000 / np.abs(weights).max())
    return min(14, math.floor(math.log2(room)))


def dense(weights, bias, shift, unit):
    """A layer: what it sums are whole parts of `unit`, what it gives are parts of VALUE."""
    behind = shift + round(math.log2(unit / VALUE))
    return whole(weights.T, 1 << shift, "<i2") + whole(bias, unit << shift, "<i4") + bytes([behind])


def whole(values, unit, kind):
    return np.round(np.asarray(values) * unit).astype(kind).tobytes()


def read(written, width):
    """The inputs and the parameters of a network of this width from its bytes."""
    at = 0

    def take(count, kind):
        nonlocal at
        values = np.frombuffer(written, kind, count, at)
        at += values.nbytes
        return values

    def one():
        return int(take(1, np.uint8)[0])

    def dense(inputs, unit):
        weights, bias = take(inputs * width, "<i2").reshape(width, inputs).T, take(width, "<i4")
        shift = one() - round(math.log2(unit / VALUE))
        return weights / (1 << shift), bias / (unit << shift), shift

    numbers = [(one(), take(256, np.int8)) for _ in range(one())]
    kinds = [(one(), take(256, np.uint8)) for _ in range(one())]
    rows = np.array([take(width, "<i4") for _ in range(one())])
    first, bias, shift = dense(len(numbers), INPUT)
    # The input that the program answers with no weighs nothing.
    first = np.concatenate([first, rows[1:] / (INPUT << shift), np.zeros((1, width))])
    parameters = {"first": first, "first.bias": bias}
    for layer in range(one()):
        # How far apart, which is that of all networks here.
        one()
        parameters[f"page{layer}"], parameters[f"page{layer}.bias"], _ = dense(2 * width, VALUE)
        parameters[f"together{layer}"], _, _ = dense(3 * width, VALUE)
        parameters[f"added{layer}"], _, _ = dense(width, VALUE)
    parameters["last"], parameters["last.bias"], _ = dense(width, VALUE)
    parameters["out"] = take(width, "<i2")[:, None] / (UNIT // VALUE)
    parameters["out.bias"] = take(1, "<i4") / UNIT
    inputs = Inputs([at for at, _ in numbers], [table for _, table in numbers], [(at, np.flatnonzero(table)) for at, table in kinds])
    return inputs, {name: jnp.asarray(value, jnp.float32) for name, value in parameters.items()}


def scores(blocks, parameters):
    """The score of each block, from 0 chrome to 1 article; of pages too long to learn from, 0."""
    found = np.zeros(len(blocks.inputs), np.float32)
    judge = jax.jit(lambda values, there: jax.nn.sigmoid(forward(parameters, values, there)))
    for size, pages in blocks.batches(np.arange(len(blocks.starts) - 1)):
        values, *_, there, _ = blocks.batch(size, pages)
        for page, own in zip(pages, np.asarray(judge(values, there))):
            known = slice(blocks.starts[page], blocks.starts[page + 1])
            found[known] = own[:known.stop - known.start]
    return found
