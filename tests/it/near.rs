//! Near copies through the program: what goes is what comparing all pairs says, there are no chains, and the bytes are the same
//! however the corpus is cut and whatever was built before.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use arrow::array::AsArray;
use arrow::datatypes::{Float32Type, UInt32Type};
use serde_json::{Value, json};
use tamis::sink::dataset::{Dataset, Removed, read, removed_rows};
use tamis::sink::verify::verify;
use tempfile::TempDir;

use crate::support::{stdout, tamis};

/// A word of a small language, by its number.
fn word(number: usize) -> String {
    let mixed = (number as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
    let syllables = ["ba", "ke", "li", "mo", "ru", "sa", "ti", "vo", "zen", "dar"];
    (0..3).map(|place| syllables[(mixed as usize / 10usize.pow(place)) % 10]).collect()
}

/// A text of a hundred words, of which those at `changed` are others.
fn text(seed: usize, changed: &[usize]) -> String {
    let words = (0..100).map(|at| {
        let other = changed.iter().filter(|change| **change == at).count();
        word(seed * 1000 + at * 7 + other * 333)
    });
    words.collect::<Vec<_>>().join(" ") + "."
}

/// Families of near copies, chains, and texts of their own, in no order.
fn corpus_of(families: usize) -> Vec<String> {
    let mut texts = Vec::new();
    for family in 0..families {
        let changes: [&[usize]; 6] = match family % 4 {
            0 => [&[], &[50], &[20, 80], &[20, 40, 60, 80], &[20, 40], &[]],
            1 => [&[10, 90], &[], &[10, 30], &[30, 50], &[50, 70], &[70, 90]],
            2 => [&[], &[10, 20, 30, 40, 50, 60, 70, 80], &[99], &[0], &[0, 50, 99], &[5]],
            _ => [&[], &[], &[33], &[33], &[66], &[33, 66]],
        };
        let copies = if family % 5 == 4 { 1 } else { 6 };
        texts.extend(changes[..copies].iter().map(|changed| text(family, changed)));
    }
    let count = texts.len();
    (0..count).map(|at| texts[at * 7 % count].clone()).collect()
}

type Shingles = BTreeSet<Vec<String>>;

fn shingles(text: &str) -> Shingles {
    let words: Vec<String> = text.trim_end_matches('.').split(' ').map(str::to_owned).collect();
    words.windows(5).map(<[String]>::to_vec).collect()
}

fn jaccard(a: &Shingles, b: &Shingles) -> f64 {
    let common = a.intersection(b).count();
    common as f64 / (a.len() + b.len() - common) as f64
}

/// What goes, and for the sake of which, when all pairs are compared one after the other.
fn by_all_pairs(texts: &[String]) -> BTreeMap<usize, f64> {
    let sets: Vec<Shingles> = texts.iter().map(|text| shingles(text)).collect();
    let mut gone: BTreeMap<usize, f64> = BTreeMap::new();
    for (at, set) in sets.iter().enumerate() {
        let stay = (0..at).filter(|earlier| !gone.contains_key(earlier));
        let nearest = stay.map(|earlier| jaccard(&sets[earlier], set)).fold(0.0, f64::max);
        if nearest >= 0.8 {
            gone.insert(at, nearest);
        }
    }
    gone
}

struct Corpus(TempDir);

impl Corpus {
    /// A corpus of these records, in files of ten.
    fn new(records: &[Value], stages: &[&str]) -> Self {
        let corpus = Self(tempfile::tempdir().unwrap());
        fs::create_dir(corpus.path().join("in")).unwrap();
        for (number, part) in records.chunks(10).enumerate() {
            corpus.file(number, part);
        }
        let stages: String = stages.iter().map(|stage| format!("[[stage]]\n{stage}\n")).collect();
        let config =
            format!("[dataset]\nname = \"near\"\n[[source]]\npaths = [\"in\"]\n{stages}[output]\ndir = \"out\"\n");
        fs::write(corpus.path().join("tamis.toml"), config).unwrap();
        corpus
    }

    fn file(&self, number: usize, records: &[Value]) {
        let lines: String = records.iter().map(|record| format!("{record}\n")).collect();
        fs::write(self.path().join(format!("in/{number:03}.jsonl")), lines).unwrap();
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// Builds; the digest of all that came of it.
    fn build(&self, arguments: &[&str]) -> String {
        stdout(self.path(), &[&["build", "tamis.toml", "--quiet"], arguments].concat());
        let dataset = self.dataset();
        assert_eq!(verify(&dataset), Vec::<String>::new());
        dataset.manifest.digest
    }

    fn dataset(&self) -> Dataset {
        Dataset::open(&self.path().join("out")).unwrap()
    }

    /// What the ledger says, with the id of the document.
    fn ledger(&self) -> Vec<(String, Removed)> {
        let mut rows = Vec::new();
        for path in self.dataset().tables("ledger/removed") {
            for batch in read(&path, &[], None).unwrap() {
                let ids = batch.column_by_name("id").unwrap().as_string::<i32>();
                rows.extend(ids.iter().map(|id| id.unwrap().to_owned()).zip(removed_rows(&batch)));
            }
        }
        rows
    }

    /// Of each document that stays: its cluster, how many that has, and how near it is.
    fn clusters(&self) -> BTreeMap<String, Option<(String, u32, f32)>> {
        let mut found = BTreeMap::new();
        for path in self.dataset().tables("data/") {
            for batch in read(&path, &[], None).unwrap() {
                let column = |name: &str| batch.column_by_name(name).unwrap();
                let (ids, names) = (column("id").as_string::<i32>(), column("cluster").as_string::<i32>());
                let sizes = column("cluster_size").as_primitive::<UInt32Type>();
                let similarities = column("similarity").as_primitive::<Float32Type>();
                for row in 0..batch.num_rows() {
                    let told = arrow::array::Array::is_valid(names, row);
                    let cluster =
                        told.then(|| (names.value(row).to_owned(), sizes.value(row), similarities.value(row)));
                    found.insert(ids.value(row).to_owned(), cluster);
                }
            }
        }
        found
    }
}

fn records(texts: &[String]) -> Vec<Value> {
    let record = |(number, text): (usize, &String)| json!({ "id": format!("t{number}"), "text": text });
    texts.iter().enumerate().map(record).collect()
}

#[test]
fn what_goes_is_what_comparing_all_pairs_says_and_all_of_it_is_near_one_that_stays() {
    let texts = corpus_of(40);
    let corpus = Corpus::new(&records(&texts), &["near_dedup = {}"]);
    corpus.build(&[]);
    let expected = by_all_pairs(&texts);
    assert!(expected.len() > 60 && expected.len() < 160, "{}", expected.len());
    let rows = corpus.ledger();
    let number = |id: &str| id.trim_start_matches('t').parse::<usize>().unwrap();
    let gone: BTreeMap<usize, f64> = rows.iter().map(|(id, row)| (number(id), row.value.unwrap())).collect();
    assert_eq!(gone.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    let mut sizes: BTreeMap<String, u32> = BTreeMap::new();
    for (id, row) in &rows {
        let partner = row.partner_id.as_deref().expect("each names the one that stays");
        assert!(!gone.contains_key(&number(partner)), "{partner} went itself");
        let near = jaccard(&shingles(&texts[number(id)]), &shingles(&texts[number(partner)]));
        assert!((near - row.value.unwrap()).abs() < 1e-6 && near >= 0.8, "{near}, not {:?}", row.value);
        assert!((near - expected[&number(id)]).abs() < 1e-6, "the nearest of those that stay");
        assert_eq!((row.rule.as_str(), row.threshold), ("near_dedup.near_document", Some(0.8)));
        *sizes.entry(partner.to_owned()).or_insert(1) += 1;
    }
    for (id, cluster) in corpus.clusters() {
        let expected = sizes.get(&id).map(|size| (id.clone(), *size, 1.0));
        assert_eq!(cluster, expected, "{id}");
    }
}

#[test]
fn the_bytes_are_the_same_for_any_partitions_threads_and_memory_and_after_files_came_in() {
    let texts = corpus_of(30);
    let mut all = records(&texts);
    for (number, record) in all.iter_mut().enumerate() {
        let more = if number % 3 == 0 { text(500 + number % 9, &[number % 100]) } else { String::new() };
        let page = format!("{}\n\n{more}", texts[number]);
        *record = json!({ "id": format!("t{}", number / 2), "text": page, "date": format!("2024-01-{:02}", 1 + number % 28) });
    }
    for stage in [
        "near_dedup = { prefer = 'newest' }",
        "near_dedup = { containment = 0.9, templates = true }",
        "near_dedup = { unit = 'block', threshold = 0.7 }",
        "near_dedup = { action = 'annotate' }\n[[stage]]\nsplit = { by = 'cluster', train = 0.5, test = 0.5 }",
    ] {
        let corpus = Corpus::new(&all, &["normalize = {}", stage]);
        let digest = corpus.build(&["--threads", "1"]);
        assert!(!corpus.ledger().is_empty() || stage.contains("annotate"), "{stage} does something");
        for arguments in
            [["--threads", "4", "--partition-size", "1kB"], ["--memory", "1MB", "--partition-size", "20kB"]]
        {
            assert_eq!(corpus.build(&[&["--fresh"], arguments.as_slice()].concat()), digest, "{stage}: {arguments:?}");
        }
        let later = Corpus::new(&all[..all.len() / 2], &["normalize = {}", stage]);
        later.build(&["--partition-size", "1kB"]);
        for (number, part) in all.chunks(10).enumerate() {
            later.file(number, part);
        }
        assert_eq!(later.build(&["--partition-size", "1kB"]), digest, "{stage}: added to");
    }
}

#[test]
fn which_one_stays_is_as_the_config_prefers() {
    let long = text(1, &[]) + " And so it was.";
    let record = |id: &str, text: &str, day: &str| json!({ "id": id, "text": text, "date": day });
    let records = [
        record("first", &text(1, &[50]), "2024-03-01"),
        record("longest", &long, "2023-01-01"),
        record("newest", &text(1, &[]), "2024-03-02"),
        json!({ "id": "undated", "text": text(1, &[10]) }),
    ];
    for (prefer, stays) in [("source-order", "first"), ("longest", "longest"), ("newest", "newest")] {
        let corpus = Corpus::new(&records, &[&format!("near_dedup = {{ prefer = '{prefer}' }}")]);
        corpus.build(&[]);
        let clusters = corpus.clusters();
        assert_eq!(clusters.get(stays), Some(&Some((stays.to_owned(), 4, 1.0))), "{prefer}: {clusters:?}");
        assert_eq!(clusters.len(), 1);
    }
}

#[test]
fn of_very_many_copies_the_preferred_one_stays_alone_however_late_it_comes() {
    let copies = (0..400).map(|number| text(1, &[number % 100]) + &" more".repeat(number * 7 % 5));
    let mut copies: Vec<String> = copies.collect();
    copies.insert(333, text(1, &[]) + &" more".repeat(6));
    let corpus = Corpus::new(&records(&copies), &["near_dedup = { prefer = 'longest' }"]);
    corpus.build(&[]);
    let clusters = corpus.clusters();
    assert_eq!(clusters.get("t333"), Some(&Some(("t333".to_owned(), 401, 1.0))), "{clusters:?}");
    assert_eq!(clusters.len(), 1);
}

#[test]
fn a_part_goes_for_the_whole_and_never_the_whole_for_the_part() {
    let whole = [text(1, &[]), text(2, &[]), text(3, &[])].join(" ");
    let records = [("part", text(2, &[])), ("whole", whole.clone()), ("cut", text(1, &[]) + " " + &text(2, &[]))];
    let records = records.map(|(id, text)| json!({ "id": id, "text": text }));
    let corpus = Corpus::new(&records, &["near_dedup = { containment = 0.9 }"]);
    corpus.build(&[]);
    let rows = corpus.ledger();
    let gone: BTreeSet<(&str, &str, Option<&str>)> =
        rows.iter().map(|(id, row)| (id.as_str(), row.rule.as_str(), row.partner_id.as_deref())).collect();
    let rule = "near_dedup.part_of_document";
    assert_eq!(gone, [("part", rule, Some("whole")), ("cut", rule, Some("whole"))].into());
    assert!(rows.iter().all(|(_, row)| row.value == Some(1.0) && row.threshold == Some(0.9)));
}

#[test]
fn form_letters_with_other_facts_stay_if_the_config_says_so() {
    let letter = |number: usize| {
        let (name, sum) = (word(9000 + number), 4000 + number * 17);
        format!("Offer to {name} of the town. {} The sum is {sum}. {} Signed {name} {sum}.", text(7, &[]), text(8, &[]))
    };
    let letters: Vec<String> = (0..20).map(letter).chain([letter(3)]).collect();
    for (templates, stay) in [(true, 20), (false, 1)] {
        let corpus = Corpus::new(&records(&letters), &[&format!("near_dedup = {{ templates = {templates} }}")]);
        corpus.build(&[]);
        assert_eq!(corpus.clusters().len(), stay, "templates = {templates}");
    }
}

#[test]
fn annotated_copies_stay_under_one_name_and_in_one_split() {
    let texts = corpus_of(24);
    let splits = "split = { by = 'cluster', train = 0.5, test = 0.5 }";
    let corpus = Corpus::new(&records(&texts), &["near_dedup = { action = 'annotate' }", splits]);
    corpus.build(&[]);
    assert!(corpus.ledger().is_empty());
    let (clusters, expected) = (corpus.clusters(), by_all_pairs(&texts));
    assert_eq!(clusters.len(), texts.len());
    let mut members: BTreeMap<&str, u32> = BTreeMap::new();
    for (name, ..) in clusters.values().flatten() {
        *members.entry(name).or_default() += 1;
    }
    for (id, cluster) in &clusters {
        let number: usize = id.trim_start_matches('t').parse().unwrap();
        let Some((name, size, similarity)) = cluster else {
            assert!(!expected.contains_key(&number), "{id} is near another");
            continue;
        };
        assert_eq!(members[name.as_str()], *size, "{name}");
        let near = expected.get(&number).copied().unwrap_or(1.0);
        assert!((near - f64::from(*similarity)).abs() < 1e-6, "{id}");
        assert_eq!(expected.contains_key(&number), name != id, "{id} of {name}");
    }
    let mut split_of: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for split in ["train", "test"] {
        for path in corpus.dataset().tables(&format!("data/{split}-")) {
            for batch in read(&path, &[], None).unwrap() {
                let names = batch.column_by_name("cluster").unwrap().as_string::<i32>();
                names.iter().flatten().for_each(|name| {
                    split_of.entry(name.to_owned()).or_default().insert(split);
                });
            }
        }
    }
    assert!(split_of.len() > 10 && split_of.values().all(|splits| splits.len() == 1), "{split_of:?}");
}

#[test]
fn inspect_measures_on_the_texts_what_splits_have_in_common() {
    let texts = corpus_of(24);
    let near = |corpus: &Corpus| {
        let told = stdout(corpus.path(), &["inspect", "out"]);
        let line = told.lines().skip_while(|line| !line.starts_with("near copies")).nth(1).unwrap().to_owned();
        line.split_whitespace().next().unwrap().parse::<u32>().unwrap()
    };
    let corpus =
        Corpus::new(&records(&texts), &["near_dedup = {}", "split = { by = 'cluster', train = 0.5, test = 0.5 }"]);
    corpus.build(&[]);
    assert_eq!(near(&corpus), 0);
    let corpus = Corpus::new(&records(&texts), &["split = { train = 0.5, test = 0.5 }"]);
    corpus.build(&[]);
    assert!(near(&corpus) > 10);
}

#[test]
fn check_tells_what_share_of_pairs_is_compared_and_warns_of_chrome_that_goes_later() {
    let stages = ["near_dedup = {}", "boilerplate = {}", "paragraph_dedup = {}"];
    let corpus = Corpus::new(&records(&corpus_of(1)), &stages);
    let output = tamis(corpus.path(), &["check", "tamis.toml"]);
    let (told, warned) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(
        told.contains("# near_dedup: of pairs with this similarity are compared: 99.") && told.contains("at 0.8"),
        "{told}"
    );
    assert!(warned.contains("`boilerplate` runs after `near_dedup`: what it takes out hides near copies"), "{warned}");
    assert!(!warned.contains("`paragraph_dedup` runs after"), "{warned}");
}
