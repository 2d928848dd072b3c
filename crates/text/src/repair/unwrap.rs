//! Hard-wrapped text: lines that were broken at a margin, and how they join.
//!
//! The sign of a wrapped paragraph is that the first word of each line would not have fitted on the line before. Verse, lists,
//! code, dialogue and one sentence a line fail that test; what passes must also break inside sentences.

use std::collections::HashSet;

use super::shape;

/// A line with what stands before it.
#[derive(Debug, Clone, Copy)]
pub struct Line<'a> {
    /// The line, indentation included.
    pub text: &'a str,
    /// A blank line, or the start of the text, comes before it.
    pub after_blank: bool,
}

/// How a line joins the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Joint {
    /// Bytes to cut off the end of the line before: a hyphen that only the line end called for.
    pub cut: usize,
    /// What to put between the two: a space or nothing.
    pub text: &'static str,
}

/// For each line, how it joins the one before, if the text is evidently hard-wrapped; else nothing at all.
///
/// ```
/// use tamis_text::repair::unwrap::{Line, joints};
/// let text = "\
///     The quick brown fox jumps over the lazy dog because it is there, and\n\
///     goes on to say that the weather has been fine all of this week, which\n\
///     nobody denies. Then it runs home to the wood by the river, eats what\n\
///     is left of the goose, and falls asleep. In the morning it has to look\n\
///     for food.";
/// let lines: Vec<Line> = text.lines().map(|text| Line { text, after_blank: false }).collect();
/// assert_eq!(joints(&lines).iter().flatten().count(), 4);
/// ```
#[must_use]
pub fn joints(lines: &[Line<'_>]) -> Vec<Option<Joint>> {
    if !possible(lines.iter().copied()) {
        return Vec::new();
    }
    let mut looks: Vec<Look<'_>> = lines.iter().map(Look::of).collect();
    if !promising(&looks) {
        return Vec::new();
    }
    looks.iter_mut().for_each(Look::settle);
    let Some(margin) = margin(&looks) else { return Vec::new() };
    let mut vocabulary = None;
    let mut joints = vec![None; lines.len()];
    for (slot, pair) in joints.iter_mut().skip(1).zip(pairs(&looks)) {
        if pair.prose() && (pair.full(margin) || pair.goes_on(margin)) {
            *slot = Some(pair.joint(|| vocabulary.get_or_insert_with(|| words(lines))));
        }
    }
    joints
}

/// Margins that people and programs wrap at lie between these, in columns.
const MARGINS: std::ops::RangeInclusive<usize> = 38..=140;
/// Below this margin, lines of verse are as long as lines of prose.
const NARROW: usize = 56;
/// Fewer pairs of lines are no evidence.
const MIN_PAIRS: usize = 4;
/// Lines of more bytes than this were not wrapped at any margin.
const LONG_BYTES: usize = 420;

/// Whether lines are short and close enough at all, and any of them as long as a line before a margin. Cheap, since nearly all
/// documents end here.
pub fn possible<'a>(lines: impl Iterator<Item = Line<'a>>) -> bool {
    let (mut count, mut bytes, mut long, mut adjacent, mut longest) = (0, 0, 0, 0, 0);
    for line in lines {
        count += 1;
        bytes += line.text.len();
        long += if line.text.len() > LONG_BYTES { line.text.len() } else { 0 };
        longest = longest.max(line.text.len());
        adjacent += usize::from(!line.after_blank);
    }
    adjacent >= MIN_PAIRS && adjacent * 4 >= count && long * 3 <= bytes && longest >= *MARGINS.start()
}

/// Whether a third of the text could stand in full lines, whatever the lines hold.
fn promising(looks: &[Look<'_>]) -> bool {
    let adjacent: Vec<Pair<'_>> =
        pairs(looks).filter(|pair| !pair.lower.after_blank && pair.upper.width < usize::MAX).collect();
    let Some(margin) = widest(&adjacent) else { return false };
    let bytes: usize = looks.iter().map(|look| look.text.len()).sum();
    let full = adjacent.iter().filter(|pair| pair.upper.width + pair.lower.first_word + margin / 8 > margin);
    full.map(|pair| pair.upper.text.len()).sum::<usize>() * 3 >= bytes
}

/// What is to be known of a line, found once.
struct Look<'a> {
    text: &'a str,
    after_blank: bool,
    width: usize,
    first_word: usize,
    indent: usize,
    item: bool,
    /// Starts as a line of a header does: `Status: draft`.
    header: bool,
    /// Running text: words, letters for the most part, no code, table, heading or picture. Settled last, since it costs most.
    prose: bool,
}

impl<'a> Look<'a> {
    fn of(line: &Line<'a>) -> Self {
        let text = line.text.trim_end();
        let body = text.trim_start();
        let word = body.split([' ', '\t']).next().unwrap_or_default();
        let first_word = match word.chars().next() {
            Some(first) if shape::ideographic(first) => 4,
            Some(first) if unspaced(first) => 12,
            _ => shape::columns(word),
        };
        Self {
            text,
            after_blank: line.after_blank,
            width: if text.len() > LONG_BYTES { usize::MAX } else { shape::columns(text) },
            first_word,
            indent: text.len() - body.len(),
            item: false,
            header: false,
            prose: false,
        }
    }

    fn settle(&mut self) {
        let body = self.text.trim_start();
        self.item = shape::list_item(body);
        self.header = body.split_once(": ").is_some_and(|(key, _)| {
            key.starts_with(|c: char| c.is_ascii_uppercase())
                && key.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'-')
        });
        self.prose = self.text.len() <= LONG_BYTES && running(body);
    }
}

fn running(body: &str) -> bool {
    let (mut letters, mut others) = (0, 0);
    for byte in body.bytes() {
        letters += usize::from(byte.is_ascii_alphabetic() || byte >= 0xc0);
        others += usize::from(byte.is_ascii_digit() || byte.is_ascii_punctuation());
    }
    letters > others * 2
        && !body.starts_with(['#', '>', '|', '!', '<'])
        && !shape::table_row(body)
        && !shape::code(body)
        && !body.contains("   ")
}

/// Two lines in a row.
struct Pair<'a> {
    upper: &'a Look<'a>,
    lower: &'a Look<'a>,
}

fn pairs<'a>(looks: &'a [Look<'a>]) -> impl Iterator<Item = Pair<'a>> {
    looks.iter().zip(looks.iter().skip(1)).map(|(upper, lower)| Pair { upper, lower })
}

/// The column at which the text is wrapped, if it is.
fn margin(looks: &[Look<'_>]) -> Option<usize> {
    let prose: Vec<Pair<'_>> = pairs(looks).filter(Pair::prose).collect();
    let margin = widest(&prose).filter(|margin| MARGINS.contains(margin))?;
    let full: Vec<&Pair<'_>> = prose.iter().filter(|pair| pair.full(margin)).collect();
    let broken = full.iter().filter(|pair| !shape::sentence_end(pair.upper.text)).count();
    let starts = full.iter().filter_map(|pair| pair.lower.text.trim_start().chars().next());
    let (small, cased) = starts.fold((0, 0), |(small, cased), first| {
        (small + usize::from(first.is_lowercase()), cased + usize::from(first.is_lowercase() || first.is_uppercase()))
    });
    let evident = if cased * 2 < full.len() {
        full.len() >= 6 && full.len() * 10 >= prose.len() * 9
    } else {
        full.len() * 5 >= prose.len() * 4 && small * 5 >= cased * 2
    };
    let bytes: usize = looks.iter().map(|look| look.text.len()).sum();
    let wrapped: usize = full.iter().map(|pair| pair.upper.text.len()).sum();
    (evident
        && full.len() >= MIN_PAIRS
        && broken * 5 >= full.len() * 3
        && wrapped * 3 >= bytes
        && !verse(looks, margin)
        && !free_verse(looks, margin))
    .then_some(margin)
}

/// The width that all but one in twenty keep to.
fn widest(pairs: &[Pair<'_>]) -> Option<usize> {
    let mut widths: Vec<usize> = pairs.iter().map(|pair| pair.upper.width).collect();
    widths.sort_unstable();
    widths.get(widths.len().saturating_sub(1 + widths.len() / 20)).copied()
}

/// Whether the lines are those of verse or of a play.
///
/// The last line of a wrapped paragraph ends anywhere; the last line of a stanza is as long as the others. A play has the
/// names of its speakers in capitals on lines of their own.
fn verse(looks: &[Look<'_>], margin: usize) -> bool {
    let (mut paragraphs, mut short, mut lines, mut speakers) = (0, 0, 0, 0);
    for (at, look) in looks.iter().enumerate() {
        let first = look.after_blank || at == 0;
        lines = if first { 1 } else { lines + 1 };
        let last = looks.get(at + 1).is_none_or(|next| next.after_blank);
        let capitals =
            look.width < 24 && !look.text.contains(char::is_lowercase) && look.text.contains(char::is_uppercase);
        speakers += usize::from(first && !last && capitals);
        if last && lines > 2 {
            paragraphs += 1;
            short += usize::from(look.width * 4 < margin * 3);
        }
    }
    let stanzas = if margin < NARROW {
        paragraphs < 2 || short * 5 < paragraphs * 2
    } else {
        paragraphs > 3 && short * 8 < paragraphs
    };
    stanzas || (speakers > 2 && speakers * 8 > looks.len())
}

/// Whether the lines are those of free verse, long ones without capitals: no paragraph ends short, and hardly a sentence ends
/// within a line, as in prose one in a few lines does.
fn free_verse(looks: &[Look<'_>], margin: usize) -> bool {
    let ends = |(at, look): (usize, &Look<'_>)| {
        let last = looks.get(at + 1).is_none_or(|next| next.after_blank);
        last && look.width * 4 < margin * 3
    };
    let stops = looks.iter().filter(|look| stops_within(look.text)).count();
    // Lines of scripts without spaces are all of one length.
    let spaced = looks.iter().all(|look| shape::words(look.text, 2) == 2);
    spaced && !looks.iter().enumerate().any(ends) && stops * 10 <= looks.len()
}

/// Whether a sentence ends before the end of the line.
fn stops_within(text: &str) -> bool {
    let text = text.trim_end();
    let mark = |c: char| matches!(c, '.' | '!' | '?' | '…' | '。' | '！' | '？' | '।' | '؟' | '۔' | '։' | '።');
    text.match_indices(mark).any(|(at, mark)| {
        let rest = text.get(at + mark.len()..).unwrap_or_default();
        !rest.is_empty()
            && (rest.starts_with(char::is_whitespace) || rest.starts_with(['”', '"', '»', '’']) || !mark.is_ascii())
            && rest.contains(char::is_alphabetic)
    })
}

impl Pair<'_> {
    /// Whether both lines are running text of one paragraph.
    fn prose(&self) -> bool {
        let (upper, lower) = (self.upper, self.lower);
        let same = !lower.after_blank && !lower.item && !lower.header && (lower.indent <= upper.indent || upper.item);
        same && upper.prose && lower.prose && self.wordy()
    }

    fn wordy(&self) -> bool {
        shape::words(self.upper.text, 4) == 4 || self.upper.text.chars().any(|c| shape::ideographic(c) || unspaced(c))
    }

    /// Whether the lower line's first word would have gone past the margin, give or take a few columns of a wrap by hand.
    fn full(&self, margin: usize) -> bool {
        let slack = margin / 16;
        self.upper.width <= margin + slack && self.upper.width + 1 + self.lower.first_word + slack > margin
    }

    /// Whether the sentence evidently goes on in the lower line, though a little room was left.
    fn goes_on(&self, margin: usize) -> bool {
        let upper = self.upper;
        upper.width <= margin * 2
            && upper.width * 3 >= margin * 2
            && !upper.text.ends_with(|c: char| c.is_ascii_punctuation() && c != ',' && c != ')')
            && self.lower.text.trim_start().starts_with(char::is_lowercase)
    }

    fn joint<'v>(&self, vocabulary: impl FnOnce() -> &'v HashSet<String>) -> Joint {
        let space = Joint { cut: 0, text: " " };
        let (upper, lower) = (self.upper.text, self.lower.text.trim_start());
        let (Some(last), Some(first)) = (upper.chars().next_back(), lower.chars().next()) else { return space };
        if last == '\u{ad}' {
            return Joint { cut: last.len_utf8(), text: "" };
        }
        let east_asian = |c: char| shape::ideographic(c) && !('\u{ff10}'..='\u{ff5a}').contains(&c);
        if (east_asian(last) && east_asian(first)) || (unspaced(last) && unspaced(first)) {
            return Joint { cut: 0, text: "" };
        }
        let head = upper.trim_end_matches('-');
        if head.len() + 1 != upper.len() || !head.ends_with(char::is_alphabetic) || !first.is_alphabetic() {
            return space;
        }
        let stem = head.rsplit(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        let tail = lower.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
        if CONJUNCTIONS.contains(&tail) {
            return space;
        }
        let vocabulary = vocabulary();
        let sure = first.is_lowercase()
            && vocabulary.contains(&format!("{stem}{tail}"))
            && !vocabulary.contains(&format!("{stem}-{tail}"));
        Joint { cut: usize::from(sure), text: "" }
    }
}

/// A hyphen before one of these is left hanging on purpose: "Haupt- und Nebensatz".
const CONJUNCTIONS: [&str; 22] = [
    "and", "or", "to", "und", "oder", "bis", "bzw", "sowie", "et", "ou", "y", "o", "e", "en", "of", "og", "och",
    "eller", "i", "a", "tai", "ja",
];

/// The words of the text, and the hyphenated ones, as they are written inside lines.
fn words(lines: &[Line<'_>]) -> HashSet<String> {
    let inside = lines.iter().flat_map(|line| line.text.split_whitespace());
    inside.map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()).to_owned()).collect()
}

/// Scripts without spaces between words other than the East Asian ones: Thai, Lao, Burmese, Khmer, Tibetan.
fn unspaced(character: char) -> bool {
    matches!(character, '\u{e01}'..='\u{eff}' | '\u{f00}'..='\u{fff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<Line<'_>> {
        let mut after_blank = true;
        let mut lines = Vec::new();
        for text in text.lines() {
            if !text.trim().is_empty() {
                lines.push(Line { text, after_blank });
            }
            after_blank = text.trim().is_empty();
        }
        lines
    }

    fn count(text: &str) -> usize {
        joints(&lines(text)).iter().flatten().count()
    }

    const WRAPPED: &str = "\
A letter came on the third day, and the porter brought it up with
the bread. It was from the well-known house in the harbour street,
and it said that the ship had been seen off the point at sunrise,
with one mast gone and the flag of the company still flying. Haupt-
und Nebensatz are joined, and so is the word example at the end.

The second letter came a week later. It gave no reason for the exam-
ple that had been set, nor did it ask for money, as the well-
known one had. Nobody in the office could say who had written it.
";

    #[test]
    fn paragraphs_wrapped_at_a_margin_are_joined() {
        assert_eq!(count(WRAPPED), 6);
        let joints = joints(&lines(WRAPPED));
        assert_eq!(joints[4], Some(Joint { cut: 0, text: " " }), "a hanging hyphen");
        assert_eq!(joints[5], None, "a new paragraph");
        assert_eq!(joints[6], Some(Joint { cut: 1, text: "" }), "a word that stands whole elsewhere");
        assert_eq!(joints[7], Some(Joint { cut: 0, text: "" }), "a word that is hyphenated elsewhere");
    }

    #[test]
    fn chinese_lines_join_without_a_space() {
        let line = "在很久很久以前有一個村莊住著許多善良的人他們每天都在田裡工作直到太陽";
        let text = [line; 8].join("\n");
        assert!(joints(&lines(&text)).iter().skip(1).all(|joint| *joint == Some(Joint { cut: 0, text: "" })));
    }

    #[test]
    fn what_is_not_wrapped_prose_is_left_alone() {
        let verse = "Upon the hill the morning lies asleep,\nAnd all the valley waits beneath its hand;\nNo shepherd stirs, no bell, no bleating sheep,\n\
            No smoke goes up from any of the land.\nYet one grey bird has risen from the stone\nAnd sings as if the day were his alone,\nTo call us out.";
        let sentences = "The committee met on Monday to discuss the plan.\nIt was rejected by a large majority of the members.\nA new plan is expected soon.\n\
            The chairman thanked everybody for coming to the meeting.\nHe then closed it.\nThe next one will be held in the spring of next year.";
        let list = "- the first of the items on this list of things\n- the second of the items on this list of thing\n- the third of the items on this list of things\n\
            - the fourth of the items on this list of thing\n- the fifth of the items on this list of things\n- the sixth of the items on this list of thing";
        let code = "    let first = second.third(fourth, fifth, sixth);\n    let other = second.third(fourth, fifth, seventh);\n".repeat(5);
        let free = "I counted the boats again this morning from the window where\nyou used to stand with your coffee, and there were seven, which\n\
            is one more than the harbour master has written in his ledger,\nand I thought of telling him, and then I thought of you, and then\n\
            the seventh boat turned out to be the shadow of the sixth, moving";
        let frei = "ich habe den schlüssel noch, der zu keiner tür mehr passt, und\ntrage ihn in der manteltasche wie andere leute ein foto tragen,\n\
            und wenn es regnet, wird er kalt und wenn die sonne scheint, wird\ner warm, und manchmal, an der haltestelle, halte ich ihn fest, als\n\
            könnte er mir sagen, wo du bist, und warum die tür verschwand";
        for text in [verse, sentences, list, &code, free, frei] {
            assert_eq!(count(text), 0, "{text}");
        }
    }
}
