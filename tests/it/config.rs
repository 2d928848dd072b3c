//! The config as users meet it: each mistake with its exact answer, `--set`, the starter, the schema.

use std::fmt::Write as _;
use std::fs;

use tamis::config::{Config, Place, load, resolved, schema, starter};
use tamis::source::Format;
use tamis::stage::{StageConfig, StageError};

use crate::support::{compare, root};

/// What `%rest` stands for in `tests/config/mistakes.txt`.
const REST: &str = "[dataset]\nname = \"news\"\n[[source]]\npaths = [\"*.txt\"]\n[output]\ndir = \"out\"";

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

#[test]
fn mistakes_in_a_file_with_windows_line_ends_and_a_byte_order_mark() {
    let text = "\u{feff}[dataset]\r\nnam = \"é\"\r\n[[source]]\r\npaths = [\"*.txt\"]\r\n[output]\r\ndir = 3\r\n";
    let shown = wrong(text);
    assert!(shown.starts_with("config.toml:2:1: unknown key `nam` in `[dataset]`\n 2 | nam = \"é\"\n"), "{shown}");
    assert!(shown.contains("config.toml:6:7: `dir` must be text"), "{shown}");
    assert!(!shown.contains('\r'));
    let first = wrong("\u{feff}nam = 1\r\n");
    assert!(first.starts_with("config.toml:1:1: unknown key `nam`"), "{first}");
}

#[test]
fn a_tab_before_the_mistake_stays_a_tab_before_the_mark() {
    let shown = wrong(&format!("{REST}\n\tdri = 3\n"));
    assert!(shown.contains("\n 7 | \tdri = 3\n   | \t^^^\n"), "{shown}");
}

#[test]
fn an_unknown_stage_that_is_near_to_none_gets_the_list_of_all() {
    let errors =
        load(&format!("{REST}\n[[stage]]\nfrobnicate = {{}}\n"), "config.toml", &[]).expect_err("no such stage");
    let hint = errors.0[0].hint.clone().unwrap();
    assert_eq!(errors.0[0].path, "stage[0].frobnicate");
    for name in tamis::stage::NAMES {
        assert!(hint.contains(&format!("`{name}`")), "{hint}");
    }
}

#[test]
fn a_type_error_that_only_serde_finds_names_its_key() {
    let errors = load(&format!("{REST}\nshard_size = \"99999999TiB\"\n"), "config.toml", &[]).expect_err("too large");
    assert_eq!(errors.0[0].path, "output.shard_size");
    assert_eq!(errors.0[0].place.to_string(), "config.toml:7:14");
}

const PIPELINE: &str = r#"
[dataset]
name = "news"
[[source]]
paths = ["a"]
[[source]]
paths = ["b"]
[[stage]]
paragraph_dedup = { min_chars = 30 }
[[stage]]
document_dedup = {}
[[stage]]
paragraph_dedup = {}
[output]
dir = "out"
"#;

#[test]
fn overrides_reach_every_key() {
    let config = right(
        PIPELINE,
        &[
            "output.dir=out/x y",
            "output.shard_size=1GB",
            "dataset.name=2024",
            "dataset.version=1.0",
            "dataset.title = \"A title\"",
            "dataset.languages=[\"fr\", \"en\"]",
            "source[0].format=jsonl",
            "source.1.format=csv",
            "source[1].fields.text=body",
            "stage.paragraph_dedup.min_chars=50",
            "stage.paragraph_dedup#2={min_chars = 60}",
            "stage[2].paragraph_dedup.scope=document",
        ],
    );
    assert_eq!(config.output.dir, "out/x y");
    assert_eq!(config.output.shard_size.0, 1_000_000_000);
    assert_eq!((config.dataset.name.as_str(), config.dataset.version.as_str()), ("2024", "1.0"));
    assert_eq!(config.dataset.title.as_deref(), Some("A title"));
    assert_eq!(config.dataset.languages, ["fr", "en"]);
    assert_eq!((config.source[0].format, config.source[1].format), (Format::Jsonl, Format::Csv));
    assert_eq!(config.source[1].fields.values().collect::<Vec<_>>(), ["body"]);
    let chars = |index: usize| match &config.stage[index] {
        StageConfig::paragraph_dedup(stage) => (stage.min_chars, stage.scope),
        other => panic!("{} is not the stage that stands there", other.name()),
    };
    assert_eq!(chars(0), (50, tamis::stage::Scope::Corpus));
    assert_eq!(chars(2), (60, tamis::stage::Scope::Document));
}

#[test]
fn an_override_can_replace_all_stages_and_mend_a_mistake_in_the_file() {
    let config = right(PIPELINE, &["stage=[{document_dedup = {}}]"]);
    assert_eq!(config.stage.iter().map(StageConfig::name).collect::<Vec<_>>(), ["document_dedup"]);
    let mended = right(&PIPELINE.replace("\"out\"", "3"), &["output.dir=out"]);
    assert_eq!(mended.output.dir, "out");
}

#[test]
fn the_last_of_two_overrides_wins() {
    assert_eq!(right(PIPELINE, &["output.dir=a", "output.dir=b"]).output.dir, "b");
}

#[test]
fn later_floors_find_the_place_of_a_key() {
    let located = load(PIPELINE, "config.toml", &set(&["stage.paragraph_dedup#2.min_documents=2"])).unwrap();
    let place = |path: &str| located.places.locate(path).to_string();
    assert_eq!(place("stage[0].paragraph_dedup.min_chars"), "config.toml:9:21");
    assert_eq!(place("stage[0].paragraph_dedup.keep"), "config.toml:9:1");
    assert_eq!(place("source[1].paths[0]"), "config.toml:7:10");
    assert_eq!(place("nowhere.at.all"), "config.toml");
    let index = located.places.locate("stage[2].paragraph_dedup.min_documents");
    assert_eq!(index, Place::Override { index: 0, key: "stage.paragraph_dedup#2.min_documents".to_owned() });

    let refused = StageError::new("scope", "cannot be met").hint("drop it");
    let error = located.places.stage_error(0, &located.config.stage[0], refused);
    assert_eq!(error.path, "stage[0].paragraph_dedup.scope");
    assert_eq!(
        error.to_string(),
        "config.toml:9:1: stage 1 `paragraph_dedup`: cannot be met
 9 | paragraph_dedup = { min_chars = 30 }
   | ^^^^^^^^^^^^^^^
   |
   = hint: drop it"
    );
}

#[test]
fn a_resolved_config_loads_to_itself() {
    for text in [PIPELINE, starter()] {
        let config = right(text, &[]);
        let text = resolved(&config);
        assert_eq!(right(&text, &[]), config, "{text}");
        assert_eq!(resolved(&right(&text, &[])), text);
    }
}

#[test]
fn a_resolved_config_shows_what_was_left_out() {
    let text = resolved(&right(PIPELINE, &[]));
    for line in ["version = \"0.0.0\"", "shard_size = \"256MiB\"", "scope = \"corpus\"", "min_chars = 40"] {
        assert!(text.lines().any(|other| other == line), "{line} is not in\n{text}");
    }
}

#[test]
fn the_starter_and_all_that_it_comments_out_are_right() {
    let is_key = |text: &str| text.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    let uncommented = |line: &'static str| match line.strip_prefix("# ").and_then(|rest| rest.split_once(" = ")) {
        Some((key, _)) if is_key(key) => line.trim_start_matches("# "),
        _ => line,
    };
    let lines: Vec<&str> = starter().lines().map(uncommented).collect();
    assert!(lines != starter().lines().collect::<Vec<_>>());
    let (short, long) = (right(starter(), &[]), right(&lines.join("\n"), &[]));
    assert_eq!(short.output, long.output, "the output's lines show defaults");
    assert_eq!(short.source[0].max_record_size, long.source[0].max_record_size);
    for table in schema()["properties"].as_object().unwrap().keys() {
        let header = [format!("[{table}]"), format!("[[{table}]]")];
        assert!(starter().lines().any(|line| header.iter().any(|header| header == line)), "{table} is not shown");
    }
}

#[test]
fn every_committed_config_is_right_and_names_the_schema() {
    let folder = root("configs");
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|ending| ending == "toml") {
            let text = fs::read_to_string(&path).unwrap();
            assert!(text.starts_with("#:schema ./tamis.schema.json\n"), "{} names no schema", path.display());
            load(&text, &path.to_string_lossy(), &[]).unwrap_or_else(|errors| panic!("{errors}"));
        }
    }
}

#[test]
fn the_schema_file_is_up_to_date() {
    compare("configs/tamis.schema.json", &(serde_json::to_string_pretty(&schema()).unwrap() + "\n"));
}

#[test]
fn the_reference_page_is_up_to_date() {
    compare("docs/config.md", &tamis::config::reference());
}

#[test]
fn the_schema_documents_every_key() {
    let schema = schema();
    let defs = schema["$defs"].as_object().unwrap();
    for (name, def) in defs.iter().chain([(&"Config".to_owned(), &schema)]) {
        if def.get("oneOf").is_none() {
            assert!(def["description"].is_string(), "{name} has no description");
        }
        for (key, property) in def["properties"].as_object().into_iter().flatten() {
            assert!(property["description"].is_string(), "{name}.{key} has no description");
        }
    }
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    assert_eq!(defs["ParagraphDedup"]["properties"]["min_chars"]["default"], 40);
}
