//! `tamis explain`: articles line by line, from a config and a file, or from a finished dataset.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use tamis::Dataset;
use tamis::config::nearest;
use tamis::report::explain::Explained;
use tamis::report::explain::html::html;
use tamis::report::explain::of_dataset::explain_ids;
use tamis::report::explain::select::NoStage;
use tamis::report::explain::text::text;

use super::terminal::look;
use super::{ConfigArguments, Failure, INTERNAL, print};

#[derive(Debug, clap::Args)]
#[command(
    override_usage = "tamis explain [OPTIONS] [CONFIG] PATH\n       tamis explain [OPTIONS] DIR --id ID\n       tamis explain [OPTIONS] DIR --grep TEXT"
)]
pub struct Arguments {
    #[command(flatten)]
    config: ConfigArguments,

    /// The article file to explain (relative to the current folder), as the last build decided on it, or else as the config's
    /// stages treat it.
    #[arg(value_name = "PATH")]
    file: Option<PathBuf>,

    /// The document of a finished dataset to explain.
    #[arg(long, value_name = "ID", conflicts_with = "file")]
    id: Option<String>,

    /// Only this record of the file, counted from 0.
    #[arg(long, value_name = "N", conflicts_with = "id")]
    record: Option<u64>,

    /// Only lines that have this text, now or before they were changed. Without PATH and `--id`, the documents of the dataset that
    /// have such a line.
    #[arg(long, value_name = "TEXT")]
    grep: Option<String>,

    /// Only what this stage did, by its place from 1 or its name, with the lines as they came to it.
    #[arg(long, value_name = "N")]
    stage: Option<String>,

    /// Write a page of HTML into this file instead, which needs no other file.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,

    /// Where the builds of the config keep intermediate files, if not in `.tamis/` beside it: they tell whether the inputs changed
    /// without reading them.
    #[arg(long, value_name = "DIR", conflicts_with = "id")]
    work_dir: Option<PathBuf>,

    /// Print JSON instead, for machines.
    #[arg(long, conflicts_with = "html")]
    json: bool,
}

/// So many documents with a text are shown.
const FOUND: usize = 20;

pub fn run(arguments: &Arguments) -> Result<(), Failure> {
    let folder = &arguments.config.config;
    let (mut explained, stages) = match (file_of(arguments), &arguments.id, &arguments.grep) {
        (Some((config, file)), ..) => of_file(arguments, &config, &file)?,
        (None, Some(id), _) => of_ids(folder, &[id.clone()].into())?,
        (None, None, Some(wanted)) => {
            let found = Dataset::open(folder)?.ids_with(wanted, FOUND + 1)?;
            let shown: BTreeSet<String> = found.iter().take(FOUND).cloned().collect();
            let (mut explained, stages) = of_ids(folder, &shown)?;
            explained.partners.clear();
            if found.len() > FOUND {
                explained.notes.push(format!("more than {FOUND} documents have it: these are some of them"));
            }
            (explained, stages)
        }
        (None, None, None) => {
            return Err(Failure::usage("say what to explain: `CONFIG PATH`, `DIR --id ID`, or `DIR --grep TEXT`"));
        }
    };
    if let Some(stage) = &arguments.stage {
        explained.only_stage(stage, &stages).map_err(|error| no_stage(stage, &error))?;
    }
    if let Some(wanted) = &arguments.grep {
        explained.only_with(wanted);
        if explained.documents.is_empty() {
            return Err(Failure::usage(format!("no line has `{wanted}`"))
                .hint("it is looked for letter by letter, in what stands there and in what was taken out"));
        }
    }
    if let Some(path) = &arguments.html {
        return std::fs::write(path, html(&explained))
            .map_err(|error| Failure::new(INTERNAL, format!("cannot write {}: {error}", path.display())));
    }
    if arguments.json {
        let json = serde_json::to_string_pretty(&explained);
        return print(&(json.map_err(|error| Failure::new(INTERNAL, error.to_string()))? + "\n"));
    }
    print(&text(&explained, look()))
}

/// The config and the file that is to be explained by it. Where one name stands alone that is neither a folder nor a config, it is that
/// of the file, and the config is the usual one.
fn file_of(arguments: &Arguments) -> Option<(ConfigArguments, PathBuf)> {
    let ConfigArguments { config, overrides } = &arguments.config;
    let by = |config: &Path| ConfigArguments { config: config.to_owned(), overrides: overrides.clone() };
    if let Some(file) = &arguments.file {
        return Some((by(config), file.clone()));
    }
    let is_file = arguments.id.is_none() && !config.is_dir() && config.extension().is_none_or(|kind| kind != "toml");
    is_file.then(|| (by(Path::new("tamis.toml")), config.clone()))
}

/// The documents of a file, and the names of the stages.
fn of_file(arguments: &Arguments, config: &ConfigArguments, file: &Path) -> Result<(Explained, Vec<String>), Failure> {
    let plan = config.plan_unchecked()?;
    let work_dir = arguments.work_dir.clone().unwrap_or_else(|| config.work_dir());
    let explained = tamis::explain(&plan, file, arguments.record, Some(&work_dir)).map_err(|error| {
        let is_missing =
            matches!(&error, tamis::Error::Unreadable { source, .. } if source.kind() == ErrorKind::NotFound);
        let inputs: Vec<String> =
            plan.discovery.files.iter().map(|file| file.path.display().to_string().replacen("./", "", 1)).collect();
        match nearest(&file.display().to_string(), inputs.iter().map(String::as_str)).filter(|_| is_missing) {
            Some(near) => Failure::from(error).hint(format!("did you mean `{near}`?")),
            None => error.into(),
        }
    })?;
    Ok((explained, plan.names().stages))
}

/// Documents of a dataset, and the names of the stages.
fn of_ids(folder: &Path, ids: &BTreeSet<String>) -> Result<(Explained, Vec<String>), Failure> {
    let dataset = Dataset::open(folder)?;
    let explained = explain_ids(&dataset, ids)?;
    if let (true, Some(id)) = (explained.documents.is_empty(), ids.first()) {
        return Err(unknown(&dataset, id)?);
    }
    Ok((explained, dataset.manifest.stages.iter().map(|stage| stage.name.clone()).collect()))
}

fn unknown(dataset: &Dataset, id: &str) -> Result<Failure, Failure> {
    let ids = dataset.ids()?;
    let with: Vec<&str> = ids.iter().filter(|known| known.contains(id)).map(String::as_str).take(3).collect();
    let hint = match (with.as_slice(), nearest(id, ids.iter().map(String::as_str))) {
        ([], Some(near)) => format!("did you mean `{near}`?"),
        ([], None) => "`tamis inspect DIR --head 10` shows some ids".to_owned(),
        (with, _) => format!("did you mean `{}`?", with.join("` or `")),
    };
    let folder = dataset.folder.display();
    Ok(Failure::usage(format!("the dataset {folder} has no document `{id}`, nor did it remove one of that id"))
        .hint(hint))
}

fn no_stage(wanted: &str, error: &NoStage) -> Failure {
    let stages: Vec<String> = (1..).zip(&error.stages).map(|(place, name)| format!("{place} {name}")).collect();
    Failure::usage(format!("there is no stage `{wanted}`")).hint(format!("the stages are {}", stages.join(", ")))
}
