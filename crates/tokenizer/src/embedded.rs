//! The vocabularies that come with tamis: OpenAI's, from their published files.

use std::sync::Mutex;

use super::bpe::{MergeBuffers, Vocabulary};
use super::memo::Memo;
use super::pieces::{self, Cutter, CutterBuffers, Pattern};

/// What is known of an embedded vocabulary without loading it.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// The name a config uses.
    pub name: &'static str,
    /// SHA-256 of the `.tiktoken` file that OpenAI publishes, in hexadecimal; a test rebuilds that file.
    pub sha256: &'static str,
    /// Number of ids, special tokens included.
    pub size: u32,
    /// The licence of the vocabulary.
    pub license: &'static str,
    /// The id of `<|endoftext|>`, which begins and ends documents.
    pub end_of_text: u32,
    pattern: Pattern,
    compact: &'static [u8],
}

/// All embedded vocabularies; `gpt2` and `r50k_base` are two names of one.
pub const ENTRIES: &[Entry] = &[
    Entry {
        name: "gpt2",
        sha256: "306cd27f03c1a714eca7108e03d66b7dc042abe8c258b44c199a7ed9838dd930",
        size: 50_257,
        license: "MIT",
        end_of_text: 50_256,
        pattern: Pattern::Gpt2,
        compact: include_bytes!("../data/r50k_base.bpe.zst"),
    },
    Entry {
        name: "r50k_base",
        sha256: "306cd27f03c1a714eca7108e03d66b7dc042abe8c258b44c199a7ed9838dd930",
        size: 50_257,
        license: "MIT",
        end_of_text: 50_256,
        pattern: Pattern::Gpt2,
        compact: include_bytes!("../data/r50k_base.bpe.zst"),
    },
    Entry {
        name: "p50k_base",
        sha256: "94b5ca7dff4d00767bc256fdd1b27e5b17361d7b8a5f968547f9f23eb70d2069",
        size: 50_281,
        license: "MIT",
        end_of_text: 50_256,
        pattern: Pattern::Gpt2,
        compact: include_bytes!("../data/p50k_base.bpe.zst"),
    },
    Entry {
        name: "cl100k_base",
        sha256: "223921b76ee99bde995b7ff738513eef100fb51d18c93597a113bcffe865b2a7",
        size: 100_277,
        license: "MIT",
        end_of_text: 100_257,
        pattern: Pattern::Cl100k,
        compact: include_bytes!("../data/cl100k_base.bpe.zst"),
    },
    Entry {
        name: "o200k_base",
        sha256: "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d",
        size: 200_019,
        license: "MIT",
        end_of_text: 199_999,
        pattern: Pattern::O200k,
        compact: include_bytes!("../data/o200k_base.bpe.zst"),
    },
];

/// An embedded vocabulary, loaded.
pub struct Embedded {
    vocabulary: Vocabulary,
    cutter: Cutter,
    /// Buffers that are not in use; as many as threads ever encoded at once.
    buffers: Mutex<Vec<Buffers>>,
}

/// What one thread needs to encode.
struct Buffers {
    cutter: CutterBuffers,
    merge: MergeBuffers,
    words: Memo<2, 4>,
    long_words: Memo<4, 8>,
}

/// Slots of the memo for short words, as a power of two: 2 MiB a thread.
const WORD_BITS: u32 = 16;

/// Slots of the memo for longer words, as a power of two: 1 MiB a thread.
const LONG_WORD_BITS: u32 = 14;

impl Entry {
    /// Loads the vocabulary.
    pub fn load(&self) -> Embedded {
        let unpacked = zstd::decode_all(self.compact).expect("a test unpacks each embedded vocabulary");
        let vocabulary = Vocabulary::new(&unpacked).expect("a test loads each embedded vocabulary");
        Embedded { vocabulary, cutter: Cutter::new(self.pattern), buffers: Mutex::default() }
    }
}

impl Embedded {
    /// Appends the ids of `text`. Special tokens inside the text are ordinary text.
    pub fn encode_into(&self, text: &str, ids: &mut Vec<u32>) {
        let taken = self.buffers.lock().ok().and_then(|mut free| free.pop());
        let mut buffers = taken.unwrap_or_else(|| Buffers {
            cutter: CutterBuffers::default(),
            merge: MergeBuffers::default(),
            words: Memo::new(WORD_BITS),
            long_words: Memo::new(LONG_WORD_BITS),
        });
        let mut rest = text;
        while rest.len() > pieces::CHUNK {
            let at = match pieces::cut_at_space(rest) {
                Some(at) => {
                    let (head, _) = rest.split_at(at);
                    self.encode_chunk(head, &mut buffers, ids);
                    at
                }
                None => self.encode_piece_by_piece(rest, &mut buffers, ids),
            };
            (_, rest) = rest.split_at(at);
        }
        self.encode_chunk(rest, &mut buffers, ids);
        if let Ok(mut free) = self.buffers.lock() {
            free.push(buffers);
        }
    }

    /// The bytes that `id` stands for.
    pub fn token(&self, id: u32) -> Option<&[u8]> {
        self.vocabulary.token(id)
    }

    /// The ids of `text`, which takes the engine many times its size.
    #[cfg(test)]
    pub fn encode_without_cutting(&self, text: &str) -> Vec<u32> {
        let mut ids = Vec::new();
        let mut merge = MergeBuffers::default();
        for span in self.cutter.cut(text, &mut CutterBuffers::default()) {
            self.vocabulary.encode(&text.as_bytes()[span.range()], &mut merge, &mut ids);
        }
        ids
    }

    fn encode_chunk(&self, text: &str, buffers: &mut Buffers, ids: &mut Vec<u32>) {
        let Buffers { cutter, merge, words, long_words } = buffers;
        let bytes = text.as_bytes();
        for span in self.cutter.cut(text, cutter) {
            let range = span.range();
            let (start, length) = (range.start, range.len());
            let before = ids.len();
            if length <= Memo::<2, 4>::LONGEST {
                let key = Memo::<2, 4>::key(bytes, start, length);
                if !words.recall(&key, ids) {
                    self.vocabulary.encode(&bytes[range], merge, ids);
                    words.remember(&key, &ids[before..]);
                }
            } else if length <= Memo::<4, 8>::LONGEST {
                let key = Memo::<4, 8>::key(bytes, start, length);
                if !long_words.recall(&key, ids) {
                    self.vocabulary.encode(&bytes[range], merge, ids);
                    long_words.remember(&key, &ids[before..]);
                }
            } else {
                self.vocabulary.encode(&bytes[range], merge, ids);
            }
        }
    }

    /// Encodes pieces from the start of `text`, which has no place to cut, until a chunk is done. Returns where.
    fn encode_piece_by_piece(&self, text: &str, buffers: &mut Buffers, ids: &mut Vec<u32>) -> usize {
        let mut done = 0;
        while done < pieces::CHUNK {
            let (_, rest) = text.split_at(done);
            let piece = self.cutter.next_piece(rest);
            self.vocabulary.encode(&rest.as_bytes()[piece.clone()], &mut buffers.merge, ids);
            done += piece.end;
        }
        done
    }
}
