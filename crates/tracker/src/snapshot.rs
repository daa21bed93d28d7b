//! The state of a guild, to be stored.

use serde::{Deserialize, Serialize};

/// The state of a guild, to be stored and restored. What is in it is the tracker's own
/// business; it is meant for serde.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct GuildSnapshot {
    /// The version of the form.
    version: u32,
}
