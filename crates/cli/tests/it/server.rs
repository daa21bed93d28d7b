//! A `guestlist sandbox` of its own for a test.

use std::io::{BufRead, BufReader, Lines};
use std::process::{Child, ChildStdout, Command, Stdio};

use guestlist_testkit::http::Request;
use serde_json::Value;

use crate::harness::Place;

/// A sandbox that serves until it is dropped.
pub(crate) struct Server {
    pub(crate) child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    /// The ready line.
    pub(crate) ready: Value,
}

impl Server {
    /// Starts one.
    pub(crate) fn start(place: &Place, args: &[&str]) -> Self {
        let mut child = place
            .command(["sandbox"].iter().chain(args))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut server = Self {
            lines: BufReader::new(child.stdout.take().unwrap()).lines(),
            child,
            ready: Value::Null,
        };
        let line = server.line();
        assert!(line.starts_with("{\"event\":\"ready\""), "{line}");
        server.ready = serde_json::from_str(&line).unwrap();
        server
    }

    /// The next line that it prints.
    pub(crate) fn line(&mut self) -> String {
        self.lines.next().unwrap().unwrap()
    }

    /// A text of the ready line.
    pub(crate) fn text(&self, key: &str) -> String {
        self.ready[key].as_str().unwrap().to_owned()
    }

    /// The first server's id.
    pub(crate) fn guild(&self) -> String {
        self.ready["guilds"][0].as_str().unwrap().to_owned()
    }

    /// The program, pointed at this sandbox, with its token.
    pub(crate) fn command(&self, place: &Place, line: &str) -> Command {
        let mut command = place.command(line.split_whitespace());
        command
            .env("GUESTLIST_API", self.text("api"))
            .env("DISCORD_TOKEN", self.text("token"));
        command
    }

    /// Asks the sandbox itself, over HTTP; the status and the body.
    pub(crate) fn http(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let address = self.text("api").replace("http://", "");
        let token = self.text("token");
        let request = Request::new(method, path).bot(&token).json(body);
        let answer = request.send(&address);
        (answer.status, answer.json())
    }

    /// The first text channel of the first server.
    pub(crate) fn channel(&self) -> String {
        let path = format!("/api/v10/guilds/{}/channels", self.guild());
        let (status, channels) = self.http("GET", &path, &Value::Null);
        assert_eq!(status, 200, "{channels}");
        let channels = channels.as_array().unwrap();
        let text = channels.iter().find(|channel| channel["type"] == 0);
        text.unwrap()["id"].as_str().unwrap().to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a signal by its name.
#[cfg(unix)]
pub(crate) fn signal(child: &Child, name: &str) {
    let status = Command::new("kill")
        .args(["-s", name, &child.id().to_string()])
        .status()
        .unwrap();
    assert!(status.success());
}
