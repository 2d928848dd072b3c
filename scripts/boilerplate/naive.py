"""A page's HTML as naive text, in the manner of the development data: a line a block element, nothing left out."""
import re

import lxml.html

# A blank line stands around these; the others of a page's blocks only begin a line of their own.
PARAGRAPHS = set(
    "address article aside blockquote body center details dialog div dl fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 "
    "header hgroup hr main menu nav ol p pre section summary table ul".split())
LINES = set("br button caption dd dt label legend li option select tr".split())
CELLS = {"td", "th"}
SPACES = re.compile("[ \t\n\r\f\v\xa0\u2028\u2029]+")
NOTHING = re.compile("[\u200b\ufeff]")
SILENT = set("script style template head svg iframe object embed canvas audio video map textarea math".split())


def text(html):
    """The lines of the page; a blank line between blocks that are paragraphs."""
    html = re.sub(r"^\s*<\?xml[^>]*\?>", "", html)
    try:
        tree = lxml.html.document_fromstring(html)
    except (lxml.etree.ParserError, ValueError):
        return ""
    out = []
    walk(tree, out)
    lines = []
    for piece in re.split("([\0\1])", "".join(out)):
        if piece == "\0":
            lines.append("")
        elif piece != "\1":
            line = SPACES.sub(" ", NOTHING.sub("", piece)).strip()
            if line:
                lines.append(line)
    kept = []
    for line in lines:
        if line or (kept and kept[-1]):
            kept.append(line)
    return "\n".join(kept).strip("\n")


def walk(node, out):
    if isinstance(node.tag, str) and node.tag not in SILENT:
        mark = "\0" if node.tag in PARAGRAPHS else "\1" if node.tag in LINES else ""
        out.append(" " if node.tag in CELLS else mark)
        out.append(clean(node.text))
        for child in node:
            walk(child, out)
        out.append(mark)
    out.append(clean(node.tail))


def clean(text):
    return (text or "").replace("\0", "").replace("\1", "")
