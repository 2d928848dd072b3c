//! Which files a source names.

use super::*;

fn names(found: &Discovery) -> Vec<&str> {
    found.files.iter().map(|file| &*file.name).collect()
}

fn refused(found: &Discovery) -> Vec<(&str, &str)> {
    found.refused.iter().map(|row| (&*row.source, row.cause.as_str())).collect()
}

fn files(names: &[&str]) -> Folder {
    names.iter().fold(Folder::new(), |folder, name| folder.and(name, "x"))
}

#[test]
fn folders_are_taken_whole_without_hidden_files() {
    let folder = files(&["b.txt", "a/z.txt", "a/b/c.md", ".hidden.txt", ".git/x.txt", "a-b.txt", "a/.x/y.txt"]);
    assert_eq!(names(&folder.discover("paths = [\".\"]")), ["a-b.txt", "a/b/c.md", "a/z.txt", "b.txt"]);
    assert_eq!(names(&folder.discover("paths = [\"a/\"]")), ["a/b/c.md", "a/z.txt"]);
    assert_eq!(names(&folder.discover("paths = [\".git\", \".hid*\"]")), [".git/x.txt", ".hidden.txt"]);
}

#[test]
fn each_path_comes_once_for_the_first_source_that_names_it() {
    let folder = files(&["a.txt", "b.txt", "c.txt"]);
    let first = config("paths = [\"b.txt\", \"./b.txt\", \"b*\"]");
    let second = config("paths = [\"*.txt\"]");
    let found = discover(folder.path(), &[first, second]).expect("the folder can be read");
    let sources: Vec<_> = found.files.iter().map(|file| (file.source, &*file.name)).collect();
    assert_eq!(sources, [(0, "b.txt"), (1, "a.txt"), (1, "c.txt")]);
    assert_eq!(found.unmatched, []);
}

#[test]
fn what_is_named_and_cannot_be_read_is_refused() {
    let folder = files(&["a.txt", "b.txt/c.md", "page.html", "README", "data.json"]);
    #[cfg(unix)]
    std::os::unix::fs::symlink("nowhere", folder.path().join("d.txt")).expect("a link can be made");
    let found = folder.discover("paths = [\"*\"]");
    assert_eq!(names(&found), ["a.txt"]);
    assert_eq!(
        refused(&found),
        [
            ("README", "unknown_format"),
            ("b.txt", "not_a_file"),
            ("d.txt", "not_a_file"),
            ("data.json", "unknown_format"),
            ("page.html", "unknown_format"),
        ]
    );
    assert_eq!(refused(&folder.discover("paths = [\"b.txt/**\"]")), []);
}

#[cfg(unix)]
#[test]
fn links_are_followed_but_not_in_circles() {
    let folder = files(&["a/b.txt", "outside/c.txt"]);
    std::os::unix::fs::symlink("..", folder.path().join("a/up")).expect("a link can be made");
    std::os::unix::fs::symlink("../outside", folder.path().join("a/out")).expect("a link can be made");
    let found = folder.discover("paths = [\"a\"]");
    assert_eq!(names(&found), ["a/b.txt", "a/out/c.txt"]);
    let circle = found.refused.iter().find(|row| &*row.source == "a/up").expect("the circle is told");
    assert!(circle.detail.contains("holds it"), "{}", circle.detail);
}

#[test]
fn what_is_missing_is_named_with_what_is_near() {
    let folder = files(&["seeds/a.txt"]);
    fs::create_dir(folder.path().join("empty")).expect("a folder can be made");
    let written = ["seed/*.txt", "seeds/b.txt", "seeds/*.md", "empty", "seeds/a.txt/x"];
    let text = format!("paths = {written:?}");
    let found = folder.discover(&text);
    let details: Vec<_> = found.unmatched.iter().map(|path| path.detail.as_str()).collect();
    assert_eq!(
        details,
        [
            "`seed/` does not exist: there is no `seed`; did you mean `seeds`?",
            "`seeds/b.txt` does not exist: there is no `b.txt` in `seeds`; did you mean `a.txt`?",
            "nothing matches `seeds/*.md`",
            "the folder `empty` holds no files",
            "`seeds/a.txt/x` does not exist: there is no `x` in `seeds/a.txt`",
        ]
    );
    assert_eq!(found.unmatched[2].path, 2);
}

#[test]
fn a_name_with_wildcards_that_exists_is_meant_as_it_stands() {
    let folder = files(&["a[1].txt", "a1.txt"]);
    assert_eq!(names(&folder.discover("paths = [\"a[1].txt\"]")), ["a[1].txt"]);
}

#[test]
fn names_reach_out_of_the_configs_folder() {
    let folder = files(&["seeds/a.txt", "configs/x.toml"]);
    let found = discover(&folder.path().join("configs"), &[config("paths = [\"../seeds/*.txt\"]")])
        .expect("the folder can be read");
    assert_eq!(names(&found), ["../seeds/a.txt"]);
}

#[test]
fn malformed_globs_and_unknown_encodings_are_errors() {
    let wrong = config("paths = [\"ok.txt\", \"a[b\", \"s3://x/y\", \"\"]\nencoding = \"utf-9\"\nmax_record_size = 0");
    let fields: Vec<_> = wrong.check(3).into_iter().map(|error| (error.index, error.field)).collect();
    let expected = ["paths[1]", "paths[2]", "paths[3]", "encoding", "max_record_size"];
    assert_eq!(fields, expected.map(|field| (3, field.to_owned())));
    let error = discover(Path::new("."), &[config("paths = [\"a[b\"]")]).unwrap_err();
    assert_eq!((error.kind, error.field.as_str()), (SourceErrorKind::Config, "paths[0]"));
}

#[test]
fn files_that_cannot_be_opened_are_refused() {
    let folder = files(&["a.txt", "b.jsonl", "c.csv", "d.parquet"]);
    let config = config("paths = [\".\"]");
    let found = discover(folder.path(), std::slice::from_ref(&config)).expect("the folder can be read");
    for file in &found.files {
        fs::remove_file(&file.path).expect("the file is there");
        assert_eq!(survey(file, 100).unwrap_err().cause, Cause::Unreadable);
        let mut yielded = Yield::default();
        yielded.read(&config, file, &Slice { start: 0, end: 1, first_record: 0, next_record: None, digest: [0; 16] });
        assert_eq!(yielded.causes(), [(None, 0, "unreadable", true)]);
    }
}
