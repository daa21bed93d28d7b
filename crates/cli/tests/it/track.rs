//! `guestlist track`, against a sandbox.
#![cfg(unix)]

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Stdio};

use serde_json::{Value, json};

use crate::harness::{Place, outcome, words};
use crate::server::{Server, signal};

struct Track {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
}

impl Track {
    fn start(server: &Server, place: &Place) -> Self {
        let mut child = server
            .command(place, "track --db t.db --log-format json --log warn")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut track = Self { child, lines };
        // What it missed while it was away may be told before.
        while track.line()["event"] != "ready" {}
        track
    }

    fn line(&mut self) -> Value {
        serde_json::from_str(&self.lines.next().unwrap().unwrap()).unwrap()
    }

    /// The next statement about a member.
    fn statement(&mut self, user: &str) -> Value {
        loop {
            let line = self.line();
            if line["event"] == "attribution" && line["user_id"] == user {
                return line;
            }
        }
    }

    fn stop(mut self, name: &str) -> (Option<i32>, Vec<String>) {
        signal(&self.child, name);
        let rest = self.lines.by_ref().map(Result::unwrap).collect();
        (self.child.wait().unwrap().code(), rest)
    }
}

impl Drop for Track {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A member joins by the first server's first invite.
fn join(server: &Server) -> (String, String) {
    let path = format!("/api/v10/guilds/{}/invites", server.guild());
    let (_, invites) = server.http("GET", &path, &Value::Null);
    let code = invites[0]["code"].as_str().unwrap().to_owned();
    let path = format!("/sandbox/guilds/{}/joins", server.guild());
    let (status, joined) = server.http("POST", &path, &json!({"via": "invite", "code": code}));
    assert!((200..300).contains(&status), "{joined}");
    (joined["user_id"].as_str().unwrap().to_owned(), code)
}

#[test]
fn a_join_is_attributed_stored_and_survives_a_restart() {
    let place = Place::new();
    let server = Server::start(&place, &["--guilds", "1"]);
    let mut track = Track::start(&server, &place);
    let (user, code) = join(&server);
    let first = track.statement(&user);
    assert_eq!(first["certainty"], "provisional", "{first}");
    // Of a server of which nothing is known, nothing is called likely.
    assert_eq!(first["guess"], "perhaps", "{first}");
    assert_eq!(first["candidates"][0]["code"], json!(code), "{first}");
    assert_eq!(first["code"], Value::Null, "it states no fact: {first}");
    let answer = track.statement(&user);
    assert!(answer["revision"].as_u64() > first["revision"].as_u64());
    assert!(
        matches!(
            answer["certainty"].as_str().unwrap(),
            "confirmed" | "deduced"
        ),
        "{answer}"
    );
    assert_eq!(answer["code"], json!(code), "{answer}");
    let (exit, rest) = track.stop("TERM");
    assert_eq!(exit, Some(0));
    assert!(rest.last().unwrap().contains("\"stopped\""), "{rest:?}");

    // Somebody joins while nobody looks.
    let (missed, _) = join(&server);
    let track = Track::start(&server, &place);
    let (exit, _) = track.stop("INT");
    assert_eq!(exit, Some(0));
    let joins = place.run(words("joins --db t.db --json"));
    assert_eq!(joins.stdout.lines().count(), 2, "each once: {joins}");
    assert!(joins.stdout.contains(&missed), "{joins}");
    let inviters = place.run(words("inviters --db t.db"));
    assert_eq!(inviters.code, 0, "{inviters}");

    // The file is all there is to copy.
    std::fs::copy(place.path("t.db"), place.path("copy.db")).unwrap();
    let copied = place.run(words("joins --db copy.db --json"));
    assert_eq!(copied.stdout, joins.stdout);
    // And no demo mixes its members into it.
    let demo = place.run(words("demo --joins 1 --exit --db t.db"));
    assert_eq!(demo.code, 2, "{demo}");
    assert!(demo.stderr.contains("already contains data"), "{demo}");
}

#[test]
fn a_token_that_discord_refuses_ends_it() {
    let place = Place::new();
    let server = Server::start(&place, &[]);
    let mut command = server.command(&place, "track --json --log off");
    let refused = outcome(command.env("DISCORD_TOKEN", "MTIz.abc.wrong"));
    assert_eq!(refused.code, 7, "{refused}");
    let error: Value = serde_json::from_str(&refused.stderr).unwrap();
    assert_eq!(error["kind"], "config", "{refused}");
    assert!(!refused.stderr.contains("MTIz"), "{refused}");
}

#[test]
fn a_readable_token_file_is_used_with_a_warning() {
    use std::os::unix::fs::PermissionsExt;

    let place = Place::new();
    let server = Server::start(&place, &[]);
    let file = place.file("token.txt", format!("{}\n", server.text("token")));
    let run = || {
        let line = format!(
            "invite list --guild {} --token-file token.txt",
            server.guild()
        );
        outcome(server.command(&place, &line).env_remove("DISCORD_TOKEN"))
    };
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let open = run();
    assert_eq!(open.code, 0, "{open}");
    assert!(open.stderr.contains("chmod 600"), "{open}");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    let closed = run();
    assert_eq!((closed.code, closed.stderr.as_str()), (0, ""), "{closed}");
}

#[test]
fn nobody_is_told_to_change_the_permissions_of_a_pipe() {
    let place = Place::new();
    let server = Server::start(&place, &[]);
    let line = format!(
        "invite list --guild {} --token-file /dev/stdin",
        server.guild()
    );
    let mut child = server
        .command(&place, &line)
        .env_remove("DISCORD_TOKEN")
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    std::io::Write::write_all(&mut stdin, server.text("token").as_bytes()).unwrap();
    drop(stdin);
    let piped = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(piped.stderr).unwrap(), "");
    assert_eq!(piped.status.code(), Some(0));
    let device = place.run(words("invite list --guild 1 --token-file /dev/null"));
    assert!(!device.stderr.contains("chmod"), "{device}");
}

#[test]
fn settings_come_from_options_then_the_file_then_the_defaults() {
    let place = Place::new();
    let defaults = place.run(words("track --print-config"));
    assert_eq!(defaults.code, 0, "{defaults}");
    place.file("all.toml", &defaults.stdout);
    let again = place.run(words("track --print-config --config all.toml"));
    assert_eq!(again.stdout, defaults.stdout, "it reads back");
    place.file("some.toml", "settle = \"3s\"\nconfirm = \"never\"\n");
    let mixed = outcome(
        place
            .command(words(
                "track --print-config --settle 4s --phantom-uses anywhere",
            ))
            .env("GUESTLIST_CONFIG", "some.toml"),
    );
    for line in [
        "settle = \"4s\"",
        "confirm = \"never\"",
        "phantom_uses = \"anywhere\"",
        "count_lag = \"5s\"",
    ] {
        assert!(mixed.stdout.lines().any(|it| it == line), "{line}: {mixed}");
    }
    place.file("wrong.toml", "settle = \"3s\"\nsetle = \"3s\"\n");
    let wrong = place.run(words("track --config wrong.toml"));
    assert_eq!(wrong.code, 3, "{wrong}");
    assert!(
        wrong
            .stderr
            .contains("wrong.toml, line 2: unknown setting 'setle'"),
        "{wrong}"
    );
    for line in ["--settle soon", "--confirm often", "--config none.toml"] {
        let refused = place.run(words(&format!("track {line}")));
        assert!(matches!(refused.code, 2 | 3), "{refused}");
    }
}
