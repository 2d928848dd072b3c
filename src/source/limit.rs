//! The first records of each source: which files they are in, and how many of the last one's records they are.

use super::read::{Item, read};
use super::{Discovery, FileKind, InputFile, Slice, SourceConfig};

/// Leaves of each source that has a limit its first records: files behind the last of these are left out, and that one's
/// `records` say how many of it are read.
pub fn limit(found: &mut Discovery, sources: &[SourceConfig]) {
    for (source, config) in (0u32..).zip(sources) {
        let Some(mut left) = config.limit else { continue };
        for file in found.files.iter_mut().filter(|file| file.source == source) {
            let records = if left == 0 { 0 } else { count(config, file, left) };
            file.records = Some(records);
            left -= records;
        }
    }
    found.files.retain(|file| file.records != Some(0));
}

/// How many records a file has, `most` at most.
fn count(config: &SourceConfig, file: &InputFile, most: u64) -> u64 {
    if matches!(file.kind, FileKind::Text | FileKind::Markdown) {
        return most.min(1);
    }
    let mut records = 0;
    let mut each = |item: Item| {
        records = item.record().map_or(records, |record| records.max(record + 1));
        if records < most { Ok(()) } else { Err(()) }
    };
    // It ends early once there are enough.
    let _ = read(config, file, &Slice::whole(file, [0; 16]), &mut each);
    // What cannot be read at all is a record that is lost.
    records.clamp(1, most)
}
