//! How to connect, and what to resume.

use super::{GatewayError, Intents};
use crate::{Client, GatewayUrl, SessionStartLimit, Token};
use guestlist_model::ShardId;
use serde::{Deserialize, Serialize};
use std::{fmt, time::Duration};

/// How a [`Gateway`](super::Gateway) connects.
#[derive(Clone, Debug)]
#[must_use = "a configuration does nothing by itself"]
pub struct GatewayConfig {
    pub(super) token: Token,
    pub(super) url: Option<GatewayUrl>,
    pub(super) intents: Intents,
    pub(super) shards: Shards,
    pub(super) resume: Vec<SavedSession>,
}

/// Which shards to connect.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[non_exhaustive]
pub enum Shards {
    /// As many as Discord recommends, all of them.
    #[default]
    Auto,
    /// Some of a known number.
    Range(ShardRange),
}

/// Shards `first` to `last` out of `total`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ShardRange {
    first: u32,
    last: u32,
    total: u32,
}

/// A session that can be resumed: after a short absence Discord replays what
/// was missed.
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SavedSession {
    /// Which shard.
    pub shard: ShardId,
    /// Discord's id of the session.
    pub session_id: String,
    /// Where to resume it.
    pub resume_url: String,
    /// The last event that is done with; the replay begins behind it.
    pub sequence: u64,
}

impl SavedSession {
    /// Puts together what was stored.
    #[must_use]
    pub const fn new(
        shard: ShardId,
        session_id: String,
        resume_url: String,
        sequence: u64,
    ) -> Self {
        Self {
            shard,
            session_id,
            resume_url,
            sequence,
        }
    }

    /// The same session, done up to another event.
    #[must_use]
    pub const fn at(mut self, sequence: u64) -> Self {
        self.sequence = sequence;
        self
    }
}

impl fmt::Debug for SavedSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The session id is half of what it takes to take a session over.
        f.debug_struct("SavedSession")
            .field("shard", &self.shard)
            .field("sequence", &self.sequence)
            .finish_non_exhaustive()
    }
}

impl ShardRange {
    /// Shards `first` to `last`, both included, out of `total`.
    ///
    /// # Errors
    ///
    /// `last` is before `first` or not below `total`.
    pub const fn new(first: u32, last: u32, total: u32) -> Result<Self, GatewayError> {
        if first > last || last >= total {
            return Err(GatewayError::Shards { first, last, total });
        }
        Ok(Self { first, last, total })
    }

    /// How many shards the bot has in all.
    #[must_use]
    pub const fn total(self) -> u32 {
        self.total
    }

    /// The shards, in the order of their numbers.
    pub fn iter(self) -> impl Iterator<Item = ShardId> {
        // Every number is below the total.
        (self.first..=self.last).filter_map(move |number| ShardId::new(number, self.total).ok())
    }
}

/// What is known once the API has been asked.
#[derive(Debug)]
pub(super) struct Resolved {
    pub(super) url: GatewayUrl,
    pub(super) shards: ShardRange,
    pub(super) start_limit: SessionStartLimit,
}

impl GatewayConfig {
    /// What attribution needs: guilds, their members, the audit log, invites.
    /// Only the second is privileged.
    pub const INTENTS: Intents = Intents::GUILDS
        .union(Intents::GUILD_MEMBERS)
        .union(Intents::GUILD_MODERATION)
        .union(Intents::GUILD_INVITES);

    /// All shards at the gateway that the API names, with [`Self::INTENTS`].
    pub const fn new(token: Token) -> Self {
        Self {
            token,
            url: None,
            intents: Self::INTENTS,
            shards: Shards::Auto,
            resume: Vec::new(),
        }
    }

    /// Connects there instead of asking the API. A session is resumed where
    /// its `READY` said.
    pub fn url(mut self, url: GatewayUrl) -> Self {
        self.url = Some(url);
        self
    }

    /// Asks for other events.
    pub const fn intents(mut self, intents: Intents) -> Self {
        self.intents = intents;
        self
    }

    /// Connects these shards only.
    pub const fn shards(mut self, shards: Shards) -> Self {
        self.shards = shards;
        self
    }

    /// Resumes sessions. One that was of another number of shards is lost.
    pub fn resume(mut self, sessions: impl IntoIterator<Item = SavedSession>) -> Self {
        self.resume.extend(sessions);
        self
    }

    pub(super) async fn resolve(&self, client: &Client) -> Result<Resolved, GatewayError> {
        if let (Some(url), Shards::Range(shards)) = (&self.url, self.shards) {
            let start_limit = SessionStartLimit {
                total: 1000,
                remaining: 1000,
                reset_after: Duration::from_secs(24 * 60 * 60),
                max_concurrency: 1,
            };
            return Ok(Resolved {
                url: url.clone(),
                shards,
                start_limit,
            });
        }
        let bot = client.get_gateway_bot().await?;
        let limit = bot.session_start_limit;
        if limit.remaining == 0 {
            tracing::warn!(reset_after = ?limit.reset_after, "no session may be started for now");
        }
        let shards = match self.shards {
            Shards::Range(range) => range,
            Shards::Auto => ShardRange {
                first: 0,
                last: bot.shards.saturating_sub(1),
                total: bot.shards,
            },
        };
        Ok(Resolved {
            url: self.url.clone().unwrap_or(bot.url),
            shards,
            start_limit: bot.session_start_limit,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::ShardRange;

    #[test]
    fn a_range_of_shards_is_within_the_total() {
        let range = ShardRange::new(2, 3, 4).unwrap();
        let numbers: Vec<u32> = range.iter().map(|shard| shard.number()).collect();
        assert_eq!(numbers, [2, 3]);
        assert_eq!(range.total(), 4);
        for (first, last, total) in [(1, 0, 4), (0, 4, 4), (0, 0, 0)] {
            assert!(ShardRange::new(first, last, total).is_err());
        }
    }
}
