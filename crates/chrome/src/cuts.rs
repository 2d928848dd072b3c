//! Cuts inside a block: what is glued to the edge of a paragraph.

use std::ops::Range;

use regex::{Captures, Regex};

use super::credit;
use super::evidence::trimmed;
use super::pack::{CutRule, Edge, Effect};

/// The rules on the edges of blocks, ready to be matched.
pub(super) struct Cuts {
    rules: Vec<Cut>,
    /// What a block may begin with, by its first byte, and what it may end with, by its last byte, each with the rules' numbers.
    starts: Vec<Vec<(String, usize)>>,
    ends: Vec<Vec<(String, usize)>>,
    /// Numbers of the rules on brackets.
    brackets: Vec<usize>,
}

struct Cut {
    at: Edge,
    pattern: Regex,
    fact: Option<Effect>,
}

/// One cut: which rule, what of the block goes, and the value that it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Index among the cut rules.
    pub rule: usize,
    /// Bytes of the block that go.
    pub range: Range<usize>,
    /// What the cut says about the article, and for which column.
    pub fact: Option<(Effect, String)>,
}

/// Bytes at each edge that are looked at.
const EDGE: usize = 280;

impl Cuts {
    /// Compiles the rules; the error names the rule and what is wrong with its pattern.
    pub fn new(rules: &[&CutRule]) -> Result<Self, String> {
        let compile = |rule: &&CutRule| {
            let pattern = Regex::new(&rule.pattern).map_err(|error| format!("cut `{}`: {error}", rule.id))?;
            Ok(Cut { at: rule.at, pattern, fact: rule.fact })
        };
        let (mut starts, mut ends, mut brackets) = (vec![Vec::new(); 256], vec![Vec::new(); 256], Vec::new());
        for (number, rule) in rules.iter().enumerate() {
            if rule.at == Edge::Brackets {
                brackets.push(number);
            }
            for edge in &rule.edges {
                match (rule.at, edge.as_bytes()) {
                    (Edge::Start, [byte, ..]) => starts[usize::from(*byte)].push((edge.clone(), number)),
                    (Edge::End, [.., byte]) => ends[usize::from(*byte)].push((edge.clone(), number)),
                    (Edge::Brackets, _) => {}
                    (_, []) => return Err(format!("cut `{}`: an edge is empty", rule.id)),
                }
            }
        }
        Ok(Self { rules: rules.iter().map(compile).collect::<Result<_, String>>()?, starts, ends, brackets })
    }

    /// The first cut that `text` needs.
    pub fn find(&self, text: &str) -> Option<Found> {
        let trimmed = trimmed(text);
        let (first, last) = (trimmed.bytes().next()?, trimmed.bytes().next_back()?);
        let starts = self.starts[usize::from(first)].iter().filter(|(edge, _)| trimmed.starts_with(edge.as_str()));
        let ends = self.ends[usize::from(last)].iter().filter(|(edge, _)| trimmed.ends_with(edge.as_str()));
        let brackets = if trimmed.ends_with(CLOSING) { self.brackets.as_slice() } else { &[] };
        let mut touched: Vec<usize> =
            starts.chain(ends).map(|(_, rule)| *rule).chain(brackets.iter().copied()).collect();
        touched.sort_unstable();
        touched.dedup();
        touched.into_iter().find_map(|rule| self.rules.get(rule)?.find(rule, text))
    }
}

impl Cut {
    fn find(&self, rule: usize, text: &str) -> Option<Found> {
        let (edge, offset) = match self.at {
            Edge::Brackets => return self.find_in_brackets(rule, text),
            Edge::Start => (text.get(..(0..=text.len().min(EDGE)).rev().find(|at| text.is_char_boundary(*at))?)?, 0),
            Edge::End => {
                let offset = (text.len().saturating_sub(EDGE)..=text.len()).find(|at| text.is_char_boundary(*at))?;
                (text.get(offset..)?, offset)
            }
        };
        let found = self.pattern.is_match(edge).then(|| self.pattern.captures(edge)).flatten()?;
        // A part that is empty would be cut for ever.
        let range = Some(found.name("cut").or(found.get(0))?.range()).filter(|range| !range.is_empty())?;
        Some(Found { rule, range: offset + range.start..offset + range.end, fact: self.fact(&found)? })
    }

    /// The brackets that end `text`, and the white space before them, if the pattern finds what stands in them.
    fn find_in_brackets(&self, rule: usize, text: &str) -> Option<Found> {
        let body = text.trim_end().strip_suffix(CLOSING)?;
        let open = body.rfind(OPENING)?;
        let inside = body.get(open..)?.trim_start_matches(OPENING);
        if inside.len() > EDGE {
            return None;
        }
        let found = self.pattern.is_match(inside).then(|| self.pattern.captures(inside)).flatten()?;
        let before = text.get(..open)?.trim_end();
        let bare = found.name("value").is_some_and(|value| value.start() == 0);
        if self.fact == Some(Effect::Credit) && bare && credit::speaks_of_agency(before) {
            return None;
        }
        Some(Found { rule, range: before.len()..text.len(), fact: self.fact(&found)? })
    }

    /// What a match says about the article. Nothing at all where it should hold a credit and reads as something else: words in
    /// brackets that begin with `photo` may be a sentence.
    #[allow(clippy::option_option, reason = "no cut is another thing than a cut that says nothing")]
    fn fact(&self, found: &Captures<'_>) -> Option<Option<(Effect, String)>> {
        let Some(effect) = self.fact else { return Some(None) };
        let group = |name| found.name(name).map(|value| value.as_str().trim());
        let names = group("names").filter(|names| names.contains(' '));
        let agency = [group("names"), group("agency")].into_iter().flatten().find(|words| credit::names_agency(words));
        let groups = ["value", "names", "agency"];
        match group("value").or(names).or(agency) {
            Some(value) if effect == Effect::Credit => Some(Some((effect, credit::value(value)?))),
            Some(value) => Some(Some((effect, value.to_owned()))),
            None => groups.into_iter().all(|name| group(name).is_none()).then_some(None),
        }
    }
}

const OPENING: [char; 3] = ['(', '（', '['];
const CLOSING: [char; 3] = [')', '）', ']'];

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(id: &str, pattern: &str) -> CutRule {
        let rule = format!("id = '{id}'\nis = 'a mark'\nat = 'end'\nedges = ['.']\npattern = '{pattern}'");
        toml::from_str(&rule).expect("the rule is well formed")
    }

    #[test]
    fn a_cut_of_nothing_is_none_and_the_next_rule_is_asked() {
        let (nothing, mark) = (rule("nothing", "(?<cut>x*)$"), rule("mark", r"(?<cut> \(jv\))\.$"));
        let cuts = Cuts::new(&[&nothing, &mark]).expect("the patterns compile");
        assert_eq!(cuts.find("The ferry left at dawn."), None);
        let found = cuts.find("The ferry left at dawn (jv).").expect("the mark is found");
        assert_eq!((found.rule, found.range), (1, 22..27));
    }
}
