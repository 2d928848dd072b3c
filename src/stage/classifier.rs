//! `classifier`: keeps the documents that a fastText classifier gives a label with enough probability.
//!
//! Local. The document is one line to the classifier, as these models are trained: its kept blocks with spaces between.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{
    Configure, Configured, LocalStage, Removes, RuleInfo, Stage, StageError, StageInfo, Surroundings, model_file,
};
use crate::document::{Block, Document, Mark, Reason, Rule};
use crate::text::fasttext::Model;

/// Keeps the documents that a fastText classifier gives a label with enough probability, such as quality as DCLM judges it.
///
/// The probability is that of fastText for the document's text as one line. It is kept in the document's `metadata` as
/// `classifier`, by label; as `tamis_classifier` where the input has that label or something else under this name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Classifier {
    /// The path of the model, `.bin` or `.ftz`, relative to the config's folder.
    pub model: String,
    /// The label whose probability counts, with or without `__label__`.
    pub label: String,
    /// Documents are kept whose probability of the label is at least this. From 0 to 1; 0 removes none and only measures.
    #[serde(default = "half")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub min_score: f32,
}

fn half() -> f32 {
    0.5
}

impl Configure for Classifier {
    const INFO: StageInfo = StageInfo {
        does: "keeps the documents that a fastText classifier of yours gives a label with enough probability",
        costly: true,
        columns: &["metadata"],
        sample: "{ model = \"tree.bin\", label = \"fra_Latn\" }",
        rules,
        fixture: include_str!("../../tests/stages/classifier.toml"),
        ..StageInfo::PLAIN
    };

    fn configure(&self, surroundings: &Surroundings<'_>) -> Result<Configured, StageError> {
        if !(0.0..=1.0).contains(&self.min_score) {
            return Err(StageError::new("min_score", format!("{} is no probability", self.min_score))
                .hint("probabilities lie between 0 and 1"));
        }
        let (model, entry) = model_file::open("model", &self.model, surroundings)?;
        let wanted = plain(&self.label);
        let number = model.labels().iter().position(|label| plain(label) == wanted);
        let label = number.ok_or_else(|| self.unknown_label(model.labels()))?;
        let name = wanted.to_owned();
        let stage = Classify { model, label, name, min_score: self.min_score };
        Ok(Configured {
            models: vec![entry],
            removes: Removes::DOCUMENTS.only_if(self.min_score > 0.0),
            edits: false,
            ..Configured::new(Stage::Local(Box::new(stage)), rules())
        })
    }
}

fn rules() -> Vec<RuleInfo> {
    let means = "the classifier gives the document the wanted label with less probability than `min_score`";
    let rule = RuleInfo::document("below_min_score", means).kept_by("min_score");
    vec![rule.saying("the classifier gives it {value} where `min_score` asks for {limit}")]
}

impl Classifier {
    fn unknown_label(&self, labels: &[String]) -> StageError {
        let wanted = plain(&self.label).to_lowercase();
        let distances = labels.iter().map(|label| (strsim::osa_distance(&plain(label).to_lowercase(), &wanted), label));
        let near = distances.filter(|(distance, _)| *distance <= wanted.len() / 3).min();
        let named: Vec<&str> = labels.iter().take(SHOWN).map(|label| plain(label)).collect();
        let more = if labels.len() > SHOWN { format!(" and {} more", labels.len() - SHOWN) } else { String::new() };
        let hint = near.map_or_else(
            || format!("its labels are {}{more}", named.join(", ")),
            |(_, label)| format!("did you mean `{}`?", plain(label)),
        );
        StageError::new("label", format!("`{}` has no label `{}`", self.model, self.label)).hint(hint)
    }
}

/// So many labels are listed where none is near.
const SHOWN: usize = 40;

/// The label without what fastText marks labels by.
fn plain(label: &str) -> &str {
    label.strip_prefix("__label__").unwrap_or(label)
}

/// The label's probability is below `min_score`. The value is the probability.
const BELOW_MIN_SCORE: Rule = Rule(0);

/// The stage.
struct Classify {
    model: Model,
    /// The number of the label.
    label: usize,
    /// Its name.
    name: String,
    min_score: f32,
}

impl LocalStage for Classify {
    fn apply(&self, document: &mut Document, mark: Mark) {
        let all = self.model.probabilities(document.kept().map(Block::text));
        // A text of which the model knows nothing has no label.
        let score = all.and_then(|all| all.get(self.label).copied()).unwrap_or(0.0);
        note(document, &self.name, score);
        if score < self.min_score {
            let reason = Reason::new(BELOW_MIN_SCORE).measured(f64::from(score), f64::from(self.min_score));
            mark.remove_document(document, reason);
        }
    }
}

/// Writes the probability into the document's metadata, beside those of other labels. What the input has there stays: an
/// object gets one entry more, and beside anything else, or an entry of that name, ours is under `tamis_classifier`.
fn note(document: &mut Document, name: &str, score: f32) {
    let rounded = serde_json::Value::from((f64::from(score) * 1e4).round() / 1e4).to_string();
    for key in ["classifier", "tamis_classifier"] {
        let entry = document.metadata().get(key).map_or("{}", String::as_str);
        let scores: Option<BTreeMap<String, Box<RawValue>>> = serde_json::from_str(entry).ok();
        let Some(mut scores) = scores.filter(|scores| key != "classifier" || !scores.contains_key(name)) else {
            continue;
        };
        let Ok(score) = RawValue::from_string(rounded) else { return };
        scores.insert(name.to_owned(), score);
        let entry = serde_json::to_string(&scores).expect("texts and numbers are always JSON");
        document.metadata_mut().insert(key.to_owned(), entry);
        return;
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::document::{Change, Position, StageIndex};

    const GOOD: &str = "In this chapter we explain why\nthe two methods give the same result.";
    const BAD: &str = "click here to win\n\nfree prizes now";

    fn configured(config: &str) -> Result<Configured, StageError> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/text/tests/fasttext");
        toml::from_str::<Classifier>(config).unwrap().configure(&Surroundings { folder: &folder })
    }

    fn refused(config: &str) -> StageError {
        configured(config).err().expect("the config is refused")
    }

    fn applied(config: &str, text: &str) -> Document {
        let Stage::Local(stage) = configured(config).unwrap().stage else { panic!("classifier is local") };
        let position = Position { file: 0, record: 0, block: 0 };
        let mut document = Document::new(position, "a#0".into(), "a".into(), text);
        stage.apply(&mut document, Mark::new(StageIndex(2)));
        document
    }

    #[test]
    fn a_document_below_the_threshold_is_removed_with_its_probability() {
        let config = "model = 'softmax-pairs.bin'\nlabel = 'hq'\nmin_score = 0.6";
        let kept = applied(config, GOOD);
        assert!(kept.is_kept());
        let removed = applied(config, BAD);
        let Some(Change { rule, value, threshold, .. }) = removed.removal() else { panic!("it is removed") };
        assert_eq!((rule, threshold), (BELOW_MIN_SCORE, Some(f64::from(0.6f32))));
        assert!(value.unwrap() < 0.3);
    }

    #[test]
    fn the_probability_is_that_of_the_blocks_as_one_line_and_kept_by_label() {
        let config = "model = 'each-pairs-small.ftz'\nlabel = '__label__hq'\nmin_score = 0";
        let lines = applied(config, GOOD).metadata().clone();
        assert_eq!(lines, applied(config, &GOOD.replace('\n', " ")).metadata().clone());
        let scores: serde_json::Value = serde_json::from_str(&lines["classifier"]).unwrap();
        assert!(scores["hq"].as_f64().unwrap() > 0.5, "{scores}");
    }

    #[test]
    fn two_classifiers_leave_two_probabilities() {
        let mut document = applied("model = 'softmax-pairs.bin'\nlabel = 'hq'\nmin_score = 0", GOOD);
        note(&mut document, "cc", 0.25);
        let scores: serde_json::Value = serde_json::from_str(&document.metadata()["classifier"]).unwrap();
        assert_eq!((scores["cc"].as_f64(), scores["hq"].is_number()), (Some(0.25), true));
    }

    #[test]
    fn what_the_input_calls_classifier_stays() {
        let noted = |value: &str| {
            let mut document = Document::new(Position { file: 0, record: 0, block: 0 }, "a#0".into(), "a".into(), GOOD);
            document.metadata_mut().insert("classifier".to_owned(), value.to_owned());
            note(&mut document, "hq", 0.5);
            let own = document.metadata().get("tamis_classifier").cloned().unwrap_or_default();
            (document.metadata()["classifier"].clone(), own)
        };
        assert_eq!(noted("\"bert\""), ("\"bert\"".to_owned(), "{\"hq\":0.5}".to_owned()));
        assert_eq!(noted("{\"hq\":1e400}"), ("{\"hq\":1e400}".to_owned(), "{\"hq\":0.5}".to_owned()));
        assert_eq!(noted("{\"by\":[[1]]}"), ("{\"by\":[[1]],\"hq\":0.5}".to_owned(), String::new()));
    }

    #[test]
    fn an_unknown_label_is_refused_with_the_model_s_labels() {
        let error = refused("model = 'softmax-pairs.bin'\nlabel = '__label__positive'");
        assert_eq!(
            (error.field.as_str(), error.message.as_str()),
            ("label", "`softmax-pairs.bin` has no label `__label__positive`")
        );
        assert_eq!(error.hint.unwrap(), "its labels are hq, cc");
        let error = refused("model = 'tree.bin'\nlabel = 'eng_latn'");
        assert_eq!(error.hint.unwrap(), "did you mean `eng_Latn`?");
        assert!(refused("model = 'many-labels.ftz'\nlabel = 'quality'").hint.unwrap().ends_with(" and 220 more"));
    }

    #[test]
    fn a_model_or_score_that_cannot_be_is_refused_at_its_field() {
        assert_eq!(refused("model = 'none.bin'\nlabel = 'hq'").field, "model");
        assert_eq!(refused("model = 'tree.bin'\nlabel = 'hq'\nmin_score = 50").field, "min_score");
    }

    #[test]
    fn the_plan_learns_the_model_and_whether_documents_may_go() {
        let told = configured("model = 'tree.bin'\nlabel = 'fra_Latn'\nmin_score = 0").unwrap();
        assert_eq!((told.models[0].name.as_str(), told.changes_text()), ("tree.bin", false));
        assert!(configured("model = 'tree.bin'\nlabel = 'fra_Latn'").unwrap().changes_text());
    }
}
