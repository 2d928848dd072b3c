//! The book in `docs/` and the README: every page is in the book, every link leads somewhere, and what they show is what
//! the program does. Commands of the pages run in a fresh folder, in which `articles/` are those of `seeds/harbour`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use arrow::datatypes::DataType;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::support::{compare, root, stdout};

mod markdown;
#[cfg(unix)]
mod session;

use markdown::{Fence, fences, headings, links, tables};

#[test]
fn the_summary_lists_every_page_once_and_the_stages_in_their_order() {
    let summary = fs::read_to_string(root("docs/SUMMARY.md")).unwrap();
    let is_stage = |line: &&str| line.contains("](stages/");
    let (before, rest) = summary.split_once("](stages.md)\n").expect("the summary has the page of stages");
    let after: String = rest.lines().skip_while(is_stage).map(|line| format!("{line}\n")).collect();
    let stages = tamis::stage::NAMES.iter().map(|name| format!("  - [{name}](stages/{name}.md)\n"));
    let mut wanted = format!("{before}](stages.md)\n{}{after}", stages.collect::<String>());

    let mut missing: BTreeSet<String> = pages().into_iter().filter(|page| page != "SUMMARY.md").collect();
    let listed: Vec<String> = links(&wanted).into_iter().map(|(_, target)| target).collect();
    let repeated_or_gone: Vec<String> = listed.into_iter().filter(|page| !missing.remove(page)).collect();
    assert_eq!(repeated_or_gone, Vec::<String>::new(), "docs/SUMMARY.md lists them, and docs/ has no such page more");
    // A new page stands at the end until somebody finds its place.
    for page in missing {
        let text = fs::read_to_string(root("docs").join(&page)).unwrap();
        wanted.push_str(&format!("- [{}]({page})\n", text.lines().next().unwrap_or_default().trim_start_matches("# ")));
    }
    compare("docs/SUMMARY.md", &wanted);
}

#[test]
fn every_link_leads_to_a_page_and_a_heading() {
    let mut wrong = Vec::new();
    let pages = pages().into_iter().map(|page| format!("docs/{page}"));
    for page in pages.chain(["README.md".to_owned(), "CHANGELOG.md".to_owned(), "seeds/README.md".to_owned()]) {
        let text = fs::read_to_string(root(&page)).unwrap();
        for (line, target) in links(&text) {
            if let Some(why) = leads_nowhere(&page, &target) {
                wrong.push(format!("{page}:{line}: `{target}` {why}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_config_that_a_page_shows_is_right() {
    let mut wrong = Vec::new();
    for page in pages().into_iter().map(|page| format!("docs/{page}")).chain(["README.md".to_owned()]) {
        let text = fs::read_to_string(root(&page)).unwrap();
        for Fence { line, info, body } in fences(&text) {
            // `toml wrong` is shown for the error that it gives.
            if info == "toml" && body.contains("[dataset]") {
                let told = tamis::config::load(&body, "tamis.toml", &[]).err();
                wrong.extend(told.map(|told| format!("{page}:{line}: {told}")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_column_of_the_files_has_its_row_on_the_page_of_columns() {
    let folder = tempfile::tempdir().unwrap();
    copy_articles(folder.path());
    stdout(folder.path(), &["init", "."]);
    stdout(folder.path(), &["build", "tamis.toml"]);
    let page = fs::read_to_string(root("docs/columns.md")).unwrap();
    let told = tables(&page);
    for (heading, file) in [
        ("`data/`", "data/train-00000-of-00001.parquet"),
        ("`ledger/removed`", "ledger/removed-00000-of-00001.parquet"),
        ("`ledger/rejected`", "ledger/rejected.parquet"),
    ] {
        let rows = &told.iter().find(|(above, _)| above == heading).expect(heading).1;
        let rows: Vec<(String, String)> = rows.iter().map(|row| (row[0].clone(), row[1].clone())).collect();
        let path = folder.path().join("out/my-dataset").join(file);
        let reader = ParquetRecordBatchReaderBuilder::try_new(fs::File::open(path).unwrap()).unwrap();
        let mut columns = Vec::new();
        for field in reader.schema().fields() {
            let nullable = if field.is_nullable() { ", null" } else { "" };
            columns.push((format!("`{}`", field.name()), format!("{}{nullable}", type_name(field.data_type()))));
            if let DataType::Struct(parts) = field.data_type() {
                let parts = parts.iter().map(|part| {
                    let name = format!("`{}.{}`", field.name(), part.name());
                    (name, format!("{}, null", type_name(part.data_type())))
                });
                columns.extend(parts);
            }
        }
        assert_eq!(rows, columns, "docs/columns.md tells of {heading} the left, {file} has the right");
    }
}

#[test]
fn pages_of_stages_and_rules_are_up_to_date() {
    for (path, page) in tamis::report::pages::pages() {
        compare(&format!("docs/{path}"), &page);
    }
    let known: BTreeSet<String> = tamis::stage::NAMES.iter().map(|name| format!("stages/{name}.md")).collect();
    let there: BTreeSet<String> = pages().into_iter().filter(|page| page.starts_with("stages/")).collect();
    assert_eq!(there, known, "a page of a stage that there is not");
}

/// A test for each page whose commands are run, so that they run side by side.
#[cfg(unix)]
macro_rules! pages_that_are_played {
    ($($name:ident: $page:literal,)*) => {
        const PLAYED: &[&str] = &[$($page),*];
        $(#[test]
        fn $name() {
            shows_what_the_program_prints($page);
        })*
    };
}

#[cfg(unix)]
pages_that_are_played! {
    what_five_minutes_shows_is_what_the_program_prints: "five-minutes.md",
    what_looking_shows_is_what_the_program_prints: "looking.md",
    what_the_errors_show_is_what_the_program_prints: "errors.md",
    what_a_train_set_shows_is_what_the_program_prints: "cookbook/train.md",
    what_an_evaluation_set_shows_is_what_the_program_prints: "cookbook/evaluation.md",
    what_a_nightly_build_shows_is_what_the_program_prints: "cookbook/nightly.md",
    what_your_chrome_shows_is_what_the_program_prints: "cookbook/chrome.md",
    what_moving_from_datatrove_shows_is_what_the_program_prints: "cookbook/datatrove.md",
    what_moving_from_dolma_shows_is_what_the_program_prints: "cookbook/dolma.md",
}

#[cfg(unix)]
#[test]
fn every_page_of_the_cookbook_is_played() {
    let missing: Vec<String> = pages().into_iter().filter(|page| page.starts_with("cookbook/")).collect();
    let missing: Vec<&String> = missing.iter().filter(|page| !PLAYED.contains(&page.as_str())).collect();
    assert_eq!(missing, Vec::<&String>::new());
}

#[cfg(unix)]
fn shows_what_the_program_prints(page: &str) {
    let path = root("docs").join(page);
    let session = session::play(&path);
    if session.page != fs::read_to_string(&path).unwrap() && std::env::var_os("TAMIS_REGEN").is_some() {
        fs::write(&path, &session.page).unwrap();
        return;
    }
    let wrong = session.wrong.join("\n");
    assert!(wrong.is_empty(), "docs/{page}: run scripts/regen, and read what changed:\n{wrong}");
}

#[cfg(unix)]
#[test]
fn a_newcomer_finds_why_a_line_went_keeps_it_by_a_pasted_line_and_sees_the_difference() {
    let session = session::play(&root("README.md"));
    assert!(session.wrong.is_empty(), "{}", session.wrong.join("\n"));
    let commands: Vec<&str> = session.ran.iter().map(|(command, _)| command.as_str()).collect();
    let [init, build, explain, again, diff] = commands[..] else { panic!("not the five commands: {commands:?}") };
    assert!(init.starts_with("tamis init") && build.starts_with("tamis build"), "{commands:?}");
    assert!(explain.starts_with("tamis explain") && again.starts_with("tamis build"), "{commands:?}");
    assert!(diff.starts_with("tamis diff"), "{commands:?}");

    let (why, pasted) = (&session.ran[2].1, &session.pasted[0]);
    assert!(why.contains("paragraph_dedup.repeated_paragraph"), "{why}");
    assert!(why.contains(&format!("keep it: {pasted}\n")), "{pasted} is not in\n{why}");
    let told = &session.ran[4].1;
    for wanted in ["documents: 1 changed, 7 the same", "articles/bridge.txt#0", "paragraph_dedup.repeated_paragraph"] {
        assert!(told.contains(wanted), "`{wanted}` is not in\n{told}");
    }
}

/// Puts the articles that the book shows into the folder `articles`.
fn copy_articles(folder: &Path) {
    fs::create_dir(folder.join("articles")).unwrap();
    for entry in fs::read_dir(root("seeds/harbour")).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, folder.join("articles").join(path.file_name().unwrap())).unwrap();
    }
}

#[test]
fn every_cause_of_a_rejected_input_is_on_the_page_of_errors() {
    let page = fs::read_to_string(root("docs/errors.md")).unwrap();
    let causes = fs::read_to_string(root("src/document/rejected.rs")).unwrap();
    let names: Vec<&str> = causes.lines().filter_map(|line| line.split_once(" => \"")?.1.strip_suffix("\",")).collect();
    assert!(names.len() > 10, "{names:?}");
    let missing: Vec<&str> = names.into_iter().filter(|name| !page.contains(&format!("\n| `{name}` | "))).collect();
    assert_eq!(missing, Vec::<&str>::new());
}

/// Why a link leads nowhere, if it does.
fn leads_nowhere(page: &str, target: &str) -> Option<String> {
    if target.starts_with("https://") || target.starts_with("http://") {
        return None;
    }
    let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
    let folder = Path::new(page).parent().expect("a page lies in a folder");
    let path = if path.is_empty() { PathBuf::from(page) } else { resolved(&folder.join(path)) };
    let full = root(&path.to_string_lossy());
    if !full.exists() {
        return Some("is not there".to_owned());
    }
    // The book holds its own pages and nothing else.
    if page.starts_with("docs/") && !path.starts_with("docs") {
        return Some("is no page of the book: name the file in backquotes".to_owned());
    }
    let text = fs::read_to_string(&full).unwrap_or_default();
    (!anchor.is_empty() && !headings(&text).contains(anchor)).then(|| "has no such heading".to_owned())
}

/// `a/b/../c` as `a/c`.
fn resolved(path: &Path) -> PathBuf {
    let mut parts = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::ParentDir => _ = parts.pop(),
            std::path::Component::CurDir => {}
            part => parts.push(part),
        }
    }
    parts
}

fn type_name(kind: &DataType) -> String {
    match kind {
        DataType::Utf8 => "string".to_owned(),
        DataType::Date32 => "date".to_owned(),
        DataType::FixedSizeBinary(bytes) => format!("{bytes} bytes"),
        DataType::List(field) => format!("list of {}", type_name(field.data_type())),
        DataType::Struct(_) => "struct".to_owned(),
        other => other.to_string().to_lowercase(),
    }
}

/// All pages below `docs/`, sorted, by their path from there.
fn pages() -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![String::new()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root("docs").join(&folder)).unwrap() {
            let entry = entry.unwrap();
            let path = format!("{folder}{}", entry.file_name().to_string_lossy());
            match entry.file_type().unwrap().is_dir() {
                true => folders.push(format!("{path}/")),
                false if path.ends_with(".md") => found.push(path),
                false => {}
            }
        }
    }
    found.sort();
    found
}

#[test]
fn links_and_headings_are_found_as_a_reader_sees_them() {
    let page =
        "# A `b.c` & _d_\n\n[x](y.md) and `[no](link)`\n\n```\n[no](link)\n# none\n```\n## A\n## A\n[z]( z.md#a-1 )\n";
    let found: Vec<String> = links(page).into_iter().map(|(_, target)| target).collect();
    assert_eq!(found, ["y.md", "z.md#a-1"]);
    let expected: BTreeSet<String> = ["a-bc--d", "a", "a-1"].map(str::to_owned).into();
    assert_eq!(headings(page), expected);
    let table = "## T\n\n| a | b |\n| --- | --- |\n| `x` | y \\| z |\n\nrest\n";
    let told: BTreeMap<String, Vec<Vec<String>>> = tables(table).into_iter().collect();
    assert_eq!(told["T"], [["`x`", "y | z"]]);
}
