//! Recording what is asked and answered, so that it can be played back.

use std::{
    fs::File,
    io::{self, BufWriter, Write as _},
    path::Path,
};

use serde_json::{Value, json};

use crate::{
    Options, api,
    world::{Micros, Quirks},
};

/// Writes lines of JSON: what the world began as, then each call and each frame.
#[derive(Debug)]
pub(crate) struct Recorder {
    file: BufWriter<File>,
}

impl Recorder {
    pub(crate) fn create(path: &Path, options: &Options) -> io::Result<Self> {
        let mut recorder = Self {
            file: BufWriter::new(File::create(path)?),
        };
        let world = &options.world;
        recorder.line(&json!({
            "recording": 1,
            "seed": world.seed,
            "start": world.start,
            "guilds": world.guilds,
            "members": world.members,
            "invites": world.invites,
            "application_flags": world.application_flags,
            "bots": world.bots,
        }))?;
        Ok(recorder)
    }

    fn line(&mut self, line: &Value) -> io::Result<()> {
        writeln!(self.file, "{line}")?;
        self.file.flush()
    }

    fn note(&mut self, line: &Value) {
        if let Err(error) = self.line(line) {
            tracing::warn!(%error, "the recording could not be written");
        }
    }

    /// A request that came as far as its endpoint, and the answer.
    pub(crate) fn request(&mut self, at: Micros, request: &api::Request, reply: (u16, &str)) {
        self.note(&json!({
            "at": at,
            "request": {
                "method": request.method,
                "path": request.path,
                "query": request.query,
                "reason": request.reason,
                "content_type": request.content_type,
                "body": text(&request.body),
                "bot": request.bot.map(|id| id.to_string()),
                "person": request.person.map(|id| id.to_string()),
            },
            "answer": {"status": reply.0, "body": reply.1},
        }));
    }

    /// A request that was refused before, or spoilt by a fault.
    pub(crate) fn refused(&mut self, at: Micros, method: &str, path: &str, answer: (u16, &str)) {
        self.note(&json!({
            "at": at, "refused": {"method": method, "path": path}, "answer": {"status": answer.0, "body": answer.1},
        }));
    }

    /// A control call, and the answer.
    pub(crate) fn control(
        &mut self,
        at: Micros,
        call: (&str, &str, &str),
        body: &[u8],
        answer: (u16, &Value),
    ) {
        let (method, path, query) = call;
        self.note(&json!({
            "at": at,
            "control": {"method": method, "path": path, "query": query, "body": text(body)},
            "answer": {"status": answer.0, "body": answer.1},
        }));
    }

    /// A frame on a connection to the gateway.
    pub(crate) fn frame(&mut self, at: Micros, socket: u64, from_client: bool, frame: &str) {
        let from = if from_client { "client" } else { "server" };
        self.note(&json!({"at": at, "frame": {"socket": socket, "from": from, "text": frame}}));
    }
}

fn text(body: &[u8]) -> String {
    String::from_utf8_lossy(body).into_owned()
}

/// The options of a recorded sandbox.
pub(crate) fn options(header: &Value) -> Option<Options> {
    let number = |name: &str| header.get(name).and_then(Value::as_u64);
    let size = |name: &str| number(name).and_then(|it| usize::try_from(it).ok());
    if number("recording") != Some(1) {
        return None;
    }
    let mut options = Options::seeded(number("seed")?);
    options.world.start = header.get("start")?.as_i64()?;
    options.world.guilds = size("guilds")?;
    options.world.members = size("members")?;
    options.world.invites = size("invites")?;
    options.world.application_flags = number("application_flags")?;
    if let Some(bots) = header.get("bots") {
        options.world.bots = serde_json::from_value(bots.clone()).ok()?;
    }
    options.world.quirks = Quirks::default();
    Some(options)
}
