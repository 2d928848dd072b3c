//! tamis (French: a sieve) turns a pile of articles into a training or evaluation set for a language model.
//!
//! It reads article files, removes what is repeated and what is site chrome, tells the language, tokenizes, splits, and
//! writes sharded Parquet with metadata: the same bytes every time, with a reason for every removed line.
//!
//! # The front door
//!
//! - [`check`] reads a config and resolves it into a [`Plan`].
//! - [`build`](build()) makes the dataset on this machine.
//! - [`plan`](plan()) lists the same build as tasks, and [`run_tasks`] runs some of them: for an engine of your own.
//! - [`explain`] shows what happens to one article, line by line.
//! - [`open`] opens a finished dataset.
//!
//! ```
//! use tamis::{Blind, Options, build, check, open};
//! # let folder = tempfile::tempdir()?;
//! # std::fs::write(folder.path().join("a.txt"), "The bridge is open again.")?;
//! # let config = "[dataset]\nname = 'bridges'\n[[source]]\npaths = ['*.txt']\n[output]\ndir = 'out'\n";
//! # std::fs::write(folder.path().join("tamis.toml"), config)?;
//! let plan = check(&folder.path().join("tamis.toml"), &[])?;
//! let built = build(&plan, &Options::new(&plan, &folder.path().join(".tamis")), &Blind)?;
//! assert_eq!(open(&built.folder)?.manifest.counts.kept.documents, 1);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Features
//!
//! All are on by default. `cli` is the program and its crates for arguments, signals and the terminal: a library does without
//! (`default-features = false`). `tokenizers` reads tokenizers from a `tokenizer.json`; the embedded ones are always there.
//!
//! Whatever else is public is the house inside, for the command line and the tests; it changes with any version.
//! `docs/architecture.md` shows how the floors lie on each other; each module says what it knows nothing about.

mod facade;

pub mod config;
pub mod document;
pub mod exchange;
pub mod plan;
pub mod report;
pub mod run;
pub mod sink;
pub mod source;
pub mod stage;
pub mod storage;

pub use facade::{Error, build, check, explain, load, open, plan, run_tasks};
pub use plan::Plan;
pub use run::{Blind, Built, Options, Places, RunError, Schedule, Watch};
pub use sink::dataset::Dataset;
pub use tamis_chrome as chrome;
pub use tamis_near as near;
pub use tamis_overlap as overlap;
pub use tamis_text as text;
pub use tamis_tokenizer as tokenizer;
