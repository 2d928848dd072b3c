#!/usr/bin/env python3
"""Fits what tells a scraped page from a text that is none: crates/chrome/src/scraped/fitted.rs.

    scraped.py DATA CHROME_FEATURES FITTED.RS TEXTS.JSONL...

DATA is the folder of labelled data (`shared/data`), CHROME_FEATURES the program that `cargo build --example chrome_features`
makes, TEXTS have texts that are no pages (`id`, `text`): README.md says which. Pages are all of DATA/boilerplate; no pages are the
clean documents, each once more with one to three lines of chrome below it, and the long ones. Logistic regression; the bias is
set so that of the texts that are no pages, told by weights that have not seen them, one in a thousand is taken for a page. The
same data makes the same file.
"""
import json
import pathlib
import random
import subprocess
import sys
import tempfile
import tomllib

import numpy as np
import scipy.optimize

FOLDS = 5
# Of the texts that are no pages, the share that may be taken for one.
FALSE = 0.004
# The order of the program.
TRAITS = ["chrome", "hint_kinds", "hints", "short", "sentences", "prose", "code", "marked", "blocks", "named"]
SPEAKING = ["chrome", "hint_kinds", "hints", "named"]
# What a page weighs in a language that few of them are in, and a text with chrome below it, of which each text has one.
FOREIGN = 3
WITH_CHROME = 0.3
PENALTY = 1.0
SETS = ["wcxb-dev", "wcxb-dev-2", "postlight", "readability", "multilingual-small", "trafilatura"]


def main():
    data, program, out, others = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4:]
    sys.path.insert(0, str(data / "scorers"))
    from common import read

    texts, pages, groups, weights = [], [], [], []

    def add(text, page, group, weight=1.0):
        texts.append(text)
        pages.append(page)
        groups.append(group)
        weights.append(weight)

    for name in SETS:
        for record in read(str(data / "boilerplate" / f"{name}.pages.jsonl.zst")):
            add(record["text"], True, record["domain"], 1.0 if record["lang"] in ("en", "de", "und") else FOREIGN)
    lines = chrome_lines()
    chance = random.Random(1)
    for record in read(str(data / "clean" / "clean.jsonl.zst")):
        group = record["kind"] + record["lang"]
        add(record["text"], False, group)
        below = chance.sample(lines.get(record["lang"], lines["en"]), chance.choice([1, 1, 2, 3]))
        add("\n\n".join([record["text"], *below]), False, group, WITH_CHROME)
    for record in read(str(data / "long" / "long.jsonl.zst")):
        add(record["text"], False, record["kind"])
    for name in others:
        for record in read(name):
            add(record["text"], False, record["id"], record.get("weight", 1.0))
    traits, values = signs(program, texts)
    pages, weights = np.array(pages), np.array(weights)
    numbers = {group: number % FOLDS for number, group in enumerate(sorted(set(groups)))}
    fold = np.array([numbers[group] for group in groups])
    # A line of chrome, of whatever kind, never speaks against a page.
    speaking = np.array([name in SPEAKING for name in traits])
    odds = np.zeros(len(texts))
    for held in range(FOLDS):
        learn = fold != held
        slopes, bias = fitted(values[learn], pages[learn], weights[learn], speaking)
        odds[fold == held] = values[fold == held] @ slopes + bias
    bar = float(np.quantile(odds[~pages], 1 - FALSE))
    print(f"{pages.sum()} pages, {(~pages).sum()} texts; told by weights that have not seen them:")
    for least in (bar - 2, bar - 1, bar, bar + 1):
        print(f"  from {least:.2f}: {(odds[pages] >= least).mean():.4f} of the pages, {(odds[~pages] >= least).mean():.5f} of the texts")
    slopes, bias = fitted(values, pages, weights, speaking)
    slopes = ", ".join(str(round(1000 * float(slope))) for slope in slopes)
    pathlib.Path(out).write_text(f"""//! What tells a scraped page, in thousandths of the logarithm of the odds, as `scripts/boilerplate/scraped.py` writes it.

pub(super) const BIAS: i32 = {round(1000 * (float(bias) - bar))};

/// A step of each trait: {", ".join(traits)}.
pub(super) const WEIGHTS: [i32; super::TRAITS.len()] = [{slopes}];
""")


def fitted(values, pages, weights, speaking):
    """Weights and bias by logistic regression with a penalty on squares; those of what is `speaking` are not below zero."""
    scale = np.maximum(values.std(0), 1e-3)
    seen = values / scale
    sign = np.where(pages, 1.0, -1.0)

    def loss(parameters):
        margin = sign * (seen @ parameters[:-1] + parameters[-1])
        pull = -weights * sign / (1 + np.exp(np.clip(margin, -50, 50)))
        gradient = np.append(seen.T @ pull + 2 * PENALTY * parameters[:-1], pull.sum())
        return (weights * np.logaddexp(0, -margin)).sum() + PENALTY * (parameters[:-1] ** 2).sum(), gradient

    bounds = [(0 if least else None, None) for least in speaking] + [(None, None)]
    found = scipy.optimize.minimize(loss, np.zeros(len(scale) + 1), jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": 5000})
    return found.x[:-1] / scale, found.x[-1]


def signs(program, texts):
    """Names of the traits, and a row of values a text."""
    with tempfile.TemporaryDirectory() as folder:
        given, made = pathlib.Path(folder) / "texts.jsonl", pathlib.Path(folder) / "signs.jsonl"
        with given.open("w", encoding="utf-8") as file:
            for number, text in enumerate(texts):
                file.write(json.dumps({"id": number, "text": text}) + "\n")
        subprocess.run([program, "signs", given, made], check=True)
        rows = [dict(json.loads(line)["signs"]) for line in made.open(encoding="utf-8")]
    traits = TRAITS
    return traits, np.array([[row[name] for name in traits] for row in rows], float)


def chrome_lines():
    """Whole phrases of the packs that go wherever they stand, by language."""
    packs = pathlib.Path(__file__).parents[2] / "data" / "packs"
    removing = {rule["id"] for rule in tomllib.loads((packs / "news.toml").read_text())["rule"] if rule["effect"] == "remove"}
    lines = {}
    for path in sorted((packs / "news").glob("*.toml")):
        rules = tomllib.loads(path.read_text())
        phrases = [phrase for name, rule in rules.items() if name in removing for phrase in rule["match"]]
        lines[path.stem] = [phrase.capitalize() for phrase in phrases if "*" not in phrase and len(phrase) > 8]
    return lines


if __name__ == "__main__":
    main()
