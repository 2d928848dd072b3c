//! The config as users meet it: each mistake with its exact answer, `--set`, the starter, the schema.

use std::env;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use tamis::config::{Config, Place, load, resolved, schema, starter};
use tamis::source::Format;
use tamis::stage::{StageConfig, StageError};

/// What `%rest` stands for in `tests/config/mistakes.txt`.
const REST: &str = "[dataset]\nname = \"news\"\n[[source]]\npaths = [\"*.txt\"]\n[output]\ndir = \"out\"";

fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Compares `actual` with a committed file, or rewrites the file with `TAMIS_REGEN=1`.
fn compare(path: &str, actual: &str) {
    let path = root(path);
    if env::var_os("TAMIS_REGEN").is_some() {
        fs::write(&path, actual).unwrap();
        return;
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    let first = expected.lines().zip(actual.lines()).position(|(expected, actual)| expected != actual);
    let line = first.unwrap_or_else(|| expected.lines().count().min(actual.lines().count()));
    let show = |text: &str| text.lines().nth(line).unwrap_or("(end)").to_owned();
    assert!(
        expected == actual,
        "{} is out of date at line {}; TAMIS_REGEN=1 rewrites it\nit has: {}\nit should have: {}",
        path.display(),
        line + 1,
        show(&expected),
        show(actual)
    );
}

fn set(overrides: &[&str]) -> Vec<String> {
    overrides.iter().map(ToString::to_string).collect()
}

fn right(text: &str, overrides: &[&str]) -> Config {
    load(text, "config.toml", &set(overrides)).unwrap_or_else(|errors| panic!("{errors}")).config
}

fn wrong(text: &str) -> String {
    load(text, "config.toml", &[]).expect_err("the config is wrong").to_string()
}

#[test]
fn every_mistake_has_its_answer() {
    let golden = fs::read_to_string(root("tests/config/mistakes.txt")).unwrap();
    let mut actual = String::new();
    let mut cases = golden.split("==== ");
    actual.push_str(cases.next().unwrap());
    for case in cases {
        let (title, body) = case.split_once('\n').unwrap();
        let input = body.split("---- answer\n").next().unwrap().trim_end();
        let (sets, text): (Vec<&str>, Vec<&str>) = input.lines().partition(|line| line.starts_with("--set "));
        let overrides = sets.iter().map(|line| line.trim_start_matches("--set ").trim_matches('\'').to_owned());
        let overrides: Vec<String> = overrides.collect();
        let text = text.join("\n").replace("%rest", REST) + "\n";
        let errors = load(&text, "config.toml", &overrides).expect_err(title);
        writeln!(actual, "==== {title}\n{input}\n---- answer\n{errors}\n").unwrap();
    }
    compare("tests/config/mistakes.txt", &actual);
}
