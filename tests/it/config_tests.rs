//! The config's own tests, `[[test]]`, as `tamis check` runs them.

use std::fs;
use std::process::{Command, Output};

use tempfile::TempDir;

const HEAD: &str = "[dataset]\nname = \"news\"\n[[source]]\npaths = [\"in\"]\n[[stage]]\nnormalize = {}\n[[stage]]\n\
    paragraph_dedup = { min_chars = 20 }\n[[stage]]\nboilerplate = { remove = ['^Partager$', '^Newsletter'] }\n[[stage]]\nlanguage = {}\n\
    [output]\ndir = \"out\"\n";

const STORY: &str = "The ferry left the harbour at dawn with forty passengers on board, the captain said.";

/// A folder with a config that ends with `tests`, and no input file.
fn folder(tests: &str) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("tamis.toml"), format!("{HEAD}{tests}")).unwrap();
    folder
}

fn check(folder: &TempDir, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tamis"));
    command.current_dir(folder.path()).args(["check", "tamis.toml"]).args(arguments).output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Runs the tests alone, expects this exit code, and returns what was said.
fn tested(tests: &str, code: i32) -> String {
    let output = check(&folder(tests), &["--tests"]);
    assert_eq!(output.status.code(), Some(code), "{}", stderr(&output));
    if code == 0 { String::from_utf8(output.stdout).unwrap() } else { stderr(&output) }
}

#[test]
fn tests_that_hold_pass_without_any_input() {
    let tests = format!(
        r#"
[[test]]
name = "share bar"
input = """
Partager

{STORY}

Tom &amp; Jerry&nbsp;sailed along with the captain and forty other people on Monday morning.
"""
expect_kept = "The ferry left the harbour"
expect_removed = [{{ text = "Partager" }}, {{ text = "Partager", rule = "boilerplate.user_remove" }}, {{ text = "Tom &amp; Jerry" }}]
expect_language = "en"

[[test]]
input = ["{STORY}", "Another story altogether, told on a Tuesday.\n{STORY}"]
expect_kept = ["{STORY}", "Tuesday"]
expect_removed = [{{ text = "{STORY}", rule = "paragraph_dedup.repeated_paragraph" }}]

[[test]]
input = "Newsletter of the week"
expect_removed = [{{ text = "of the week" }}]

[[test]]
input = "{STORY}"
expect_columns = {{ text = "{STORY}" }}
"#
    );
    assert_eq!(tested(&tests, 0), "4 tests passed\n");
    assert_eq!(tested("", 0), "the config has no tests\n");
}

#[test]
fn every_expectation_that_fails_says_what_happened_and_where_it_stands() {
    let tests = format!(
        r#"
[[test]]
name = "share bar"
input = ["Partager\n{STORY}\nTom &amp; Jerry went home that evening.", "{STORY}"]
expect_kept = ["Partager", "Tom &amp; Jerry", "not there"]
expect_removed = [
    {{ text = "Tom & Jerry" }},
    {{ text = "Partager", rule = "paragraph_dedup.repeated_paragraph" }},
]
[[test]]
input = "{STORY}"
expect_language = "fr"
expect_columns = {{ author = "Ferry" }}
[[test]]
input = ["{STORY}", "{STORY}"]
expect_removed = [{{ text = "{STORY}", rule = "boilerplate.user_remove" }}]
"#
    );
    let said = tested(&tests, 2);
    for piece in [
        "3 of 3 tests failed",
        "tamis.toml:19:16: test 1 \"share bar\": \"Partager\" shall be kept, but `boilerplate.user_remove` removed it (1 against a limit of 1)",
        "\n 19 | expect_kept = [\"Partager\"",
        "\"Tom &amp; Jerry\" shall be kept, but `normalize.html_entities` changed it: the block reads \"Tom & Jerry went home that evening.\"",
        "\"not there\" shall be kept, but no block has it",
        "hint: write it as it stands in `input`",
        "tamis.toml:21:5: test 1 \"share bar\": \"Tom & Jerry\" shall be removed, but it was kept",
        "tamis.toml:22:5: test 1 \"share bar\": \"Partager\" shall be removed by `paragraph_dedup.repeated_paragraph`, but \
         `boilerplate.user_remove` removed it",
        "test 2: the input shall be in `fr`, but is told to be in `en` (score ",
        "test 2: `author` of the input shall be \"Ferry\", but is not set",
    ] {
        assert!(said.contains(piece), "no {piece:?} in:\n{said}");
    }
}

#[test]
fn a_removal_in_favour_of_another_copy_names_its_input() {
    let tests = format!("[[test]]\ninput = [\"{STORY}\", \"{STORY}\"]\nexpect_columns = {{ id = \"test#1\" }}\n");
    let said = tested(&tests, 2);
    assert!(said.contains("`id` of input 1 shall be \"test#1\", but is \"test#0\""), "{said}");
    let tests = format!(
        "[[test]]\ninput = [\"{STORY}\", \"{STORY}\"]\nexpect_removed = [{{ text = \"ferry\", rule = \"normalize.nothing_left\" }}]\n"
    );
    let said = tested(&tests, 2);
    let expected = "but `paragraph_dedup.repeated_paragraph` removed it (2 against a limit of 1); the copy that was kept stands in input 1";
    assert!(said.contains(expected), "{said}");
}

#[test]
fn missing_inputs_are_told_after_the_tests() {
    let good = folder(&format!("[[test]]\ninput = \"{STORY}\"\nexpect_kept = \"ferry\"\n"));
    let output = check(&good, &[]);
    assert_eq!(output.status.code(), Some(3), "{}", stderr(&output));
    assert!(stderr(&output).starts_with("1 test passed\nerror: inputs are missing"), "{}", stderr(&output));
    let bad = folder(&format!("[[test]]\ninput = \"{STORY}\"\nexpect_kept = \"boat\"\n"));
    let output = check(&bad, &[]);
    assert_eq!(output.status.code(), Some(2), "{}", stderr(&output));
    fs::create_dir(good.path().join("in")).unwrap();
    fs::write(good.path().join("in/a.txt"), STORY).unwrap();
    let output = check(&good, &[]);
    assert!(output.status.success(), "{}", stderr(&output));
    let resolved = String::from_utf8(output.stdout).unwrap();
    assert!(resolved.contains("\n[[test]]\n") && resolved.ends_with("\n# 1 test passed\n"), "{resolved}");
}

#[test]
fn what_a_test_names_must_exist() {
    for (tests, piece) in [
        (
            "input = 'a'\nexpect_removed = [{ text = 'a', rule = 'boilerplate.user_remov' }]",
            "did you mean `boilerplate.user_remove`?",
        ),
        (
            "input = 'a'\nexpect_removed = [{ text = 'a', rule = 'near_dedup.copy' }]",
            "of a stage that stands in the config",
        ),
        ("input = 'a'", "test 1 expects nothing"),
        ("input = 'a'\nexpect_kept = ['a', ' ']", "the text is blank"),
        ("input = 'a'\nexpect_kep = ['a']", "did you mean `expect_kept`?"),
        ("input = 'a'\nexpect_columns = { titel = 'a' }", "did you mean `title`?"),
    ] {
        let said = tested(&format!("[[test]]\n{tests}\n"), 2);
        assert!(said.contains(piece), "no {piece:?} in:\n{said}");
    }
    let said = tested("[guards]\nmax_removed = { boilerplat = 0.3 }\n", 2);
    assert!(said.contains("did you mean `boilerplate`?"), "{said}");
}

#[test]
fn tests_and_guards_are_no_part_of_what_a_dataset_depends_on() {
    let config = |more: &str| tamis::config::load(&format!("{HEAD}{more}"), "tamis.toml", &[]).unwrap().config;
    let plain = config("");
    let more = config("[guards]\nmin_documents = 3\n[[test]]\ninput = 'a'\nexpect_kept = 'a'\n");
    assert_ne!(plain, more);
    assert_eq!(plain.recorded(), more.recorded());
    assert_eq!(plain.recorded()["output"].get("dir"), None);
}

#[test]
fn the_tests_of_our_own_configs_pass() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    for path in [root.join("src/config/starter.toml"), root.join("configs/quickstart.toml")] {
        let output = Command::new(env!("CARGO_BIN_EXE_tamis")).arg("check").arg(&path).arg("--tests").output().unwrap();
        assert_eq!(
            String::from_utf8_lossy(&output.stdout),
            "2 tests passed\n",
            "{}: {}",
            path.display(),
            stderr(&output)
        );
    }
}
