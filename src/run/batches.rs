//! Batches of rows on their way to an encoder, cut so that memory stays bounded whatever the rows are.

/// Rows are handed to the encoder in batches of at most this many bytes, so that memory stays bounded.
const BATCH_BYTES: u64 = 4 << 20;

/// And at most this many entries.
const BATCH_ENTRIES: usize = 1024;

/// And at most this many bytes of all their strings: ids and metadata can be large too, and a column of strings holds 2 GiB.
pub const BATCH_STRINGS: u64 = 64 << 20;

/// What goes into a batch.
pub trait Weigh {
    /// Its bytes of text and token ids.
    fn size(&self) -> u64;

    /// Bytes of all its strings.
    fn strings(&self) -> u64;
}

/// Cuts items into batches by bytes and number.
pub fn batches<T: Weigh>(items: &[T]) -> impl Iterator<Item = &[T]> {
    let mut rest = items;
    std::iter::from_fn(move || {
        let (mut bytes, mut strings) = (0, 0);
        let fits = |item: &&T| {
            bytes += item.size();
            strings += item.strings();
            bytes <= BATCH_BYTES && strings <= BATCH_STRINGS
        };
        let length = rest.iter().take(BATCH_ENTRIES).take_while(fits).count().max(1).min(rest.len());
        let (batch, others) = rest.split_at(length);
        rest = others;
        (!batch.is_empty()).then_some(batch)
    })
}
