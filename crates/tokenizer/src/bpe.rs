//! Byte pair encoding of one piece of text over a ranked vocabulary, exactly as OpenAI's `tiktoken` defines it.
//!
//! A piece that is a token becomes that token. Otherwise it starts as single bytes, and of all adjacent pairs that
//! together spell a token the one of the lowest rank merges, the leftmost first, until none is left. The rank is the id.
//! Every table compares what it finds with what was asked for, so no hash decides an id. Knows nothing of where
//! pieces come from.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

mod tables;

pub use tables::mix;
use tables::{PairTable, TokenTable, hash};

/// A vocabulary of tokens that are bytes (ids 0 to 255) or a pair of lower tokens.
pub struct Vocabulary {
    /// The bytes of all tokens, in the order of their ids.
    bytes: Vec<u8>,
    /// Where each token starts in `bytes`; one more at the end.
    starts: Vec<u32>,
    /// The id of each single byte.
    byte_ids: [u32; 256],
    /// What two single bytes merge into, at `left id << 8 | right id`; [`NONE`] if nothing.
    byte_pairs: Vec<u32>,
    /// What any other two tokens merge into.
    pairs: PairTable,
    /// The token that each character of the Basic Multilingual Plane is sure to become first; [`NONE`] if that
    /// depends on what stands beside it.
    characters: Vec<u32>,
    /// The tokens by their bytes.
    tokens: TokenTable,
    /// Bytes of the longest token.
    longest: usize,
}

/// Buffers of the merge, kept from piece to piece.
#[derive(Default)]
pub struct MergeBuffers {
    parts: Vec<u32>,
    ranks: Vec<u32>,
    links: Vec<Link>,
    queue: BinaryHeap<Reverse<u64>>,
    window: Vec<u32>,
    next_window: Vec<u32>,
}

/// No token: larger than every id.
const NONE: u32 = u32::MAX;

/// The part of a pair that stands for a gap in the ids.
const GAP: u32 = 0x00ff_ffff;

/// Up to so many bytes, looking at all pairs for each merge is faster than keeping them in a heap.
const SHORT: usize = 48;

/// Pieces longer than this are merged window by window, so that memory stays small.
const WINDOW: usize = 4 << 10;

#[derive(Clone, Copy)]
struct Link {
    id: u32,
    /// What this part and the next one merge into.
    rank: u32,
    previous: u32,
    next: u32,
}

impl Vocabulary {
    /// Builds the tables from the compact form that `scripts/tokenizers` writes; `None` if `compact` is not of that form.
    pub fn new(compact: &[u8]) -> Option<Self> {
        let (single_bytes, planes) = compact.split_at_checked(256)?;
        let count = planes.len() / 6;
        let plane = |number: usize| planes.get(number * count..(number + 1) * count);
        let mut sides = [Vec::new(), Vec::new()];
        for (side, first) in sides.iter_mut().zip([0, 3]) {
            let (low, middle, high) = (plane(first)?, plane(first + 1)?, plane(first + 2)?);
            let ids = low.iter().zip(middle).zip(high);
            side.extend(ids.map(|((&low, &middle), &high)| u32::from_le_bytes([low, middle, high, 0])));
        }
        let [lefts, rights] = sides;

        let mut vocabulary = Self {
            bytes: Vec::with_capacity(8 * count),
            starts: Vec::with_capacity(count + 257),
            byte_ids: [NONE; 256],
            byte_pairs: vec![NONE; 1 << 16],
            pairs: PairTable::new(count),
            characters: vec![NONE; 1 << 16],
            tokens: TokenTable::new(count + 256),
            longest: 1,
        };
        vocabulary.starts.push(0);
        for (id, &byte) in single_bytes.iter().enumerate() {
            vocabulary.bytes.push(byte);
            vocabulary.starts.push(vocabulary.bytes.len() as u32);
            *vocabulary.byte_ids.get_mut(usize::from(byte))? = id as u32;
        }
        for (id, (&left, &right)) in (256..).zip(lefts.iter().zip(&rights)) {
            if (left, right) != (GAP, GAP) {
                vocabulary.add(id, left, right)?;
            }
            vocabulary.starts.push(vocabulary.bytes.len() as u32);
        }
        vocabulary.find_characters(&lefts, &rights);
        Some(vocabulary)
    }

    /// Fills `characters`.
    ///
    /// A character of several bytes is sure to merge into its token when, at each step of its own merges, no merge of
    /// a lower rank could take the part at its left or right edge away to a neighbour.
    fn find_characters(&mut self, lefts: &[u32], rights: &[u32]) {
        let mut lowest_as_left = vec![NONE; self.starts.len()];
        let mut lowest_as_right = vec![NONE; self.starts.len()];
        for (id, (&left, &right)) in (256..).zip(lefts.iter().zip(rights)) {
            if (left, right) != (GAP, GAP) {
                let (as_left, as_right) = (&mut lowest_as_left[left as usize], &mut lowest_as_right[right as usize]);
                *as_left = id.min(*as_left);
                *as_right = id.min(*as_right);
            }
        }
        for id in 0..self.starts.len() as u32 - 1 {
            let Some(text) = self.token(id).and_then(|bytes| std::str::from_utf8(bytes).ok()) else { continue };
            let mut characters = text.chars();
            let (Some(character), None) = (characters.next(), characters.next()) else { continue };
            let mut parts: Vec<u32> = text.bytes().map(|byte| self.byte_ids[usize::from(byte)]).collect();
            let mut sure = true;
            while let [first, .., last] = parts[..] {
                let ranks = parts.windows(2).map(|pair| self.merged(pair[0], pair[1]));
                let Some((at, rank)) = ranks.enumerate().min_by_key(|&(_, rank)| rank) else { break };
                sure &=
                    rank != NONE && rank <= lowest_as_right[first as usize] && rank <= lowest_as_left[last as usize];
                parts[at] = rank;
                parts.remove(at + 1);
                if !sure {
                    break;
                }
            }
            if let (true, Some(place)) = (sure, self.characters.get_mut(character as usize)) {
                *place = id;
            }
        }
    }

    /// Adds the token that `left` and `right` merge into; both must be lower than `id`.
    fn add(&mut self, id: u32, left: u32, right: u32) -> Option<()> {
        let start = self.bytes.len();
        for part in [left, right] {
            let part = self.range(part)?;
            self.bytes.extend_from_within(part);
        }
        let bytes = self.bytes.get(start..)?;
        self.longest = self.longest.max(bytes.len());
        self.tokens.insert(hash(bytes), id);
        if left | right < 256 {
            *self.byte_pairs.get_mut((left << 8 | right) as usize)? = id;
        } else {
            self.pairs.insert(left, right, id);
        }
        Some(())
    }

    /// The bytes that `id` stands for.
    pub fn token(&self, id: u32) -> Option<&[u8]> {
        self.bytes.get(self.range(id)?).filter(|bytes| !bytes.is_empty())
    }

    fn range(&self, id: u32) -> Option<std::ops::Range<usize>> {
        let id = id as usize;
        Some(*self.starts.get(id)? as usize..*self.starts.get(id + 1)? as usize)
    }

    /// Appends the ids of `piece`.
    pub fn encode(&self, piece: &[u8], buffers: &mut MergeBuffers, ids: &mut Vec<u32>) {
        if let [byte] = piece {
            ids.push(self.byte_ids[usize::from(*byte)]);
            return;
        }
        if piece.len() <= self.longest {
            let found = self.tokens.find(hash(piece), |id| self.token(id) == Some(piece));
            if let Some(id) = found {
                ids.push(id);
                return;
            }
        }
        if piece.len() <= SHORT {
            self.merge_short(piece, buffers, ids);
        } else if piece.len() <= WINDOW {
            self.merge_long(piece, buffers, ids);
        } else {
            self.merge_windows(piece, buffers, ids);
        }
    }

    /// What two adjacent tokens merge into, [`NONE`] if nothing.
    fn merged(&self, left: u32, right: u32) -> u32 {
        if left | right < 256 { self.byte_pairs[(left << 8 | right) as usize] } else { self.pairs.find(left, right) }
    }

    /// The parts that `piece` starts as: characters where they are sure to merge, else bytes.
    fn first_parts(&self, piece: &[u8], mut part: impl FnMut(u32)) {
        let mut rest = piece;
        while let [first, after @ ..] = rest {
            let (character, tail) = match rest {
                [lead @ 0xc0..=0xdf, second, tail @ ..] => {
                    (usize::from(lead & 0x1f) << 6 | usize::from(second & 0x3f), tail)
                }
                [lead @ 0xe0..=0xef, second, third, tail @ ..] => {
                    let high = usize::from(lead & 0x0f) << 12;
                    (high | usize::from(second & 0x3f) << 6 | usize::from(third & 0x3f), tail)
                }
                _ => (usize::MAX, after),
            };
            match self.characters.get(character) {
                Some(&id) if id != NONE => {
                    part(id);
                    rest = tail;
                }
                _ => {
                    part(self.byte_ids[usize::from(*first)]);
                    rest = after;
                }
            }
        }
    }

    /// Merges by looking for the lowest rank again and again.
    fn merge_short(&self, piece: &[u8], buffers: &mut MergeBuffers, ids: &mut Vec<u32>) {
        let MergeBuffers { parts, ranks, .. } = buffers;
        parts.clear();
        self.first_parts(piece, |part| parts.push(part));
        ranks.clear();
        ranks.extend(parts.windows(2).map(|pair| self.merged(pair[0], pair[1])));
        while let Some(rank) = ranks.iter().copied().min().filter(|&rank| rank != NONE) {
            let Some(at) = ranks.iter().position(|&other| other == rank) else { break };
            parts[at] = rank;
            parts.remove(at + 1);
            ranks.remove(at);
            if at > 0 {
                ranks[at - 1] = self.merged(parts[at - 1], rank);
            }
            if at < ranks.len() {
                ranks[at] = self.merged(rank, parts[at + 1]);
            }
        }
        ids.extend_from_slice(parts);
    }

    /// Merges with a heap of pairs: the time grows with n log n.
    fn merge_long(&self, piece: &[u8], buffers: &mut MergeBuffers, ids: &mut Vec<u32>) {
        let MergeBuffers { links, queue, .. } = buffers;
        links.clear();
        queue.clear();
        self.first_parts(piece, |id| {
            let at = links.len() as u32;
            links.push(Link { id, rank: NONE, previous: at.wrapping_sub(1), next: at + 1 });
        });
        let end = links.len() as u32;
        for at in 1..links.len() {
            let rank = self.merged(links[at - 1].id, links[at].id);
            links[at - 1].rank = rank;
            if rank != NONE {
                queue.push(Reverse(u64::from(rank) << 32 | (at as u64 - 1)));
            }
        }
        while let Some(Reverse(entry)) = queue.pop() {
            let (rank, at) = ((entry >> 32) as u32, entry as u32);
            let link = links[at as usize];
            if link.rank != rank {
                continue;
            }
            // The next part is swallowed: nothing links to it any more, and its own pair is void.
            let swallowed = &mut links[link.next as usize];
            swallowed.rank = NONE;
            let next = swallowed.next;
            let mut merged = Link { id: rank, rank: NONE, next, ..link };
            if let Some(after) = links.get_mut(next as usize) {
                after.previous = at;
                merged.rank = self.merged(rank, after.id);
                if merged.rank != NONE {
                    queue.push(Reverse(u64::from(merged.rank) << 32 | u64::from(at)));
                }
            }
            links[at as usize] = merged;
            if let Some(before) = links.get_mut(link.previous as usize) {
                before.rank = self.merged(before.id, rank);
                if before.rank != NONE {
                    queue.push(Reverse(u64::from(before.rank) << 32 | u64::from(link.previous)));
                }
            }
        }
        let mut at = 0;
        while at != end {
            let link = links[at as usize];
            ids.push(link.id);
            at = link.next;
        }
    }

    /// Merges a piece of any length in bounded memory, with exactly the same result.
    ///
    /// Where a token's rank is above those of its parts, as here, a sequence of tokens is the encoding of its bytes
    /// if and only if each two adjacent ones are the encoding of theirs: a merge across a boundary needs nothing but
    /// the two tokens at it. So two windows may be joined at any token they share. The next window starts where a
    /// token of the current one starts, near its end; if its first token is that very token, everything before is
    /// settled. If not, another start is tried, and then a longer window.
    fn merge_windows(&self, piece: &[u8], buffers: &mut MergeBuffers, ids: &mut Vec<u32>) {
        let mut window = std::mem::take(&mut buffers.window);
        let mut next_window = std::mem::take(&mut buffers.next_window);
        let mut rest = piece;
        let mut length = WINDOW;
        window.clear();
        self.merge_long(&rest[..length.min(rest.len())], buffers, &mut window);
        while length < rest.len() {
            match self.join(rest, length, &window, &mut next_window, buffers) {
                Some((settled, bytes)) => {
                    ids.extend_from_slice(&window[..settled]);
                    rest = &rest[bytes..];
                    length = WINDOW;
                    std::mem::swap(&mut window, &mut next_window);
                }
                None => {
                    length *= 2;
                    window.clear();
                    self.merge_long(&rest[..length.min(rest.len())], buffers, &mut window);
                }
            }
        }
        ids.extend_from_slice(&window);
        buffers.window = window;
        buffers.next_window = next_window;
    }

    /// Looks for a token of `window` (the encoding of the first `length` bytes of `rest`) at which the next window can
    /// start. Fills `next_window` and returns how many tokens and bytes come before it.
    fn join(
        &self,
        rest: &[u8],
        length: usize,
        window: &[u32],
        next_window: &mut Vec<u32>,
        buffers: &mut MergeBuffers,
    ) -> Option<(usize, usize)> {
        let mut bytes = 0;
        let mut attempts = 0;
        for (settled, &id) in window.iter().enumerate() {
            if bytes >= length - length / 8 {
                let until = rest.len().min(bytes + WINDOW);
                next_window.clear();
                self.merge_long(&rest[bytes..until], buffers, next_window);
                if next_window.first() == Some(&id) {
                    return Some((settled, bytes));
                }
                attempts += 1;
                if attempts == 4 {
                    return None;
                }
            }
            bytes += self.token(id).map_or(0, <[u8]>::len);
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vocabulary() -> Vocabulary {
        let compact = zstd::decode_all(&include_bytes!("../data/cl100k_base.bpe.zst")[..]).unwrap();
        Vocabulary::new(&compact).unwrap()
    }

    /// Letters in an order that repeats only after a long while.
    fn scrambled(length: usize, letters: &[u8]) -> Vec<u8> {
        let mut state = 1;
        let mut draw = || {
            state = mix(state);
            letters[state as usize % letters.len()]
        };
        (0..length).map(|_| draw()).collect()
    }

    #[test]
    fn windows_give_what_the_heap_gives_for_the_whole_piece() {
        let vocabulary = vocabulary();
        let mut buffers = MergeBuffers::default();
        for letters in ["a", "ab", "aab", "etaoin shrdlu", "ACGT", "\n \t", "0123456789abcdef", "\u{e9}\u{3b1}"] {
            let piece = scrambled(40 * WINDOW + 321, letters.as_bytes());
            let (mut whole, mut windows) = (Vec::new(), Vec::new());
            vocabulary.merge_long(&piece, &mut buffers, &mut whole);
            vocabulary.merge_windows(&piece, &mut buffers, &mut windows);
            assert!(whole == windows, "pieces of {letters:?} differ");
        }
    }

    #[test]
    fn short_and_long_merges_agree() {
        let vocabulary = vocabulary();
        let mut buffers = MergeBuffers::default();
        let text = "naïve Straßenbahn ремонт 大桥周日封闭 สะพาน 😀👍🏽 aaaaaaaaaaab   \n\n".repeat(3);
        let mut piece = scrambled(4_000, text.as_bytes());
        piece.extend_from_slice(text.as_bytes());
        for start in (0..piece.len() - SHORT).step_by(5) {
            let part = &piece[start..start + 2 + start % (SHORT - 2)];
            let (mut short, mut long) = (Vec::new(), Vec::new());
            vocabulary.merge_short(part, &mut buffers, &mut short);
            vocabulary.merge_long(part, &mut buffers, &mut long);
            assert_eq!(short, long, "{part:?}");
        }
    }

    /// What joining windows and starting from whole characters rest on.
    #[test]
    fn starting_from_characters_changes_nothing() {
        let mut vocabulary = vocabulary();
        let found = vocabulary.characters.iter().filter(|&&id| id != NONE).count();
        assert!(found > 300, "{found} characters are sure");
        let mut buffers = MergeBuffers::default();
        let assigned: Vec<char> = (0x80..0xffff_u32).filter_map(char::from_u32).collect();
        let pieces: Vec<String> = (0..20_000_usize)
            .map(|n| (0..8).map(|k| assigned[mix((8 * n + k) as u64) as usize % 3_000]).collect())
            .collect();
        let encode_all = |vocabulary: &Vocabulary, buffers: &mut MergeBuffers| {
            let mut ids = Vec::new();
            pieces.iter().for_each(|piece| vocabulary.merge_short(piece.as_bytes(), buffers, &mut ids));
            ids
        };
        let from_characters = encode_all(&vocabulary, &mut buffers);
        vocabulary.characters.fill(NONE);
        assert!(from_characters == encode_all(&vocabulary, &mut buffers));
    }

    #[test]
    fn what_is_not_of_the_form_is_refused() {
        assert!(Vocabulary::new(&[0; 100]).is_none());
        let mut forward = (0..=255).collect::<Vec<u8>>();
        forward.extend([1, 1, 0, 0, 0, 0]);
        assert!(Vocabulary::new(&forward).is_none(), "a part that does not exist yet");
    }
}
