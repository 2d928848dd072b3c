//! Settings that speak of stages and rules by name: guards and tests. What they name must be in the pipeline.

use crate::config::{Config, ConfigError, Located, nearest};
use crate::stage::{Configured, RuleInfo, StageConfig};

/// The names of the config's stages as the ledger shows them: `boilerplate`, and `boilerplate#2` the second time.
pub(super) fn stage_names(config: &Config) -> Vec<String> {
    let kinds: Vec<&str> = config.stage.iter().map(StageConfig::name).collect();
    let name = |(index, kind): (usize, &&str)| {
        let earlier = kinds.iter().take(index).filter(|other| *other == kind).count();
        if earlier == 0 { (*kind).to_owned() } else { format!("{kind}#{}", earlier + 1) }
    };
    kinds.iter().enumerate().map(name).collect()
}

/// The place of a stage's guard in the config.
#[must_use]
pub fn guard_path(stage: &str) -> String {
    if stage.contains('#') { format!("guards.max_removed.{stage:?}") } else { format!("guards.max_removed.{stage}") }
}

/// What is wrong with guards and tests; `stages` are those of the config, made.
pub(super) fn check(located: &Located, stages: &[Configured]) -> Vec<ConfigError> {
    let mut errors = check_guards(located);
    let config = &located.config;
    let rules: Vec<String> =
        config.stage.iter().zip(stages).flat_map(|(config, made)| rules_of(config.name(), made)).collect();
    for (index, test) in config.test.iter().enumerate() {
        let path = &format!("test[{index}]");
        if test.expects_nothing() {
            let hint = "add `expect_kept` or `expect_removed`".to_owned();
            errors.push(located.places.error(path, format!("test {} expects nothing", index + 1), Some(hint)));
        }
        let texts = [("input", &test.input), ("expect_kept", &test.expect_kept)];
        let blank = texts.iter().flat_map(|(key, texts)| {
            let blank = texts.0.iter().enumerate().filter(|(_, text)| text.trim().is_empty());
            blank.map(move |(at, _)| format!("{path}.{key}[{at}]"))
        });
        let removed = test.expect_removed.iter().enumerate().filter(|(_, expected)| expected.text.trim().is_empty());
        let blank = blank.chain(removed.map(|(at, _)| format!("{path}.expect_removed[{at}].text")));
        errors.extend(blank.map(|path| located.places.error(&path, "the text is blank", None)));
        for (at, expected) in test.expect_removed.iter().enumerate() {
            if let Some(rule) = expected.rule.as_ref().filter(|rule| !rules.contains(rule)) {
                let message = format!("no stage of this config has a rule `{rule}`");
                let hint = rule_hint(rule, &rules, config);
                errors.push(located.places.error(&format!("{path}.expect_removed[{at}].rule"), message, Some(hint)));
            }
        }
    }
    errors
}

fn check_guards(located: &Located) -> Vec<ConfigError> {
    let names = stage_names(&located.config);
    let guarded = located.config.guards.max_removed.keys().filter(|stage| !names.contains(stage));
    let error = |stage: &String| {
        let hint = match nearest(stage, names.iter().map(String::as_str)) {
            Some(near) => format!("did you mean `{near}`?"),
            None if names.is_empty() => "there is no stage".to_owned(),
            None => format!("the stages are {}", names.join(", ")),
        };
        let message = format!("a guard for `{stage}`, which is no stage of this config");
        located.places.error(&guard_path(stage), message, Some(hint))
    };
    guarded.map(error).collect()
}

fn rules_of(kind: &str, made: &Configured) -> Vec<String> {
    let rules = made.rules.iter().cloned().chain([RuleInfo::nothing_left()]);
    rules.map(|rule| format!("{kind}.{}", rule.name)).collect()
}

fn rule_hint(rule: &str, rules: &[String], config: &Config) -> String {
    let kind = rule.split('.').next().unwrap_or_default();
    let within = rules.iter().filter(|known| known.split('.').next() == Some(kind)).map(String::as_str);
    let near = nearest(rule, within).or_else(|| nearest(rule, rules.iter().map(String::as_str)));
    match near {
        Some(near) => format!("did you mean `{near}`?"),
        None if !config.stage.iter().any(|stage| stage.name() == kind) => {
            let example = rules.first().map_or_else(String::new, |rule| format!(", such as `{rule}`,"));
            format!("write the rule's full name{example} of a stage that stands in the config")
        }
        None => "`tamis explain CONFIG FILE` names the rule of each line that it removes".to_owned(),
    }
}
