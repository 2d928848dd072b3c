//! What looks odd about the order of stages, by what they say of themselves. Knows no stage by name.

use super::PlannedStage;
use crate::stage::{Copied, Fact, Removes};

/// Law 8: a copy is removed only for the sake of one that stays. A stage that removes blocks or documents, after one that removes
/// copies of parts, may take the copy that was kept. One that removes copies itself leaves another in its place.
pub(super) fn warnings(stages: &[PlannedStage]) -> Vec<String> {
    let mut warnings = Vec::new();
    for (index, dedup) in stages.iter().enumerate() {
        for later in stages.iter().skip(index + 1).filter(|later| may_take(dedup, later)) {
            let hides = dedup.copied == Some(Copied::NearDocuments);
            let (dedup, later, counts) = (&dedup.name, &later.name, later.gives.contains(&Fact::Tokens));
            if hides && !counts {
                warnings.push(format!(
                    "`{later}` runs after `{dedup}`: what it takes out hides near copies from `{dedup}`, and it may remove the one \
                     that was kept. Put `{later}` before `{dedup}`"
                ));
                continue;
            }
            let cure = if counts {
                // The plan refuses it before the last stage that changes text.
                format!("`{later}` has to count what is left, so it cannot go first")
            } else {
                format!("Put `{later}` before `{dedup}`")
            };
            warnings.push(format!(
                "`{later}` runs after `{dedup}` and may remove the one copy of a repeated text that was kept: that text would be gone \
                 altogether. {cure}; the build counts such texts"
            ));
        }
    }
    warnings
}

/// Whether `later` may remove what `dedup` kept in place of what it removed.
fn may_take(dedup: &PlannedStage, later: &PlannedStage) -> bool {
    let spares_parts = matches!(later.copied, Some(Copied::Parts | Copied::PartsOfDocument));
    match dedup.copied {
        Some(Copied::Parts | Copied::NearDocuments) => !spares_parts && later.removes != Removes::NOTHING,
        // With its document, a copy would have gone as well.
        Some(Copied::PartsOfDocument) => !spares_parts && later.removes.blocks,
        Some(Copied::Documents | Copied::AllParts) | None => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::config;
    use crate::plan::Plan;
    use crate::source::Discovery;

    fn warnings(stages: &[&str]) -> Vec<String> {
        let stages: String = stages.iter().map(|stage| format!("[[stage]]\n{stage}\n")).collect();
        let text = format!("[dataset]\nname = 'a'\n[[source]]\npaths = ['a']\n{stages}[output]\ndir = 'out'\n");
        let located = config::load(&text, "tamis.toml", &[]).unwrap_or_else(|errors| panic!("{errors}"));
        let plan = Plan::with_files(located, ".".as_ref(), Discovery::default());
        plan.unwrap_or_else(|error| panic!("{error}")).warnings
    }

    const DEDUP: &str = "paragraph_dedup = {}";

    #[test]
    fn what_may_remove_the_kept_copy_of_a_part_is_named_by_what_it_says_of_itself() {
        let classifier = format!(
            "classifier = {{ model = '{}/crates/text/tests/fasttext/tree.bin', label = 'fra_Latn' }}",
            env!("CARGO_MANIFEST_DIR")
        );
        for (later, name) in [
            ("boilerplate = {}", "boilerplate"),
            ("document_dedup = {}", "document_dedup"),
            ("language = { keep = ['fr'] }", "language"),
            ("language = { drop_foreign_blocks = true }", "language"),
            (classifier.as_str(), "classifier"),
            ("paragraph_dedup = { keep = 'none' }", "paragraph_dedup#2"),
        ] {
            let found = warnings(&["normalize = {}", DEDUP, later]);
            let [only] = found.as_slice() else { panic!("{later}: {found:?}") };
            assert!(only.starts_with(&format!("`{name}` runs after `paragraph_dedup` and may remove")), "{only}");
            assert!(only.contains(&format!("Put `{name}` before `paragraph_dedup`")), "{only}");
            assert!(warnings(&[later, DEDUP]).is_empty() || name == "paragraph_dedup#2", "{later}");
        }
    }

    #[test]
    fn what_counts_tokens_is_not_advised_to_go_where_the_plan_refuses_it() {
        let found = warnings(&[DEDUP, "tokenize = { tokenizer = 'gpt2', max_tokens = 9 }"]);
        assert!(found.len() == 1 && found[0].contains("it cannot go first") && !found[0].contains("Put"), "{found:?}");
    }

    #[test]
    fn what_removes_nothing_or_leaves_another_copy_is_not_named() {
        for stages in [
            &[DEDUP, "language = {}", "tokenize = { tokenizer = 'gpt2' }", "split = { train = 1.0 }"][..],
            &["document_dedup = {}", "boilerplate = {}", "language = { keep = ['fr'] }", DEDUP],
            &[DEDUP, "paragraph_dedup = { key = 'ccnet' }"],
            &["paragraph_dedup = { keep = 'none' }", "boilerplate = {}"],
            &["paragraph_dedup = { scope = 'document' }", "language = { keep = ['fr'] }"],
        ] {
            assert_eq!(warnings(stages), Vec::<String>::new(), "{stages:?}");
        }
    }
}
