//! `guestlist invite create --count`: interrupted, run twice, unheard.

use std::path::Path;
use std::process::{Child, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::{Place, outcome, outcome_unread};
use crate::server::Server;
#[cfg(unix)]
use crate::server::signal;

const PATIENCE: Duration = Duration::from_secs(30);

/// What is to go wrong with the next request that creates an invite.
fn fault(server: &Server, mut rule: Value) {
    rule["method"] = json!("POST");
    rule["path"] = json!("/channels/*/invites");
    rule["times"] = json!(1);
    let (status, answer) = server.http("POST", "/sandbox/faults", &rule);
    assert!((200..300).contains(&status), "{status}: {answer}");
}

fn invites(server: &Server, place: &Place) -> usize {
    let line = format!("invite list --channel {} --json", server.channel());
    let list = outcome(&mut server.command(place, &line));
    assert_eq!(list.code, 0, "{list}");
    list.stdout.lines().count()
}

/// Waits until a run has noted in its journal that it sends a request.
fn wait_for_request(journal: &Path, child: &mut Child) {
    let started = Instant::now();
    while !std::fs::read_to_string(journal).is_ok_and(|text| text.contains("trying")) {
        assert!(child.try_wait().unwrap().is_none(), "it ended early");
        assert!(started.elapsed() < PATIENCE, "no request was made");
        sleep(Duration::from_millis(5));
    }
}

#[test]
fn many_invites_go_to_a_file_once() {
    let place = Place::new();
    let server = Server::start(&place, &[]);
    let channel = server.channel();
    let run = |line: &str| outcome(&mut server.command(&place, line));
    let order =
        format!("invite create {channel} --count 5 --max-age 30d --out badges.csv --reason fair");
    let made = run(&order);
    assert_eq!(made.code, 0, "{made}");
    let csv = std::fs::read_to_string(place.path("badges.csv")).unwrap();
    let codes: Vec<&str> = csv
        .lines()
        .skip(1)
        .map(|line| line.split(',').next().unwrap())
        .collect();
    assert_eq!(codes.len(), 5, "{csv}");
    assert!(!place.path("badges.csv.journal").exists());
    let list = run(&format!("invite list --channel {channel} --json"));
    for code in codes {
        let line = list
            .stdout
            .lines()
            .find(|line| line.contains(code))
            .unwrap();
        let invite: Value = serde_json::from_str(line).unwrap();
        assert_eq!(invite["max_uses"], 1, "one use each");
    }
    let again = run(&order);
    assert_eq!(again.code, 2, "the file is there already: {again}");
}

#[test]
fn an_interrupted_order_is_finished_without_creating_any_twice() {
    let place = Place::new();
    let server = Server::start(&place, &[]);
    let channel = server.channel();
    let run = |line: &str| outcome(&mut server.command(&place, line));
    let before = invites(&server, &place);
    let order = format!("invite create {channel} --count 4 --out badges.csv");
    // Another order of the same kind, cut off after its second answer was lost.
    let whole = run(&format!(
        "invite create {channel} --count 4 --out other.csv --json"
    ));
    assert_eq!(whole.code, 0, "{whole}");
    fault(&server, json!({"status": 500}));
    let failed = run(&order);
    assert_ne!(failed.code, 0, "{failed}");
    assert!(
        failed.stderr.contains("run the same command again"),
        "{failed}"
    );
    assert!(place.path("badges.csv.journal").exists());
    let other = run(&format!("{order} --max-uses 7"));
    assert_eq!(other.code, 2, "the journal is of another order: {other}");
    let finished = run(&order);
    assert_eq!(finished.code, 0, "{finished}");
    assert_eq!(
        invites(&server, &place),
        before + 8,
        "none was created twice"
    );
    let csv = std::fs::read_to_string(place.path("badges.csv")).unwrap();
    assert_eq!(csv.lines().count(), 5, "{csv}");
}

#[test]
fn the_same_order_does_not_run_twice_at_once() {
    let place = Place::new();
    let server = Server::start(&place, &[]);
    let before = invites(&server, &place);
    let order = format!(
        "invite create {} --count 3 --out c.csv --json",
        server.channel()
    );
    fault(&server, json!({"delay_ms": 2000}));
    let mut first = server
        .command(&place, &order)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    wait_for_request(&place.path("c.csv.journal"), &mut first);
    let second = outcome(&mut server.command(&place, &order));
    assert_eq!(second.code, 2, "{second}");
    assert!(second.stderr.contains("another run is using"), "{second}");
    assert!(first.wait().unwrap().success());
    assert_eq!(invites(&server, &place), before + 3);
    let csv = std::fs::read_to_string(place.path("c.csv")).unwrap();
    assert_eq!(csv.lines().count(), 4, "{csv}");
    assert!(!place.path("c.csv.journal").exists());
}

#[test]
fn an_order_is_finished_although_nobody_reads_the_output() {
    let place = Place::new();
    let server = Server::start(&place, &[]);
    let before = invites(&server, &place);
    let order = format!(
        "invite create {} --count 5 --out c.csv --json",
        server.channel()
    );
    let unread = outcome_unread(&mut server.command(&place, &order));
    assert_eq!((unread.code, unread.stderr.as_str()), (0, ""), "{unread}");
    assert_eq!(invites(&server, &place), before + 5);
    let csv = std::fs::read_to_string(place.path("c.csv")).unwrap();
    assert_eq!(csv.lines().count(), 6, "{csv}");
}

#[cfg(unix)]
#[test]
fn an_interruption_does_not_wait_for_a_rate_limit() {
    let place = Place::new();
    let server = Server::start(&place, &[]);
    let before = invites(&server, &place);
    let order = format!("invite create {} --count 3 --out c.csv", server.channel());
    fault(&server, json!({"status": 429, "retry_after": 40}));
    let started = Instant::now();
    let mut child = server
        .command(&place, &order)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    wait_for_request(&place.path("c.csv.journal"), &mut child);
    signal(&child, "INT");
    let interrupted = child.wait_with_output().unwrap();
    assert!(started.elapsed() < PATIENCE, "{:?}", started.elapsed());
    let stderr = String::from_utf8(interrupted.stderr).unwrap();
    assert_eq!(interrupted.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("0 of 3 invites were created"), "{stderr}");
    assert_eq!(invites(&server, &place), before);
    let finished = outcome(&mut server.command(&place, &order));
    assert_eq!(finished.code, 0, "{finished}");
    assert_eq!(invites(&server, &place), before + 3);
}

#[cfg(unix)]
#[test]
fn an_interruption_waits_for_the_answer_to_what_was_sent() {
    let place = Place::new();
    let server = Server::start(&place, &[]);
    let order = format!("invite create {} --count 3 --out c.csv", server.channel());
    fault(&server, json!({"delay_ms": 500}));
    let mut child = server
        .command(&place, &order)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    wait_for_request(&place.path("c.csv.journal"), &mut child);
    signal(&child, "INT");
    let interrupted = child.wait_with_output().unwrap();
    let stderr = String::from_utf8(interrupted.stderr).unwrap();
    assert_eq!(interrupted.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("1 of 3 invites were created"), "{stderr}");
}

#[test]
fn everybody_in_a_file_gets_a_link_and_the_file_says_whose_it_is() {
    let place = Place::new();
    let server = Server::start(&place, &[]);
    let channel = server.channel();
    let run = |line: &str| outcome(&mut server.command(&place, line));
    let before = invites(&server, &place);
    std::fs::write(
        place.path("names.csv"),
        "mail,name\nx,Ada\ny,=1+1\nz,Grace\n",
    )
    .unwrap();
    let order = format!("invite create {channel} --personal names.csv --out links.csv");
    // A request fails: the next run goes on, and no other order can.
    fault(&server, json!({"status": 400, "code": 30016}));
    assert_ne!(run(&order).code, 0);
    let other = run(&order.replace("--personal names.csv", "--count 3"));
    assert_ne!(other.code, 0, "another order: {other}");
    let made = run(&order);
    assert_eq!(made.code, 0, "{made}");
    let csv = std::fs::read_to_string(place.path("links.csv")).unwrap();
    let lines: Vec<&str> = csv.lines().collect();
    assert_eq!(lines[0], "made_for,code,link,created_at,expires_at");
    let people: Vec<&str> = lines[1..]
        .iter()
        .map(|it| it.split(',').next().unwrap())
        .collect();
    assert_eq!(people, ["Ada", "'=1+1", "Grace"], "{csv}");
    assert_eq!(invites(&server, &place), before + 3);
    std::fs::write(place.path("twice.txt"), "Ada\nAda\n").unwrap();
    let twice = run(&format!(
        "invite create {channel} --personal twice.txt --out other.csv"
    ));
    assert!(twice.stderr.contains("line 2"), "{twice}");
    let alone = run(&format!("invite create {channel} --personal names.csv"));
    assert_eq!(alone.code, 2, "{alone}");
}
