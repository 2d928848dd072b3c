//! Cuts inside a block: what is glued to the edge of a paragraph.

use std::ops::Range;

use regex::Regex;

use super::pack::{CutRule, Edge, Effect};

/// The rules on the edges of blocks, ready to be matched.
pub(super) struct Cuts {
    rules: Vec<Cut>,
}

struct Cut {
    at: Edge,
    edges: Vec<String>,
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
const EDGE: usize = 280;

impl Cuts {
    /// Compiles the rules; the error names the rule and what is wrong with its pattern.
    pub fn new(rules: &[&CutRule]) -> Result<Self, String> {
        let compile = |rule: &&CutRule| {
            let pattern = Regex::new(&rule.pattern).map_err(|error| format!("cut `{}`: {error}", rule.id))?;
            Ok(Cut { at: rule.at, edges: rule.edges.clone(), pattern, fact: rule.fact })
        };
        Ok(Self { rules: rules.iter().map(compile).collect::<Result<_, String>>()? })
    }

    /// The first cut that `text` needs.
    pub fn find(&self, text: &str) -> Option<Found> {
        let trimmed = text.trim();
        let touches = |cut: &Cut| match cut.at {
            Edge::Start => cut.edges.iter().any(|edge| trimmed.starts_with(edge.as_str())),
            Edge::End => cut.edges.iter().any(|edge| trimmed.ends_with(edge.as_str())),
        };
        self.rules.iter().enumerate().filter(|(_, cut)| touches(cut)).find_map(|(rule, cut)| cut.find(rule, text))
    }
}

impl Cut {
    fn find(&self, rule: usize, text: &str) -> Option<Found> {
        let (edge, offset) = match self.at {
            Edge::Start => (text.get(..(0..=text.len().min(EDGE)).rev().find(|at| text.is_char_boundary(*at))?)?, 0),
            Edge::End => {
                let offset = (text.len().saturating_sub(EDGE)..=text.len()).find(|at| text.is_char_boundary(*at))?;
                (text.get(offset..)?, offset)
            }
        };
        let found = self.pattern.captures(edge)?;
        let range = found.name("cut").or(found.get(0))?.range();
        let value = found.name("value").map(|value| value.as_str().trim().to_owned());
        Some(Found { rule, range: offset + range.start..offset + range.end, fact: self.fact.zip(value) })
    }
}
