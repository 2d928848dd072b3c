//! Cuts inside a block: what is glued to the edge of a paragraph.

use std::ops::Range;

use regex::{Regex, RegexSet};

use super::pack::{CutRule, Edge, Effect};

/// The rules on the edges of blocks, ready to be matched.
pub(super) struct Cuts {
    rules: Vec<Cut>,
    ends: RegexSet,
    starts: RegexSet,
}

struct Cut {
    at: Edge,
    pattern: Regex,
    fact: Option<Effect>,
}

/// One cut: which rule, what of the block goes, and the value that it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// Index among the cut rules.
    pub rule: usize,
    /// Bytes of the block that go.
    pub range: Range<usize>,
    /// What the cut says about the article, and for which column.
    pub fact: Option<(Effect, String)>,
}

/// Bytes at each edge that are looked at.
const EDGE: usize = 160;

impl Cuts {
    /// Compiles the rules; the error names the rule and what is wrong with its pattern.
    pub fn new(rules: &[&CutRule]) -> Result<Self, String> {
        let compile = |rule: &&CutRule| {
            let pattern = Regex::new(&rule.pattern).map_err(|error| format!("cut `{}`: {error}", rule.id))?;
            Ok(Cut { at: rule.at, pattern, fact: rule.fact })
        };
        let cuts = rules.iter().map(compile).collect::<Result<Vec<_>, String>>()?;
        let set = |at| {
            let patterns = cuts.iter().filter(|cut| cut.at == at).map(|cut| cut.pattern.as_str());
            RegexSet::new(patterns).map_err(|error| error.to_string())
        };
        Ok(Self { ends: set(Edge::End)?, starts: set(Edge::Start)?, rules: cuts })
    }

    /// The first cut that `text` needs.
    pub fn find(&self, text: &str) -> Option<Found> {
        let tail_at = (text.len().saturating_sub(EDGE)..=text.len()).find(|at| text.is_char_boundary(*at))?;
        let head_end = (0..=text.len().min(EDGE)).rev().find(|at| text.is_char_boundary(*at))?;
        let (tail, head) = (text.get(tail_at..)?, text.get(..head_end)?);
        if self.ends.is_match(tail) {
            return self.cut(tail, tail_at, Edge::End);
        }
        if self.starts.is_match(head) {
            return self.cut(head, 0, Edge::Start);
        }
        None
    }

    fn cut(&self, edge: &str, offset: usize, at: Edge) -> Option<Found> {
        let rules = self.rules.iter().enumerate().filter(|(_, cut)| cut.at == at);
        let (rule, cut, found) =
            rules.into_iter().find_map(|(rule, cut)| Some((rule, cut, cut.pattern.captures(edge)?)))?;
        let range = found.name("cut").or(found.get(0))?.range();
        let value = found.name("value").map(|value| value.as_str().trim().to_owned());
        Some(Found { rule, range: offset + range.start..offset + range.end, fact: cut.fact.zip(value) })
    }
}
