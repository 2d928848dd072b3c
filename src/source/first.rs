//! The first record of a source, and which of its fields fills which column: what people look at to see that a config means what
//! they mean.

use std::sync::Arc;

use super::probe::names;
use super::read::{Item, read};
use super::{Column, FileKind, InputFile, Slice, SourceConfig};
use crate::document::Document;

/// The first record of a source that is a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct First {
    /// Its file's name.
    pub file: Arc<str>,
    /// Its number in the file, from 0.
    pub record: u64,
    /// The columns that it fills: each with where the value is from, and the value.
    pub columns: Vec<(Column, Origin, String)>,
    /// The fields that fill none.
    pub metadata: Vec<String>,
}

/// Where the value of a column is from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A field of the record, by its name in the config's form.
    Field(String),
    /// The file as a whole.
    File,
    /// The file's name and the record's number.
    Place,
    /// The host of the address.
    Host,
}

/// So many files are looked into for a document.
const MOST_FILES: usize = 64;

/// The first document of a source, of which these are the files.
#[must_use]
pub fn first(config: &SourceConfig, files: &[&InputFile]) -> Option<First> {
    files.iter().take(MOST_FILES).find_map(|file| Some(told(config, file, &document(config, file)?)))
}

fn document(config: &SourceConfig, file: &InputFile) -> Option<Document> {
    let mut first = None;
    // Reading ends with the first.
    let mut each = |item: Item| match item {
        Item::Document { document, .. } => {
            first = Some(document);
            Err(())
        }
        Item::Rejected(_) => Ok(()),
    };
    let _ = read(config, file, &Slice::whole(file, [0; 16]), &mut each);
    first
}

fn told(config: &SourceConfig, file: &InputFile, document: &Document) -> First {
    let names = names(config, file);
    let is_file = matches!(file.kind, FileKind::Text | FileKind::Markdown);
    let field = |column: Column| {
        let meant = config.fields.get(&column).map_or(column.name(), String::as_str);
        // What fills no column stands in the metadata.
        let fills = |name: &str| names.iter().any(|known| known == name) && !document.metadata().contains_key(name);
        let usual = column.usual_name().filter(|usual| !config.fields.contains_key(&column) && fills(usual));
        Origin::Field(if fills(meant) { meant } else { usual.unwrap_or(meant) }.to_owned())
    };
    let facts = document.facts();
    let own_id = document.id() != format!("{}#{}", document.source(), document.position().record);
    let day = |day: Option<crate::document::Day>| day.map(|day| day.to_string());
    let site = match (&facts.site, &field(Column::Site)) {
        (Some(_), Origin::Field(name)) if names.contains(name) || name.contains('.') => Origin::Field(name.clone()),
        _ => Origin::Host,
    };
    let values = [
        (Column::Id, if own_id { field(Column::Id) } else { Origin::Place }, Some(document.id().to_owned())),
        (Column::Text, if is_file { Origin::File } else { field(Column::Text) }, Some(document.text().into_owned())),
        (Column::Title, field(Column::Title), facts.title.clone()),
        (Column::Author, field(Column::Author), facts.author.clone()),
        (Column::Published, field(Column::Published), day(facts.published)),
        (Column::Updated, field(Column::Updated), day(facts.updated)),
        (Column::Url, field(Column::Url), facts.url.clone()),
        (Column::Site, site, facts.site.clone()),
        (Column::Section, field(Column::Section), facts.section.clone()),
        (Column::Credit, field(Column::Credit), facts.credit.clone()),
    ];
    First {
        file: Arc::clone(&file.name),
        record: document.position().record,
        columns: values.into_iter().filter_map(|(column, from, value)| Some((column, from, value?))).collect(),
        metadata: document.metadata().keys().cloned().collect(),
    }
}
