"""The network over the blocks of a page: learns it, and writes it as src/stage/boilerplate/model/network.rs reads it."""
import math
import os

os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
import jax
import jax.numpy as jnp
import numpy as np
import optax

WIDTH = 64
# Blocks from the one in the middle to the others, in each layer.
APART = [1, 2, 4, 8, 16]
EPOCHS = 8
RATE = 3e-3
# What is left out while learning: of the features, and of the values between layers.
FEATURES_OUT, VALUES_OUT = 0.1, 0.2
# Blocks that are learnt from at once, in pages of up to so many blocks; longer ones are cut.
TOGETHER = [(64, 64), (32, 128), (16, 256), (8, 512), (4, 1024), (1, 4096)]
# Values that are kinds, not numbers: which one is greater says nothing.
KINDS = ("first", "last", "effect", "kind", "ends", "blank", "in_stretch")
# Inputs are whole numbers of this part of a standard deviation, values between layers of this part of one.
INPUT, VALUE = 32, 256
# Sums of the score are whole numbers of this part of a natural-logarithm unit.
UNIT = 1 << 16


class Inputs:
    """Which inputs the features become."""

    def __init__(self, names, features):
        is_kind = [name.startswith(KINDS) for name in names]
        self.numbers = [at for at in range(len(names)) if not is_kind[at]]
        self.tables = []
        for at in self.numbers:
            mean, deviation = features[:, at].mean(), features[:, at].std() + 1e-3
            values = np.round((np.arange(256) - mean) / deviation * INPUT)
            self.tables.append(np.clip(values, -127, 127).astype(np.int8))
        # Kinds with fewer than one block in two thousand are none.
        self.kinds = []
        for at in (at for at in range(len(names)) if is_kind[at]):
            counts = np.bincount(features[:, at], minlength=256)
            self.kinds.append((at, np.flatnonzero(counts > len(features) / 2000)))

    def of(self, features):
        numbers = [table[features[:, at]] for at, table in zip(self.numbers, self.tables)]
        kinds = [(features[:, at] == kind) * np.int8(INPUT) for at, kinds in self.kinds for kind in kinds]
        return np.stack(numbers + kinds, axis=1)


def learn(inputs, gathered, share, weight, words, starts, dice, chosen):
    """The parameters, learnt from the pages `chosen`. Of each block its inputs, the share of it that is article, its weight and its
    words; of each page its first block, what its F1 weighs, and whether it was gathered.

    The last input is whether the page was gathered: that need not be explained by a block's looks where sources differ in what
    they take for the article. The program answers it with no, so it is not written.
    """
    sizes = np.diff(starts)
    columns = inputs.shape[1]

    def batch(shape, pages):
        count, length = shape
        values = np.zeros((count, length, columns + 1), np.float32)
        rest = np.zeros((4, count, length), np.float32)
        ours = np.zeros(count, np.float32)
        for row, page in enumerate(pages):
            blocks = slice(starts[page], min(starts[page + 1], starts[page] + length))
            size = blocks.stop - blocks.start
            values[row, :size, :columns] = inputs[blocks] / np.float32(INPUT)
            values[row, :size, columns] = gathered[page]
            for known, column in zip(rest, (share[blocks], weight[blocks], words[blocks], 1)):
                known[row, :size] = column
            ours[row] = dice[page]
        return values, *rest, ours

    random = np.random.RandomState(1)

    def epoch():
        found, longest = [], 0
        for shape in TOGETHER:
            pages = chosen[(sizes[chosen] > longest) & (sizes[chosen] <= shape[1])]
            longest = shape[1]
            random.shuffle(pages)
            found += [(shape, pages[at:at + shape[0]]) for at in range(0, len(pages), shape[0])]
        random.shuffle(found)
        return found

    steps = len(epoch()) * EPOCHS
    rate = optax.warmup_cosine_decay_schedule(0, RATE, steps // 20, steps, RATE / 50)
    optimizer = optax.chain(optax.clip_by_global_norm(1.0), optax.adamw(rate, weight_decay=0.05))
    key = jax.random.key(1, impl="rbg")
    parameters = start(key, columns + 1)
    state = optimizer.init(parameters)

    @jax.jit
    def step(parameters, state, batch, key):
        gradients = jax.grad(loss)(parameters, batch, key)
        updates, state = optimizer.update(gradients, state, parameters)
        return optax.apply_updates(parameters, updates), state

    for _ in range(EPOCHS):
        for shape, pages in epoch():
            key, own = jax.random.split(key)
            parameters, state = step(parameters, state, batch(shape, pages), own)
    return {name: np.asarray(value, np.float64) for name, value in parameters.items()}


def start(key, columns):
    keys = iter(jax.random.split(key, 64))
    normal = lambda rows, width, scale: jax.random.normal(next(keys), (rows, width)) * scale
    parameters = {"first": normal(columns, WIDTH, 1 / math.sqrt(columns)), "first.bias": jnp.zeros(WIDTH)}
    for at, _ in enumerate(APART):
        parameters[f"together{at}"] = normal(3 * WIDTH, WIDTH, math.sqrt(2 / (3 * WIDTH)))
        parameters[f"page{at}"] = normal(2 * WIDTH, WIDTH, 0.05)
        parameters[f"page{at}.bias"] = jnp.zeros(WIDTH)
        parameters[f"added{at}"] = normal(WIDTH, WIDTH, 0.3 / math.sqrt(WIDTH))
    parameters["last"] = normal(WIDTH, WIDTH, math.sqrt(2 / WIDTH))
    parameters["last.bias"] = jnp.zeros(WIDTH)
    return parameters | {"out": normal(WIDTH, 1, 0.1), "out.bias": jnp.zeros(1)}


def forward(parameters, values, there, key):
    """The score of each block, in natural-logarithm units, while learning: some values are left out."""
    keys = iter(jax.random.split(key, 64))

    def out(values, share, shape):
        return values * jax.random.bernoulli(next(keys), 1 - share, shape)

    there = there[:, :, None]
    values = out(values, FEATURES_OUT, (values.shape[0], 1, values.shape[2]))
    values = jax.nn.relu(values @ parameters["first"] + parameters["first.bias"]) * there
    for at, apart in enumerate(APART):
        before = jnp.pad(values, ((0, 0), (apart, 0), (0, 0)))[:, :-apart]
        behind = jnp.pad(values, ((0, 0), (0, apart), (0, 0)))[:, apart:]
        together = jnp.concatenate([before, values, behind], -1) @ parameters[f"together{at}"]
        page = jnp.concatenate([values.sum(1) / there.sum(1).clip(1), values.max(1).clip(0)], -1) @ parameters[f"page{at}"]
        together = jax.nn.relu(together + (page + parameters[f"page{at}.bias"])[:, None])
        together = out(together, VALUES_OUT, together.shape) / (1 - VALUES_OUT)
        values = (values + together @ parameters[f"added{at}"]) * there
    values = jax.nn.relu(values @ parameters["last"] + parameters["last.bias"])
    values = out(values, VALUES_OUT, values.shape) / (1 - VALUES_OUT)
    return (values @ parameters["out"])[..., 0] + parameters["out.bias"]


def loss(parameters, batch, key):
    """Cross entropy a block, and what each page lacks of F1 when each block counts as much as its score says (Milletari, Navab
    and Ahmadi, V-Net, 2016: the Dice loss)."""
    values, share, weight, words, there, ours = batch
    score = forward(parameters, values, there, key)
    entropy = (jnp.maximum(score, 0) - score * share + jnp.log1p(jnp.exp(-jnp.abs(score)))) * weight
    kept = jax.nn.sigmoid(score)
    found = (kept * share * words).sum(1)
    f1 = 2 * found / ((kept + share) * words).sum(1).clip(1)
    return entropy.sum() / weight.sum().clip(1) + ((1 - f1) * ours).sum() / ours.sum().clip(1)


def written(inputs, parameters):
    """The bytes that the program reads."""
    numbers = len(inputs.numbers)
    out = bytes([numbers])
    for at, table in zip(inputs.numbers, inputs.tables):
        out += bytes([at]) + table.tobytes()
    rows, row = [np.zeros(WIDTH)], 1
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
        out += dense(together, np.zeros(WIDTH), shift, VALUE)
        out += dense(added, np.zeros(WIDTH), bits(added, 1 << 15), VALUE)
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
