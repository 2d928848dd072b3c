"""Parts of pages that our pages seldom have, in the languages of the pages: readers' comments and other stories below an article,
and the months of an archive beside it.

Comments are an article's chrome and a forum's content, and in most languages no labelled page has any. What a comment says and
what other stories tell is taken from other pages of the same language; the rest is made up.
"""
from typing import NamedTuple


class Words(NamedTuple):
    """What a page says in one language around what is made up."""
    comments: list
    answers: list
    # "%s" is who writes.
    bylines: list
    archives: list
    stories: list


WORDS = {
    "en": Words(
        ["Comments", "{n} Comments", "{n} responses to “{title}”", "Readers’ comments ({n})", "Discussion"],
        ["Reply", "Report", "Reply · Like ({m})"],
        ["%s says:", "%s wrote:", "Posted by %s", "By %s"],
        ["Archives", "Blog archive", "Archive by month"],
        ["More stories", "Read next", "Latest news", "You may also like"],
    ),
    "zh": Words(
        ["评论", "评论({n})", "网友评论", "最新评论 {n} 条", "文章评论"],
        ["回复", "回复 引用", "支持({m}) 反对(0)"],
        ["%s：", "%s 说：", "作者：%s", "网友 %s"],
        ["存档", "随笔档案", "归档"],
        ["相关新闻", "相关阅读", "更多新闻", "推荐阅读"],
    ),
    "ja": Words(
        ["コメント", "コメント({n})", "みんなのコメント"],
        ["返信", "通報する", "いいね！({m})"],
        ["%s より：", "%sさん", "投稿者：%s"],
        ["アーカイブ", "月別アーカイブ"],
        ["関連記事", "あわせて読みたい", "新着記事"],
    ),
    "ko": Words(
        ["댓글", "댓글 {n}", "댓글 {n}개"],
        ["답글", "신고", "공감 {m}"],
        ["%s", "%s님"],
        ["글 보관함", "월별 보기"],
        ["관련기사", "많이 본 뉴스", "추천 기사"],
    ),
    "ru": Words(
        ["Комментарии", "Комментарии ({n})", "{n} комментариев"],
        ["Ответить", "Ответить Пожаловаться", "Ответ"],
        ["%s пишет:", "%s:", "Автор: %s"],
        ["Архив", "Архивы"],
        ["Читайте также", "Другие новости", "Новости по теме"],
    ),
    "pl": Words(
        ["Komentarze", "Komentarze ({n})", "Opinie czytelników"],
        ["Odpowiedz", "Zgłoś", "Odpowiedz Zgłoś"],
        ["%s pisze:", "~%s", "Autor: %s"],
        ["Archiwum", "Archiwum bloga"],
        ["Czytaj także", "Najnowsze", "Polecane artykuły"],
    ),
    "de": Words(
        ["Kommentare", "{n} Kommentare", "Leserkommentare ({n})"],
        ["Antworten", "Melden", "Antworten Melden"],
        ["%s sagt:", "%s schrieb:", "Von %s"],
        ["Archiv", "Archive"],
        ["Mehr zum Thema", "Lesen Sie auch", "Weitere Meldungen"],
    ),
    "fr": Words(
        ["Commentaires", "{n} commentaires", "Réactions ({n})"],
        ["Répondre", "Signaler", "Répondre Signaler un abus"],
        ["%s dit :", "Par %s", "%s a écrit :"],
        ["Archives", "Archives du blog"],
        ["À lire aussi", "Les plus lus", "Sur le même sujet"],
    ),
    "es": Words(
        ["Comentarios", "{n} comentarios", "Comentarios ({n})"],
        ["Responder", "Denunciar"],
        ["%s dijo:", "Por %s", "%s escribió:"],
        ["Archivo", "Archivos"],
        ["Te puede interesar", "Más noticias", "Lo más leído"],
    ),
    "it": Words(
        ["Commenti", "{n} commenti"],
        ["Rispondi", "Segnala"],
        ["%s ha detto:", "Di %s"],
        ["Archivi", "Archivio blog"],
        ["Leggi anche", "Ultime notizie", "Altre notizie"],
    ),
    "el": Words(
        ["Σχόλια", "{n} σχόλια", "Σχόλια ({n})"],
        ["Απάντηση", "Αναφορά"],
        ["Ο/Η %s είπε:", "Από %s"],
        ["Αρχείο", "Αρχειοθήκη"],
        ["Διαβάστε επίσης", "Τελευταία νέα"],
    ),
    "tr": Words(
        ["Yorumlar", "Yorumlar ({n})"],
        ["Yanıtla", "Şikayet et"],
        ["%s dedi ki:", "%s"],
        ["Arşiv"],
        ["İlgili haberler", "Son dakika"],
    ),
    "nl": Words(
        ["Reacties", "{n} reacties"],
        ["Beantwoorden", "Meld"],
        ["%s zegt:", "Door %s"],
        ["Archief"],
        ["Lees ook", "Meer nieuws"],
    ),
    "sv": Words(
        ["Kommentarer", "Kommentarer ({n})"],
        ["Svara", "Anmäl"],
        ["%s skriver:", "Av %s"],
        ["Arkiv"],
        ["Läs också", "Senaste nytt"],
    ),
}
HANDLES = """
kestrel, moss, Tobias, anna_k, quiet river, Dieter, pixel, JL, marta77, old timer, zephyr, Nina, guest, Lin,
fox, Karel, sunny, B. Hart, tin can, Olga
""".replace("\n", " ").strip().split(", ")
DAYS = ["{y}-{m:02}-{d:02}", "{d:02}.{m:02}.{y}", "{d}/{m}/{y}", "{m}/{d}/{y}", "{y}/{m:02}/{d:02}", "{y}.{m:02}.{d:02}"]
DAYS_EAST = ["{y}年{m}月{d}日", "{y}-{m:02}-{d:02}", "{y}/{m}/{d}"]
TIMES = [" {h:02}:{i:02}", ", {h:02}:{i:02}", " {h}:{i:02}", " {h:02}:{i:02}:{s:02}", ""]
MONTHS = ["{m:02}/{y}", "{y}-{m:02}", "{y}/{m:02}", "{m:02}.{y}", "{y}.{m:02}"]


def comments(chance, language, title, sayings):
    """Lines of a comment section, of what others said."""
    own = WORDS.get(language, WORDS["en"])
    count = chance.choice([2, 3, 5, 8, 13, 20, 30, 45])
    said = [shortened(chance, chance.choice(sayings)) for _ in range(count)]
    day = chance.choice(DAYS_EAST if language in ("zh", "ja") and chance.random() < 0.6 else DAYS) + chance.choice(TIMES)
    byline, answer = chance.choice(own.bylines), chance.choice(own.answers)
    form, spaced = chance.randrange(8), chance.random() < 0.5
    year, month = chance.randint(2003, 2025), chance.randint(1, 12)
    lines = []
    if chance.random() < 0.8:
        lines += [chance.choice(own.comments).format(n=count, title=title), ""]
    for at, words in enumerate(said):
        name = chance.choice(HANDLES) if chance.random() < 0.6 else words[:2 if language in ("zh", "ja", "ko") else 9].strip() or "guest"
        when = day.format(y=year, m=month, d=min(28, 1 + at // 3 + chance.randrange(3)), h=chance.randrange(24), i=chance.randrange(60), s=chance.randrange(60))
        words = [words] + [shortened(chance, more) for more in chance.sample(sayings, 2) if chance.random() < 0.15]
        lines += {
            0: [name, when, *words],
            1: [f"# re: {title} {when} {name}", *words],
            2: [byline % name, when, *words, answer],
            3: [f"{at + 1}. {name} {when}", *words],
            4: [*words, f"{byline % name} {when}", answer],
            5: [f"{name} | {when} | {answer}", *words],
            6: [f"#{at + 1}", byline % name, *words, answer],
            7: words,
        }[form]
        lines += [""] * spaced
    return [line.replace("{m}", str(chance.randrange(30))) for line in lines]


def shortened(chance, text):
    """As much of it as someone says in passing: most comments are short."""
    most = chance.choice([8, 15, 30, 60, 120, 400])
    if len(text) <= most:
        return text
    cut = text[:most].rstrip()
    return cut if " " not in cut[1:] else cut.rsplit(" ", 1)[0]


def archive(chance, language):
    """Lines of an archive's months, the last first."""
    year, month, form = chance.randint(2003, 2025), chance.randint(1, 12), chance.choice(MONTHS)
    if language in ("zh", "ja") and chance.random() < 0.7:
        form = "{y}年{m}月"
    counted, ranged = chance.random() < 0.6, chance.random() < 0.15
    lines = [chance.choice(WORDS.get(language, WORDS["en"]).archives)]
    for _ in range(chance.randint(4, 40)):
        before = (year, month)
        year, month = (year - 1, 12) if month == 1 else (year, month - 1)
        line = form.format(y=year, m=month)
        if ranged:
            line = f"{month:02}/01/{year} - {before[1]:02}/01/{before[0]}"
        lines.append(f"{line} ({chance.randint(1, 40)})" if counted and not ranged else line)
    return lines


def stories(chance, language, articles):
    """Lines of other stories: headlines, what is said of them, or all that they say."""
    lines = [chance.choice(WORDS.get(language, WORDS["en"]).stories), ""] if chance.random() < 0.7 else []
    form, dated = chance.choice(["headlines", "teasers", "teasers", "whole"]), chance.random() < 0.25
    for article in chance.sample(articles, min(len(articles), chance.choice([1, 2, 3, 5, 8, 12]))):
        headline, *rest = article
        lines.append(f"{chance.randrange(24):02}:{chance.randrange(60):02} - {headline}" if dated else headline)
        if form == "teasers" and rest:
            teaser = shortened(chance, rest[0])
            lines.append(teaser if teaser == rest[0] else teaser + chance.choice(["…", "...", " [...]", ""]))
        elif form == "whole":
            lines += rest[:chance.choice([2, 4, 8, 99])]
        lines += [""] * (form != "headlines")
    return lines
