#!/usr/bin/env python3
"""Trains the small fastText models of crates/text/tests/fasttext, one of each kind, and writes down what fastText says of some texts.

    make_models.py OUT      (needs the Python package fasttext-wheel 0.9.2 and numpy below 2)

OUT gets the models and expected.jsonl: {"model", "text", "labels": [...], "scores": [...]}, best label first. Training
uses one thread; yet another version of fastText may make other models, so models and expectations are written together.
"""
import json
import os
import sys

import fasttext

LINES = {
    "eng_Latn": ["The council approved the new budget after a long debate on Monday evening.",
                 "Heavy rain closed two roads near the river, and trains were late all morning.",
                 "She said that the museum would open again in spring with a larger hall.",
                 "Farmers expect a better harvest this year because the summer was mild."],
    "fra_Latn": ["Le conseil municipal a adopté le budget après un long débat lundi soir.",
                 "De fortes pluies ont coupé deux routes près du fleuve et retardé les trains.",
                 "Elle a indiqué que le musée rouvrirait au printemps avec une salle plus grande.",
                 "Les agriculteurs espèrent une meilleure récolte, car l'été a été doux."],
    "deu_Latn": ["Der Stadtrat beschloss am Montagabend nach langer Debatte den neuen Haushalt.",
                 "Starker Regen sperrte zwei Straßen am Fluss, und die Züge kamen zu spät.",
                 "Sie sagte, das Museum werde im Frühling mit einem größeren Saal wieder öffnen.",
                 "Die Bauern erwarten eine bessere Ernte, weil der Sommer mild war."],
    "zho_Hans": ["市议会 周一 晚上 经过 长时间 辩论 通过 了 新 预算", "大雨 导致 河边 两条 道路 关闭 火车 晚点"],
    "zho_Hant": ["市議會 週一 晚上 經過 長時間 辯論 通過 了 新 預算", "大雨 導致 河邊 兩條 道路 關閉 火車 誤點"],
}
QUALITY = {
    "hq": ["The experiment shows that warm water expands, so the level in the glass rises slowly.",
           "In this chapter we explain why the two methods give the same result.",
           "The treaty, signed after three years of talks, set the border along the river."],
    "cc": ["click here to win free prizes now now now", "best cheap shoes buy online free shipping sale",
           "log in register forgot password share like subscribe"],
}
TEXTS = ["The museum near the river opens on Monday.", "Le musée près du fleuve ouvre lundi soir.",
         "Das Museum am Fluss öffnet am Montag.", "大雨 導致 火車 誤點", "经过 辩论 通过 新 预算", "LE CONSEIL A ADOPTÉ LE BUDGET",
         "naïve Ünïcödé wörds ☂ 🙂 and_more", "", "   ", "a", "budget budget budget",
         "text with a __label__fra_Latn inside", "before </s> after the end", "click here for free prizes",
         "We explain why the level of the water rises in the experiment.", "tab\tand\u00a0no-break space\u2003em space"]

# name: (lines, training options, quantising options or none)
KINDS = {
    "softmax": (LINES, dict(loss="softmax", bucket=300, minn=2, maxn=4), None),
    "softmax-words": (QUALITY, dict(loss="softmax", minn=0, maxn=0, wordNgrams=1), None),
    "softmax-pairs": (QUALITY, dict(loss="softmax", bucket=300, minn=0, maxn=0, wordNgrams=2), None),
    "tree": (LINES, dict(loss="hs", bucket=300, minn=2, maxn=5, wordNgrams=2), None),
    "each": (LINES, dict(loss="ova", bucket=300, minn=1, maxn=3, wordNgrams=3), None),
    "negatives": (LINES, dict(loss="ns", bucket=300, minn=3, maxn=3), None),
    "softmax-small": (LINES, dict(loss="softmax", bucket=300, minn=2, maxn=4), dict(qnorm=False)),
    "tree-small": (LINES, dict(loss="hs", bucket=400, minn=2, maxn=4), dict(qnorm=True)),
    "tree-pruned": (LINES, dict(loss="hs", bucket=600, minn=2, maxn=4), dict(qnorm=True, cutoff=300)),
    "odd-pieces": (LINES, dict(loss="softmax", bucket=300, minn=2, maxn=4, dim=7), dict(qnorm=True, dsub=3)),
    "each-pairs-small": (QUALITY, dict(loss="ova", bucket=300, minn=0, maxn=0, wordNgrams=2), dict(qnorm=True)),
    "many-labels": (None, dict(loss="softmax", bucket=300, minn=2, maxn=3, epoch=3), dict(qnorm=True, qout=True)),
}


def write_lines(lines, path):
    with open(path, "w", encoding="utf-8") as file:
        if lines is None:
            # A quantised output matrix needs 256 labels.
            words = [word for texts in LINES.values() for text in texts for word in text.split()]
            for number in range(260):
                file.write(f"__label__n{number} {words[number % len(words)]} {words[number * 7 % len(words)]} w{number}\n")
            return
        # Labels are not equally frequent, so that the tree of hierarchical softmax is none of chance.
        for rank, (label, texts) in enumerate(lines.items()):
            for text in texts * (len(lines) - rank):
                file.write(f"__label__{label} {text}\n")


def main():
    (out,) = sys.argv[1:]
    os.makedirs(out, exist_ok=True)
    with open(f"{out}/expected.jsonl", "w", encoding="utf-8") as expected:
        for name, (lines, options, quantise) in KINDS.items():
            write_lines(lines, f"{out}/lines.txt")
            options = dict(dim=4, epoch=60, lr=0.5, minCount=1, thread=1, verbose=0, seed=7) | options
            model = fasttext.train_supervised(f"{out}/lines.txt", **options)
            if quantise:
                model.quantize(**(dict(dsub=2) | quantise))
            model.save_model(f"{out}/{name}.{'ftz' if quantise else 'bin'}")
            for text in TEXTS:
                labels, scores = model.predict(text, k=5)
                record = {"model": f"{name}.{'ftz' if quantise else 'bin'}", "text": text, "labels": labels,
                          "scores": [round(float(score), 6) for score in scores]}
                expected.write(json.dumps(record, ensure_ascii=False) + "\n")
    write_lines(QUALITY, f"{out}/lines.txt")
    vectors = fasttext.train_unsupervised(f"{out}/lines.txt", model="skipgram", dim=4, bucket=20, minCount=1, epoch=1, thread=1)
    vectors.save_model(f"{out}/vectors.bin")
    os.remove(f"{out}/lines.txt")


main()
