//! Documents as bytes: whole, or as an **overlay** that says only what changed since the document was read.
//!
//! A whole document is its identity, then all that an overlay can say, then its text: the length of each block in a byte or two,
//! and the buffer as it is. Reading it back copies that buffer. The overlay of a document that did not change has a few bytes. For
//! a change within a block it holds the range and the new text, and the reader makes the change once more.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::body::{Body, Edited, Removed, Start};
use super::{Cluster, Document, Facts, Language, Position, StageIndex, Tokens};

/// Bytes that are no document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a document in it cannot be read: {0}")]
pub struct Unreadable(String);

/// What of a document was set since it was read, but for changes of its text, which tell that themselves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Touched {
    pub(super) id: bool,
    pub(super) facts: bool,
    pub(super) metadata: bool,
    pub(super) language: bool,
    pub(super) tokens: bool,
    pub(super) cluster: bool,
    pub(super) split: bool,
    pub(super) shares: bool,
    /// Lines were joined: the blocks are others.
    pub(super) blocks: bool,
}

/// What changed of a document. What did not change is missing.
#[derive(Default, Serialize, Deserialize)]
struct Overlay<'a> {
    #[serde(borrow)]
    id: Option<Cow<'a, str>>,
    facts: Option<Cow<'a, Facts>>,
    metadata: Option<Cow<'a, BTreeMap<String, String>>>,
    language: Option<Cow<'a, Language>>,
    tokens: Option<Cow<'a, Tokens>>,
    cluster: Option<Cow<'a, Cluster>>,
    split: Option<Cow<'a, str>>,
    shares: Option<Cow<'a, [(u32, f32)]>>,
    removal: Option<Removed>,
    /// Kept copies that are named for the first time.
    partners: Cow<'a, [Position]>,
    removals: Vec<Removed>,
    edits: Vec<Edited>,
    /// What those edits put in, one after the other.
    replacements: Cow<'a, str>,
    /// Whether all about the text follows, in place of changes of it.
    whole: bool,
}

/// What is known of a text beside its blocks, where it is written whole.
#[derive(Serialize, Deserialize)]
struct Tables<'a> {
    numbers: Cow<'a, [(u32, u32)]>,
    removals: Cow<'a, [Removed]>,
    partners: Cow<'a, [Position]>,
    edits: Cow<'a, [Edited]>,
}

impl Document {
    /// Appends the whole document.
    pub fn write(&self, out: &mut Vec<u8>) {
        append(out, &(self.position, &*self.source));
        let all = Touched {
            id: true,
            facts: true,
            metadata: true,
            language: true,
            tokens: true,
            cluster: true,
            split: true,
            shares: true,
            blocks: true,
        };
        self.write_touched(all, out);
    }

    /// Appends what changed since the document was read.
    pub fn write_overlay(&self, out: &mut Vec<u8>) {
        self.write_touched(self.touched, out);
    }

    /// Reads a whole document.
    ///
    /// # Errors
    /// If the bytes are none.
    pub fn read(bytes: &[u8]) -> Result<Self, Unreadable> {
        let ((position, source), rest) = take::<(Position, &str)>(bytes)?;
        let mut document = Self::new(position, String::new(), Arc::from(source), "");
        document.apply_overlay(rest)?;
        Ok(document)
    }

    /// Makes the changes that an overlay tells, which was written after this document was read.
    ///
    /// # Errors
    /// If the bytes are none, or the overlay is of another document.
    pub fn apply_overlay(&mut self, bytes: &[u8]) -> Result<(), Unreadable> {
        let (overlay, rest) = take::<Overlay<'_>>(bytes)?;
        let Overlay { id, facts, metadata, language, tokens, cluster, split, shares, removal, .. } = overlay;
        set(&mut self.id, id);
        set(&mut self.facts, facts);
        set(&mut self.metadata, metadata);
        self.language = language.map(Cow::into_owned).or(self.language.take());
        self.tokens = tokens.map(Cow::into_owned).or(self.tokens.take());
        self.cluster = cluster.map(Cow::into_owned).or(self.cluster.take());
        self.split = split.map(Cow::into_owned).or(self.split.take());
        if overlay.whole {
            self.body = Body::read(rest)?;
        } else if rest.is_empty() {
            self.body.replay(&overlay.edits, &overlay.replacements)?;
            self.body.partners.extend_from_slice(&overlay.partners);
            self.body.removals.extend_from_slice(&overlay.removals);
            self.body.removals.sort_by_key(|removal| removal.block);
        } else {
            return Err(Unreadable("more follows than a document".to_owned()));
        }
        set(&mut self.body.shares, shares);
        self.removal = removal.or(self.removal);
        self.body.known_partners = self.body.partners.len();
        Ok(())
    }

    fn write_touched(&self, touched: Touched, out: &mut Vec<u8>) {
        let body = &self.body;
        let whole = touched.blocks;
        let edits: Vec<Edited> = body.edits.iter().filter(|edit| edit.fresh && !whole).copied().collect();
        let replacements: String = edits.iter().map(|edit| body.replacement(edit)).collect();
        let overlay = Overlay {
            id: touched.id.then_some(Cow::Borrowed(&self.id)),
            facts: touched.facts.then_some(Cow::Borrowed(&self.facts)),
            metadata: touched.metadata.then_some(Cow::Borrowed(&self.metadata)),
            language: self.language.as_ref().filter(|_| touched.language).map(Cow::Borrowed),
            tokens: self.tokens.as_ref().filter(|_| touched.tokens).map(Cow::Borrowed),
            cluster: self.cluster.as_ref().filter(|_| touched.cluster).map(Cow::Borrowed),
            split: self.split.as_deref().filter(|_| touched.split).map(Cow::Borrowed),
            shares: touched.shares.then_some(Cow::Borrowed(&body.shares)),
            removal: self.removal.filter(|removal| removal.fresh || whole),
            partners: Cow::Borrowed(if whole {
                &[]
            } else {
                body.partners.get(body.known_partners..).unwrap_or_default()
            }),
            removals: body.removals.iter().filter(|removal| removal.fresh && !whole).copied().collect(),
            edits,
            replacements: Cow::Owned(replacements),
            whole,
        };
        append(out, &overlay);
        if whole {
            body.write(out);
        }
    }
}

/// Whole, as bytes.
impl Serialize for Document {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut bytes = Vec::new();
        self.write(&mut bytes);
        serializer.serialize_bytes(&bytes)
    }
}

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Read;
        impl Visitor<'_> for Read {
            type Value = Document;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("the bytes of a document")
            }

            fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Document, E> {
                Document::read(bytes).map_err(E::custom)
            }
        }
        deserializer.deserialize_bytes(Read)
    }
}

impl Body {
    fn write(&self, out: &mut Vec<u8>) {
        number(out, self.len());
        for index in 0..self.len() {
            number(out, (self.range(index).len() << 1) | usize::from(self.blank_before(index)));
        }
        for text in [&self.text, &self.aside] {
            number(out, text.len());
            out.extend_from_slice(text.as_bytes());
        }
        append(
            out,
            &Tables {
                numbers: Cow::Borrowed(&self.numbers),
                removals: Cow::Borrowed(&self.removals),
                partners: Cow::Borrowed(&self.partners),
                edits: Cow::Borrowed(&self.edits),
            },
        );
    }

    fn read(mut bytes: &[u8]) -> Result<Self, Unreadable> {
        let count = take_number(&mut bytes)?;
        // Not taken at its word: each block has at least a byte here.
        let mut starts = Vec::with_capacity(count.min(bytes.len()));
        let mut at = 0;
        for index in 0..count {
            let length = take_number(&mut bytes)?;
            let blank_before = length & 1 == 1;
            if index > 0 {
                at += 1 + usize::from(blank_before);
            }
            starts.push(Start::new(at, blank_before));
            at += length >> 1;
        }
        let (text, aside) = (take_text(&mut bytes)?, take_text(&mut bytes)?);
        if at != text.len() {
            return Err(Unreadable("its blocks do not fill its text".to_owned()));
        }
        let (tables, rest) = take::<Tables<'_>>(bytes)?;
        if !rest.is_empty() {
            return Err(Unreadable("more follows than a document".to_owned()));
        }
        Ok(Self {
            text: text.to_owned(),
            starts,
            numbers: tables.numbers.into_owned(),
            removals: tables.removals.into_owned(),
            partners: tables.partners.into_owned(),
            edits: tables.edits.into_owned(),
            aside: aside.to_owned(),
            ..Self::default()
        })
    }

    /// Makes edits once more that were made in this text before.
    fn replay(&mut self, edits: &[Edited], replacements: &str) -> Result<(), Unreadable> {
        if edits.is_empty() {
            return Ok(());
        }
        let mut left = edits.iter().peekable();
        let mut from = 0;
        let mut fits = true;
        self.edit(StageIndex(0), |editor| {
            while let Some(edit) = left.next_if(|edit| edit.block as usize == editor.block().index()) {
                let to = from + edit.replacement as usize;
                let range = edit.start as usize..edit.end as usize;
                match replacements.get(from..to) {
                    Some(replacement) if editor.text().get(range.clone()).is_some() => {
                        editor.replace_as(Edited { fresh: true, ..*edit }, range, replacement);
                    }
                    _ => fits = false,
                }
                from = to;
            }
        });
        if !fits || left.next().is_some() {
            return Err(Unreadable("changes in it are of another text".to_owned()));
        }
        self.edits.iter_mut().for_each(|edit| edit.fresh = false);
        Ok(())
    }
}

/// Puts what an overlay tells into its place, if it tells it.
fn set<T, B: ToOwned<Owned = T> + ?Sized>(place: &mut T, told: Option<Cow<'_, B>>) {
    if let Some(told) = told {
        *place = told.into_owned();
    }
}

fn append(out: &mut Vec<u8>, value: &impl Serialize) {
    *out = postcard::to_extend(value, std::mem::take(out)).expect("plain data always serialises to memory");
}

fn take<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<(T, &'a [u8]), Unreadable> {
    postcard::take_from_bytes(bytes).map_err(|error| Unreadable(error.to_string()))
}

/// Appends a number, seven bits a byte, the lowest first.
fn number(out: &mut Vec<u8>, mut number: usize) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn take_number(bytes: &mut &[u8]) -> Result<usize, Unreadable> {
    let mut number = 0;
    for shift in (0..u32::BITS + 1).step_by(7) {
        let Some((byte, rest)) = bytes.split_first() else { break };
        *bytes = rest;
        number |= usize::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Ok(number);
        }
    }
    Err(Unreadable("a number in it has no end".to_owned()))
}

fn take_text<'a>(bytes: &mut &'a [u8]) -> Result<&'a str, Unreadable> {
    let length = take_number(bytes)?;
    let (text, rest) = bytes.split_at_checked(length).ok_or_else(|| Unreadable("it ends too early".to_owned()))?;
    *bytes = rest;
    simdutf8::basic::from_utf8(text).map_err(|error| Unreadable(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::super::{Change, Joint, Mark, Reason, Rule};
    use super::*;

    fn document() -> Document {
        let position = Position { file: 3, record: 2, block: 0 };
        let mut document = Document::new(position, "a#2".into(), "in/a".into(), "One.\n\nTwo,\nthree.\n\n\nÉté\nend");
        document.facts_mut().title = Some("Title".into());
        document.metadata_mut().insert("k".into(), "\"v\"".into());
        document
    }

    /// All that can be seen of a document.
    fn seen(document: &Document) -> String {
        let blocks: Vec<_> = document
            .blocks()
            .map(|block| {
                let changes: Vec<Change<'_>> = block.changes().collect();
                (block.number(), block.text(), block.blank_before(), block.bytes(), block.share_of_site(), changes)
            })
            .collect();
        let about = (document.position(), document.id(), document.source(), document.facts(), document.metadata());
        let told = (document.language(), document.tokens(), document.cluster(), document.split(), document.removal());
        format!("{blocks:?} {about:?} {told:?}")
    }

    fn copy(document: &Document) -> Document {
        let mut bytes = Vec::new();
        document.write(&mut bytes);
        Document::read(&bytes).unwrap()
    }

    /// What a stage at `stage` may do.
    fn change(document: &mut Document, stage: u16) {
        let mark = Mark::new(StageIndex(stage));
        let other = Position { file: 9, record: u64::from(stage), block: 4 };
        mark.edit(document, |editor| {
            for (from, to) in [("é", "ée"), ("o", ""), ("t", "tt")] {
                if let Some(at) = editor.text().find(from) {
                    editor.replace(Rule(stage), at..at + from.len(), to, 1 + u32::from(stage));
                }
            }
        });
        let reason = Reason::new(Rule(1)).measured(0.5, f64::from(stage)).in_favour_of(Some(other));
        mark.remove_blocks(document, [(usize::from(4 - stage), reason)]);
        match stage {
            0 => {
                document.set_shares_of_site([(0, 0.25), (3, 1.0)]);
                document.facts_mut().author = Some("Ana".into());
            }
            1 => document.set_language(Language { code: "fr".into(), script: "Latn".into(), score: 0.5 }),
            2 => {
                document.set_tokens(Tokens { count: 3, ids: Some(vec![1, 200_000, 3]) });
                document.rename("a#2~2".into());
            }
            _ => {
                document.set_cluster(Cluster { id: "b".into(), size: 3, similarity: 0.9 });
                document.set_split("test".into());
                mark.remove_document(document, reason);
            }
        }
    }

    #[test]
    fn a_document_comes_back_as_it_was_written() {
        let mut document = document();
        assert_eq!(seen(&copy(&document)), seen(&document));
        for stage in 0..4 {
            change(&mut document, stage);
            assert_eq!(seen(&copy(&document)), seen(&document), "after stage {stage}");
        }
    }

    #[test]
    fn overlays_one_after_the_other_make_the_same_document() {
        let mut document = document();
        let mut bytes = Vec::new();
        document.write(&mut bytes);
        let mut overlays: Vec<Vec<u8>> = Vec::new();
        for stage in 0..4 {
            let mut read = Document::read(&bytes).unwrap();
            overlays.iter().for_each(|overlay| read.apply_overlay(overlay).unwrap());
            assert_eq!(seen(&read), seen(&document), "before stage {stage}");
            change(&mut read, stage);
            let mut overlay = Vec::new();
            read.write_overlay(&mut overlay);
            overlays.push(overlay);
            document = read;
        }
    }

    #[test]
    fn an_overlay_of_joined_lines_brings_all_blocks() {
        let document = document();
        let mut joined = copy(&document);
        Mark::new(StageIndex(0)).join(&mut joined, Rule(0), |at| (at == 2).then_some(Joint { cut: 0, text: " " }));
        let mut overlay = Vec::new();
        joined.write_overlay(&mut overlay);
        let mut read = copy(&document);
        read.apply_overlay(&overlay).unwrap();
        assert_eq!(seen(&read), seen(&joined));
        assert_eq!(read.blocks().map(|block| block.text()).collect::<Vec<_>>(), ["One.", "Two, three.", "Été", "end"]);
    }

    #[test]
    fn of_what_did_not_change_an_overlay_has_a_few_bytes() {
        let mut overlay = Vec::new();
        copy(&document()).write_overlay(&mut overlay);
        assert!(overlay.len() < 20, "{}", overlay.len());
    }

    #[test]
    fn cut_bytes_are_no_document() {
        let mut document = document();
        change(&mut document, 0);
        let mut bytes = Vec::new();
        document.write(&mut bytes);
        for length in 0..bytes.len() {
            assert!(Document::read(&bytes[..length]).is_err(), "{length}");
        }
        bytes.push(0);
        assert!(Document::read(&bytes).is_err());
    }
}
