//! What is fuzzed: everything that reads a file which somebody else made, or which a disk may have damaged. An input must never
//! panic, hang or take memory beyond its measure, and cutting a file into slices must change none of its records.

use std::convert::Infallible;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tamis::document::{Mark, StageIndex};
use tamis::exchange::{KeyRange, Run};
use tamis::source::{self, Item, SourceConfig};
use tamis::stage::boilerplate::Boilerplate;
use tamis::stage::{Configure, Stage, Surroundings};
use tamis::text::fasttext::Model;
use tamis::tokenizer::Tokenizer;

/// A kind of file.
pub struct Target {
    /// Its name, and that of its folder in `fuzz/corpus`.
    pub name: &'static str,
    /// The file name's ending, which tells tamis how to read it.
    ending: &'static str,
    read: fn(&Path, &[u8]),
}

/// All kinds.
pub const TARGETS: &[Target] = &[
    Target { name: "text", ending: "txt", read: records },
    Target { name: "markdown", ending: "md", read: records },
    Target { name: "jsonl", ending: "jsonl", read: records },
    Target { name: "csv", ending: "csv", read: records },
    Target { name: "tsv", ending: "tsv", read: records },
    Target { name: "parquet", ending: "parquet", read: records },
    Target { name: "config", ending: "toml", read: config },
    Target { name: "pack", ending: "toml", read: pack },
    Target { name: "run", ending: "run", read: run_of_records },
    Target { name: "fasttext", ending: "bin", read: fasttext },
    Target { name: "tokenizer", ending: "json", read: tokenizer },
];

/// Lets tamis read `input` as a file of this kind.
pub fn run(target: &Target, input: &[u8]) {
    let folder = folder();
    let path = folder.join(format!("{}.{}", target.name, target.ending));
    fs::write(&path, input).expect("the scratch folder can be written");
    (target.read)(&path, input);
    fs::remove_file(&path).expect("the file was just written");
}

/// A folder of this process and thread alone.
fn folder() -> PathBuf {
    let thread = format!("{:?}", std::thread::current().id()).replace(['(', ')'], "-");
    let folder = std::env::temp_dir().join(format!("tamis-fuzz-{}-{thread}", std::process::id()));
    fs::create_dir_all(&folder).expect("a scratch folder can be made");
    folder
}

/// All records of a source's file, whole and cut into small slices.
fn records(path: &Path, _: &[u8]) {
    let name = path.file_name().expect("the path names a file").to_string_lossy();
    let source = SourceConfig { paths: vec![name.into_owned()], ..sources() };
    let folder = path.parent().expect("the file lies in a folder");
    let found = source::discover(folder, std::slice::from_ref(&source)).expect("the pattern is right");
    for file in &found.files {
        let read = |slice_bytes: u64| -> Option<Vec<Item>> {
            let survey = source::survey(file, slice_bytes).ok()?;
            let mut items = Vec::new();
            for slice in &survey.slices {
                let Ok(()) = source::read(&source, file, slice, &mut |item| {
                    items.push(item);
                    Ok::<(), Infallible>(())
                });
            }
            Some(items)
        };
        assert_eq!(read(u64::MAX), read(64), "slices change no record");
    }
}

/// A source with every default.
fn sources() -> SourceConfig {
    let config = "[dataset]\nname = \"fuzz\"\n[[source]]\npaths = [\"a\"]\n[output]\ndir = \"out\"\n";
    let located = tamis::config::load(config, "tamis.toml", &[]).expect("the config is right");
    located.config.source.into_iter().next().expect("it has a source")
}

fn config(_: &Path, input: &[u8]) {
    if let Ok(text) = std::str::from_utf8(input) {
        let _ = tamis::config::load(text, "tamis.toml", &[]);
    }
}

/// A phrase pack, applied to a page.
fn pack(path: &Path, _: &[u8]) {
    let name = path.file_name().expect("the path names a file").to_string_lossy();
    let folder = path.parent().expect("the file lies in a folder");
    let stage = Boilerplate { packs: vec![name.into_owned()], ..Boilerplate::default() };
    let Ok(configured) = stage.configure(&Surroundings { folder }) else { return };
    let Stage::Local(stage) = configured.stage else { return };
    let text = "Menu\nShare\n\nThe ferry left at dawn (photo: Ada Quill), the captain said.\nRead more | Print\n";
    let position = tamis::document::Position { file: 0, record: 0, block: 0 };
    let mut document = tamis::document::Document::new(position, "a#0".into(), "a".into(), text);
    stage.apply(&mut document, Mark::new(StageIndex(0)));
}

/// A sorted file of the work folder.
fn run_of_records(path: &Path, _: &[u8]) {
    if let Ok(run) = Run::open(path) {
        let mut scan = Arc::new(run).scan(KeyRange::default());
        while let Ok(true) = scan.advance() {}
    }
}

fn fasttext(_: &Path, input: &[u8]) {
    if let Ok(model) = Model::read(input, input.len() as u64) {
        let _ = model.best(["the", "ferry"].into_iter());
    }
}

fn tokenizer(path: &Path, _: &[u8]) {
    if let Ok(tokenizer) = Tokenizer::from_file(path) {
        let mut ids = Vec::new();
        let _ = tokenizer.encode_into("The ferry left at dawn. 渡船在黎明离开。", &mut ids);
    }
}
