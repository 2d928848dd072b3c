//! The site that a document is of, as a scope: what a site repeats is counted by these.

use crate::document::Document;
use crate::text::address;

/// The site that a document is of: the host of its address, or where it has none the folder of its source.
#[must_use]
pub fn site(document: &Document) -> String {
    host(document).unwrap_or_else(|| folder(document))
}

/// The folder of the document's source, as a scope.
#[must_use]
pub fn folder(document: &Document) -> String {
    format!("folder {}", document.source().rsplit_once('/').map_or(".", |(folder, _)| folder))
}

/// The host of the document's address, as a scope.
#[must_use]
pub fn host(document: &Document) -> Option<String> {
    address::host(document.facts().url.as_deref()?).map(|host| format!("host {host}"))
}
