//! Watches a build: progress bars with rate and time left on a terminal, plain lines otherwise.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tamis::run::{Phase, Watch};

use super::{Console, LogFormat};

/// A build's window on a console.
pub struct Progress {
    console: Console,
    start: Instant,
    bar: Mutex<ProgressBar>,
}

impl Progress {
    pub fn new(console: Console) -> Self {
        Self { console, start: Instant::now(), bar: Mutex::new(ProgressBar::hidden()) }
    }

    /// Takes the bar off the screen, so that what follows is printed below nothing.
    pub fn end(&self) {
        if let Ok(bar) = self.bar.lock() {
            bar.finish_and_clear();
        }
    }
}

impl Watch for Progress {
    fn nanos(&self) -> u64 {
        self.start.elapsed().as_nanos() as u64
    }

    /// The high-water mark of resident memory, from `/proc` where there is one.
    fn peak_memory(&self) -> Option<u64> {
        let status = std::fs::read_to_string("/proc/self/status").ok()?;
        let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
        let kibibytes: u64 = line.split_ascii_whitespace().nth(1)?.parse().ok()?;
        Some(kibibytes * 1024)
    }

    fn begin(&self, phase: Phase, total: u64) {
        let (name, in_bytes) = match phase {
            Phase::Survey => ("reading inputs' digests".to_owned(), true),
            Phase::Read => ("reading packed files".to_owned(), true),
            Phase::Stages(segment, segments) => (format!("running stages, part {segment} of {segments}"), true),
            Phase::Decide(segment) => (format!("deciding after part {segment}"), false),
            Phase::Tally => ("adding up counts".to_owned(), false),
            Phase::Resolve => ("naming kept copies".to_owned(), false),
            Phase::Write => ("writing".to_owned(), false),
        };
        if total == 0 {
            return;
        }
        let Ok(mut bar) = self.bar.lock() else { return };
        bar.finish_and_clear();
        if self.console.is_live() {
            *bar = ProgressBar::with_draw_target(Some(total), ProgressDrawTarget::stderr_with_hz(10));
            bar.set_style(style(in_bytes));
            bar.set_message(name);
            bar.enable_steady_tick(Duration::from_millis(200));
        } else if self.console.format == LogFormat::Text {
            self.console.note(&format!("{:7.1} s  {name}", self.start.elapsed().as_secs_f64()));
        } else {
            self.console.note(&name);
        }
    }

    fn advance(&self, done: u64) {
        if let Ok(bar) = self.bar.lock() {
            bar.inc(done);
        }
    }
}

fn style(in_bytes: bool) -> ProgressStyle {
    let template = if in_bytes {
        "{msg:34} {bar:30} {bytes:>10} of {total_bytes:10} {bytes_per_sec:>12}  {eta} left"
    } else {
        "{msg:34} {bar:30} {pos:>10} of {len:10}"
    };
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
