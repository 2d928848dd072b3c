//! What `tamis stages` and `tamis rule` show: stages and their rules, as these describe themselves, set for a terminal.

use std::path::Path;

use serde::Deserialize;

use crate::config::{StageOption, TestConfig, nearest, stage_options};
use crate::document::{Block, Document, Mark, Part, Position, StageIndex};
use crate::stage::{RuleInfo, STAGES, StageConfig, StageInfo, Surroundings, Takes};

/// A name that no stage, or no rule, has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// What is wrong: a lower-case fragment.
    pub message: String,
    /// What may have been meant.
    pub hint: String,
}

/// All stages, each with what it does, in lines of `width` characters.
#[must_use]
pub fn stages(width: usize) -> String {
    let names = STAGES.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);
    let mut page = Page::new(width);
    STAGES.iter().for_each(|(name, info)| page.entry(name, names, &plain(info.does)));
    page.line("");
    page.paragraph("", "`tamis stages NAME` shows a stage's options, rules and examples; `tamis rule NAME` a rule.");
    page.text
}

/// One stage: what it does and takes, its options, its rules, and an example.
///
/// # Errors
/// If there is no stage of that name.
pub fn stage(name: &str, width: usize) -> Result<String, Unknown> {
    let kind = name.split('#').next().unwrap_or(name);
    let Some((name, info)) = STAGES.iter().find(|(known, _)| *known == kind) else {
        return Err(unknown("stage", name, STAGES.iter().map(|(known, _)| *known), "`tamis stages` lists them"));
    };
    let mut page = Page::new(width);
    page.paragraph("", &format!("{name} {}.", plain(info.does)));
    page.line("");
    facts(&mut page, name, info);
    let options = stage_options(name);
    if !options.is_empty() {
        page.heading("options");
        for StageOption { name, value, default, means } in options {
            page.line(&format!("  {name} = {value}"));
            page.paragraph("      ", &format!("{} Default: {default}.", plain(&means)));
        }
    }
    let rules = (info.rules)();
    if !rules.is_empty() {
        page.heading("rules");
        let longest = rules.iter().map(|rule| rule.name.chars().count()).max().unwrap_or(0).min(30);
        rules.iter().for_each(|rule| page.entry(&format!("  {}", rule.name), longest + 2, &plain(&rule.means)));
    }
    if let Some((stages, test)) = cases(info).first() {
        page.heading("example");
        show(&mut page, stages, test);
    }
    Ok(page.text)
}

/// All rules, each with what it found.
#[must_use]
pub fn rules(width: usize) -> String {
    let mut page = Page::new(width);
    for (name, rule) in all_rules() {
        page.line(&name);
        page.paragraph("    ", &plain(&rule.means));
    }
    page.text
}

/// One rule: what it means, an example, and how to keep what it takes. `name` is as the ledger has it, or without its stage.
///
/// # Errors
/// If there is no rule of that name.
pub fn rule(name: &str, width: usize) -> Result<String, Unknown> {
    let orphaned = name.strip_suffix(crate::sink::ledger::ORPHANED);
    // `stage#2.rule` is a rule of the stage that stands twice.
    let (stage, bare) = orphaned.unwrap_or(name).split_once('.').unwrap_or(("", orphaned.unwrap_or(name)));
    let stage = stage.split('#').next().unwrap_or_default();
    let found: Vec<(&str, &StageInfo, RuleInfo)> = STAGES
        .iter()
        .filter(|(known, _)| stage.is_empty() || *known == stage)
        .flat_map(|(known, info)| rules_of(info).into_iter().map(move |rule| (*known, info, rule)))
        .filter(|(.., rule)| rule.name == bare)
        .collect();
    if found.is_empty() {
        return Err(unknown_rule(name, stage, bare));
    }
    let mut page = Page::new(width);
    for (at, (stage, info, rule)) in found.iter().enumerate() {
        if at > 0 {
            page.line("");
        }
        page.line(&format!("{stage}.{}", rule.name));
        page.paragraph("  ", &format!("{}.", capital(&plain(&rule.means))));
        page.paragraph("  ", &format!("Takes {}. Since data version {}.", rule.takes.word(), rule.since));
        if orphaned.is_some() {
            let gone = "With `_orphaned`: the copy that was kept in its place was removed by a later stage, so the text is gone.";
            page.paragraph("  ", &plain(gone));
        }
        if let Some(option) = rule.option {
            page.paragraph("  ", &format!("To keep what it takes, set {option} of the stage: `tamis stages {stage}`."));
        }
        let full = format!("{stage}.{}", rule.name);
        if let Some((before, after)) = edited(stage, info, rule) {
            page.heading("example");
            page.paragraph("  - ", &shown(&before));
            page.paragraph("  + ", &shown(&after));
        } else if let Some((stages, test)) = tested(info, &full) {
            page.heading("example");
            show(&mut page, &stages, &test);
        } else if let Some(example) = &rule.example {
            page.heading("example");
            page.paragraph("  - ", example);
        }
    }
    Ok(page.text)
}

/// A block that the rule edits, before and after: the rule's own example, or one of the fixture's.
pub(super) fn edited(stage: &str, info: &StageInfo, rule: &RuleInfo) -> Option<(String, String)> {
    if rule.takes != Takes::Text {
        return None;
    }
    let number = (info.rules)().iter().position(|known| known.name == rule.name)?;
    let config: toml::Table = format!("{stage} = {}", info.sample).parse().ok()?;
    let made = StageConfig::deserialize(config).ok()?.configure(&Surroundings { folder: Path::new(".") }).ok()?;
    let of_fixture = cases(info).into_iter().flat_map(|(_, test)| test.input.0);
    rule.example.clone().into_iter().chain(of_fixture).find_map(|text| {
        let nowhere = Position { file: 0, record: 0, block: 0 };
        let mut document = Document::new(nowhere, String::new(), "".into(), &text);
        made.stage.local()?.apply(&mut document, Mark::new(StageIndex(0)));
        let by_rule = |block: &Block<'_>| block.edits().any(|edit| usize::from(edit.rule.0) == number);
        let block = document.blocks().find(by_rule)?;
        let mut before = block.text().to_owned();
        for edit in block.edits().rev() {
            let Part::Range { start, original, replacement, .. } = edit.part else { continue };
            let range = start as usize..start as usize + replacement.len();
            before.get(range.clone())?;
            before.replace_range(range, original);
        }
        Some((before, block.text().to_owned()))
    })
}

/// A text on which white space that is no plain space, or more of it than one, can be seen.
pub(super) fn shown(text: &str) -> String {
    let mut out = String::new();
    for character in text.chars() {
        match character {
            ' ' if out.is_empty() || out.ends_with(['␣', ' ']) => out.push('␣'),
            '\n' => out.push('⏎'),
            ' ' => out.push(' '),
            other if other.is_whitespace() || other.is_control() => out.extend(other.escape_unicode()),
            other => out.push(other),
        }
    }
    out
}

/// A stage that there is has rules of its own, one of which is meant; else any may be.
fn unknown_rule(name: &str, stage: &str, bare: &str) -> Unknown {
    let names: Vec<String> = all_rules().map(|(name, _)| name).collect();
    let parts: Vec<(&str, &str)> = names.iter().filter_map(|name| name.split_once('.')).collect();
    let within: Vec<&str> = parts.iter().filter(|(of, _)| *of == stage).map(|(_, rule)| *rule).collect();
    let known: Vec<&str> = match (stage.is_empty(), within.is_empty()) {
        (true, _) => parts.iter().map(|(_, rule)| *rule).collect(),
        (false, true) => names.iter().map(String::as_str).collect(),
        (false, false) => within.clone(),
    };
    let typed = if within.is_empty() && !stage.is_empty() { name } else { bare };
    let mut unknown =
        unknown("rule", typed, known, "`tamis rule` lists them; rules of packs of your own stand in these");
    if !within.is_empty() {
        unknown.hint = unknown.hint.replacen("mean `", &format!("mean `{stage}."), 1);
    }
    Unknown { message: format!("there is no rule `{name}`"), ..unknown }
}

fn facts(page: &mut Page, name: &str, info: &StageInfo) {
    let removes = info.removes();
    let takes = [("documents", removes.documents), ("blocks", removes.blocks), ("text within blocks", info.edits())];
    let takes: Vec<&str> = takes.into_iter().filter(|(_, does)| *does).map(|(what, _)| what).collect();
    let signal = info.signal.map(|signal| format!("quality.{}", signal.name()));
    let fills: Vec<&str> = info.columns.iter().copied().chain(signal.as_deref()).collect();
    let or_nothing = |words: Vec<&str>| if words.is_empty() { "nothing".to_owned() } else { words.join(", ") };
    page.entry("may take", 18, &or_nothing(takes));
    page.entry("fills", 18, &or_nothing(fills));
    page.entry("needs the corpus", 18, &plain(info.needs_corpus));
    page.entry("in a config", 18, &format!("[[stage]] {name} = {}", info.sample));
}

/// A pipeline of a fixture with one of its tests.
pub(super) type Case = (String, TestConfig);

/// The tests of a stage's fixture, each with its pipeline in a line.
pub(super) fn cases(info: &StageInfo) -> Vec<Case> {
    #[derive(Deserialize)]
    struct Fixture {
        case: Vec<Pipeline>,
    }
    #[derive(Deserialize)]
    struct Pipeline {
        stage: Vec<toml::Table>,
        test: Vec<TestConfig>,
    }
    // A test reads every fixture, so none is lost here.
    let fixture: Option<Fixture> = toml::from_str(info.fixture).ok();
    let cases = fixture.into_iter().flat_map(|fixture| fixture.case);
    cases
        .flat_map(|Pipeline { stage, test }| {
            let stages: Vec<String> = stage.iter().map(|table| inline(&toml::Value::Table(table.clone()))).collect();
            let stages = stages.join(", ");
            test.into_iter().map(move |test| (stages.clone(), test))
        })
        .collect()
}

/// The test of a stage's fixture that shows a rule, by its full name.
pub(super) fn tested(info: &StageInfo, rule: &str) -> Option<Case> {
    let shows = |test: &TestConfig| test.expect_removed.iter().any(|removed| removed.rule.as_deref() == Some(rule));
    cases(info).into_iter().find(|(_, test)| shows(test))
}

/// Whether a line of the text with this number, from 1, goes in a test.
pub(super) fn goes(test: &TestConfig, number: usize, line: &str) -> bool {
    // Of several copies the expectation names no document: the first stays.
    let is_named = test.expect_removed.iter().any(|removed| line.contains(removed.text.trim()));
    is_named && !(number == 1 && test.expect_kept.0.iter().any(|kept| line.contains(kept.trim())))
}

fn inline(value: &toml::Value) -> String {
    match value {
        toml::Value::Table(table) if table.is_empty() => "{}".to_owned(),
        toml::Value::Table(table) => {
            let entries: Vec<String> = table.iter().map(|(key, value)| format!("{key} = {}", inline(value))).collect();
            format!("{{ {} }}", entries.join(", "))
        }
        other => other.to_string(),
    }
}

/// Shows a test line by line: what goes has a `-` before it.
fn show(page: &mut Page, stages: &str, test: &TestConfig) {
    if let Some(name) = &test.name {
        page.paragraph("  ", &format!("{} ({stages})", capital(&plain(name))));
    }
    for (number, input) in (1..).zip(&test.input.0) {
        if test.input.0.len() > 1 {
            page.line(&format!("  document {number}:"));
        }
        for line in input.trim().lines().filter(|line| !line.trim().is_empty()) {
            page.paragraph(if goes(test, number, line) { "  - " } else { "    " }, line);
        }
    }
}

fn rules_of(info: &StageInfo) -> Vec<RuleInfo> {
    (info.rules)().into_iter().chain([RuleInfo::nothing_left()]).collect()
}

fn all_rules() -> impl Iterator<Item = (String, RuleInfo)> {
    let named = |name: &'static str| move |rule: RuleInfo| (format!("{name}.{}", rule.name), rule);
    STAGES.iter().flat_map(move |(name, info)| (info.rules)().into_iter().map(named(name)))
}

fn unknown<'a>(what: &str, name: &str, known: impl IntoIterator<Item = &'a str>, list: &str) -> Unknown {
    let hint = nearest(name, known).map_or_else(|| list.to_owned(), |near| format!("did you mean `{near}`?"));
    Unknown { message: format!("there is no {what} `{name}`"), hint }
}

/// Markdown's marks for code mean nothing in a terminal.
fn plain(text: &str) -> String {
    text.replace('`', "")
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Lines of a width.
struct Page {
    text: String,
    width: usize,
}

impl Page {
    fn new(width: usize) -> Self {
        Self { text: String::new(), width: width.max(40) }
    }

    fn line(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    fn heading(&mut self, heading: &str) {
        self.line("");
        self.line(&format!("{heading}:"));
    }

    /// A name, and what it means beside it.
    fn entry(&mut self, name: &str, names: usize, meaning: &str) {
        let first = format!("{name:names$}  ");
        if first.chars().count() > names + 2 {
            self.line(name);
            return self.wrapped(&" ".repeat(names + 2), names + 2, meaning);
        }
        self.wrapped(&first, names + 2, meaning);
    }

    /// A paragraph after `mark`, its later lines set in as far.
    fn paragraph(&mut self, mark: &str, text: &str) {
        self.wrapped(mark, mark.chars().count(), text);
    }

    fn wrapped(&mut self, first: &str, indent: usize, text: &str) {
        let mut line = first.to_owned();
        let mut is_empty = true;
        for word in text.split_whitespace() {
            let length = line.chars().count() + word.chars().count() + usize::from(!is_empty);
            if length > self.width && !is_empty {
                self.line(&line);
                line = " ".repeat(indent);
                is_empty = true;
            }
            if !is_empty {
                line.push(' ');
            }
            line.push_str(word);
            is_empty = false;
        }
        self.line(&line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_stage_and_every_rule_has_a_page_that_fits_the_terminal() {
        let mut pages = vec![stages(60), rules(60)];
        pages.extend(STAGES.iter().map(|(name, _)| stage(name, 60).expect(name)));
        pages.extend(all_rules().map(|(name, _)| rule(&name, 60).expect(&name)));
        for page in pages {
            // What cannot be broken may stand out: an option's values, an example's long word.
            let long = page.lines().filter(|line| line.chars().count() > 60 && !line.contains(" = "));
            assert_eq!(long.collect::<Vec<_>>(), Vec::<&str>::new(), "{page}");
        }
    }

    #[test]
    fn a_rule_is_found_by_its_full_name_by_its_own_and_as_the_ledger_writes_it() {
        let page = rule("paragraph_dedup.repeated_paragraph", 80).expect("it is a rule");
        assert!(page.contains("word for") && page.contains("keep") && page.contains("\n  - "), "{page}");
        assert_eq!(rule("repeated_paragraph", 80).as_ref(), Ok(&page));
        assert_eq!(rule("paragraph_dedup#2.repeated_paragraph", 80).as_ref(), Ok(&page));
        assert!(rule("paragraph_dedup.repeated_paragraph_orphaned", 80).is_ok_and(|page| page.contains("is gone")));
        assert!(rule("nothing_left", 80).is_ok_and(|page| page.contains("language.nothing_left")));
        assert_eq!(
            rule("boilerplate.coment_form", 80).expect_err("a slip").hint,
            "did you mean `boilerplate.comment_form`?"
        );
        assert_eq!(rule("coment_form", 80).expect_err("a slip").hint, "did you mean `comment_form`?");
        assert_eq!(stage("normalise", 80).expect_err("a slip").hint, "did you mean `normalize`?");
        assert_eq!(stage("xyz", 80).expect_err("no stage").hint, "`tamis stages` lists them");
    }

    #[test]
    fn a_rule_that_edits_shows_a_text_before_and_after() {
        let page = rule("normalize.html_entities", 80).expect("it is a rule");
        assert!(page.contains("\n  - Tom &amp; Jerry") && page.contains("\n  + Tom & Jerry"), "{page}");
        let page = rule("boilerplate.spot_img", 80).expect("it is a rule");
        assert!(page.contains("\n  - ") && page.contains("\n  + ") && page.contains("Since data version"), "{page}");
    }

    #[test]
    fn each_rule_of_a_pack_has_an_example() {
        let missing: Vec<String> = all_rules()
            .filter(|(_, rule)| rule.means.contains("the pack") && rule.example.is_none())
            .map(|(name, _)| name)
            .collect();
        assert_eq!(missing, Vec::<String>::new());
    }
}
