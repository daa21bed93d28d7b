//! What the script generated, cut into the documents of each task.

use std::path::Path;

use serde_json::value::RawValue;

use crate::measure::{Decoder, Input};

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// The answer to "list guild invites".
    List,
    /// INVITE_CREATE frames, one after the other.
    Frames,
    /// The same with the keys of each object in ascending order.
    Ascending,
    /// The same with the keys of each object in an order of its own.
    Shuffled,
    /// Responses to "get invite", one by one.
    Invite,
    /// One GUILD_CREATE frame of about 1 MB.
    Guild,
    /// Scanning chat that holds no invite, as one text.
    Text,
    /// Scanning the same chat message by message.
    Messages,
}

impl Task {
    pub const ALL: [Self; 8] = [
        Self::List,
        Self::Frames,
        Self::Ascending,
        Self::Shuffled,
        Self::Invite,
        Self::Guild,
        Self::Text,
        Self::Messages,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::List => "list",
            Self::Frames => "frames",
            Self::Ascending => "ascending",
            Self::Shuffled => "shuffled",
            Self::Invite => "invite",
            Self::Guild => "guild",
            Self::Text => "text",
            Self::Messages => "messages",
        }
    }
}

/// The documents of a task, less those the peer refuses.
pub struct Documents {
    pub inputs: Vec<Input>,
    pub items: usize,
    pub bytes: usize,
    /// How many items the peer cannot decode, and what it says of the first.
    pub refused: usize,
    pub complaint: Option<String>,
}

impl Documents {
    pub fn load(folder: &Path, task: Task, decoder: &dyn Decoder) -> Result<Self, String> {
        let read = |name: &str| {
            std::fs::read_to_string(folder.join(name)).map_err(|error| format!("{name}: {error}"))
        };
        match task {
            Task::List => Self::list(&read("list.json")?, decoder),
            Task::Frames | Task::Ascending | Task::Shuffled | Task::Invite | Task::Guild => {
                let lines = read(match task {
                    Task::Frames => "frames.ndjson",
                    Task::Ascending => "frames_ascending.ndjson",
                    Task::Shuffled => "frames_shuffled.ndjson",
                    Task::Invite => "looked_up.ndjson",
                    _ => "guild.ndjson",
                })?;
                Ok(Self::sift(lines.lines().map(str::to_owned), decoder))
            }
            Task::Text | Task::Messages => {
                let messages: Vec<String> =
                    serde_json::from_str(&read("chat.json")?).map_err(|error| error.to_string())?;
                let messages = match task {
                    Task::Text => vec![messages.join("\n")],
                    _ => messages,
                };
                Ok(Self::sift(messages.into_iter(), decoder))
            }
        }
    }

    /// A peer that fails on one element of a list loses the list; it is measured on what is left
    /// after taking out the elements it fails on.
    fn list(text: &str, decoder: &dyn Decoder) -> Result<Self, String> {
        let elements: Vec<Box<RawValue>> =
            serde_json::from_str(text).map_err(|error| error.to_string())?;
        if decoder.check(text).is_ok() {
            return Ok(Self {
                inputs: vec![Input::new(text)],
                items: elements.len(),
                bytes: text.len(),
                refused: 0,
                complaint: None,
            });
        }
        let sifted = Self::sift(
            elements
                .iter()
                .map(|element| format!("[{}]", element.get())),
            decoder,
        );
        let bodies: Vec<&str> = sifted
            .inputs
            .iter()
            .map(|one| &one.text[1..one.text.len() - 1])
            .collect();
        let rest = format!("[{}]", bodies.join(","));
        Ok(Self {
            bytes: rest.len(),
            inputs: vec![Input::new(rest)],
            ..sifted
        })
    }

    fn sift(documents: impl Iterator<Item = String>, decoder: &dyn Decoder) -> Self {
        let mut sifted = Self {
            inputs: Vec::new(),
            items: 0,
            bytes: 0,
            refused: 0,
            complaint: None,
        };
        for document in documents {
            match decoder.check(&document) {
                Ok(()) => {
                    sifted.items += 1;
                    sifted.bytes += document.len();
                    sifted.inputs.push(Input::new(document));
                }
                Err(error) => {
                    sifted.refused += 1;
                    sifted.complaint.get_or_insert(error);
                }
            }
        }
        sifted
    }
}
