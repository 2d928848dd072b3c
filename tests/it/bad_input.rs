//! Bad input, bad configs, bad disks: a clear message, the right exit code, a row in the ledger for what was refused, and
//! every other record kept. Each test drives the real binary in a folder of its own.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output};

use tamis::sink::dataset::{Dataset, read, text, whole};
use tempfile::TempDir;

/// An article that stays, so that each test can see that the others are kept.
const GOOD: &str = "The ferry left the harbour at dawn with forty passengers on board.\n\n\
    It reached the island before noon, the captain said in a short statement.\n";

struct Case {
    folder: TempDir,
    stages: String,
    paths: String,
}

impl Case {
    /// A folder with one good article, `good.txt`, and a config over `in/*`.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("in")).unwrap();
        let case = Self { folder, stages: String::new(), paths: "[\"in/*\"]".to_owned() };
        case.file("good.txt", GOOD.as_bytes());
        case
    }

    fn stages(self, stages: &[&str]) -> Self {
        let stages = stages.iter().map(|stage| format!("[[stage]]\n{stage}\n")).collect();
        Self { stages, ..self }
    }

    fn paths(self, paths: &str) -> Self {
        Self { paths: paths.to_owned(), ..self }
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn file(&self, name: &str, bytes: &[u8]) {
        fs::write(self.path("in").join(name), bytes).unwrap();
    }

    fn config(&self) -> String {
        let (paths, stages) = (&self.paths, &self.stages);
        format!("[dataset]\nname = \"case\"\n\n[[source]]\npaths = {paths}\n\n{stages}\n[output]\ndir = \"out\"\n")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        if !self.path("tamis.toml").exists() {
            fs::write(self.path("tamis.toml"), self.config()).unwrap();
        }
        let mut command = Command::new(env!("CARGO_BIN_EXE_tamis"));
        command.current_dir(self.folder.path()).args(arguments);
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    fn build(&self) -> Output {
        self.run(&["build", "tamis.toml"])
    }

    /// Builds, expects success, and returns the texts by id and the rejected rows.
    fn built(&self) -> (Vec<(String, String)>, Vec<Refusal>) {
        let output = self.build();
        assert!(output.status.success(), "{}", stderr(&output));
        let dataset = Dataset::open(&self.path("out")).unwrap();
        let mut texts = Vec::new();
        for path in dataset.tables("data/") {
            for batch in read(&path, &["id", "text"], None).unwrap() {
                let value = |column: &str, row: usize| text(&batch, column, row).unwrap().to_owned();
                texts.extend((0..batch.num_rows()).map(|row| (value("id", row), value("text", row))));
            }
        }
        let mut refusals = Vec::new();
        for batch in read(&self.path("out/ledger/rejected.parquet"), &[], None).unwrap() {
            let value = |column: &str, row: usize| text(&batch, column, row).unwrap().to_owned();
            refusals.extend((0..batch.num_rows()).map(|row| Refusal {
                source: value("source", row),
                cause: value("cause", row),
                detail: value("detail", row),
                record: whole(&batch, "record", row),
                offset: whole(&batch, "offset", row).unwrap(),
            }));
        }
        assert!(texts.iter().any(|(id, text)| id == "in/good.txt#0" && text == GOOD.trim_end()), "{texts:?}");
        let verified = self.run(&["verify", "out"]);
        assert!(verified.status.success(), "{}", stderr(&verified));
        (texts, refusals)
    }
}

#[derive(Debug)]
struct Refusal {
    source: String,
    cause: String,
    detail: String,
    record: Option<u64>,
    offset: u64,
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Expects this exit code and all of these pieces on stderr, and nothing at the output's place.
fn fails(case: &Case, code: i32, pieces: &[&str]) {
    let output = case.build();
    let message = stderr(&output);
    assert_eq!(output.status.code(), Some(code), "{message}");
    for piece in pieces {
        assert!(message.contains(piece), "no {piece:?} in:\n{message}");
    }
    assert!(!message.contains("panicked"), "{message}");
    assert!(!case.path("out").join("manifest.json").exists());
}

fn texts_of<'a>(texts: &'a [(String, String)], source: &str) -> Vec<&'a str> {
    texts.iter().filter(|(id, _)| id.starts_with(source)).map(|(_, text)| text.as_str()).collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Enough JSON lines that a cut file still has whole ones before the damage.
fn many_lines() -> String {
    let line = |number: u32| {
        let noise: String =
            (0..40).map(|step| format!(" {:x}", number.wrapping_mul(2_654_435_761).rotate_left(step))).collect();
        format!(
            "{}\n",
            serde_json::json!({ "id": format!("line-{number}"), "text": format!("Record {number}.{noise}") })
        )
    };
    (0..2000).map(line).collect()
}

#[test]
fn a_refused_file_that_grows_is_counted_anew() {
    let case = Case::new().paths("[\"in\"]");
    for bytes in [10, 300, 300] {
        case.file("state.lock", &vec![b'a'; bytes]);
        let (_, refusals) = case.built();
        assert_eq!(refusals.iter().map(|refusal| refusal.source.as_str()).collect::<Vec<_>>(), ["in/state.lock"]);
        let manifest: serde_json::Value =
            serde_json::from_slice(&fs::read(case.path("out/manifest.json")).unwrap()).unwrap();
        assert_eq!(manifest["counts"]["rejected"]["bytes"], bytes, "{}", manifest["counts"]);
    }
}

#[test]
fn an_unknown_key_is_a_config_error_with_place_and_suggestion() {
    let case = Case::new().stages(&["paragraph_dedup = { min_char = 3 }"]);
    fails(&case, 2, &["min_char", "tamis.toml:8", "did you mean `min_chars`"]);
}

#[test]
fn a_wrong_type_and_a_wrong_stage_are_shown_at_once() {
    let case = Case::new().stages(&["paragraph_dedup = { min_chars = \"many\" }", "boilerplat = {}"]);
    fails(&case, 2, &["min_chars", "tamis.toml:8", "boilerplat", "tamis.toml:10", "did you mean `boilerplate`"]);
}

#[test]
fn a_mistake_on_the_command_line_is_found_like_one_in_the_file() {
    let case = Case::new().stages(&["language = {}"]);
    let output = case.run(&["build", "tamis.toml", "--set", "stage.language.kep=[\"fr\"]"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("did you mean `keep`"), "{}", stderr(&output));
    let output = case.run(&["build", "tamis.toml", "--thread", "2"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_glob_that_matches_nothing_means_missing_inputs() {
    fails(&Case::new().paths("[\"in/*.nothing\", \"in/good.txt\"]"), 3, &["in/*.nothing", "tamis.toml:5"]);
    fails(&Case::new().paths("[\"elsewhere\"]"), 3, &["elsewhere"]);
}

#[test]
fn a_missing_config_and_a_folder_as_config_are_usage_errors() {
    let case = Case::new();
    for (argument, piece) in [("nowhere.toml", "there is no config"), ("in", "is a folder")] {
        let output = case.run(&["build", argument]);
        assert_eq!(output.status.code(), Some(2));
        assert!(stderr(&output).contains(piece), "{}", stderr(&output));
    }
}

#[test]
fn a_missing_tokenizer_file_is_a_config_error() {
    let case = Case::new().stages(&["tokenize = { tokenizer = \"vocabulary/tokenizer.json\" }"]);
    fails(&case, 2, &["vocabulary/tokenizer.json", "tamis.toml:8"]);
    let case = Case::new().stages(&["tokenize = { tokenizer = \"o20k_base\" }"]);
    fails(&case, 2, &["o20k_base", "o200k_base"]);
}

#[test]
fn a_stage_that_needs_what_no_stage_gives_is_a_config_error() {
    let case = Case::new().stages(&["split = { by = \"cluster\", train = 1.0 }"]);
    fails(&case, 2, &["cluster", "no earlier stage gives it"]);
    let case = Case::new().stages(&["tokenize = { tokenizer = \"gpt2\" }", "paragraph_dedup = {}"]);
    fails(&case, 2, &["may change text after `tokenize`", "move `tokenize` behind `paragraph_dedup`"]);
}

#[test]
fn latin_1_and_windows_1251_are_decoded_and_recorded() {
    let case = Case::new();
    let french = "L’été dernier, la forêt a brûlé près du château.\nLes pompiers ont été félicités à Évian.\n";
    let russian = "Вчера вечером в городе прошёл сильный дождь, сообщили местные жители.\nДвижение было остановлено.\n";
    case.file("latin.txt", &encoding_rs::WINDOWS_1252.encode(french).0);
    case.file("cyrillic.txt", &encoding_rs::WINDOWS_1251.encode(russian).0);
    let (texts, refusals) = case.built();
    assert_eq!(texts_of(&texts, "in/latin"), [french.trim_end()]);
    assert_eq!(texts_of(&texts, "in/cyrillic"), [russian.trim_end()]);
    assert!(refusals.is_empty(), "{refusals:?}");
    let row = Dataset::open(&case.path("out")).unwrap().row("in/cyrillic.txt#0").unwrap().unwrap();
    assert!(text(&row, "metadata", 0).unwrap().contains("windows-1251"));
}

#[test]
fn invalid_utf_8_is_replaced_and_reported_with_its_offset() {
    let case = Case::new();
    case.file("broken.txt", b"Caf\xc3\xa9 cr\xc3\xa8me, th\xc3\xa9 vert\nun octet \xff perdu, d\xc3\xa9j\xc3\xa0\n");
    let (texts, refusals) = case.built();
    assert_eq!(texts_of(&texts, "in/broken"), ["Café crème, thé vert\nun octet \u{fffd} perdu, déjà"]);
    assert_eq!(refusals.len(), 1, "{refusals:?}");
    assert_eq!((refusals[0].cause.as_str(), refusals[0].offset), ("undecodable_bytes", 33));
}

#[test]
fn a_truncated_gzip_keeps_the_records_before_the_cut() {
    let case = Case::new();
    let whole = gzip(many_lines().as_bytes());
    case.file("cut.jsonl.gz", &whole[..whole.len() / 2]);
    case.file("article.txt.gz", &gzip(GOOD.repeat(50).as_bytes())[..60]);
    let (texts, refusals) = case.built();
    let kept = texts_of(&texts, "line-").len();
    assert!((500..1500).contains(&kept), "{kept} of 2000 records stand before the cut");
    let cut: Vec<_> = refusals.iter().map(|row| (row.source.as_str(), row.cause.as_str())).collect();
    assert_eq!(cut, [("in/article.txt.gz", "truncated"), ("in/cut.jsonl.gz", "truncated")], "{refusals:?}");
    assert!(refusals[1].offset > 10_000, "{refusals:?}");
}

#[test]
fn a_truncated_zstd_keeps_the_records_before_the_cut() {
    let case = Case::new();
    let whole = zstd::encode_all(many_lines().as_bytes(), 3).unwrap();
    case.file("cut.jsonl.zst", &whole[..whole.len() / 2]);
    let (texts, refusals) = case.built();
    assert!(texts_of(&texts, "line-").len() > 200, "{refusals:?}");
    assert_eq!(refusals.len(), 1, "{refusals:?}");
    assert_eq!(refusals[0].cause, "truncated");
}

#[test]
fn broken_json_lines_are_refused_one_by_one() {
    let case = Case::new();
    let lines = "{\"text\": \"first line of news\"}\n{\"text\": \"cut\n{\"title\": \"no text\"}\n{\"text\": 7}\n[]\n\n\
                 {\"text\": \"last line of news\"}\n";
    case.file("lines.jsonl", lines.as_bytes());
    let (texts, refusals) = case.built();
    assert_eq!(texts_of(&texts, "in/lines.jsonl"), ["first line of news", "last line of news"]);
    let causes: Vec<_> = refusals.iter().map(|row| (row.record, row.cause.as_str())).collect();
    assert_eq!(causes.len(), 4, "{refusals:?}");
    assert_eq!(causes[0], (Some(1), "malformed_json"));
    assert_eq!(causes[1], (Some(2), "missing_text"));
    assert!(refusals[1].detail.contains("title"), "the fields that are there are named: {}", refusals[1].detail);
    assert!(texts.iter().any(|(id, _)| id == "in/lines.jsonl#6"), "records are counted by lines: {texts:?}");
}

#[test]
fn empty_files_and_files_of_white_space_are_reported() {
    let case = Case::new();
    case.file("empty.txt", b"");
    case.file("blank.txt", b" \n\t\r\n\xc2\xa0\n");
    let (_, refusals) = case.built();
    let causes: Vec<_> = refusals.iter().map(|row| (row.source.as_str(), row.cause.as_str())).collect();
    assert_eq!(causes, [("in/blank.txt", "empty"), ("in/empty.txt", "empty")]);
}

#[test]
fn a_line_of_100_megabytes_goes_through_all_stages() {
    let case = Case::new().stages(&[
        "normalize = {}",
        "paragraph_dedup = {}",
        "boilerplate = {}",
        "language = {}",
        "tokenize = { tokenizer = \"gpt2\" }",
    ]);
    let sentence = "the harbour master counted the boats again and wrote the number down in his book, ";
    case.file("long.txt", sentence.repeat(100_000_000 / sentence.len()).as_bytes());
    let (texts, refusals) = case.built();
    assert!(refusals.is_empty(), "{refusals:?}");
    assert!(texts_of(&texts, "in/long")[0].len() > 99_000_000);
}

#[test]
fn a_record_beyond_the_limit_is_refused_and_the_next_is_read() {
    let case = Case::new();
    case.file("lines.jsonl", format!("{{\"text\": \"{}\"}}\n{{\"text\": \"short\"}}\n", "x".repeat(5000)).as_bytes());
    let config = case.config().replace("paths =", "max_record_size = \"2kB\"\npaths =");
    fs::write(case.path("tamis.toml"), config).unwrap();
    let (texts, refusals) = case.built();
    assert_eq!(texts_of(&texts, "in/lines"), ["short"]);
    assert_eq!(refusals.iter().map(|row| row.cause.as_str()).collect::<Vec<_>>(), ["too_large"]);
}

#[test]
fn a_folder_where_a_file_should_be_is_reported() {
    let case = Case::new();
    fs::create_dir(case.path("in/folder.txt")).unwrap();
    let (_, refusals) = case.built();
    assert_eq!(refusals.len(), 1, "{refusals:?}");
    assert_eq!((refusals[0].source.as_str(), refusals[0].cause.as_str()), ("in/folder.txt", "not_a_file"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_that_cannot_be_read_is_reported() {
    let case = Case::new();
    // Root may open everything, so a file whose first byte cannot be read stands for one without permission.
    std::os::unix::fs::symlink("/proc/self/mem", case.path("in/memory.txt")).unwrap();
    std::os::unix::fs::symlink("nowhere", case.path("in/link.txt")).unwrap();
    let (_, refusals) = case.built();
    let causes: Vec<_> = refusals.iter().map(|row| (row.source.as_str(), row.cause.as_str())).collect();
    assert_eq!(causes, [("in/link.txt", "not_a_file"), ("in/memory.txt", "unreadable")]);
}

#[test]
fn a_file_of_an_unknown_kind_is_reported() {
    let case = Case::new();
    case.file("picture.jpg", b"\xff\xd8\xff");
    let (_, refusals) = case.built();
    assert_eq!(refusals.iter().map(|row| row.cause.as_str()).collect::<Vec<_>>(), ["unknown_format"]);
}

#[test]
fn bytes_that_are_no_text_are_refused_as_binary() {
    let case = Case::new();
    let mut state = 1_u32;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    })
    .take(2000)
    .collect();
    case.file("a.txt", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0");
    case.file("b.txt.gz", &gzip(&noise));
    case.file("c.jsonl.gz", &gzip(&gzip(b"{\"text\": \"One.\"}\n")));
    let (texts, refusals) = case.built();
    assert_eq!(texts.len(), 1, "{texts:?}");
    let details: Vec<_> = refusals.iter().map(|row| (row.cause.as_str(), row.detail.as_str())).collect();
    assert!(details.iter().all(|(cause, _)| *cause == "binary"), "{details:?}");
    for (part, (_, detail)) in ["PNG", "no text", "packed twice"].iter().zip(&details) {
        assert!(detail.contains(part), "{detail}");
    }
}

#[test]
fn an_output_folder_that_cannot_be_written_is_a_usage_error() {
    let case = Case::new();
    fs::write(case.path("file"), "no folder").unwrap();
    let output = case.run(&["build", "tamis.toml", "-o", "file/out"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("cannot be written"), "{}", stderr(&output));
    let output = case.run(&["build", "tamis.toml", "-o", "file"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("is a file"), "{}", stderr(&output));
}

#[test]
fn a_folder_that_is_no_dataset_is_only_replaced_by_force() {
    let case = Case::new();
    fs::create_dir(case.path("out")).unwrap();
    fs::write(case.path("out/thesis.doc"), "years of work").unwrap();
    fails(&case, 2, &["is no tamis dataset", "--force"]);
    assert!(case.path("out/thesis.doc").exists());
    let output = case.run(&["build", "tamis.toml", "--force"]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(!case.path("out/thesis.doc").exists());
    case.built();
}

/// A limit on the size of files stands for a full disk: every write beyond it fails in the same way.
#[cfg(unix)]
#[test]
fn a_full_disk_ends_the_build_and_leaves_nothing_behind() {
    let case = Case::new();
    case.file("lines.jsonl", many_lines().as_bytes());
    fs::write(case.path("tamis.toml"), case.config()).unwrap();
    let script = format!("trap '' XFSZ; ulimit -f 64; exec {} build tamis.toml", env!("CARGO_BIN_EXE_tamis"));
    let output = Command::new("sh").arg("-c").arg(script).current_dir(case.folder.path()).output().unwrap();
    let message = stderr(&output);
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert!(message.contains("cannot write"), "{message}");
    assert!(!message.contains("panicked"), "{message}");
    let left: Vec<_> = fs::read_dir(case.folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| name != "out" && !name.to_string_lossy().contains("partial")), "{left:?}");
    case.built();
}

#[test]
fn verify_names_a_flipped_byte_and_a_missing_file() {
    let case = Case::new();
    case.built();
    let shard = case.path("out/data/train-00000-of-00001.parquet");
    let mut bytes = fs::read(&shard).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&shard, bytes).unwrap();
    fs::remove_file(case.path("out/README.md")).unwrap();
    fs::write(case.path("out/data/extra.parquet"), "").unwrap();
    let output = case.run(&["verify", "out"]);
    assert_eq!(output.status.code(), Some(5));
    for name in ["data/train-00000-of-00001.parquet", "README.md", "data/extra.parquet"] {
        assert!(stderr(&output).contains(name), "{}", stderr(&output));
    }
    let output = case.run(&["verify", "in"]);
    assert_eq!(output.status.code(), Some(5), "a folder without a manifest is no whole dataset");
}

#[test]
fn errors_can_be_had_as_json_lines() {
    let case = Case::new().paths("[\"nothing/*\"]");
    let output = case.run(&["--log-format", "json", "build", "tamis.toml"]);
    let line: serde_json::Value = serde_json::from_str(stderr(&output).trim_end()).unwrap();
    assert_eq!(line["level"], "error");
    assert!(line["message"].as_str().unwrap().contains("nothing/*"));
}

#[test]
fn init_writes_a_config_that_check_accepts_once_its_articles_are_there() {
    let case = Case::new();
    let output = case.run(&["init", "fresh"]);
    assert!(output.status.success(), "{}", stderr(&output));
    assert!(case.path("fresh/tamis.toml").exists());
    let output = case.run(&["check", "fresh/tamis.toml"]);
    assert_eq!(output.status.code(), Some(3), "no articles yet: {}", stderr(&output));
    let output = case.run(&["init", "fresh"]);
    assert_eq!(output.status.code(), Some(2), "a config is never overwritten");
    let paths = format!("source[0].paths=[\"{}\"]", Path::new("../in/good.txt").display());
    let output = case.run(&["check", "fresh/tamis.toml", "--set", &paths]);
    assert!(output.status.success(), "{}", stderr(&output));
}
