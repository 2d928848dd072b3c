#!/usr/bin/env python3
"""Plants evaluation items in real articles, so that recall and precision of decontamination can be measured.

    plant.py --evaluation DIR --articles FILE --clean FILE [--code DIR]... -o OUT

DIR holds one JSON lines file a set (`question`, `answer`), FILEs are JSON lines with `text`; those of --clean also have `kind`.
Any file may be packed with zstd. OUT gets `sets/` (half of each set: what a build is told to look for), `documents.jsonl` (one
article a line, about half of them with one item planted in it), and `truth.jsonl`. Everything is drawn from hashes of ids, so
the same input gives the same bytes.

Kinds of change: verbatim; case; punctuation (left out, or other quotation marks); word (one word is another); truncated (the
last quarter to two fifths is gone); sentence (inside a sentence of the article); answered (one word changed and cut by a tenth, the
answer after it). Negatives: articles, program code and law as they are, and `other`: items of the half that the build is not told.
"""
import argparse
import hashlib
import io
import json
import pathlib
import random
import re

import zstandard

LENGTHS = [(5, 7), (8, 12), (13, 20), (21, 50), (51, 400)]
KINDS = ["verbatim", "case", "punctuation", "word", "truncated", "sentence", "answered"]
OTHERS = "river stone window letter seven bright carry slowly under green market paper north simple winter".split()
LEADS = ["As one of the readers put it, {} is what everybody asked that day.", "They had been told that {} and went on with their work.",
         "In the notes of the meeting ({}) nothing else was written down.", "The teacher wrote {} on the board and left the room."]


def read(path):
    raw = open(path, "rb")
    data = zstandard.ZstdDecompressor().stream_reader(raw) if str(path).endswith(".zst") else raw
    for line in io.TextIOWrapper(data, encoding="utf-8"):
        if line.strip():
            yield json.loads(line)


def draw(*parts):
    return random.Random(hashlib.sha256("/".join(map(str, parts)).encode()).digest())


def words(text):
    return re.findall(r"\S+", text)


def length(text):
    return len(re.findall(r"[^\W_]+", text))


def changed(text, answer, kind, rng):
    if kind == "case":
        return rng.choice([str.upper, str.lower, str.title])(text)
    if kind == "punctuation":
        other = re.sub(r"[,;:.!?]", "", text) if rng.random() < 0.5 else re.sub(r"[,;]", " -", text)
        return other.replace("'", "\u2019").replace('"', "\u201c")
    if kind in ("word", "answered"):
        parts = re.split(r"(\s+)", text)
        real = [i for i, part in enumerate(parts) if re.search(r"[^\W_]{3}", part)]
        if real:
            parts[rng.choice(real)] = rng.choice(OTHERS)
        text = "".join(parts)
        return text if kind == "word" else text + "\n" + answer
    if kind == "truncated":
        parts = words(text)
        return " ".join(parts[: max(4, round(len(parts) * rng.uniform(0.6, 0.75)))])
    if kind == "sentence":
        return rng.choice(LEADS).format(text.strip().rstrip(".?!"))
    return text


def plant(article, text, kind, rng):
    blocks = article.split("\n\n")
    if kind == "sentence":
        at = rng.randrange(len(blocks))
        blocks[at] = f"{blocks[at]} {text}"
    else:
        blocks.insert(rng.randrange(len(blocks) + 1), text)
    return "\n\n".join(blocks)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--evaluation", type=pathlib.Path, required=True)
    ap.add_argument("--articles", required=True)
    ap.add_argument("--clean", required=True)
    ap.add_argument("--code", type=pathlib.Path, action="append", default=[], help="folders of program code and of files named `copyright`")
    ap.add_argument("-o", "--out", type=pathlib.Path, required=True)
    ap.add_argument("--each", type=int, default=60, help="planted items of each length and kind of change")
    ap.add_argument("--salt", default="development", help="another word plants other items in other articles")
    a = ap.parse_args()
    (a.out / "sets").mkdir(parents=True, exist_ok=True)
    told, untold = [], []
    for path in sorted(a.evaluation.glob("*.jsonl*")):
        name = path.name.split(".")[0]
        mine = []
        for number, row in enumerate(read(path)):
            row = {"id": f"{name}/{number}", "question": row["question"], "answer": row.get("answer", "")}
            if draw(a.salt, "half", row["question"]).random() < 0.5:
                mine.append(row)
            else:
                untold.append((name, row))
        told += [(f"sets/{name}.jsonl#{record}", row) for record, row in enumerate(mine)]
        with open(a.out / "sets" / f"{name}.jsonl", "w") as out:
            out.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in mine)
    articles = [row["text"] for row in read(a.articles)]
    articles = sorted({text for text in articles if 400 < len(text) < 6000}, key=lambda text: draw(a.salt, "article", text).random())
    documents, truth = [], []
    asked = {"".join(re.findall(r"[^\W_]+", row["question"].lower())) for _, row in told}
    untold = [(name, row) for name, row in untold if "".join(re.findall(r"[^\W_]+", row["question"].lower())) not in asked]

    def add(id, text, **more):
        documents.append({"id": id, "text": text})
        truth.append({"id": id, **more})

    for least, most in LENGTHS:
        fitting = [(item, row) for item, row in told if least <= length(row["question"]) <= most]
        fitting.sort(key=lambda one: draw(a.salt, "item", one[1]["id"]).random())
        for place in range(a.each * len(KINDS)):
            item, row = fitting[place % len(fitting)]
            kind = KINDS[place % len(KINDS)]
            rng = draw(a.salt, "plant", row["id"], kind)
            text = changed(row["question"], row["answer"], kind, rng)
            id = f"planted-{len(documents):05}"
            add(id, plant(articles.pop(), text, kind, rng), kind=kind, length=f"{least}-{most}", item=item)
    untold.sort(key=lambda one: draw(a.salt, "item", one[1]["id"]).random())
    for name, row in untold[:1500]:
        rng = draw(a.salt, "plant", row["id"])
        add(f"other-{len(documents):05}", plant(articles.pop(), row["question"], "verbatim", rng), kind="other", item=row["id"])
    for text in articles[:6000]:
        add(f"article-{len(documents):05}", text, kind="article")
    for row in read(a.clean):
        add(f"clean-{len(documents):05}", row["text"], kind=row["kind"] if row["kind"] in ("code", "law", "docs") else "prose")
    for folder in a.code:
        for path in sorted(path for path in folder.rglob("*") if path.suffix in (".py", ".pl", ".pm", ".rs", ".c", ".h", ".js") or path.name == "copyright"):
            text = path.read_text(errors="replace") if path.is_file() else ""
            if 200 < len(text) < 60000:
                add(f"code-{len(documents):05}", text, kind="law" if path.name == "copyright" else "code")
    for name, rows in (("documents", documents), ("truth", truth)):
        with open(a.out / f"{name}.jsonl", "w") as out:
            out.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


if __name__ == "__main__":
    main()
