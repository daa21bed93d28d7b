//! The state of a guild, to be stored.

use guestlist_model::Timestamp;
use serde::{Deserialize, Serialize};

use crate::guild::Guild;

/// The version of the stored form that this crate writes and reads.
const VERSION: u32 = 1;

/// The state of a guild, to be stored and restored. What is in it is the tracker's own
/// business; it is meant for serde.
///
/// The default is of no guild at all; restoring it does nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GuildSnapshot {
    version: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    saved: Option<Box<Saved>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Saved {
    /// The inner time.
    at: Timestamp,
    guild: Guild,
}

impl GuildSnapshot {
    pub(crate) fn new(at: Timestamp, guild: Guild) -> Self {
        Self {
            version: VERSION,
            saved: Some(Box::new(Saved { at, guild })),
        }
    }

    /// The state and when it was saved; `None` if it is of another version.
    pub(crate) fn open(self) -> Option<(Timestamp, Guild)> {
        let saved = self.saved.filter(|_| self.version == VERSION)?;
        let mut guild = saved.guild;
        // A snapshot that was not serialized holds these still.
        guild.forget_requests();
        Some((saved.at, guild))
    }
}
