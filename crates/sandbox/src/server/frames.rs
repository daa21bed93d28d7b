//! The latest frames of the gateway, for whoever looks at the sandbox.

use std::collections::VecDeque;

use serde_json::{Value, json};

use crate::world::{Micros, time};

const KEPT: usize = 200;
/// More of a frame is not shown.
const LONGEST: usize = 4_000;

#[derive(Debug)]
struct Frame {
    number: u64,
    at: Micros,
    socket: u64,
    from_client: bool,
    text: String,
}

/// The last frames.
#[derive(Debug, Default)]
pub(crate) struct Frames {
    seen: u64,
    recent: VecDeque<Frame>,
}

impl Frames {
    pub(crate) fn note(&mut self, at: Micros, socket: u64, from_client: bool, text: &str) {
        self.seen += 1;
        if self.recent.len() == KEPT {
            self.recent.pop_front();
        }
        self.recent.push_back(Frame {
            number: self.seen,
            at,
            socket,
            from_client,
            text: text.chars().take(LONGEST).collect(),
        });
    }

    pub(crate) fn after(&self, number: u64) -> Value {
        self.recent
            .iter()
            .filter(|frame| frame.number > number)
            .map(|frame| {
                json!({
                    "number": frame.number,
                    "at": time::format(frame.at),
                    "socket": frame.socket,
                    "from": if frame.from_client { "client" } else { "server" },
                    "text": frame.text,
                })
            })
            .collect()
    }
}
