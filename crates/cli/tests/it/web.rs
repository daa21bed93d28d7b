//! `guestlist web` and the dashboards of other commands.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};

use guestlist_testkit::http::Request;
use serde_json::Value;

use crate::harness::{Place, words};

/// A command that serves a dashboard until it is dropped.
struct Serving {
    child: Child,
    address: String,
}

impl Serving {
    /// Starts it, and waits for the line that tells the address.
    fn start(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line: Value =
            serde_json::from_str(&lines.map_while(Result::ok).next().unwrap()).unwrap();
        let url = line["web"].as_str().unwrap();
        let address = url.strip_prefix("http://").unwrap().to_owned();
        Self { child, address }
    }

    fn get(&self, target: &str) -> (u16, String) {
        let answer = Request::new("GET", target).send(&self.address);
        (answer.status, answer.text().to_owned())
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_ledger_is_shown_until_it_is_stopped() {
    let place = Place::new();
    crate::ledger::ledger_at(&place, "shown.db");
    let mut command = place.command(words("web --db shown.db --listen 127.0.0.1:0 --json"));
    let mut web = Serving::start(&mut command);
    let (status, page) = web.get("/joins?span=all");
    assert_eq!(status, 200);
    assert!(page.contains("hB6mWNqr"), "{page}");
    #[cfg(unix)]
    {
        crate::server::signal(&web.child, "TERM");
        assert_eq!(web.child.wait().unwrap().code(), Some(0));
    }
}

#[test]
fn tracking_shows_its_connection() {
    let place = Place::new();
    let server = crate::server::Server::start(&place, &["--guilds", "1"]);
    let mut command = server.command(&place, "track --db t.db --json --log off --web 127.0.0.1:0");
    let web = Serving::start(&mut command);
    let (status, page) = web.get("/tracking");
    assert_eq!(status, 200);
    assert!(page.contains("Requests to Discord"), "{page}");
}

#[test]
fn a_port_in_use_and_an_open_address_are_errors_with_advice() {
    let place = Place::new();
    crate::ledger::ledger_at(&place, "shown.db");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let refused = place.run(words(&format!("web --db shown.db --listen {address}")));
    assert_eq!(refused.code, 7, "{refused}");
    assert!(refused.stderr.contains(&address.to_string()), "{refused}");
    assert!(refused.stderr.contains("another port"), "{refused}");
    let open = place.run(words("web --db shown.db --listen 0.0.0.0:0 --json"));
    assert_eq!(open.code, 7, "{open}");
    let error: Value = serde_json::from_str(&open.stderr).unwrap();
    assert_eq!(error["kind"], "config", "{open}");
}
