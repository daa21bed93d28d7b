//! Who may write which guilds.

use std::{fmt, num::NonZeroU32};

use guestlist_model::GuildId;

/// A part of all guilds: those whose `(id >> 22) % count` is `number`, the way
/// Discord divides guilds among shards.
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Partition {
    number: u32,
    count: NonZeroU32,
}

impl Partition {
    /// Every guild.
    pub const ALL: Self = Self {
        number: 0,
        count: NonZeroU32::MIN,
    };

    /// Partition `number` (counted from 0) of `count`; none if there is no such
    /// partition.
    #[must_use]
    pub const fn new(number: u32, count: u32) -> Option<Self> {
        match NonZeroU32::new(count) {
            Some(count) if number < count.get() => Some(Self { number, count }),
            _ => None,
        }
    }

    /// Which partition it is, counted from 0.
    #[must_use]
    pub const fn number(self) -> u32 {
        self.number
    }

    /// How many partitions there are.
    #[must_use]
    pub const fn count(self) -> u32 {
        self.count.get()
    }

    /// Whether a guild is in this partition.
    #[must_use]
    pub fn contains(self, guild: GuildId) -> bool {
        guild.shard(self.count).number() == self.number
    }

    /// Whether some guild could be in both, also if they are parts of different
    /// divisions.
    #[must_use]
    pub fn overlaps(self, other: Self) -> bool {
        let common = greatest_common_divisor(self.count, other.count);
        self.number % common == other.number % common
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

/// The number of a [`Claim`]. A later claim has a higher one, whatever its partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Epoch(u64);

impl Epoch {
    /// The epoch of this number. Only a backend hands out new ones.
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

/// The right to write the guilds of a partition, until somebody else claims any
/// of them. See [`Store::claim`](crate::Store::claim).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Claim {
    /// Which guilds.
    pub partition: Partition,
    /// Since which claim.
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
