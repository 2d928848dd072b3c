//! The plan: the config resolved. Stages are made, what they need is checked, files are found, and the pipeline is cut
//! into segments at each global stage. Decides nothing about documents and writes nothing.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::config::{Config, ConfigError, ConfigErrors, Located, Places};
use crate::document::{Rule, StageIndex};
use crate::sink::columns::Names;
use crate::sink::row::Signals;
use crate::source::{self, Discovery};
use crate::stage::identity::{self, Identity};
use crate::stage::{Configured, Copied, Fact, Model, Removes, RuleInfo, Signal, Stage, StageInfo, Surroundings};

mod fields;
mod needs;
mod order;
mod output;
mod own;
mod settings;
mod sources;

use needs::{hint_for, phrase};
use sources::{source_error, unmatched};

pub use settings::guard_path;

/// A config with everything resolved but the contents of its inputs.
pub struct Plan {
    /// The config's folder; input names are relative to it.
    pub folder: PathBuf,
    /// The config as written, defaults filled in.
    pub config: Config,
    /// Where each key of it was written.
    pub places: Places,
    /// The stages in order; last one without a name in the config, which keeps ids apart.
    pub stages: Vec<PlannedStage>,
    /// The pipeline, cut at each global stage.
    pub segments: Vec<Segment>,
    /// The files that the sources matched, and what else they came upon.
    pub discovery: Discovery,
    /// What looks like a mistake but is none for certain.
    pub warnings: Vec<String>,
}

/// A stage in its place in the pipeline.
pub struct PlannedStage {
    /// Its name as the ledger shows it: `boilerplate`, and `boilerplate#2` the second time.
    pub name: String,
    /// Its rules under their full names, `boilerplate.comment_form`; last the rule for documents of which it left no block.
    pub rules: Vec<RuleInfo>,
    /// Rules that the config asks for by an option of their own.
    pub requested: Vec<RequestedRule>,
    /// Models, vocabularies and word lists it decides by.
    pub models: Vec<Model>,
    /// What it compares with that stands outside of the corpus, by the numbers that its removals name.
    pub outside: Arc<[String]>,
    /// What it may take out of the dataset.
    pub removes: Removes,
    /// Of what it removes the copies, if that is what it does.
    pub copied: Option<Copied>,
    /// What it fills for later stages.
    pub gives: &'static [Fact],
    /// What else a person should know of it, for `check`.
    pub tells: Vec<String>,
    /// The quality signal that what it removes counts for.
    pub signal: Option<Signal>,
    /// The stage itself.
    pub stage: Stage,
}

/// A rule that the config asks for by an option of its own: if it never acts, the option is dead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestedRule {
    /// The rule's full name.
    pub rule: String,
    /// The option's place in the config, such as `stage[3].boilerplate.remove`.
    pub path: String,
}

/// A part of the pipeline that needs nothing from other documents but the decisions it begins with. It ends where a global
/// stage observes, or after a costly stage.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Segment {
    /// Rounds of global stages of which the decisions come in: what a last round decided is applied first, of others the next
    /// round is told.
    pub applies: Vec<Step>,
    /// Local stages, in order.
    pub stages: Vec<StageIndex>,
    /// Rounds of global stages that observe the documents last.
    pub observes: Vec<Step>,
}

/// A round of a global stage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Step {
    /// The stage.
    pub stage: StageIndex,
    /// The round, counted from 0.
    pub round: usize,
}

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The config is wrong.
    #[error(transparent)]
    Config(#[from] ConfigErrors),
    /// Sources that match nothing, each with its place in the config.
    #[error("{0}")]
    Inputs(ConfigErrors),
}

impl PlannedStage {
    /// Full names of its rules, by their numbers.
    #[must_use]
    pub fn rule_names(&self) -> Vec<String> {
        self.rules.iter().map(|rule| rule.name.to_string()).collect()
    }
}

impl Plan {
    /// Resolves a config that lies in `folder`.
    ///
    /// # Errors
    /// All that is wrong with the stages, or all source paths that match nothing.
    pub fn new(located: Located, folder: &Path) -> Result<Self, PlanError> {
        Self::resolve(located, folder, None)
    }

    /// Resolves a config whose files were found before; none at all serves texts from elsewhere.
    ///
    /// # Errors
    /// All that is wrong with the stages.
    pub fn with_files(located: Located, folder: &Path, found: Discovery) -> Result<Self, PlanError> {
        Self::resolve(located, folder, Some(found))
    }

    fn resolve(mut located: Located, folder: &Path, found: Option<Discovery>) -> Result<Self, PlanError> {
        output::place_titles(&mut located)?;
        let stages = ready(&located, folder)?;
        let is_found = found.is_some();
        let mut discovery = match found {
            Some(discovery) => discovery,
            None => source::discover(folder, &located.config.source)
                .map_err(|error| ConfigErrors(vec![source_error(&located, error)]))?,
        };
        let missing: Vec<ConfigError> = discovery.unmatched.iter().map(|path| unmatched(&located, path)).collect();
        if !missing.is_empty() {
            return Err(PlanError::Inputs(ConfigErrors(missing)));
        }
        let own = folder.join(&located.config.output.dir);
        let own_files = own::leave_out(&mut discovery, &own);
        if !is_found {
            source::limit(&mut discovery, &located.config.source);
        }
        let mut plan = Self::arranged(located, folder, stages, discovery);
        if own_files > 0 {
            let dir = &plan.config.output.dir;
            let warning = format!("{own_files} files in the output folder `{dir}` match a source; they are not read");
            plan.warnings.push(warning);
        }
        Ok(plan)
    }

    /// A plan of these stages, one for each of the config.
    pub(crate) fn arranged(located: Located, folder: &Path, stages: Vec<Configured>, discovery: Discovery) -> Self {
        let Located { config, places } = located;
        let ids_are_mapped = discovery.files.iter().any(|file| file.kind != source::FileKind::Text);
        let (stages, segments, warnings) = arrange(&config, stages, ids_are_mapped);
        Self { folder: folder.to_owned(), config, places, stages, segments, discovery, warnings }
    }

    /// The same pipeline over one file.
    #[must_use]
    pub fn over(self, discovery: Discovery) -> Self {
        Self { discovery, ..self }
    }

    /// The stage at `index`.
    #[must_use]
    pub fn stage(&self, index: StageIndex) -> &PlannedStage {
        &self.stages[usize::from(index.0)]
    }

    /// Whether that is the last round of its stage.
    #[must_use]
    pub fn is_last_round(&self, step: Step) -> bool {
        matches!(&self.stage(step.stage).stage, Stage::Global(stage) if step.round + 1 >= stage.rounds())
    }

    /// The names behind the numbers of stages and rules.
    #[must_use]
    pub fn names(&self) -> Names {
        Names {
            stages: self.stages.iter().map(|stage| stage.name.clone()).collect(),
            rules: self.stages.iter().map(PlannedStage::rule_names).collect(),
            outside: self.stages.iter().map(|stage| Arc::clone(&stage.outside)).collect(),
        }
    }

    /// Which stages fill which quality signal.
    #[must_use]
    pub fn signals(&self) -> Signals {
        let of = |signal| {
            let stages = (0..).map(StageIndex).zip(&self.stages);
            stages.filter(|(_, stage)| stage.signal == Some(signal)).map(|(index, _)| index).collect()
        };
        Signals { chrome: of(Signal::Chrome), repeated: of(Signal::Repeated) }
    }

    /// The rules of which the ledger must not show what they took.
    #[must_use]
    pub fn sensitive(&self) -> BTreeSet<(StageIndex, Rule)> {
        let of = |(place, stage): (StageIndex, &PlannedStage)| {
            let rules = (0..).map(Rule).zip(&stage.rules).filter(|(_, rule)| rule.is_sensitive);
            rules.map(|(rule, _)| (place, rule)).collect::<Vec<_>>()
        };
        (0..).map(StageIndex).zip(&self.stages).flat_map(of).collect()
    }

    /// The config with every default, without what changes no byte of the dataset: the output's folder, and the order in
    /// which a source lists its paths.
    #[must_use]
    pub fn manifest_config(&self) -> serde_json::Value {
        self.config.recorded()
    }

    /// How the files of a `[[source]]` are read, whichever they are.
    #[must_use]
    pub fn source_config(&self, source: u32) -> serde_json::Value {
        let mut config =
            serde_json::to_value(&self.config.source[source as usize]).expect("a config holds only what JSON can hold");
        if let Some(config) = config.as_object_mut() {
            config.remove("paths");
            config.remove("max_removed");
        }
        config
    }

    /// What happens to a document in a segment, step by step.
    #[must_use]
    pub fn steps(&self, segment: usize) -> Vec<String> {
        // The last one has no name that people know.
        let is_hidden = |place: &StageIndex| usize::from(place.0) + 1 == self.stages.len();
        let name = |place: &StageIndex| match is_hidden(place) {
            true => "ids".to_owned(),
            false => self.stage(*place).name.clone(),
        };
        let parts = &self.segments[segment];
        let applies = parts.applies.iter().filter(|step| self.is_last_round(**step));
        let applies = applies.map(|step| format!("apply {}", name(&step.stage)));
        let observes = parts.observes.iter().map(|step| format!("observe for {}", name(&step.stage)));
        applies.chain(parts.stages.iter().map(name)).chain(observes).collect()
    }

    /// All models, vocabularies and word lists, each once, sorted.
    #[must_use]
    pub fn models(&self) -> Vec<Model> {
        let mut models: Vec<Model> = self.stages.iter().flat_map(|stage| stage.models.clone()).collect();
        models.sort();
        models.dedup();
        models
    }
}

/// Checks what can be checked without the files of the sources, and makes every stage.
fn ready(located: &Located, folder: &Path) -> Result<Vec<Configured>, ConfigErrors> {
    let sources = located.config.source.iter().enumerate();
    let wrong = sources.flat_map(|(index, source)| source.check(index as u32));
    let mut errors: Vec<ConfigError> = wrong.map(|error| source_error(located, error)).collect();
    let stages = configure(located, folder, &mut errors);
    errors.extend(output::check(located));
    if stages.len() == located.config.stage.len() {
        errors.extend(settings::check(located, &stages));
    }
    if errors.is_empty() { Ok(stages) } else { Err(ConfigErrors(errors)) }
}

/// Makes every stage and checks what each needs of those before it.
fn configure(located: &Located, folder: &Path, errors: &mut Vec<ConfigError>) -> Vec<Configured> {
    let mut given: Vec<Fact> = Vec::new();
    let mut counted_by: Option<&str> = None;
    let mut made = Vec::new();
    for (index, config) in located.config.stage.iter().enumerate() {
        let name = config.name();
        let path = format!("stage[{index}].{name}");
        let configured = match config.configure(&Surroundings { folder }) {
            Ok(configured) => configured,
            Err(error) => {
                errors.push(located.places.stage_error(index, config, error));
                continue;
            }
        };
        for need in configured.needs.iter().filter(|need| !given.contains(need)) {
            let message = format!("stage {} `{name}` needs {}; no earlier stage gives it", index + 1, phrase(*need));
            errors.push(located.places.error(&path, message, hint_for(*need)));
        }
        let gives = configured.gives.unwrap_or(config.info().gives);
        for fact in gives.iter().filter(|fact| given.contains(fact) && **fact != Fact::Language) {
            let message = format!("stage {} `{name}` gives {} a second time", index + 1, phrase(*fact));
            errors.push(located.places.error(&path, message, Some("keep one of the two stages".to_owned())));
        }
        if let (true, Some(counter)) = (configured.changes_text(), counted_by) {
            let message =
                format!("stage {} `{name}` may change text after `{counter}` has counted its tokens", index + 1);
            errors.push(located.places.error(&path, message, Some(format!("move `{counter}` behind `{name}`"))));
        }
        given.extend(gives);
        if gives.contains(&Fact::Tokens) {
            counted_by = Some(name);
        }
        made.push(configured);
    }
    made
}

/// Names the stages, cuts the pipeline into segments, and says what looks odd.
///
/// The stage that keeps ids apart observes at the first cut (or makes one, before the first stage that draws by id), so
/// that it costs no pass of its own where a global stage follows.
fn arrange(
    config: &Config,
    configured: Vec<Configured>,
    ids_are_mapped: bool,
) -> (Vec<PlannedStage>, Vec<Segment>, Vec<String>) {
    let first_of = |place: usize| Step { stage: StageIndex(place as u16), round: 0 };
    let mut pending = ids_are_mapped.then_some(first_of(configured.len()));
    let counts_copies: Vec<bool> =
        configured.iter().map(|stage| stage.counts_copies && matches!(stage.stage, Stage::Global(_))).collect();
    let mut segments = Vec::new();
    let mut current = Segment::default();
    let mut cut = |current: &mut Segment, observes: Vec<Step>| {
        let next = Segment { applies: observes.clone(), ..Segment::default() };
        segments.push(Segment { observes, ..std::mem::replace(current, next) });
    };
    let mut stages: Vec<PlannedStage> = Vec::new();
    let (mut after_costly, mut observed) = (false, 0);
    for (index, (stage, config)) in configured.into_iter().zip(&config.stage).enumerate() {
        let info = config.info();
        let begun = std::mem::take(&mut observed);
        if let Stage::Global(global) = &stage.stage {
            let rounds = global.rounds();
            for round in begun..rounds {
                // The next stage may count what this one is about to take out.
                let takes_copies = stage.copied.is_some() && !stage.removes.documents && round + 1 == rounds;
                let next = takes_copies && counts_copies.get(index + 1) == Some(&true);
                observed = usize::from(next);
                let own = Step { round, ..first_of(index) };
                let next = next.then(|| first_of(index + 1));
                cut(&mut current, pending.take().into_iter().chain([own]).chain(next).collect());
            }
        } else {
            if info.gives.contains(&Fact::Split) && pending.is_some() {
                cut(&mut current, pending.take().into_iter().collect());
            } else if after_costly {
                cut(&mut current, Vec::new());
            }
            current.stages.push(StageIndex(index as u16));
        }
        after_costly = info.costly;
        let mut stage = planned(stage, &info, config.name(), &stages);
        stage.requested.iter_mut().for_each(|rule| rule.path.insert_str(0, &format!("stage[{index}].")));
        stages.push(stage);
    }
    if pending.is_some() {
        cut(&mut current, pending.take().into_iter().collect());
    }
    segments.push(current);
    stages.push(planned(Identity::configured(), &StageInfo::PLAIN, identity::NAME, &[]));
    let warnings = order::warnings(&stages);
    (stages, segments, warnings)
}

fn planned(configured: Configured, info: &StageInfo, kind: &str, before: &[PlannedStage]) -> PlannedStage {
    let same = |stage: &&PlannedStage| stage.name.split('#').next() == Some(kind);
    let earlier = before.iter().filter(same).count();
    let full = |rule: &str| format!("{kind}.{rule}");
    let rules = configured.rules.into_iter().chain([RuleInfo::nothing_left()]);
    PlannedStage {
        name: if earlier == 0 { kind.to_owned() } else { format!("{kind}#{}", earlier + 1) },
        requested: configured
            .requested
            .iter()
            .map(|(rule, option)| RequestedRule { rule: full(rule), path: format!("{kind}.{option}") })
            .collect(),
        rules: rules.map(|rule| RuleInfo { name: full(&rule.name).into(), ..rule }).collect(),
        models: configured.models,
        outside: configured.outside,
        removes: configured.removes,
        copied: configured.copied,
        gives: configured.gives.unwrap_or(info.gives),
        tells: configured.tells,
        signal: info.signal,
        stage: configured.stage,
    }
}
