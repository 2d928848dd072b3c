//! A file's unpacked bytes, whatever it is packed with, and what went wrong on the way in words of the ledger.
//!
//! Members are unpacked one by one rather than by a decoder for many, so that what follows the last one is told apart from
//! damage within it.

use std::fs::File;
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Seek, SeekFrom};

use super::{Cause, Compression, InputFile};

/// The unpacked bytes of a file.
pub(super) type Bytes = Box<dyn Read>;

/// Why a file, or the rest of it, cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub cause: Cause,
    pub detail: String,
    /// Bytes that are lost beyond those already handed out, where they can be counted.
    pub bytes: u64,
}

/// Opens `file` and unpacks it as its name says; an uncompressed file is read from byte `start` to byte `end`.
pub(super) fn open(file: &InputFile, start: u64, end: u64) -> Result<Bytes, Fault> {
    let cannot_open = |error: io::Error| Fault::from_system(&error, "opened");
    let mut opened = File::open(&file.path).map_err(cannot_open)?;
    if file.compression == Compression::None {
        if start > 0 {
            opened.seek(SeekFrom::Start(start)).map_err(cannot_open)?;
        }
        return Ok(Box::new(opened.take(end.saturating_sub(start))));
    }
    Ok(Box::new(Members {
        packing: file.compression,
        state: State::Between(BufReader::with_capacity(PACKED_BUFFER, opened)),
        members: 0,
    }))
}

impl Fault {
    /// What a failed read means for the ledger.
    pub(super) fn from_read(error: &io::Error) -> Self {
        if error.raw_os_error().is_some() {
            return Self::from_system(error, "read");
        }
        if let Some(garbage) = error.get_ref().and_then(|inner| inner.downcast_ref::<Garbage>()) {
            let (cause, detail) = match garbage.members {
                0 => (
                    Cause::Corrupt,
                    format!("the name says {0}, but the file does not start as {0} data does", garbage.packing),
                ),
                _ => (
                    Cause::TrailingBytes,
                    format!("{} bytes that are no {} data follow its end", garbage.bytes, garbage.packing),
                ),
            };
            return Self { cause, detail, bytes: garbage.bytes };
        }
        let (cause, detail) = match error.kind() {
            ErrorKind::UnexpectedEof => (Cause::Truncated, "the compressed data ends too early".to_owned()),
            _ => (Cause::Corrupt, format!("the compressed data is damaged: {error}")),
        };
        Self { cause, detail, bytes: 0 }
    }

    /// What a call to the system that failed means for the ledger.
    pub(super) fn from_system(error: &io::Error, what: &str) -> Self {
        let (cause, why) = match error.kind() {
            ErrorKind::IsADirectory => (Cause::NotAFile, "it is a folder".to_owned()),
            ErrorKind::NotFound => (Cause::Unreadable, "it is gone".to_owned()),
            ErrorKind::PermissionDenied => (Cause::Unreadable, "permission denied".to_owned()),
            _ => (Cause::Unreadable, error.to_string()),
        };
        Self { cause, detail: format!("the file cannot be {what}: {why}"), bytes: 0 }
    }
}

/// Compressed bytes are read in pieces of this many.
const PACKED_BUFFER: usize = 128 << 10;

/// Window of a Zstandard frame, as a power of two, that is accepted: the widest there is (`zstd --long=31`), since corpora
/// are published that way. The memory is only taken where a frame asks for it.
const ZSTD_WINDOW_LOG: u32 = 31;

/// Compressed data as a row of members (gzip's word; frames or streams in the other formats).
struct Members {
    packing: Compression,
    state: State,
    members: u64,
}

enum State {
    Between(BufReader<File>),
    Within(Box<Member>),
    /// The end was reached, or an error was reported.
    Done,
}

enum Member {
    Gzip(flate2::bufread::GzDecoder<BufReader<File>>),
    Zstd(zstd::Decoder<'static, BufReader<File>>),
    Bzip2(bzip2::bufread::BzDecoder<BufReader<File>>),
    Xz(liblzma::bufread::XzDecoder<BufReader<File>>),
}

/// Bytes that start no member stand where one should: at the start of the file or after the last member.
#[derive(Debug, thiserror::Error)]
#[error("{bytes} bytes are no {packing} data")]
struct Garbage {
    packing: Compression,
    members: u64,
    bytes: u64,
}

impl Read for Members {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        loop {
            match std::mem::replace(&mut self.state, State::Done) {
                State::Done => return Ok(0),
                State::Between(mut packed) => {
                    if self.begins(&mut packed)? {
                        self.members += 1;
                        self.state = State::Within(Box::new(Member::new(self.packing, packed)?));
                    }
                }
                State::Within(mut member) => {
                    let read = member.read(out)?;
                    if read > 0 || out.is_empty() {
                        self.state = State::Within(member);
                        return Ok(read);
                    }
                    self.state = State::Between(member.into_packed());
                }
            }
        }
    }
}

impl Members {
    /// Whether another member begins here, after zero bytes that may pad the one before it: xz aligns its streams so, and
    /// tapes their blocks. False at the end of the file.
    fn begins(&self, packed: &mut BufReader<File>) -> io::Result<bool> {
        let padding = if self.members > 0 { skip_zeros(packed)? } else { 0 };
        let head = packed.fill_buf()?;
        // A member cut within its first bytes begins nevertheless, and its decoder reports the cut.
        let head = head.get(..4).unwrap_or(head);
        if head.is_empty() {
            return Ok(false);
        }
        if self.packing.starts(head) {
            return Ok(true);
        }
        let bytes = padding + io::copy(packed, &mut io::sink())?;
        let garbage = Garbage { packing: self.packing, members: self.members, bytes };
        Err(io::Error::new(ErrorKind::InvalidData, garbage))
    }
}

/// Reads on to the first byte that is not zero; says how many were.
fn skip_zeros(packed: &mut BufReader<File>) -> io::Result<u64> {
    let mut skipped = 0;
    loop {
        let rest = packed.fill_buf()?;
        let zeros = rest.iter().take_while(|byte| **byte == 0).count();
        let is_end = zeros < rest.len() || rest.is_empty();
        packed.consume(zeros);
        skipped += zeros as u64;
        if is_end {
            return Ok(skipped);
        }
    }
}

impl Member {
    fn new(packing: Compression, packed: BufReader<File>) -> io::Result<Self> {
        Ok(match packing {
            Compression::None | Compression::Gzip => Self::Gzip(flate2::bufread::GzDecoder::new(packed)),
            Compression::Zstd => {
                let mut decoder = zstd::Decoder::with_buffer(packed)?.single_frame();
                decoder.window_log_max(ZSTD_WINDOW_LOG)?;
                Self::Zstd(decoder)
            }
            Compression::Bzip2 => Self::Bzip2(bzip2::bufread::BzDecoder::new(packed)),
            Compression::Xz => Self::Xz(liblzma::bufread::XzDecoder::new(packed)),
        })
    }

    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Gzip(decoder) => decoder.read(out),
            Self::Zstd(decoder) => decoder.read(out),
            Self::Bzip2(decoder) => decoder.read(out),
            Self::Xz(decoder) => decoder.read(out),
        }
    }

    fn into_packed(self) -> BufReader<File> {
        match self {
            Self::Gzip(decoder) => decoder.into_inner(),
            Self::Zstd(decoder) => decoder.into_inner(),
            Self::Bzip2(decoder) => decoder.into_inner(),
            Self::Xz(decoder) => decoder.into_inner(),
        }
    }
}

impl Compression {
    /// Whether a member can start with `head`, of up to four bytes.
    fn starts(self, head: &[u8]) -> bool {
        let begins = |magic: &[u8]| magic.starts_with(head) || head.starts_with(magic);
        match self {
            Self::None => false,
            Self::Gzip => begins(b"\x1f\x8b"),
            // The second is a skippable frame, as parallel compressors write them.
            Self::Zstd => begins(b"\x28\xb5\x2f\xfd") || matches!(head, [0x50..=0x5f, 0x2a, 0x4d, 0x18]),
            Self::Bzip2 => begins(b"BZh"),
            Self::Xz => begins(b"\xfd7zX"),
        }
    }
}

impl std::fmt::Display for Compression {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::None => "uncompressed",
            Self::Gzip => "gzip",
            Self::Zstd => "Zstandard",
            Self::Bzip2 => "bzip2",
            Self::Xz => "xz",
        })
    }
}
