//! Plays what a page tells its reader to do, in a fresh folder.
//!
//! - A `console` block holds commands behind `$ `, each with what it prints; of a command without such lines nothing is
//!   compared, and `…` in their place asks scripts/regen for them. A command must end well unless the page shows its error.
//! - A `toml` block that begins with `# NAME.toml` is a file of that name. One of a single line replaces the line of
//!   `tamis.toml` that gives the same key: it is pasted.

use std::fs;
use std::path::Path;
use std::process::Command;

use regex::Regex;
use tempfile::TempDir;

use super::markdown::{Fence, fences};

/// What came of a page.
pub struct Session {
    /// The page with what its commands print now.
    pub page: String,
    /// What is not as the page says.
    pub wrong: Vec<String>,
    /// The commands with what they printed.
    pub ran: Vec<(String, String)>,
    /// The lines that were pasted.
    pub pasted: Vec<String>,
}

/// Plays a page.
pub fn play(page: &Path) -> Session {
    let folder = TempDir::new().unwrap();
    super::copy_articles(folder.path());
    let text = fs::read_to_string(page).unwrap();
    let mut session = Session { page: String::new(), wrong: Vec::new(), ran: Vec::new(), pasted: Vec::new() };
    let mut code = 0;
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let mut blocks = Vec::new();
    for fence in fences(&text) {
        match fence.info.as_str() {
            "toml" => session.write(folder.path(), &fence),
            "console" => blocks.push((fence.line, session.run(folder.path(), &fence, &mut code), fence)),
            _ => {}
        }
    }
    // From the end, so that the numbers of lines before stay right.
    for (line, new, fence) in blocks.into_iter().rev() {
        lines.splice(line..line + fence.body.lines().count(), new.lines().map(str::to_owned));
    }
    session.page = lines.join("\n") + "\n";
    session
}

impl Session {
    fn write(&mut self, folder: &Path, fence: &Fence) {
        let first = fence.body.lines().next().unwrap_or_default();
        if let Some(name) = first.strip_prefix("# ").filter(|name| name.ends_with(".toml") && !name.contains(' ')) {
            fs::write(folder.join(name), &fence.body).unwrap();
        } else if let (1, Some((key, _))) = (fence.body.lines().count(), first.split_once(" = ")) {
            let config = fs::read_to_string(folder.join("tamis.toml")).unwrap();
            let is_meant = |line: &str| line.starts_with(&format!("{key} = "));
            assert!(config.lines().any(is_meant), "line {}: `{key}` is not in tamis.toml", fence.line);
            let lines = config.lines().map(|line| if is_meant(line) { first } else { line });
            fs::write(folder.join("tamis.toml"), lines.collect::<Vec<_>>().join("\n") + "\n").unwrap();
            self.pasted.push(first.to_owned());
        }
    }

    /// Runs the commands of a block; gives the block with what they print.
    fn run(&mut self, folder: &Path, fence: &Fence, code: &mut i32) -> String {
        let mut new = String::new();
        let mut entries: Vec<(String, String)> = Vec::new();
        for line in fence.body.lines() {
            match line.strip_prefix("$ ") {
                Some(command) => entries.push((command.to_owned(), String::new())),
                None => {
                    let told = &mut entries.last_mut().expect("a command stands first").1;
                    told.push_str(line);
                    told.push('\n');
                }
            }
        }
        let mut entries = entries.into_iter().peekable();
        while let Some((command, told)) = entries.next() {
            // What stands behind two spaces and a `#` is for the reader.
            let bare = command.split("  #").next().unwrap_or_default().trim_end();
            let (printed, ended) = shell(folder, bare, *code);
            *code = ended;
            let is_asked = entries.peek().is_some_and(|(next, _)| next == "echo $?") || told.contains("error: ");
            if ended != 0 && !is_asked {
                self.wrong.push(format!("line {}: `{bare}` ended with {ended}:\n{printed}", fence.line));
            }
            let is_same = told.is_empty() || steady(&told) == steady(&printed);
            if !is_same {
                self.wrong.push(format!("line {}: `{bare}` prints\n{printed}and not\n{told}", fence.line));
            }
            new.push_str(&format!("$ {command}\n{}", if is_same { &told } else { &printed }));
            self.ran.push((bare.to_owned(), printed));
        }
        new
    }
}

/// Runs a command as a shell does whose last command ended with `code`; gives what it printed, and its exit code.
fn shell(folder: &Path, command: &str, code: i32) -> (String, i32) {
    let program = Path::new(env!("CARGO_BIN_EXE_tamis")).parent().expect("it lies in a folder");
    let path = std::env::var("PATH").unwrap_or_default();
    let output = Command::new("sh")
        .args(["-c", &format!("exec 2>&1; (exit {code}); {command}")])
        .current_dir(folder)
        .env("PATH", format!("{}:{path}", program.display()))
        .env("COLUMNS", "80")
        .env("LC_ALL", "C.UTF-8")
        .output()
        .unwrap();
    let real = folder.canonicalize().unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).replace(&*real.to_string_lossy(), "/news");
    let printed = printed.replace(&*folder.to_string_lossy(), "/news");
    // Lines end where their text does, a page shows no empty line at the end, and a slow machine alone shows progress.
    let is_progress =
        |line: &&str| line.starts_with("   ") && line.trim_start().split("  ").next().is_some_and(is_time);
    let lines: Vec<&str> = printed.trim_end().lines().map(str::trim_end).filter(|line| !is_progress(line)).collect();
    let printed = if printed.trim().is_empty() { String::new() } else { lines.join("\n") + "\n" };
    (printed, output.status.code().unwrap_or(-1))
}

/// Whether a text is a number of seconds: `1.5 s`.
fn is_time(text: &str) -> bool {
    text.strip_suffix(" s").is_some_and(|seconds| seconds.parse::<f64>().is_ok())
}

/// The text without what differs from one run, one machine or one development version to the next.
fn steady(text: &str) -> String {
    let mut text = text.to_owned();
    for (pattern, with) in [
        (r"[0-9a-f]{12,}", "DIGEST"),
        (r"(?m)^\d+\.\d s, .*$", "SPEED"),
        (r"(?m)^slowest stage: .*\n", ""),
        (r"\d+ files, [\d,.]+ .?B", "FILES"),
    ] {
        text = Regex::new(pattern).unwrap().replace_all(&text, with).into_owned();
    }
    text
}
