//! What is written together.

use guestlist_model::GuildId;
use guestlist_tracker::{GuildSnapshot, Record};

/// Everything that one transaction stores: what the tracker stated, the state
/// it had afterwards, and how far each shard's events were read for it.
///
/// Stored all or nothing. So after a crash, the sequence to resume from, the
/// tracker's state and its statements always belong together.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Batch {
    /// The tracker's statements, in its order.
    pub records: Vec<Record>,
    /// States of the guilds that changed. They replace what was stored: unlike
    /// records they have no order of their own, so the last commit wins.
    pub guild_states: Vec<(GuildId, GuildSnapshot)>,
    /// Where to resume each shard, likewise replacing.
    pub sessions: Vec<GatewaySession>,
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
            && self.sessions.is_empty()
            && self.guilds.is_empty()
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

/// A shard's gateway session and the last event of it whose outcome is stored.
///
/// See [Discord Docs/Resuming](https://discord.com/developers/docs/events/gateway#resuming).
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct GatewaySession {
    /// Whose session this is, in the words of the source of events: which bot's, and
    /// where. Nobody else can resume it, nor should be shown a token for it.
    pub owner: Option<String>,
    /// The shard, counted from 0.
    pub shard: u32,
    /// How many shards there were in all.
    pub shards: u32,
    /// Discord's id of the session.
    pub session_id: String,
    /// Where to resume.
    pub resume_url: String,
    /// The last sequence number whose outcome is in the ledger.
    pub sequence: u64,
}

impl GatewaySession {
    /// A session that is nobody's.
    pub fn new(
        shard: u32,
        shards: u32,
        session_id: impl Into<String>,
        resume_url: impl Into<String>,
        sequence: u64,
    ) -> Self {
        Self {
            owner: None,
            shard,
            shards,
            session_id: session_id.into(),
            resume_url: resume_url.into(),
            sequence,
        }
    }

    /// The same session, of this owner.
    #[must_use]
    pub fn owned_by(mut self, owner: Option<String>) -> Self {
        self.owner = owner;
        self
    }
}

impl std::fmt::Debug for GatewaySession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The session id resumes the session together with the token: not a
        // secret by itself, and still nothing for a log.
        f.debug_struct("GatewaySession")
            .field("shard", &self.shard)
            .field("shards", &self.shards)
            .field("sequence", &self.sequence)
            .field("owner", &self.owner)
            .finish_non_exhaustive()
    }
}

/// Where a service goes on after a restart.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ResumePoint {
    /// The tracker's last states, to restore.
    pub guild_states: Vec<(GuildId, GuildSnapshot)>,
    /// The gateway sessions to resume, by shard.
    pub sessions: Vec<GatewaySession>,
}

/// What a commit changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Committed {
    /// For each record of the batch, in order, whether it said anything new.
    /// A record that was stored before, or is older than what is stored, did not.
    pub fresh: Vec<bool>,
}

impl Committed {
    /// How many records said something new.
    #[must_use]
    pub fn news(&self) -> usize {
        self.fresh.iter().filter(|fresh| **fresh).count()
    }
}
