//! What is written together.

use std::fmt;

use guestlist_model::GuildId;
use guestlist_tracker::{GuildChange, GuildState, Record};

use crate::Cursor;

/// Everything that one transaction stores: what the tracker stated, the state
/// it had afterwards, and how far the events were read for it.
///
/// Stored all or nothing. So after a crash, the position to go on from, the
/// tracker's state and its statements always belong together.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Batch {
    /// The tracker's statements, in its order.
    pub records: Vec<Record>,
    /// What changed about the tracker's states of guilds, in the tracker's order: each
    /// change builds on those before, and none may be left out.
    pub guild_states: Vec<GuildChange>,
    /// How far the events were read, likewise replacing.
    pub positions: Vec<Position>,
    /// Names of guilds, as far as they are known.
    pub guilds: Vec<GuildInfo>,
}

impl Batch {
    /// A batch with nothing in it.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A batch of records only.
    #[must_use]
    pub fn of(records: impl IntoIterator<Item = Record>) -> Self {
        Self {
            records: records.into_iter().collect(),
            ..Self::default()
        }
    }

    /// Whether there is nothing to store.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.records.is_empty()
            && self.guild_states.is_empty()
            && self.positions.is_empty()
            && self.guilds.is_empty()
    }

    /// Every guild that something of this batch is about, some of them repeatedly.
    pub fn guild_ids(&self) -> impl Iterator<Item = GuildId> + '_ {
        let records = self.records.iter().map(Record::guild);
        let states = self.guild_states.iter().map(|change| change.guild);
        let names = self.guilds.iter().map(|guild| guild.id);
        records.chain(states).chain(names)
    }
}

/// A guild's name, for reports.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct GuildInfo {
    /// The guild.
    pub id: GuildId,
    /// Its name now.
    pub name: Option<String>,
}

impl GuildInfo {
    /// A guild of this name.
    pub fn new(id: GuildId, name: impl Into<String>) -> Self {
        Self {
            id,
            name: Some(name.into()),
        }
    }
}

/// How far a source of events was read: the last event whose outcome is in the
/// ledger. Only the source understands it.
///
/// A position covers guilds of the partition that it was committed for. A source
/// that does not go on from a position it was given must remove it in the batch
/// with its first events at the latest: from then on the guilds' states are ahead
/// of it.
#[derive(Clone, PartialEq, Eq)]
pub struct Position {
    /// Which stream of events, in the source's words, such as `shard 3 of 16`.
    pub key: String,
    /// Where in it, in the source's words; none removes what is stored.
    pub body: Option<String>,
}

impl Position {
    /// A position in a stream.
    pub fn new(key: impl Into<String>, body: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            body: Some(body.into()),
        }
    }

    /// Removes the position in a stream.
    pub fn removed(key: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            body: None,
        }
    }
}

impl fmt::Debug for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The body may hold what resumes a session together with a token: not a
        // secret by itself, and still nothing for a log.
        f.debug_struct("Position")
            .field("key", &self.key)
            .field("bytes", &self.body.as_ref().map(String::len))
            .finish_non_exhaustive()
    }
}

/// Where a service goes on after a restart.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ResumePoint {
    /// The tracker's last states of the partition's guilds, to restore.
    pub guild_states: Vec<(GuildId, GuildState)>,
    /// Where to go on in the streams of events that cover guilds of the partition,
    /// by key.
    pub positions: Vec<Position>,
}

/// What a commit changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Committed {
    /// For each record of the batch, in order, whether it said anything new.
    /// A record that was stored before, or is older than what is stored, did not.
    pub fresh: Vec<bool>,
    /// The end of the [feed](crate::Reports::changes), behind what this commit brought.
    pub cursor: Cursor,
}

impl Committed {
    /// How many records said something new.
    #[must_use]
    pub fn news(&self) -> usize {
        self.fresh.iter().filter(|fresh| **fresh).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_position_shows_nothing_of_its_body() {
        let shown = format!("{:?}", Position::new("shard 0 of 1", "a session id"));
        assert!(shown.contains("shard 0 of 1"), "{shown}");
        assert!(!shown.contains("session"), "{shown}");
    }
}
