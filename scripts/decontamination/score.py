#!/usr/bin/env python3
"""Scores decontamination on what plant.py planted.

    score.py TRUTH DATASET [--misses N]

DATASET is the folder of a build whose stage removed documents: its ledger names the item that was found in each. A planted item is
found where its document was removed; `item` says how often the ledger names another item. Negatives are documents in which nothing
was planted, and those that hold an item of which the build was not told. Needs pyarrow.
"""
import argparse
import collections
import glob
import json

KINDS = ["verbatim", "case", "punctuation", "word", "truncated", "sentence", "answered"]


def removed(dataset):
    import pyarrow.parquet

    found = {}
    for path in sorted(glob.glob(f"{dataset}/ledger/removed-*.parquet")):
        for row in pyarrow.parquet.read_table(path, columns=["id", "rule", "partner_id", "text"]).to_pylist():
            if row["rule"].startswith("decontaminate."):
                found[row["id"]] = (row["partner_id"], row["rule"])
    return found


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("truth")
    ap.add_argument("dataset")
    ap.add_argument("--misses", type=int, default=0, help="shows so many faults of each sort")
    a = ap.parse_args()
    found = removed(a.dataset)
    planted, negatives, faults, others = (collections.defaultdict(collections.Counter) for _ in range(4))
    misses = collections.defaultdict(list)
    for line in open(a.truth):
        row = json.loads(line)
        hit = row["id"] in found
        if "length" in row:
            planted[row["length"]][row["kind"]] += hit
            planted[row["length"]][row["kind"], "all"] += 1
            others["item"]["another"] += hit and found[row["id"]][0] != row["item"]
        else:
            negatives[row["kind"]]["hit"] += hit
            negatives[row["kind"]]["all"] += 1
        if hit != ("length" in row):
            misses[row["kind"], row.get("length", "")].append((row["id"], row.get("item"), found.get(row["id"])))
    print(f"{'words':8}", *[f"{kind:>11}" for kind in KINDS])
    for length, counts in planted.items():
        print(f"{length:8}", *[f"{counts[kind] / counts[kind, 'all']:11.3f}" for kind in KINDS])
    print("negatives removed:", ", ".join(f"{kind} {c['hit']}/{c['all']}" for kind, c in sorted(negatives.items())))
    print("found, but another item is named:", others["item"]["another"])
    for key, rows in sorted(misses.items()):
        for row in rows[: a.misses]:
            print(*key, *row)


if __name__ == "__main__":
    main()
