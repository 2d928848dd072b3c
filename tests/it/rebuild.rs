//! Builds that are interrupted, cut into tasks, repeated after a change or locked give the same bytes as one from nothing.
//! Everything here goes through the program itself.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use crate::support::{Corpus, Files, stderr};

const CONFIG: &str = r#"
[dataset]
name = "rebuild"

[[source]]
paths = ["articles"]

[[stage]]
normalize = {}
[[stage]]
document_dedup = {}
[[stage]]
paragraph_dedup = { min_chars = 20 }
[[stage]]
split = { train = 0.8, test = 0.2 }

[output]
dir = "out"
shard_size = "20kB"
"#;

/// Small, so that a few articles make many partitions.
const PARTITION: &str = "4kB";

/// A corpus that repeats itself within and across its files.
fn corpus(articles: usize) -> Corpus {
    let corpus = Corpus::new(CONFIG);
    (0..articles).for_each(|number| article(&corpus, number));
    let lines: Vec<String> = (0..200)
        .map(|n| serde_json::json!({ "id": format!("id-{}", n % 150), "text": text(n * 3) }).to_string())
        .collect();
    corpus.write("articles/lines.jsonl", lines.join("\n") + "\n{broken\n");
    corpus
}

fn article(corpus: &Corpus, number: usize) {
    corpus.write(&format!("articles/{number:04}.txt"), text(number));
}

fn build(corpus: &Corpus, more: &[&str]) -> String {
    corpus.succeed(&[&["build", "tamis.toml", "--quiet", "--partition-size", PARTITION], more].concat())
}

fn text(seed: usize) -> String {
    let sentence =
        |n: usize| format!("Report {n} says that the bridge number {} was closed on day {}.", n % 17, n % 29);
    let paragraph = |n: usize| format!("{} {}", sentence(n), sentence(n * 7 % 1000));
    (0..3 + seed % 6).map(|n| paragraph((seed * 5 + n * 11) % 400)).collect::<Vec<_>>().join("\n\n")
}

/// What a build from nothing gives for the same corpus.
fn from_nothing(corpus: &Corpus) -> Files {
    build(corpus, &["--fresh"]);
    corpus.out()
}

#[test]
fn a_build_that_is_killed_at_any_moment_goes_on_to_the_same_bytes() {
    let corpus = corpus(120);
    let expected = from_nothing(&corpus);
    let started = Instant::now();
    from_nothing(&corpus);
    let whole = started.elapsed();
    let mut resumed = 0;
    for round in 0..5 {
        corpus.forget();
        for kill in 0..4u32 {
            let moment = whole * (1 + round + 5 * kill) / 24;
            let mut child = corpus
                .command(&["build", "tamis.toml", "--quiet", "--partition-size", PARTITION])
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            thread::sleep(moment.min(Duration::from_secs(5)));
            child.kill().unwrap();
            child.wait().unwrap();
        }
        build(&corpus, &[]);
        assert_eq!(corpus.out(), expected, "round {round}");
        resumed += corpus.tasks().values().map(|(_, before)| before).sum::<u64>();
    }
    assert!(resumed > 0, "no task was found done, in any round");
    let left: Vec<_> = fs::read_dir(corpus.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().contains("partial")), "{left:?}");
}

#[test]
fn tasks_of_a_plan_in_separate_processes_and_any_order_give_the_same_bytes() {
    let corpus = corpus(40);
    let expected = from_nothing(&corpus);
    corpus.forget();
    let plan = corpus.succeed(&["plan", "tamis.toml", "--json", "--quiet", "--partition-size", "20kB"]);
    corpus.write("plan.json", &plan);
    let plan: serde_json::Value = serde_json::from_str(&plan).unwrap();
    assert_eq!(plan["version"], 1);
    let tasks = plan["tasks"].as_array().unwrap();
    let mut waiting: Vec<(String, Vec<String>)> = tasks
        .iter()
        .map(|task| {
            let needs = task["needs"].as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()).collect();
            (task["id"].as_str().unwrap().to_owned(), needs)
        })
        .collect();
    assert!(waiting.len() > 20, "{waiting:?}");
    let last = waiting.last().unwrap().0.clone();
    let early = corpus.run(&["task", "plan.json", &last]);
    assert_eq!(early.status.code(), Some(2));
    let message = stderr(&early);
    assert!(message.contains("must be done first"), "{message}");
    // Backwards and then from the middle: the opposite of the order in which they are listed.
    let mut done = Vec::new();
    let mut turn = 0;
    while !waiting.is_empty() {
        let ready: Vec<usize> =
            (0..waiting.len()).filter(|index| waiting[*index].1.iter().all(|need| done.contains(need))).collect();
        let pick = ready[(ready.len() - 1).saturating_sub(turn % 3)];
        turn += 1;
        let (id, _) = waiting.remove(pick);
        corpus.succeed(&["task", "plan.json", &id, "--quiet"]);
        done.push(id);
    }
    assert_eq!(corpus.out(), expected);
    corpus.succeed(&["task", "plan.json", &last, "--quiet"]);
    assert_eq!(corpus.out(), expected, "the last task twice");
    let unknown = corpus.run(&["task", "plan.json", "s1.4000"]);
    assert_eq!(unknown.status.code(), Some(2));
}

#[test]
fn one_process_runs_many_tasks_of_a_plan_in_whatever_order_they_are_named() {
    let corpus = corpus(40);
    let expected = from_nothing(&corpus);
    corpus.forget();
    let plan = corpus.plan(&["--partition-size", "20kB"]);
    let ids: Vec<&str> = plan.iter().map(String::as_str).collect();
    let (early, late) = ids.split_at(ids.len() / 2);
    // What waits for the first half says so, and nothing of it runs.
    let refused = corpus.run(&[&["task", "plan.json"], late].concat());
    let message = stderr(&refused);
    assert_eq!(refused.status.code(), Some(2));
    assert!(message.contains("is not ready") && message.contains("must be done first"), "{message}");
    for half in [early, late] {
        let mut backwards = half.to_vec();
        backwards.reverse();
        backwards.push(half[0]);
        corpus.succeed(&[&["task", "plan.json", "--quiet"], backwards.as_slice()].concat());
    }
    assert_eq!(corpus.out(), expected);
}

#[test]
fn a_few_new_articles_touch_a_few_partitions_and_give_what_a_build_from_nothing_gives() {
    let corpus = corpus(150);
    build(&corpus, &[]);
    let all = corpus.tasks()["segment 1"].0;
    assert!(all > 15, "the corpus is meant to have many partitions: {all}");
    for (step, numbers) in [vec![400], vec![77], vec![401, 402]].into_iter().enumerate() {
        for number in numbers {
            corpus.write(&format!("articles/{number:04}.txt"), text(number + 900));
        }
        let said = build(&corpus, &["--explain-cache"]);
        assert!(said.contains("segment 1") && said.contains(".txt "), "{said}");
        let (ran, kept) = corpus.tasks()["segment 1"];
        assert!(ran <= 4 && kept + 4 >= all, "step {step}: {ran} partitions were read again, {kept} were not");
        let incremental = corpus.out();
        let fresh = Corpus::new(CONFIG);
        copy(&corpus.path().join("articles"), &fresh.path().join("articles"));
        assert_eq!(incremental, from_nothing(&fresh), "step {step}");
    }
    fs::remove_file(corpus.path().join("articles/0077.txt")).unwrap();
    build(&corpus, &[]);
    let incremental = corpus.out();
    assert_eq!(incremental, from_nothing(&corpus));
}

#[test]
fn a_late_option_reuses_all_that_comes_before_it() {
    let corpus = corpus(60);
    build(&corpus, &[]);
    let before = corpus.out();
    build(&corpus, &["--set", "stage.split.train=0.5", "--set", "stage.split.test=0.5"]);
    let tasks = corpus.tasks();
    let last = tasks.keys().filter(|kind| kind.starts_with("segment")).max().unwrap();
    for (kind, (ran, _)) in tasks.iter().filter(|(kind, _)| kind.starts_with("segment") || kind.starts_with("decide")) {
        assert!((*ran > 0) == (kind == last), "{kind}: {ran} ran, {tasks:?}");
    }
    assert_ne!(before, corpus.out());
    build(&corpus, &[]);
    assert_eq!(before, corpus.out(), "the build before it is remembered too");
    assert!(corpus.tasks().iter().all(|(kind, (ran, _))| kind == "write" || *ran == 0), "{:?}", corpus.tasks());
}

#[test]
fn the_lock_names_the_first_thing_that_drifted() {
    let corpus = corpus(20);
    let locked = |corpus: &Corpus, more: &[&str]| {
        let output = corpus.run(&[&["build", "tamis.toml", "--locked", "--quiet"], more].concat());
        (output.status.code(), stderr(&output))
    };
    let (code, message) = locked(&corpus, &[]);
    assert_eq!(code, Some(4), "{message}");
    assert!(message.contains("there is no lock"), "{message}");
    build(&corpus, &[]);
    let lock = fs::read_to_string(corpus.path().join("tamis.lock")).unwrap();
    assert_eq!(locked(&corpus, &[]).0, Some(0), "{}", locked(&corpus, &[]).1);
    let expect = |more: &[&str], words: &[&str]| {
        let out = corpus.out();
        let (code, message) = locked(&corpus, more);
        assert_eq!(code, Some(4), "{message}");
        assert!(words.iter().all(|word| message.contains(word)), "{message}");
        assert_eq!(out, corpus.out(), "nothing is changed at the output's place");
    };
    expect(&["--set", "stage.paragraph_dedup.min_chars=30"], &["paragraph_dedup.min_chars", "30", "20"]);
    corpus.write("articles/0003.txt", "Quite another article.");
    expect(&[], &["input `articles/0003.txt`"]);
    article(&corpus, 3);
    article(&corpus, 300);
    expect(&[], &["input `articles/0300.txt` is not in the lock"]);
    fs::remove_file(corpus.path().join("articles/0300.txt")).unwrap();
    fs::remove_file(corpus.path().join("articles/0004.txt")).unwrap();
    expect(&[], &["input `articles/0004.txt` is in the lock and no longer here"]);
    article(&corpus, 4);
    let wrong = lock.replacen("blocks = 1", "blocks = 9", 1);
    assert_ne!(wrong, lock);
    corpus.write("tamis.lock", wrong);
    expect(&[], &["stage `", "blocks"]);
    corpus.write("tamis.lock", &lock);
    assert_eq!(locked(&corpus, &[]).0, Some(0));
    assert_eq!(lock, fs::read_to_string(corpus.path().join("tamis.lock")).unwrap());
}

#[test]
fn what_a_work_folder_keeps_can_be_seen_and_trimmed() {
    let corpus = corpus(30);
    build(&corpus, &[]);
    build(&corpus, &["--set", "stage.paragraph_dedup.min_chars=50"]);
    let files = |text: &str| -> u64 {
        let last = text.lines().last().unwrap();
        last.split_whitespace().nth(1).unwrap().replace(',', "").parse().unwrap()
    };
    let both = files(&corpus.succeed(&["cache", "list", "tamis.toml"]));
    corpus.succeed(&["cache", "gc", "tamis.toml"]);
    let one = files(&corpus.succeed(&["cache", "list", "tamis.toml"]));
    assert!(one < both && one > 0, "{both} files, then {one}");
    build(&corpus, &["--set", "stage.paragraph_dedup.min_chars=50"]);
    assert!(corpus.tasks().iter().all(|(kind, (ran, _))| kind == "write" || *ran == 0), "{:?}", corpus.tasks());
    corpus.succeed(&["cache", "gc", "tamis.toml", "--all"]);
    assert_eq!(files(&corpus.succeed(&["cache", "list", "tamis.toml"])), 0);
    assert_eq!(corpus.run(&["cache", "list", "nothing.toml"]).status.code(), Some(2));
}

#[test]
fn ctrl_c_stops_within_a_second_and_says_how_to_go_on() {
    let corpus = corpus(400);
    let mut child = corpus
        .command(&["build", "tamis.toml", "--quiet", "--partition-size", "1kB", "--threads", "1"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let work = corpus.path().join(".tamis/tamis/store");
    while !work.exists() && child.try_wait().unwrap().is_none() {
        thread::sleep(Duration::from_millis(1));
    }
    let interrupt = rustix::process::Pid::from_raw(child.id() as i32).unwrap();
    rustix::process::kill_process(interrupt, rustix::process::Signal::INT).unwrap();
    let asked = Instant::now();
    let output = child.wait_with_output().unwrap();
    let message = stderr(&output);
    assert_eq!(output.status.code(), Some(130), "{message}");
    assert!(
        asked.elapsed() < Duration::from_secs(10),
        "a busy machine may take longer than a second, but not this long"
    );
    assert!(message.contains("run the same command again to go on"), "{message}");
    assert!(!corpus.path().join("out").exists());
    build(&corpus, &[]);
}

/// Files of the store whose kind is among `kinds`.
fn stored(corpus: &Corpus, kinds: &[&str]) -> Vec<PathBuf> {
    let files = walkdir::WalkDir::new(corpus.path().join(".tamis")).into_iter().map(|entry| entry.unwrap().into_path());
    let is_meant = |path: &PathBuf| path.extension().is_some_and(|kind| kinds.iter().any(|wanted| kind == *wanted));
    files.filter(|path| path.is_file() && is_meant(path)).collect()
}

#[test]
fn what_is_damaged_in_the_store_is_made_again() {
    let corpus = corpus(30);
    let fresh = from_nothing(&corpus);
    let kinds = [
        "documents",
        "notes",
        "rejected",
        "decisions",
        "rows",
        "ledger",
        "kept_copies",
        "resolved",
        "outcome",
        "receipt",
    ];
    for kind in kinds {
        for damage in ["cut", "empty", "gone", "garbage"] {
            let files = stored(&corpus, &[kind]);
            assert!(!files.is_empty(), "{kind}");
            for file in files.iter().step_by(3) {
                let bytes = fs::read(file).unwrap();
                match damage {
                    "cut" => fs::write(file, &bytes[..bytes.len() / 2]).unwrap(),
                    "empty" => fs::write(file, b"").unwrap(),
                    "gone" => fs::remove_file(file).unwrap(),
                    _ => fs::write(file, vec![0xa5; bytes.len()]).unwrap(),
                }
            }
            fs::remove_dir_all(corpus.path().join("out")).unwrap();
            build(&corpus, &[]);
            assert!(corpus.out() == fresh, "{damage} {kind}");
        }
    }
    // Damage within, which shows only once it is read.
    for kind in ["rows", "documents", "ledger"] {
        for file in stored(&corpus, &[kind]).iter().step_by(4) {
            let mut bytes = fs::read(file).unwrap();
            let end = bytes.len().saturating_sub(64).min(40);
            bytes[..end].fill(0xff);
            fs::write(file, bytes).unwrap();
        }
        if kind == "documents" {
            stored(&corpus, &["rows"]).into_iter().for_each(|file| fs::remove_file(file).unwrap());
        }
        fs::remove_dir_all(corpus.path().join("out")).unwrap();
        build(&corpus, &[]);
        assert!(corpus.out() == fresh, "{kind}");
    }
}

#[test]
fn a_second_build_leaves_alone_what_the_first_is_writing() {
    let corpus = corpus(3);
    build(&corpus, &[]);
    let (held, left) = (corpus.path().join(".out.partialheld"), corpus.path().join(".out.partialleft"));
    [&held, &left].into_iter().for_each(|folder| fs::create_dir_all(folder.join("data")).unwrap());
    let lock = fs::File::open(&held).unwrap();
    lock.try_lock().unwrap();
    let work = fs::File::open(corpus.path().join(".tamis/tamis/lock")).unwrap();
    work.try_lock().unwrap();
    let refused = corpus.run(&["build", "tamis.toml", "--quiet"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(stderr(&refused).contains("another build is using"));
    assert!(left.exists(), "the lock comes before the output");
    drop(work);
    article(&corpus, 9);
    build(&corpus, &[]);
    assert!(held.join("data").exists(), "somebody writes there");
    assert!(!left.exists(), "nobody writes there any more");
}

#[test]
fn what_tasks_made_outlives_a_trim() {
    let corpus = corpus(20);
    let tasks = corpus.plan(&["--partition-size", PARTITION]);
    let (first, rest) = tasks.split_at(tasks.len() / 2);
    let all = |tasks: &[String]| {
        tasks.iter().for_each(|task| drop(corpus.succeed(&["task", "plan.json", task, "--quiet"])));
    };
    let kinds = ["documents", "notes", "rejected", "decisions", "rows", "ledger", "outcome", "receipt"];
    all(first);
    let half = stored(&corpus, &kinds);
    corpus.succeed(&["cache", "gc", "tamis.toml"]);
    assert_eq!(stored(&corpus, &kinds), half);
    all(rest);
    let made = stored(&corpus, &kinds).len();
    corpus.succeed(&["cache", "gc", "tamis.toml"]);
    assert_eq!(stored(&corpus, &kinds).len(), made);
    let built = corpus.out();
    build(&corpus, &[]);
    assert!(corpus.tasks().iter().all(|(kind, (ran, _))| *ran == 0 || kind == "write"), "{:?}", corpus.tasks());
    assert!(corpus.out() == built);
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

#[test]
fn a_guard_stops_the_build_before_anything_is_put_in_place() {
    let corpus = corpus(40);
    build(&corpus, &[]);
    let expected = corpus.out();
    let guarded = |guards: &str| {
        corpus.write("tamis.toml", format!("{CONFIG}\n{guards}\n"));
        let output = corpus.run(&["build", "tamis.toml", "--quiet", "--partition-size", PARTITION]);
        assert_eq!(corpus.out(), expected, "{guards}");
        (output.status.code(), stderr(&output))
    };
    for (guards, code, words) in [
        ("[guards]\nmax_removed = { paragraph_dedup = 0.01 }", 6, "`paragraph_dedup` removed"),
        ("[guards]\nmin_documents = 1000000", 6, "min_documents"),
        ("[guards]\nmax_rejected = 0", 3, "max_rejected"),
        ("[guards]\nmax_removed = { paragraph_dedup = 0.99 }\nmin_documents = 2\nmax_rejected = 0.5", 0, ""),
    ] {
        let (found, message) = guarded(guards);
        assert_eq!(found, Some(code), "{guards}: {message}");
        assert!(message.contains(words), "{message}");
    }
}
