#!/usr/bin/env python3
"""Learns the weights of the model of chrome: crates/chrome/data/weights.zst.

    train.py DATA CHROME_FEATURES WORK [GATHERED...]

DATA is the folder of labelled pages (`shared/data`), CHROME_FEATURES the program `cargo build --example chrome_features`
makes, WORK a folder for what comes between, GATHERED pages that gather.py made. Three models learn from two thirds of the
pages each (all pages of a domain in one third); what they leave of the third that they have not seen is
WORK/held-back.jsonl, for the scorers. The last model learns from all pages: WORK/weights.zst. Fixed
seeds: the same data makes the same bytes on the same kind of machine. A network that lies in WORK and was learnt from the
same, by the same network.py, is not learnt again.
"""
import hashlib
import json
import math
import multiprocessing
import os
import pathlib
import random
import re
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor

os.environ["OMP_NUM_THREADS"] = "1"
import numpy as np
import scipy.sparse
import zstandard
from sklearn.linear_model import LogisticRegression

import network
from compose import compose

FOLDS = 3
BUCKETS = 1 << 18
SETS = ["wcxb-dev", "wcxb-dev-2", "postlight", "readability", "multilingual-small"]
# What ends a line, and what of a line is white space, as the program has it. U+0085 is an ellipsis or a line end by what stands
# around it, which the program alone tells: pages are read with an ellipsis for each.
ENDS = re.compile("\r\n|[\n\r\x0c\u2028\u2029]")
NEL, ELLIPSIS = "\x85", "\u2026"
SPACES = "\t\n\x0b\x0c\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
# What a gathered page weighs beside one of the development data: all of them are articles, and not each kind of page is.
GATHERED = 0.4
# What the expected F1 of a clean document weighs beside that of a page.
CLEAN = 0.3
# Pages that are made of others: seed, and whether some parts are made up. The first teacher learns from the first, the second
# from the second; the network that ships learns from all.
MADE = [(3, False), (3, True), (4, True)]
TEACHER = network.Recipe(width=64, epochs=8, features_out=0.1, values_out=0.2)
STUDENT = network.Recipe(width=48, epochs=10, features_out=0.05, values_out=0.1)
# What a page weighs that was made of others, where there is one of each page, and where there are three.
COMPOSED = {TEACHER: 0.7, STUDENT: 0.5}
# What the labels weigh beside the teachers in what the student learns.
LABELS = 0.5


def main():
    data, program, work = pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3])
    work.mkdir(parents=True, exist_ok=True)
    pages = gather(data, sys.argv[4:])
    write(pages, work / "pages.jsonl")

    def run(*arguments):
        subprocess.run([program, *map(str, arguments)], check=True)

    run("words", work / "pages.jsonl", work / "words.bin")
    words = learn_words(pages, work / "words.bin")
    # Copies have fold FOLDS, whose table is empty: pages in a language of which no word is known.
    np.concatenate(words[:FOLDS] + [np.zeros(BUCKETS, np.int8)]).tofile(work / "tables.bin")
    from common import tokens

    parts = [pages + copies(pages)] + [compose(pages, split, tokens, *made) for made in MADE]
    features = []
    for number, part in enumerate(parts):
        write(part, work / "part.jsonl")
        run("look", work / "part.jsonl", work / f"part-{number}.bin", work / "tables.bin")
        features.append(np.fromfile(work / f"part-{number}.bin", np.uint8).reshape(sum(len(page["labels"]) for page in part), -1))
    names = (work / "part-0.bin.names").read_text().split("\n")

    def learnt(chosen, recipe, teachers=None):
        """The networks, each without a fold, from these parts."""
        seen = np.concatenate([features[part] for part in chosen])
        table = Table([page for part in chosen for page in parts[part]], COMPOSED[recipe])
        # All see the pages and one composed set: more of the latter would only shift what is usual.
        inputs = network.Inputs.fitted(names, seen[:len(features[0]) + len(features[chosen[1]])])
        return learn(work, seen, table, inputs, recipe, teachers)

    # The second teacher learns from pages with parts that are made up, which helps where comments and other stories follow an
    # article, and costs as much where lists are what a page is for. Together they are right more often than either.
    teachers = zip(learnt([0, 1], TEACHER), learnt([0, 2], TEACHER))
    networks = learnt([0, 1, 2, 3], STUDENT, list(teachers))
    models = [words.tobytes() + network for words, network in zip(words, networks)]
    paths = [work / f"model-{fold}.bin" for fold in range(FOLDS + 1)]
    for path, model in zip(paths, models):
        path.write_bytes(model)
    run("strip", work / "pages.jsonl", work / "held-back.jsonl", *paths[:FOLDS])
    packed = zstandard.ZstdCompressor(level=19).compress(models[FOLDS])
    (work / "weights.zst").write_bytes(packed)
    print(f"{len(packed)} bytes, SHA-256 {hashlib.sha256(packed).hexdigest()}")


def gather(data, gathered):
    """All labelled pages and all clean documents, with a label, a share of words in the truth and a count of words a block."""
    sys.path.insert(0, str(data / "scorers"))
    from common import read, tokens

    pages = []
    for name in [*(str(data / "boilerplate" / f"{name}.pages.jsonl.zst") for name in SETS), *gathered]:
        for record in read(name):
            text = record["text"].replace(NEL, ELLIPSIS)
            truth = tokens(record["truth"])
            runs = {tuple(truth[at:at + 4]) for at in range(len(truth) - 3)}
            lines = text.split("\n")
            labels = record.get("labels") or [-1] * len(lines)
            blocks = [(block, label) for line, label in zip(lines, labels) for block in split(line)]
            judged = [judge(tokens(block), label, runs) for block, label in blocks]
            pages.append({
                "id": record["id"], "text": text, "fold": fold_of(site(record["domain"])), "kind": "page",
                "lang": record["lang"], "type": record["page_type"] if record["set"] == "wcxb" else "article",
                # Their truth often holds only the beginning of the article.
                "learn": record["set"] != "goose3",
                "foreign": record["lang"] not in ("en", "und"), "gathered": name in gathered,
                "labels": [label for _, label in blocks], "shares": judged,
                "words": [len(tokens(block)) for block, _ in blocks], "truth": len(truth),
            })
    for record in read(str(data / "clean" / "clean.jsonl.zst")):
        text = record["text"].replace(NEL, ELLIPSIS)
        blocks = split(text)
        words = [len(tokens(block)) for block in blocks]
        pages.append({
            "id": record["id"], "text": text, "fold": fold_of(record["kind"] + record["lang"]), "kind": "clean",
            "gathered": False, "learn": True, "foreign": False, "labels": [1] * len(blocks), "shares": [1.0] * len(blocks),
            "words": words, "truth": sum(words),
        })
    return pages


def split(text):
    return [block for block in ENDS.split(text) if block.strip(SPACES)]


def judge(words, label, runs):
    """The label, or for a block that is content in part the share of its words in runs of four of the truth."""
    if label >= 0:
        return float(label)
    if label == -2 or len(words) < 4:
        return math.nan
    covered = [False] * len(words)
    for at in range(len(words) - 3):
        if tuple(words[at:at + 4]) in runs:
            covered[at:at + 4] = [True] * 4
    return sum(covered) / len(words)


def site(domain):
    """The domain without the names of hosts before it."""
    country = domain.endswith((".uk", ".au", ".jp", ".nz", ".za", ".br", ".in"))
    return ".".join(domain.split(".")[-3 if country else -2:])


def fold_of(name):
    return int(hashlib.sha256(name.encode()).hexdigest(), 16) % FOLDS


def copies(pages):
    """A part of the pages once more, to be seen without any weights of words."""
    chance = random.Random(5)
    chosen = [page for page in pages if page["kind"] == "page" and page["learn"] and chance.random() < 0.35]
    return [{**page, "kind": "masked"} for page in chosen]


def write(pages, path):
    with open(path, "w", encoding="utf-8") as out:
        for page in pages:
            fold = FOLDS if page["kind"] == "masked" else page["fold"]
            out.write(json.dumps({"id": page["id"], "text": page["text"], "fold": fold}) + "\n")


class Table:
    """What is known of each block of all pages, one behind the other."""

    def __init__(self, pages, composed):
        counts = [len(page["labels"]) for page in pages]
        each = lambda value: np.repeat([value(page) for page in pages], counts)
        of_page = np.repeat(np.arange(len(pages)), counts)
        self.starts = np.concatenate([[0], np.cumsum(counts)])
        self.fold = np.array([page["fold"] for page in pages])
        self.gathered = np.array([page["gathered"] for page in pages])
        share = np.concatenate([page["shares"] for page in pages]).astype(np.float32)
        usable = ~np.isnan(share) & each(lambda page: page["learn"])
        self.share = np.nan_to_num(share, nan=0.5)
        words = np.concatenate([page["words"] for page in pages])
        kinds = np.array([page["kind"] for page in pages])
        # Pages weigh alike, and blocks by their words, as the score does; pages with very much chrome weigh more.
        weight = words + 2.0
        total = np.bincount(of_page, weight)
        truth = each(lambda page: max(page["truth"], 30))
        weight = weight / np.minimum(total[of_page], 3.0 * truth)
        of_kind = {"page": 1.0, "clean": 0.5, "masked": 0.5, "composed": composed}
        of_page = np.array([of_kind[kind] for kind in kinds]) * np.where(self.gathered, GATHERED, 1.0)
        of_page *= [1.5 if page["foreign"] else 1.0 for page in pages]
        weight *= np.repeat(of_page, counts)
        self.weight = weight / weight.mean() * usable
        self.words = words * usable
        # The truth of gathered pages is too coarse, and copies count by their blocks alone.
        self.dice = np.array([{"page": 1.0, "clean": CLEAN, "masked": 0.0, "composed": composed}[kind] for kind in kinds])
        self.dice *= ~self.gathered & np.array([page["learn"] for page in pages])
        # For each block whether its document is clean, and whether it was gathered; for each copy the page it is one of.
        self.clean = np.repeat(kinds == "clean", counts)
        self.coarse = np.repeat(self.gathered, counts)
        first = {page["id"]: at for at, page in reversed(list(enumerate(pages)))}
        self.copies = [(at, first[page["id"]]) for at, page in enumerate(pages) if page["kind"] == "masked"]

    def blocks(self, inputs):
        return network.Blocks(inputs, self.share, self.weight, self.words, self.starts, self.dice, self.gathered)

    def taught(self, scores):
        """What a student learns of each block: what the teachers say and what the label says. The labels of gathered pages are too
        coarse. A copy, whose words nobody knows, is what the page is."""
        for copy, page in self.copies:
            scores[self.starts[copy]:self.starts[copy + 1]] = scores[self.starts[page]:self.starts[page + 1]]
        labels = np.where(self.coarse, 0, LABELS)
        return np.where(self.clean, 1, labels * self.share + (1 - labels) * scores).astype(np.float32)


def learn_words(pages, path):
    """A table of weights for each fold, learnt from the other folds, and one from all: logistic regression on buckets."""
    numbers = np.fromfile(path, dtype="<u4")
    rows, at = [], 0
    while at < len(numbers):
        count = int(numbers[at])
        rows.append(numbers[at + 1:at + 1 + count])
        at += 1 + count
    lengths = np.array([len(row) for row in rows])
    buckets = np.concatenate(rows).astype(np.int32)
    values = np.repeat(1 / np.sqrt(np.maximum(lengths, 1)), lengths).astype(np.float32)
    matrix = scipy.sparse.csr_matrix((values, buckets, np.concatenate([[0], np.cumsum(lengths)])), (len(rows), BUCKETS))
    matrix.sum_duplicates()
    counts = [len(page["labels"]) for page in pages]
    each = lambda value: np.repeat([value(page) for page in pages], counts)
    labels = np.concatenate([page["labels"] for page in pages])
    fold, page = each(lambda page: page["fold"]), np.repeat(np.arange(len(pages)), counts)
    weight = np.sqrt(np.concatenate([page["words"] for page in pages]) + 1.0)
    weight *= np.where(each(lambda page: page["foreign"]), 2.0, 1.0)
    weight /= np.sqrt(np.bincount(page, weight)[page])
    # Clean documents would teach that their languages are articles.
    usable = (labels >= 0) & each(lambda page: page["kind"] == "page" and page["learn"])
    weight /= weight[usable].mean()
    tables = []
    for held in range(FOLDS + 1):
        chosen = usable & (fold != held)
        seen = np.repeat(chosen, lengths)
        # Buckets of fewer than three pages say nothing.
        pairs = np.unique(np.repeat(page, lengths)[seen].astype(np.int64) * BUCKETS + buckets[seen])
        known = np.flatnonzero(np.bincount(pairs % BUCKETS, minlength=BUCKETS) >= 3)
        model = LogisticRegression(C=0.5, max_iter=30)
        model.fit(matrix[chosen][:, known], labels[chosen], sample_weight=weight[chosen])
        table = np.zeros(BUCKETS)
        table[known] = model.coef_[0]
        tables.append(np.clip(np.round(table * 32), -127, 127).astype(np.int8))
        print(f"words, without fold {held}: {len(known)} buckets", flush=True)
    return tables


known = {}


def learn(work, features, table, inputs, recipe, teachers):
    """The network for each fold, learnt from the others, and one learnt from all, as the program reads them. `teachers`: for
    each of these the networks to learn from, beside the labels."""
    known.update(work=work, features=features, table=table, inputs=inputs, recipe=recipe, teachers=teachers)
    # Each process inherits what is known; there is nothing between them that the order of their work could change.
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("fork")) as processes:
        return list(processes.map(learn_without, range(FOLDS + 1)))


def learn_without(held):
    table, inputs, recipe = known["table"], known["inputs"], known["recipe"]
    blocks = table.blocks(inputs.of(known["features"]))
    if known["teachers"]:
        teachers = known["teachers"][held]
        scores = sum(said_by(teacher) for teacher in teachers) / len(teachers)
        blocks = blocks._replace(share=table.taught(scores), gathered=np.zeros_like(table.gathered))
    digest = hashlib.sha256(repr((held, recipe)).encode() + pathlib.Path(network.__file__).read_bytes())
    for part in blocks:
        digest.update(np.ascontiguousarray(part))
    path = known["work"] / f"network-{digest.hexdigest()[:16]}.bin"
    if not path.exists():
        parameters = network.learn(blocks, np.flatnonzero(table.fold != held), recipe)
        # A run that ends while it writes leaves nothing that looks learnt.
        part = path.with_suffix(".part")
        part.write_bytes(network.written(inputs, parameters))
        part.rename(path)
    print(f"{path.name}: {recipe.width} values, without fold {held}", flush=True)
    return path.read_bytes()


def said_by(teacher):
    """What a teacher says of each block."""
    inputs, parameters = network.read(teacher, TEACHER.width)
    return network.scores(known["table"].blocks(inputs.of(known["features"])), parameters)


if __name__ == "__main__":
    main()
