//! As much of a stored state as any version of this crate can read.
//!
//! Every version, from 2 on, keeps this: the part `head` is a JSON object with the number
//! of its version as `v` and, as `h`, until when events were heard; `gap` is an object
//! with, as `u`, from when on joins may be missing, and, as `o`, an object with the same
//! as `l`; each part `join/…` is an object with the user as `u`, when they joined as `j`
//! and, as `r`, an object that has `s` if an answer was stated. Times are microseconds
//! since 1970. All of this may be missing. See decision 7.

use guestlist_model::{Timestamp, UserId};
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::state::{Reader, StateError, shape};

/// See the module's documentation.
#[derive(Debug)]
pub(crate) struct Brief {
    version: u32,
    missed_from: Option<Timestamp>,
    open: Vec<(UserId, Timestamp)>,
}

#[derive(Deserialize)]
struct Head {
    v: u32,
    #[serde(default, with = "shape::maybe_at")]
    h: Option<Timestamp>,
}

#[derive(Default, Deserialize)]
struct Gap {
    #[serde(default, with = "shape::maybe_at")]
    u: Option<Timestamp>,
    #[serde(default)]
    o: Option<Open>,
}

#[derive(Deserialize)]
struct Open {
    #[serde(default, with = "shape::maybe_at")]
    l: Option<Timestamp>,
}

#[derive(Deserialize)]
struct Join {
    u: UserId,
    #[serde(with = "shape::at")]
    j: Timestamp,
    #[serde(default)]
    r: Option<Answer>,
}

#[derive(Deserialize)]
struct Answer {
    #[serde(default)]
    s: Option<IgnoredAny>,
}

impl Brief {
    pub(crate) fn read(parts: &Reader<'_>) -> Result<Self, StateError> {
        let head: Head = parts.get("head")?.ok_or_else(|| parts.missing("head"))?;
        let gap: Gap = parts.get("gap")?.unwrap_or_default();
        let mut open = Vec::new();
        for join in parts.each::<Join>("join/")? {
            if join.r.is_none_or(|answer| answer.s.is_none()) {
                open.push((join.u, join.j));
            }
        }
        let since = gap.o.and_then(|open| open.l);
        Ok(Self {
            version: head.v,
            missed_from: [head.h, since, gap.u].into_iter().flatten().min(),
            open,
        })
    }

    /// The version of the state.
    pub(crate) const fn version(&self) -> u32 {
        self.version
    }

    /// From when on, by Discord's clock, joins may have been missed.
    pub(crate) const fn missed_from(&self) -> Option<Timestamp> {
        self.missed_from
    }

    /// The joins that wait for an answer, by user and when they joined.
    pub(crate) fn open(&self) -> impl Iterator<Item = (UserId, Timestamp)> {
        self.open.iter().copied()
    }

    /// Whether nothing can be made of it.
    pub(crate) const fn is_empty(&self) -> bool {
        self.missed_from.is_none() && self.open.is_empty()
    }
}
