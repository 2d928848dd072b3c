//! Options that are refused, and what `check` tells.

use super::*;

fn refusal(options: &str) -> StageError {
    let config: NearDedup = toml::from_str(options).unwrap();
    config.configure(&Surroundings { folder: ".".as_ref() }).err().expect("the config is refused")
}

#[test]
fn options_that_contradict_each_other_or_mean_nothing_are_refused() {
    assert_eq!(refusal("threshold = 0.0").field, "threshold");
    assert_eq!(refusal("containment = 1.5").field, "containment");
    assert_eq!(refusal("bands = 0").field, "bands");
    assert_eq!(refusal("shingle = 100").field, "shingle");
    assert_eq!(refusal("containment = 0.9\nprefer = 'newest'").field, "prefer");
    assert_eq!(refusal("unit = 'block'\naction = 'annotate'").field, "action");
}

#[test]
fn the_share_of_pairs_that_meet_is_told_as_it_is() {
    let tells = |options: &str| {
        let config: NearDedup = toml::from_str(options).unwrap();
        config.configure(&Surroundings { folder: ".".as_ref() }).unwrap().tells.remove(0)
    };
    assert!(tells("").ends_with("99.996 % at 0.8, 99.999 % at 0.9"), "{}", tells(""));
    assert_ne!(tells("bands = 5"), tells(""));
}
