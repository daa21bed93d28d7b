//! The envelope of a gateway frame, read without decoding the data inside.

use serde::{Deserialize, Serialize};

use crate::json::{Kind, Reader};
use crate::{DecodeError, GuildId};

/// The envelope of a gateway frame: its opcode, its sequence number, the name of its
/// event and the guild that it concerns.
///
/// Reading an envelope never fails. A part that is missing or has another type is `None`.
/// If a frame is truncated or not JSON, the envelope holds what comes before that
/// position.
///
/// See [Discord Docs/Gateway Event Payload](https://discord.com/developers/docs/events/gateway-events#payload-structure).
///
/// ```
/// use guestlist_model::Envelope;
///
/// let envelope = Envelope::read(br#"{"op": 0, "s": 7, "t": "GUILD_MEMBER_ADD", "d": {"guild_id": "3", "user": 1}}"#);
/// assert_eq!(envelope.name.as_deref(), Some("GUILD_MEMBER_ADD"));
/// assert_eq!(envelope.sequence, Some(7));
/// assert_eq!(envelope.guild.map(|guild| guild.get()), Some(3));
/// assert_eq!(Envelope::read(b"<html>"), Envelope::default());
/// ```
#[derive(Clone, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Envelope {
    /// The opcode: 0 for events.
    pub op: Option<u64>,
    /// The sequence number to resume from.
    pub sequence: Option<u64>,
    /// The name of the event, like `GUILD_MEMBER_ADD`.
    pub name: Option<String>,
    /// The guild: `guild_id` of the data, or `id` for events about the guild itself.
    pub guild: Option<GuildId>,
    /// Whether the data is `true`, for frames without an event. With opcode 9 it means
    /// that the session can be resumed.
    pub flag: bool,
}

impl Envelope {
    /// Reads a frame.
    #[must_use]
    pub fn read(frame: &[u8]) -> Self {
        let mut envelope = Self::default();
        let mut ids = Ids::default();
        // What was read before an error is kept.
        let _ = envelope.read_frame(frame, &mut ids);
        envelope.guild = ids.guild(envelope.name.as_deref());
        envelope
    }

    /// Reads the envelope of an event from its name (`t` of a frame) and its data (`d`).
    #[must_use]
    pub fn of_event(name: &str, data: &[u8]) -> Self {
        let mut envelope = Self {
            op: Some(0),
            name: Some(name.to_owned()),
            ..Self::default()
        };
        let mut ids = Ids::default();
        if let Ok(mut reader) = Reader::from_slice(data) {
            let _ = ids.read(&mut reader);
        }
        envelope.guild = ids.guild(Some(name));
        envelope
    }

    fn read_frame(&mut self, frame: &[u8], ids: &mut Ids) -> Result<(), DecodeError> {
        let mut reader = Reader::from_slice(frame)?;
        reader.object_of(&super::frame::KEYS, |reader, _, key, _| {
            match (key, reader.kind()?) {
                ("op", Kind::Number) => self.op = reader.count()?,
                ("s", Kind::Number) => self.sequence = reader.count()?,
                ("t", Kind::String) => self.name = Some(reader.owned()?),
                ("d", Kind::Object) => ids.read(reader)?,
                ("d", Kind::Bool) => self.flag = reader.boolean()?,
                _ => reader.skip()?,
            }
            Ok(())
        })
    }
}

/// The ids at the top of an event's data.
#[derive(Debug, Default)]
struct Ids {
    own: Option<GuildId>,
    guild: Option<GuildId>,
}

impl Ids {
    fn read(&mut self, reader: &mut Reader<'_>) -> Result<(), DecodeError> {
        reader.object(|reader, key, _| {
            match (key, reader.kind()?) {
                ("id", Kind::String) => self.own = reader.string()?.decode().parse().ok(),
                ("guild_id", Kind::String) => self.guild = reader.string()?.decode().parse().ok(),
                _ => reader.skip()?,
            }
            Ok(())
        })
    }

    fn guild(&self, name: Option<&str>) -> Option<GuildId> {
        match name {
            Some("GUILD_CREATE" | "GUILD_UPDATE" | "GUILD_DELETE") => self.guild.or(self.own),
            _ => self.guild,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Envelope;

    #[test]
    fn what_can_be_read_is_kept() {
        let cut = Envelope::read(br#"{"t":"GUILD_MEMBER_ADD","s":7,"op":0,"d":{"guild_id":"3","#);
        assert_eq!(cut.name.as_deref(), Some("GUILD_MEMBER_ADD"));
        assert_eq!((cut.op, cut.sequence), (Some(0), Some(7)));
        assert_eq!(cut.guild.map(|guild| guild.get()), Some(3));
        for text in ["", "null", "[]", "\u{7f}", "{\"op\":", "{\"op\":-1}"] {
            assert_eq!(
                Envelope::read(text.as_bytes()),
                Envelope::default(),
                "{text}"
            );
        }
        assert_eq!(Envelope::read(b"\xff\xfe"), Envelope::default());
    }

    #[test]
    fn the_id_of_an_event_is_the_guild_only_for_guilds() {
        let guild = Envelope::of_event("GUILD_CREATE", br#"{"id":"3","name":4}"#);
        assert_eq!(guild.guild.map(|guild| guild.get()), Some(3));
        let message = Envelope::of_event("MESSAGE_CREATE", br#"{"id":"3"}"#);
        assert_eq!(message.guild, None);
        // An id of another type is ignored.
        let odd = Envelope::of_event("GUILD_MEMBER_ADD", br#"{"guild_id":3}"#);
        assert_eq!(odd.guild, None);
    }

    #[test]
    fn a_control_frame_has_no_event() {
        let invalid = Envelope::read(br#"{"op":9,"d":true,"s":null,"t":null}"#);
        assert_eq!((invalid.op, invalid.flag), (Some(9), true));
        assert_eq!(invalid.name, None);
    }
}
