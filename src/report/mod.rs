//! What people read of a build: the dataset card, the summary in the terminal, and `explain`. Pure functions of the
//! manifest, the ledger's rows and documents; prints nothing.

pub mod card;
pub mod diff;
pub mod explain;
mod explained;
pub mod stages;
pub mod summary;
