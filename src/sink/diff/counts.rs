//! What rules did and what rows there are, in two datasets side by side.

use std::collections::{BTreeMap, BTreeSet};

use super::Pair;
use crate::sink::counts::{Output, RuleCounts};
use crate::sink::manifest::Manifest;

/// What each rule did, in the order of the stages of the second dataset; those of the first alone come last.
pub(super) fn rules(a: &Manifest, b: &Manifest) -> Vec<(String, Pair<RuleCounts>)> {
    let acted = |manifest: &Manifest| -> Vec<(String, RuleCounts)> {
        let name =
            |stage: &str, rule: &str| if stage.contains('#') { format!("{stage} {rule}") } else { rule.to_owned() };
        let of_stage = manifest
            .stages
            .iter()
            .flat_map(|stage| stage.rules.iter().map(|(rule, counts)| (name(&stage.name, rule), *counts)));
        of_stage.collect()
    };
    let (first, second) = (acted(a), acted(b));
    let counts = |of: &[(String, RuleCounts)], wanted: &str| {
        of.iter().find(|(name, _)| name == wanted).map_or_else(RuleCounts::default, |(_, counts)| *counts)
    };
    let only_first = first.iter().filter(|(name, _)| second.iter().all(|(other, _)| other != name));
    let names = second.iter().chain(only_first).map(|(name, _)| name);
    names.map(|name| (name.clone(), Pair { a: counts(&first, name), b: counts(&second, name) })).collect()
}

/// Rows of both by name.
pub(super) fn outputs(a: &BTreeMap<String, Output>, b: &BTreeMap<String, Output>) -> BTreeMap<String, Pair<Output>> {
    let of = |side: &BTreeMap<String, Output>, key: &String| side.get(key).copied().unwrap_or_default();
    let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
    keys.into_iter().map(|key| (key.clone(), Pair { a: of(a, key), b: of(b, key) })).collect()
}
