//! What a file's name says about how to read it.

use super::{Compression, FileKind, Format};

/// How to read the file `name`, with the endings it has or as `format` says; or why that is unknown.
pub(super) fn of(name: &str, format: Format) -> Result<(FileKind, Compression), String> {
    let file_name = name.rsplit('/').next().unwrap_or(name).to_ascii_lowercase();
    let packed = COMPRESSIONS.iter().find_map(|(ending, compression)| {
        file_name.strip_suffix(ending).filter(|stem| !stem.is_empty()).map(|stem| (stem, *compression))
    });
    let (stem, compression) = packed.unwrap_or((file_name.as_str(), Compression::None));
    let kind = match format {
        Format::Text => FileKind::Text,
        Format::Markdown => FileKind::Markdown,
        Format::Jsonl => FileKind::Jsonl,
        Format::Csv => FileKind::Csv,
        Format::Tsv => FileKind::Tsv,
        Format::Parquet => FileKind::Parquet,
        Format::Auto => by_ending(stem)?,
    };
    Ok((kind, compression))
}

const COMPRESSIONS: [(&str, Compression); 5] = [
    (".gz", Compression::Gzip),
    (".zst", Compression::Zstd),
    (".zstd", Compression::Zstd),
    (".bz2", Compression::Bzip2),
    (".xz", Compression::Xz),
];

fn by_ending(stem: &str) -> Result<FileKind, String> {
    let Some((_, ending)) = stem.rsplit_once('.').filter(|(before, _)| !before.is_empty()) else {
        return Err("the name has no ending that tells the format; set `format` or leave the file out".to_owned());
    };
    Ok(match ending {
        "txt" | "text" => FileKind::Text,
        "md" | "markdown" => FileKind::Markdown,
        "jsonl" | "ndjson" => FileKind::Jsonl,
        "csv" => FileKind::Csv,
        "tsv" | "tab" => FileKind::Tsv,
        "parquet" | "pq" => FileKind::Parquet,
        "json" => {
            let detail = "the ending `.json` does not tell whether each line is an article";
            return Err(format!("{detail}; if so, set `format = \"jsonl\"`"));
        }
        _ => {
            let known = ".txt, .md, .jsonl, .csv, .tsv and .parquet";
            return Err(format!("the ending `.{ending}` is none of {known}; set `format` or leave the file out"));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_tell_the_kind_and_the_packing() {
        assert_eq!(of("a/b.TXT", Format::Auto), Ok((FileKind::Text, Compression::None)));
        assert_eq!(of("b.jsonl.zst", Format::Auto), Ok((FileKind::Jsonl, Compression::Zstd)));
        assert_eq!(of("b.csv.GZ", Format::Auto), Ok((FileKind::Csv, Compression::Gzip)));
        assert_eq!(of("part-0", Format::Parquet), Ok((FileKind::Parquet, Compression::None)));
        assert_eq!(of("part-0.xz", Format::Text), Ok((FileKind::Text, Compression::Xz)));
    }

    #[test]
    fn other_endings_are_refused_with_advice() {
        for (name, advice) in
            [("a.json", "jsonl"), ("a.html", "`.html`"), ("a.d/README", "no ending"), ("b.gz", "no ending")]
        {
            let detail = of(name, Format::Auto).unwrap_err();
            assert!(detail.contains(advice), "{name}: {detail}");
        }
    }
}
