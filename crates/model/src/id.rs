//! Typed Discord ids (snowflakes).

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::num::{NonZeroU32, NonZeroU64};
use std::str::FromStr;

use serde::de::{Deserialize, Deserializer, Error as _, Visitor};
use serde::ser::{Serialize, Serializer};

use crate::{ShardId, Timestamp};

/// Marker types that say what an [`Id`] identifies. They are never constructed.
pub mod marker {
    /// Marks the id of an application.
    #[derive(Debug)]
    pub enum Application {}
    /// Marks the id of an audit log entry.
    #[derive(Debug)]
    pub enum AuditLogEntry {}
    /// Marks the id of a channel.
    #[derive(Debug)]
    pub enum Channel {}
    /// Marks the id of a guild scheduled event.
    #[derive(Debug)]
    pub enum Event {}
    /// Marks the id of a guild.
    #[derive(Debug)]
    pub enum Guild {}
    /// Marks the id of a message.
    #[derive(Debug)]
    pub enum Message {}
    /// Marks the id of a role.
    #[derive(Debug)]
    pub enum Role {}
    /// Marks the id of a user.
    #[derive(Debug)]
    pub enum User {}
}

/// The id of an application.
pub type ApplicationId = Id<marker::Application>;
/// The id of an audit log entry.
pub type AuditLogEntryId = Id<marker::AuditLogEntry>;
/// The id of a channel.
pub type ChannelId = Id<marker::Channel>;
/// The id of a guild scheduled event.
pub type EventId = Id<marker::Event>;
/// The id of a guild.
///
/// ```
/// use std::num::NonZeroU32;
/// use guestlist_model::GuildId;
///
/// let guild: GuildId = "613425648685547541".parse()?;
/// let shards = NonZeroU32::new(4).unwrap();
/// assert_eq!(guild.shard(shards).number(), 0);
/// # Ok::<(), guestlist_model::IdError>(())
/// ```
pub type GuildId = Id<marker::Guild>;
/// The id of a message.
pub type MessageId = Id<marker::Message>;
/// The id of a role.
pub type RoleId = Id<marker::Role>;
/// The id of a user.
///
/// ```
/// use guestlist_model::UserId;
///
/// let user: UserId = "80351110224678912".parse()?;
/// assert_eq!(user.created_at().to_string(), "2015-08-10T17:26:37.529Z");
/// # Ok::<(), guestlist_model::IdError>(())
/// ```
pub type UserId = Id<marker::User>;

/// The first millisecond of 2015, from which snowflakes count.
const DISCORD_EPOCH_MILLIS: i64 = 1_420_070_400_000;

/// A Discord id: a 64-bit number, never zero, with a type that says what it identifies.
///
/// Discord writes ids as strings. [`Deserialize`] also accepts integers, which some
/// payloads contain. [`Serialize`] writes a string, or a number in binary formats.
///
/// See [Discord Docs/Snowflakes](https://discord.com/developers/docs/reference#snowflakes).
///
/// ```
/// use guestlist_model::{ChannelId, GuildId};
///
/// let guild: GuildId = "175928847299117063".parse()?;
/// assert_eq!(guild.get(), 175928847299117063);
/// assert_eq!(guild.created_at().to_string(), "2016-04-30T11:18:25.796Z");
/// // The first channel of old guilds has the guild's id.
/// let general: ChannelId = guild.cast();
/// assert_eq!(general.to_string(), "175928847299117063");
/// assert!("0".parse::<GuildId>().is_err());
/// # Ok::<(), guestlist_model::IdError>(())
/// ```
pub struct Id<M>(NonZeroU64, PhantomData<fn(M) -> M>);

impl<M> Id<M> {
    /// Creates an id from a nonzero number.
    #[must_use]
    pub const fn from_nonzero(value: NonZeroU64) -> Self {
        Self(value, PhantomData)
    }

    /// Creates an id from a number; `None` if it is zero.
    #[must_use]
    pub const fn new_checked(value: u64) -> Option<Self> {
        match NonZeroU64::new(value) {
            Some(value) => Some(Self(value, PhantomData)),
            None => None,
        }
    }

    /// The number as a [`NonZeroU64`].
    #[must_use]
    pub const fn nonzero(self) -> NonZeroU64 {
        self.0
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0.get()
    }

    /// The same number as an id of another type.
    #[must_use]
    pub const fn cast<N>(self) -> Id<N> {
        Id(self.0, PhantomData)
    }

    /// The time at which Discord created the id, in milliseconds.
    #[must_use]
    pub const fn created_at(self) -> Timestamp {
        // 42 bits of milliseconds always fit.
        Timestamp::from_millis((self.0.get() >> 22).cast_signed() + DISCORD_EPOCH_MILLIS)
    }

    /// The smallest id that an object created at `at` can have. Use it to page by time.
    ///
    /// Returns `None` before 2015 and after 2154, because snowflakes cannot express these
    /// times.
    #[must_use]
    pub fn at_time(at: Timestamp) -> Option<Self> {
        let millis = u64::try_from(at.as_millis() - DISCORD_EPOCH_MILLIS).ok()?;
        if millis >= 1 << 42 {
            return None;
        }
        Self::new_checked((millis << 22).max(1))
    }
}

impl Id<marker::Guild> {
    /// The shard that receives the guild's events if there are `count` shards.
    ///
    /// See [Discord Docs/Sharding](https://discord.com/developers/docs/events/gateway#sharding).
    #[must_use]
    pub fn shard(self, count: NonZeroU32) -> ShardId {
        ShardId::of_guild(self, count)
    }
}

impl<M> Clone for Id<M> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<M> Copy for Id<M> {}
impl<M> PartialEq for Id<M> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<M> Eq for Id<M> {}
impl<M> PartialOrd for Id<M> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl<M> Ord for Id<M> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.cmp(&other.0)
    }
}
impl<M> Hash for Id<M> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl<M> fmt::Display for Id<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}
impl<M> fmt::Debug for Id<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = std::any::type_name::<M>();
        let name = name.rsplit("::").next().unwrap_or(name);
        write!(f, "Id<{name}>({})", self.0)
    }
}
impl<M> From<NonZeroU64> for Id<M> {
    fn from(value: NonZeroU64) -> Self {
        Self::from_nonzero(value)
    }
}
impl<M> From<Id<M>> for u64 {
    fn from(id: Id<M>) -> Self {
        id.get()
    }
}
impl<M> TryFrom<u64> for Id<M> {
    type Error = IdError;

    fn try_from(value: u64) -> Result<Self, IdError> {
        Self::new_checked(value).ok_or(IdError::Zero)
    }
}

/// The error for a text that is not an id.
///
/// ```
/// use guestlist_model::{GuildId, IdError};
///
/// assert_eq!("12x".parse::<GuildId>(), Err(IdError::NotDigits));
/// assert_eq!(IdError::Zero.to_string(), "an id cannot be 0");
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum IdError {
    /// The text is empty or contains a character that is not a digit.
    #[error("an id consists of digits only")]
    NotDigits,
    /// Zero is not an id.
    #[error("an id cannot be 0")]
    Zero,
    /// The number does not fit into 64 bits.
    #[error("an id must fit in 64 bits")]
    TooLarge,
}

impl<M> FromStr for Id<M> {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        parse_digits(text.as_bytes()).and_then(Self::try_from)
    }
}

/// Reads ASCII digits; no sign, no space.
pub(crate) fn parse_digits(digits: &[u8]) -> Result<u64, IdError> {
    if digits.is_empty() {
        return Err(IdError::NotDigits);
    }
    if digits.len() < 20 {
        // 19 digits cannot overflow.
        let mut value = 0u64;
        for &byte in digits {
            let digit = byte.wrapping_sub(b'0');
            if digit > 9 {
                return Err(IdError::NotDigits);
            }
            value = value.wrapping_mul(10).wrapping_add(u64::from(digit));
        }
        return Ok(value);
    }
    let mut value = Some(0u64);
    for &byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return Err(IdError::NotDigits);
        }
        value = value
            .and_then(|value| value.checked_mul(10))
            .and_then(|value| value.checked_add(u64::from(digit)));
    }
    value.ok_or(IdError::TooLarge)
}

impl<M> Serialize for Id<M> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            serializer.collect_str(&self.0)
        } else {
            serializer.serialize_u64(self.get())
        }
    }
}

impl<'de, M> Deserialize<'de> for Id<M> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct IdVisitor;

        impl Visitor<'_> for IdVisitor {
            type Value = u64;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a Discord id")
            }

            fn visit_u64<E: serde::de::Error>(self, value: u64) -> Result<u64, E> {
                Ok(value)
            }

            fn visit_i64<E: serde::de::Error>(self, value: i64) -> Result<u64, E> {
                u64::try_from(value).map_err(|_| E::custom(IdError::NotDigits))
            }

            fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<u64, E> {
                parse_digits(value.as_bytes()).map_err(E::custom)
            }
        }

        let value = if deserializer.is_human_readable() {
            deserializer.deserialize_any(IdVisitor)?
        } else {
            deserializer.deserialize_u64(IdVisitor)?
        };
        Self::try_from(value).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_all_an_id_may_have() {
        for (text, error) in [
            ("", IdError::NotDigits),
            ("+1", IdError::NotDigits),
            ("-1", IdError::NotDigits),
            (" 1", IdError::NotDigits),
            ("1.0", IdError::NotDigits),
            ("٣", IdError::NotDigits),
            ("0", IdError::Zero),
            ("000", IdError::Zero),
            ("18446744073709551616", IdError::TooLarge),
            ("99999999999999999999999", IdError::TooLarge),
            ("9999999999999999999999x", IdError::NotDigits),
        ] {
            assert_eq!(text.parse::<GuildId>(), Err(error), "{text:?}");
        }
        let largest: GuildId = "18446744073709551615".parse().unwrap();
        assert_eq!(largest.get(), u64::MAX);
    }

    #[test]
    fn strings_and_integers_are_read_and_strings_written() {
        let ids: Vec<UserId> = serde_json::from_str(r#"["1", 2]"#).unwrap();
        assert_eq!(serde_json::to_string(&ids).unwrap(), r#"["1","2"]"#);
        assert!(serde_json::from_str::<UserId>("0").is_err());
        assert!(serde_json::from_str::<UserId>("-5").is_err());
        assert!(serde_json::from_str::<UserId>("1.5").is_err());
    }

    #[test]
    fn the_smallest_id_of_a_moment_has_that_moment() {
        let moment = Timestamp::from_millis(1_462_015_105_796);
        assert_eq!(GuildId::at_time(moment).unwrap().created_at(), moment);
        assert_eq!(GuildId::at_time(Timestamp::from_millis(0)), None);
        assert_eq!(GuildId::at_time(Timestamp::from_secs(6_000_000_000)), None);
    }
}
