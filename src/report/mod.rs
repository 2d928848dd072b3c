//! What people read of a build: the dataset card, the summary in the terminal, and `explain`. Pure functions of the
//! manifest, the ledger's rows and documents; prints nothing.

pub mod card;
pub mod croissant;
pub mod diff;
pub mod explain;
mod features;
pub mod inspect;
pub mod pages;
pub mod stages;
pub mod summary;
pub mod times;

use crate::plan::Plan;
use crate::sink::layout::Layout;
use crate::sink::manifest::Manifest;

/// The pages of every dataset, made from its manifest as it stands without them: the name and contents of each.
#[must_use]
pub fn pages(plan: &Plan, manifest: &Manifest) -> Vec<(String, String)> {
    let layout = Layout::new(&plan.config.output);
    vec![
        (card::FILE_NAME.to_owned(), card::card(plan, manifest, &layout)),
        (croissant::FILE_NAME.to_owned(), croissant::croissant(plan, manifest, &layout)),
    ]
}
