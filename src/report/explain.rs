//! One article line by line: what stays, what went and why, what was changed.

use std::fmt::Write;

use super::stages;
use crate::sink::ledger::ORPHANED;
use crate::stage::Weighed;

/// What is to be said of one document.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Explanation {
    /// The document's id.
    pub id: String,
    /// What is known of it, as name and value.
    pub facts: Vec<(&'static str, String)>,
    /// Why the whole document was removed.
    pub removal: Option<Why>,
    /// Its blocks in order.
    pub lines: Vec<Line>,
}

impl Explanation {
    /// Says of the lines that a stage removed what weighed most.
    pub fn add_evidence(&mut self, weighed: Vec<Weighed>) {
        for weighed in weighed {
            let mut lines = self.lines.iter_mut().filter(|line| line.block == Some(weighed.block));
            if let Some(why) = lines.find_map(|line| line.removal.as_mut()) {
                why.evidence = weighed.pieces;
            }
        }
    }
}

/// One block.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Line {
    /// Its number in the record, where it is known.
    pub block: Option<u32>,
    /// A blank line stands before it.
    pub blank_before: bool,
    /// Its text: as it stays, or as it stood when it was removed.
    pub text: String,
    /// Why it was removed.
    pub removal: Option<Why>,
    /// What was changed inside it.
    pub edits: Vec<Change>,
}

/// A change inside a block.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The rule and its figures.
    pub why: Why,
    /// What stood there.
    pub original: Option<String>,
    /// What stands there now, where that is known.
    pub replacement: Option<String>,
}

/// A rule, and the figures by which it decided.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Why {
    /// The stage, where its name is not the rule's prefix (a stage that stands twice).
    pub stage: Option<String>,
    /// The rule's full name.
    pub rule: String,
    /// The measured value.
    pub value: Option<f64>,
    /// The limit it was held against.
    pub threshold: Option<f64>,
    /// The copy that was kept: the document's id, and the block for a paragraph. Of a rule that names what stands outside of the
    /// corpus: that.
    pub partner: Option<(String, Option<u32>)>,
    /// Kinds of evidence and what each added to the value, the weightiest first.
    pub evidence: Vec<(&'static str, f64)>,
}

/// The explanation as text: `-` marks what went, `~` what was changed; reasons stand below their line.
#[must_use]
pub fn render(explanation: &Explanation) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{}", explanation.id);
    for (name, value) in &explanation.facts {
        let _ = writeln!(out, "  {name:<10} {value}");
    }
    if let Some(why) = &explanation.removal {
        let _ = writeln!(out, "  {:<10} {}", "removed", reason(why));
    }
    let (kept, lines) =
        (explanation.lines.iter().filter(|line| line.removal.is_none()).count(), explanation.lines.len());
    let _ = writeln!(out, "  {:<10} {kept} of {lines} kept\n", "blocks");
    for line in &explanation.lines {
        if line.blank_before {
            out.push('\n');
        }
        let number = line.block.map_or(String::new(), |block| block.to_string());
        let sign = match (&line.removal, line.edits.is_empty()) {
            (Some(_), _) => '-',
            (None, false) => '~',
            (None, true) => ' ',
        };
        let _ = writeln!(out, "{number:>5} {sign} {}", line.text);
        for change in &line.edits {
            let _ = writeln!(out, "        ~ {}{}", reason(&change.why), shown(change));
        }
        if let Some(why) = &line.removal {
            let _ = writeln!(out, "        - {}", reason(why));
        }
    }
    out
}

fn reason(why: &Why) -> String {
    let mut out = why.stage.as_ref().map_or(String::new(), |stage| format!("{stage} "));
    out.push_str(&why.rule);
    match (why.value, why.threshold) {
        (Some(value), Some(threshold)) => {
            let _ = write!(out, ": {} against a limit of {}", figure(value), figure(threshold));
        }
        (Some(value), None) => {
            let _ = write!(out, ": {}", figure(value));
        }
        (None, _) => {}
    }
    match &why.partner {
        Some((name, _)) if stages::names_outside(&why.rule) => {
            let _ = write!(out, "; of {name}");
        }
        Some((id, Some(block))) => {
            let _ = write!(out, "; kept in {id}, block {block}");
        }
        Some((id, None)) => {
            let _ = write!(out, "; kept as {id}");
        }
        None => {}
    }
    if why.partner.is_some() && why.rule.ends_with(ORPHANED) {
        out.push_str(", until a later stage removed it there");
    }
    for (at, (name, weight)) in why.evidence.iter().take(EVIDENCE).enumerate() {
        let _ = write!(out, "{} {name} {weight:+.2}", if at == 0 { ";" } else { "," });
    }
    out
}

/// Pieces of evidence that are shown.
const EVIDENCE: usize = 4;

fn shown(change: &Change) -> String {
    match (&change.original, &change.replacement) {
        (Some(original), Some(replacement)) if replacement.is_empty() => format!(": {original:?} cut"),
        (Some(original), Some(replacement)) => format!(": {original:?} became {replacement:?}"),
        (Some(original), None) => format!(": {original:?} stood here"),
        (None, _) => String::new(),
    }
}

/// A figure without digits that say nothing.
fn figure(value: f64) -> String {
    let text = format!("{value:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_says_what_happened_to_it() {
        let why = |rule: &str| Why { rule: rule.to_owned(), ..Why::default() };
        let explanation = Explanation {
            id: "a.txt#0".to_owned(),
            facts: vec![("language", "fr".to_owned())],
            removal: None,
            lines: vec![
                Line { block: Some(0), text: "Un titre".to_owned(), ..Line::default() },
                Line {
                    block: Some(1),
                    blank_before: true,
                    text: "Encore".to_owned(),
                    removal: Some(Why {
                        value: Some(2.0),
                        threshold: Some(1.0),
                        partner: Some(("b.txt#0".to_owned(), Some(4))),
                        evidence: vec![("words", -0.25), ("shape", 0.1)],
                        ..why("paragraph_dedup.repeated_paragraph")
                    }),
                    ..Line::default()
                },
                Line {
                    block: Some(2),
                    text: "Fin".to_owned(),
                    edits: vec![Change {
                        why: why("boilerplate.ad_slot"),
                        original: Some(" spot_img".to_owned()),
                        replacement: Some(String::new()),
                    }],
                    ..Line::default()
                },
            ],
        };
        let expected = "a.txt#0\n  language   fr\n  blocks     2 of 3 kept\n\n    0   Un titre\n\n    1 - Encore\n        \
                        - paragraph_dedup.repeated_paragraph: 2 against a limit of 1; kept in b.txt#0, block 4; words -0.25, shape +0.10\n    2 ~ Fin\n        \
                        ~ boilerplate.ad_slot: \" spot_img\" cut\n";
        assert_eq!(render(&explanation), expected);
    }
}
