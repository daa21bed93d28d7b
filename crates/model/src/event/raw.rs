//! A gateway frame as it was received.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use super::Envelope;
use crate::{GuildId, ShardId};

/// A gateway frame that carries an event, not decoded.
///
/// Clones share the bytes, so a frame can be passed to any number of listeners, and a
/// process in between can forward it without decoding it. Decode it with
/// [`Decoder::frame`](crate::Decoder::frame), with one decoder per shard.
///
/// ```
/// use bytes::Bytes;
/// use guestlist_model::{Decoder, Event, RawFrame, ShardId};
///
/// let frame = RawFrame::new(ShardId::ONE, Bytes::from_static(
///     br#"{"op": 0, "s": 7, "t": "INVITE_DELETE", "d": {"guild_id": "3", "channel_id": "4", "code": "abc"}}"#,
/// ));
/// assert_eq!(frame.name.as_deref(), Some("INVITE_DELETE"));
/// assert_eq!(frame.guild.map(|guild| guild.get()), Some(3));
/// let decoded = Decoder::new().frame(&frame.bytes)?;
/// assert!(matches!(decoded.map(|frame| frame.event), Some(Event::InviteDelete(_))));
/// # Ok::<(), guestlist_model::DecodeError>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
pub struct RawFrame {
    /// The shard that received the frame.
    pub shard: ShardId,
    /// Its sequence number in the session, which increases; `None` if it cannot be read.
    pub sequence: Option<u64>,
    /// The name of the event, such as `GUILD_MEMBER_ADD`; `None` if it cannot be read.
    pub name: Option<String>,
    /// The guild that the event concerns, if the frame names one.
    pub guild: Option<GuildId>,
    /// The whole frame. It is JSON unless the server sent something else.
    ///
    /// Serde writes a string in human-readable formats if the frame is UTF-8, and bytes
    /// otherwise.
    #[serde(with = "text_or_bytes")]
    pub bytes: Bytes,
}

impl RawFrame {
    /// Creates a frame that this shard received. Reading its envelope never fails; see
    /// [`Envelope`].
    #[must_use]
    pub fn new(shard: ShardId, bytes: Bytes) -> Self {
        Self::of(shard, Envelope::read(&bytes), bytes)
    }

    /// Creates a frame whose envelope has already been read.
    #[must_use]
    pub fn of(shard: ShardId, envelope: Envelope, bytes: Bytes) -> Self {
        Self {
            shard,
            sequence: envelope.sequence,
            name: envelope.name,
            guild: envelope.guild,
            bytes,
        }
    }
}

mod text_or_bytes {
    use std::fmt;

    use bytes::Bytes;
    use serde::de::{Deserializer, SeqAccess, Visitor};
    use serde::ser::Serializer;

    pub(super) fn serialize<S: Serializer>(bytes: &Bytes, to: S) -> Result<S::Ok, S::Error> {
        match std::str::from_utf8(bytes) {
            Ok(text) if to.is_human_readable() => to.serialize_str(text),
            _ => to.serialize_bytes(bytes),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Bytes, D::Error> {
        if from.is_human_readable() {
            from.deserialize_any(TextOrBytes)
        } else {
            from.deserialize_byte_buf(TextOrBytes)
        }
    }

    struct TextOrBytes;

    impl<'de> Visitor<'de> for TextOrBytes {
        type Value = Bytes;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a string or bytes")
        }

        fn visit_str<E>(self, text: &str) -> Result<Bytes, E> {
            Ok(Bytes::copy_from_slice(text.as_bytes()))
        }

        fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Bytes, E> {
            Ok(Bytes::copy_from_slice(bytes))
        }

        fn visit_byte_buf<E>(self, bytes: Vec<u8>) -> Result<Bytes, E> {
            Ok(bytes.into())
        }

        fn visit_seq<A: SeqAccess<'de>>(self, mut bytes: A) -> Result<Bytes, A::Error> {
            let mut all = Vec::new();
            while let Some(byte) = bytes.next_element()? {
                all.push(byte);
            }
            Ok(all.into())
        }
    }
}
