//! The configuration of a gateway, and saved sessions.

use super::{GatewayError, Intents, trust::Trust};
use crate::{Client, GatewayUrl, SessionStartLimit, Token};
use guestlist_model::ShardId;
use serde::{Deserialize, Serialize};
use std::{fmt, time::Duration};

/// Shards that are connected without being asked for. More would not fit into one process.
const MOST_SHARDS: u32 = 4096;

/// The configuration of a [`Gateway`](super::Gateway).
///
/// ```
/// use guestlist_client::{GatewayConfig, Intents, Token};
///
/// let config = GatewayConfig::new(Token::new("the-token-of-the-bot")?)
///     .intents(GatewayConfig::INTENTS | Intents::GUILD_MESSAGES);
/// # let _ = config;
/// # Ok::<(), guestlist_client::TokenError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "a configuration does nothing by itself"]
pub struct GatewayConfig {
    pub(super) token: Token,
    pub(super) url: Option<GatewayUrl>,
    pub(super) intents: Intents,
    pub(super) shards: Shards,
    pub(super) resume: Vec<SavedSession>,
    pub(super) timeout: Duration,
}

/// Which shards to connect.
///
/// ```
/// use guestlist_client::{ShardRange, Shards};
///
/// // The first two of four shards; another process runs the others.
/// let half = Shards::Range(ShardRange::new(0, 1, 4)?);
/// # let _ = half;
/// # Ok::<(), guestlist_client::GatewayError>(())
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Shards {
    /// All shards, as many as Discord recommends.
    #[default]
    Auto,
    /// A range of shards out of a known number.
    Range(ShardRange),
}

/// Shards `first` to `last` out of `total`.
///
/// ```
/// use guestlist_client::ShardRange;
///
/// let range = ShardRange::new(0, 1, 4)?;
/// assert_eq!((range.iter().count(), range.total()), (2, 4));
/// assert!(ShardRange::new(3, 4, 4).is_err());
/// # Ok::<(), guestlist_client::GatewayError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "UncheckedRange")]
pub struct ShardRange {
    first: u32,
    last: u32,
    total: u32,
}

/// A range as it is read, before it is checked.
#[derive(Deserialize)]
struct UncheckedRange {
    first: u32,
    last: u32,
    total: u32,
}

impl TryFrom<UncheckedRange> for ShardRange {
    type Error = GatewayError;

    fn try_from(range: UncheckedRange) -> Result<Self, GatewayError> {
        Self::new(range.first, range.last, range.total)
    }
}

/// A session that can be resumed: after a short interruption, Discord replays the missed
/// events.
///
/// ```
/// use guestlist_client::SavedSession;
/// use guestlist_model::ShardId;
///
/// let url = "wss://gateway-us-east1-b.discord.gg".to_owned();
/// let session = SavedSession::new(ShardId::ONE, "9a".to_owned(), url, 7);
/// // Store it again after each event, with the sequence number of that event.
/// let json = serde_json::to_string(&session.at(8))?;
/// assert_eq!(serde_json::from_str::<SavedSession>(&json)?.sequence, 8);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SavedSession {
    /// The shard.
    pub shard: ShardId,
    /// The session id.
    pub session_id: String,
    /// The URL to resume at.
    pub resume_url: String,
    /// The sequence number of the last processed event; Discord replays the events after
    /// it.
    pub sequence: u64,
}

impl SavedSession {
    /// Creates a session from stored values.
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

    /// Returns the same session with another sequence number.
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
    /// Creates a range of shards `first` to `last`, both included, out of `total`.
    ///
    /// # Errors
    ///
    /// [`GatewayError::Shards`] if `last` is less than `first`, or not less than `total`.
    pub const fn new(first: u32, last: u32, total: u32) -> Result<Self, GatewayError> {
        if first > last || last >= total {
            return Err(GatewayError::Shards { first, last, total });
        }
        Ok(Self { first, last, total })
    }

    /// The total number of shards.
    #[must_use]
    pub const fn total(self) -> u32 {
        self.total
    }

    /// The shards, in ascending order.
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
    pub(super) trust: Trust,
}

impl GatewayConfig {
    /// The intents that attribution needs: guilds, members, moderation (for the audit
    /// log) and invites. Only members is privileged.
    pub const INTENTS: Intents = Intents::GUILDS
        .union(Intents::GUILD_MEMBERS)
        .union(Intents::GUILD_MODERATION)
        .union(Intents::GUILD_INVITES);

    /// How long the gateway may take to respond by default.
    const TIMEOUT: Duration = Duration::from_secs(20);

    /// Creates a configuration for all shards, with [`Self::INTENTS`] and the gateway URL
    /// that the API returns.
    pub const fn new(token: Token) -> Self {
        Self {
            token,
            url: None,
            intents: Self::INTENTS,
            shards: Shards::Auto,
            resume: Vec::new(),
            timeout: Self::TIMEOUT,
        }
    }

    /// Sets the gateway URL instead of requesting it from the API. Sessions are still
    /// resumed at the URL from their `READY`.
    pub fn url(mut self, url: GatewayUrl) -> Self {
        self.url = Some(url);
        self
    }

    /// Sets the intents.
    pub const fn intents(mut self, intents: Intents) -> Self {
        self.intents = intents;
        self
    }

    /// Sets which shards to connect.
    pub const fn shards(mut self, shards: Shards) -> Self {
        self.shards = shards;
        self
    }

    /// Sets the sessions to resume. A session with another number of shards cannot be
    /// resumed.
    pub fn resume(mut self, sessions: impl IntoIterator<Item = SavedSession>) -> Self {
        self.resume.extend(sessions);
        self
    }

    /// Sets how long the gateway may take to accept a connection and to say hello;
    /// defaults to 20 seconds. A session may take three times as long to begin.
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    pub(super) async fn resolve(&self, client: &Client) -> Result<Resolved, GatewayError> {
        let trust = Trust::new(client.base(), self.url.as_ref());
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
                trust,
            });
        }
        let bot = client.get_gateway_bot().await?;
        let limit = bot.session_start_limit;
        if limit.remaining == 0 {
            tracing::warn!(reset_after = ?limit.reset_after, "no session may be started for now");
        }
        let shards = match self.shards {
            Shards::Range(range) => range,
            Shards::Auto if bot.shards > MOST_SHARDS => {
                return Err(GatewayError::TooManyShards { shards: bot.shards });
            }
            Shards::Auto => ShardRange {
                first: 0,
                last: bot.shards.saturating_sub(1),
                total: bot.shards,
            },
        };
        let url = self.url.clone().unwrap_or(bot.url);
        trust.check(&url).map_err(GatewayError::Untrusted)?;
        Ok(Resolved {
            url,
            shards,
            start_limit: bot.session_start_limit,
            trust,
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
