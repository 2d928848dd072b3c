#!/usr/bin/env python3
"""Fits the weights of src/stage/boilerplate/facts/fitted.rs.

    fit.py DATA CANDIDATES OUT      (DATA: the folder with metadata/ and scorers/; needs numpy and zstandard)

CANDIDATES is what the ignored test `write_candidates` writes: each page twice, without and with its address, and every third page
once more as if the model of chrome had not judged it, which is learnt from and not measured. A page's candidates compete
(softmax); for author and day "none of them" competes too, with no points. The weights are the regularised
optimum that AdaGrad reaches in a fixed number of passes in a fixed order, times 100, rounded: the same input gives the
same file. Prints what four-fold cross-validation by site says of the limits (`LIMITS`) that say how sure a candidate must be,
and the limit at which precision would be what is asked.

Authors and days are looked for around the title that the weights of the time find, so a change of the title's takes two rounds
of writing candidates and fitting.
"""
import collections
import json
import random
import sys
import zlib

import numpy as np

data, candidates, out = sys.argv[1:]
sys.path.insert(0, f"{data}/scorers")
from common import read  # noqa: E402
from score_metadata import norm, right_author, right_day, right_title  # noqa: E402

VALUES = 10
TASKS = {"title": right_title, "author": right_author, "published": None}
# Precision asked of the cross-validation: a little above what is promised.
ASKED = {"title": 0.86, "author": 0.87, "published": 0.975}
# Chosen from what is printed: an author or a day that is given should be right more often than is asked.
LIMITS = {"title": 5, "title alone": 105, "author": -78, "author alone": 40, "published": 150}
UNKNOWN = 0.25  # weight of pages where the source does not know the fact

gold = {page["id"]: page for page in read(f"{data}/metadata/metadata.jsonl.zst")}
pages = collections.defaultdict(list)
for line in open(candidates, encoding="utf-8"):
    identity, address, judged, task, value, features = json.loads(line)
    pages[task, identity, address, judged].append((value, features))
    TRAITS = len(features)


def site(page):
    url = page.get("url") or ""
    return url.split("/")[2] if "//" in url else page["id"]


def prepare(task):
    prepared = []
    for identity, page in gold.items():
        known = page.get(task) is not None
        if known and not (page.get("visible") or {}).get(task):
            continue
        if not known and task == "title":
            continue
        for address, judged in ((False, True), (True, True), (False, False), (True, False)):
            own = pages.get((task, identity, address, judged), [])
            if not own and not judged:
                continue
            right = np.zeros(len(own) + (task != "title"), bool)
            if known:
                judge = (lambda value: right_day(page, value)) if task == "published" else (lambda value: TASKS[task](page[task], value))
                right[: len(own)] = [judge(value) for value, _ in own]
            if task != "title" and not right.any():
                right[-1] = True
            features = np.array([f for _, f in own], np.int32).reshape(len(own), TRAITS)
            index = features + np.arange(TRAITS, dtype=np.int32) * VALUES
            fold = zlib.crc32(site(page).encode()) % 4
            prepared.append((page, known, address, index, right, [value for value, _ in own], fold, judged))
    return prepared


def fit(examples, passes=16, rate=0.4, decay=2e-3):
    weights = np.zeros(TRAITS * VALUES)
    squares = np.full(TRAITS * VALUES, 0.1)
    examples = [e for e in examples if e[4].any() and len(e[3])]
    order = list(range(len(examples)))
    shuffle = random.Random(1)
    for _ in range(passes):
        shuffle.shuffle(order)
        for number in order:
            _, known, _, index, right, *_ = examples[number]
            scores = np.zeros(len(right))
            scores[: len(index)] = weights[index].sum(axis=1)
            chance = np.exp(scores - scores.max())
            chance /= chance.sum()
            wanted = chance * right
            wanted /= wanted.sum()
            push = (wanted - chance)[: len(index)] * (1 if known else UNKNOWN)
            step = np.bincount(index.ravel(), np.repeat(push, TRAITS), TRAITS * VALUES) - decay * weights
            squares += step * step
            weights += rate * step / np.sqrt(squares)
    return np.round(weights * 100).astype(int)


def judge(task, weights, examples):
    """For each page where the fact is known: how sure the best candidate is, and whether it is right."""
    told = []
    for page, known, address, index, right, values, _, judged in examples:
        if not known or not judged:
            continue
        if not len(index):
            told.append((None, False, address, page, None))
            continue
        scores = weights[index].sum(axis=1)
        best = int(scores.argmax())
        sure = scores[best]
        if task == "title":
            same = norm(values[best])
            others = [s for s, v in zip(scores, values) if norm(v) != same]
            sure = sure - max(others) if others else 10**6
        told.append((int(sure), bool(right[best]), address, page, values[best]))
    return told


def at_least(told, limit):
    given = [t for t in told if t[0] is not None and t[0] >= limit]
    right = sum(t[1] for t in given)
    return right / max(1, len(given)), right / max(1, len(told))


def chosen(told, asked):
    """The least limit at which precision is what is asked, and stays so for higher ones nearby."""
    best = None
    for limit in sorted({t[0] for t in told if t[0] is not None}, reverse=True):
        if at_least(told, limit)[0] >= asked:
            best = limit
    return best if best is not None else 10**6


tables = {}
for task in TASKS:
    prepared = prepare(task)
    told = []
    for fold in range(4):
        weights = fit([e for e in prepared if e[6] != fold])
        told += judge(task, weights, [e for e in prepared if e[6] == fold])
    for name in [name for name in LIMITS if name.startswith(task) and name != "author alone"]:
        asked = chosen([t for t in told if t[2] != name.endswith("alone")], ASKED[task])
        print(f"{name}: precision {ASKED[task]} from {asked} on; the limit is {LIMITS[name]}")
    for name, part in (("", told), (" without address", [t for t in told if not t[2]]), (" with address", [t for t in told if t[2]])):
        precision, recall = at_least(part, LIMITS[task])
        print(f"{task}{name}: precision {precision:.3f}, recall {recall:.3f} at {LIMITS[task]}; best candidate right {sum(t[1] for t in part) / len(part):.3f}, reachable {sum(bool(e[4][:len(e[3])].any()) for e in prepared if e[1] and e[7]) / len(told):.3f}")
    tables[task] = fit(prepared).reshape(TRAITS, VALUES)

with open(out, "w", encoding="utf-8") as file:
    file.write("//! The weights of the readers of facts, as `scripts/facts/fit.py` writes them: a row a trait, a column a value.\n\n")
    file.write("use super::weights::Weights;\n\n")
    file.write(f"/// How far the best title must be ahead of the next one.\npub(super) const TITLE_MARGIN: i32 = {LIMITS['title']};\n")
    file.write(f"/// The same where the page's address is not known.\npub(super) const TITLE_MARGIN_ALONE: i32 = {LIMITS['title alone']};\n")
    file.write(f"/// How many points an author needs.\npub(super) const AUTHOR_LEAST: i32 = {LIMITS['author']};\n")
    file.write(f"/// The same without a word for an author.\npub(super) const AUTHOR_LEAST_ALONE: i32 = {LIMITS['author alone']};\n")
    file.write(f"/// How many points a day needs.\npub(super) const PUBLISHED_LEAST: i32 = {LIMITS['published']};\n")
    for task, table in tables.items():
        file.write(f"\n#[rustfmt::skip]\npub(super) const {task.upper()}: Weights = [\n")
        for row in table:
            file.write("    [" + ", ".join(str(int(v)) for v in row) + "],\n")
        file.write("];\n")
