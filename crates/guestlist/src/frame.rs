//! What can be read of frames that hold no event, and of events that are not
//! understood.

use guestlist_model::GuildId;
use serde_json::Value;

const RECONNECT: u64 = 7;
const INVALID_SESSION: u64 = 9;
const HELLO: u64 = 10;

/// A frame as far as it can be read; empty if it is not even JSON.
pub(crate) struct Loose {
    op: Option<u64>,
    name: Option<String>,
    data: Value,
}

impl Loose {
    pub(crate) fn new(json: &[u8]) -> Self {
        let mut frame: Value = serde_json::from_slice(json).unwrap_or_default();
        Self {
            op: frame.get("op").and_then(Value::as_u64),
            name: frame.get("t").and_then(Value::as_str).map(str::to_owned),
            data: frame.get_mut("d").map(Value::take).unwrap_or_default(),
        }
    }

    /// The `d` of a frame alone.
    pub(crate) fn of_data(json: &[u8]) -> Self {
        Self {
            op: None,
            name: None,
            data: serde_json::from_slice(json).unwrap_or_default(),
        }
    }

    /// Whether it tells that events do not arrive until READY or RESUMED.
    ///
    /// See [Discord Docs/Gateway Opcodes](https://discord.com/developers/docs/topics/opcodes-and-status-codes#gateway-gateway-opcodes).
    pub(crate) fn interrupts(&self) -> bool {
        matches!(self.op, Some(RECONNECT | INVALID_SESSION | HELLO))
    }

    pub(crate) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    pub(crate) fn guild(&self) -> Option<GuildId> {
        self.data.get("guild_id")?.as_str()?.parse().ok()
    }
}
