//! The languages, and for each the words it is learnt from.

use std::collections::BTreeMap;
use std::path::Path;

use crate::alphabet::Group;
use crate::pieces::{self, Piece};

/// Words of one source, in order, letters one after the other.
#[derive(Default)]
pub struct Words {
    letters: Vec<u32>,
    ends: Vec<u32>,
    /// The order is that of a running text.
    pub running: bool,
}

impl Words {
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    pub fn get(&self, index: usize) -> &[u32] {
        let start = if index == 0 { 0 } else { self.ends[index - 1] as usize };
        &self.letters[start..self.ends[index] as usize]
    }

    fn push(&mut self, word: &[u32]) {
        self.letters.extend_from_slice(word);
        self.ends.push(self.letters.len() as u32);
    }

    /// Adds the words of `text` that are written in letters of `group`.
    pub fn add(&mut self, group: Group, text: &str) {
        pieces::each(text, |piece| {
            if let Piece::Word(own, word, _) = piece
                && own == group
            {
                self.push(word);
            }
        });
    }
}

/// A class of a group: a language, or some languages that have no name here.
pub struct Class {
    pub group: Group,
    /// Its code; empty for a class of other languages.
    pub code: String,
    /// Words, and how often they are drawn from, in all 1.
    pub sources: Vec<(Words, f64)>,
    /// How often it is drawn.
    pub weight: f64,
}

/// A text whose language is known.
pub struct Line {
    pub id: String,
    pub code: String,
    pub text: String,
}

pub fn lines(path: &Path) -> Vec<Line> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let line = |line: &str| {
        let mut fields = line.split('\t').map(str::to_owned);
        Some(Line { id: fields.next()?, code: fields.next()?, text: fields.next()? })
    };
    text.lines().filter_map(line).collect()
}

/// Every fourth line of the declaration is kept for checking.
pub fn held_back(id: &str) -> bool {
    id.bytes().fold(0u32, |sum, byte| sum.wrapping_mul(31).wrapping_add(u32::from(byte))).wrapping_mul(0x9e37_79b1) >> 30 == 0
}

pub fn group_named(name: &str) -> Group {
    *Group::ALL.iter().find(|group| format!("{group:?}") == name).unwrap_or_else(|| panic!("no group {name}"))
}

/// The group that most words of a text belong to.
pub fn group_of(text: &str) -> Option<Group> {
    let mut counts = [0u32; 10];
    pieces::each(text, |piece| match piece {
        Piece::Word(group, _, length) => counts[group as usize] += length,
        Piece::Letter(_) => {}
    });
    let best = (0..10).max_by_key(|index| counts[*index])?;
    (counts[best] > 0).then_some(Group::ALL[best])
}

/// Where everything lies.
pub struct Folders<'a> {
    pub languages: &'a Path,
    pub words: &'a Path,
    pub extra: &'a Path,
    pub develop: &'a Path,
    /// Uses the whole development part, lines kept for checking included.
    pub all: bool,
    /// Words taken from each lingua sample.
    pub limit: usize,
    /// How often lingua's development lines are drawn, against 1 for its model; 0 leaves them out.
    pub spoken: f64,
}

pub fn classes(folders: &Folders, others: &[(Group, usize)]) -> Vec<Class> {
    let declared = lines(&folders.develop.join("udhr.tsv"));
    let clean = lines(&folders.develop.join("clean.tsv"));
    let mut running: BTreeMap<(Group, String), (Words, Words)> = BTreeMap::new();
    for line in declared.iter().filter(|line| folders.all || !held_back(&line.id)) {
        let Some(group) = group_of(&line.text) else { continue };
        running.entry((group, line.code.clone())).or_default().0.add(group, &line.text);
    }
    for line in clean.iter().filter(|line| line.id.starts_with("bible/")) {
        let Some(group) = group_of(&line.text) else { continue };
        running.entry((group, line.code.clone())).or_default().1.add(group, &line.text);
    }
    let mut spoken: BTreeMap<(Group, String), Words> = BTreeMap::new();
    for set in ["lingua-sentences", "lingua-word-pairs", "lingua-single-words"].iter().filter(|_| folders.spoken > 0.0) {
        for line in lines(&folders.develop.join(format!("{set}.tsv"))).iter().filter(|line| folders.all || !held_back(&line.id)) {
            let Some(group) = group_of(&line.text).filter(|_| line.code != "ms") else { continue };
            let words = spoken.entry((group, line.code.clone())).or_default();
            words.running = true;
            words.add(group, &line.text);
        }
    }
    let mut classes = Vec::new();
    let table = std::fs::read_to_string(folders.languages).expect("languages.tsv");
    for row in table.lines() {
        let [code, group, lingua] = row.split('\t').collect::<Vec<_>>().try_into().expect("three columns");
        let group = group_named(group);
        let own = running.remove(&(group, code.to_owned())).unwrap_or_default();
        let mut sources = Vec::new();
        let mut weight = 1.0;
        if lingua != "-" {
            let path = folders.words.join(format!("{}.txt", lingua.trim_end_matches('+')));
            let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            let mut words = Words::default();
            for line in text.lines().take(folders.limit) {
                words.add(group, line);
            }
            sources.push((words, 1.0));
        } else if !matches!(code, "hi" | "mr" | "bn") {
            weight = 0.7;
        }
        // Malay and Indonesian are told apart by little, and much of what lingua calls Malay is Indonesian: it is left out.
        if code == "id" {
            weight = 1.8;
        }
        if lingua.ends_with(['-', '+']) {
            let mut phrases = Words { running: true, ..Words::default() };
            let name = match (code, group) {
                ("sr", Group::Latin) => "sr_Latn".to_owned(),
                ("uz", Group::Cyrillic) => "uz_Cyrl".to_owned(),
                _ => code.to_owned(),
            };
            if let Ok(text) = std::fs::read_to_string(folders.extra.join(format!("{name}.txt"))) {
                phrases.add(group, &text);
            }
            let (mut declared, mut clean) = own;
            (declared.running, clean.running) = (true, true);
            let share = if lingua == "-" { 1.0 } else { 0.2 };
            sources.extend([(phrases, share), (declared, share), (clean, share)].into_iter().filter(|(words, _)| words.len() > 100));
        }
        if let Some(words) = spoken.remove(&(group, code.to_owned())) {
            sources.push((words, folders.spoken));
        }
        let total: usize = sources.iter().map(|(words, _)| words.len()).sum();
        if total < 300 {
            eprintln!("{code} {group:?}: only {total} words");
        }
        classes.push(Class { group, code: code.to_owned(), sources, weight });
    }
    for (group, count) in others {
        let first = classes.len();
        for _ in 0..*count {
            classes.push(Class { group: *group, code: String::new(), sources: Vec::new(), weight: 0.5 });
        }
        let left: Vec<(Group, String)> = running.keys().filter(|(own, _)| own == group).cloned().collect();
        for (index, key) in left.into_iter().enumerate() {
            let (mut declared, mut clean) = running.remove(&key).unwrap_or_default();
            (declared.running, clean.running) = (true, true);
            let class = &mut classes[first + index % count];
            class.sources.extend([(declared, 1.0), (clean, 1.0)].into_iter().filter(|(words, _)| words.len() > 60));
        }
    }
    for class in &mut classes {
        if class.sources.is_empty() {
            class.weight = 0.0;
        }
        let total: f64 = class.sources.iter().map(|(_, share)| share).sum();
        class.sources.iter_mut().for_each(|(_, share)| *share /= total);
    }
    // One class after the other within its group.
    classes.sort_by_key(|class| class.group);
    classes
}
