//! `tamis mine`: a corpus of three made-up sites, what is proposed of them, and the pack at work.

use std::fmt::Write;
use std::fs;

use tempfile::TempDir;

use crate::support::{stdout, tamis};

const CONFIG: &str = "[dataset]\nname = \"sites\"\n[[source]]\npaths = [\"in\"]\nfields = { id = \"id\", url = \"url\" }\n\
    [[stage]]\nnormalize = {}\n[output]\ndir = \"out\"\n";

const FOOTER: &str = "The Harbour Post is printed by the Harbour Press, 12 Quay Street";
const QUOTATION: &str = "“We will not leave the island before the last sheep is on board,” the captain told the wire service on Monday evening.";

const SYLLABLES: [&str; 6] = ["ba", "ke", "lo", "mi", "nu", "ra"];

/// Ninety articles on three hosts in three files. On one host a footer stands below every third article, each with another
/// number of a page; twelve articles of all hosts share a quotation of an agency.
fn corpus() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("in")).unwrap();
    for host in ["post", "mail", "echo"] {
        let mut lines = String::new();
        for number in 0..30 {
            // Digits are folded, so articles differ by words.
            let name = [SYLLABLES[number / 6], SYLLABLES[number % 6]].concat();
            let mut text = format!("The {name} of {host} sails\nThe ferry {name} left the port of {host} before dawn.");
            if host == "post" && number % 3 == 0 {
                let _ = write!(text, "\nPage {} of 40 | {FOOTER}", number + 1);
            }
            if number < 4 {
                let _ = write!(text, "\n{QUOTATION}");
            }
            let record = serde_json::json!({"id": format!("{host}-{number}"), "url": format!("https://www.{host}.example/{number}"), "text": text});
            let _ = writeln!(lines, "{record}");
        }
        fs::write(folder.path().join(format!("in/{host}.jsonl")), lines).unwrap();
    }
    fs::write(folder.path().join("tamis.toml"), CONFIG).unwrap();
    folder
}

#[test]
fn a_footer_on_a_third_of_a_site_is_proposed_and_a_shared_quotation_is_not() {
    let folder = corpus();
    let text = stdout(folder.path(), &["mine", "tamis.toml"]);
    let pack: toml::Table = toml::from_str(&text).unwrap();
    let mined = pack["mined"].as_array().unwrap();
    let footer = mined.iter().find(|mined| mined["phrase"].as_str().unwrap().contains("harbour post")).unwrap();
    assert_eq!(
        footer["phrase"].as_str(),
        Some("page 0 of 0 | the harbour post is printed by the harbour press, 0 quay street")
    );
    assert_eq!(footer["rule"].as_str(), Some("remove"));
    assert_eq!(footer["documents"].as_integer(), Some(10));
    assert_eq!(footer["share"].as_float(), Some(0.3333));
    assert_eq!(footer["scope"].as_str(), Some("host post.example"));
    assert!(footer["examples"][0].as_str().unwrap().ends_with("12 Quay Street [post-0]"), "{footer}");
    assert!(!text.contains("last sheep"), "{text}");
}

#[test]
fn threads_change_nothing_and_the_pack_is_accepted_as_it_is() {
    let folder = corpus();
    let one = stdout(folder.path(), &["mine", "tamis.toml", "--threads", "1"]);
    assert_eq!(one, stdout(folder.path(), &["mine", "tamis.toml", "--threads", "4"]));
    stdout(folder.path(), &["mine", "tamis.toml", "-o", "mined.toml"]);
    assert_eq!(fs::read_to_string(folder.path().join("mined.toml")).unwrap(), one);
    let with_pack =
        CONFIG.replace("normalize = {}", "normalize = {}\n[[stage]]\nboilerplate = { packs = [\"mined.toml\"] }");
    fs::write(folder.path().join("with.toml"), with_pack).unwrap();
    stdout(folder.path(), &["build", "with.toml", "-q"]);
    let explained = stdout(folder.path(), &["explain", "out", "--id", "post-3"]);
    assert!(explained.contains("boilerplate.mined_remove"), "{explained}");
    // What the pack removes already is not proposed again.
    let again = stdout(folder.path(), &["mine", "with.toml"]);
    assert!(!again.contains("harbour post"), "{again}");
}

#[test]
fn a_share_that_is_none_is_refused() {
    let folder = corpus();
    let output = tamis(folder.path(), &["mine", "tamis.toml", "--min-share", "5"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--min-share 5 is no share"));
}
