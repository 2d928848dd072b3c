//! The fixtures of the stages, `tests/stages/NAME.toml`: pipelines with the tests that a config may have itself, run as `tamis
//! check` runs these.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use tamis::config;
use tamis::plan::Plan;
use tamis::run::run_tests;
use tamis::source::Discovery;
use tamis::stage::STAGES;

use crate::support::{stdout, tamis};

/// A fixture.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fixture {
    case: Vec<Case>,
}

/// A pipeline, and what it shall do.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    stage: Vec<toml::Table>,
    test: Vec<toml::Table>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stages")
}

fn fixtures() -> BTreeMap<String, Fixture> {
    let files = fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path());
    // Beside them lie files that their stages read.
    files
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            let text = fs::read_to_string(&path).unwrap();
            (name, toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display())))
        })
        .collect()
}

/// The case as a config.
fn config_of(case: &Case) -> String {
    let value = |table: &[toml::Table]| toml::Value::from(table.to_vec());
    let stages: Vec<toml::Table> = case.stage.clone();
    let parts = [("stage", value(&stages)), ("test", value(&case.test))].map(|(key, value)| (key.to_owned(), value));
    let body = toml::to_string(&toml::Table::from_iter(parts)).unwrap();
    format!("[dataset]\nname = 'fixture'\n[[source]]\npaths = ['none']\n[output]\ndir = 'out'\n{body}")
}

#[test]
fn each_stage_does_what_its_fixture_says() {
    let mut wrong = Vec::new();
    for (name, fixture) in fixtures() {
        for case in &fixture.case {
            assert!(
                case.stage.iter().any(|stage| stage.contains_key(&name)),
                "{name}: a case without the stage itself"
            );
            let located = config::load(&config_of(case), &format!("{name}.toml"), &[]);
            let located = located.unwrap_or_else(|errors| panic!("{errors}"));
            let plan = Plan::with_files(located, &folder(), Discovery::default());
            let plan = plan.unwrap_or_else(|error| panic!("{error}"));
            wrong.extend(run_tests(&plan).errors.map(|errors| errors.to_string()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn each_stage_has_a_fixture_with_what_stays_and_what_goes() {
    let fixtures = fixtures();
    let names: Vec<&str> = fixtures.keys().map(String::as_str).collect();
    let mut stages: Vec<&str> = STAGES.iter().map(|(name, _)| *name).collect();
    stages.sort_unstable();
    assert_eq!(names, stages);
    for (name, info) in STAGES {
        let tests: Vec<&toml::Table> = fixtures[*name].case.iter().flat_map(|case| &case.test).collect();
        assert!(tests.len() >= 3, "{name} has {} tests", tests.len());
        assert!(tests.iter().all(|test| test.contains_key("name")), "{name} has a test without a name");
        let removes = tests.iter().any(|test| test.contains_key("expect_removed"));
        assert!(removes || (info.rules)().is_empty(), "{name} has rules, and no test in which one of them acts");
        assert!(tests.iter().any(|test| test.contains_key("expect_kept")), "{name} has no test of what stays");
    }
}

#[test]
fn the_program_tells_of_stages_and_rules() {
    let folder = tempfile::tempdir().unwrap();
    let all = stdout(folder.path(), &["stages"]);
    assert!(STAGES.iter().all(|(name, _)| all.contains(name)), "{all}");
    let one = stdout(folder.path(), &["stages", "paragraph_dedup"]);
    assert!(one.contains("min_chars") && one.contains("repeated_paragraph"), "{one}");
    let rule = stdout(folder.path(), &["rule", "boilerplate.comment_form"]);
    assert!(rule.contains("comment") && rule.contains("LEAVE A REPLY") && rule.contains("keep"), "{rule}");
    let wrong = tamis(folder.path(), &["rule", "boilerplate.coment_form"]);
    assert_eq!(wrong.status.code(), Some(2));
    let message = String::from_utf8_lossy(&wrong.stderr).into_owned();
    assert!(message.contains("did you mean `boilerplate.comment_form`?"), "{message}");
}
