//! What the columns of `data/` mean, for the card and for `croissant.json`.

/// Each column of `data/` and what it holds: a fragment without a full stop.
const MEANINGS: &[(&str, &str)] = &[
    (
        "id",
        "the document's own id where the input has one, else `source#record`; of a repeated id the later ones end in `~2`, `~3`, ...",
    ),
    ("text", "the text that was kept, a line a block, blank lines where they were"),
    ("source", "path of the input file, relative to the config's folder"),
    ("record", "number of the record in that file, from 0"),
    ("title", "headline, from the input's field or from the text"),
    ("author", "author or authors as written, `; ` between them"),
    ("published", "day of first publication"),
    ("updated", "day of the last update"),
    ("url", "address of the article"),
    ("site", "name of the site, else the host of `url`"),
    ("section", "section or category on the site"),
    ("credit", "photo or agency credit"),
    ("language", "ISO 639-1 code, or 639-3 where there is none; `und` undecided, `zxx` no language"),
    ("language_script", "ISO 15924 code of the prevailing script"),
    ("language_score", "confidence in the language, 0 to 1"),
    ("chars", "length of `text` in Unicode scalar values"),
    ("words", "words of `text` (UAX 29)"),
    ("tokens", "tokens of `text`"),
    ("token_ids", "the tokens themselves, exactly the encoding of `text`"),
    ("sha256", "SHA-256 of `text` in UTF-8, in hexadecimal"),
    ("cluster", "id of the document that stayed for a group of near-duplicates"),
    ("cluster_size", "documents in that group"),
    ("similarity", "similarity to the document that stayed, 0 to 1"),
    ("blocks_in", "blocks that the document had"),
    ("blocks_kept", "blocks in `text`"),
    ("bytes_in", "bytes of the blocks that the document had"),
    (
        "quality",
        "`chrome` and `repeated`: the shares of the document's bytes that were removed as site chrome and as repeats",
    ),
    ("metadata", "what else the input record carried, as a JSON object"),
];

/// What a column of `data/` holds.
#[must_use]
pub fn meaning(column: &str) -> &'static str {
    MEANINGS.iter().find(|(name, _)| *name == column).map_or("", |(_, meaning)| meaning)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sink::columns::DATA;

    #[test]
    fn each_column_has_a_meaning_and_nothing_else_has() {
        let columns: Vec<&str> = DATA.fields().iter().map(|field| field.name().as_str()).collect();
        assert_eq!(MEANINGS.iter().map(|(name, _)| *name).collect::<Vec<_>>(), columns);
    }
}
