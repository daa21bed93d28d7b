//! A frame of the gateway as it came.

use bytes::Bytes;

use super::Envelope;
use crate::{GuildId, ShardId};

/// A frame of the gateway that carries an event, not decoded.
///
/// A clone shares the bytes, so that a frame can be handed to any number of listeners, and
/// a process in between passes it on without knowing what it means. Decode it with
/// [`Decoder::frame`](crate::Decoder::frame), one decoder a shard.
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
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub struct RawFrame {
    /// The shard on which it came.
    pub shard: ShardId,
    /// Its number in the session, rising; `None` if that cannot be read.
    pub sequence: Option<u64>,
    /// The name of the event, like `GUILD_MEMBER_ADD`; `None` if that cannot be read.
    pub name: Option<String>,
    /// The guild that is concerned, if the frame names one.
    pub guild: Option<GuildId>,
    /// The whole frame: JSON, unless the server sends something else.
    pub bytes: Bytes,
}

impl RawFrame {
    /// A frame that came on this shard. Reading what it says of itself never fails: see
    /// [`Envelope`].
    #[must_use]
    pub fn new(shard: ShardId, bytes: Bytes) -> Self {
        Self::of(shard, Envelope::read(&bytes), bytes)
    }

    /// The same for a frame whose envelope has been read.
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
