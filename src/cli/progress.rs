//! Watches a build: on a terminal two lines that stay in place, elsewhere a line a part once a build takes more than a moment.

use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use serde_json::json;
use tamis::report::summary::bytes;
use tamis::run::{Part, Watch};

use super::{Console, LogFormat};

mod lines;
mod speed;

use lines::View;
use speed::Speed;

/// A build that is done by then says nothing of its parts.
const A_MOMENT: Duration = Duration::from_secs(1);

/// A build's window on a console.
pub struct Progress {
    console: Console,
    shared: Arc<Shared>,
    lines: Mutex<Vec<ProgressBar>>,
}

/// What the drawing thread looks at.
struct Shared {
    start: Instant,
    state: Mutex<State>,
    /// Units of the current part that are done.
    units: AtomicU64,
    /// Whether lines wait for the build to take more than a moment.
    has_waiting: AtomicBool,
}

#[derive(Default)]
struct State {
    /// Unpacked bytes of the corpus; none before the inputs were looked at.
    corpus: Option<u64>,
    /// Work of all parts, and of those that are done.
    work: u64,
    done: u64,
    part: Option<Part>,
    speed: Speed,
    waiting: Vec<String>,
}

impl Progress {
    pub fn new(console: Console) -> Self {
        let shared = Shared {
            start: Instant::now(),
            state: Mutex::default(),
            units: AtomicU64::new(0),
            has_waiting: AtomicBool::new(false),
        };
        Self { console, shared: Arc::new(shared), lines: Mutex::default() }
    }

    /// Seconds since it began.
    pub fn seconds(&self) -> f64 {
        self.shared.start.elapsed().as_secs_f64()
    }

    /// Takes the lines off the screen, so that what follows is printed below nothing.
    pub fn end(&self) {
        self.lines().drain(..).rev().for_each(|line| line.finish_and_clear());
        self.shared.state().waiting.clear();
        self.shared.has_waiting.store(false, Ordering::Relaxed);
    }

    fn draw(&self) {
        let mut lines = self.lines();
        if !lines.is_empty() {
            return;
        }
        let all = MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(10));
        for line in [lines::overall as fn(&View, usize) -> String, lines::part] {
            let shared = Arc::clone(&self.shared);
            let write = move |_: &ProgressState, out: &mut dyn std::fmt::Write| {
                let _ = out.write_str(&line(&shared.view(), width()));
            };
            let style = ProgressStyle::with_template("{line}").unwrap_or_else(|_| ProgressStyle::default_bar());
            let bar = all.add(ProgressBar::no_length().with_style(style.with_key("line", write)));
            bar.enable_steady_tick(Duration::from_millis(200));
            lines.push(bar);
        }
    }

    fn lines(&self) -> MutexGuard<'_, Vec<ProgressBar>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says the lines that waited, if the build now takes more than a moment.
    fn say_waiting(&self) {
        if self.shared.start.elapsed() < A_MOMENT {
            return;
        }
        let waiting = std::mem::take(&mut self.shared.state().waiting);
        self.shared.has_waiting.store(false, Ordering::Relaxed);
        waiting.iter().for_each(|line| self.console.note(line));
    }
}

impl Watch for Progress {
    fn nanos(&self) -> u64 {
        self.shared.start.elapsed().as_nanos() as u64
    }

    /// The high-water mark of resident memory, from `/proc` where there is one.
    fn peak_memory(&self) -> Option<u64> {
        memory("VmHWM:")
    }

    fn expect(&self, bytes: u64, parts: &[Part]) {
        let mut state = self.shared.state();
        state.corpus = Some(bytes);
        state.work = parts.iter().map(|part| part.work).sum();
        state.done = 0;
        state.part = None;
        state.speed = Speed::default();
    }

    fn begin(&self, part: &Part) {
        {
            let mut state = self.shared.state();
            if state.corpus.is_some() {
                state.done += state.part.as_ref().map_or(0, |part| part.work);
            }
            state.part = Some(part.clone());
            self.shared.units.store(0, Ordering::Relaxed);
        }
        let seconds = self.seconds();
        if self.console.is_live() {
            self.draw();
        } else if self.console.format == LogFormat::Json {
            let units = part.phase.is_in_bytes().then_some(part.units);
            let fields = json!({ "part": part.phase.name(), "seconds": seconds, "bytes": units });
            self.console.event("info", "part", &part.does, fields);
        } else {
            let size = if part.phase.is_in_bytes() { format!(" ({})", bytes(part.units)) } else { String::new() };
            self.shared.state().waiting.push(format!("{seconds:7.1} s  {}{size}", part.does));
            self.shared.has_waiting.store(true, Ordering::Relaxed);
            self.say_waiting();
        }
    }

    fn advance(&self, done: u64) {
        self.shared.units.fetch_add(done, Ordering::Relaxed);
        if self.shared.has_waiting.load(Ordering::Relaxed) {
            self.say_waiting();
        }
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn view(&self) -> View {
        let mut state = self.state();
        let part = state.part.clone();
        let (units, done) = (part.as_ref().map_or(0, |part| part.units), self.units.load(Ordering::Relaxed));
        let done = done.min(units);
        let share = if units == 0 { 0.0 } else { done as f64 / units as f64 };
        let work = part.as_ref().map_or(0, |part| part.work);
        let fraction = match state.corpus {
            Some(_) if state.work > 0 => (state.done as f64 + work as f64 * share) / state.work as f64,
            _ => share,
        };
        let speed = state.speed.at(self.start.elapsed().as_secs_f64(), fraction);
        View {
            total: state.corpus.unwrap_or(units),
            fraction,
            speed,
            memory: memory("VmRSS:"),
            does: part.as_ref().map_or_else(String::new, |part| part.does.clone()),
            part: state.corpus.and(part).map(|part| (done, units, part.phase.is_in_bytes())),
        }
    }
}

/// Columns of the terminal; less one, in which some put the cursor.
fn width() -> usize {
    let width = terminal_size::terminal_size_of(io::stderr()).map_or(80, |(width, _)| usize::from(width.0));
    width.saturating_sub(1)
}

/// A line of the system's account of this process, in bytes.
fn memory(name: &str) -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with(name))?;
    let kibibytes: u64 = line.split_ascii_whitespace().nth(1)?.parse().ok()?;
    Some(kibibytes * 1024)
}
