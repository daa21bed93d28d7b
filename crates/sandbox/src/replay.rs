//! Playing back what was recorded: the same calls at the same moments of the world's clock.

use std::{
    fs::File,
    io::{self, BufRead as _, BufReader},
    path::Path,
    sync::Arc,
};

use serde_json::Value;

use crate::{
    Clock, Options, RateLimits, Running, Sandbox, SandboxError, api, control,
    server::{self, Shared},
    world::{Micros, time::MILLISECOND},
};

/// The result of playing a recording.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Replayed {
    /// How many calls were made.
    pub calls: usize,
    /// The calls whose response differs from the recorded one, with their line numbers.
    pub different: Vec<(usize, String)>,
}

impl Sandbox {
    /// Starts a sandbox like the recorded one on this port. Only the recording moves its clock, and
    /// it has no rate limits.
    ///
    /// # Errors
    ///
    /// [`SandboxError::Recording`] if the file is not a recording, [`SandboxError::Listen`] if the
    /// port is not available.
    pub async fn replay(path: &Path, port: u16) -> Result<(Running, Recording), SandboxError> {
        let recording = Recording::open(path).map_err(|source| SandboxError::Recording {
            path: path.to_owned(),
            source,
        })?;
        let options = Options {
            port,
            clock: Clock::Manual,
            rate_limits: RateLimits::none(),
            ..recording.options.clone()
        };
        Ok((Self::start(options).await?, recording))
    }
}

/// A recording that is about to be played.
#[derive(Debug)]
pub struct Recording {
    options: Options,
    lines: Vec<Value>,
}

impl Recording {
    fn open(path: &Path) -> io::Result<Self> {
        let broken = |what| io::Error::new(io::ErrorKind::InvalidData, what);
        let mut lines = Vec::new();
        for line in BufReader::new(File::open(path)?).lines() {
            let line = serde_json::from_str(&line?).map_err(io::Error::other)?;
            lines.push(line);
        }
        let options = lines
            .first()
            .and_then(server::recorded_options)
            .ok_or_else(|| broken("the first line does not begin a recording"))?;
        Ok(Self { options, lines })
    }

    /// Repeats all recorded calls, each at its moment of the world's clock, and compares the responses.
    pub async fn play(self, running: &Running) -> Replayed {
        let mut replayed = Replayed::default();
        for (number, line) in self.lines.iter().enumerate() {
            let Some((call, answer)) = make(running.shared(), line).await else {
                continue;
            };
            replayed.calls += 1;
            if is_compared(line) && line.get("answer") != Some(&answer) {
                replayed.different.push((number + 1, call));
            }
        }
        replayed
    }
}

/// Whether an answer follows from seed and calls alone. What is told of addresses, sessions,
/// requests and the time does not.
fn is_compared(line: &Value) -> bool {
    let of = |kind: &str, name: &str| line.get(kind)?.get(name)?.as_str();
    if let Some(path) = of("request", "path") {
        return !path.starts_with("/gateway");
    }
    let path = of("control", "path").unwrap_or("").trim_matches('/');
    let of_server = ["gateway", "requests", "clock"];
    !(path.is_empty() || of_server.iter().any(|it| path.starts_with(it)))
}

/// Makes a call again: what it was, and the answer as it would be recorded.
async fn make(shared: &Arc<Shared>, line: &Value) -> Option<(String, Value)> {
    let text = |value: &Value, name: &str| value.get(name)?.as_str().map(String::from);
    let at = line.get("at")?.as_i64()?;
    if let Some(call) = line.get("control") {
        let (mut method, path) = (text(call, "method")?, text(call, "path")?);
        if let Some(by) = advance(&method, &path, call) {
            // Others may have called on the way there: where it ends is what counts.
            shared.advance_to(at + by).await;
            method = String::from("GET");
        } else {
            shared.advance_to(at).await;
        }
        let (query, body) = (text(call, "query")?, text(call, "body")?);
        let (status, body) = control::answer(shared, &method, &path, &query, body.as_bytes()).await;
        let answer = serde_json::json!({"status": status, "body": body});
        return Some((format!("{method} /sandbox{path}"), answer));
    }
    let call = line.get("request")?;
    shared.advance_to(at).await;
    let (method, path) = (text(call, "method")?, text(call, "path")?);
    let mut request = api::Request::new(method.clone(), &path);
    request.query = serde_json::from_value(call.get("query")?.clone()).ok()?;
    request.reason = text(call, "reason");
    request.content_type = text(call, "content_type");
    request.body = text(call, "body")?.into_bytes();
    request.bot = text(call, "bot").and_then(|id| id.parse().ok());
    request.person = text(call, "person").and_then(|id| id.parse().ok());
    request.gateway_url.clone_from(&shared.gateway_url);
    let (status, body) = server::call_again(shared, &request);
    let answer = serde_json::json!({"status": status, "body": body});
    Some((format!("{method} {path}"), answer))
}

/// How far a call moves the clock.
fn advance(method: &str, path: &str, call: &Value) -> Option<Micros> {
    let body: Value = serde_json::from_str(call.get("body")?.as_str()?).ok()?;
    let by = body.get("advance_ms")?.as_i64()?;
    ((method, path.trim_matches('/')) == ("POST", "clock")).then_some(by * MILLISECOND)
}

impl Shared {
    /// Moves a clock that stands still to a moment.
    async fn advance_to(&self, at: Micros) {
        let by = at - self.lock().world.now();
        if by > 0 {
            self.advance(by).await;
        }
    }
}
