//! `tamis build`: the main job.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use tamis::plan::Plan;
use tamis::report::summary;
use tamis::run::{self, Built, LOCK_NAME, Locking, Options, Replace};
use tamis::text::size::ByteSize;

use super::progress::Progress;
use super::{ConfigArguments, Console, Failure, print};

/// Memory for notes unless `--memory` says otherwise.
const MEMORY: &str = "1GiB";

/// What a build and a plan of one are given alike.
#[derive(Debug, clap::Args)]
pub struct JobArguments {
    #[command(flatten)]
    pub config: ConfigArguments,

    /// Folder of the dataset, relative to the current folder; overrides `[output] dir`.
    #[arg(short, long, value_name = "DIR")]
    output: Option<PathBuf>,

    /// Memory that the notes of global stages may take; what does not fit is decided in more, smaller steps.
    #[arg(long, value_name = "SIZE", default_value = MEMORY)]
    pub memory: ByteSize,

    /// Work folder, which keeps what tasks made; `.tamis/` beside the config unless given. Machines that share a plan must
    /// see it in the same place.
    #[arg(long, value_name = "DIR")]
    work_dir: Option<PathBuf>,

    /// Inputs are cut into partitions of about this size: the unit of work, of resume and of distribution. Unless given, it
    /// fits the corpus: 8 MiB. Larger where that would cut the corpus into more than about a thousand. Changes no byte of the
    /// output.
    #[arg(long, value_name = "SIZE")]
    pub partition_size: Option<ByteSize>,
}

impl JobArguments {
    /// The work folder.
    pub fn work_dir(&self) -> PathBuf {
        self.work_dir.clone().unwrap_or_else(|| self.config.work_dir())
    }

    /// The dataset's folder.
    pub fn out_dir(&self, plan: &Plan) -> PathBuf {
        self.output.clone().unwrap_or_else(|| plan.folder.join(&plan.config.output.dir))
    }
}

#[derive(Debug, clap::Args)]
pub struct Arguments {
    #[command(flatten)]
    job: JobArguments,

    /// Threads; one a core unless given. Changes no byte of the output.
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,

    /// Check everything against tamis.lock, beside the config, and stop at the first thing that differs.
    #[arg(long)]
    locked: bool,

    /// Forget what the work folder keeps from earlier builds.
    #[arg(long)]
    fresh: bool,

    /// Say which tasks ran, which were done before, and why.
    #[arg(long)]
    explain_cache: bool,

    /// Replace the output folder even if it holds something that is no tamis dataset.
    #[arg(long)]
    force: bool,
}

pub fn run(arguments: &Arguments, console: Console) -> Result<(), Failure> {
    let plan = arguments.job.config.plan()?;
    plan.warnings.iter().for_each(|warning| console.warning(warning));
    let work_dir = arguments.job.work_dir();
    super::stop::on_signal(console, &work_dir)?;
    let options = Options {
        threads: arguments.threads.map(NonZeroUsize::get),
        memory: arguments.job.memory,
        partition_size: arguments.job.partition_size,
        work_dir: work_dir.clone(),
        fresh: arguments.fresh,
        locking: Some(Locking {
            path: arguments.job.config.folder().join(LOCK_NAME),
            config: arguments.job.config.name(),
            check: arguments.locked,
        }),
        out_dir: arguments.job.out_dir(&plan),
        replace: if arguments.force { Replace::Anything } else { Replace::Dataset },
    };
    let progress = Progress::new(console);
    let built = run::build(&plan, &options, &progress);
    progress.end();
    let built = built?;
    if arguments.explain_cache {
        print(&summary::tasks(&built.times))?;
    }
    if !console.quiet {
        print(&summary::summary(&built.manifest, Some(&built.times)))?;
    }
    conclude(&built, console);
    Ok(())
}

/// Says what a person should know of a dataset that was just written.
pub fn conclude(built: &Built, console: Console) {
    built.warnings.iter().for_each(|warning| console.warning(warning));
    warn(built, console);
    console.note(&format!("\nwrote {} (digest {})", shown(&built.folder).display(), built.manifest.digest));
}

fn warn(built: &Built, console: Console) {
    let (manifest, folder) = (&built.manifest, built.folder.as_path());
    let counts = &manifest.counts;
    let rejected: u64 = counts.causes.values().sum();
    if rejected > 0 {
        let causes: Vec<String> = counts.causes.iter().map(|(cause, count)| format!("{count} {cause}")).collect();
        let mut message = format!("not all input could be read ({})", causes.join(", "));
        for rejected in &built.refused {
            message += &format!("\n  {}", cut(&rejected.to_string()));
        }
        let ledger = shown(folder).join("ledger/rejected.parquet");
        match rejected.saturating_sub(built.refused.len() as u64) {
            0 => message += &format!("\n  see {}", ledger.display()),
            more if built.refused.is_empty() => message += &format!("; see {} for these {more}", ledger.display()),
            more => message += &format!("\n  and {more} more; see {}", ledger.display()),
        }
        console.warning(&message);
    }
    if counts.repeated_ids > 0 {
        console.warning(&format!(
            "{} documents have an id that another document had before them; they got `~2`, `~3`, ... behind it",
            counts.repeated_ids
        ));
    }
    if counts.orphans > 0 {
        let marked = "the ledger has `_orphaned` behind the rule of each copy";
        console.warning(&format!("{}; put such a stage first ({marked})", summary::gone(manifest)));
    }
    if counts.gutted > 0 {
        let ids: Vec<String> = manifest
            .gutted
            .iter()
            .take(SHOWN_GUTTED)
            .map(|loss| format!("\n  {}", explain(folder, &loss.id)))
            .collect();
        console.warning(&format!("{}; to see which rules took it:{}", summary::gutted(manifest), ids.concat()));
    }
    if counts.kept.documents == 0 {
        console.warning("the dataset is empty: no document was kept");
    }
}

/// So many documents that lost most of their prose are named at the end of a build; the manifest names a few more.
const SHOWN_GUTTED: usize = 3;

/// The command that explains a document of the dataset, to be pasted into a shell.
fn explain(folder: &Path, id: &str) -> String {
    let word = |text: &str| {
        let plain = |character: char| character.is_alphanumeric() || "-_./:~#%+@=,".contains(character);
        if !text.is_empty() && text.chars().all(plain) {
            text.to_owned()
        } else {
            format!("'{}'", text.replace('\'', "'\\''"))
        }
    };
    format!("tamis explain {} --id {}", word(&shown(folder).display().to_string()), word(id))
}

/// A line of at most [`WIDEST`] characters.
fn cut(line: &str) -> String {
    match line.char_indices().nth(WIDEST) {
        Some((end, _)) => line.get(..end).unwrap_or(line).to_owned() + "…",
        None => line.to_owned(),
    }
}

/// A rejected record is shown in so many characters: foreign names and values may be long.
const WIDEST: usize = 300;

/// A path as short as it can be said from the current folder.
fn shown(path: &Path) -> PathBuf {
    let here = std::env::current_dir().and_then(|here| here.canonicalize()).unwrap_or_default();
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    path.strip_prefix(&here).map(Path::to_owned).unwrap_or(path)
}
