//! What the detector has learnt: for each group of languages, small integer weights of letter runs.
//!
//! The file is made by `scripts/language` and held compressed in the binary. It begins with text: for each group a line of
//! its name and sizes and a line of its languages' codes (`-` for languages that have no name here), then an empty line. The
//! tables follow, group by group, integers with the least byte first:
//!
//! - a starting score for each language, 16 bits, in [`UNIT`]ths;
//! - an index of dense features: lines of four 32-bit entries, the lower 16 bits the row's number (0: empty), the upper ones
//!   a tag;
//! - the rows: a byte a language, 128 meaning no weight; row 0 is that of features not in the index;
//! - lines of sparse features, 64 bytes each: eight 16-bit tags (0: empty), then three (language, weight) pairs for each;
//!   the last line is that of features not in the table.
//!
//! Looking a feature up takes no branch, whether it is found or not: the processor then fetches many at a time, and it is
//! the memory's latency that this work would otherwise wait for.

use std::sync::LazyLock;

use super::alphabet::Group;

/// One natural-logarithm unit of evidence, in steps of the weights.
pub const UNIT: i32 = 20;
/// What a byte of a row holds for no weight.
pub const ZERO: i32 = 128;

static PACKED: &[u8] = include_bytes!("../../data/language/weights.zst");

static WEIGHTS: LazyLock<Weights> = LazyLock::new(|| {
    let bytes = zstd::decode_all(PACKED).expect("the embedded weights are whole");
    Weights::read(&bytes).expect("the embedded weights are well formed")
});

/// SHA-256 of the weights as the binary holds them.
pub fn digest() -> [u8; 32] {
    crate::hash::sha256(PACKED)
}

/// All groups' weights.
pub struct Weights {
    /// Latin letters.
    pub latin: Table<LATIN>,
    /// The other groups, in the order of their numbers.
    others: Vec<Table<OTHER>>,
}

/// Bytes of a row for Latin letters, and for the other groups.
pub const LATIN: usize = 96;
pub const OTHER: usize = 32;

/// The weights of one group.
pub struct Table<const WIDTH: usize> {
    /// Codes of its languages; [`super::UNDECIDED`] for those without a name here.
    pub codes: Vec<&'static str>,
    /// Starting scores.
    pub bias: Vec<i32>,
    index: Vec<[u32; 4]>,
    rows: Vec<[u8; WIDTH]>,
    lines: Vec<Line>,
}

/// Eight sparse features whose keys begin alike: one line of the cache.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Line {
    tags: [u64; 2],
    pairs: [[u8; 6]; 8],
}

impl Weights {
    /// The embedded weights, unpacked on first use.
    pub fn get() -> &'static Self {
        &WEIGHTS
    }

    /// The weights of a group other than Latin.
    #[inline(always)]
    pub fn of(&self, group: Group) -> &Table<OTHER> {
        &self.others[group as usize - 1]
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let end = bytes.windows(2).position(|pair| pair == b"\n\n")?;
        let header = std::str::from_utf8(bytes.get(..end)?).ok()?;
        let mut rest = Reader(bytes.get(end + 2..)?);
        let mut header = header.lines();
        let latin = Table::read(&mut header, &mut rest)?;
        let others: Option<Vec<_>> = (1..Group::ALL.len()).map(|_| Table::read(&mut header, &mut rest)).collect();
        rest.0.is_empty().then_some(Self { latin, others: others? })
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// The next `count` pieces of `SIZE` bytes.
    fn pieces<const SIZE: usize>(&mut self, count: usize) -> Option<&'a [[u8; SIZE]]> {
        let (taken, rest) = self.0.split_at_checked(SIZE * count)?;
        self.0 = rest;
        Some(taken.as_chunks().0)
    }
}

impl Line {
    fn read(bytes: &[u8; 64]) -> Self {
        let (tags, pairs) = bytes.split_at(16);
        let (tags, pairs) = (tags.as_chunks().0, pairs.as_chunks().0);
        Self {
            tags: std::array::from_fn(|half| u64::from_le_bytes(tags[half])),
            pairs: std::array::from_fn(|place| pairs[place]),
        }
    }
}

impl<const WIDTH: usize> Table<WIDTH> {
    fn read<'a>(header: &mut impl Iterator<Item = &'a str>, rest: &mut Reader<'_>) -> Option<Self> {
        let numbers: Vec<usize> = header.next()?.split(' ').skip(1).filter_map(|number| number.parse().ok()).collect();
        let [width, rows, index, lines] = *numbers.as_slice() else { return None };
        let codes = header.next()?.split(' ').map(|code| super::find(code).unwrap_or(super::UNDECIDED));
        let codes: Vec<&'static str> = codes.collect();
        let entry = |bytes: &[u8; 16]| {
            let bytes = bytes.as_chunks().0;
            std::array::from_fn(|place| u32::from_le_bytes(bytes[place]))
        };
        let bias = rest.pieces(codes.len())?.iter().map(|bytes| i32::from(i16::from_le_bytes(*bytes))).collect();
        let index: Vec<[u32; 4]> = rest.pieces(index)?.iter().map(entry).collect();
        let rows: Vec<[u8; WIDTH]> = rest.pieces(rows)?.to_vec();
        let lines: Vec<Line> = rest.pieces(lines + 1)?.iter().map(Line::read).collect();
        let sound =
            width == WIDTH && index.len().is_power_of_two() && lines.len() > 1 && (lines.len() - 1).is_power_of_two();
        let filled = index.as_flattened().iter().all(|entry| ((entry & 0xffff) as usize) < rows.len());
        (sound && filled).then_some(Self { codes, bias, index, rows, lines })
    }

    /// The line of the index in which a dense feature stands, if it is there.
    #[inline(always)]
    pub fn entries(&self, key: u64) -> [u32; 4] {
        self.index[(key >> 40) as usize & (self.index.len() - 1)]
    }

    /// Adds each row's weights to `sums`.
    #[inline(always)]
    pub fn add_rows(&self, rows: &[u32], sums: &mut [u16; WIDTH]) {
        // A few columns at a time, so that their sums stay in registers over all rows.
        for (part, sums) in sums.as_chunks_mut::<32>().0.iter_mut().enumerate() {
            let mut own = *sums;
            for row in rows {
                if let Some(weights) = self.rows[*row as usize].as_chunks::<32>().0.get(part) {
                    for (sum, weight) in own.iter_mut().zip(weights) {
                        *sum = sum.wrapping_add(u16::from(*weight));
                    }
                }
            }
            *sums = own;
        }
    }

    /// The tags of the line in which a sparse feature stands, if it is there.
    #[inline(always)]
    pub fn tags(&self, key: u64) -> [u64; 2] {
        self.lines[self.line(key)].tags
    }

    #[inline(always)]
    fn line(&self, key: u64) -> usize {
        (key >> 40) as usize & (self.lines.len() - 2)
    }

    /// The (language, weight) pairs of a sparse feature with these tags, or of the one that stands for all missing ones.
    #[inline(always)]
    pub fn pairs(&self, key: u64, tags: &[u64; 2]) -> [u8; 6] {
        const LANES: u64 = 0x0001_0001_0001_0001;
        let wanted = (key & 0xffff).max(1) * LANES;
        // A lane is zero where the tag is the wanted one; the lowest such lane is found without doubt.
        let zero = |tags: u64| {
            let other = tags ^ wanted;
            other.wrapping_sub(LANES) & !other & (LANES << 15)
        };
        let (low, high) = (zero(tags[0]), zero(tags[1]));
        let lane = if low != 0 { low.trailing_zeros() / 16 } else { 4 + high.trailing_zeros() / 16 };
        let number = if low | high != 0 { self.line(key) } else { self.lines.len() - 1 };
        self.lines[number].pairs[lane as usize % 8]
    }
}

/// The number of a dense feature's row, from the line of the index in which it should be; 0 where it is not there.
#[inline(always)]
pub fn row(entries: &[u32; 4], key: u64) -> u32 {
    let wanted = (key & 0xffff) as u32;
    entries.iter().fold(0, |found, entry| found | if entry >> 16 == wanted { entry & 0xffff } else { 0 })
}
