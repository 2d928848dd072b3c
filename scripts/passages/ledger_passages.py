#!/usr/bin/env python3
"""Prints what a build cut out of documents as passages: {"id", "start", "end"} in bytes of each document.

    ledger_passages.py DATASET DOCUMENTS > passages.jsonl

DATASET is the folder of a build with `substring_dedup` alone, DOCUMENTS its input: JSON lines with `id` and `text`, packed with zstd or
not. A block is a line that is not blank, as in the ledger; between two blocks that go, the line ends go too. Needs pyarrow and
zstandard.
"""
import collections
import glob
import io
import json
import sys

import pyarrow.parquet
import zstandard


def main():
    dataset, path = sys.argv[1:]
    raw = open(path, "rb")
    data = zstandard.ZstdDecompressor().stream_reader(raw) if path.endswith(".zst") else raw
    blocks, texts, cut = {}, {}, collections.defaultdict(list)
    for line in io.TextIOWrapper(data, encoding="utf-8"):
        row, at = json.loads(line), 0
        texts[row["id"]] = row["text"].encode()
        mine = blocks[row["id"]] = []
        for text in row["text"].split("\n"):
            size = len(text.encode())
            if text.strip():
                mine.append((at, at + size))
            at += size + 1
    for table in sorted(glob.glob(f"{dataset}/ledger/removed-*.parquet")):
        for row in pyarrow.parquet.read_table(table, columns=["id", "block", "start", "end"]).to_pylist():
            if row["block"] is None:
                continue
            start, end = blocks[row["id"]][row["block"]]
            if row["start"] is not None:
                start, end = start + row["start"], start + row["end"]
            cut[row["id"]].append([start, end])
    for id, ranges in cut.items():
        joined = []
        for start, end in sorted(ranges):
            if joined and not texts[id][joined[-1][1] : start].strip():
                joined[-1][1] = max(joined[-1][1], end)
            else:
                joined.append([start, end])
        for start, end in joined:
            print(json.dumps({"id": id, "start": start, "end": end}))


if __name__ == "__main__":
    main()
