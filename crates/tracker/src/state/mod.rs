//! The stored state of a guild, in parts.
//!
//! A guild with a thousand invites has a large state of which an event changes little. So
//! it is stored in named parts, and only those that changed are handed out. What is in a
//! part is the business of the module that it belongs to; this one knows how to collect
//! parts and how to tell which changed.

mod kept;
mod marked;
mod parts;
pub(crate) mod shape;
mod v1;

use std::collections::BTreeMap;

use guestlist_model::GuildId;
use serde::{Deserialize, Serialize};

pub(crate) use kept::Kept;
pub(crate) use marked::Marked;
pub(crate) use parts::{Changes, Reader};

/// The version of the stored form that this crate writes.
pub(crate) const VERSION: u32 = 2;
/// The part that holds the whole state in version 1.
const WHOLE: &str = "whole";

/// A change to the stored state of one guild.
///
/// Each change builds on the previous one. Store all of them, in order, each in the same
/// transaction as the records that came with it.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GuildChange {
    /// The guild.
    pub guild: GuildId,
    /// Whether to remove everything that is stored for the guild first.
    #[serde(default)]
    pub afresh: bool,
    /// The parts that are new, changed or removed. Names are unique.
    pub parts: Vec<PartChange>,
}

impl GuildChange {
    /// Creates a change.
    #[must_use]
    pub const fn new(guild: GuildId, afresh: bool, parts: Vec<PartChange>) -> Self {
        Self {
            guild,
            afresh,
            parts,
        }
    }

    /// The size of all names and bodies in bytes.
    #[must_use]
    pub fn len(&self) -> usize {
        let of_part = |part: &PartChange| {
            let body = part.body.as_ref().map_or(0, String::len);
            part.name.len() + body
        };
        self.parts.iter().map(of_part).sum()
    }

    /// Whether there is nothing to write.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        !self.afresh && self.parts.is_empty()
    }
}

/// A part of a guild's state that is new, changed or removed.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PartChange {
    /// The part's name, unique within its guild: at most 120 bytes of printable ASCII.
    pub name: String,
    /// The text to store under this name; `None` removes the part.
    pub body: Option<String>,
}

impl PartChange {
    /// Creates a new or changed part.
    pub fn new(name: impl Into<String>, body: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            body: Some(body.into()),
        }
    }

    /// Creates a removed part.
    pub fn removed(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            body: None,
        }
    }
}

/// The stored state of one guild: a body for each part name.
///
/// The content of the parts is private to the tracker. Collect them with
/// [`apply`](Self::apply) or from your storage, and pass them to
/// [`Tracker::restore`](crate::Tracker::restore).
///
/// ```
/// use guestlist_tracker::GuildState;
///
/// let stored = [("head", r#"{"v":2}"#), ("at", "1700000000000000")];
/// let state: GuildState = stored.into_iter().collect();
/// assert_eq!(state.parts().count(), 2);
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GuildState {
    parts: BTreeMap<String, String>,
}

impl GuildState {
    /// Creates a state from version 1, which was one JSON document for the whole guild.
    #[must_use]
    pub fn version_1(json: impl Into<String>) -> Self {
        [(WHOLE, json.into())].into_iter().collect()
    }

    /// Applies a change of this guild.
    pub fn apply(&mut self, change: &GuildChange) {
        if change.afresh {
            self.parts.clear();
        }
        for part in &change.parts {
            match &part.body {
                Some(body) => self.parts.insert(part.name.clone(), body.clone()),
                None => self.parts.remove(&part.name),
            };
        }
    }

    /// The names and bodies of the parts, sorted by name.
    pub fn parts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.parts
            .iter()
            .map(|(name, body)| (name.as_str(), body.as_str()))
    }

    /// Whether nothing is stored.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }
}

impl<N: Into<String>, B: Into<String>> FromIterator<(N, B)> for GuildState {
    fn from_iter<I: IntoIterator<Item = (N, B)>>(parts: I) -> Self {
        Self {
            parts: parts
                .into_iter()
                .map(|(name, body)| (name.into(), body.into()))
                .collect(),
        }
    }
}

/// The error for a stored state that cannot be read.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("the stored state of guild {guild} cannot be read: part `{part}`: {reason}")]
#[non_exhaustive]
pub struct StateError {
    /// The guild.
    pub guild: GuildId,
    /// The name of the part.
    pub part: String,
    /// What is wrong with it.
    pub reason: String,
}
