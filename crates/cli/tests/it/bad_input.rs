//! What people and attackers do wrong: a clear error, what to do, a documented
//! exit code, no panic.

use std::net::TcpListener;

use serde_json::Value;

use crate::harness::{Outcome, Place, outcome, snapshot, words};

fn refuses(outcome: &Outcome, code: i32, says: &str) {
    assert_eq!(outcome.code, code, "{outcome}");
    assert!(
        outcome.stderr.contains(says),
        "expected '{says}' in {outcome}"
    );
    assert!(!outcome.stderr.contains("panicked"), "{outcome}");
    assert!(outcome.stderr.contains("help:"), "no advice in {outcome}");
}

#[test]
fn a_missing_token_says_where_to_put_it() {
    let place = Place::new();
    snapshot!(place, "no_token_track", place.run(["track"]));
    for command in [
        "invite list --guild 1",
        "invite delete abc",
        "invite create 1",
        "invite pause 1",
    ] {
        refuses(&place.run(words(command)), 7, "there is no bot token");
    }
    assert!(
        !place.path("guestlist.db").exists(),
        "nothing was created in vain"
    );
}

#[test]
fn a_token_that_is_none_is_not_repeated() {
    let place = Place::new();
    let run = |token: &str| outcome(place.command(["track"]).env("DISCORD_TOKEN", token));
    for token in ["s3cret s3cret", "s3cret\u{e9}", "Bearer s3cret"] {
        let outcome = run(token);
        refuses(&outcome, 7, "DISCORD_TOKEN");
        assert!(!format!("{outcome}").contains("s3cret"), "{outcome}");
    }
    refuses(&run("   "), 7, "there is no bot token");
    refuses(
        &place.run(words("track --token-file missing.txt")),
        7,
        "missing.txt",
    );
    place.file("empty.txt", "\n");
    refuses(
        &place.run(words("track --token-file empty.txt")),
        7,
        "empty",
    );
    place.file("binary.txt", [0xff, 0xfe, 0x00]);
    refuses(
        &place.run(words("track --token-file binary.txt")),
        7,
        "not text",
    );
    let outcome = place.run(words("track --token abc"));
    assert_eq!(
        outcome.code, 2,
        "a token on the command line is refused: {outcome}"
    );
}

#[test]
fn a_code_cannot_escape_its_place_in_the_url() {
    let place = Place::new();
    for code in [
        "../../users/@me",
        "a/b",
        "a%2fb",
        "a b",
        "a\nb",
        "\u{1b}[2J",
        "",
        "..\\..",
    ] {
        let outcome = place.run(["invite", "get", code]);
        assert_eq!(outcome.code, 3, "{code:?}: {outcome}");
        assert!(!outcome.stderr.contains('\u{1b}'), "{code:?}: {outcome}");
        assert!(outcome.stderr.contains("help:"), "{code:?}: {outcome}");
    }
    snapshot!(
        place,
        "bad_code",
        place.run(["invite", "get", "../../users/@me"])
    );
}

#[test]
fn an_api_that_is_none_and_one_that_is_not_there() {
    let place = Place::new();
    let run = |api: &str| {
        outcome(
            place
                .command(["invite", "get", "abc", "--api", api])
                .env("DISCORD_TOKEN", "a.b.c"),
        )
    };
    refuses(&run("discord.com"), 7, "not the address of an API");
    for api in [
        "http://me:S3CRET@127.0.0.1:1",
        "http://127.0.0.1:1?token=S3CRET",
    ] {
        let outcome = run(api);
        refuses(&outcome, 7, "not the address of an API");
        assert!(!outcome.stderr.contains("S3CRET"), "{outcome}");
    }
    // A port that was free a moment ago.
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    refuses(
        &run(&format!("http://127.0.0.1:{port}")),
        5,
        "cannot be reached",
    );
}

#[test]
fn databases_that_cannot_be_read() {
    let place = Place::new();
    refuses(
        &place.run(words("joins --db missing.db")),
        6,
        "there is no ledger",
    );
    assert!(!place.path("missing.db").exists());
    place.file(
        "text.db",
        "this is not a database, but long enough to look like one, perhaps".repeat(20),
    );
    refuses(&place.run(words("joins --db text.db")), 6, "not a database");
    refuses(
        &place.run(words("inviters --db text.db")),
        6,
        "not a database",
    );
    refuses(&place.run(words("invites --db .")), 6, "");
    let track = outcome(
        place
            .command(words("track --db text.db"))
            .env("DISCORD_TOKEN", "a.b.c"),
    );
    refuses(&track, 6, "not a database");
    let track = outcome(
        place
            .command(words("track --db no/such/dir/x.db"))
            .env("DISCORD_TOKEN", "a.b.c"),
    );
    refuses(&track, 6, "does not exist");
    assert_eq!(
        std::fs::read_to_string(place.path("text.db"))
            .unwrap()
            .len(),
        65 * 20,
        "left alone"
    );
}

#[test]
fn errors_are_json_for_who_asked_for_json() {
    let place = Place::new();
    for (command, kind, code) in [
        ("joins --json --db missing.db", "database", 6),
        ("track --json", "config", 7),
        ("track --log-format json", "config", 7),
        ("track --log-format=json", "config", 7),
        ("track --log-format json --nonsense", "usage", 2),
        ("invite get a/b --json", "input", 3),
        ("inspect --json missing.json", "input", 3),
        ("joins --json --since yesterday", "usage", 2),
        ("invite list --json", "usage", 2),
    ] {
        let outcome = place.run(words(command));
        assert_eq!(outcome.code, code, "{command}: {outcome}");
        assert_eq!(outcome.stdout, "", "{command}: {outcome}");
        let error: Value = serde_json::from_str(&outcome.stderr).unwrap();
        assert_eq!(error["event"], "error", "{command}");
        assert_eq!(error["kind"], kind, "{command}");
        assert_eq!(error["exit_code"], code, "{command}");
        assert!(!error["message"].as_str().unwrap().is_empty(), "{command}");
        assert!(!error["help"].as_str().unwrap().is_empty(), "{command}");
    }
}

#[test]
fn names_in_errors_cannot_steer_the_terminal() {
    let place = Place::new();
    let name = "a\u{1b}]0;pwn\u{7}\u{9b}31m\u{202e}b";
    place.file(name, "{}");
    // Not a token, so that nothing is connected to.
    let no_token = "no\u{1b}]0;pwn\u{7}\u{9b}31m\u{202e}token";
    place.file(no_token, "two words");
    for args in [
        vec!["inspect", name],
        vec!["inspect", name, "--json"],
        vec!["joins", "--db", name],
        vec!["joins", "--certainty", name],
        vec!["joins", "--since", name, "--json"],
        vec!["doctor", "--token-file", name],
        vec!["track", "--token-file", no_token],
        vec!["man", "--out", name],
        vec!["invite", "targets", "set", "abc", name],
    ] {
        let outcome = place.run(&args);
        assert_ne!(outcome.code, 0, "{args:?}");
        let text = format!("{}{}", outcome.stdout, outcome.stderr);
        assert!(!text.is_empty(), "{args:?}");
        let hostile = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!text.contains(hostile), "{args:?}: {text:?}");
    }
}

#[test]
fn an_occupied_port() {
    let place = Place::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    refuses(&place.run(["sandbox", "--port", &port]), 7, &port);
}

#[test]
fn numbers_out_of_range_are_usage_errors() {
    let place = Place::new();
    for command in [
        "demo --joins 0",
        "demo --per-second 1e999",
        "sandbox --port 70000",
        "invite create 1 --max-uses 101",
        "invite create 1 --max-age 61d",
        "invite create 1 --max-age 0s",
        "invite create 0",
        "invite create x",
        "invite create 1 --count 5",
        "invite create 1 --count 0 --out x.csv",
        "invite create 1 --stream 1 --application 2",
        "invite create 1 --count 5 --out -",
        "invite pause 1 --for 25h",
        "invite list --guild 1 --channel 2",
        "joins --guild -1",
        "joins --json --csv",
        "joins --certainty maybe",
        "inspect --as nonsense x.json",
        "inspect",
    ] {
        let outcome = place.run(words(command));
        assert_eq!(outcome.code, 2, "{command}: {outcome}");
        assert!(outcome.stderr.contains("error"), "{command}: {outcome}");
    }
}

#[test]
fn a_number_that_is_too_small_is_told_what_would_do() {
    let place = Place::new();
    for (command, says) in [
        ("invite create 1 --max-uses -1", "a number from 0 to 100"),
        ("invite create 1 --max-age -1d", "not a duration"),
        ("invite create 1 --count -1 --out x.csv", "1..=1000"),
        ("invite pause 1 --for 0s", "for 1s to 24h"),
        ("invite pause 1 --for -2h", "not a duration"),
    ] {
        let outcome = place.run(words(command));
        assert_eq!(outcome.code, 2, "{command}: {outcome}");
        assert!(outcome.stderr.contains(says), "{command}: {outcome}");
    }
}
