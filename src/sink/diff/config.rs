//! Which keys of two configs differ.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::ConfigChange;

/// The keys whose values differ, in order.
pub(super) fn config_changes(a: &Value, b: &Value) -> Vec<ConfigChange> {
    let (mut first, mut second) = (BTreeMap::new(), BTreeMap::new());
    flatten(a, String::new(), &mut first);
    flatten(b, String::new(), &mut second);
    let keys: BTreeSet<&String> = first.keys().chain(second.keys()).collect();
    let value = |of: &BTreeMap<String, Value>, key: &String| of.get(key).cloned();
    let change = |key: &&String| ConfigChange { key: (*key).clone(), a: value(&first, key), b: value(&second, key) };
    keys.iter().map(change).filter(|change| change.a != change.b).collect()
}

/// Every value of a config under its path. Stages go by their name and not by their number, so that one more stage does
/// not move all that follow.
fn flatten(value: &Value, path: String, out: &mut BTreeMap<String, Value>) {
    match value {
        Value::Object(members) => {
            let dot = if path.is_empty() { "" } else { "." };
            members.iter().for_each(|(key, value)| flatten(value, format!("{path}{dot}{key}"), out));
        }
        Value::Array(stages) if path == "stage" => {
            let mut names: Vec<String> = Vec::new();
            for (name, options) in stages.iter().filter_map(|stage| stage.as_object()?.iter().next()) {
                let same = names.iter().filter(|known| known.split('#').next() == Some(name)).count();
                let name = if same == 0 { name.clone() } else { format!("{name}#{}", same + 1) };
                flatten(options, format!("stage.{name}"), out);
                names.push(name);
            }
            out.insert(path, names.into());
        }
        Value::Array(tables) if tables.iter().any(Value::is_object) => {
            tables.iter().enumerate().for_each(|(index, value)| flatten(value, format!("{path}[{index}]"), out));
        }
        other => _ = out.insert(path, other.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_inserted_stage_changes_the_order_and_its_own_keys_alone() {
        let a = json!({"stage": [{"normalize": {}}, {"dedup": {"min": 1}}], "output": {"zstd_level": 3}});
        let b = json!({"stage": [{"normalize": {}}, {"language": {"keep": ["fr"]}}, {"dedup": {"min": 2}}], "output": {"zstd_level": 3}});
        let changes: Vec<_> =
            config_changes(&a, &b).into_iter().map(|change| (change.key, change.a, change.b)).collect();
        let expected = [
            ("stage".to_owned(), Some(json!(["normalize", "dedup"])), Some(json!(["normalize", "language", "dedup"]))),
            ("stage.dedup.min".to_owned(), Some(json!(1)), Some(json!(2))),
            ("stage.language.keep".to_owned(), None, Some(json!(["fr"]))),
        ];
        assert_eq!(changes, expected);
    }
}
