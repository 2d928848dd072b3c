//! What results in a work folder are known by: the code that decides, and nothing else; and that the data version is raised when
//! the same config and inputs give other bytes.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use tamis::sink::DATA_VERSION;

use super::support::stdout;

#[path = "../../build/tokens.rs"]
mod tokens;

#[test]
fn comments_blank_space_and_tests_are_no_part_of_what_decides() {
    let code = "fn f<'a>(s: &'a str) -> char { let q = '\"'; let r = r#\"// \"no\" comment\"#; s.len(); '\\'' }\n";
    let told = "//! What it is for.\n/* a /* nested */ comment */ fn f<'a>(s : &'a str)\n    -> char { // why\n let q = '\"'; let r = \
                r#\"// \"no\" comment\"#; s.len(); '\\'' }\n#[cfg(test)]\nuse x::y;\n#[cfg(test)]\n#[allow(a, b)]\nmod tests {\n    #[test] fn \
                g() { assert!(\"}\".len() > 0); }\n}\n#[cfg(test)]\nmod more;\n";
    assert_eq!(tokens::deciding(code), tokens::deciding(told));
    for other in [
        code.replace("s.len()", "s.len() + 1"),
        code.replace("// \"no\"", "/* \"no\""),
        code.replace("'\"'", "'x'"),
        format!("{code}const A: &str = \"  \";"),
    ] {
        assert_ne!(tokens::deciding(code), tokens::deciding(&other), "{other}");
    }
    assert_ne!(tokens::deciding("const A: &str = \"a  b\";"), tokens::deciding("const A: &str = \"a b\";"));
    assert_eq!(tokens::deciding("b'\\'' br\"\\\" c\"x\" 'é' 'a 1..2"), "b'\\''\nbr\"\\\"\nc\"x\"\n'é'\n'a\n1\n.\n.\n2");
}

#[test]
fn every_source_is_cut_into_tokens_whole() {
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    let sources = ["src", "crates"].into_iter().flat_map(|folder| walkdir::WalkDir::new(repository.join(folder)));
    for path in
        sources.map(|entry| entry.unwrap().into_path()).filter(|path| path.extension().is_some_and(|e| e == "rs"))
    {
        let text = fs::read_to_string(&path).unwrap();
        let code = tokens::deciding(&text);
        for (open, close) in [("{", "}"), ("(", ")"), ("[", "]")] {
            let count = |sign: &str| code.lines().filter(|token| *token == sign).count();
            // A literal of several lines holds such lines only by chance; none of ours does.
            assert_eq!(count(open), count(close), "{}: {open}", path.display());
        }
    }
}

/// Each stage alone over the same few documents, and one config with all: what it gives, by name.
fn digests() -> BTreeMap<String, String> {
    let stages = [
        ("normalize", "normalize = {}"),
        ("document_dedup", "document_dedup = {}"),
        ("paragraph_dedup", "paragraph_dedup = { min_chars = 20 }"),
        ("boilerplate", "boilerplate = {}"),
        ("language", "language = {}"),
        ("tokenize", "tokenize = { tokenizer = \"o200k_base\", ids = true }"),
        ("split", "split = { train = 0.5, test = 0.5 }"),
    ];
    let folder = tempfile::tempdir().unwrap();
    corpus(folder.path());
    let mut pipelines: Vec<(&str, String)> = vec![("no stage", String::new())];
    pipelines.extend(stages.iter().map(|(name, stage)| (*name, format!("[[stage]]\n{stage}\n"))));
    pipelines.push(("all stages", pipelines.iter().map(|(_, stages)| stages.as_str()).collect()));
    let digest = |(name, stages): (&str, String)| {
        let config =
            format!("[dataset]\nname = \"golden\"\n[[source]]\npaths = [\"in\"]\n{stages}[output]\ndir = \"out\"\n");
        fs::write(folder.path().join("tamis.toml"), config).unwrap();
        stdout(folder.path(), &["build", "tamis.toml", "--quiet", "--fresh"]);
        let manifest: serde_json::Value =
            serde_json::from_slice(&fs::read(folder.path().join("out/manifest.json")).unwrap()).unwrap();
        (name.to_owned(), manifest["digest"].as_str().unwrap().to_owned())
    };
    pipelines.into_iter().map(digest).collect()
}

/// Documents in several forms and languages, with repeats, chrome, and misread text.
fn corpus(folder: &Path) {
    let sentence = |n: usize| {
        format!("In report {n}, the council voted on day {} to repair the old bridge over the river.", n % 9)
    };
    let french =
        "Le conseil municipal a voté lundi la réparation du vieux pont, après un long hiver de tempêtes et de crues.";
    let page = |n: usize| {
        let body: Vec<String> = (0..5).map(|line| sentence(n + line * 2)).collect();
        format!(
            "Bridge report {n}\n\nBy Ann Miller\n\nShare on Facebook\n\n{}\n\n{french}\n\nRead more\n\nSubscribe to our newsletter",
            body.join("\n\n")
        )
    };
    let write = |name: &str, text: &[u8]| fs::write(folder.join("in").join(name), text).unwrap();
    fs::create_dir(folder.join("in")).unwrap();
    (0..6).for_each(|n| write(&format!("{n}.txt"), page(n / 2 * 2).as_bytes()));
    write("wrapped.txt", "The bridge was closed in the winter\nbecause of a storm that nobody had\nexpected so early in that long year.\n".repeat(4).as_bytes());
    write("latin.txt", b"Le caf\xe9 est ferm\xe9 pendant l'hiver, dit le propri\xe9taire du bar.\n");
    write("misread.txt", "Le cafÃ© est fermÃ© &amp; le bar aussi.\n".as_bytes());
    write("a.md", b"---\ntitle: Bridges\nauthor: Ann Miller\ndate: 2021-03-04\n---\n# Bridges\n\nA bridge is *closed* in [winter](x).\n");
    write("lines.csv", b"id,text,title\nc1,The bridge is open again since Monday.,Open\nc2,\"Two, or three\",\n");
    let lines: Vec<String> = (0..4)
        .map(|n| serde_json::json!({ "id": format!("id-{}", n % 3), "text": page(n), "extra": n }).to_string())
        .collect();
    write("lines.jsonl", (lines.join("\n") + "\n{broken\n").as_bytes());
}

#[test]
fn a_change_of_output_bytes_raises_the_data_version() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/digests.toml");
    let before: Option<Golden> = fs::read_to_string(&path).ok().map(|text| toml::from_str(&text).unwrap());
    let released = before.as_ref().is_some_and(|golden| golden.released && golden.data_version == DATA_VERSION);
    let now = Golden { data_version: DATA_VERSION.to_owned(), released, digests: digests() };
    let old = before.unwrap_or_else(|| now.clone());
    let differ: Vec<&String> =
        now.digests.keys().filter(|name| now.digests.get(*name) != old.digests.get(*name)).collect();
    assert!(
        differ.is_empty() || !released,
        "the output bytes of {differ:?} changed, and data version {DATA_VERSION} was released with others. If that is meant, raise \
         DATA_VERSION in src/sink/mod.rs, say under \"Output\" in CHANGELOG.md what changed, and run scripts/regen"
    );
    if std::env::var_os("TAMIS_REGEN").is_some() {
        let text = toml::to_string(&now).unwrap();
        fs::write(&path, format!("# By scripts/regen: what each stage alone gives of the corpus in tests/it/keys.rs. A release sets `released`.\n{text}")).unwrap();
        return;
    }
    assert!(path.exists(), "scripts/regen writes tests/golden/digests.toml");
    assert_eq!(
        now, old,
        "the output bytes of {differ:?} changed: if that is meant, scripts/regen rewrites tests/golden/digests.toml"
    );
}

#[derive(Debug, Clone, PartialEq, serde::Serialize, serde::Deserialize)]
struct Golden {
    data_version: String,
    /// Whether that version was released: from then on a change of bytes needs another.
    released: bool,
    digests: BTreeMap<String, String>,
}
