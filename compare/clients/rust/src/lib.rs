//! What both puppets in Rust have in common: lines of JSON on standard input say what to do, lines on
//! standard output what came of it and what the client hears.

use std::{env, error::Error, fmt::Display};

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};

/// Why something was not done.
pub enum Failure {
    /// The client does not do this.
    Lacks(&'static str),
    /// It went wrong.
    Error(String),
}

impl<E: Error> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Error(format!("{error:?}"))
    }
}

pub type Outcome = Result<Value, Failure>;

/// `API`, `GATEWAY` or `TOKEN`.
pub fn setting(name: &str) -> String {
    env::var(name).expect("the harness sets it")
}

pub fn say(line: &Value) {
    println!("{line}");
}

/// The client hears of something.
pub fn heard(name: &str, mut what: Value) {
    what["event"] = json!("heard");
    what["name"] = json!(name);
    say(&what);
}

/// Says what came of an order.
pub fn done(what: &str, outcome: Outcome) {
    say(&match outcome {
        Ok(result) => json!({"event": "done", "do": what, "result": result}),
        Err(Failure::Lacks(why)) => json!({"event": "done", "do": what, "lacks": why}),
        Err(Failure::Error(error)) => {
            eprintln!("{what}: {error}");
            json!({"event": "done", "do": what, "error": error})
        }
    });
}

/// What the harness wants done.
pub struct Orders(tokio::io::Lines<BufReader<tokio::io::Stdin>>);

impl Orders {
    pub fn new() -> Self {
        Self(BufReader::new(tokio::io::stdin()).lines())
    }

    /// The next order, until standard input ends.
    pub async fn next(&mut self) -> Option<(String, Value)> {
        let line = self.0.next_line().await.ok().flatten()?;
        let order: Value = serde_json::from_str(&line).expect("the harness sends JSON");
        let what = order["do"]
            .as_str()
            .expect("an order has a name")
            .to_owned();
        Some((what, order))
    }
}

impl Default for Orders {
    fn default() -> Self {
        Self::new()
    }
}

pub fn text<'a>(order: &'a Value, name: &str) -> &'a str {
    order[name].as_str().expect("the harness sends it")
}

pub fn id(order: &Value, name: &str) -> u64 {
    text(order, name).parse().expect("an id")
}

/// An id, or something else, as a text.
pub fn shown(value: impl Display) -> Value {
    json!(value.to_string())
}
