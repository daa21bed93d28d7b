//! A guild's incident actions: pausing invites.

use serde::{Deserialize, Serialize};

use crate::json::Reader;
use crate::{DecodeError, Timestamp};

/// What `PUT /guilds/{id}/incident-actions` answers.
///
/// See [Discord Docs/Incidents Data](https://discord.com/developers/docs/resources/guild#incidents-data-object).
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Incidents {
    /// Until when nobody can join by an invite.
    pub invites_disabled_until: Option<Timestamp>,
    /// Until when members cannot write to each other directly.
    pub dms_disabled_until: Option<Timestamp>,
    /// When Discord noticed spam in direct messages.
    pub dm_spam_detected_at: Option<Timestamp>,
    /// When Discord noticed a raid.
    pub raid_detected_at: Option<Timestamp>,
}

impl Incidents {
    /// Decodes an answer.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if it is not JSON or a key has the wrong type.
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
