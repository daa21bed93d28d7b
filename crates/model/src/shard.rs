//! Shard ids.

use std::fmt;
use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use crate::GuildId;

/// The id of a shard, one connection of a bot to the gateway: its number, counted from 0,
/// and the number of shards.
///
/// Serialised as Discord writes it: `[number, count]`.
///
/// See [Discord Docs/Sharding](https://discord.com/developers/docs/events/gateway#sharding).
///
/// ```
/// use guestlist_model::{GuildId, ShardId};
///
/// let shard = ShardId::new(2, 16)?;
/// assert_eq!(shard.to_string(), "2 of 16");
/// let guild: GuildId = "197038439483310086".parse()?;
/// assert!(shard.owns(guild));
/// assert!(ShardId::new(16, 16).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(try_from = "[u32; 2]", into = "[u32; 2]")]
pub struct ShardId {
    // The order of the fields is the order of comparison.
    count: NonZeroU32,
    number: u32,
}

/// The error for a shard number that is not below the number of shards.
///
/// ```
/// use guestlist_model::ShardId;
///
/// let error = ShardId::new(2, 2).unwrap_err();
/// assert_eq!(error.to_string(), "shard 2 of 2 does not exist; shards are numbered from 0");
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("shard {number} of {count} does not exist; shards are numbered from 0")]
#[non_exhaustive]
pub struct ShardError {
    /// The number of the shard.
    pub number: u32,
    /// How many shards there are.
    pub count: u32,
}

impl ShardId {
    /// The id for a bot that is not sharded.
    pub const ONE: Self = Self {
        count: NonZeroU32::MIN,
        number: 0,
    };

    /// Creates the id of shard `number` of `count`.
    ///
    /// # Errors
    ///
    /// [`ShardError`] if `number` is not below `count`.
    pub const fn new(number: u32, count: u32) -> Result<Self, ShardError> {
        match NonZeroU32::new(count) {
            Some(shards) if number < count => Ok(Self {
                count: shards,
                number,
            }),
            _ => Err(ShardError { number, count }),
        }
    }

    /// The shard that receives the events of a guild if there are `count` shards.
    #[must_use]
    pub fn of_guild(guild: GuildId, count: NonZeroU32) -> Self {
        let number = (guild.get() >> 22) % u64::from(count.get());
        Self {
            count,
            // It is below a `u32`.
            number: u32::try_from(number).unwrap_or_default(),
        }
    }

    /// The number of the shard, counted from 0.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.number
    }

    /// The number of shards.
    #[must_use]
    pub const fn count(self) -> NonZeroU32 {
        self.count
    }

    /// Whether this shard receives the events of the guild.
    #[must_use]
    pub fn owns(self, guild: GuildId) -> bool {
        Self::of_guild(guild, self.count) == self
    }
}

impl fmt::Display for ShardId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.number, self.count)
    }
}

impl TryFrom<[u32; 2]> for ShardId {
    type Error = ShardError;

    fn try_from([number, count]: [u32; 2]) -> Result<Self, ShardError> {
        Self::new(number, count)
    }
}

impl From<ShardId> for [u32; 2] {
    fn from(shard: ShardId) -> Self {
        [shard.number, shard.count.get()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shard_is_below_their_number() {
        for (number, count) in [(0, 0), (1, 1), (3, 2), (u32::MAX, u32::MAX)] {
            assert_eq!(
                ShardId::new(number, count),
                Err(ShardError { number, count })
            );
        }
        assert_eq!(ShardId::new(0, 1), Ok(ShardId::ONE));
        let shard = ShardId::new(3, 16).unwrap();
        assert_eq!(shard.to_string(), "3 of 16");
        assert_eq!(serde_json::to_string(&shard).unwrap(), "[3,16]");
        assert_eq!(serde_json::from_str::<ShardId>("[3,16]").unwrap(), shard);
        assert!(serde_json::from_str::<ShardId>("[16,16]").is_err());
    }

    #[test]
    fn every_guild_is_of_one_shard() {
        let guild = GuildId::new_checked(197_038_439_483_310_086).unwrap();
        let owners: Vec<u32> = (0..16)
            .filter(|number| ShardId::new(*number, 16).unwrap().owns(guild))
            .collect();
        assert_eq!(owners, [2]);
        assert!(ShardId::ONE.owns(guild));
    }
}
