//! The house rules that no compiler checks: floors, file heads and lengths, words, scripts, licences.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The floors from the lowest up. A module imports from floors below its own only; modules of one floor do not import
/// each other. A folder's own modules are one module here. `near`, `overlap`, `text`, `tokenizer` and `chrome` are crates, which
/// cargo keeps apart.
const FLOORS: &[&[&str]] = &[
    &["near", "text"],
    &["tokenizer", "chrome", "overlap"],
    &["document"],
    &["storage"],
    &["source"],
    &["stage"],
    &["exchange"],
    &["sink"],
    &["config"],
    &["plan"],
    &["report"],
    &["run"],
    &["facade"],
    &["cli"],
];

/// Functions at the crate's root, which stand in `facade`.
const FRONT_DOOR: &[&str] = &["build", "check", "explain", "load", "open", "run_tasks"];

/// Lines a file may have before its trailing test module.
const MAX_LINES: usize = 400;

/// Licences that dependencies may have. An `OR` needs one of them, an `AND` all.
const LICENSES: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
    "bzip2-1.0.6",
];

/// Crates that may have another licence, each looked at: MPL-2.0 binds the crate's own files, which we use unchanged; NCSA is as MIT,
/// and the fuzzer is no part of tamis.
const LICENSE_EXCEPTIONS: &[(&str, &str)] =
    &[("colored", "MPL-2.0"), ("libfuzzer-sys", "(MIT OR Apache-2.0) AND NCSA")];

#[test]
fn modules_import_only_from_floors_below() {
    let mut wrong = Vec::new();
    for file in rust_files("src") {
        let module = module_of(&file.path);
        let Some(floor) = floor_of(&module) else {
            // The crate's root and the binary stand above all floors.
            if !["lib", "main"].contains(&module.as_str()) {
                wrong.push(format!("{}: module `{module}` stands on no floor of tests/it/tidy.rs", file.path));
            }
            continue;
        };
        for (line, imported) in imports(file.code()) {
            let imported = if FRONT_DOOR.contains(&imported.as_str()) { "facade".to_owned() } else { imported };
            if imported != module && floor_of(&imported).is_none_or(|below| below >= floor) {
                wrong.push(format!("{}:{line}: `{module}` must not import `{imported}`", file.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn imports_are_found_however_they_are_written() {
    let code = "use crate::document::Block;\nuse crate::{sink::X, text};\nlet a = crate::plan::Plan::new();\n\
                use crate::{\n    run::{A, B},\n    source::C,\n};\n// crate::cli is only talk\nuse tamis::report::R;\n";
    let found: Vec<(usize, String)> = imports(code);
    let names: Vec<(usize, &str)> = found.iter().map(|(line, name)| (*line, name.as_str())).collect();
    let wanted = [(1, "document"), (2, "sink"), (2, "text"), (3, "plan"), (4, "run"), (4, "source"), (9, "report")];
    assert_eq!(names, wanted);
}

#[test]
fn every_file_says_what_it_is_for() {
    let mut wrong = Vec::new();
    for file in sources().into_iter().chain(rust_files("tests")).chain(rust_files("benches")) {
        if !file.text.starts_with("//! ") {
            wrong.push(format!("{} does not open with a `//!` sentence", file.path));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_stage_is_named_outside_of_stage() {
    // Columns of the dataset have the names of these, so alone in quotes they are no stage's.
    let columns = ["language", "split"];
    let mut wrong = Vec::new();
    for file in sources() {
        if ["src/stage/", "crates/text/"].iter().any(|folder| file.path.starts_with(folder)) {
            continue;
        }
        for (number, line) in (1..).zip(file.code().lines()) {
            if line.trim_start().starts_with("//") {
                continue;
            }
            let texts = literals(line);
            for name in tamis::stage::NAMES {
                let is_column = columns.contains(name);
                let named = texts.iter().any(|text| match is_column {
                    true => text.contains(&format!("`{name}`")) || text.contains(&format!("{name}.")),
                    false => text.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == *name),
                });
                if named || line.contains(&format!("StageConfig::{name}")) {
                    wrong.push(format!("{}:{number}: `{name}` in {}", file.path, line.trim()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "what a stage needs, its `StageInfo` says:\n{}", wrong.join("\n"));
}

#[test]
fn texts_in_quotes_are_found() {
    assert_eq!(literals(r#"let a = ["b", "c \"d\""]; // "e""#), ["b", r#"c \"d\""#, "e"]);
    assert_eq!(literals(r#"hint("goes on"#), ["goes on"]);
}

#[test]
fn files_are_short() {
    let mut wrong = Vec::new();
    for file in sources() {
        let lines = file.code().lines().count();
        if lines > MAX_LINES {
            wrong.push(format!("{}: {lines} lines without tests; {MAX_LINES} is the most", file.path));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn nothing_is_left_for_later_and_no_machine_shows() {
    // Written in parts, so that this file does not find itself.
    let later = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X:"), concat!("todo", "!(")];
    let machine = [
        concat!("/ho", "me/"),
        concat!("/ro", "ot/"),
        concat!("/wo", "rk/"),
        concat!("/Us", "ers/"),
        concat!("crates", ".io"),
        concat!("pypi", ".org"),
        concat!("python", "hosted.org"),
        concat!("npm", "js.org"),
    ];
    let mut wrong = Vec::new();
    for file in tracked_text() {
        for (number, line) in (1..).zip(file.text.lines()) {
            let words = later.iter().chain(&machine).filter(|word| contains_mark(line, word));
            wrong.extend(words.map(|word| format!("{}:{number}: {word}", file.path)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_unwrap_outside_tests() {
    let mut wrong = Vec::new();
    for file in sources() {
        for (number, line) in (1..).zip(file.code().lines()) {
            if line.contains(".unwrap()") && !line.trim_start().starts_with("//") {
                wrong.push(format!("{}:{number}: {}", file.path, line.trim()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn files_are_made_changed_and_removed_in_one_place() {
    let calls = [
        "fs::write",
        "fs::rename",
        "fs::copy",
        "fs::remove",
        "fs::create",
        "fs::hard_link",
        "File::create",
        "File::options",
    ];
    let mut wrong = Vec::new();
    for file in sources().iter().filter(|file| ["run", "sink"].contains(&module_of(&file.path).as_str())) {
        for (number, line) in (1..).zip(file.code().lines()) {
            let found = calls.iter().filter(|call| line.contains(**call));
            wrong.extend(found.map(|call| format!("{}:{number}: {call} belongs into src/storage", file.path)));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_config_names_its_schema_first() {
    let mut configs = files_of("configs");
    configs.retain(|path| path.ends_with(".toml"));
    assert!(configs.len() >= 3, "{configs:?}");
    for path in configs {
        let text = read(&path).unwrap_or_default();
        assert!(text.starts_with("#:schema ./tamis.schema.json\n"), "{path} does not name its schema");
    }
}

#[cfg(unix)]
#[test]
fn scripts_can_be_run_and_stop_at_the_first_failure() {
    use std::os::unix::fs::PermissionsExt;
    for path in files_of("scripts").into_iter().chain(files_of(".ci")) {
        let metadata = repository().join(&path).metadata().expect("the file is there");
        let text = read(&path).unwrap_or_default();
        if !text.starts_with("#!") {
            continue;
        }
        assert!(metadata.permissions().mode() & 0o111 != 0, "{path} cannot be executed");
        if text.lines().next().is_some_and(|line| line.ends_with("bash")) {
            assert!(text.contains("\nset -euo pipefail\n"), "{path} does not set the strict mode");
        }
    }
}

#[test]
fn dependencies_have_licences_that_we_may_use() {
    // Offline: all that this platform needs was fetched when the tests were compiled.
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--locked", "--offline", "--filter-platform", &host()])
        .current_dir(repository())
        .output()
        .expect("cargo can be started");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("cargo prints JSON");
    let nodes = metadata["resolve"]["nodes"].as_array().expect("the dependencies are resolved");
    let used: BTreeSet<&str> = nodes.iter().filter_map(|node| node["id"].as_str()).collect();
    let mut wrong = Vec::new();
    for package in metadata["packages"].as_array().expect("there are packages") {
        let id = package["id"].as_str().unwrap_or_default();
        let license = package["license"].as_str().unwrap_or("none named");
        let name = package["name"].as_str().unwrap_or_default();
        if used.contains(id) && !is_allowed(license) && !LICENSE_EXCEPTIONS.contains(&(name, license)) {
            wrong.push(format!("{name}: {license}"));
        }
    }
    assert!(used.len() > 20, "cargo named only {} packages", used.len());
    assert!(wrong.is_empty(), "licences that are not on the list:\n{}", wrong.join("\n"));
}

#[test]
fn a_licence_expression_is_read_as_it_is_meant() {
    assert!(is_allowed("MIT OR Apache-2.0"));
    assert!(is_allowed("MIT/Apache-2.0"));
    assert!(is_allowed("GPL-3.0 OR MIT"));
    assert!(is_allowed("(MIT OR Apache-2.0) AND Unicode-3.0"));
    assert!(is_allowed("Apache-2.0 WITH LLVM-exception OR GPL-2.0"));
    assert!(!is_allowed("MIT AND GPL-3.0"));
    assert!(!is_allowed("none named"));
}

#[test]
fn licence_list_is_that_of_cargo_deny() {
    let deny: toml::Table = toml::from_str(&read("deny.toml").expect("deny.toml is there")).expect("deny.toml is TOML");
    let allowed = deny["licenses"]["allow"].as_array().expect("deny.toml allows licences");
    let allowed: BTreeSet<&str> = allowed.iter().filter_map(toml::Value::as_str).collect();
    assert_eq!(allowed, LICENSES.iter().copied().collect());
}

/// A file of the repository, as text.
struct Source {
    /// From the repository's folder, with `/`.
    path: String,
    text: String,
}

impl Source {
    /// The file without its trailing test module; nothing, where the whole file is one (`tests.rs`).
    fn code(&self) -> &str {
        if self.path.contains("src/") && self.path.ends_with("/tests.rs") {
            return "";
        }
        self.text.split("\n#[cfg(test)]\nmod ").next().unwrap_or_default()
    }
}

/// The texts in quotes of a line of code; a quote that is not closed goes to the end of the line.
fn literals(line: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = line;
    while let Some((_, text)) = rest.split_once('"') {
        let mut escaped = false;
        let end = text.find(|c| {
            let ends = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        });
        let (literal, after) = end.map_or((text, ""), |end| text.split_at(end));
        found.push(literal);
        rest = after.strip_prefix('"').unwrap_or_default();
    }
    found
}

/// The module at the crate's root that a file belongs to: `src/run/spill.rs` is of `run`.
fn module_of(path: &str) -> String {
    let path = path.trim_start_matches("src/").trim_end_matches(".rs");
    path.split('/').next().unwrap_or_default().to_owned()
}

fn floor_of(module: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&module))
}

/// The crate's modules that `code` names, each with its line: `crate::x` anywhere, and each `x` of `crate::{x, ...}`.
fn imports(code: &str) -> Vec<(usize, String)> {
    let lines = code.lines().map(|line| line.split("//").next().unwrap_or_default());
    let code = lines.collect::<Vec<_>>().join("\n");
    let mut found = Vec::new();
    for prefix in ["crate::", "tamis::"] {
        for (start, _) in code.match_indices(prefix) {
            let (before, rest) = code.split_at(start);
            if before.ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '$') {
                continue;
            }
            let line = before.matches('\n').count() + 1;
            let rest = rest.strip_prefix(prefix).unwrap_or_default();
            let names = match rest.strip_prefix('{') {
                Some(group) => first_names(group),
                None => vec![name(rest)],
            };
            // A capital is an item of the crate's root, not a module.
            found
                .extend(names.into_iter().filter(|name| name.starts_with(char::is_lowercase)).map(|name| (line, name)));
        }
    }
    found.sort();
    found
}

/// The first name of each item of a `use` group, given what stands behind its opening brace.
fn first_names(group: &str) -> Vec<String> {
    let mut names = vec![String::new()];
    let mut depth = 0;
    for c in group.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => names.push(String::new()),
            _ if depth == 0 => names.last_mut().expect("there is always one").push(c),
            _ => {}
        }
    }
    names.iter().map(|item| name(item.trim())).filter(|name| !name.is_empty()).collect()
}

fn name(text: &str) -> String {
    text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}

/// Whether `mark` stands in `line` as a word of its own (for words), or anywhere (for paths and hosts).
fn contains_mark(line: &str, mark: &str) -> bool {
    let is_word = mark.chars().all(char::is_alphabetic);
    line.match_indices(mark).any(|(start, _)| {
        let (before, rest) = line.split_at(start);
        let after = rest.strip_prefix(mark).unwrap_or_default();
        let joined = |c: char| c.is_alphanumeric() || c == '_' || c == '.' && !is_word;
        !(before.ends_with(joined) || is_word && after.starts_with(joined))
    })
}

/// Whether an SPDX expression is met by the licences on the list. `/` is the old way to write `OR`.
fn is_allowed(expression: &str) -> bool {
    let expression = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let mut tokens = expression.split_whitespace().peekable();
    any_of(&mut tokens) && tokens.next().is_none()
}

type Tokens<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

fn any_of(tokens: &mut Tokens<'_>) -> bool {
    let mut met = all_of(tokens);
    while tokens.next_if_eq(&"OR").is_some() {
        met |= all_of(tokens);
    }
    met
}

fn all_of(tokens: &mut Tokens<'_>) -> bool {
    let mut met = one_of(tokens);
    while tokens.next_if_eq(&"AND").is_some() {
        met &= one_of(tokens);
    }
    met
}

fn one_of(tokens: &mut Tokens<'_>) -> bool {
    if tokens.next_if_eq(&"(").is_some() {
        return any_of(tokens) & (tokens.next() == Some(")"));
    }
    let mut license = tokens.next().unwrap_or_default().to_owned();
    if tokens.next_if_eq(&"WITH").is_some() {
        license = format!("{license} WITH {}", tokens.next().unwrap_or_default());
    }
    LICENSES.contains(&license.as_str())
}

/// The platform that the tests were compiled for, as cargo names it.
fn host() -> String {
    let output = Command::new("rustc").arg("-vV").output().expect("rustc can be started");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    text.lines().find_map(|line| line.strip_prefix("host: ")).expect("rustc names its host").to_owned()
}

fn sources() -> Vec<Source> {
    let mut files = rust_files("src");
    files.extend(rust_files("crates").into_iter().filter(|file| file.path.contains("/src/")));
    assert!(files.len() > 10, "only {} files in src", files.len());
    files
}

fn rust_files(folder: &str) -> Vec<Source> {
    let paths = files_of(folder).into_iter().filter(|path| path.ends_with(".rs"));
    paths.filter_map(|path| Some(Source { text: read(&path)?, path })).collect()
}

/// Everything that people write here: code, configs, scripts, tests and pages; not the seeds, which are data.
fn tracked_text() -> Vec<Source> {
    let folders = ["src", "crates", "tests", "benches", "scripts", "configs", "docs", ".ci"];
    let mut paths: Vec<String> = folders.iter().flat_map(|folder| files_of(folder)).collect();
    paths.extend(["Cargo.toml", "build.rs", "README.md", "CHANGELOG.md", "NOTICE", "deny.toml"].map(String::from));
    paths.into_iter().filter_map(|path| Some(Source { text: read(&path)?, path })).collect()
}

/// The text of a file, unless it is not UTF-8.
fn read(path: &str) -> Option<String> {
    String::from_utf8(std::fs::read(repository().join(path)).ok()?).ok()
}

/// All files under `folder`, sorted; none where the folder is missing.
fn files_of(folder: &str) -> Vec<String> {
    let mut found = BTreeSet::new();
    let mut folders = vec![PathBuf::from(folder)];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(repository().join(&folder)) else { continue };
        for entry in entries.flatten() {
            let path = folder.join(entry.file_name());
            let hidden_cache = entry.file_name() == "__pycache__";
            match entry.file_type() {
                Ok(kind) if kind.is_dir() && !hidden_cache => folders.push(path),
                Ok(kind) if kind.is_file() => _ = found.insert(path.to_string_lossy().replace('\\', "/")),
                _ => {}
            }
        }
    }
    found.into_iter().collect()
}

fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
