//! What other tools call what our stages do: for who moves a config from one of them.

use super::StageInfo;
use super::table::STAGES;

/// Names in other tools, and the stages that do that here. Of these some may not exist.
const ELSEWHERE: &[(&[&str], &[&str])] = &[
    (&["normalise", "clean", "clean_text", "ftfy", "fix_unicode", "unicode", "reformat"], &["normalize"]),
    (
        &["dedup", "dedupe", "deduplicate", "deduplication", "exact_dedup", "bloom", "hash_dedup"],
        &["document_dedup", "paragraph_dedup", "near_dedup"],
    ),
    (&["sentence_dedup", "line_dedup", "paragraphs"], &["paragraph_dedup"]),
    (
        &["minhash", "minhash_dedup", "fuzzy_dedup", "near_duplicates", "lsh", "simhash", "similarity"],
        &["near_dedup", "document_dedup", "paragraph_dedup"],
    ),
    (&["suffix_array", "exact_substring", "substr_dedup", "passages"], &["substring_dedup", "paragraph_dedup"]),
    (
        &["extract", "extraction", "trafilatura", "readability", "justext", "resiliparse", "html", "clutter", "chrome"],
        &["boilerplate"],
    ),
    (&["langid", "lid", "lang", "language_id", "language_filter", "glotlid", "cld2", "cld3"], &["language"]),
    (&["filter", "filters", "heuristics"], &["language", "quality", "classifier"]),
    (
        &["gopher", "gopher_quality", "gopher_repetition", "c4", "c4_quality", "fineweb_quality", "quality_filter"],
        &["quality", "classifier"],
    ),
    (&["fasttext", "fasttext_filter", "model_filter", "score"], &["classifier"]),
    (&["pii", "pii_removal", "anonymize", "anonymise", "redact", "scrub", "privacy"], &["mask"]),
    (&["decontamination", "contamination", "ngram_decont", "benchmarks"], &["decontaminate"]),
    (&["tokens", "tokenizer", "tokens_counter", "token_count", "encode"], &["tokenize"]),
    (&["packing", "sequences", "concat_and_chunk", "group_texts"], &["pack"]),
    (&["mix", "mixture", "subsample", "downsample", "upsample"], &["sample"]),
    (&["splits", "train_test_split", "partition", "shuffle"], &["split"]),
];

/// What to write in place of a stage that other tools have, if `name` is one of them.
#[must_use]
pub fn known_elsewhere(name: &str) -> Option<String> {
    let name = name.to_ascii_lowercase().replace('-', "_");
    let (_, ours) = ELSEWHERE.iter().find(|(theirs, _)| theirs.contains(&name.as_str()))?;
    let known = ours.iter().filter_map(|own| STAGES.iter().find(|(stage, _)| stage == own));
    // The sentence goes on with details that nobody asks for yet.
    let does =
        |info: &StageInfo| -> &'static str { info.does.split([';', ',', '(']).next().unwrap_or_default().trim() };
    let told: Vec<String> = known.clone().map(|(stage, info)| format!("`{stage}` {}", does(info))).collect();
    match (told.as_slice(), known.clone().next()) {
        ([only], Some((stage, _))) => Some(format!("here {only} (`tamis stages {stage}`)")),
        ([], _) | (_, None) => Some("tamis has no stage for that; `tamis stages` lists those it has".to_owned()),
        (several, _) => Some(format!("here {} (`tamis stages NAME` tells more)", several.join(", "))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_is_answered_by_stages_that_exist_and_none_is_a_stage_itself() {
        for name in ELSEWHERE.iter().flat_map(|(theirs, _)| *theirs) {
            assert!(STAGES.iter().all(|(stage, _)| stage != name), "{name}");
            assert!(known_elsewhere(name).is_some(), "{name}");
        }
        let minhash = known_elsewhere("MinHash").unwrap();
        assert!(
            minhash.starts_with("here ") && minhash.contains("document_dedup") && !minhash.contains('\n'),
            "{minhash}"
        );
        assert_eq!(known_elsewhere("frobnicate"), None);
    }
}
