//! `near_dedup`: removes documents, or paragraphs, that are nearly the same as another.
//!
//! Global, in three rounds. The first finds who may be near whom at all: texts that agree in a band of MinHash, or in anchors,
//! meet at one of them. The second brings the shingles of those that meet to one place and compares them exactly. The third goes
//! over the corpus in the order of preference: who is near one that stays is removed for its sake, everybody else stays; so there
//! are no chains. With `action = "annotate"` a fourth tells all of a cluster its name and size.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Configure, Configured, Copied, Decision, Fact, GlobalStage, Removes, Round, RuleInfo, Signal, Stage, StageError,
    StageInfo, Surroundings,
};
use crate::document::{Cluster, Document, Mark, Reason, Rule};
use crate::near::{self, Bands, Measure};

mod candidates;
mod clusters;
mod comparison;
mod edge;
mod items;
mod naming;

use candidates::Candidates;
use clusters::Clusters;
use comparison::Comparison;
use edge::Edge;
use naming::Naming;

/// Removes documents, or paragraphs, that are nearly the same as another.
///
/// A text is compared by its shingles: its runs of `shingle` words in lower case, without what stands between them (in a script without
/// spaces, of characters). Pairs that agree in a band of MinHash are compared exactly by Jaccard similarity: of all shingles of the
/// two, the share that both have. What is near one that stays goes; what is near only to one that goes stays.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct NearDedup {
    /// What is compared: a whole `document`, or each `block`: paragraphs of running prose, within a document and across the corpus;
    /// never code, tables, list entries or headlines.
    pub unit: Unit,
    /// The Jaccard similarity from which on two texts are near copies. From 0 to 1.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub threshold: f64,
    /// The share of its shingles from which on a text counts as a part of a longer one, and goes: a short item within an article, a wire
    /// story that was cut. From 0 to 1. Left out, no text goes for being a part. With it the longest always stays.
    #[schemars(range(min = 0.0, max = 1.0))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub containment: Option<f64>,
    /// Which of several near copies stays: by `source-order` the first in the order of source, path, record and block; the `longest`,
    /// in characters; or the `newest`, by the day of publication. The first of those that are alike in that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prefer: Option<Prefer>,
    /// What becomes of near copies: `remove`, or `annotate`: they stay, and `cluster`, `cluster_size` and `similarity` tell of them.
    pub action: Action,
    /// Whether form letters are told apart: texts of at least eight that have all but a few words in common, each with facts of its own
    /// at the same places, are near copies only if their facts are near too.
    pub templates: bool,
    /// Words of a shingle. A shorter text is near another only if all of its words are the same.
    #[schemars(range(min = 1, max = 64))]
    pub shingle: u32,
    /// Bands of MinHash: more of them find more pairs, and cost more notes.
    #[schemars(range(min = 1, max = 1000))]
    pub bands: u32,
    /// Rows of each band: more of them let fewer pairs meet that are less near. `tamis check` tells what share of pairs meets.
    #[schemars(range(min = 1, max = 100))]
    pub rows: u32,
    /// Chooses the hash functions of MinHash. Which pairs are near does not depend on it, only which of the rarest are missed.
    pub seed: u64,
}

/// What is compared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Whole documents.
    #[default]
    Document,
    /// Paragraphs of running prose.
    Block,
}

/// Which of several near copies stays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Prefer {
    /// The first in the order of source, path, record and block.
    #[default]
    SourceOrder,
    /// The longest, in characters.
    Longest,
    /// The one published last; one without a day comes after all others.
    Newest,
}

/// What becomes of near copies.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// All but one of them go.
    #[default]
    Remove,
    /// They stay, and columns tell of them.
    Annotate,
}

/// Bands of three rows beside those of the config: they find nearly all pairs at the threshold that those miss.
const WIDE: usize = 6;

impl Default for NearDedup {
    fn default() -> Self {
        Self {
            unit: Unit::Document,
            threshold: 0.8,
            containment: None,
            prefer: None,
            action: Action::Remove,
            templates: false,
            shingle: 5,
            bands: 20,
            rows: 6,
            seed: 1,
        }
    }
}

impl Configure for NearDedup {
    const INFO: StageInfo = StageInfo {
        does: "removes documents, or paragraphs, that are nearly the same as another; each pair is compared exactly",
        needs_corpus: "yes",
        columns: &["cluster", "cluster_size", "similarity"],
        signal: Some(Signal::Repeated),
        gives: &[Fact::Cluster],
        rules,
        fixture: include_str!("../../../tests/stages/near_dedup.toml"),
        ..StageInfo::PLAIN
    };

    fn configure(&self, _surroundings: &Surroundings<'_>) -> Result<Configured, StageError> {
        self.check()?;
        let stage = Stage::Global(Box::new(Near::new(self)));
        let (removes, copied, gives) = match self.unit {
            Unit::Document => (Removes::DOCUMENTS, Copied::NearDocuments, &[Fact::Cluster][..]),
            Unit::Block => (Removes::BLOCKS, Copied::Parts, &[][..]),
        };
        let removes = removes.only_if(self.action == Action::Remove);
        let copied = (self.action == Action::Remove).then_some(copied);
        let tells = vec![self.curve()];
        Ok(Configured { removes, copied, gives: Some(gives), tells, edits: false, ..Configured::new(stage, rules()) })
    }
}

fn rules() -> Vec<RuleInfo> {
    let near = "the text is nearly the same as that of another document; the value is their similarity";
    let part = "nearly all of the text stands in another, longer document; the value is the share of it";
    let near_block = "the paragraph is nearly the same as another; the value is their similarity";
    let part_block = "nearly all of the paragraph stands in another, longer one; the value is the share of it";
    vec![
        RuleInfo::document("near_document", near).kept_by("threshold").saying("{value%} the same as {copy}"),
        RuleInfo::document("part_of_document", part).kept_by("containment").saying("{value%} of it stands in {copy}"),
        RuleInfo::block("near_paragraph", near_block).kept_by("threshold").saying("{value%} the same as {copy}"),
        RuleInfo::block("part_of_paragraph", part_block)
            .kept_by("containment")
            .saying("{value%} of it stands in {copy}"),
    ]
}

impl NearDedup {
    fn check(&self) -> Result<(), StageError> {
        let shares = [("threshold", Some(self.threshold)), ("containment", self.containment)];
        for (field, share) in shares {
            if let Some(share) = share.filter(|share| !(*share > 0.0 && *share <= 1.0)) {
                return Err(StageError::new(field, format!("{share} is not more than 0 and at most 1")));
            }
        }
        for (field, number, most) in
            [("shingle", self.shingle, 64), ("bands", self.bands, 1000), ("rows", self.rows, 100)]
        {
            if !(1..=most).contains(&number) {
                return Err(StageError::new(field, format!("{number} is not between 1 and {most}")));
            }
        }
        if self.containment.is_some() && self.prefer.is_some_and(|prefer| prefer != Prefer::Longest) {
            return Err(StageError::new(
                "prefer",
                "with `containment` the longest text stays, since others are parts of it",
            )
            .hint("drop `prefer`, or `containment`"));
        }
        if self.unit == Unit::Block && self.action == Action::Annotate {
            return Err(StageError::new("action", "the columns tell of documents, not of paragraphs")
                .hint("drop `action`, or set `unit = \"document\"`"));
        }
        Ok(())
    }

    fn prefer(&self) -> Prefer {
        let usual = if self.containment.is_some() { Prefer::Longest } else { Prefer::SourceOrder };
        self.prefer.unwrap_or(usual)
    }

    fn measure(&self) -> Measure {
        Measure { jaccard: self.threshold, containment: self.containment }
    }

    fn bands(&self) -> Bands {
        Bands::new(self.bands as usize, self.rows as usize, WIDE, self.seed)
    }

    /// What share of pairs meets, for people.
    fn curve(&self) -> String {
        let found = |jaccard: f64| {
            let share = 100.0 * near::found(self.bands as usize, self.rows as usize, WIDE, jaccard);
            // What is not all of them is not shown as all.
            format!("{:.3} % at {jaccard}", (share.min(99.999) * 1000.0).floor() / 1000.0)
        };
        let shares = [0.7, 0.8, 0.9].map(found).join(", ");
        format!("of pairs with this similarity are compared: {shares}")
    }
}

/// The rules for documents; those for blocks follow.
const NEAR: Rule = Rule(0);
const PART: Rule = Rule(1);
const NEAR_BLOCK: Rule = Rule(2);
const PART_BLOCK: Rule = Rule(3);

/// The stage and its rounds.
struct Near {
    config: NearDedup,
    candidates: Candidates,
    comparison: Comparison,
    clusters: Clusters,
    naming: Naming,
}

impl Near {
    fn new(config: &NearDedup) -> Self {
        Self {
            config: config.clone(),
            candidates: Candidates(config.clone()),
            comparison: Comparison(config.clone()),
            clusters: Clusters(config.clone()),
            naming: Naming,
        }
    }
}

impl GlobalStage for Near {
    fn rounds(&self) -> usize {
        if self.config.action == Action::Annotate { 4 } else { 3 }
    }

    fn round(&self, number: usize) -> Round<'_> {
        match number {
            0 => Round::Group(&self.candidates),
            1 => Round::Group(&self.comparison),
            2 => Round::Sweep(&self.clusters),
            _ => Round::Group(&self.naming),
        }
    }

    fn options_of(&self, number: usize) -> Option<String> {
        let config = &self.config;
        let meets = (config.unit, config.shingle, config.bands, config.rows, config.seed, config.containment.is_some());
        (number == 0).then(|| format!("{meets:?}"))
    }

    fn apply(&self, document: &mut Document, decisions: &[Decision], mark: Mark) {
        match self.config.unit {
            Unit::Block => self.config.remove_blocks(document, decisions, mark),
            Unit::Document if self.config.action == Action::Annotate => {
                for cluster in decisions.iter().filter_map(naming::cluster) {
                    document.set_cluster(cluster);
                }
            }
            Unit::Document => self.config.remove(document, decisions, mark),
        }
    }
}

impl NearDedup {
    fn remove(&self, document: &mut Document, decisions: &[Decision], mark: Mark) {
        let removed = decisions.iter().find(|decision| decision.partner.is_some());
        if let Some(decision) = removed {
            mark.remove_document(document, self.reason(decision, [NEAR, PART]));
        } else if !decisions.is_empty() {
            // One decision for each that goes for the sake of this one.
            let (id, size) = (document.id().to_owned(), 1 + decisions.len() as u32);
            document.set_cluster(Cluster { id, size, similarity: 1.0 });
        }
    }

    fn remove_blocks(&self, document: &mut Document, decisions: &[Decision], mark: Mark) {
        let removed = decisions.iter().filter(|decision| decision.partner.is_some()).filter_map(|decision| {
            let block = document.block_numbered(decision.position.block)?;
            Some((block.index(), self.reason(decision, [NEAR_BLOCK, PART_BLOCK])))
        });
        let removed: Vec<(usize, Reason)> = removed.collect();
        mark.remove_blocks(document, removed);
    }

    fn reason(&self, decision: &Decision, [near, part]: [Rule; 2]) -> Reason {
        let edge = Edge::of(decision.value);
        let (rule, threshold) = if edge.is_part { (part, self.containment) } else { (near, None) };
        let threshold = threshold.unwrap_or(self.threshold);
        Reason::new(rule).measured(edge.similarity(), threshold).in_favour_of(decision.partner)
    }
}

#[cfg(test)]
mod tests;
