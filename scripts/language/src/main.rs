//! Trains the weights of tamis's embedded language detector. See README.md.

#[path = "../../../crates/text/src/language/alphabet.rs"]
mod alphabet;
mod check;
mod corpus;
#[path = "../../../crates/text/src/language/grams.rs"]
mod grams;
mod lexicon;
mod pack;
mod sampler;
mod train;
#[path = "../../../crates/text/src/language/pieces.rs"]
mod pieces;

use std::io::Write;
use std::path::Path;

use alphabet::Group;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["sample", models, out, count] => sample(Path::new(models), Path::new(out), count.parse().expect("a number")),
        ["train", work, languages, options @ ..] => train(Path::new(work), Path::new(languages), options),
        ["words", weights, list, out] => add_words(Path::new(weights), Path::new(list), Path::new(out)),
        _ => eprintln!(
            "usage: train-language sample MODELS OUT COUNT | train WORK LANGUAGES [KEY=VALUE]... | words WEIGHTS LIST OUT"
        ),
    }
}

fn sample(models: &Path, out: &Path, count: usize) {
    std::fs::create_dir_all(out).expect("out can be made");
    let mut paths: Vec<_> = std::fs::read_dir(models).expect("models").map(|entry| entry.expect("entry").path()).collect();
    paths.sort();
    for path in paths {
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        let model = sampler::Model::read(&path);
        let mut random = sampler::Random(name.bytes().fold(7, |seed, byte| seed * 31 + u64::from(byte)));
        let mut file = std::io::BufWriter::new(std::fs::File::create(out.join(format!("{name}.txt"))).expect("out"));
        for _ in 0..count {
            writeln!(file, "{}", model.draw(&mut random)).expect("out");
        }
        println!("{name} {}", model.words());
    }
}

fn train(work: &Path, languages: &Path, options: &[&str]) {
    let option = |name: &str, default: f64| {
        let given = options.iter().find_map(|option| option.strip_prefix(name)?.strip_prefix('='));
        given.map_or(default, |value| value.parse().expect("a number"))
    };
    let folders = corpus::Folders {
        languages,
        words: &work.join("words"),
        extra: &work.join("extra"),
        develop: &work.join("dev"),
        all: option("all", 0.0) > 0.0,
        limit: option("words", 300_000.0) as usize,
        spoken: option("spoken", 0.0),
    };
    let others = [(Group::Latin, 8), (Group::Cyrillic, 3), (Group::Arabic, 1), (Group::Devanagari, 1)];
    let classes = corpus::classes(&folders, &others);
    let scale = option("scale", 1.0);
    let mut all = Vec::new();
    for group in Group::ALL {
        let own: Vec<&corpus::Class> = classes.iter().filter(|class| class.group == group).collect();
        let (dense, sparse, share) = match group {
            Group::Latin => (24_000, 380_000, 1.0),
            Group::Cyrillic => (8_000, 60_000, 0.25),
            Group::Arabic => (5_000, 30_000, 0.15),
            Group::Devanagari => (5_000, 25_000, 0.15),
            Group::Han => (8_000, 16_000, 0.1),
            _ => (2_000, 2_000, 0.02),
        };
        eprintln!("{group:?}: {} classes", own.len());
        let plan = train::Plan {
            sizes: train::Sizes { dense: (dense as f64 * option("dense", 1.0)) as usize, sparse: (sparse as f64 * option("sparse", 1.0)) as usize },
            examples: (option("examples", 8e6) * share * scale) as usize,
            rate: option("rate", 0.1) as f32,
            limit: option("count", 150_000.0) as usize,
        };
        all.push(train::train(&own, &plan));
    }
    all.iter_mut().for_each(pack::round);
    check::check(&all, &folders);
    let packed = pack::pack(&all);
    let small = zstd::encode_all(packed.as_slice(), 19).expect("memory is enough");
    eprintln!("{} bytes, {} compressed", packed.len(), small.len());
    std::fs::write(work.join("weights.zst"), small).expect("work can be written");
}

fn add_words(weights: &Path, list: &Path, out: &Path) {
    let small = std::fs::read(weights).expect("weights");
    let mut packed = zstd::decode_all(small.as_slice()).expect("weights are whole");
    lexicon::add(&mut packed, &std::fs::read_to_string(list).expect("a list"));
    std::fs::write(out, zstd::encode_all(packed.as_slice(), 19).expect("memory is enough")).expect("out can be written");
}
