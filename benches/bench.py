"""Runs `tamis build` with the quickstart's stages over the bench corpora and prints what it took. See scripts/bench."""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
QUICKSTART = HERE.parent / "configs/quickstart.toml"

# Bench: the corpora it builds, in order.
BENCHES = {
    "corpus": ["corpus"],
    "files": ["files"],
    "big": ["big"],
    "scaling": ["half", "corpus"],
    "rebuild": ["corpus"],
    "workdir": ["corpus"],
    "bounded": ["twice"],
}
PATHS = {"corpus": "corpus.jsonl", "half": "half.jsonl", "files": "files", "big": "big.jsonl", "twice": "twice.jsonl"}
MEMORY = "2GiB"

# A folder in memory, to compare a work folder on the disk with.
IN_MEMORY = pathlib.Path("/dev/shm")


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench")
    parser.add_argument("benches", nargs="*", metavar="BENCH", help=f"one of: {' '.join(BENCHES)} (default: all)")
    parser.add_argument("--small", action="store_true", help="a hundredth of the size")
    parser.add_argument("--binary", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    options = parser.parse_args()
    unknown = set(options.benches) - set(BENCHES)
    if unknown:
        parser.error(f"no such bench: {', '.join(sorted(unknown))}; there are {', '.join(BENCHES)}")
    scale = 0.01 if options.small else 1
    folder = options.folder / ("small" if options.small else "whole")
    runs = {}
    for bench in options.benches or BENCHES:
        for kind in BENCHES[bench]:
            if kind not in runs:
                runs[kind] = run(options.binary, folder, kind, corpus(folder, kind, scale))
                show(kind, runs[kind])
        if bench == "scaling":
            show_scaling(runs["half"], runs["corpus"])
        if bench == "rebuild":
            show_rebuild(options.binary, folder, corpus(folder, "corpus", scale))
        if bench == "workdir":
            show_work_folder(options.binary, folder, corpus(folder, "corpus", scale))
        if bench == "bounded":
            show_bounded(options.binary, folder, corpus(folder, "twice", scale), runs["twice"])


def corpus(folder, kind, scale):
    """Makes a corpus unless it is there already. A process of its own: its memory is not to be counted as tamis's."""
    facts = folder / f"{kind}.made.json"
    if not facts.exists():
        shutil.rmtree(folder / PATHS[kind], ignore_errors=True)
        print(f"making {kind} ...", file=sys.stderr)
        command = [sys.executable, HERE / "corpora.py", kind, folder, str(scale)]
        made = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
        facts.write_bytes(made)
    return json.loads(facts.read_text())


def run(binary, folder, kind, facts, *, memory=MEMORY, work=None, keep=False, more=()):
    """Builds a corpus, from scratch unless the work folder is kept; returns times in seconds, memory in bytes, and the
    stages and tasks of run.json."""
    stages = QUICKSTART.read_text(encoding="utf-8")
    stages = stages[stages.index("[[stage]]") : stages.index("[output]")]
    config = folder / f"{kind}.toml"
    config.write_text(
        f'[dataset]\nname = "bench"\n\n[[source]]\npaths = ["{PATHS[kind]}"]\n\n{stages}\n[output]\ndir = "out-{kind}"\n',
        encoding="utf-8",
    )
    work = work or folder / "work"
    for old in [folder / f"out-{kind}"] + ([] if keep else [work]):
        shutil.rmtree(old, ignore_errors=True)
    command = [binary, "build", config, "--work-dir", work, "--memory", memory, "--quiet", *more]
    started = time.monotonic()
    process = os.posix_spawn(binary, [str(part) for part in command], os.environ)
    _, status, usage = os.wait4(process, 0)
    wall = time.monotonic() - started
    if os.waitstatus_to_exitcode(status) != 0:
        sys.exit(f"tamis build of {kind} ended with exit code {os.waitstatus_to_exitcode(status)}")
    report = json.loads((folder / f"out-{kind}/run.json").read_text())
    check(kind, facts, json.loads((folder / f"out-{kind}/manifest.json").read_text())["counts"])
    if not keep:
        shutil.rmtree(work, ignore_errors=True)
    cpu = usage.ru_utime + usage.ru_stime
    ran = sum(line["tasks"] for line in report["tasks"] if line["ran"])
    kept = sum(line["tasks"] for line in report["tasks"] if not line["ran"])
    took = {"wall": wall, "cpu": cpu, "memory": usage.ru_maxrss * 1024, "ran": ran, "kept": kept}
    return facts | took | {"stages": report.get("stages", [])}


def check(kind, facts, counts):
    """Stops unless the build read every article of the corpus: the speed of skipping them is no figure."""
    read, rejected, kept = (counts[part]["documents"] for part in ("input", "rejected", "kept"))
    if read != facts["articles"] or rejected or not kept:
        sys.exit(
            f"{kind}: the corpus has {facts['articles']:,} articles, but tamis read {read:,}, rejected {rejected:,} and"
            f" kept {kept:,}: this measures nothing"
        )


def show(kind, result):
    """One corpus: a line for the whole, a line for each stage.

    run.json times a stage by the wall clock of each thread, added up: on a busy machine that is more than CPU seconds.
    """
    megabytes = result["bytes"] / 1e6
    print(f"\n{kind}: {result['articles']:,} articles, {megabytes:,.1f} MB of text")
    print(
        f"  {'whole':24}{result['wall']:9.1f} s{result['cpu']:9.1f} CPU s{megabytes / result['wall']:9.2f} MB/s"
        f"{megabytes / result['cpu']:9.2f} MB/CPU s{result['memory'] / 2**20:9.0f} MiB peak",
        flush=True,
    )
    for stage in result["stages"]:
        seconds = stage["seconds"]
        rate = f"{megabytes / seconds:9.2f}" if seconds else f"{'-':>9}"
        print(f"    {stage['name']:22}{seconds:9.1f} s in threads{rate} MB/s", flush=True)


def show_scaling(half, whole):
    """Cost per megabyte and per article of the whole corpus against every second article of it."""
    print("\nscaling: the corpus against every second article of it; 1.00 is flat")
    for unit in ("bytes", "articles"):
        ratio = (whole["cpu"] / whole[unit]) / (half["cpu"] / half[unit])
        print(f"  CPU seconds by {unit:10}{ratio:6.2f}")


def show_rebuild(binary, folder, facts):
    """Builds again with the work folder kept: with nothing changed, with a late option changed, with an article more."""
    print("\nrebuild: the corpus again, with the work folder kept")
    work = folder / "work-kept"
    shutil.rmtree(work, ignore_errors=True)

    def again(what, facts, more=()):
        took = run(binary, folder, "corpus", facts, work=work, keep=True, more=more)
        print(f"  {what:24}{took['wall']:9.1f} s{took['ran']:9,} tasks ran{took['kept']:9,} were done", flush=True)

    again("from nothing", facts)
    again("nothing changed", facts)
    again("another tokenizer", facts, ["--set", "stage.tokenize.tokenizer=cl100k_base"])
    again("back to the first", facts)
    path = folder / PATHS["corpus"]
    size = path.stat().st_size
    try:
        with open(path, "a", encoding="utf-8") as file:
            file.write(json.dumps({"id": "one more", "text": "An article that no other build has seen."}) + "\n")
        again("an article more", facts | {"articles": facts["articles"] + 1})
    finally:
        os.truncate(path, size)
    shutil.rmtree(work, ignore_errors=True)


def show_work_folder(binary, folder, facts):
    """The work folder on the disk against one in memory, turn by turn."""
    if not IN_MEMORY.is_dir():
        print(f"\nworkdir: skipped, there is no {IN_MEMORY} on this system")
        return
    disk, memory = folder / "work", IN_MEMORY / "tamis-bench"
    pairs = [
        [run(binary, folder, "corpus", facts, work=work)["wall"] for work in (disk, memory)] for _ in range(3)
    ]
    ratios = sorted(on_disk / in_memory for on_disk, in_memory in pairs)
    print(f"\nworkdir: on the disk {ratios[1]:.2f} times as long as in memory (three pairs: {pairs})", flush=True)


def show_bounded(binary, folder, facts, unbounded):
    """2 GB with a budget against the same with more than it can use."""
    bounded = run(binary, folder, "twice", facts, memory="512MiB")
    ratio = bounded["wall"] / unbounded["wall"]
    peak = bounded["memory"] / 2**20
    print(f"\nbounded: with 512 MiB {ratio:.2f} times as long as with {MEMORY}, peak {peak:.0f} MiB", flush=True)


if __name__ == "__main__":
    main()
