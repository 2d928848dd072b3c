#!/usr/bin/env python3
"""Compares what the program leaves of plain text with what extractors make of the same pages' HTML.

    peers.py DATA HELD_BACK

DATA is the folder of labelled pages (`shared/data`), HELD_BACK what train.py left of the pages that its models had not seen.
Prints the bag F1, as the scorer has it, of all pages of the development data that come with HTML. Needs zstandard, as
requirements.txt has it, and: pip install trafilatura==2.3.1 resiliparse==2.0.1 justext==3.0.2 lxml_html_clean==0.4.6
"""
import collections
import logging
import pathlib
import sys

import justext
import trafilatura
from resiliparse.extract.html2text import extract_plain_text

# What jusText has a list of stop words for, of the languages of these pages.
STOP_WORDS = {"en": "English", "es": "Spanish", "ko": "Korean", "lv": "Latvian", "ar": "Arabic"}


def main():
    data, held_back = pathlib.Path(sys.argv[1]), sys.argv[2]
    sys.path.insert(0, str(data / "scorers"))
    from common import read
    from score_boilerplate import score

    # The extractors warn of each page that they make nothing of.
    logging.disable(logging.CRITICAL)
    html = {record["id"]: record["html"] for record in read(str(data / "boilerplate" / "sample.html.jsonl.zst"))}
    pages = [page for path in sorted((data / "boilerplate").glob("*.pages.jsonl.zst")) for page in read(str(path))]
    pages = [page for page in pages if page["id"] in html and page.get("truth")]
    left = {record["id"]: record["text"] for record in read(held_back)}
    systems = {
        "all text kept": {page["id"]: page["text"] for page in pages},
        "jusText": {page["id"]: by_justext(html[page["id"]], page["lang"]) for page in pages},
        "Resiliparse": {page["id"]: extract_plain_text(html[page["id"]], main_content=True) for page in pages},
        "trafilatura": {page["id"]: trafilatura.extract(html[page["id"]]) for page in pages},
        "trafilatura, no comments": {
            page["id"]: trafilatura.extract(html[page["id"]], include_comments=False) for page in pages
        },
        "tamis, from plain text": left,
    }
    groups = collections.defaultdict(list)
    for page in pages:
        groups[page["set"]].append(page)
        if page["set"] == "wcxb":
            groups[f"… {page['page_type']}"].append(page)
    print("| pages | |", " | ".join(systems), "|")
    print("| --- | --- |", "--- | " * len(systems))
    # Each set, then its kinds, the most frequent first.
    for name, group in sorted(groups.items(), key=lambda item: (item[1][0]["set"], item[0][0] == "…", -len(item[1]))):
        figures = [f"{score(group, texts)['bag_f1']:.3f}" for texts in systems.values()]
        print(f"| {name} | {len(group)} |", " | ".join(figures), "|")


def by_justext(html, language):
    words = justext.get_stoplist(STOP_WORDS[language]) if language in STOP_WORDS else frozenset()
    return "\n".join(paragraph.text for paragraph in justext.justext(html, words) if not paragraph.is_boilerplate)


if __name__ == "__main__":
    main()
