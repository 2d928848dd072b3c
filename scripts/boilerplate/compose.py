"""Pages that never were, made of those that were: more to learn from, in which only what matters is still true.

The article of one page takes the place of another's, between that page's menus and lists; and from pages and articles alike
some lines go. So a network can't learn pages by heart, nor that an article of one length has so many lines around it.
"""
import random

# Of a page's words between the article's first line and its last, more than this share is no article: it is not moved.
MIXED = 0.3
# Words that an article has at least.
LEAST = 60


class Line:
    """A line of a page, with what is known of its blocks."""

    def __init__(self, text, labels, shares, words):
        self.text, self.labels, self.shares, self.words = text, labels, shares, words
        self.kind = 0 if 0 in labels else 1 if 1 in labels else -1


class Page:
    """A page by its lines, and where its article lies."""

    def __init__(self, page, split):
        self.page, self.lines, at = page, [], 0
        for text in page["text"].split("\n"):
            end = at + len(split(text))
            self.lines.append(Line(text, page["labels"][at:end], page["shares"][at:end], page["words"][at:end]))
            at = end
        article = [at for at, line in enumerate(self.lines) if line.kind == 1]
        self.start, self.end = (article[0], article[-1] + 1) if article else (0, 0)
        inside = self.lines[self.start:self.end]
        words = sum(sum(line.words) for line in inside)
        other = sum(sum(line.words) for line in inside if line.kind == 0)
        self.moves = page["type"] == "article" and words > LEAST and other < MIXED * words
        # Only pages that no model sees apart are mixed, and only those of a kind.
        self.group = (page["fold"], page["lang"], page["gathered"])

    def with_article_of(self, other):
        return self.lines[:self.start] + other.lines[other.start:other.end] + self.lines[self.end:]


def compose(pages, split, seed):
    """For each page that has an article one more, with another's menus where there is another."""
    chance = random.Random(seed)
    known = [Page(page, split) for page in pages if page["kind"] == "page" and page["learn"] and 1 in page["labels"]]
    groups = {}
    for page in known:
        if page.moves:
            groups.setdefault(page.group, []).append(page)
    return [one(page, groups.get(page.group, []), split, chance) for page in known]


def one(page, others, split, chance):
    host = chance.choice(others) if page.moves and len(others) >= 4 and chance.random() < 0.75 else page
    lines = thinned(host.with_article_of(page), page.page["type"] == "article", chance)
    made = {**page.page, "kind": "composed", "text": "\n".join(line.text for line in lines)}
    for name in ("labels", "shares", "words"):
        made[name] = [value for line in lines for value in getattr(line, name)]
    made["truth"] = sum(words for words, share in zip(made["words"], made["shares"]) if share > 0.5)
    assert len(split(made["text"])) == len(made["labels"]), made["id"]
    return made


def thinned(lines, is_article, chance):
    """The lines without some of those that stand together: chrome, and where it is one the article."""
    left, at = [], 0
    while at < len(lines):
        end = at + 1
        while end < len(lines) and (lines[end].kind == lines[at].kind or not lines[end].labels):
            end += 1
        run, at, kind = lines[at:end], end, lines[at].kind
        if kind == 0 and len(run) >= 4 and chance.random() < 0.4:
            count = chance.randint(1, len(run) * 2 // 3)
            first = chance.randint(0, len(run) - count)
        elif kind == 1 and is_article and len(run) >= 8 and chance.random() < 0.3:
            count = chance.randint(1, len(run) // 2)
            first = chance.randint(2, len(run) - count)
        else:
            count = first = 0
        left += run[:first] + run[first + count:]
    return left
