//! The reference pages of the book that come from the stages: `docs/rules.md` and `docs/stages/NAME.md`. What each says stands
//! with the stage itself and in its fixture.

use std::fmt::Write as _;

use super::stages::{Case, cases, edited, goes, shown, tested};
use crate::config::{stage_facts, stage_options_page, stage_table};
use crate::stage::{RuleInfo, STAGES, StageInfo};

/// All of these pages, each with its path from `docs/`.
#[must_use]
pub fn pages() -> Vec<(String, String)> {
    let stages = STAGES.iter().map(|(name, info)| (format!("stages/{name}.md"), stage(name, info)));
    [("rules.md".to_owned(), rules()), ("stages.md".to_owned(), index())].into_iter().chain(stages).collect()
}

/// The stages in a table, each with a link to its page.
fn index() -> String {
    let mut table = stage_table();
    for (name, _) in STAGES {
        table = table.replace(&format!("| `{name}` |"), &format!("| [`{name}`](stages/{name}.md) |"));
    }
    format!(
        "# Stages\n\nMade from the stages in `src/stage/` by `scripts/regen`; change it there. `tamis stages NAME` prints the same in \
         a terminal.\n\n{table}\n\
         A config lists the stages that it wants in the order in which they run, each in a `[[stage]]` of its own; one may stand twice. The \
         order of `tamis init` loses nothing: repair, whole copies, chrome, language and other filters, then what is repeated, then tokens \
         and splits. A stage that removes text behind one that removes copies may take the one copy that was kept; `tamis check` and \
         `tamis build` warn of such an order.\n"
    )
}

/// One stage: what it does, its options, its rules and the examples of its fixture.
fn stage(name: &str, info: &StageInfo) -> String {
    let mut page = format!("# `{name}`\n\n{}\n\n", stage_facts(name));
    let _ =
        write!(page, "```toml\n[[stage]]\n{name} = {}\n```\n\n## Options\n\n{}", info.sample, stage_options_page(name));
    let rules = (info.rules)();
    if !rules.is_empty() {
        page.push_str("\n## Rules\n\nWhat the ledger and `tamis explain` name as the reason.\n\n");
        for rule in &rules {
            let RuleInfo { name: bare, means, .. } = rule;
            let _ = writeln!(page, "- [`{bare}`](../rules.md#{}): {means}", anchor(name, rule));
        }
    }
    page.push_str("\n## Examples\n\nThey are the stage's tests. A line with `-` before it goes.\n");
    let mut last = String::new();
    for (stages, test) in cases(info) {
        let name = test.name.as_deref().unwrap_or("a case");
        let _ = write!(page, "\n**{}.**", capital(name));
        if stages != last {
            let _ = write!(page, " `{stages}`");
        }
        let _ = write!(page, "\n\n{}", example(&(stages.clone(), test)));
        last = stages;
    }
    page
}

/// Every rule of every stage.
fn rules() -> String {
    let mut page = String::from(
        "# Rules\n\nMade from the stages in `src/stage/` by `scripts/regen`; change it there. The ledger and `tamis explain` name the \
         rule of each removal and each edit as `stage.rule`, and `tamis rule NAME` prints what stands here. Every stage also has \
         `nothing_left`, for documents of which it left no block. The rules of `packs` and models of your own come on top. \
         `_orphaned` behind a rule: the copy that was kept was removed by a later stage, so the text is gone.\n",
    );
    for (name, info) in STAGES {
        let rules = (info.rules)();
        if rules.is_empty() {
            continue;
        }
        let _ = write!(page, "\n## `{name}`\n");
        for rule in &rules {
            let _ =
                write!(page, "\n### `{name}.{}`\n\n{}. Takes {}.", rule.name, capital(&rule.means), rule.takes.word());
            let _ = write!(page, " Since data version {}.", rule.since);
            if let Some(option) = rule.option {
                let _ = write!(page, " The option [`{option}`](stages/{name}.md#{option}) keeps it.");
            }
            page.push('\n');
            if let Some((before, after)) = edited(name, info, rule) {
                let _ = write!(page, "\n{}", fenced("diff", &format!("- {}\n+ {}\n", shown(&before), shown(&after))));
            } else if let Some(case) = tested(info, &format!("{name}.{}", rule.name)) {
                let _ = write!(page, "\n{}", example(&case));
            } else if let Some(text) = &rule.example {
                let _ = write!(page, "\n{}", fenced("diff", &format!("- {text}\n")));
            }
        }
    }
    page
}

/// A test: its texts with what goes, and what is left of them where that reads otherwise.
fn example((_, test): &Case) -> String {
    let mut lines = String::new();
    let inputs = &test.input.0;
    for (number, input) in (1..).zip(inputs) {
        if inputs.len() > 1 {
            let _ = writeln!(lines, "{}document {number}:", if number > 1 { "\n" } else { "" });
        }
        for line in input.trim().lines().filter(|line| !line.trim().is_empty()) {
            let mark = if goes(test, number, line) { "-" } else { " " };
            let _ = writeln!(lines, "{}", format!("{mark} {line}").trim_end());
        }
    }
    let text = test.expect_columns.iter().filter(|(column, _)| column.name() == "text").map(|(_, text)| text);
    let kept = test.expect_kept.0.iter().chain(text).flat_map(|text| text.trim().lines());
    let changed: String = kept
        .filter(|line| !line.trim().is_empty() && !inputs.iter().any(|input| input.contains(line.trim())))
        .map(|line| format!("{line}\n"))
        .collect();
    let facts: Vec<String> = test
        .expect_columns
        .iter()
        .filter(|(column, _)| column.name() != "text")
        .map(|(column, value)| format!("the column `{}` is `{value}`", column.name()))
        .chain(test.expect_language.iter().map(|language| format!("the language is `{language}`")))
        .chain(test.expect_split.iter().map(|split| format!("the split is `{split}`")))
        .chain(test.expect_tokens.iter().map(|tokens| format!("it has {tokens} tokens")))
        .collect();
    let mut told = fenced("diff", &lines);
    if !changed.is_empty() {
        let _ = write!(told, "\nIt then reads:\n\n{}", fenced("text", &changed));
    }
    if !facts.is_empty() {
        let _ = writeln!(told, "\nOf what stays, {}.", facts.join(", "));
    }
    told
}

/// A fenced block, behind a mark longer than any in it.
fn fenced(info: &str, text: &str) -> String {
    let mark = if text.contains("```") { "````" } else { "```" };
    format!("{mark}{info}\n{text}{mark}\n")
}

/// The anchor of a rule's heading on its page.
fn anchor(stage: &str, rule: &RuleInfo) -> String {
    format!("{stage}{}", rule.name)
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
