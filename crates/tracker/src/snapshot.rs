//! The state of a guild, to be stored.

use std::fmt;

use guestlist_model::{Timestamp, UserId};
use serde::de::{self, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::config::Config;
use crate::guild::Guild;

/// The version of the stored form that this crate writes and reads.
const VERSION: u32 = 1;

/// The state of a guild, to be stored and restored. What is in it is the tracker's own
/// business; it is meant for serde.
///
/// The default is of no guild at all; restoring it does nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct GuildSnapshot {
    version: u32,
    /// What every version can read.
    #[serde(default, skip_serializing_if = "Brief::is_empty")]
    brief: Brief,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    saved: Option<Box<Saved>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Saved {
    /// The inner time.
    at: Timestamp,
    guild: Guild,
}

/// As much of a guild as another version needs to begin anew.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Brief {
    /// From when on, by Discord's clock, joins may have been missed.
    #[serde(default)]
    pub(crate) missed_from: Option<Timestamp>,
    /// The joins that wait for an answer.
    #[serde(default)]
    pub(crate) open: Vec<(UserId, Timestamp)>,
}

impl Brief {
    pub(crate) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What a snapshot holds.
pub(crate) enum Opened {
    /// Nothing at all.
    Nothing,
    /// The state, and when it was saved.
    Whole(Timestamp, Box<Guild>),
    /// The state is of another version.
    Brief(Brief),
}

impl GuildSnapshot {
    pub(crate) fn new(config: &Config, at: Timestamp, guild: Guild) -> Self {
        let brief = guild.brief(config, at);
        Self {
            version: VERSION,
            brief,
            saved: Some(Box::new(Saved { at, guild })),
        }
    }

    pub(crate) fn open(self) -> Opened {
        if self == Self::default() {
            return Opened::Nothing;
        }
        let Some(saved) = self.saved.filter(|_| self.version == VERSION) else {
            return Opened::Brief(self.brief);
        };
        let Saved { at, mut guild } = *saved;
        // A snapshot that was not serialized holds these still.
        guild.forget_requests();
        Opened::Whole(at, Box::new(guild))
    }
}

impl<'de> Deserialize<'de> for GuildSnapshot {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(ByVersion)
    }
}

/// Reads the version first, and the state only if it is of this version.
struct ByVersion;

impl<'de> Visitor<'de> for ByVersion {
    type Value = GuildSnapshot;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the stored state of a guild")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<GuildSnapshot, A::Error> {
        let mut version = None;
        let mut brief = Brief::default();
        let mut saved = None;
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "version" => version = Some(map.next_value()?),
                "brief" => brief = map.next_value()?,
                "saved" if version.is_none_or(|version| version == VERSION) => {
                    saved = map.next_value()?;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        let version = version.ok_or_else(|| de::Error::missing_field("version"))?;
        Ok(GuildSnapshot {
            version,
            brief,
            saved,
        })
    }
}
