//! Guards: whether more was lost than the config allows, and settings that did nothing. A pure function of the plan
//! and the counts, applied between counting and publishing. Knows no stage by name.

use std::collections::BTreeMap;

use crate::config::{ConfigError, ConfigErrors};
use crate::document::StageIndex;
use crate::plan::{Plan, guard_path};
use crate::sink::counts::{Counts, RuleCounts};
use crate::text::share::{Allowance, Share};

/// A stage or a source without a guard that loses more than this share of its bytes is warned of.
const NOTABLE: f64 = 0.5;

/// So many rules are named as those that removed most.
const NAMED_RULES: usize = 3;

/// What the counts of a build give cause to say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Findings {
    /// What looks like a mistake but stops nothing: a sentence each.
    pub warnings: Vec<String>,
    /// The guards that tripped, if any did.
    pub tripped: Option<Tripped>,
}

/// Guards of the config that tripped, each at its place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{errors}")]
pub struct Tripped {
    /// What each says, in the order of the config.
    pub errors: ConfigErrors,
    /// Whether all that tripped is `max_rejected`: the input is to blame and not the stages.
    pub only_rejected: bool,
}

/// Holds `counts` against the guards of the plan's config. `notes` are those that each global stage wrote.
#[must_use]
pub fn findings(plan: &Plan, counts: &Counts, notes: &BTreeMap<StageIndex, u64>) -> Findings {
    let mut warnings = Vec::new();
    let rejected: Vec<ConfigError> = rejected(plan, counts).into_iter().collect();
    let only_rejected = !rejected.is_empty();
    let mut errors = stages(plan, counts, &mut warnings);
    errors.extend(sources(plan, counts, &mut warnings));
    errors.extend(gutted(plan, counts));
    errors.extend(too_few(plan, counts));
    let only_rejected = only_rejected && errors.is_empty();
    errors.extend(rejected);
    idle_stages(plan, counts, notes, &mut warnings);
    dead_options(plan, counts, &mut warnings);
    let tripped = if errors.is_empty() { None } else { Some(Tripped { errors: ConfigErrors(errors), only_rejected }) };
    Findings { warnings, tripped }
}

/// Bytes and documents that reach a stage and that it removes.
struct Passage {
    documents: u64,
    bytes: u64,
    removed: u64,
}

/// What reached each stage, and what it removed of it.
fn passages(plan: &Plan, counts: &Counts) -> Vec<Passage> {
    let mut documents = counts.input.documents.saturating_sub(counts.rejected.documents);
    let mut bytes = counts.input.bytes.saturating_sub(counts.rejected.bytes);
    let passage = |index: usize| {
        let mut sum = RuleCounts::default();
        rules_of(counts, index).for_each(|(_, rule)| sum += rule);
        let passage = Passage { documents, bytes, removed: sum.bytes };
        documents = documents.saturating_sub(sum.documents);
        bytes = bytes.saturating_sub(sum.bytes);
        passage
    };
    (0..plan.config.stage.len()).map(passage).collect()
}

fn rules_of(counts: &Counts, stage: usize) -> impl Iterator<Item = (crate::document::Rule, RuleCounts)> {
    let rules = counts.stages.get(&StageIndex(stage as u16));
    rules.into_iter().flatten().map(|(rule, counts)| (*rule, *counts))
}

fn stages(plan: &Plan, counts: &Counts, warnings: &mut Vec<String>) -> Vec<ConfigError> {
    let mut errors = Vec::new();
    for (index, passage) in passages(plan, counts).iter().enumerate() {
        let name = &plan.stages[index].name;
        let Passage { bytes, removed, .. } = *passage;
        let lost = format!("{} of the bytes that reached it ({removed} of {bytes})", percent(removed, bytes));
        match plan.config.guards.max_removed.get(name) {
            Some(limit) if limit.is_exceeded(removed, bytes) => {
                let message =
                    format!("guard `max_removed` tripped: `{name}` removed {lost}; the config allows {limit}");
                let hint = most(plan, counts, Some(index));
                errors.push(plan.places.error(&guard_path(name), message, hint));
            }
            None if is_notable(removed, bytes) => {
                let most = most(plan, counts, Some(index)).map_or_else(String::new, |most| format!("; {most}"));
                warnings
                    .push(format!("`{name}` removed {lost}{most}. Set `{}` to say how much it may", guard_path(name)));
            }
            _ => {}
        }
    }
    errors
}

fn sources(plan: &Plan, counts: &Counts, warnings: &mut Vec<String>) -> Vec<ConfigError> {
    let mut errors = Vec::new();
    for (index, source) in plan.config.source.iter().enumerate() {
        let Some(of_source) = counts.sources.get(&(index as u32)) else { continue };
        let bytes = of_source.input.bytes;
        let removed = bytes.saturating_sub(of_source.kept.bytes);
        let lost =
            format!("lost {} of its bytes in all stages together ({removed} of {bytes})", percent(removed, bytes));
        let name = format!("source {} ({})", index + 1, source.paths.join(", "));
        let path = format!("source[{index}].max_removed");
        match source.max_removed {
            Some(limit) if limit.is_exceeded(removed, bytes) => {
                let message = format!("guard `max_removed` tripped: {name} {lost}; the config allows {limit}");
                errors.push(plan.places.error(&path, message, most(plan, counts, None)));
            }
            None if is_notable(removed, bytes) => {
                warnings.push(format!("{name} {lost}. Set `max_removed` in that `[[source]]` to say how much it may"));
            }
            _ => {}
        }
    }
    errors
}

fn rejected(plan: &Plan, counts: &Counts) -> Option<ConfigError> {
    let limit = plan.config.guards.max_rejected?;
    let (refused, all) = (counts.rejected.documents, counts.input.documents);
    if !limit.is_exceeded(refused, all) {
        return None;
    }
    let (measured, allowed) = match limit {
        Allowance::Share(share) => (percent(refused, all), share.to_string()),
        Allowance::Count(count) => (refused.to_string(), count.to_string()),
    };
    let message = format!(
        "guard `max_rejected` tripped: {measured} of the records cannot be read ({refused} of {all}); the config allows {allowed}"
    );
    let causes: Vec<String> = counts.causes.iter().map(|(cause, count)| format!("{cause} ({count})")).collect();
    Some(plan.places.error("guards.max_rejected", message, Some(format!("the causes are {}", causes.join(", ")))))
}

fn gutted(plan: &Plan, counts: &Counts) -> Option<ConfigError> {
    let limit = plan.config.guards.max_gutted?;
    let (gutted, all) = (counts.gutted.documents, counts.input.documents.saturating_sub(counts.rejected.documents));
    if !limit.is_exceeded(gutted, all) {
        return None;
    }
    let (measured, allowed) = match limit {
        Allowance::Share(share) => (percent(gutted, all), share.to_string()),
        Allowance::Count(count) => (gutted.to_string(), count.to_string()),
    };
    let message = format!(
        "guard `max_gutted` tripped: {measured} of the documents lost more than 60 % of their running prose ({gutted} of {all}); the \
         config allows {allowed}"
    );
    let named: Vec<String> = counts
        .gutted
        .named()
        .iter()
        .map(|loss| format!("`{}` ({} of {} words)", loss.id, loss.lost, loss.words))
        .collect();
    let hint = format!("most was lost by {}; `tamis explain CONFIG FILE` shows which rules took it", named.join(", "));
    Some(plan.places.error("guards.max_gutted", message, Some(hint)))
}

fn too_few(plan: &Plan, counts: &Counts) -> Option<ConfigError> {
    let least = plan.config.guards.min_documents?;
    let left = counts.kept.documents;
    let message = format!(
        "guard `min_documents` tripped: {left} documents are left of {}; the config asks for {least}",
        counts.input.documents
    );
    (left < least).then(|| plan.places.error("guards.min_documents", message, most(plan, counts, None)))
}

/// The rules that removed most, of one stage or of all.
fn most(plan: &Plan, counts: &Counts, stage: Option<usize>) -> Option<String> {
    let names = plan.names();
    let all = counts.stages.iter().filter(|(index, _)| stage.is_none_or(|stage| usize::from(index.0) == stage));
    let mut rules: Vec<(u64, &str)> = all
        .flat_map(|(stage, rules)| rules.iter().map(|(rule, counts)| (counts.bytes, names.rule(*stage, *rule))))
        .filter(|(bytes, _)| *bytes > 0)
        .collect();
    rules.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(b.1)));
    let named: Vec<String> =
        rules.iter().take(NAMED_RULES).map(|(bytes, rule)| format!("`{rule}` ({bytes} bytes)")).collect();
    (!named.is_empty()).then(|| format!("most was removed by {}", named.join(", ")))
}

/// Global stages that found nothing to compare in the documents that reached them.
fn idle_stages(plan: &Plan, counts: &Counts, notes: &BTreeMap<StageIndex, u64>, warnings: &mut Vec<String>) {
    for (place, _) in notes.iter().filter(|(_, notes)| **notes == 0) {
        let index = usize::from(place.0);
        let reached = passages(plan, counts).get(index).map(|passage| passage.documents);
        if let Some(documents) = reached.filter(|documents| *documents > 0) {
            let (name, limits) = (&plan.stages[index].name, limits(plan, index));
            warnings.push(format!(
                "`{name}` compared nothing: no text of the {documents} documents that reached it meets {limits}"
            ));
        }
    }
}

/// Options that ask for a rule which never acted.
fn dead_options(plan: &Plan, counts: &Counts, warnings: &mut Vec<String>) {
    let (names, passages) = (plan.names(), passages(plan, counts));
    for (index, stage) in plan.stages.iter().enumerate() {
        let reached = passages.get(index).is_some_and(|passage| passage.documents > 0);
        for requested in stage.requested.iter().filter(|_| reached) {
            let place = StageIndex(index as u16);
            if !rules_of(counts, index).any(|(rule, _)| names.rule(place, rule) == requested.rule) {
                warnings.push(format!("`{}` removed nothing: no block that reached it matches", requested.path));
            }
        }
    }
}

/// The limits in a stage's options, as the config writes them: its keys `min_...` and `max_...`.
fn limits(plan: &Plan, index: usize) -> String {
    let options = plan.config.stage.get(index).and_then(|stage| serde_json::to_value(stage).ok());
    let options = options.as_ref().and_then(|stage| stage.as_object()?.values().next()?.as_object());
    let limits = options.into_iter().flatten().filter(|(key, _)| key.starts_with("min_") || key.starts_with("max_"));
    let written: Vec<String> = limits.map(|(key, value)| format!("`{key} = {value}`")).collect();
    if written.is_empty() { "its options".to_owned() } else { written.join(" and ") }
}

fn is_notable(part: u64, whole: u64) -> bool {
    Share::new(NOTABLE).is_some_and(|share| share.is_exceeded(part, whole))
}

fn percent(part: u64, whole: u64) -> String {
    format!("{:.1} %", part as f64 * 100.0 / whole.max(1) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;
    use crate::document::{Document, Mark, Position, Reason, Rule};
    use crate::sink::counts::{Amount, SourceCounts};
    use crate::source::Discovery;

    /// A plan over no files: normalize, paragraph_dedup, boilerplate.
    fn plan(more: &str) -> Plan {
        let text = format!(
            "[dataset]\nname = 'a'\n[[source]]\npaths = ['*.txt']\nmax_removed = 0.9\n[[source]]\npaths = ['*.md']\n[[stage]]\n\
             normalize = {{}}\n[[stage]]\nparagraph_dedup = {{ min_chars = 4000 }}\n[[stage]]\nboilerplate = {{ remove = ['x'] }}\n\
             [output]\ndir = 'out'\n{more}"
        );
        let located = config::load(&text, "tamis.toml", &[]).unwrap();
        Plan::with_files(located, ".".as_ref(), Discovery::default()).unwrap_or_else(|errors| panic!("{errors}"))
    }

    fn amount(documents: u64, bytes: u64) -> Amount {
        Amount { documents, blocks: documents, bytes }
    }

    /// 1,000 bytes in: 100 rejected, 300 removed by `paragraph_dedup`, 400 of the other 600 by `boilerplate`.
    fn counts() -> Counts {
        let rule = |bytes| RuleCounts { documents: 1, bytes, ..RuleCounts::default() };
        Counts {
            input: amount(10, 1000),
            rejected: amount(1, 100),
            removed: amount(2, 700),
            kept: amount(7, 200),
            stages: [(StageIndex(1), [(Rule(0), rule(300))].into()), (StageIndex(2), [(Rule(0), rule(400))].into())]
                .into(),
            sources: [
                (0, SourceCounts { input: amount(5, 800), kept: amount(4, 160) }),
                (1, SourceCounts { input: amount(4, 100), kept: amount(3, 40) }),
            ]
            .into(),
            causes: [("truncated".to_owned(), 1)].into(),
            ..Counts::default()
        }
    }

    /// Notes of the one global stage.
    fn notes(number: u64) -> BTreeMap<StageIndex, u64> {
        [(StageIndex(1), number)].into()
    }

    fn tripped(more: &str) -> String {
        findings(&plan(more), &counts(), &notes(3)).tripped.map_or_else(String::new, |tripped| tripped.to_string())
    }

    #[test]
    fn without_guards_a_loss_of_more_than_half_is_a_warning() {
        let Findings { warnings, tripped } = findings(&plan(""), &counts(), &notes(3));
        assert_eq!(tripped, None);
        assert_eq!(warnings.len(), 3, "{warnings:#?}");
        assert!(
            warnings[0].starts_with(
                "`boilerplate` removed 66.7 % of the bytes that reached it (400 of 600); most was removed by `"
            ),
            "{warnings:?}"
        );
        assert!(
            warnings[1].starts_with("source 2 (*.md) lost 60.0 % of its bytes in all stages together (60 of 100)"),
            "{warnings:?}"
        );
        assert_eq!(warnings[2], "`stage[2].boilerplate.remove` removed nothing: no block that reached it matches");
    }

    #[test]
    fn a_guard_that_trips_names_its_place_the_figures_and_the_rules() {
        let message = tripped("[guards]\nmax_removed = { boilerplate = 0.6, paragraph_dedup = 0.34 }\n");
        assert!(
            message.starts_with(
                "tamis.toml:17:17: guard `max_removed` tripped: `boilerplate` removed 66.7 % of the bytes"
            ),
            "{message}"
        );
        assert!(
            message.contains("the config allows 60.0 %") && message.contains("hint: most was removed by `boilerplate."),
            "{message}"
        );
        assert!(!message.contains("`paragraph_dedup` removed"), "a third was removed, which is allowed: {message}");
    }

    #[test]
    fn every_kind_of_guard_trips_and_all_are_shown() {
        let found = findings(&plan("[guards]\nmax_rejected = 0.05\nmin_documents = 8\n"), &counts(), &notes(3))
            .tripped
            .unwrap();
        let message = found.to_string();
        assert!(
            message.contains("10.0 % of the records cannot be read (1 of 10); the config allows 5.0 %"),
            "{message}"
        );
        assert!(message.contains("the causes are truncated (1)"), "{message}");
        assert!(message.contains("7 documents are left of 10; the config asks for 8"), "{message}");
        assert!(!found.only_rejected);
        assert!(findings(&plan("[guards]\nmax_rejected = 0\n"), &counts(), &notes(3)).tripped.unwrap().only_rejected);
        assert_eq!(tripped("[guards]\nmax_rejected = 1\nmin_documents = 7\n"), "");
        let mut counts = counts();
        counts.sources.insert(0, SourceCounts { input: amount(5, 800), kept: amount(4, 40) });
        let message = findings(&plan(""), &counts, &notes(3)).tripped.unwrap().to_string();
        assert!(
            message.starts_with("tamis.toml:5:1: guard `max_removed` tripped: source 1 (*.txt) lost 95.0 %"),
            "{message}"
        );
    }

    #[test]
    fn documents_that_lost_most_of_their_prose_trip_their_guard() {
        let mut counts = counts();
        let sentence = "The council of the island voted on Monday to repair the old bridge over the river.";
        for record in 0..2 {
            let position = Position { file: 1, record, block: 0 };
            let mut document = Document::new(position, format!("a#{record}"), "a".into(), sentence);
            Mark::new(StageIndex(2)).remove_blocks(&mut document, [(0, Reason::new(Rule(0)))]);
            counts.gutted.add(0, &document, |_| false);
        }
        let tripped = |guard: &str| {
            let plan = plan(&format!("[guards]\nmax_gutted = {guard}\n"));
            findings(&plan, &counts, &notes(3)).tripped.map_or_else(String::new, |tripped| tripped.to_string())
        };
        let message = tripped("0.2");
        for piece in [
            "tamis.toml:17:1: guard `max_gutted` tripped: 22.2 % of the documents lost more than 60 % of their running prose (2 of 9)",
            "the config allows 20.0 %",
            "hint: most was lost by `a#0` (16 of 16 words), `a#1` (16 of 16 words)",
        ] {
            assert!(message.contains(piece), "no {piece:?} in:\n{message}");
        }
        assert!(tripped("1").contains("tripped: 2 of the documents lost"));
        assert_eq!((tripped("2"), tripped("0.25")), (String::new(), String::new()));
    }

    #[test]
    fn a_global_stage_without_a_note_compared_nothing() {
        let warnings = findings(&plan(""), &counts(), &notes(0)).warnings;
        let expected = "`paragraph_dedup` compared nothing: no text of the 9 documents that reached it meets `min_chars = 4000` and `min_documents = 1`";
        assert!(warnings.iter().any(|warning| warning == expected), "{warnings:#?}");
        let none = findings(&plan(""), &Counts::default(), &notes(0));
        assert_eq!(none, Findings::default(), "nothing was read, so nothing can be said");
    }

    #[test]
    fn a_guard_for_a_stage_that_is_not_there_is_a_mistake_of_the_config() {
        let text = "[dataset]\nname = 'a'\n[[source]]\npaths = ['a']\n[[stage]]\nnormalize = {}\n[[stage]]\nnormalize = {}\n[output]\ndir = 'out'\n\
                    [guards]\nmax_removed = { normalise = 0.5, \"normalize#2\" = 0.5 }\n";
        let located = config::load(text, "tamis.toml", &[]).unwrap();
        let Err(errors) = Plan::with_files(located, ".".as_ref(), Discovery::default()) else {
            panic!("`normalise` is no stage")
        };
        assert_eq!(errors.to_string().matches("a guard for").count(), 1, "{errors}");
        assert!(errors.to_string().contains("did you mean `normalize`?"), "{errors}");
    }
}
