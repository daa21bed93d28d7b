//! `guestlist demo`: the whole path, over real sockets.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use guestlist_testkit::http::Request;
use serde_json::Value;

use crate::harness::{Place, words};

#[test]
fn every_join_is_attributed_and_nothing_is_wrong() {
    let place = Place::new();
    let demo = place.run(words(
        "demo --joins 40 --seed 7 --per-second 20 --exit --json --db demo.db",
    ));
    assert_eq!(demo.code, 0, "{demo}");
    let lines: Vec<Value> = demo
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let (ready, lines) = lines.split_first().unwrap();
    assert_eq!(ready["event"], "ready");
    let (summary, answers) = lines.split_last().unwrap();
    assert_eq!(summary["event"], "summary");
    let number = |key: &str| summary[key].as_u64().unwrap();
    assert_eq!((number("joins"), number("wrong")), (40, 0), "{summary}");
    assert!(number("confirmed") + number("deduced") >= 39, "{summary}");
    assert_eq!(
        number("confirmed") + number("deduced") + number("ambiguous") + number("unknown"),
        40,
        "{summary}"
    );
    assert!(
        number("requests") > 0 && number("elapsed_ms") > 0,
        "{summary}"
    );
    for answer in answers {
        assert_eq!(answer["event"], "attribution");
        assert_ne!(answer["agrees"], false, "{answer}");
        assert!(answer["truth"]["via"].is_string(), "{answer}");
    }
    let joins = place.run(words("joins --db demo.db --json"));
    assert_eq!(
        joins.stdout.lines().count(),
        40,
        "the ledger was kept: {joins}"
    );
}

#[test]
fn a_pipe_gets_lines_and_may_be_closed_early() {
    let place = Place::new();
    let mut child = place
        .command(words("demo --joins 400 --per-second 20"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let dashboard = lines.next().unwrap().unwrap();
    assert!(dashboard.starts_with("dashboard: http://127.0.0.1:"));
    assert!(lines.next().unwrap().unwrap().starts_with("JOINED"));
    assert!(lines.next().unwrap().unwrap().contains(':'));
    drop(lines);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}

#[cfg(unix)]
#[test]
fn without_exit_it_goes_on_until_it_is_stopped() {
    let place = Place::new();
    let mut child = place
        .command(words("demo --joins 2 --per-second 10 --json"))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let ready: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
    let address = ready["web"].as_str().unwrap().strip_prefix("http://");
    let page = Request::new("GET", "/").send(address.unwrap());
    assert_eq!(page.status, 200, "the dashboard answers");
    let mut members = std::collections::BTreeSet::new();
    while members.len() < 4 {
        let line: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
        members.insert(line["user_id"].as_str().unwrap().to_owned());
    }
    crate::server::signal(&child, "INT");
    let last = lines.last().unwrap().unwrap();
    assert!(last.starts_with("{\"event\":\"summary\""), "{last}");
    assert!(last.contains("\"wrong\":0"), "{last}");
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
