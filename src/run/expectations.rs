//! The config's `[[test]]` tables: texts are led through the pipeline in memory, and what became of them is held against
//! what the test expects. Reads no file.

use crate::config::{ConfigError, ConfigErrors, TestConfig};
use crate::document::{Block, Change, Document, Part, Position};
use crate::plan::Plan;
use crate::source::Column;

use super::walk::walk_documents;

/// How the tests of a config went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestRun {
    /// Tests there are.
    pub tests: usize,
    /// Tests of which an expectation was not met.
    pub failed: usize,
    /// Every expectation that was not met, at its place in the config; `None` if all were.
    pub errors: Option<ConfigErrors>,
}

/// Runs all tests of the plan's config. The plan may be one without inputs.
#[must_use]
pub fn run_tests(plan: &Plan) -> TestRun {
    let tests = &plan.config.test;
    let each = tests.iter().enumerate().map(|(index, test)| Trial::new(plan, index, test).failures());
    let failures: Vec<Vec<ConfigError>> = each.collect();
    let failed = failures.iter().filter(|failures| !failures.is_empty()).count();
    TestRun { tests: tests.len(), failed, errors: (failed > 0).then(|| ConfigErrors(failures.concat())) }
}

/// One test, its articles after all stages.
struct Trial<'a> {
    plan: &'a Plan,
    index: usize,
    test: &'a TestConfig,
    documents: Vec<Document>,
}

/// What became of a text in one block that has it.
enum Trace<'a> {
    Kept,
    Removed(Change<'a>),
    /// An edit took it out, or changed it; the block reads as it does now.
    Edited(Change<'a>, Block<'a>),
}

impl<'a> Trial<'a> {
    fn new(plan: &'a Plan, index: usize, test: &'a TestConfig) -> Self {
        let article = |(number, text): (usize, &String)| {
            let position = Position { file: 0, record: number as u64, block: 0 };
            Document::new(position, format!("test#{number}"), "test".into(), text)
        };
        let documents = test.input.0.iter().enumerate().map(article).collect();
        Self { plan, index, test, documents: walk_documents(plan, documents) }
    }

    fn failures(&self) -> Vec<ConfigError> {
        let mut failures = Vec::new();
        for (at, text) in self.test.expect_kept.0.iter().enumerate() {
            failures.extend(self.kept(text).map(|message| self.error(&format!("expect_kept[{at}]"), message)));
        }
        for (at, expected) in self.test.expect_removed.iter().enumerate() {
            let message = self.removed(&expected.text, expected.rule.as_deref());
            failures.extend(message.map(|message| self.error(&format!("expect_removed[{at}]"), message)));
        }
        if let Some(code) = &self.test.expect_language {
            failures.extend(self.language(code).map(|message| self.error("expect_language", message)));
        }
        if let Some(split) = &self.test.expect_split {
            let found = |document: &Document| document.split().map(str::to_owned);
            let message = self.kept_with("split", split, "no stage chose one", found);
            failures.extend(message.map(|message| self.error("expect_split", message)));
        }
        if let Some(tokens) = self.test.expect_tokens {
            let found = |document: &Document| document.tokens().map(|tokens| tokens.count.to_string());
            let message = self.kept_with("number of tokens", &tokens.to_string(), "no stage counted them", found);
            failures.extend(message.map(|message| self.error("expect_tokens", message)));
        }
        for (column, value) in &self.test.expect_columns {
            let name = name_of(*column);
            let message = self.column(*column, &name, value);
            failures.extend(message.map(|message| self.error(&format!("expect_columns.{name}"), message)));
        }
        failures
    }

    fn error(&self, key: &str, message: String) -> ConfigError {
        let name = self.test.name.as_ref().map_or_else(String::new, |name| format!(" \"{name}\""));
        let path = format!("test[{}].{key}", self.index);
        let mut error = self.plan.places.error(&path, format!("test {}{name}: {message}", self.index + 1), None);
        if message.ends_with(ABSENT) {
            error.hint = Some("write it as it stands in `input`, or as the stages before left it".to_owned());
        }
        error
    }

    /// Why one of the text's lines is not kept.
    fn kept(&self, text: &str) -> Option<String> {
        let lost = |line: &&str| !self.traces(line).iter().any(|trace| matches!(trace, Trace::Kept));
        let line = lines(text).find(lost)?;
        let happened = self.traces(line).first().map_or_else(|| ABSENT.to_owned(), |trace| self.tell(trace));
        Some(format!("{} shall be kept, but {happened}", quoted(line)))
    }

    /// Why one of the text's lines is not removed by `rule`, or by any rule where none is named.
    fn removed(&self, text: &str, rule: Option<&str>) -> Option<String> {
        let by_rule = |trace: &Trace<'_>| match (self.rule_of(trace), rule) {
            (Some(removed_by), Some(rule)) => removed_by == rule,
            (removed_by, _) => removed_by.is_some(),
        };
        let line = lines(text).find(|line| !self.traces(line).iter().any(by_rule))?;
        // Where one copy was kept and another removed by some other rule, the rule is what the test is about.
        let traces = self.traces(line);
        let told = traces.iter().find(|trace| !matches!(trace, Trace::Kept)).or(traces.first());
        let happened = told.map_or_else(|| ABSENT.to_owned(), |trace| self.tell(trace));
        let by = rule.map_or_else(String::new, |rule| format!(" by `{rule}`"));
        Some(format!("{} shall be removed{by}, but {happened}", quoted(line)))
    }

    fn language(&self, code: &str) -> Option<String> {
        let told = |document: &Document| document.language().map(|language| language.code.clone());
        let other = self.documents.iter().find(|document| told(document).as_deref() != Some(code))?;
        let which = self.which(other);
        Some(match other.language() {
            Some(language) => {
                format!(
                    "{which} shall be in `{code}`, but is told to be in `{}` (score {:.2})",
                    language.code, language.score
                )
            }
            None => format!("{which} shall be in `{code}`, but no stage told its language"),
        })
    }

    /// Why one of the articles that are kept has not this value, or why there is none of them.
    fn kept_with(
        &self,
        what: &str,
        value: &str,
        unset: &str,
        found: impl Fn(&Document) -> Option<String>,
    ) -> Option<String> {
        let mut kept = self.documents.iter().filter(|document| document.is_kept()).peekable();
        if kept.peek().is_none() {
            let removal = self.documents.iter().find_map(Document::removal)?;
            return Some(format!("the {what} shall be {value}, but {}", self.tell(&Trace::Removed(removal))));
        }
        let document = kept.find(|document| found(document).as_deref() != Some(value))?;
        let found = found(document).map_or_else(|| unset.to_owned(), |found| format!("it is {found}"));
        Some(format!("the {what} of {} shall be {value}, but {found}", self.which(document)))
    }

    fn column(&self, column: Column, name: &str, value: &str) -> Option<String> {
        let kept = self.documents.iter().filter(|document| document.is_kept());
        let mut values = kept.map(|document| (document, value_of(document, column)));
        let Some((document, found)) = values.find(|(_, found)| found.as_deref() != Some(value)) else {
            let removed = self.documents.iter().find_map(Document::removal)?;
            let none_kept = self.documents.iter().all(|document| !document.is_kept());
            return none_kept
                .then(|| format!("`{name}` shall be {}, but {}", quoted(value), self.tell(&Trace::Removed(removed))));
        };
        let found = found.map_or_else(|| "is not set".to_owned(), |found| format!("is {}", quoted(&found)));
        Some(format!("`{name}` of {} shall be {}, but {found}", self.which(document), quoted(value)))
    }

    /// What became of `line` in every block that has it: first where it is kept.
    fn traces(&self, line: &str) -> Vec<Trace<'_>> {
        let mut traces = Vec::new();
        for document in &self.documents {
            for block in document.blocks() {
                let stands = block.text().contains(line);
                let edit = if stands { None } else { edit_that_took(block, line) };
                let removal = block.removal().or(document.removal());
                match (removal, edit) {
                    (Some(removal), edit) if stands || edit.is_some() => traces.push(Trace::Removed(removal)),
                    (None, Some(edit)) => traces.push(Trace::Edited(edit, block)),
                    (None, None) if stands => traces.insert(0, Trace::Kept),
                    _ => {}
                }
            }
        }
        traces
    }

    /// Full name of the rule that removed the text.
    fn rule_of(&self, trace: &Trace<'_>) -> Option<String> {
        let (stage, rule) = match trace {
            Trace::Kept => return None,
            Trace::Removed(removal) => (removal.stage, removal.rule),
            Trace::Edited(edit, _) => (edit.stage, edit.rule),
        };
        Some(self.plan.names().rule(stage, rule).to_owned())
    }

    fn tell(&self, trace: &Trace<'_>) -> String {
        let rule = self.rule_of(trace).unwrap_or_default();
        match trace {
            Trace::Kept => "it was kept".to_owned(),
            Trace::Edited(_, block) => format!("`{rule}` changed it: the block reads {}", quoted(block.text())),
            Trace::Removed(removal) => {
                let figures = match (removal.value, removal.threshold) {
                    (Some(value), Some(limit)) => format!(" ({} against a limit of {})", figure(value), figure(limit)),
                    (Some(value), None) => format!(" ({})", figure(value)),
                    (None, _) => String::new(),
                };
                let partner = removal.partner.map_or_else(String::new, |partner| {
                    format!("; the copy that was kept stands in input {}", partner.record + 1)
                });
                format!("`{rule}` removed it{figures}{partner}")
            }
        }
    }

    fn which(&self, document: &Document) -> String {
        if self.documents.len() > 1 {
            format!("input {}", document.position().record + 1)
        } else {
            "the input".to_owned()
        }
    }
}

/// What is said of a text that no block has.
const ABSENT: &str = "no block has it";

fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

/// The edit before which the block had `line`: edits are undone from the last to the first.
fn edit_that_took<'a>(block: Block<'a>, line: &str) -> Option<Change<'a>> {
    let mut text = block.text().to_owned();
    block.edits().rev().find(|edit| {
        if let Part::Range { start, original, replacement, .. } = edit.part {
            let range = start as usize..start as usize + replacement.len();
            if text.get(range.clone()).is_some() {
                text.replace_range(range, original);
            }
        }
        text.contains(line)
    })
}

fn value_of(document: &Document, column: Column) -> Option<String> {
    let facts = document.facts();
    match column {
        Column::Id => Some(document.id().to_owned()),
        Column::Text => Some(document.text().into_owned()),
        Column::Title => facts.title.clone(),
        Column::Author => facts.author.clone(),
        Column::Published => facts.published.map(|day| day.to_string()),
        Column::Updated => facts.updated.map(|day| day.to_string()),
        Column::Url => facts.url.clone(),
        Column::Site => facts.site.clone(),
        Column::Section => facts.section.clone(),
        Column::Credit => facts.credit.clone(),
    }
}

/// A column's name as the config writes it.
fn name_of(column: Column) -> String {
    serde_json::to_value(column).ok().and_then(|name| name.as_str().map(str::to_owned)).unwrap_or_default()
}

/// A text in quotes, cut to what a message can bear.
fn quoted(text: &str) -> String {
    const MOST: usize = 80;
    let short: String = text.chars().take(MOST).collect();
    if short.len() < text.len() { format!("{:?}", short + "…") } else { format!("{short:?}") }
}

/// A figure without digits that say nothing.
fn figure(value: f64) -> String {
    let text = format!("{value:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
