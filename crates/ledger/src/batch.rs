//! Batches, which are written in one transaction.

use serde::{Deserialize, Serialize};
use std::fmt;

use guestlist_model::GuildId;
use guestlist_tracker::{GuildChange, GuildState, Record};

use crate::Cursor;

/// Everything that one transaction stores: the tracker's records, its state afterwards,
/// and the position in the stream of events.
///
/// A batch is stored completely or not at all. After a crash, the position, the tracker's
/// state and its records are therefore consistent.
///
/// ```no_run
/// # async fn example(ledger: &dyn guestlist_ledger::Store, records: Vec<guestlist_tracker::Record>) -> Result<(), guestlist_ledger::LedgerError> {
/// use guestlist_ledger::{Batch, Partition};
///
/// let claim = ledger.claim(Partition::ALL, "my bot").await?;
/// let committed = ledger.commit(claim, &Batch::of(records)).await?;
/// println!("{} records changed something", committed.news());
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Batch {
    /// The tracker's records, in order.
    pub records: Vec<Record>,
    /// The changes to the tracker's states of guilds, in order. Each change builds on the
    /// previous ones, so do not skip any.
    pub guild_states: Vec<GuildChange>,
    /// The positions in the streams of events. Each replaces the stored position with the
    /// same key.
    pub positions: Vec<Position>,
    /// The known names of guilds.
    pub guilds: Vec<GuildInfo>,
}

impl Batch {
    /// Creates an empty batch.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Creates a batch of records.
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

    /// The guilds that this batch is about. A guild may occur several times.
    pub fn guild_ids(&self) -> impl Iterator<Item = GuildId> + '_ {
        let records = self.records.iter().map(Record::guild);
        let states = self.guild_states.iter().map(|change| change.guild);
        let names = self.guilds.iter().map(|guild| guild.id);
        records.chain(states).chain(names)
    }
}

/// A guild's name, for reports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct GuildInfo {
    /// The guild.
    pub id: GuildId,
    /// The current name.
    pub name: Option<String>,
}

impl GuildInfo {
    /// Creates the information.
    pub fn new(id: GuildId, name: impl Into<String>) -> Self {
        Self {
            id,
            name: Some(name.into()),
        }
    }
}

/// A position in a stream of events: the last event whose outcome is in the ledger. Only
/// the source of events interprets it.
///
/// A position covers the guilds of the partition that it was committed for. If a source
/// does not continue from a stored position, it must remove the position no later than in
/// the batch with its first events, because from then on the states of the guilds are
/// ahead of it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Position {
    /// The stream of events, in a format of the source, such as `shard 3 of 16`.
    pub key: String,
    /// The position, in a format of the source. `None` removes the stored position.
    pub body: Option<String>,
}

impl Position {
    /// Creates a position.
    pub fn new(key: impl Into<String>, body: impl Into<String>) -> Self {
        Self {
            key: key.into(),
            body: Some(body.into()),
        }
    }

    /// Creates the removal of a position.
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

/// What a service needs to continue after a restart.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct ResumePoint {
    /// The tracker's last states of the partition's guilds.
    pub guild_states: Vec<(GuildId, GuildState)>,
    /// The positions in the streams of events that cover guilds of the partition, sorted
    /// by key.
    pub positions: Vec<Position>,
}

/// The outcome of a commit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Committed {
    /// For each record of the batch, in order, whether it changed anything. A record that
    /// was stored before, or is older than the stored one, did not.
    pub fresh: Vec<bool>,
    /// The end of the [feed](crate::Reports::changes) after this commit.
    pub cursor: Cursor,
}

impl Committed {
    /// The number of records that changed anything.
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
