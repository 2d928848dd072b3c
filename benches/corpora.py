"""Makes the bench corpora, the same bytes each time: `corpora.py KIND FOLDER SCALE` with KIND one of KINDS.

The texts come from the shared corpus beside the repository where it is there, else from the seeds, repeated with
changes until there is enough. Prints one JSON object: what was made, how many articles, how many bytes of text.
"""

import itertools
import json
import pathlib
import shutil
import subprocess
import sys

REPOSITORY = pathlib.Path(__file__).resolve().parents[1]
SHARED = REPOSITORY.parent / "shared/corpus/articles.jsonl.zst"

# Megabytes of text, or files, at scale 1.
CORPUS_BYTES = 140_000_000
SHORT_FILES = 200_000
SHORT_BYTES = 700
BIG_BYTES = 1_000_000_000


def shared_articles():
    """The articles of the shared corpus, as (id, text)."""
    if shutil.which("zstd"):
        with subprocess.Popen(["zstd", "-dc", "--long=27", SHARED], stdout=subprocess.PIPE) as process:
            lines = iter(process.stdout)
            yield from ((record["id"], record["text"]) for record in map(json.loads, lines))
            process.stdout.close()
    else:
        import pyarrow

        with pyarrow.input_stream(str(SHARED), compression="zstd") as stream:
            for line in stream.read().splitlines():
                record = json.loads(line)
                yield record["id"], record["text"]


def seed_articles():
    """The UTF-8 articles among the seeds, as (id, text)."""
    for path in sorted((REPOSITORY / "seeds/articles").glob("*.txt")):
        try:
            yield path.stem, path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


def varied(text, copy):
    """The `copy`th variant of a text: three paragraphs in four get a number of their own, the fourth repeats."""
    if copy == 0:
        return text
    lines = text.split("\n")
    for index, line in enumerate(lines):
        if len(line) > 40 and index % 4:
            head, space, tail = line.partition(" ")
            lines[index] = f"{head} {copy}{index}{space}{tail}"
    return "\n".join(lines)


def articles():
    """Articles without end: all of them, then variants of all of them, and so on."""
    source = list(shared_articles() if SHARED.exists() else seed_articles())
    for copy in itertools.count():
        for name, text in source:
            yield f"{name}/{copy}", varied(text, copy)


def write_jsonl(path, size, take=lambda number: True):
    """One file of JSON lines with about `size` bytes of text; of its articles only those whose number `take` likes."""
    texts = seen = made = 0
    with open(path, "w", encoding="utf-8") as file:
        for number, (name, text) in enumerate(articles()):
            length = len(text.encode())
            if seen + length > size:
                break
            seen += length
            if take(number):
                texts += length
                made += 1
                json.dump({"id": name, "text": text}, file, ensure_ascii=False)
                file.write("\n")
    return made, texts


def write_short_files(folder, count):
    """`count` files of a few paragraphs each, a thousand to a folder."""
    texts = made = 0
    for name, text in articles():
        part = []
        for line in text.split("\n"):
            part.append(line)
            if sum(map(len, part)) < SHORT_BYTES:
                continue
            group = folder / f"{made // 1000:04}"
            if made % 1000 == 0:
                group.mkdir(parents=True)
            content = "\n".join(part).encode() + b"\n"
            (group / f"{made:07}.txt").write_bytes(content)
            texts += len(content)
            made += 1
            part = []
            if made == count:
                return made, texts


KINDS = {
    "corpus": lambda folder, scale: write_jsonl(folder / "corpus.jsonl", CORPUS_BYTES * scale),
    "half": lambda folder, scale: write_jsonl(folder / "half.jsonl", CORPUS_BYTES * scale, lambda number: number % 2 == 0),
    "files": lambda folder, scale: write_short_files(folder / "files", round(SHORT_FILES * scale)),
    "twice": lambda folder, scale: write_jsonl(folder / "twice.jsonl", 2 * BIG_BYTES * scale),
    "big": lambda folder, scale: write_jsonl(folder / "big.jsonl", BIG_BYTES * scale),
}


def main():
    kind, folder, scale = sys.argv[1], pathlib.Path(sys.argv[2]), float(sys.argv[3])
    folder.mkdir(parents=True, exist_ok=True)
    made, texts = KINDS[kind](folder, scale)
    json.dump({"kind": kind, "articles": made, "bytes": texts}, sys.stdout)


if __name__ == "__main__":
    main()
