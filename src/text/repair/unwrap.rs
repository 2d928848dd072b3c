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
/// use tamis::text::repair::unwrap::{Line, joints};
/// let text = "The quick brown fox jumps over the lazy\ndog because it is there, and goes on to\nsay that the \
///     weather has been fine all of\nthis week, which nobody denies. Then it\nruns home, eats, and falls asleep.";
/// let lines: Vec<Line> = text.lines().map(|text| Line { text, after_blank: false }).collect();
/// assert_eq!(joints(&lines).iter().flatten().count(), 4);
/// ```
#[must_use]
pub fn joints(lines: &[Line<'_>]) -> Vec<Option<Joint>> {
    let Some(margin) = margin(lines) else { return Vec::new() };
    let mut vocabulary = None;
    let mut joints = vec![None; lines.len()];
    for (slot, pair) in joints.iter_mut().skip(1).zip(lines.windows(2)) {
        let [upper, lower] = pair else { continue };
        let Some(pair) = Pair::new(upper, lower) else { continue };
        if pair.prose() && (pair.full(margin) || pair.goes_on(margin)) {
            *slot = Some(pair.joint(|| vocabulary.get_or_insert_with(|| words(lines)).clone()));
        }
    }
    joints
}

/// Margins that people and programs wrap at lie between these, in columns.
const MARGINS: std::ops::RangeInclusive<usize> = 38..=140;
/// Fewer pairs of lines are no evidence.
const MIN_PAIRS: usize = 4;

/// Two lines without a blank one between.
struct Pair<'a> {
    upper: &'a str,
    lower: &'a str,
    width: usize,
    first_word: usize,
}

/// The column at which the text is wrapped.
fn margin(lines: &[Line<'_>]) -> Option<usize> {
    let bytes: usize = lines.iter().map(|line| line.text.len()).sum();
    let long: usize = lines.iter().map(|line| line.text.len()).filter(|bytes| *bytes > LONG_BYTES).sum();
    if lines.len() <= MIN_PAIRS || long * 3 > bytes {
        return None;
    }
    let adjacent = lines.iter().skip(1).filter(|line| !line.after_blank).count();
    if adjacent < MIN_PAIRS || adjacent * 4 < lines.len() {
        return None;
    }
    let pairs: Vec<Pair<'_>> = lines.windows(2).filter_map(|pair| Pair::new(pair.first()?, pair.last()?)).collect();
    let margin = widest(pairs.iter())?;
    if pairs.iter().filter(|pair| pair.full(margin)).count() * 3 < pairs.len() {
        return None;
    }
    let prose: Vec<&Pair<'_>> = pairs.iter().filter(|pair| pair.prose()).collect();
    let margin = widest(prose.iter().copied())?;
    let full: Vec<&&Pair<'_>> = prose.iter().filter(|pair| pair.full(margin)).collect();
    let broken = full.iter().filter(|pair| !shape::sentence_end(pair.upper)).count();
    let starts = full.iter().filter_map(|pair| pair.lower.trim_start().chars().next());
    let (small, cased) = starts.fold((0, 0), |(small, cased), first| {
        (small + usize::from(first.is_lowercase()), cased + usize::from(first.is_lowercase() || first.is_uppercase()))
    });
    let caseless = cased * 2 < full.len();
    let evident = if caseless {
        full.len() * 10 >= prose.len() * 9 && full.len() >= 6
    } else {
        full.len() * 5 >= prose.len() * 4 && small * 5 >= cased * 2
    };
    let enough = full.len() >= MIN_PAIRS && prose.len() * 2 >= pairs.len();
    (MARGINS.contains(&margin) && enough && evident && broken * 5 >= full.len() * 3).then_some(margin)
}

/// Lines of more bytes than this were not wrapped at any margin.
const LONG_BYTES: usize = 420;

/// The width that all but one in twenty keep to.
fn widest<'a>(pairs: impl Iterator<Item = &'a Pair<'a>>) -> Option<usize> {
    let mut widths: Vec<usize> = pairs.map(|pair| pair.width).collect();
    widths.sort_unstable();
    widths.get(widths.len().saturating_sub(1 + widths.len() / 20)).copied()
}

impl<'a> Pair<'a> {
    fn new(upper: &Line<'a>, lower: &Line<'a>) -> Option<Self> {
        if lower.after_blank || upper.text.len() > LONG_BYTES {
            return None;
        }
        let upper = upper.text.trim_end();
        let word = lower.text.split_whitespace().next()?;
        let first_word = match word.chars().next() {
            Some(first) if shape::ideographic(first) => 4,
            Some(first) if unspaced(first) => 12,
            _ => shape::columns(word),
        };
        Some(Self { upper, lower: lower.text, width: shape::columns(upper), first_word })
    }

    /// Whether both lines are running text of one paragraph.
    fn prose(&self) -> bool {
        let indent = |text: &str| text.len() - text.trim_start().len();
        let item = shape::list_item(self.upper);
        let apart = indent(self.lower) > indent(self.upper) && !item;
        let odd = |line: &str| shape::table_row(line) || shape::code(line) || line.trim().contains("   ");
        let heading = item && self.upper.trim_start().starts_with(['#', '>', '|']);
        let short =
            shape::words(self.upper, 4) < 4 && !self.upper.chars().any(|c| shape::ideographic(c) || unspaced(c));
        !(apart || heading || short || shape::list_item(self.lower) || odd(self.upper) || odd(self.lower))
    }

    /// Whether the lower line's first word would have gone past the margin, give or take a few columns of a wrap by hand.
    fn full(&self, margin: usize) -> bool {
        let slack = margin / 16;
        self.width <= margin + slack && self.width + 1 + self.first_word + slack > margin
    }

    /// Whether the sentence evidently goes on in the lower line, though a little room was left.
    fn goes_on(&self, margin: usize) -> bool {
        self.width * 3 >= margin * 2
            && !self.upper.ends_with(|c: char| c.is_ascii_punctuation() && c != ',' && c != ')')
            && self.lower.trim_start().starts_with(char::is_lowercase)
    }

    fn joint(&self, vocabulary: impl FnOnce() -> HashSet<String>) -> Joint {
        let space = Joint { cut: 0, text: " " };
        let lower = self.lower.trim_start();
        let (Some(last), Some(first)) = (self.upper.chars().next_back(), lower.chars().next()) else { return space };
        if last == '\u{ad}' {
            return Joint { cut: last.len_utf8(), text: "" };
        }
        let east_asian = |c: char| shape::ideographic(c) && !('\u{ff10}'..='\u{ff5a}').contains(&c);
        if (east_asian(last) && east_asian(first)) || (unspaced(last) && unspaced(first)) {
            return Joint { cut: 0, text: "" };
        }
        let head = self.upper.trim_end_matches('-');
        if head.len() + 1 != self.upper.len() || !head.ends_with(char::is_alphabetic) || !first.is_alphabetic() {
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
        for text in [verse, sentences, list, &code] {
            assert_eq!(count(text), 0, "{text}");
        }
    }
}
