//! Development builds only: `TAMIS_FAULTS` lets the tests end or hinder the process at any operation on a file of the store or the
//! output, and see which there are. `docs/architecture.md` says what it takes.

use std::collections::BTreeSet;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use rustix::io::Errno;
use tamis::storage::watched::{Operation, install};

/// What is to go wrong.
#[derive(Default)]
struct Faults {
    /// Each operation becomes a line of this file.
    trace: Option<File>,
    /// Ends the process before the operation of that number, counted from 1.
    kill: Option<u64>,
    /// The same, and what was not synced is lost.
    power: Option<u64>,
    /// From that operation on, the disk is full.
    full: Option<u64>,
    /// That one operation fails.
    io: Option<u64>,
    /// Ends the process before the operation after the first whose line in the trace has this in it.
    kill_after: Option<String>,
    was_met: AtomicBool,
    /// Folders cannot be exchanged in one step.
    no_exchange: bool,
    count: AtomicU64,
    /// Files with bytes that may not be on the disk.
    dirty: Mutex<BTreeSet<PathBuf>>,
}

/// Installs what the environment asks for.
pub fn install_from_environment() {
    let Some(plan) = std::env::var_os("TAMIS_FAULTS") else { return };
    let mut faults = Faults::default();
    for part in plan.to_string_lossy().split(',') {
        let number = || part.split_once('@').and_then(|(_, number)| number.parse().ok());
        match part.split(['@', '=']).next().unwrap_or_default() {
            "trace" => {
                let path = part.split_once('=').map(|(_, path)| path).unwrap_or_default();
                faults.trace = OpenOptions::new().create(true).append(true).open(path).ok();
            }
            "kill" => faults.kill = number(),
            "kill-after" => faults.kill_after = part.split_once('=').map(|(_, text)| text.to_owned()),
            "power" => faults.power = number(),
            "full" => faults.full = number(),
            "io" => faults.io = number(),
            "no-exchange" => faults.no_exchange = true,
            _ => {}
        }
    }
    install(Box::new(move |operation| faults.meet(operation)));
}

impl Faults {
    fn meet(&self, operation: Operation<'_>) -> io::Result<()> {
        let number = self.count.fetch_add(1, Ordering::SeqCst) + 1;
        if let Some(mut trace) = self.trace.as_ref() {
            // In one piece, since several threads write.
            let _ = trace.write_all(format!("{operation:?}\n").as_bytes());
        }
        if self.kill == Some(number) || self.was_met.load(Ordering::SeqCst) {
            end();
        }
        if self.kill_after.as_ref().is_some_and(|text| format!("{operation:?}").contains(text)) {
            self.was_met.store(true, Ordering::SeqCst);
        }
        let mut dirty = self.dirty.lock().unwrap_or_else(PoisonError::into_inner);
        if self.power == Some(number) {
            dirty.iter().for_each(|path| lose(path));
            end();
        }
        if self.full.is_some_and(|first| number >= first) && !matches!(operation, Operation::Remove(_)) {
            return Err(Errno::NOSPC.into());
        }
        if self.io == Some(number) {
            return Err(Errno::IO.into());
        }
        match operation {
            Operation::Exchange(..) if self.no_exchange => return Err(io::ErrorKind::Unsupported.into()),
            Operation::Write(path) => _ = dirty.insert(path.to_owned()),
            Operation::Sync(path) => _ = dirty.remove(path),
            Operation::SyncAll(_) => dirty.clear(),
            Operation::Rename(from, to) => renamed(&mut dirty, &[(from, to)]),
            Operation::Exchange(one, other) => renamed(&mut dirty, &[(one, other), (other, one)]),
            Operation::Link(from, to) if dirty.contains(from) => _ = dirty.insert(to.to_owned()),
            Operation::Remove(path) => dirty.retain(|file| !file.starts_with(path)),
            Operation::Create(_) | Operation::Link(..) => {}
        }
        Ok(())
    }
}

/// Gives what lies at the first of each two paths the second in its place.
fn renamed(dirty: &mut BTreeSet<PathBuf>, pairs: &[(&Path, &Path)]) {
    let moved = |file: &PathBuf| {
        let pair = pairs.iter().find_map(|(from, to)| Some((file.strip_prefix(from).ok()?, to)));
        pair.map_or_else(
            || file.clone(),
            |(rest, to)| if rest.as_os_str().is_empty() { (*to).into() } else { to.join(rest) },
        )
    };
    *dirty = dirty.iter().map(moved).collect();
}

/// What a loss of power may leave of a file: its length, and zeros instead of its first half.
fn lose(path: &Path) {
    if let Ok(mut bytes) = fs::read(path) {
        let half = bytes.len() / 2;
        bytes.iter_mut().take(half).for_each(|byte| *byte = 0);
        let _ = fs::write(path, bytes);
    }
}

/// Ends the process as `kill -9` does.
fn end() -> ! {
    let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
    loop {
        std::thread::park();
    }
}
