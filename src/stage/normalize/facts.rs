//! The same repairs for the facts that fields of the input gave: a title is no line of text, and its changes are not recorded.

use super::Normalize;
use crate::document::{Document, Facts};
use crate::text::repair::misreading::Misreading;
use crate::text::repair::mojibake::{self, Evidence};
use crate::text::repair::scan::{Needs, scan};
use crate::text::repair::{changed, compose, controls, entities, spaces};

/// Repairs each fact that is text for people; addresses stay as they are.
pub(super) fn repair(normalize: &Normalize, document: &mut Document) {
    let Facts { title, author, site, section, credit, .. } = document.facts_mut();
    for fact in [title, author, site, section, credit].into_iter().flatten() {
        let repaired = once(normalize, fact);
        let body = repaired.trim();
        if !body.is_empty() && body != fact {
            *fact = body.to_owned();
        }
    }
}

fn once(normalize: &Normalize, fact: &str) -> String {
    let mut text = fact.to_owned();
    if scan(&text) == Needs::default() {
        return text;
    }
    if normalize.html_entities {
        text = entities::decoded(&text);
    }
    if normalize.mojibake {
        for misreading in mojibake::order(|misreading| mojibake::evidence(&text, misreading)) {
            text = read_again(text, misreading);
        }
        text = changed(&text, &mojibake::controls(&text));
    }
    if normalize.control_characters {
        text = changed(&text, &controls::changes(&text));
    }
    if normalize.odd_spaces {
        text = changed(&text, &spaces::changes(&text));
    }
    if normalize.nfc {
        text = changed(&text, &compose::changes(&text));
    }
    text
}

/// Takes the readings of one encoding until nothing changes.
fn read_again(mut text: String, misreading: Misreading) -> String {
    let mut known = Evidence::default();
    for _ in 0..super::ROUNDS {
        known = known.and(mojibake::evidence(&text, misreading));
        let changes = if known.is_empty() { Vec::new() } else { mojibake::changes(&text, misreading, known) };
        if changes.is_empty() {
            break;
        }
        text = changed(&text, &changes);
    }
    text
}
