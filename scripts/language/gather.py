#!/usr/bin/env python3
"""Gathers words of languages for which there is no lingua model, from permissively licensed translations.

    gather.py PACKAGES OUT

PACKAGES is a folder with the unpacked registry packages (see README.md): cldr-annotations-full,
cldr-annotations-derived-full, cldr-localenames-full, cldr-units-full, cldr-dates-full (Unicode-3.0),
@openstreetmap/id-tagging-schema (ISC), django (BSD-3-Clause). OUT gets one file a language, `code.txt`, a phrase a line, sorted, each once;
phrases that stand in English too are left out, for they are not translated. The same packages make the same files.
"""
import collections
import glob
import json
import os
import re
import sys

CODES = {"fil": "tl", "no": "nb", "nb_NO": "nb", "zh-TW": "zh", "iw": "he", "sr-Latn": "sr_Latn", "sr_Latn": "sr_Latn", "sr@latin": "sr_Latn",
         "ku": "ku", "pa-Arab": "pnb", "ha-NE": None, "ff-Adlm": None, "hi-Latn": None, "kk-Arab": None, "yue-Hans": None, "yue": None,
         "sr-Cyrl-BA": None, "sr-Latn-BA": None, "az_Cyrl": None, "uz-Cyrl": "uz_Cyrl", "uz-Arab": None, "az-Cyrl": None, "bs-Cyrl": None,
         "en-Dsrt": None, "en-Shaw": None, "mni-Mtei": None, "sat-Deva": None, "sd-Deva": None, "ks-Deva": None, "vai-Latn": None,
         "shi-Latn": None, "zgh": "zgh", "su-Latn": "su", "iu-Latn": None, "kok-Latn": None, "ku-Arab": None, "kxv-Telu": None,
         "kxv-Deva": None, "kxv-Orya": None, "hnj-Hmnp": None, "bal-Latn": None, "az-Arab": None, "byn": "byn", "mn-Mong": None, "tg_TJ": "tg",
         "ms-Arab": None, "ha-Arab": None, "tly": None, "vec": "vec", "ca-ES-valencia": None}


def code(name):
    if name in CODES:
        return CODES[name]
    return re.split("[-_@]", name)[0]


def strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)
    elif isinstance(value, dict):
        for key in sorted(value):
            yield from strings(value[key])


def cldr(root):
    for kind in ("annotations-full", "annotations-derived-full", "localenames-full", "units-full", "dates-full"):
        for path in sorted(glob.glob(f"{root}/cldr-{kind}-*/package/*/*/*.json")):
            name = path.split("/")[-2]
            data = json.load(open(path, encoding="utf-8"))
            data.pop("identity", None)
            for text in strings(data):
                yield name, text


def osm(root):
    for path in sorted(glob.glob(f"{root}/openstreetmap-id-tagging-schema-*/package/dist/translations/*.json")):
        if path.endswith(".min.json") or "/index" in path:
            continue
        for text in strings(json.load(open(path, encoding="utf-8"))):
            yield os.path.basename(path)[:-5], text


def django(root):
    for path in sorted(glob.glob(f"{root}/dj/django/**/locale/*/LC_MESSAGES/*.po", recursive=True)):
        name = path.split("/")[-3]
        entry, source = "", ""
        field = None
        for line in open(path, encoding="utf-8"):
            head = re.match(r'(msgid|msgid_plural|msgstr|msgstr\[\d\]|msgctxt) "(.*)"$', line.strip())
            more = re.match(r'"(.*)"$', line.strip())
            if head:
                if field and field.startswith("msgstr") and source and entry:
                    yield name, entry
                field, entry = head.group(1), head.group(2)
                if field == "msgid":
                    source = ""
            elif more:
                entry += more.group(1)
            if field == "msgid":
                source = entry
        if field and field.startswith("msgstr") and source and entry:
            yield name, entry


def phrase(text):
    text = re.sub(r"%\([a-z_]+\)[a-z]|%[a-z]|\{[^}]*\}|<[^>]*>|&[a-z]+;|\\n|https?:\S+|\b[yMdHhmsEGL]{1,4}\b", " ", text)
    text = re.sub(r"[\d\W_]*\d[\d\W_]*", " ", text)
    return re.sub(r"\s+", " ", text).strip()


def main():
    root, out = sys.argv[1:]
    phrases = collections.defaultdict(set)
    for source in (cldr, osm, django):
        for name, text in source(root):
            target = code(name)
            if target:
                text = phrase(text)
                if len(text) > 2 and any(character.isalpha() for character in text):
                    phrases[target].add(text)
    english = phrases["en"] | {text.lower() for text in phrases["en"]}
    os.makedirs(out, exist_ok=True)
    for target, texts in sorted(phrases.items()):
        own = sorted(texts if target == "en" else texts - english)
        with open(f"{out}/{target}.txt", "w", encoding="utf-8") as file:
            file.writelines(text + "\n" for text in own)


main()
