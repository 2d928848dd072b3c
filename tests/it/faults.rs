//! Kills, losses of power and full disks at every operation on a file, tasks that run twice, and builds that meet: the same bytes
//! as an undisturbed build or a clear error, and never half a dataset. Everything here goes through the program itself, whose
//! development build can be told where to fail.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

const CONFIG: &str = r#"
[dataset]
name = "faults"

[[source]]
paths = ["articles"]

[[stage]]
normalize = {}
[[stage]]
document_dedup = {}
[[stage]]
paragraph_dedup = { min_chars = 20 }

[output]
dir = "out"
"#;

/// So many places are tried for each kind of fault, spread over all of them; `TAMIS_EVERY_FAULT` tries all.
const PLACES: u64 = 14;

/// A folder with a config, a small corpus, an older dataset in the output's place, and what a build gives.
struct Corpus {
    folder: TempDir,
    before: Files,
    expected: Files,
    /// Operations on files in a whole build.
    operations: u64,
}

type Files = BTreeMap<PathBuf, Vec<u8>>;

impl Corpus {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let corpus = Self { folder, before: Files::new(), expected: Files::new(), operations: 0 };
        fs::create_dir(corpus.path().join("articles")).unwrap();
        fs::write(corpus.path().join("tamis.toml"), CONFIG).unwrap();
        (0..6).for_each(|number| corpus.article(number));
        corpus.succeed(&["--work-dir", "old"], "");
        fs::remove_dir_all(corpus.path().join("old")).unwrap();
        fs::rename(corpus.path().join("out"), corpus.path().join("before")).unwrap();
        (6..9).for_each(|number| corpus.article(number));
        let trace = corpus.path().join("trace");
        corpus.succeed(&[], &format!("trace={}", trace.display()));
        let operations = fs::read_to_string(trace).unwrap().lines().count() as u64;
        let (before, expected) = (files(&corpus.path().join("before")), files(&corpus.path().join("out")));
        assert_ne!(before, expected);
        Self { before, expected, operations, ..corpus }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn article(&self, number: usize) {
        let line = |line: usize| format!("Report {line} says that the bridge was closed on day {}.", line % 5);
        let text: Vec<String> = (0..4).map(|n| line((number * 3 + n) % 14)).collect();
        fs::write(self.path().join(format!("articles/{number}.txt")), text.join("\n\n")).unwrap();
    }

    /// As it was before the build: an older dataset, and no work folder.
    fn reset(&self) {
        for name in ["out", ".tamis"] {
            let _ = fs::remove_dir_all(self.path().join(name));
        }
        let out = self.path().join("out");
        for (name, bytes) in &self.before {
            fs::create_dir_all(out.join(name).parent().unwrap()).unwrap();
            fs::write(out.join(name), bytes).unwrap();
        }
    }

    fn command(&self, arguments: &[&str], faults: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tamis"));
        command.args(arguments).current_dir(self.path()).stdin(Stdio::null()).env("TAMIS_FAULTS", faults);
        command
    }

    fn build(&self, more: &[&str], faults: &str) -> Output {
        let build = ["build", "tamis.toml", "--quiet", "--partition-size", "500B", "--threads", "2"];
        self.command(&[&build, more].concat(), faults).output().unwrap()
    }

    fn succeed(&self, more: &[&str], faults: &str) {
        let output = self.build(more, faults);
        assert!(output.status.success(), "{faults}: {}", String::from_utf8_lossy(&output.stderr));
    }

    fn out(&self) -> Files {
        files(&self.path().join("out"))
    }

    /// A whole dataset stands at the output's place; then a build without faults gives what it should and leaves nothing behind.
    fn goes_on(&self, what: &str) {
        let out = self.out();
        assert!(out == self.before || out == self.expected, "{what}: half a dataset: {:?}", out.keys());
        self.heals(what);
    }

    fn heals(&self, what: &str) {
        self.succeed(&[], "");
        assert!(self.out() == self.expected, "{what}: other bytes");
        let left = fs::read_dir(self.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let left: Vec<String> = left.filter(|name| name.starts_with(".out")).collect();
        assert!(left.is_empty(), "{what}: {left:?}");
        let unfinished = fs::read_dir(self.path().join(".tamis/tamis/store/unfinished")).unwrap().count();
        assert_eq!(unfinished, 0, "{what}");
    }

    /// Numbers of operations, spread over the whole build.
    fn places(&self) -> Vec<u64> {
        let all = 1..=self.operations + 2;
        let step = if std::env::var_os("TAMIS_EVERY_FAULT").is_some() { 1 } else { (self.operations / PLACES).max(1) };
        all.step_by(step as usize).collect()
    }
}

/// Every file of a dataset but `run.json`.
fn files(folder: &Path) -> Files {
    let entries = walkdir::WalkDir::new(folder).into_iter().filter_map(Result::ok);
    let files = entries.filter(|entry| entry.file_type().is_file() && entry.file_name() != "run.json");
    files
        .map(|entry| (entry.path().strip_prefix(folder).unwrap().to_owned(), fs::read(entry.path()).unwrap()))
        .collect()
}

/// A build meets `fault` at each place in turn; the next one gives what an undisturbed one gives.
fn costs_work_and_nothing_else(corpus: &Corpus, fault: &str) {
    for place in corpus.places() {
        corpus.reset();
        corpus.build(&[], &format!("{fault}@{place}"));
        corpus.goes_on(&format!("{fault}@{place}"));
    }
}

#[test]
fn a_kill_at_any_operation_costs_work_and_nothing_else() {
    let corpus = Corpus::new();
    assert!(corpus.operations > 60, "{}", corpus.operations);
    costs_work_and_nothing_else(&corpus, "kill");
}

#[test]
fn a_loss_of_power_at_any_operation_costs_work_and_nothing_else() {
    costs_work_and_nothing_else(&Corpus::new(), "power");
}

#[test]
fn a_disk_that_fills_up_at_any_operation_is_an_error_that_names_the_file() {
    let corpus = Corpus::new();
    for place in corpus.places() {
        corpus.reset();
        let output = corpus.build(&[], &format!("full@{place}"));
        let message = String::from_utf8_lossy(&output.stderr).into_owned();
        if !output.status.success() {
            assert!([1, 2].contains(&output.status.code().unwrap()), "{place}: {message}");
            assert!(message.contains("No space left on device") && message.contains("hint: "), "{place}: {message}");
            assert!(
                message.contains(corpus.path().to_str().unwrap())
                    || message.contains(".tamis")
                    || message.contains("tamis.lock"),
                "{place}: {message}"
            );
        } else {
            assert!(place + 12 > corpus.operations, "{place} of {}: nothing was written", corpus.operations);
        }
        corpus.goes_on(&format!("full@{place}"));
    }
}

#[test]
fn a_single_error_of_the_disk_ends_the_build_and_the_next_one_goes_on() {
    let corpus = Corpus::new();
    for place in corpus.places() {
        corpus.reset();
        let output = corpus.build(&[], &format!("io@{place}"));
        assert!([0, 1, 2].contains(&output.status.code().unwrap()), "{place}");
        corpus.goes_on(&format!("io@{place}"));
    }
}

/// Where folders cannot be exchanged in one step, there is a moment without a dataset: whoever comes next puts the old one back.
#[test]
fn a_kill_between_the_two_steps_of_publishing_recovers() {
    let corpus = Corpus::new();
    corpus.reset();
    corpus.build(&[], "no-exchange,kill-after=.out.replaced");
    assert_eq!(corpus.out(), Files::new(), "the kill fell between the two steps");
    // A build that stops early has put the old dataset back all the same.
    let config = corpus.path().join("tamis.toml");
    fs::write(&config, format!("{CONFIG}\n[guards]\nmin_documents = 1000\n")).unwrap();
    assert_eq!(corpus.build(&[], "").status.code(), Some(6));
    assert!(corpus.out() == corpus.before);
    fs::write(&config, CONFIG).unwrap();
    corpus.goes_on("between the two steps");
}

#[test]
fn no_receipt_stands_before_what_it_speaks_of_was_synced() {
    let corpus = Corpus::new();
    corpus.reset();
    let trace = corpus.path().join("order");
    corpus.succeed(&[], &format!("trace={}", trace.display()));
    let mut dirty: Vec<String> = Vec::new();
    let mut receipts = 0;
    for line in fs::read_to_string(trace).unwrap().lines() {
        let paths: Vec<String> = line.split('"').skip(1).step_by(2).map(str::to_owned).collect();
        match line.split('(').next().unwrap() {
            "Write" if !dirty.contains(&paths[0]) => dirty.push(paths[0].clone()),
            "Sync" => dirty.retain(|path| *path != paths[0]),
            "SyncAll" => dirty.clear(),
            "Rename" => {
                assert!(!dirty.contains(&paths[0]), "a name for bytes that may be lost: {line}");
                receipts += u64::from(paths[1].ends_with(".receipt"));
            }
            "Link" => assert!(!dirty.contains(&paths[0]), "{line}"),
            _ => {}
        }
    }
    assert!(receipts > 10, "{receipts}");
}

#[test]
fn every_task_twice_and_in_another_order_gives_the_same_bytes() {
    let corpus = Corpus::new();
    for seed in 1..=2u64 {
        corpus.reset();
        let plan =
            corpus.command(&["plan", "tamis.toml", "--json", "--quiet", "--partition-size", "500B"], "").output();
        let plan = plan.unwrap().stdout;
        fs::write(corpus.path().join("plan.json"), &plan).unwrap();
        let plan: serde_json::Value = serde_json::from_slice(&plan).unwrap();
        let tasks: Vec<&str> =
            plan["tasks"].as_array().unwrap().iter().map(|task| task["id"].as_str().unwrap()).collect();
        let run = |task: &str| corpus.command(&["task", "plan.json", task, "--quiet"], "").output().unwrap();
        // Draws without replacement from two of each, and puts back what is not ready yet.
        let mut left: Vec<&str> = [tasks.as_slice(), &tasks].concat();
        let (mut state, mut early) = (seed, 0);
        while !left.is_empty() {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            // Mostly from the front, or hardly any task would be ready.
            let reach = left.len().min(8) as u64;
            let index = ((state >> 33) % reach) as usize;
            let output = run(left[index]);
            if output.status.success() {
                left.remove(index);
            } else {
                let message = String::from_utf8_lossy(&output.stderr).into_owned();
                assert!(message.contains("must be done first"), "{}: {message}", left[index]);
                early += 1;
            }
        }
        assert!(corpus.out() == corpus.expected, "seed {seed}, {early} came too early");
    }
}

#[test]
fn two_last_tasks_at_once_publish_one_whole_dataset() {
    let corpus = Corpus::new();
    for _ in 0..3 {
        corpus.reset();
        let plan =
            corpus.command(&["plan", "tamis.toml", "--json", "--quiet", "--partition-size", "500B"], "").output();
        let plan = plan.unwrap().stdout;
        fs::write(corpus.path().join("plan.json"), &plan).unwrap();
        let plan: serde_json::Value = serde_json::from_slice(&plan).unwrap();
        let tasks: Vec<&str> =
            plan["tasks"].as_array().unwrap().iter().map(|task| task["id"].as_str().unwrap()).collect();
        let (last, others) = tasks.split_last().unwrap();
        for task in others {
            assert!(corpus.command(&["task", "plan.json", task, "--quiet"], "").output().unwrap().status.success());
        }
        let start =
            || corpus.command(&["task", "plan.json", last, "--quiet"], "").stderr(Stdio::piped()).spawn().unwrap();
        for child in [start(), start(), start()] {
            let output = child.wait_with_output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        }
        assert!(corpus.out() == corpus.expected);
    }
}

#[test]
fn two_builds_into_one_place_leave_a_whole_dataset() {
    let corpus = Corpus::new();
    for faults in ["", "no-exchange"] {
        corpus.reset();
        let start = |work: &str| {
            let build = ["build", "tamis.toml", "--quiet", "--work-dir", work];
            corpus.command(&build, faults).stderr(Stdio::piped()).spawn().unwrap()
        };
        let mut done = 0;
        for child in [start("work-a"), start("work-b")] {
            let output = child.wait_with_output().unwrap();
            let message = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(output.status.success() || message.contains("error: cannot replace"), "{faults}: {message}");
            done += u64::from(output.status.success());
        }
        assert!(done > 0);
        assert!(corpus.out() == corpus.expected, "{faults}");
        corpus.heals(faults);
    }
}
