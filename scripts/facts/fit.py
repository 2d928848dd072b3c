#!/usr/bin/env python3
"""Fits the weights of crates/chrome/src/facts/fitted.rs.

    fit.py DATA CANDIDATES OUT [SEEN]   (DATA: the folder with metadata/, clean/ and scorers/; needs numpy and zstandard)

CANDIDATES is what the ignored test `write_candidates` writes of the pages in metadata/ and of the documents in clean/ (their ids
behind `clean/`): each page twice, without and with its address, and every third page once more as if the model of chrome had not
judged it, which is learnt from and not measured. A page's candidates compete (softmax); for author and day "none of them"
competes too, with no points, and is right for a clean document. Titles have a table for pages with an address, learnt from both
forms of each page, and one for pages without, learnt from that form alone. SEEN is the fitted.rs of before, for candidates that were
written by the model of chrome that ships, which has seen the pages: the weights that tell what its scores are worth are taken from
there as they are, and so is the whole table for pages with an address. SEEN is the fitted.rs of before: with it the weights of the title's scores are taken from there as they are, for
candidates that were written by the model of chrome that ships, which has seen the pages. The weights are the regularised
optimum that AdaGrad reaches in a fixed number of passes in a fixed order, times 100, rounded: the same input gives the
same file. Prints what four-fold cross-validation by site says of the limits (`LIMITS`) that say how sure a candidate must be,
and the limit at which precision would be what is asked.

Authors and days are looked for around the title that the weights of the time find, so a change of the title's takes two rounds
of writing candidates and fitting.
"""
import collections
import json
import random
import re
import sys
import zlib

import numpy as np

data, candidates, out, *seen = sys.argv[1:]
sys.path.insert(0, f"{data}/scorers")
from common import read  # noqa: E402
from score_metadata import norm, right_author, right_day, right_title  # noqa: E402

VALUES = 10
TASKS = {"title": right_title, "title alone": right_title, "author": right_author, "published": None}
# Precision asked of the cross-validation: a little above what is promised.
ASKED = {"title": 0.87, "title alone": 0.88, "author": 0.89, "published": 0.975}
# Chosen from what is printed: an author or a day that is given should be right more often than is asked.
LIMITS = {"title": 5, "title alone": 120, "author": -78, "author alone": 40, "published": 140}
UNKNOWN = 0.25  # weight of pages where the source does not know the fact
# Days of promulgation: whether a law's is its day of publication is not for us to say.
UNSAID = ("law",)
SCORES = (45, 46)  # rows of the title's traits that come from the model of chrome

gold = {page["id"]: page for page in read(f"{data}/metadata/metadata.jsonl.zst")}
for page in read(f"{data}/clean/clean.jsonl.zst"):
    gold["clean/" + page["id"]] = {"clean": page["kind"]}
pages = collections.defaultdict(list)
for line in open(candidates, encoding="utf-8"):
    identity, address, judged, task, value, _, features = json.loads(line)
    pages[task, identity, address, judged].append((value, np.array(features, np.uint8)))
    TRAITS = len(features)
frozen = np.zeros(TRAITS * VALUES)
if seen:
    rows = re.findall(r"\[([-0-9, ]+)\],", re.search(r"TITLE: Weights = \[(.*?)\n\];", open(seen[0]).read(), re.S)[1])
    before = np.array([[int(v) for v in row.split(",")] for row in rows])
    for row in SCORES:
        frozen[row * VALUES : (row + 1) * VALUES] = before[row] / 100


def site(page):
    url = page.get("url") or ""
    return url.split("/")[2] if "//" in url else page.get("id", "")


def prepare(task):
    prepared = []
    name, _, alone = task.partition(" ")
    for identity, page in gold.items():
        known = page.get(name) is not None
        if known and not (page.get("visible") or {}).get(name):
            continue
        if not known and name == "title" or page.get("clean") in UNSAID and name == "published":
            continue
        for address, judged in ((False, True), (True, True), (False, False), (True, False)):
            own = pages.get((name, identity, address, judged), [])
            if not own and (not judged or not known) or alone and address:
                continue
            if not known and address:
                continue
            right = np.zeros(len(own) + (name != "title"), bool)
            if known:
                judge = (lambda value: right_day(page, value)) if name == "published" else (lambda value: TASKS[name](page[name], value))
                right[: len(own)] = [judge(value) for value, _ in own]
            if name != "title" and not right.any():
                right[-1] = True
            features = np.array([f for _, f in own], np.int32).reshape(len(own), TRAITS)
            index = features + np.arange(TRAITS, dtype=np.int32) * VALUES
            fold = zlib.crc32((site(page) or identity).encode()) % 4
            sure = 1 if known or "clean" in page else UNKNOWN
            prepared.append((page, known, address, index, right, [value for value, _ in own], fold, judged, sure))
    return prepared


def fit(examples, frozen, passes=16, rate=0.4, decay=2e-3):
    weights = frozen.copy()
    free = frozen == 0
    squares = np.full(TRAITS * VALUES, 0.1)
    examples = [e for e in examples if e[4].any() and len(e[3])]
    order = list(range(len(examples)))
    shuffle = random.Random(1)
    for _ in range(passes):
        shuffle.shuffle(order)
        for number in order:
            _, _, _, index, right, *_, sure = examples[number]
            scores = np.zeros(len(right))
            scores[: len(index)] = weights[index].sum(axis=1)
            chance = np.exp(scores - scores.max())
            chance /= chance.sum()
            wanted = chance * right
            wanted /= wanted.sum()
            push = (wanted - chance)[: len(index)] * sure
            step = (np.bincount(index.ravel(), np.repeat(push, TRAITS), TRAITS * VALUES) - decay * weights) * free
            squares += step * step
            weights += rate * step / np.sqrt(squares)
    return np.round(weights * 100).astype(int)


def judge(task, weights, examples):
    """For each page where the fact is known: how sure the best candidate is, and whether it is right."""
    told = []
    for page, known, address, index, right, values, _, judged, _ in examples:
        if not known or not judged or task == "title" and not address:
            continue
        if not len(index):
            told.append((None, False, address, page, None))
            continue
        scores = weights[index].sum(axis=1)
        best = int(scores.argmax())
        sure = scores[best]
        if task.startswith("title"):
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


def false_ones(weights, examples):
    """The points of the best candidate of each clean document that has one."""
    return [weights[index].sum(axis=1).max() for page, _, _, index, *_ in examples if "clean" in page and len(index)]


tables = {}
for task in TASKS:
    if seen and task == "title":
        tables[task] = before
        continue
    prepared = prepare(task)
    told, false = [], []
    fixed = frozen if task.startswith("title") else np.zeros_like(frozen)
    for fold in range(4):
        weights = fit([e for e in prepared if e[6] != fold], fixed)
        told += judge(task, weights, [e for e in prepared if e[6] == fold])
        false += false_ones(weights, [e for e in prepared if e[6] == fold])
    print(f"{task}: precision {ASKED[task]} from {chosen(told, ASKED[task])} on; the limit is {LIMITS[task]}")
    for name, part in (("", told), (", no address", [t for t in told if not t[2]]), (", address", [t for t in told if t[2]])):
        for limit in (LIMITS[task], chosen(part, ASKED[task])) if part else ():
            precision, recall = at_least(part, limit)
            print(f"  {task}{name}: precision {precision:.3f}, recall {recall:.3f} at {limit}; best candidate right {sum(t[1] for t in part) / len(part):.3f}")
    if false:
        limits = (LIMITS[task], LIMITS.get(f"{task} alone", LIMITS[task]))
        print(f"  {task}: given for {' or '.join(str(sum(s >= limit for s in false)) for limit in limits)} clean documents at {limits}", flush=True)
    tables[task] = fit(prepared, fixed).reshape(TRAITS, VALUES)

with open(out, "w", encoding="utf-8") as file:
    file.write("//! The weights of the readers of facts, as `scripts/facts/fit.py` writes them: a row a trait, a column a value.\n\n")
    file.write("use super::weights::Weights;\n\n")
    file.write(f"/// How far the best title must be ahead of the next one.\npub(super) const TITLE_MARGIN: i32 = {LIMITS['title']};\n")
    file.write(f"/// The same where the page's address is not known.\npub(super) const TITLE_MARGIN_ALONE: i32 = {LIMITS['title alone']};\n")
    file.write(f"/// How many points an author needs.\npub(super) const AUTHOR_LEAST: i32 = {LIMITS['author']};\n")
    file.write(f"/// The same without a word for an author.\npub(super) const AUTHOR_LEAST_ALONE: i32 = {LIMITS['author alone']};\n")
    file.write(f"/// How many points a day needs.\npub(super) const PUBLISHED_LEAST: i32 = {LIMITS['published']};\n")
    for task, table in tables.items():
        file.write(f"\n#[rustfmt::skip]\npub(super) const {task.replace(' ', '_').upper()}: Weights = [\n")
        for row in table:
            file.write("    [" + ", ".join(str(int(v)) for v in row) + "],\n")
        file.write("];\n")
