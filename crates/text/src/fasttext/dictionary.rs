//! From text to rows of the input matrix: words, runs of letters, runs of words.

use std::io::Read;

use super::FastTextError;
use super::read::Reader;

/// How text is cut into features, as the model's arguments say.
#[derive(Debug, Clone, Copy)]
pub struct Features {
    /// Runs of at most so many words.
    pub words: usize,
    /// Runs of letters have at least so many.
    pub min_letters: usize,
    /// And at most so many; 0: there are none.
    pub max_letters: usize,
    /// Rows that runs share by their hash.
    pub buckets: u32,
}

/// The words and labels that the model knows.
pub struct Dictionary {
    features: Features,
    /// All words, one after the other.
    text: Vec<u8>,
    /// Where in `text` each word ends.
    ends: Vec<u32>,
    /// By hash, the number of a word plus 1, or 0.
    slots: Vec<u32>,
    /// Labels as the model has them.
    pub labels: Vec<String>,
    /// How often each label was seen in training.
    pub counts: Vec<u64>,
    /// For a pruned model the buckets that are left: (bucket plus 1, row after the words), by hash.
    left: Option<Vec<(u32, u32)>>,
    /// Rows that the input matrix must have at least.
    pub rows: u64,
}

/// The word that stands for the end of a line.
const END: &[u8] = b"</s>";
/// What a label begins with.
const LABEL: &[u8] = b"__label__";
/// A word of a dictionary has at least its end, its count and its kind.
const LEAST_ENTRY: u64 = 10;

impl Dictionary {
    pub fn read(reader: &mut Reader<impl Read>, features: Features) -> Result<Self, FastTextError> {
        reader.enter("dictionary");
        let size = reader.count("words and labels")?;
        let words = reader.count("words")?;
        let labels = reader.count("labels")?;
        let _tokens = reader.long()?;
        let pruned = reader.long()?;
        if u64::from(words) + u64::from(labels) != u64::from(size) {
            return Err(FastTextError::damaged(format!("{words} words and {labels} labels are not {size}")));
        }
        if labels == 0 {
            return Err(FastTextError::damaged("it has no labels"));
        }
        reader.claim(u64::from(size), LEAST_ENTRY)?;
        let mut dictionary = Self {
            features,
            text: Vec::new(),
            ends: Vec::with_capacity(words as usize),
            slots: vec![0; (words as usize * 3 / 2 + 1).next_power_of_two()],
            labels: Vec::with_capacity(labels as usize),
            counts: Vec::with_capacity(labels as usize),
            left: None,
            rows: u64::from(words) + u64::from(features.buckets),
        };
        for number in 0..size {
            let word = read_word(reader)?;
            let count = reader.long_count("copies of a word")?;
            let is_label = reader.flag("a word is a label")?;
            if is_label != (number >= words) {
                return Err(FastTextError::damaged("words and labels are mixed in its dictionary"));
            }
            if is_label {
                dictionary.labels.push(String::from_utf8_lossy(&word).into_owned());
                dictionary.counts.push(count);
            } else {
                dictionary.add(&word, number)?;
            }
        }
        if let Ok(pruned) = u64::try_from(pruned) {
            reader.enter("list of kept features");
            dictionary.read_left(reader, pruned)?;
        }
        Ok(dictionary)
    }

    /// Whether features were left out when it was quantised.
    pub fn is_pruned(&self) -> bool {
        self.left.is_some()
    }

    fn add(&mut self, word: &[u8], number: u32) -> Result<(), FastTextError> {
        self.text.extend_from_slice(word);
        let end = u32::try_from(self.text.len()).map_err(|_| FastTextError::damaged("its words fill 4 GiB"))?;
        self.ends.push(end);
        let slot = self.slot(word, hash(word));
        self.slots[slot] = number + 1;
        Ok(())
    }

    fn read_left(&mut self, reader: &mut Reader<impl Read>, count: u64) -> Result<(), FastTextError> {
        let places = reader.claim(count, 8)? / 8;
        let mut left = vec![(0, 0); (places * 3 / 2 + 1).next_power_of_two()];
        let mut rows = 0;
        for _ in 0..count {
            let bucket = reader.count("as a bucket")?;
            let row = reader.count("as a row")?;
            rows = rows.max(row + 1);
            let slot = free_slot(&left, bucket);
            left[slot] = (bucket + 1, row);
        }
        self.rows = self.ends.len() as u64 + u64::from(rows);
        self.left = Some(left);
        Ok(())
    }

    fn word(&self, number: usize) -> &[u8] {
        let start = if number == 0 { 0 } else { self.ends[number - 1] as usize };
        &self.text[start..self.ends[number] as usize]
    }

    /// Where the number of `word` stands or would stand.
    fn slot(&self, word: &[u8], hash: u32) -> usize {
        let mask = self.slots.len() - 1;
        let mut slot = hash as usize & mask;
        while self.slots[slot] != 0 && self.word(self.slots[slot] as usize - 1) != word {
            slot = (slot + 1) & mask;
        }
        slot
    }

    /// Calls `row` with the row of each feature of a line of text given in parts, in fastText's order.
    pub fn each_row<'a>(&self, parts: impl Iterator<Item = &'a str>, mut row: impl FnMut(usize)) {
        let mut hashes: Vec<u32> = Vec::new();
        let tokens = parts.flat_map(|part| part.as_bytes().split(is_space)).filter(|token| !token.is_empty());
        for token in tokens.take_while(|token| *token != END).chain([END]) {
            // A label that stands in the text says nothing.
            if token.starts_with(LABEL) {
                continue;
            }
            let hash = hash(token);
            if self.features.words > 1 {
                hashes.push(hash);
            }
            let known = self.slots[self.slot(token, hash)];
            if known != 0 {
                row(known as usize - 1);
            }
            if token != END && self.features.max_letters > 0 {
                self.each_run_of_letters(token, &mut row);
            }
        }
        // The hashes are signed in fastText, and stay so when they are widened.
        let wide = |hash: u32| i64::from(hash as i32) as u64;
        for (start, first) in hashes.iter().enumerate() {
            let mut hash = wide(*first);
            for next in hashes.iter().skip(start + 1).take(self.features.words - 1) {
                hash = hash.wrapping_mul(116_049_371).wrapping_add(wide(*next));
                self.bucket(hash, &mut row);
            }
        }
    }

    /// Runs of letters of the word with its edges, `<word>`; an edge alone is none.
    fn each_run_of_letters(&self, word: &[u8], row: &mut impl FnMut(usize)) {
        let Features { min_letters, max_letters, .. } = self.features;
        let at = |place: usize| match place {
            0 => b'<',
            _ => word.get(place - 1).copied().unwrap_or(b'>'),
        };
        let length = word.len() + 2;
        for start in (0..length).filter(|start| !continues(at(*start))) {
            let (mut hash, mut end) = (FNV, start);
            for letters in 1..=max_letters {
                if end == length {
                    break;
                }
                hash = step(hash, at(end));
                end += 1;
                while end < length && continues(at(end)) {
                    hash = step(hash, at(end));
                    end += 1;
                }
                if letters >= min_letters && (letters > 1 || (start > 0 && end < length)) {
                    self.bucket(u64::from(hash), row);
                }
            }
        }
    }

    #[inline]
    fn bucket(&self, hash: u64, row: &mut impl FnMut(usize)) {
        if self.features.buckets == 0 {
            return;
        }
        let bucket = (hash % u64::from(self.features.buckets)) as u32;
        let place = match &self.left {
            None => bucket,
            Some(left) => match left[free_slot(left, bucket)] {
                (0, _) => return,
                (_, row) => row,
            },
        };
        row(self.ends.len() + place as usize);
    }
}

fn read_word(reader: &mut Reader<impl Read>) -> Result<Vec<u8>, FastTextError> {
    let mut word = Vec::new();
    loop {
        match reader.byte()? {
            0 => return Ok(word),
            byte => word.push(byte),
        }
    }
}

/// Where `bucket` stands or would stand. A table is never full.
#[inline]
fn free_slot(left: &[(u32, u32)], bucket: u32) -> usize {
    let mask = left.len() - 1;
    let mut slot = (bucket.wrapping_mul(0x9e37_79b1) >> 7) as usize & mask;
    while left[slot].0 != 0 && left[slot].0 != bucket + 1 {
        slot = (slot + 1) & mask;
    }
    slot
}

/// Where fastText cuts words.
fn is_space(byte: &u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t' | 0x0b | 0x0c | 0)
}

fn continues(byte: u8) -> bool {
    byte & 0xc0 == 0x80
}

/// FNV-1a of 32 bits, with bytes taken as signed: all published models were made so.
fn hash(bytes: &[u8]) -> u32 {
    bytes.iter().fold(FNV, |hash, byte| step(hash, *byte))
}

const FNV: u32 = 2_166_136_261;

#[inline]
fn step(hash: u32, byte: u8) -> u32 {
    (hash ^ i32::from(byte as i8) as u32).wrapping_mul(16_777_619)
}
