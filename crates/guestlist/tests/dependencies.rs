//! How many crates a bot author compiles.

#![expect(clippy::unwrap_used, reason = "a test stops at what is wrong")]

use std::collections::BTreeSet;
use std::process::Command;

/// The names of the crates that a package with these features depends on.
fn dependencies(package: &str, features: &str) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--package", package, "--no-default-features"])
        .args(["--features", features])
        .args([
            "--edges",
            "normal,build",
            "--target",
            "all",
            "--prefix",
            "none",
        ])
        .args(["--locked", "--offline", "--format", "{p}"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    text.lines()
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != package)
        .map(ToOwned::to_owned)
        .collect()
}

#[test]
fn the_model_needs_at_most_15_crates_and_the_facade_20() {
    for (package, most) in [("guestlist-model", 15), ("guestlist", 20)] {
        let needed = dependencies(package, "");
        assert!(needed.contains("serde_json"), "{package}: {needed:?}");
        assert!(
            needed.len() <= most,
            "{package} needs {}: {needed:?}",
            needed.len()
        );
    }
}

#[test]
fn metrics_are_compiled_only_with_their_feature() {
    assert!(!dependencies("guestlist", "service").contains("metrics"));
    assert!(dependencies("guestlist", "metrics").contains("metrics"));
}
