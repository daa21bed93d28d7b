//! What the documents claim, as far as a program can check it: the files that they name
//! exist, links lead somewhere, and the rules about files are kept.

#![expect(clippy::unwrap_used, reason = "a test's helpers may panic")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The documents that describe the repository as it is. Decision records and the change
/// log tell of other days.
fn documents() -> Vec<PathBuf> {
    let root = root();
    let mut documents: Vec<PathBuf> = [
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "README.md",
        "docs/accuracy.md",
        "docs/performance.md",
        "examples/README.md",
    ]
    .iter()
    .map(|name| root.join(name))
    .collect();
    let guide = files(&root.join("docs/guide"));
    documents.extend(
        guide
            .into_iter()
            .filter(|path| path.extension() == Some("md".as_ref())),
    );
    documents
}

/// All files below a folder, without what is built or hidden.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if name.starts_with('.') || matches!(name.as_str(), "target" | "node_modules") {
            continue;
        }
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

/// The text outside of fenced blocks, where code spans and links are.
fn prose(text: &str) -> String {
    let mut fenced = false;
    let mut prose = String::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            prose.push_str(line);
            prose.push('\n');
        }
    }
    prose
}

/// Checks one document; gives what it names and is not there.
struct Checker {
    root: PathBuf,
    /// What a path in a document may begin with.
    starts: BTreeSet<String>,
    /// The names of all files.
    names: BTreeSet<String>,
}

impl Checker {
    fn new() -> Self {
        let root = root();
        let children = |folder: &Path| -> Vec<String> {
            let entries = fs::read_dir(folder).unwrap();
            entries
                .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
                .collect()
        };
        let mut starts: BTreeSet<String> = children(&root).into_iter().collect();
        starts.extend(children(&root.join("crates")));
        let names = files(&root)
            .iter()
            .map(|path| path.file_name().unwrap().to_string_lossy().into_owned())
            .collect();
        Self {
            root,
            starts,
            names,
        }
    }

    fn missing(&self, folder: &Path, text: &str) -> Vec<String> {
        let prose = prose(text);
        let mut missing = Vec::new();
        for target in prose.split("](").skip(1) {
            let target = target.split(')').next().unwrap();
            let path = target.split('#').next().unwrap();
            if !target.contains("://") && !folder.join(path).exists() {
                missing.push(format!("link to {target}"));
            }
        }
        for span in prose.split('`').skip(1).step_by(2) {
            let Some(name) = span.split_whitespace().next() else {
                continue;
            };
            if !self.is_there(folder, name) {
                missing.push(format!("`{span}`"));
            }
        }
        missing
    }

    /// Whether what a code span says exists, if it is a path at all.
    fn is_there(&self, folder: &Path, name: &str) -> bool {
        const ENDINGS: [&str; 7] = [".rs", ".md", ".toml", ".sql", ".py", ".json", ".lock"];
        if !name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "._-/".contains(c))
        {
            return true;
        }
        let is_file = ENDINGS.iter().any(|ending| {
            name.strip_suffix(ending)
                .is_some_and(|stem| stem.ends_with(|c: char| c.is_ascii_alphanumeric()))
        });
        match name.split_once('/') {
            Some((first, _)) if is_file || self.starts.contains(first) => {
                [&self.root, &self.root.join("crates"), folder]
                    .iter()
                    .any(|base| base.join(name).exists())
            }
            None if is_file => self.names.contains(name),
            _ => true,
        }
    }
}

#[test]
fn the_paths_that_documents_name_exist() {
    let checker = Checker::new();
    let mut missing = Vec::new();
    for document in documents() {
        let text = fs::read_to_string(&document).unwrap();
        for name in checker.missing(document.parent().unwrap(), &text) {
            missing.push(format!("{}: {name}", document.display()));
        }
    }
    assert!(missing.is_empty(), "not there: {missing:#?}");
}

#[test]
fn a_path_that_does_not_exist_is_found() {
    let text = "See [here](docs/none.md#top), [there](README.md), `crates/sandbox/src/server/x`,\n\
        `model/src/lib.rs`, `none.rs`, `lib.rs`, `GET /users/@me`, `tracker/src/none`, `a/b`.\n\
        ```text\n`crates/none`\n```\n`.ci/run --none`, `.ci/none`, `<verb>_<noun>.rs`";
    assert_eq!(
        Checker::new().missing(&root(), text),
        [
            "link to docs/none.md#top",
            "`crates/sandbox/src/server/x`",
            "`none.rs`",
            "`tracker/src/none`",
            "`.ci/none`",
        ]
    );
}

/// The endpoints in a folder: each is a file that is named by a verb.
fn endpoints(folder: &str) -> BTreeSet<String> {
    const VERBS: [&str; 6] = ["create_", "delete_", "get_", "list_", "search_", "set_"];
    let files = files(&root().join(folder));
    let stems = files
        .iter()
        .map(|path| path.file_stem().unwrap().to_string_lossy());
    stems
        .filter(|stem| VERBS.iter().any(|verb| stem.starts_with(verb)))
        .map(|stem| stem.into_owned())
        .collect()
}

#[test]
fn the_sandbox_has_a_namesake_of_each_endpoint_of_the_client() {
    let mut client = endpoints("crates/client/src/rest");
    // It asks `GET /gateway` for nothing but the date in the answer's header.
    assert!(client.remove("get_server_time"));
    assert!(client.len() > 15);
    let sandbox = endpoints("crates/sandbox/src/api");
    let alone: Vec<_> = client.difference(&sandbox).collect();
    assert!(alone.is_empty(), "not in crates/sandbox/src/api: {alone:?}");
}

#[test]
fn no_test_waits_for_a_feature_that_cargo_test_leaves_out() {
    for entry in fs::read_dir(root().join("crates")).unwrap() {
        let manifest = entry.unwrap().path().join("Cargo.toml");
        let text = fs::read_to_string(&manifest).unwrap();
        assert!(
            !text.contains("required-features"),
            "{}: enable the feature in a dev-dependency of the crate on itself",
            manifest.display()
        );
    }
}

/// The tests that a text names, as `file::test`.
fn tests_named(text: &str) -> BTreeSet<(&str, &str)> {
    let spans = text.split('`').skip(1).step_by(2);
    let is_name = |name: &str| {
        let is_letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        !name.is_empty() && name.chars().all(is_letter)
    };
    spans
        .filter_map(|span| span.split_once("::"))
        .filter(|(file, test)| is_name(file) && is_name(test))
        .collect()
}

#[test]
fn each_attack_names_a_test_that_exists() {
    let text = fs::read_to_string(root().join("docs/security.md")).unwrap();
    let text = prose(&text);
    let named = tests_named(&text);
    assert!(named.len() > 50, "{named:?}");
    let sources: Vec<(PathBuf, String)> = files(&root().join("crates"))
        .into_iter()
        .filter(|path| path.extension() == Some("rs".as_ref()))
        .map(|path| (path.clone(), fs::read_to_string(path).unwrap()))
        .collect();
    let exists = |(file, test): &(&str, &str)| {
        let is_of_file = |path: &Path| {
            let stem = path.with_extension("");
            stem.ends_with(file) || stem.ends_with(Path::new(file).join("mod"))
        };
        let test = format!("fn {test}()");
        let mut of_file = sources.iter().filter(|(path, _)| is_of_file(path));
        of_file.any(|(_, source)| source.contains(&test))
    };
    let missing: Vec<_> = named.iter().filter(|it| !exists(it)).collect();
    assert!(missing.is_empty(), "not there: {missing:?}");
    // A row of a table of attacks says what protects, and ends with a test.
    let rows = text
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| attack"));
    let without: Vec<&str> = rows.filter(|row| tests_named(row).is_empty()).collect();
    assert!(without.is_empty(), "without a test: {without:#?}");
}
