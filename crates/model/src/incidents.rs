//! A guild's incident actions: pausing invites.

use serde::{Deserialize, Serialize};

use crate::json::Reader;
use crate::{DecodeError, Timestamp};

/// The response of `PUT /guilds/{id}/incident-actions`.
///
/// See [Discord Docs/Incidents Data](https://discord.com/developers/docs/resources/guild#incidents-data-object).
///
/// ```
/// use guestlist_model::{Incidents, Timestamp};
///
/// let incidents =
///     Incidents::from_slice(br#"{"invites_disabled_until": "2026-03-01T12:00:00+00:00"}"#)?;
/// let now = Timestamp::parse("2026-03-01T11:00:00Z")?;
/// assert!(incidents.invites_disabled_until > Some(now));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Incidents {
    /// The time until which invites are paused.
    pub invites_disabled_until: Option<Timestamp>,
    /// The time until which direct messages between members are paused.
    pub dms_disabled_until: Option<Timestamp>,
    /// When Discord detected spam in direct messages.
    pub dm_spam_detected_at: Option<Timestamp>,
    /// When Discord detected a raid.
    pub raid_detected_at: Option<Timestamp>,
}

impl Incidents {
    /// Decodes a response body.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if the body is not JSON or a key has the wrong type.
    pub fn from_slice(json: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::from_slice(json)?;
        let mut incidents = Self::default();
        reader.object(|reader, key, _| {
            let into = match key {
                "invites_disabled_until" => &mut incidents.invites_disabled_until,
                "dms_disabled_until" => &mut incidents.dms_disabled_until,
                "dm_spam_detected_at" => &mut incidents.dm_spam_detected_at,
                "raid_detected_at" => &mut incidents.raid_detected_at,
                _ => return reader.skip(),
            };
            *into = reader.nullable(Reader::timestamp)?;
            Ok(())
        })?;
        reader.end()?;
        Ok(incidents)
    }
}
