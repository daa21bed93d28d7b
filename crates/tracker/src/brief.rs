//! As much of a stored state as any version of this crate can read.
//!
//! Every version, from 2 on, keeps this: the part `head` is a JSON object with the number
//! of its version as `v` and, as `h`, until when events were heard; `gap` is an object
//! with, as `u`, from when on joins may be missing, and, as `o`, an object with the same
//! as `l`; each part `join/…` is an object with the user as `u`, when they joined as `j`
//! and, as `r`, an object that has `s` if a final answer was stated, and, as `p`, one with
//! the revision of a provisional answer as `r` if there is one (0 if it is left out). Times
//! are microseconds since 1970. All of this may be missing. See decision 7.

use guestlist_model::{Timestamp, UserId};
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::state::{Reader, StateError, shape};

/// See the module's documentation.
#[derive(Debug)]
pub(crate) struct Brief {
    version: u32,
    missed_from: Option<Timestamp>,
    open: Vec<OpenJoin>,
}

/// A join that waits for a final answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OpenJoin {
    pub(crate) user: UserId,
    pub(crate) joined_at: Timestamp,
    /// The revision of its provisional answer, if one was stated.
    pub(crate) estimated: Option<u32>,
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
    #[serde(default)]
    p: Option<Estimate>,
}

#[derive(Deserialize)]
struct Estimate {
    #[serde(default)]
    r: u32,
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
                open.push(OpenJoin {
                    user: join.u,
                    joined_at: join.j,
                    estimated: join.p.map(|estimate| estimate.r),
                });
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

    /// The joins that wait for a final answer.
    pub(crate) fn open(&self) -> impl Iterator<Item = OpenJoin> {
        self.open.iter().copied()
    }

    /// Whether nothing can be made of it.
    pub(crate) const fn is_empty(&self) -> bool {
        self.missed_from.is_none() && self.open.is_empty()
    }
}
