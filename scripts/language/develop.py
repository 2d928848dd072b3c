#!/usr/bin/env python3
"""Writes the development texts as plain tables, for training and for checking.

    develop.py DATA OUT     (DATA: the folder with lid/ and clean/; needs the `zstd` command)

OUT gets `NAME.tsv` a set: id, language, text. Lines of the declaration also say which language is which (`lang3`).
"""
import json
import os
import subprocess
import sys

data, out = sys.argv[1:]
os.makedirs(out, exist_ok=True)
SETS = ["lid/lingua-sentences", "lid/lingua-word-pairs", "lid/lingua-single-words", "lid/pud-sentences", "lid/udhr", "clean/clean"]
for name in SETS:
    lines = subprocess.run(["zstd", "-dc", f"{data}/{name}.jsonl.zst"], capture_output=True, check=True).stdout.splitlines()
    with open(f"{out}/{name.split('/')[1]}.tsv", "w", encoding="utf-8") as file:
        for line in lines:
            record = json.loads(line)
            text = " ".join(record["text"].split())
            file.write("\t".join([record["id"], record["lang"], text]) + "\n")
