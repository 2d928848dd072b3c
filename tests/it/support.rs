//! What tests of the program share: a folder with a config and inputs, the program run in it, and what it made there.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// The bytes of files, by their names within a folder.
pub type Files = BTreeMap<PathBuf, Vec<u8>>;

/// The program in `folder`, ready to start.
pub fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tamis"));
    command.current_dir(folder).args(arguments).stdin(Stdio::null());
    command
}

/// Runs the program in `folder`.
pub fn tamis(folder: &Path, arguments: &[&str]) -> Output {
    command(folder, arguments).output().unwrap()
}

/// What the program prints, if it ends well.
pub fn stdout(folder: &Path, arguments: &[&str]) -> String {
    let output = tamis(folder, arguments);
    assert!(output.status.success(), "{arguments:?}: {}", stderr(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// What the program said.
pub fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Every file of a dataset but `run.json`; none where there is no dataset.
pub fn dataset(folder: &Path) -> Files {
    let entries = walkdir::WalkDir::new(folder).into_iter().filter_map(Result::ok);
    let files = entries.filter(|entry| entry.file_type().is_file() && entry.file_name() != "run.json");
    let relative = |path: &Path| path.strip_prefix(folder).unwrap().to_owned();
    files.map(|entry| (relative(entry.path()), fs::read(entry.path()).unwrap())).collect()
}

/// A folder with a config, `tamis.toml`, whose output is `out`. It is gone with the value.
pub struct Corpus(TempDir);

impl Corpus {
    pub fn new(config: &str) -> Self {
        let corpus = Self(tempfile::tempdir().unwrap());
        corpus.write("tamis.toml", config);
        corpus
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// Writes a file, and makes the folders above it.
    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        command(self.path(), arguments)
    }

    pub fn run(&self, arguments: &[&str]) -> Output {
        tamis(self.path(), arguments)
    }

    pub fn succeed(&self, arguments: &[&str]) -> String {
        stdout(self.path(), arguments)
    }

    /// Every file of the dataset but `run.json`.
    pub fn out(&self) -> Files {
        dataset(&self.path().join("out"))
    }

    /// Removes the dataset and the work folder.
    pub fn forget(&self) {
        for name in ["out", ".tamis"] {
            let _ = fs::remove_dir_all(self.path().join(name));
        }
    }

    /// Writes `plan.json` as `tamis plan` prints it with these arguments, and gives the ids of its tasks.
    pub fn plan(&self, more: &[&str]) -> Vec<String> {
        let plan = self.succeed(&[&["plan", "tamis.toml", "--json", "--quiet"], more].concat());
        self.write("plan.json", &plan);
        let plan: Value = serde_json::from_str(&plan).unwrap();
        plan["tasks"].as_array().unwrap().iter().map(|task| task["id"].as_str().unwrap().to_owned()).collect()
    }

    /// How many tasks of each kind ran in the last build, and how many had been done before.
    pub fn tasks(&self) -> BTreeMap<String, (u64, u64)> {
        let run: Value = serde_json::from_slice(&fs::read(self.path().join("out/run.json")).unwrap()).unwrap();
        let mut tasks: BTreeMap<String, (u64, u64)> = BTreeMap::new();
        for line in run["tasks"].as_array().unwrap() {
            let counts = tasks.entry(line["kind"].as_str().unwrap().to_owned()).or_default();
            let count = line["tasks"].as_u64().unwrap();
            if line["ran"].as_bool().unwrap() { counts.0 += count } else { counts.1 += count }
        }
        tasks
    }
}

/// A path of the repository.
pub fn root(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Compares `actual` with a committed file, or rewrites the file with `TAMIS_REGEN=1`.
pub fn compare(path: &str, actual: &str) {
    let path = root(path);
    if std::env::var_os("TAMIS_REGEN").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, actual).unwrap();
        return;
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    let first = expected.lines().zip(actual.lines()).position(|(expected, actual)| expected != actual);
    let line = first.unwrap_or_else(|| expected.lines().count().min(actual.lines().count()));
    let show = |text: &str| text.lines().nth(line).unwrap_or("(end)").to_owned();
    assert!(
        expected == actual,
        "{} is out of date at line {}; TAMIS_REGEN=1 rewrites it\nit has: {}\nit should have: {}",
        path.display(),
        line + 1,
        show(&expected),
        show(actual)
    );
}
