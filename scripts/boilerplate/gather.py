#!/usr/bin/env python3
"""Makes labelled pages, as those of the development data, from checkouts of repositories that hold whole pages and their articles.

    gather.py DATA OUT SOURCE=CHECKOUT...

DATA is the folder of the development data (`shared/data`): pages that are in it already are left out. OUT gets a JSON object a
page. SOURCE is one of the functions below; README.md names the repositories and commits. Pages stay outside of this
repository: only what is learnt from them goes in.
"""
import collections
import gzip
import html as entities
import json
import pathlib
import re
import sys

import lxml.html

import naive

sys.setrecursionlimit(100000)
# Words of the article below which a page is none, and pages of one site above which more teach nothing new.
LEAST = 80
OF_A_SITE = 12
# Lines before the first paragraph that may be its title, its standfirst or a caption.
HEAD = 6


def main():
    data, out, sources = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3:]
    sys.path.insert(0, str(data / "scorers"))
    global tokens
    from common import read, tokens

    known = set()
    for path in sorted((data / "boilerplate").glob("*.pages.jsonl.zst")):
        for record in read(str(path)):
            known.update(starts(tokens(record.get("truth") or record["text"])))
    counts = collections.Counter()
    of_site = collections.Counter()
    with open(out, "w", encoding="utf-8") as written:
        for source in sources:
            name, _, checkout = source.partition("=")
            for page in SOURCES[name](pathlib.Path(checkout)):
                verdict = record_of(name, page, known)
                if isinstance(verdict, dict):
                    site = verdict["domain"]
                    of_site[site] += 1
                    if of_site[site] > OF_A_SITE:
                        verdict = "enough of its site"
                    else:
                        written.write(json.dumps(verdict, ensure_ascii=False) + "\n")
                counts[name, verdict if isinstance(verdict, str) else "taken"] += 1
    for (name, what), count in sorted(counts.items()):
        print(f"{name}: {what}: {count}")


def record_of(name, page, known):
    """The page as the development data has them, or why it is left out."""
    text = naive.text(page["html"])
    article = tokens(page["truth"])
    if len(article) < LEAST:
        return "too short an article"
    if not 5 <= text.count("\n") <= 6000:
        return "too few or too many lines"
    openings = starts(article)
    if openings & known:
        return "known"
    whole = tokens(text)
    there = runs(whole)
    if sum(run in there for run in runs(article)) < 0.85 * len(runs(article)):
        return "an article that the page does not have"
    known |= openings
    aside = {squash(line) for line in page.get("aside", ())}
    return {
        "id": f"{name}/{page['id']}", "set": name, "url": page.get("url"), "domain": page["domain"], "lang": page["lang"],
        "page_type": "article", "text": text, "truth": page["truth"], "labels": labels(text, page["truth"], aside),
    }


def starts(words):
    """Runs of twelve words near the beginning, by which two copies of an article are known."""
    return {tuple(words[at:at + 12]) for at in range(0, min(len(words) - 12, 40))}


def runs(words):
    return {tuple(words[at:at + 4]) for at in range(len(words) - 3)}


def squash(line):
    return " ".join(tokens(line))


def labels(text, truth, aside):
    """1 content, 0 chrome, -1 partly content, -2 not judged for each line. `aside`: lines that are not judged.

    The rule of the development data; but sources differ in whether captions, standfirsts and boxes belong to an article, so
    what stands between its paragraphs, or right before the first, is not judged.
    """
    words = tokens(truth)
    known = runs(words)
    flat = f" {' '.join(words)} "
    whole = {squash(line) for line in truth.split("\n")}
    lines = text.split("\n")
    found = []
    for line in lines:
        own = tokens(line)
        if not own or squash(line) in aside:
            found.append(-2)
        elif squash(line) in whole:
            found.append(1)
        elif len(own) < 4:
            found.append(1 if f" {' '.join(own)} " in flat else 0)
        else:
            covered = [False] * len(own)
            for at in range(len(own) - 3):
                if tuple(own[at:at + 4]) in known:
                    covered[at:at + 4] = [True] * 4
            share = sum(covered) / len(own)
            found.append(1 if share >= 0.8 else 0 if share <= 0.2 else -1)
    paragraphs = [at for at, (line, label) in enumerate(zip(lines, found)) if label == 1 and len(tokens(line)) >= 10]
    if not paragraphs:
        return [-2] * len(found)
    first, last = paragraphs[0], paragraphs[-1]
    head = 0
    for at in range(first - 1, -1, -1):
        head += bool(tokens(lines[at]))
        if head > HEAD:
            break
        found[at] = -2 if found[at] == 0 and len(tokens(lines[at])) >= 4 else found[at]
    for at in range(first, last):
        found[at] = -2 if found[at] == 0 else found[at]
    # A word or two of a menu may stand in the article too, by chance.
    return [0 if label == 1 and not first - 8 <= at <= last + 4 else label for at, label in enumerate(found)]


def decode(data):
    """Text of HTML by the encoding it declares, else UTF-8, else Windows' Latin."""
    declared = re.search(rb"""charset=["']?([\w-]+)""", data[:4096])
    names = ["utf-8", declared.group(1).decode() if declared else "utf-8", "windows-1252"]
    # What calls itself GB 2312 uses its successor's characters too.
    names = ["gb18030" if name.lower() in ("gb2312", "gbk") else name for name in names]
    for name in names:
        try:
            return data.decode(name)
        except (UnicodeDecodeError, LookupError):
            pass
    return data.decode(names[1] if declared else "windows-1252", errors="replace")


def language(html):
    """What the page says its language is."""
    found = re.search(r"""<html[^>]*\slang=["']?([A-Za-z]{2})""", html[:20000])
    return found.group(1).lower() if found else "und"


def host(url):
    return re.sub(r"^\w+://(www\.)?", "", url or "").split("/")[0].split(":")[0].lower()


def fundus(checkout):
    """flairNLP/fundus: what the parser of each publisher takes out of a page, checked by hand."""
    folder = checkout / "tests/resources/parser/test_data"
    for path in sorted(folder.glob("*/*.html.gz")):
        html = decode(gzip.decompress(path.read_bytes()))
        publisher = re.sub(r"_\d{4}_\d\d_\d\d$", "", path.name.removesuffix(".html.gz"))
        known = path.with_name(f"{publisher}.json")
        if not known.exists():
            continue
        place = json.loads(path.with_name("meta.info").read_text()).get(path.name, {})
        best = None
        flat = re.sub(r"\W+", "", naive.text(html))
        # A page belongs to the version of the parser whose paragraphs it holds.
        for version in json.loads(known.read_text()).values():
            body = version.get("body") or {}
            lines = list(body.get("summary") or [])
            for section in body.get("sections") or []:
                lines += section["headline"] + section["paragraphs"]
            held = sum(len(line) for line in lines if re.sub(r"\W+", "", line) in flat)
            if lines and (best is None or held > best[0]):
                captions = [image.get("caption") or "" for image in version.get("images") or []]
                best = (held, lines, [version.get("title") or "", *captions])
        if best:
            url = place.get("url") or publisher.lower()
            yield {"id": f"{path.parent.name}/{path.name.removesuffix('.html.gz')}", "url": url, "domain": host(url),
                   "lang": language(html), "html": html, "truth": "\n".join(best[1]), "aside": best[2]}


def waddle(checkout):
    """rundimeco/waddle, corpora/Corpus_daniel_v2.1: news pages in five languages cleaned by hand."""
    folder = checkout / "corpora/Corpus_daniel_v2.1"
    names = json.loads((folder / "doc_lg.json").read_text())
    codes = {"English": "en", "Chinese": "zh", "Russian": "ru", "Greek": "el", "Polish": "pl"}
    for path in sorted((folder / "html").iterdir()):
        reference = folder / "reference" / path.name
        if reference.exists() and path.name in names:
            html = decode(path.read_bytes())
            truth = re.sub(r"</p>|<br\s*/?>", "\n", decode(reference.read_bytes()))
            truth = entities.unescape(re.sub(r"<[^>]*>", "", truth))
            lines = [line.strip() for line in truth.split("\n") if line.strip()]
            domain = re.sub(r"^(www\.)?", "", path.name.split("_")[1])
            yield {"id": path.name[:60], "domain": domain, "lang": codes[names[path.name]], "html": html,
                   "truth": "\n".join(lines)}


def misinformation(checkout):
    """alan-turing-institute/misinformation-crawler: what the rules for each site take out, in English."""
    for path in sorted((checkout / "tests/site_test_data").glob("*/*_article.html")):
        known = path.with_name(path.name.replace("_article.html", "_extracted_data.json"))
        if known.exists():
            record = json.loads(known.read_text())
            lines = [piece["text"] for piece in record.get("plain_text") or []]
            yield {"id": f"{path.parent.name}/{path.stem}", "url": record.get("article_url"), "domain": path.parent.name,
                   "lang": "en", "html": decode(path.read_bytes()), "truth": "\n".join(lines),
                   "aside": [record.get("title") or ""]}


def defuddle(checkout):
    """kepano/defuddle: what that extractor makes of its test pages."""
    for path in sorted((checkout / "tests/fixtures").glob("*.html")):
        known = checkout / "tests/expected" / f"{path.stem}.md"
        if not known.exists() or re.match(r"comments|codeblocks|math|footnotes|gmail|listing|extractor", path.stem):
            continue
        html = decode(path.read_bytes())
        head, _, body = known.read_text().partition("\n```\n")
        title = re.search(r'"title": "(.*)"', head)
        domain = path.stem.split("--")[-1].split("-")[0]
        yield {"id": path.stem[:60], "domain": domain if "." in domain else path.stem, "lang": language(html), "html": html,
               "truth": plain(body), "aside": [title.group(1) if title else ""]}


def plain(markdown):
    """Text of Markdown without its marks."""
    markdown = re.sub(r"!\[[^\]]*\]\([^)]*\)", "", markdown)
    markdown = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", markdown)
    markdown = re.sub(r"^[ \t]*([#>*+-]+|\d+\.)[ \t]+", "", markdown, flags=re.M)
    markdown = re.sub(r"<[^>]+>|[*_`\\|]", "", markdown)
    return "\n".join(line.strip() for line in markdown.split("\n") if line.strip())


def omnivore(checkout):
    """omnivore-app/omnivore, packages/readabilityjs: what that extractor makes of its test pages."""
    for folder in sorted((checkout / "packages/readabilityjs/test/test-pages").iterdir()):
        page, known = folder / "source.html", folder / "expected.html"
        if page.exists() and known.exists():
            html = decode(page.read_bytes())
            url = (folder / "url.txt").read_text().strip() if (folder / "url.txt").exists() else folder.name
            meta = folder / "expected-metadata.json"
            title = json.loads(meta.read_text()).get("title") if meta.exists() else ""
            yield {"id": folder.name, "url": url, "domain": host(url), "lang": language(html), "html": html,
                   "truth": naive.text(decode(known.read_bytes())), "aside": [title or ""]}


SOURCES = {"fundus": fundus, "waddle": waddle, "misinformation": misinformation, "defuddle": defuddle, "omnivore": omnivore}

if __name__ == "__main__":
    main()
