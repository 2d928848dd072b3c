//! Kills, losses of power and full disks at every operation on a file, tasks that run twice, and builds that meet: the same bytes
//! as an undisturbed build or a clear error, and never half a dataset. Everything here goes through the program itself, whose
//! development build can be told where to fail.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use crate::support::{Corpus, Files, stderr};

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

/// A small corpus with an older dataset in the output's place, and what a build gives.
struct Case {
    corpus: Corpus,
    before: Files,
    expected: Files,
    /// Operations on files in a whole build.
    operations: u64,
}

impl Case {
    fn new() -> Self {
        let case = Self { corpus: Corpus::new(CONFIG), before: Files::new(), expected: Files::new(), operations: 0 };
        (0..6).for_each(|number| case.article(number));
        case.succeed(&["--work-dir", "old"], "");
        fs::remove_dir_all(case.path().join("old")).unwrap();
        let before = case.corpus.out();
        case.corpus.forget();
        (6..9).for_each(|number| case.article(number));
        let trace = case.path().join("trace");
        case.succeed(&[], &format!("trace={}", trace.display()));
        let operations = fs::read_to_string(trace).unwrap().lines().count() as u64;
        let expected = case.corpus.out();
        assert_ne!(before, expected);
        Self { before, expected, operations, ..case }
    }

    fn path(&self) -> &Path {
        self.corpus.path()
    }

    fn article(&self, number: usize) {
        let line = |line: usize| format!("Report {line} says that the bridge was closed on day {}.", line % 5);
        let text: Vec<String> = (0..4).map(|n| line((number * 3 + n) % 14)).collect();
        self.corpus.write(&format!("articles/{number}.txt"), text.join("\n\n"));
    }

    /// As it was before the build: an older dataset, and no work folder.
    fn reset(&self) {
        self.corpus.forget();
        for (name, bytes) in &self.before {
            self.corpus.write(&format!("out/{}", name.display()), bytes);
        }
    }

    fn command(&self, arguments: &[&str], faults: &str) -> Command {
        let mut command = self.corpus.command(arguments);
        command.env("TAMIS_FAULTS", faults);
        command
    }

    fn build(&self, more: &[&str], faults: &str) -> Output {
        let build = ["build", "tamis.toml", "--quiet", "--partition-size", "500B", "--threads", "2"];
        self.command(&[&build, more].concat(), faults).output().unwrap()
    }

    fn succeed(&self, more: &[&str], faults: &str) {
        let output = self.build(more, faults);
        assert!(output.status.success(), "{faults}: {}", stderr(&output));
    }

    fn out(&self) -> Files {
        self.corpus.out()
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

/// A build meets `fault` at each place in turn; the next one gives what an undisturbed one gives.
fn costs_work_and_nothing_else(case: &Case, fault: &str) {
    for place in case.places() {
        case.reset();
        case.build(&[], &format!("{fault}@{place}"));
        case.goes_on(&format!("{fault}@{place}"));
    }
}

#[test]
fn a_kill_at_any_operation_costs_work_and_nothing_else() {
    let case = Case::new();
    assert!(case.operations > 60, "{}", case.operations);
    costs_work_and_nothing_else(&case, "kill");
}

#[test]
fn a_loss_of_power_at_any_operation_costs_work_and_nothing_else() {
    costs_work_and_nothing_else(&Case::new(), "power");
}

#[test]
fn a_disk_that_fills_up_at_any_operation_is_an_error_that_names_the_file() {
    let case = Case::new();
    for place in case.places() {
        case.reset();
        let output = case.build(&[], &format!("full@{place}"));
        let message = stderr(&output);
        if !output.status.success() {
            assert!([1, 2].contains(&output.status.code().unwrap()), "{place}: {message}");
            assert!(message.contains("No space left on device") && message.contains("hint: "), "{place}: {message}");
            assert!(
                message.contains(case.path().to_str().unwrap())
                    || message.contains(".tamis")
                    || message.contains("tamis.lock"),
                "{place}: {message}"
            );
        } else {
            assert!(place + 12 > case.operations, "{place} of {}: nothing was written", case.operations);
        }
        case.goes_on(&format!("full@{place}"));
    }
}

#[test]
fn a_single_error_of_the_disk_ends_the_build_and_the_next_one_goes_on() {
    let case = Case::new();
    for place in case.places() {
        case.reset();
        let output = case.build(&[], &format!("io@{place}"));
        assert!([0, 1, 2].contains(&output.status.code().unwrap()), "{place}");
        case.goes_on(&format!("io@{place}"));
    }
}

/// Where folders cannot be exchanged in one step, there is a moment without a dataset: whoever comes next puts the old one back.
#[test]
fn a_kill_between_the_two_steps_of_publishing_recovers() {
    let case = Case::new();
    case.reset();
    case.build(&[], "no-exchange,kill-after=.out.replaced");
    assert_eq!(case.out(), Files::new(), "the kill fell between the two steps");
    // A build that stops early has put the old dataset back all the same.
    let config = case.path().join("tamis.toml");
    fs::write(&config, format!("{CONFIG}\n[guards]\nmin_documents = 1000\n")).unwrap();
    assert_eq!(case.build(&[], "").status.code(), Some(6));
    assert!(case.out() == case.before);
    fs::write(&config, CONFIG).unwrap();
    case.goes_on("between the two steps");
}

#[test]
fn no_receipt_stands_before_what_it_speaks_of_was_synced() {
    let case = Case::new();
    case.reset();
    let trace = case.path().join("order");
    case.succeed(&[], &format!("trace={}", trace.display()));
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
    let case = Case::new();
    for seed in 1..=2u64 {
        case.reset();
        let plan = case.corpus.plan(&["--partition-size", "500B"]);
        let tasks: Vec<&str> = plan.iter().map(String::as_str).collect();
        let run = |task: &str| case.command(&["task", "plan.json", task, "--quiet"], "").output().unwrap();
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
                let message = stderr(&output);
                assert!(message.contains("must be done first"), "{}: {message}", left[index]);
                early += 1;
            }
        }
        assert!(case.out() == case.expected, "seed {seed}, {early} came too early");
    }
}

#[test]
fn two_last_tasks_at_once_publish_one_whole_dataset() {
    let case = Case::new();
    for _ in 0..3 {
        case.reset();
        let plan = case.corpus.plan(&["--partition-size", "500B"]);
        let tasks: Vec<&str> = plan.iter().map(String::as_str).collect();
        let (last, others) = tasks.split_last().unwrap();
        for task in others {
            assert!(case.command(&["task", "plan.json", task, "--quiet"], "").output().unwrap().status.success());
        }
        let start =
            || case.command(&["task", "plan.json", last, "--quiet"], "").stderr(Stdio::piped()).spawn().unwrap();
        for child in [start(), start(), start()] {
            let output = child.wait_with_output().unwrap();
            assert!(output.status.success(), "{}", stderr(&output));
        }
        assert!(case.out() == case.expected);
    }
}

#[test]
fn two_builds_into_one_place_leave_a_whole_dataset() {
    let case = Case::new();
    for faults in ["", "no-exchange"] {
        case.reset();
        let start = |work: &str| {
            let build = ["build", "tamis.toml", "--quiet", "--work-dir", work];
            case.command(&build, faults).stderr(Stdio::piped()).spawn().unwrap()
        };
        let mut done = 0;
        for child in [start("work-a"), start("work-b")] {
            let output = child.wait_with_output().unwrap();
            let message = stderr(&output);
            assert!(output.status.success() || message.contains("error: cannot replace"), "{faults}: {message}");
            done += u64::from(output.status.success());
        }
        assert!(done > 0);
        assert!(case.out() == case.expected, "{faults}");
        case.heals(faults);
    }
}
