//! What a worker and the script say to each other: one JSON object a line.

use std::collections::BTreeMap;
use std::io::{BufRead, Write};
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::corpus::{Documents, Task};
use crate::peers;

/// `--peer NAME --corpus FOLDER [--retained | --retained-frames]`.
pub struct Arguments {
    pub peer: String,
    pub corpus: PathBuf,
    /// Print the bytes retained for the list, or for all frames, and nothing else.
    pub retained: Option<Task>,
}

impl Arguments {
    pub fn parse(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let (mut peer, mut corpus, mut retained) = (None, None, None);
        while let Some(word) = words.next() {
            match word.as_str() {
                "--peer" => peer = words.next(),
                "--corpus" => corpus = words.next(),
                "--retained" => retained = Some(Task::List),
                "--retained-frames" => retained = Some(Task::Frames),
                other => return Err(format!("unknown argument {other}")),
            }
        }
        Ok(Self {
            peer: peer.ok_or("--peer NAME is missing")?,
            corpus: corpus.ok_or("--corpus FOLDER is missing")?.into(),
            retained,
        })
    }
}

#[derive(Deserialize)]
#[serde(tag = "cmd", rename_all = "snake_case")]
enum Command {
    Time { task: String, seconds: f64 },
    Shape { task: String, json: String },
    Again { task: String, json: String },
}

/// Loads the corpus, says what was loaded, and answers commands until standard input ends.
pub fn serve(arguments: &Arguments) -> Result<(), String> {
    let mut loaded = BTreeMap::new();
    let mut tasks = serde_json::Map::new();
    for task in Task::ALL {
        let Some(decoder) = peers::decoder(&arguments.peer, task) else {
            continue;
        };
        let documents = Documents::load(&arguments.corpus, task, decoder.as_ref())?;
        tasks.insert(
            task.name().to_owned(),
            json!({
                "items": documents.items,
                "bytes": documents.bytes,
                "refused": documents.refused,
                "complaint": documents.complaint,
            }),
        );
        loaded.insert(task.name(), (decoder, documents));
    }
    if loaded.is_empty() {
        return Err(format!("no peer is called {}", arguments.peer));
    }
    say(&json!({ "ready": true, "tasks": tasks }))?;

    for line in std::io::stdin().lock().lines() {
        let line = line.map_err(|error| error.to_string())?;
        let command: Command = serde_json::from_str(&line).map_err(|error| error.to_string())?;
        let (Command::Time { task, .. }
        | Command::Shape { task, .. }
        | Command::Again { task, .. }) = &command;
        let (decoder, documents) = loaded
            .get(task.as_str())
            .ok_or_else(|| format!("no task {task}"))?;
        say(&match &command {
            Command::Time { seconds, .. } => {
                let timing = decoder.time(&documents.inputs, Duration::from_secs_f64(*seconds));
                json!({ "median_ns": timing.median, "min_ns": timing.min, "passes": timing.passes })
            }
            Command::Shape { json, .. } => answer("shape", decoder.shape(json)),
            Command::Again { json, .. } => answer("json", decoder.again(json)),
        })?;
    }
    Ok(())
}

/// The bytes that a peer retains for the list, or for each frame by itself: the first thing that
/// the process decodes.
pub fn retained(arguments: &Arguments, task: Task) -> Result<(), String> {
    let decoder = peers::decoder(&arguments.peer, task).ok_or("it does not decode that")?;
    if task == Task::Frames {
        let documents = Documents::load(&arguments.corpus, task, decoder.as_ref())?;
        let all: Result<i64, String> = documents
            .inputs
            .iter()
            .map(|frame| decoder.retained(&frame.text))
            .sum();
        return say(&json!({ "bytes": all? }));
    }
    let list = std::fs::read_to_string(arguments.corpus.join("list.json"))
        .map_err(|error| error.to_string())?;
    match decoder.retained(&list) {
        Ok(bytes) => say(&json!({ "bytes": bytes })),
        // It refuses some elements: count what it holds of the others.
        Err(_) => {
            let documents = Documents::load(&arguments.corpus, task, decoder.as_ref())?;
            let rest = documents.inputs.first().ok_or("it decodes none of them")?;
            say(&json!({ "bytes": decoder.retained(&rest.text)? }))
        }
    }
}

fn answer<T: Into<Value>>(key: &str, result: Result<T, String>) -> Value {
    match result {
        Ok(value) => json!({ key: value.into() }),
        Err(error) => json!({ "error": error }),
    }
}

fn say(value: &Value) -> Result<(), String> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{value}")
        .and_then(|()| out.flush())
        .map_err(|error| error.to_string())
}
