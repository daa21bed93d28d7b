//! The Dockerfile and the release workflow, as far as they can be checked without a container and
//! without the service that runs them.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::harness::{Place, words};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap()
}

/// The instructions of the Dockerfile: the word and the rest, with continued lines joined.
fn instructions() -> Vec<(String, String)> {
    read("packaging/Dockerfile")
        .replace("\\\n", " ")
        .lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with('#'))
        .map(|line| {
            let (word, rest) = line.split_once(' ').unwrap();
            (word.to_owned(), rest.to_owned())
        })
        .collect()
}

/// The only instruction with this word.
fn only(word: &str) -> String {
    let mut found = instructions()
        .into_iter()
        .filter(|(first, _)| first == word);
    let (_, rest) = found.next().unwrap();
    assert!(found.next().is_none(), "{word} is there twice");
    rest
}

/// The words of an instruction in JSON form.
fn array(text: &str) -> Vec<String> {
    serde_json::from_str(text).unwrap()
}

/// What cargo knows of the program's package.
fn package() -> Value {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--locked"])
        .args(["--format-version", "1"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap().iter();
    let mut ours = packages.filter(|package| package["name"] == "guestlist-cli");
    ours.next().unwrap().clone()
}

#[test]
fn the_image_contains_the_program_that_its_first_stage_builds() {
    const KNOWN: &[&str] = &[
        "FROM",
        "RUN",
        "WORKDIR",
        "COPY",
        "USER",
        "VOLUME",
        "STOPSIGNAL",
        "ENTRYPOINT",
        "CMD",
    ];
    let instructions = instructions();
    for (word, rest) in &instructions {
        assert!(KNOWN.contains(&word.as_str()), "{word} {rest}");
    }

    // The build has everything but what it makes itself.
    let copied: Vec<_> = instructions
        .iter()
        .filter(|(word, _)| word == "COPY")
        .map(|(_, rest)| rest.as_str())
        .collect();
    assert_eq!(
        copied,
        [
            ". .",
            "--from=build /src/target/release/guestlist /usr/local/bin/guestlist"
        ]
    );
    assert_eq!(only("WORKDIR"), "/src");
    let build = instructions
        .iter()
        .find(|(_, rest)| rest.contains("cargo build"))
        .unwrap();
    assert_eq!(build.1, "cargo build --release --locked -p guestlist-cli");
    let targets = package()["targets"].clone();
    let is_program = |target: &Value| target["kind"][0] == "bin" && target["name"] == "guestlist";
    assert!(
        targets.as_array().unwrap().iter().any(is_program),
        "{targets}"
    );

    // Nothing that is tracked is kept from the build.
    for pattern in read(".dockerignore").lines() {
        let ignored = ["**/target", "**/node_modules", ".git", "*.db*"];
        assert!(ignored.contains(&pattern), "{pattern} is not checked");
    }
    assert!(root().join("Cargo.lock").exists());
}

#[test]
fn the_image_builds_with_a_version_of_rust_that_is_new_enough() {
    let stages: Vec<_> = instructions()
        .into_iter()
        .filter(|(word, _)| word == "FROM")
        .map(|(_, rest)| rest)
        .collect();
    assert_eq!(stages.len(), 2, "{stages:?}");
    let rust = stages[0].strip_prefix("rust:").unwrap();
    let (version, debian) = rust.split_once("-slim-").unwrap();
    assert_eq!(package()["rust_version"], version);
    // Both stages have the same C library.
    let (debian, name) = debian.split_once(' ').unwrap();
    assert_eq!(
        (name, &*stages[1]),
        ("AS build", &*format!("debian:{debian}-slim"))
    );
}

#[test]
fn the_image_runs_the_program_with_arguments_that_it_accepts() {
    let place = Place::new();
    let entry = array(&only("ENTRYPOINT"));
    assert_eq!(entry, ["guestlist"]);
    let mut arguments = array(&only("CMD"));
    // The database is on the volume, which belongs to the user who writes it.
    let volume = only("VOLUME");
    assert!(
        arguments
            .iter()
            .any(|argument| argument.starts_with(&format!("{volume}/")))
    );
    let user = only("USER");
    let owned = format!("install -d -o {user} -m 700 {volume}");
    let created = format!("useradd --system --uid 10001 --no-create-home {user}");
    assert!(
        instructions().iter().any(|(word, rest)| {
            word == "RUN" && rest.contains(&owned) && rest.contains(&created)
        }),
        "{owned}"
    );
    arguments.push("--help".to_owned());
    assert_eq!(place.run(&arguments).code, 0);
    assert_eq!(only("STOPSIGNAL"), "SIGTERM");
}

#[test]
fn a_release_packs_files_that_exist_under_the_name_of_its_version() {
    let workflow = read(".github/workflows/release.yml");
    let (_, packed) = workflow.split_once("/release/guestlist README.md").unwrap();
    let (packed, _) = packed.split_once('\n').unwrap();
    let mut files = words(&format!("README.md {packed}"));
    assert_eq!(files.pop().as_deref(), Some("\"$name\""));
    for file in files {
        let there = match file.split_once('*') {
            Some((prefix, "")) => std::fs::read_dir(root())
                .unwrap()
                .filter(|entry| {
                    let name = entry.as_ref().unwrap().file_name();
                    name.to_string_lossy().starts_with(prefix)
                })
                .count(),
            _ => usize::from(root().join(&file).exists()),
        };
        assert!(there > 0, "{file}");
    }
    // The program says the version that the tag has to be.
    let version = package()["version"].as_str().unwrap().to_owned();
    let told = Place::new().run(["--version"]).stdout;
    assert_eq!(told.trim(), format!("guestlist {version}"));
    // The same tool as in the instructions.
    let tool = "cargo-semver-checks@0.51.0";
    assert!(workflow.contains(tool) && read("CONTRIBUTING.md").contains(tool));
}
