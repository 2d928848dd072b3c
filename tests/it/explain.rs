//! `tamis explain` says what the build did, why, and how to keep it.

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use serde_json::Value;
use tamis::report::explain::{Explanation, Line, Piece};
use tamis::sink::dataset::{Chosen, text};
use tamis::{Blind, Dataset, Options};
use tempfile::TempDir;

use crate::support::{stdout, tamis};

const STAGES: &str = "[[stage]]\nnormalize = {}\n[[stage]]\ndocument_dedup = {}\n[[stage]]\nboilerplate = {}\n[[stage]]\nlanguage = {}\n\
    [[stage]]\nparagraph_dedup = { min_chars = 40 }\n[[stage]]\ntokenize = { tokenizer = \"gpt2\", min_tokens = 12 }\n\
    [[stage]]\nsplit = { train = 0.9, test = 0.1 }\n[output]\ndir = \"out\"\n";

fn config(source: &str) -> String {
    format!("[dataset]\nname = \"news\"\n[[source]]\npaths = [\"in\"]\n{source}\n{STAGES}")
}

/// A folder with these articles and a config over them, not built yet.
fn folder(articles: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("in")).unwrap();
    articles.iter().for_each(|(name, text)| fs::write(folder.path().join("in").join(name), text).unwrap());
    fs::write(folder.path().join("tamis.toml"), config("")).unwrap();
    folder
}

const FERRY: &str =
    "The ferry left the harbour of Lenn at dawn with forty people and their sheep on board, and nobody knew why.";
const BRIDGE: &str =
    "Heavy snow closed the old bridge over the river for eleven days, the mayor of the village said on Monday.";
const COUNCIL: &str =
    "The council of the island voted on Tuesday to repair the road to the lighthouse before the winter comes.";

fn articles() -> TempDir {
    let first = format!("A ferry leaves\n\n{FERRY}\n\n{BRIDGE}\n\nShare on Facebook\n");
    let second = format!("A road is repaired\n\n{COUNCIL} It is old&amp;narrow.\n\n{BRIDGE}\n\nShare on Facebook\n");
    folder(&[("a.txt", &first), ("b.txt", &second), ("copy.txt", &first), ("short.txt", "Too short to stay.\n")])
}

fn build(folder: &TempDir) {
    stdout(folder.path(), &["build", "tamis.toml", "-q"]);
}

fn explained(folder: &TempDir, arguments: &[&str]) -> Value {
    let all: Vec<&str> = ["explain"].iter().chain(arguments).chain(&["--json"]).copied().collect();
    serde_json::from_str(&stdout(folder.path(), &all)).unwrap()
}

#[test]
fn reasons_are_sentences_and_both_forms_say_the_same() {
    let folder = articles();
    build(&folder);
    let by_path = stdout(folder.path(), &["explain", "tamis.toml", "in/b.txt"]);
    assert!(by_path.starts_with("as the build in out decided\n\nin/b.txt#0\n"), "{by_path}");
    for piece in [
        "boilerplate.share_bar: share buttons and their labels: the phrase `",
        "        paragraph_dedup.repeated_paragraph: a copy of block 2 of in/a.txt#0; the paragraph stands in 2 documents\n",
        "        keep it: paragraph_dedup = { keep = ['^Heavy snow closed the old bridge over the river for eleven']",
        "It is old[-&amp;-]{+&+}narrow.\n",
        "\nkept: English (",
        " tokens, split train, 2 of 4 blocks kept, ",
    ] {
        assert!(by_path.contains(piece), "no {piece:?} in:\n{by_path}");
    }
    let by_id = stdout(folder.path(), &["explain", "out", "--id", "in/b.txt#0"]);
    assert!(by_id.contains(&format!("\nthe kept copy: in/a.txt#0\n    2   {BRIDGE}\n")), "{by_id}");
    // A dataset does not hold what an edit put in, nor blank lines around what is gone.
    let plain = |text: &str| text.replace("{+&+}", "&").replace('\n', "");
    let (_, by_path) = by_path.split_once("\n\n").unwrap();
    let by_path: String = by_path.lines().filter(|line| !line.starts_with("  taken for")).collect();
    assert!(plain(&by_id).starts_with(&plain(&by_path)), "{by_path}\n\n{by_id}");
    let copy = stdout(folder.path(), &["explain", "tamis.toml", "in/copy.txt"]);
    let reason = "removed by document_dedup.repeated_document: a copy of in/a.txt#0; 2 documents have this text\n\
                  keep it: no option does; without `document_dedup` it stays\n";
    assert!(copy.ends_with(reason), "{copy}");
}

#[test]
fn without_a_build_it_says_which_stages_saw_this_file_alone() {
    let folder = articles();
    let told = stdout(folder.path(), &["explain", "tamis.toml", "in/b.txt"]);
    assert!(told.starts_with("the stages ran on this file alone, since no dataset stands in out\n"), "{told}");
    let need = "\n`document_dedup`, `boilerplate` and `paragraph_dedup` need the whole corpus, and saw this file alone";
    assert!(told.contains(need) && told.contains("3 of 4 blocks kept"), "{told}");
    build(&folder);
    let arguments = ["explain", "tamis.toml", "in/b.txt", "--set", "stage.paragraph_dedup.min_chars=50"];
    assert!(stdout(folder.path(), &arguments).contains("since the dataset in out was built by another config"));
    fs::write(folder.path().join("in/d.txt"), COUNCIL).unwrap();
    let told = stdout(folder.path(), &["explain", "tamis.toml", "in/b.txt"]);
    assert!(told.contains("since the dataset in out was built from other inputs"), "{told}");
    fs::remove_file(folder.path().join("in/d.txt")).unwrap();
    fs::write(folder.path().join("in/a.txt"), COUNCIL).unwrap();
    let told = stdout(folder.path(), &["explain", "tamis.toml", "in/b.txt"]);
    assert!(told.contains("since the dataset in out was built from other inputs"), "{told}");
    fs::write(folder.path().join("other.txt"), COUNCIL).unwrap();
    let told = stdout(folder.path(), &["explain", "tamis.toml", "other.txt"]);
    assert!(told.contains("since no source of the config names it"), "{told}");
}

/// What `explain` says of each line that went, pasted into the config one by one, keeps that line.
#[test]
fn what_is_said_to_keep_a_text_keeps_it_when_it_is_pasted() {
    let folder = articles();
    build(&folder);
    let mut pasted = 0;
    for file in ["in/a.txt", "in/b.txt", "in/short.txt"] {
        let document = explained(&folder, &["tamis.toml", file])["documents"][0].clone();
        let lines = document["lines"].as_array().unwrap();
        let removals = lines.iter().map(|line| (line["block"].clone(), line["removal"].clone()));
        let edits = lines.iter().flat_map(|line| {
            let edits = line["edits"].as_array().unwrap().iter();
            edits.map(|edit| (line["block"].clone(), edit["why"].clone()))
        });
        let whole = std::iter::once((Value::Null, document["verdict"]["removal"].clone()));
        for (block, why) in removals.chain(edits).chain(whole).filter(|(_, why)| !why.is_null()) {
            let keep = why["keep"].as_str().unwrap();
            let stage = keep.split(" = ").next().unwrap();
            let lines: Vec<String> = config("")
                .lines()
                .map(|line| if line.starts_with(&format!("{stage} = ")) { keep.to_owned() } else { line.to_owned() })
                .collect();
            fs::write(folder.path().join("kept.toml"), lines.join("\n")).unwrap();
            stdout(folder.path(), &["build", "kept.toml", "-q", "-o", "kept"]);
            let after = explained(&folder, &["kept", "--id", &format!("{file}#0")])["documents"][0].clone();
            let rules: Vec<Value> = match &block {
                Value::Null => vec![after["verdict"]["removal"]["rule"].clone()],
                _ => {
                    let line = after["lines"].as_array().unwrap().iter().find(|line| line["block"] == block).unwrap();
                    let edits = line["edits"].as_array().unwrap().iter().map(|edit| edit["why"]["rule"].clone());
                    edits.chain([line["removal"]["rule"].clone()]).collect()
                }
            };
            assert!(!rules.contains(&why["rule"]), "{file} {block}: {keep}\n{after:#}");
            pasted += 1;
        }
    }
    assert!(pasted >= 5, "{pasted}");
}

#[test]
fn lines_and_stages_can_be_picked_and_pages_written() {
    let folder = articles();
    build(&folder);
    let lines = stdout(folder.path(), &["explain", "out", "--grep", "eleven days"]);
    assert!(lines.contains("in/a.txt#0\n") && lines.contains("in/b.txt#0\n") && !lines.contains(FERRY), "{lines}");
    let lines = stdout(folder.path(), &["explain", "tamis.toml", "in/b.txt", "--grep", "old&amp;narrow"]);
    assert!(lines.contains(COUNCIL) && !lines.contains(BRIDGE), "{lines}");
    for stage in ["5", "paragraph_dedup"] {
        let told = stdout(folder.path(), &["explain", "out", "--id", "in/b.txt#0", "--stage", stage]);
        assert!(told.starts_with("stage 5, paragraph_dedup: what came to it, and what it did\n"), "{told}");
        assert!(told.contains("- Heavy snow") && !told.contains("Facebook") && !told.contains("&amp;"), "{told}");
    }
    let early = stdout(folder.path(), &["explain", "out", "--id", "in/b.txt#0", "--stage", "1"]);
    assert!(early.contains("    3   Share on Facebook\n") && early.contains("[-&amp;-]"), "{early}");
    stdout(folder.path(), &["explain", "tamis.toml", "in/b.txt", "--html", "b.html"]);
    let page = fs::read_to_string(folder.path().join("b.html")).unwrap();
    assert!(page.contains("<del>&amp;amp;</del><ins>&amp;</ins>") && page.contains("a copy of block 2"), "{page}");
    assert!(!page.contains("<script") && !page.contains("href"), "{page}");
}

#[test]
fn without_a_config_the_usual_one_is_taken() {
    let folder = articles();
    build(&folder);
    let told = stdout(folder.path(), &["explain", "tamis.toml", "in/b.txt", "--record", "0"]);
    assert_eq!(stdout(folder.path(), &["explain", "in/b.txt", "--record", "0"]), told);
}

#[test]
fn a_mistake_gets_an_answer_that_helps() {
    let folder = articles();
    build(&folder);
    for (arguments, hint) in [
        (&["out", "--id", "in/b.tx#0"][..], "did you mean `in/b.txt#0`?"),
        (&["tamis.toml", "in/b.tx"], "did you mean `in/b.txt`?"),
        (&["out", "--id", "copy"], "did you mean `in/copy.txt#0`?"),
        (&["out", "--id", "in/b.txt#0", "--stage", "9"], "the stages are 1 normalize, 2 document_dedup, 3 boilerplate"),
        (&["out", "--grep", "no such words"], "letter by letter"),
        (&["out"], "`DIR --grep TEXT`"),
        (&["tamis.toml", "in/b.txt", "--record", "7"], "has no record 7"),
    ] {
        let all: Vec<&str> = ["explain"].iter().chain(arguments).copied().collect();
        let output = tamis(folder.path(), &all);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains(hint), "{arguments:?}: {said}");
    }
}

#[test]
fn one_record_is_read_without_what_follows_it() {
    let folder = folder(&[("a.jsonl", "")]);
    let records = [FERRY, BRIDGE].map(|text| serde_json::json!({ "id": "one", "text": text }).to_string()).join("\n");
    fs::write(folder.path().join("in/a.jsonl"), format!("{records}\n{{ no record\n")).unwrap();
    let alone = stdout(folder.path(), &["explain", "tamis.toml", "in/a.jsonl", "--record", "0"]);
    assert!(alone.contains(FERRY) && !alone.contains("not read"), "{alone}");
    assert!(alone.contains("saw this record alone"), "{alone}");
    build(&folder);
    let built = stdout(folder.path(), &["explain", "tamis.toml", "in/a.jsonl", "--record", "1"]);
    assert!(built.contains("\none~2\n  source    in/a.jsonl, record 1\n"), "the id is that of the build: {built}");
    let all = stdout(folder.path(), &["explain", "tamis.toml", "in/a.jsonl"]);
    assert!(all.contains("\nnot read: in/a.jsonl, record 2: malformed_json: "), "{all}");
}

/// What lies beside the repository on the machines that have it.
fn shared(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared").join(name);
    path.exists().then_some(path)
}

#[test]
fn explain_and_the_ledger_agree_on_every_document() {
    let here = folder(&[]);
    let put = |name: &str, bytes: &[u8]| fs::write(here.path().join("in").join(name), bytes).unwrap();
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("seeds/articles");
    for from in std::iter::once(own).chain(shared("seeds")) {
        for entry in fs::read_dir(&from).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.ends_with(".txt") {
                put(&name, &fs::read(entry.path()).unwrap());
            }
        }
    }
    if let Some(corpus) = shared("corpus/articles.jsonl.zst") {
        let lines = BufReader::new(zstd::Decoder::new(fs::File::open(corpus).unwrap()).unwrap()).lines();
        let records: Vec<String> = lines.take(1000).map(Result::unwrap).collect();
        put("corpus.jsonl", (records.join("\n") + "\n").as_bytes());
    }
    let plan = tamis::check(&here.path().join("tamis.toml"), &[]).unwrap();
    let options = Options::new(&plan, &here.path().join(".tamis/tamis"));
    let built = tamis::build(&plan, &options, &Blind).unwrap();
    let dataset = tamis::open(&built.folder).unwrap();
    let mut documents = 0;
    for input in &plan.discovery.files {
        let explained = tamis::explain(&plan, &input.path, None, Some(&options.work_dir)).unwrap();
        assert_eq!(explained.notes, ["as the build in out decided"]);
        for explanation in &explained.documents {
            agrees(&dataset, explanation);
            documents += 1;
        }
    }
    let counts = &built.manifest.counts;
    assert_eq!(documents, counts.kept.documents + counts.removed.documents, "no document is missing");
}

/// Holds what is said of a document against its row and the ledger.
fn agrees(dataset: &Dataset, explanation: &Explanation) {
    let id = explanation.id.as_str();
    let entry = dataset.entries(Chosen::id(id)).unwrap().remove(0);
    let whys = |line: &Line| line.removal.clone().map(|why| (line.block, why));
    let told: BTreeMap<u32, String> =
        explanation.lines.iter().filter_map(whys).map(|(block, why)| (block, why.rule)).collect();
    let removed = entry.removed.iter().filter(|row| !row.edited);
    let ledger: BTreeMap<u32, String> = removed.filter_map(|row| Some((row.block?, row.rule.clone()))).collect();
    assert_eq!(told, ledger, "{id}");
    let whole = entry.removed.iter().find(|row| row.block.is_none()).map(|row| row.rule.clone());
    assert_eq!(explanation.verdict.removal.clone().map(|why| why.rule), whole, "{id}");
    let kept: Vec<String> = explanation.lines.iter().filter(|line| line.removal.is_none()).map(Line::text).collect();
    if let Some((split, row)) = &entry.row {
        let lines: Vec<&str> = text(row, "text", 0).unwrap().lines().filter(|line| !line.is_empty()).collect();
        assert_eq!(kept, lines, "{id}");
        assert_eq!(explanation.verdict.split.as_ref(), Some(split), "{id}");
    }
    for line in &explanation.lines {
        let sentences = line.edits.iter().map(|edit| &edit.why).chain(&line.removal);
        sentences.for_each(|why| assert!(!why.sentence.is_empty(), "{id}: {why:?}"));
        let rows = entry.removed.iter().filter(|row| row.edited && row.block == Some(line.block));
        let places: u64 = rows.map(|row| row.value.map_or(1, |places| places as u64)).sum();
        assert_eq!(line.edits.iter().map(|edit| edit.places).sum::<u64>(), places, "{id}, block {}", line.block);
        let is_marked = line.pieces.iter().any(|piece| !matches!(piece, Piece::Same(_)));
        let settled = line.edits.iter().all(|edit| edit.unmarked.is_empty());
        assert!(settled && (is_marked || line.edits.is_empty()), "{id}, block {}: edits are marked", line.block);
    }
}
