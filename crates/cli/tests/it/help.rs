//! Help, versions, completions, manual pages, and arguments that make no sense.

use std::process::Stdio;

use crate::harness::{Place, snapshot, words};

/// Every subcommand, as typed.
const COMMANDS: &[&str] = &[
    "",
    "demo",
    "track",
    "doctor",
    "joins",
    "inviters",
    "accuracy",
    "invites",
    "invite",
    "invite get",
    "invite list",
    "invite create",
    "invite delete",
    "invite targets",
    "invite targets get",
    "invite targets set",
    "invite targets status",
    "invite pause",
    "invite resume",
    "guilds",
    "report",
    "export",
    "label",
    "label set",
    "label remove",
    "label list",
    "web",
    "forget",
    "inspect",
    "sandbox",
    "completions",
    "man",
];

#[test]
fn every_subcommand_teaches() {
    let place = Place::new();
    for command in COMMANDS {
        let mut args = words(command);
        args.push("--help".to_owned());
        let help = place.run(&args);
        assert_eq!(help.code, 0, "{command}");
        assert_eq!(help.stderr, "", "{command}");
        assert!(
            help.stdout.contains("Examples:"),
            "{command} has no examples"
        );
        let name = format!("help {command}").trim().replace(' ', "_");
        snapshot!(place, name, help);
    }
}

#[test]
fn no_arguments_show_the_help() {
    let place = Place::new();
    let outcome = place.run(words(""));
    assert_eq!(outcome.code, 2);
    assert!(outcome.stderr.contains("Usage: guestlist"), "{outcome}");
}

#[test]
fn a_wrong_flag_and_a_wrong_subcommand_are_usage_errors() {
    let place = Place::new();
    snapshot!(place, "usage_flag", place.run(words("man --otu x")));
    snapshot!(
        place,
        "usage_subcommand",
        place.run(words("comletions bash"))
    );
    snapshot!(place, "usage_value", place.run(words("completions tcsh")));
}

#[test]
fn usage_errors_are_json_when_json_was_asked_for() {
    let place = Place::new();
    let outcome = place.run(words("man --otu x --json"));
    assert_eq!(outcome.code, 2);
    assert_eq!(outcome.stdout, "");
    let error: serde_json::Value = serde_json::from_str(&outcome.stderr).unwrap();
    assert_eq!(error["event"], "error");
    assert_eq!(error["kind"], "usage");
    assert_eq!(error["exit_code"], 2);
    assert!(
        error["message"].as_str().unwrap().contains("--otu"),
        "{outcome}"
    );
}

#[test]
fn an_option_before_its_subcommand_is_shown_its_place() {
    let place = Place::new();
    for (command, advice) in [
        ("--json joins", "guestlist joins … --json"),
        ("--db=x.db joins --json", "guestlist joins … --db"),
        (
            "--color never --db x.db joins",
            "tip: put --db after the subcommand: guestlist joins … --db",
        ),
        ("--json invite list", "guestlist invite … --json"),
    ] {
        let outcome = place.run(words(command));
        assert_eq!(outcome.code, 2, "{command}: {outcome}");
        assert!(outcome.stderr.contains(advice), "{command}: {outcome}");
    }
    let outcome = place.run(words("--json completions bash"));
    assert_eq!(outcome.code, 2, "{outcome}");
    assert!(
        !outcome.stderr.contains("after the subcommand"),
        "{outcome}"
    );
}

#[test]
fn completions_exist_for_every_shell() {
    let place = Place::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let outcome = place.run(["completions", shell]);
        assert_eq!(outcome.code, 0, "{shell}: {outcome}");
        assert!(outcome.stdout.contains("guestlist"), "{shell}");
    }
}

#[test]
fn manual_pages_are_printed_and_installed() {
    let place = Place::new();
    let outcome = place.run(["man"]);
    assert_eq!(outcome.code, 0);
    assert!(outcome.stdout.contains(".TH guestlist 1"), "{outcome}");

    let outcome = place.run(["man", "--out", "pages"]);
    assert_eq!(outcome.code, 0, "{outcome}");
    let page = std::fs::read_to_string(place.path("pages/guestlist-completions.1")).unwrap();
    assert!(page.contains("guestlist\\-completions") || page.contains("guestlist-completions"));

    place.file("occupied", "");
    snapshot!(
        place,
        "man_no_directory",
        place.run(["man", "--out", "occupied/pages"])
    );
}

#[test]
fn a_reader_who_hangs_up_is_no_error() {
    let place = Place::new();
    let mut child = place
        .command(["completions", "zsh"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}
