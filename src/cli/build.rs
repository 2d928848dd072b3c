//! `tamis build`: the main job.

use std::num::{NonZeroU64, NonZeroUsize};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::{Value, json};
use tamis::plan::Plan;
use tamis::report::summary::{self, count};
use tamis::run::{self, Built, LOCK_NAME, Locking, Options, Replace};
use tamis::sink::dataset::Dataset;
use tamis::sink::manifest::Manifest;
use tamis::source::Rejected;
use tamis::text::size::ByteSize;

use super::progress::Progress;
use super::{ConfigArguments, Console, Failure, LogFormat, print};

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

    /// A dry run: only the first N records of each source. Leaves tamis.lock as it is, and works in a folder of its own.
    #[arg(long, value_name = "N")]
    pub limit: Option<NonZeroU64>,

    /// Leave tamis.lock as it is.
    #[arg(long)]
    pub no_lock: bool,

    /// Inputs are cut into partitions of about this size: the unit of work, of resume and of distribution. Unless given, it
    /// fits the corpus: 8 MiB. Larger where that would cut the corpus into more than about a thousand. Changes no byte of the
    /// output.
    #[arg(long, value_name = "SIZE")]
    pub partition_size: Option<ByteSize>,
}

impl JobArguments {
    /// Reads the config and resolves it.
    pub fn plan(&self, folder: &Path) -> Result<Plan, Failure> {
        let mut located = self.config.load()?;
        if let Some(limit) = self.limit {
            located.config.source.iter_mut().for_each(|source| source.limit = Some(limit.get()));
            // A guard against a dataset that is too small says nothing of a part of it.
            located.config.guards.min_documents = None;
        }
        Ok(Plan::new(located, folder)?)
    }

    /// The work folder. What a dry run makes does not push aside what the last build left.
    pub fn work_dir(&self) -> PathBuf {
        let own = || {
            let mut own = self.config.work_dir().into_os_string();
            if self.limit.is_some() {
                own.push("-limit");
            }
            own.into()
        };
        self.work_dir.clone().unwrap_or_else(own)
    }

    /// Why this build writes no lock, if it is an experiment: another one than the config alone describes.
    pub fn leaves_lock(&self, plan: &Plan) -> Option<&'static str> {
        if self.no_lock {
            return Some("--no-lock");
        }
        if self.limit.is_some() {
            return Some("--limit");
        }
        let as_written = || tamis::load(&self.config.config, &[]).ok().map(|located| located.config.recorded());
        let is_other = !self.config.overrides.is_empty() && as_written() != Some(plan.manifest_config());
        is_other.then_some("--set")
    }

    /// Refuses to put a part of a dataset in the place of the whole.
    pub fn check_place(&self, out_dir: &Path) -> Result<(), Failure> {
        let stands = Dataset::open(out_dir).ok().filter(|_| self.limit.is_some());
        let is_whole = |dataset: &Dataset| {
            let sources = dataset.manifest.config["source"].as_array();
            sources.is_none_or(|sources| sources.iter().all(|source| source["limit"].is_null()))
        };
        match stands.is_some_and(|dataset| is_whole(&dataset)) {
            false => Ok(()),
            true => Err(Failure::usage(format!(
                "{} holds a dataset of all records, and `--limit` would put a part in its place",
                shown(out_dir).display()
            ))
            .hint("name another folder with `-o DIR`")),
        }
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
    #[arg(long, conflicts_with_all = ["no_lock", "limit"])]
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
    let job = &arguments.job;
    let plan = job.plan(job.config.folder())?;
    let out_dir = job.out_dir(&plan);
    job.check_place(&out_dir)?;
    let warnings = plan.check_fields()?;
    plan.warnings.iter().chain(&warnings).for_each(|warning| console.warning(warning));
    let work_dir = job.work_dir();
    let progress = Arc::new(Progress::new(console));
    super::stop::on_signal(console, &work_dir, &progress)?;
    let left_alone = job.leaves_lock(&plan).filter(|_| !arguments.locked);
    let options = Options {
        threads: arguments.threads.map(NonZeroUsize::get),
        memory: job.memory,
        partition_size: job.partition_size,
        work_dir: work_dir.clone(),
        fresh: arguments.fresh,
        locking: (left_alone.is_none()).then(|| Locking {
            path: job.config.folder().join(LOCK_NAME),
            config: job.config.name(),
            check: arguments.locked,
        }),
        out_dir,
        replace: if arguments.force { Replace::Anything } else { Replace::Dataset },
    };
    let built = run::build(&plan, &options, &*progress);
    progress.end();
    let built = built?;
    if arguments.explain_cache {
        print(&summary::tasks(&built.times))?;
    }
    warn(&built, console);
    if !console.quiet && console.format == LogFormat::Text {
        let inspect = format!("tamis inspect {}", word(&shown(&built.folder).display().to_string()));
        print(&summary::built(&built.manifest, &built.times, &inspect))?;
    }
    conclude(&built, progress.seconds(), console);
    if let Some(option) = left_alone {
        console.note(&format!("\n{LOCK_NAME} is left as it is, because of `{option}`"));
    }
    Ok(())
}

/// Says where the dataset is, and what to do next.
pub fn conclude(built: &Built, seconds: f64, console: Console) {
    let folder = shown(&built.folder).display().to_string();
    if console.format == LogFormat::Json {
        let Manifest { counts, digest, data_version, plan, .. } = &built.manifest;
        let memory = built.times.peak_memory;
        let fields = json!({
            "path": folder, "digest": digest, "plan": plan, "data_version": data_version,
            "counts": counts, "seconds": seconds, "peak_memory": memory,
        });
        return console.event("info", "built", &format!("wrote {folder}"), fields);
    }
    let folder = word(&folder);
    let look = match built.manifest.gutted.first() {
        Some(loss) => format!("tamis explain {folder} --id {}", word(&loss.id)),
        None => format!("tamis inspect {folder} --head 1"),
    };
    let short = built.manifest.digest.get(..DIGEST_SHOWN).unwrap_or_default();
    console.note(&format!("\nwrote {folder} (digest {short}…)\n\n  tamis inspect {folder}\n  {look}"));
}

/// So many signs of a digest tell one dataset from another; the manifest has all.
const DIGEST_SHOWN: usize = 16;

/// Says what a person should know of a dataset that was just written.
pub fn warn(built: &Built, console: Console) {
    built.warnings.iter().for_each(|warning| console.warning(warning));
    let (manifest, folder) = (&built.manifest, built.folder.as_path());
    let counts = &manifest.counts;
    if counts.causes.values().sum::<u64>() > 0 {
        warn_of_refused(built, console);
    }
    if counts.repeated_ids > 0 {
        let message = format!(
            "{} documents have an id that another document had before them; they got `~2`, `~3`, ... behind it",
            count(counts.repeated_ids)
        );
        console.warning_with(&message, json!({ "kind": "repeated_ids", "documents": counts.repeated_ids }));
    }
    if counts.orphans > 0 {
        let marked = "the ledger has `_orphaned` behind the rule of each copy";
        let message = format!("{}; put such a stage first ({marked})", summary::gone(manifest));
        console.warning_with(&message, json!({ "kind": "gone", "texts": counts.orphans, "by": counts.orphans_by }));
    }
    if let Some(most) = manifest.gutted.first() {
        let lost = manifest.gutted.iter().take(SHOWN_GUTTED);
        let lost = lost.map(|loss| format!("\n  {} of {} words: {}", count(loss.lost), count(loss.words), loss.id));
        let message = format!(
            "{}:{}\n  to see why: tamis explain {} --id {}",
            summary::gutted(manifest),
            lost.collect::<String>(),
            word(&shown(folder).display().to_string()),
            word(&most.id)
        );
        let fields = json!({ "kind": "lost_prose", "documents": counts.gutted, "most": manifest.gutted });
        console.warning_with(&message, fields);
    }
    if counts.kept.documents == 0 {
        console.warning_with("the dataset is empty: no document was kept", json!({ "kind": "empty" }));
    }
}

/// One warning for all that could not be read, with the first places.
fn warn_of_refused(built: &Built, console: Console) {
    let causes = &built.manifest.counts.causes;
    let all: u64 = causes.values().sum();
    let ledger = shown(&built.folder).join("ledger/rejected.parquet");
    let said: Vec<String> = causes.iter().map(|(cause, number)| format!("{} {cause}", count(*number))).collect();
    let mut message = format!("not all input could be read ({})", said.join(", "));
    for rejected in &built.refused {
        message += &format!("\n  {}", cut(&rejected.to_string()));
    }
    match all.saturating_sub(built.refused.len() as u64) {
        0 => message += &format!("\n  see {}", ledger.display()),
        more if built.refused.is_empty() => message += &format!("; see {} for these {more}", ledger.display()),
        more => message += &format!("\n  and {} more; see {}", count(more), ledger.display()),
    }
    let first = |rejected: &Rejected| {
        let Rejected { source, record, line, column, offset, cause, detail, .. } = rejected;
        json!({
            "path": source, "record": record, "line": line, "column": column, "offset": offset,
            "cause": cause.as_str(), "detail": detail,
        })
    };
    let first: Vec<Value> = built.refused.iter().map(first).collect();
    let fields =
        json!({ "kind": "rejected", "causes": causes, "first": first, "ledger": ledger.display().to_string() });
    console.warning_with(&message, fields);
}

/// So many documents that lost most of their prose are named at the end of a build; the manifest names a few more.
const SHOWN_GUTTED: usize = 3;

/// A word as a shell takes it.
fn word(text: &str) -> String {
    let plain = |character: char| character.is_alphanumeric() || "-_./:~#%+@=,".contains(character);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
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
