"""Pages that never were, made of those that were: more to learn from, in which only what matters is still true.

The article of one page takes the place of another's, between that page's menus and lists; and from pages and articles alike
some lines go. So a network can't learn pages by heart, nor that an article of one length has so many lines around it. Some get
comments, other stories or an archive that `invent.py` makes up.
"""
import random

from invent import archive, comments, stories

# Of a page's words between the article's first line and its last, more than this share is no article: it is not moved.
MIXED = 0.3
# Words that an article has at least.
LEAST = 60
# Articles that get comments, that get other stories, and that get an archive.
COMMENTED, FOLLOWED, ARCHIVED = 0.3, 0.2, 0.15
# Lines of other pages that there must be for comments.
SAYINGS = 40


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
        self.language = (page["fold"], page["lang"])
        self.said = [line.text.strip() for line in inside if line.kind == 1 and sum(line.words) > 1]

    def with_article_of(self, other, above, below):
        """The page with another's article in place of its own, and more lines above and below that."""
        return self.lines[:self.start] + above + other.lines[other.start:other.end] + below + self.lines[self.end:]


def compose(pages, split, tokens, seed, invents):
    """For each page that has an article one more, with another's menus where there is another; with parts that are made up
    where `invents`."""
    chance = random.Random(seed)
    known = [Page(page, split) for page in pages if page["kind"] == "page" and page["learn"] and 1 in page["labels"]]
    groups, sayings, articles = {}, {}, {}
    for page in known:
        sayings.setdefault(page.language, []).extend(page.said)
        if page.moves and page.said:
            groups.setdefault(page.group, []).append(page)
            articles.setdefault(page.language, []).append(page.said)

    def chrome(lines):
        """Lines that were made up."""
        blocks = [split(line) for line in lines]
        return [Line(line, [0] * len(own), [0.0] * len(own), [len(tokens(block)) for block in own])
                for line, own in zip(lines, blocks)]

    def around(page):
        """What stands above an article and below it."""
        language, lines = page.page["lang"], ([], [])
        said = sayings[page.language]
        if page.moves and chance.random() < FOLLOWED:
            others = [other for other in articles.get(page.language, []) if other is not page.said]
            lines[1].extend(stories(chance, language, others))
        if page.moves and len(said) >= SAYINGS and chance.random() < COMMENTED:
            title = page.lines[page.start].text.strip()[:chance.choice([20, 40, 80])]
            lines[1].extend(comments(chance, language, title, said))
        if page.moves and chance.random() < ARCHIVED:
            lines[chance.randrange(2)].extend(archive(chance, language))
        return chrome(lines[0]), chrome(lines[1])

    made = []
    for page in known:
        others = groups.get(page.group, [])
        host = chance.choice(others) if page.moves and len(others) >= 4 and chance.random() < 0.75 else page
        lines = host.with_article_of(page, *(around(page) if invents else ([], [])))
        made.append(together(page, thinned(lines, page.page["type"] == "article", chance), split))
    return made


def together(page, lines, split):
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
