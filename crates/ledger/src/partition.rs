//! Partitions of guilds, and claims to write them.

use std::{fmt, num::NonZeroU32};

use guestlist_model::GuildId;
use serde::{Deserialize, Serialize};

/// A partition of all guilds: those whose `(id >> 22) % count` is `number`, which is how
/// Discord assigns guilds to shards.
///
/// See [Discord Docs/Sharding](https://discord.com/developers/docs/events/gateway#sharding).
///
/// ```
/// use guestlist_ledger::Partition;
///
/// let third = Partition::new(3, 8).ok_or("no such partition")?;
/// assert!(third.overlaps(Partition::ALL));
/// assert!(third.overlaps(Partition::new(3, 4).ok_or("no such partition")?));
/// assert!(!third.overlaps(Partition::new(2, 4).ok_or("no such partition")?));
/// # Ok::<(), &str>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "(u32, u32)", try_from = "(u32, u32)")]
pub struct Partition {
    number: u32,
    count: NonZeroU32,
}

impl Partition {
    /// All guilds.
    pub const ALL: Self = Self {
        number: 0,
        count: NonZeroU32::MIN,
    };

    /// Creates partition `number` of `count`, counted from 0; `None` if it does not
    /// exist.
    #[must_use]
    pub const fn new(number: u32, count: u32) -> Option<Self> {
        match NonZeroU32::new(count) {
            Some(count) if number < count.get() => Some(Self { number, count }),
            _ => None,
        }
    }

    /// The number of the partition, counted from 0.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.number
    }

    /// The number of partitions.
    #[must_use]
    pub const fn count(self) -> u32 {
        self.count.get()
    }

    /// Whether a guild is in this partition.
    #[must_use]
    pub fn contains(self, guild: GuildId) -> bool {
        guild.shard(self.count).number() == self.number
    }

    /// Whether a guild could be in both partitions, even if their counts differ.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        let common = greatest_common_divisor(self.count, other.count);
        self.number % common == other.number % common
    }
}

impl From<Partition> for (u32, u32) {
    fn from(partition: Partition) -> Self {
        (partition.number(), partition.count())
    }
}

/// Only for serde, which needs an error with a text.
impl TryFrom<(u32, u32)> for Partition {
    type Error = String;

    fn try_from((number, count): (u32, u32)) -> Result<Self, String> {
        Self::new(number, count)
            .ok_or_else(|| format!("partition {number} of {count} does not exist"))
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {}", self.number, self.count)
    }
}

fn greatest_common_divisor(a: NonZeroU32, b: NonZeroU32) -> NonZeroU32 {
    match NonZeroU32::new(a.get() % b.get()) {
        None => b,
        Some(rest) => greatest_common_divisor(b, rest),
    }
}

/// The number of a [`Claim`]. A later claim has a higher number, even for another
/// partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Epoch(u64);

impl Epoch {
    /// Creates an epoch. Only a backend assigns new ones.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The right to write the guilds of a partition until another writer claims any of them.
/// See [`Store::claim`](crate::Store::claim).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Claim {
    /// The partition.
    pub partition: Partition,
    /// The epoch.
    pub epoch: Epoch,
}

#[cfg(test)]
mod tests {
    use guestlist_model::Id;

    use super::*;

    #[test]
    fn partitions_overlap_if_a_guild_can_be_in_both() {
        let all: Vec<Partition> = (1..=12)
            .flat_map(|count| (0..count).map(move |number| Partition::new(number, count).unwrap()))
            .collect();
        for a in &all {
            for b in &all {
                // Guilds repeat after the least common multiple, which is at most 132.
                let common = (1..=132_u64)
                    .map(|number| Id::new_checked(number << 22).unwrap())
                    .any(|guild| a.contains(guild) && b.contains(guild));
                assert_eq!(a.overlaps(*b), common, "{a} and {b}");
            }
        }
    }

    #[test]
    fn no_partition_is_outside_its_division() {
        assert_eq!(Partition::new(0, 0), None);
        assert_eq!(Partition::new(2, 2), None);
        assert_eq!(Partition::new(0, 1), Some(Partition::ALL));
    }
}
