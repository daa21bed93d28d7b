//! The envelope in which the gateway sends events.

use serde::{Deserialize, Serialize};

use super::Event;
use crate::json::{KeyTable, Reader};
use crate::{DecodeError, Decoder};

/// A frame that carries an event.
///
/// ```
/// use guestlist_model::Event;
///
/// let json = br#"{"op": 0, "s": 7, "t": "GUILD_DELETE", "d": {"id": "1"}}"#;
/// if let Some(frame) = Event::from_frame(json)? {
///     assert_eq!(frame.sequence, Some(7));
///     assert!(matches!(frame.event, Event::GuildDelete(_)));
/// }
/// # Ok::<(), guestlist_model::DecodeError>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Frame {
    /// The opcode, which is 0 for events.
    pub op: u64,
    /// The sequence number to resume from.
    pub sequence: Option<u64>,
    /// The event.
    pub event: Event,
}

/// The keys of the envelope.
pub(super) static KEYS: KeyTable<4> = KeyTable::new(&["t", "s", "op", "d"]);

impl Event {
    /// Decodes a gateway frame: `{"op": 0, "t": …, "s": …, "d": …}`, with the keys in any
    /// order.
    ///
    /// Returns `None` for frames that carry no event, such as heartbeats.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if the frame is not JSON, or the event lacks a required key.
    pub fn from_frame(frame: &[u8]) -> Result<Option<Frame>, DecodeError> {
        Decoder::once().frame(frame)
    }
}

impl Decoder {
    /// Decodes an event from its name and its data (`t` and `d` of a frame).
    ///
    /// # Errors
    ///
    /// As [`Event::from_parts`].
    pub fn event(&mut self, name: &str, data: &[u8]) -> Result<Event, DecodeError> {
        let mut reader = Reader::from_slice(data)?;
        let event = Event::read(self, name, &mut reader)?;
        reader.end()?;
        Ok(event)
    }

    /// Decodes a gateway frame.
    ///
    /// # Errors
    ///
    /// As [`Event::from_frame`].
    pub fn frame(&mut self, frame: &[u8]) -> Result<Option<Frame>, DecodeError> {
        let mut reader = Reader::from_slice(frame)?;
        let mut op = None;
        let mut sequence = None;
        let mut name = None;
        let mut event = None;
        let mut data = None;
        reader.object_of(&KEYS, |reader, _, key, _| {
            match key {
                "op" => op = reader.nullable(Reader::count)?.flatten(),
                "s" => sequence = reader.nullable(Reader::count)?.flatten(),
                "t" => name = reader.nullable(Reader::string)?.map(|name| name.decode()),
                "d" => match &name {
                    Some(name) => event = Some(Event::read(self, name, reader)?),
                    // The name may come behind the data.
                    None => {
                        reader.skip_space();
                        data = Some(reader.mark());
                        reader.skip()?;
                    }
                },
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        reader.end()?;
        let Some(name) = name else { return Ok(None) };
        if op.is_some_and(|op| op != 0) {
            return Ok(None);
        }
        if event.is_none() {
            let Some(mark) = data else {
                return Err(reader.error(crate::ErrorKind::Missing).at_key("d"));
            };
            reader.rewind(mark);
            event = Some(Event::read(self, &name, &mut reader).map_err(|error| error.at_key("d"))?);
        }
        Ok(event.map(|event| Frame {
            op: 0,
            sequence,
            event,
        }))
    }
}
