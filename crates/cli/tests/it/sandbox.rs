//! `guestlist sandbox`.

use serde_json::{Value, json};

use crate::harness::Place;
use crate::server::Server;

#[test]
fn the_ready_line_says_where_everything_is() {
    let place = Place::new();
    let server = Server::start(&place, &["--seed", "3", "--guilds", "2"]);
    let keys: Vec<&String> = server.ready.as_object().unwrap().keys().collect();
    let mut sorted = keys.clone();
    sorted.sort();
    assert_eq!(
        sorted,
        [
            "api",
            "client_id",
            "client_secret",
            "control",
            "event",
            "gateway",
            "guilds",
            "token"
        ]
    );
    assert_eq!(server.ready["event"], "ready");
    assert!(server.text("api").starts_with("http://127.0.0.1:"));
    assert!(server.text("gateway").starts_with("ws://127.0.0.1:"));
    assert_eq!(
        server.text("control"),
        format!("{}/sandbox", server.text("api"))
    );
    assert_eq!(server.ready["guilds"].as_array().unwrap().len(), 2);
    let (status, me) = server.http("GET", "/api/v10/users/@me", &Value::Null);
    assert_eq!((status, &me["bot"]), (200, &json!(true)));
}

#[test]
fn limits_can_be_switched_off() {
    let place = Place::new();
    let server = Server::start(&place, &["--no-limits"]);
    for _ in 0..60 {
        let (status, _) = server.http("GET", "/api/v10/users/@me", &Value::Null);
        assert_eq!(status, 200);
    }
}

#[test]
fn the_members_intent_can_be_switched_off() {
    let place = Place::new();
    let server = Server::start(&place, &["--without-members-intent"]);
    let path = format!("/api/v10/guilds/{}/members", server.guild());
    let (status, error) = server.http("GET", &path, &Value::Null);
    assert_eq!((status, &error["code"]), (403, &json!(50_001)));
}

#[cfg(unix)]
#[test]
fn signals_stop_it_with_exit_code_0() {
    use std::io::{BufRead, BufReader};
    use std::process::Stdio;

    let place = Place::new();
    for name in ["INT", "TERM"] {
        let mut child = place
            .command(["sandbox"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        assert!(line.starts_with("{\"event\":\"ready\""), "{line}");
        crate::server::signal(&child, name);
        assert_eq!(child.wait().unwrap().code(), Some(0), "{name}");
    }
}
