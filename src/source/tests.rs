//! What is read from files of every kind, whole, packed and damaged, through the three public functions.

use std::fs;
use std::io::Write;
use std::path::Path;

use super::*;

mod discovery;
mod jsonl;
mod parquet_files;
mod tables;
mod whole_files;

/// The config `text` of one source.
fn config(text: &str) -> SourceConfig {
    toml::from_str(text).unwrap()
}

struct Folder(tempfile::TempDir);

/// What reading a folder yields: documents, and rows of the ledger.
#[derive(Default)]
struct Yield {
    documents: Vec<(crate::document::Document, u64)>,
    rejected: Vec<Rejected>,
}

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn with(name: &str, bytes: impl AsRef<[u8]>) -> Self {
        Self::new().and(name, bytes)
    }

    fn and(self, name: &str, bytes: impl AsRef<[u8]>) -> Self {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
        self
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn discover(&self, text: &str) -> Discovery {
        discover(self.path(), &[config(text)]).unwrap()
    }

    /// Reads all of the folder, cut into slices of about `slice_bytes`.
    fn read_cut(&self, text: &str, slice_bytes: u64) -> Yield {
        let config = config(text);
        assert_eq!(config.check(0), []);
        let found = discover(self.path(), std::slice::from_ref(&config)).unwrap();
        let mut out = Yield { rejected: found.refused, ..Yield::default() };
        for file in &found.files {
            match survey(file, slice_bytes) {
                Err(rejected) => out.rejected.push(rejected),
                Ok(survey) => {
                    let bytes = fs::read(&file.path).unwrap();
                    assert_eq!(survey.sha256, crate::text::hash::sha256(&bytes));
                    for slice in &survey.readable(file) {
                        out.read(&config, file, slice);
                    }
                }
            }
        }
        out
    }

    fn read_with(&self, text: &str) -> Yield {
        self.read_cut(text, 1 << 20)
    }

    fn read(&self) -> Yield {
        self.read_with("paths = [\".\"]")
    }
}

impl Yield {
    fn read(&mut self, config: &SourceConfig, file: &InputFile, slice: &Slice) {
        let read = read(config, file, slice, &mut |item| {
            match item {
                Item::Document { document, bytes } => self.documents.push((document, bytes)),
                Item::Rejected(rejected) => self.rejected.push(rejected),
            }
            Ok::<(), std::convert::Infallible>(())
        });
        let Ok(()) = read;
    }

    /// The only document, where nothing was rejected.
    fn only(mut self) -> crate::document::Document {
        assert_eq!(self.rejected, []);
        assert_eq!(self.documents.len(), 1);
        self.documents.remove(0).0
    }

    fn texts(&self) -> Vec<String> {
        self.documents.iter().map(|(document, _)| document.text().into_owned()).collect()
    }

    fn ids(&self) -> Vec<&str> {
        self.documents.iter().map(|(document, _)| document.id()).collect()
    }

    /// Record, offset, cause and whether the record is lost, of each row.
    fn causes(&self) -> Vec<(Option<u64>, u64, &'static str, bool)> {
        self.rejected.iter().map(|row| (row.record, row.offset, row.cause.as_str(), row.refused)).collect()
    }

    fn detail(&self) -> &str {
        assert_eq!(self.rejected.len(), 1, "{:?}", self.rejected);
        &self.rejected[0].detail
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut writer = ::bzip2::write::BzEncoder::new(Vec::new(), ::bzip2::Compression::default());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

fn xz(bytes: &[u8]) -> Vec<u8> {
    let mut writer = liblzma::write::XzEncoder::new(Vec::new(), 6);
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

fn zstandard(bytes: &[u8]) -> Vec<u8> {
    let mut writer = zstd::Encoder::new(Vec::new(), 3).unwrap();
    // As the command-line tool does: without a sum, not all damage can be told.
    writer.include_checksum(true).unwrap();
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

type Packer = fn(&[u8]) -> Vec<u8>;
const PACKERS: [(&str, Packer); 4] = [("gz", gzip), ("zst", zstandard), ("bz2", bzip2), ("xz", xz)];

/// Lines that pack badly, so that a cut file loses its end and not everything.
fn noise(lines: u64) -> String {
    let mut state = 1u64;
    (0..lines)
        .map(|number| {
            let words: Vec<String> = (0..40)
                .map(|_| {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    format!("{:x}", state >> 20)
                })
                .collect();
            format!("{{\"id\":{number},\"text\":\"{}\"}}\n", words.join(" "))
        })
        .collect()
}
