//! `tamis mine`: proposes phrases that sites of the corpus repeat.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use tamis::run::{Common, mine};

use super::{ConfigArguments, Console, Failure, INTERNAL, print};

/// What a person has to know to look the pack through.
const HEAD: &str = "\
# Blocks that sites of this corpus repeat, proposed as phrases; digits are folded to 0. Look them through:
# delete what belongs to articles, change `rule` where it is wrong, and name the file in the config:
#   boilerplate = { packs = [\"news\", \"mined.toml\"] }
# rule   remove: goes wherever it stands; edge: goes before and after the article; hint: goes among other chrome

";

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    config: ConfigArguments,

    /// Write the pack to FILE instead of stdout.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Documents of one host, source folder or the whole corpus that must have the block.
    #[arg(long, value_name = "N", default_value_t = 10)]
    min_documents: u64,

    /// Their least share of its documents, from 0 to 1; sentences need four times as much.
    #[arg(long, value_name = "SHARE", default_value_t = 0.05)]
    min_share: f64,

    /// Threads; one a core unless given. Changes no byte of the output.
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
}

pub fn run(arguments: &Arguments, console: Console) -> Result<(), Failure> {
    if !(0.0..=1.0).contains(&arguments.min_share) {
        return Err(Failure::usage(format!("--min-share {} is no share", arguments.min_share))
            .hint("write a number from 0 to 1, such as 0.05 for one document in twenty"));
    }
    let plan = arguments.config.plan()?;
    let common = Common { documents: arguments.min_documents.max(2), share: arguments.min_share };
    let threads = arguments.threads.map_or(0, NonZeroUsize::get);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let pool = pool.map_err(|error| Failure::new(INTERNAL, format!("cannot start threads: {error}")))?;
    let pack = pool.install(|| mine(&plan, common));
    let body = toml::to_string_pretty(&pack).map_err(|error| Failure::new(INTERNAL, error.to_string()))?;
    let text = format!("{HEAD}{body}");
    match &arguments.output {
        None => print(&text)?,
        Some(path) => std::fs::write(path, &text)
            .map_err(|error| Failure::new(INTERNAL, format!("cannot write {}: {error}", path.display())))?,
    }
    console.note(&format!("{} phrases proposed", pack.mined.len()));
    Ok(())
}
