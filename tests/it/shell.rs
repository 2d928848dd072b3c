//! What a shell and its reader are told of the command line.

use std::fs;

use crate::support::{stdout, tamis};

/// The commands that `tamis --help` lists.
fn commands() -> Vec<String> {
    let help = stdout(".".as_ref(), &["--help"]);
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    // A line that goes on has more blanks before it.
    let names = listed.filter(|line| !line.starts_with("   ")).filter_map(|line| line.split_whitespace().next());
    names.filter(|name| *name != "help").map(str::to_owned).collect()
}

#[test]
fn each_command_has_a_manual_page_with_its_options() {
    let folder = tempfile::tempdir().unwrap();
    let commands = commands();
    assert!(commands.len() > 10 && commands.contains(&"build".to_owned()), "{commands:?}");
    stdout(folder.path(), &["man", "pages/of tamis"]);
    let page = |name: &str| fs::read_to_string(folder.path().join(format!("pages/of tamis/{name}.1"))).unwrap();
    for command in &commands {
        assert!(page(&format!("tamis-{command}")).contains(".SH SYNOPSIS"), "{command}");
        assert!(page("tamis").contains(&format!("tamis\\-{command}(1)")), "{command}");
    }
    assert!(page("tamis-build").contains("partition\\-size"));
    assert_eq!(stdout(folder.path(), &["man"]), page("tamis"));
    assert_eq!(fs::read_dir(folder.path().join("pages/of tamis")).unwrap().count(), commands.len() + 1);
}

#[test]
fn each_shell_gets_completions_that_know_the_commands() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = stdout(".".as_ref(), &["completions", shell]);
        assert!(commands().iter().all(|command| script.contains(command.as_str())), "{shell}");
        assert!(script.contains("partition-size"), "{shell}");
    }
    let output = tamis(".".as_ref(), &["completions", "csh"]);
    assert_eq!(output.status.code(), Some(2));
}
