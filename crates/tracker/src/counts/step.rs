//! Counts that moved between two answers.

use std::time::Duration;

use guestlist_model::{ChannelId, InviteCode, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use super::Known;
use crate::evidence::Evidence;
use crate::record::Origin;
use crate::state::shape;
use crate::time::after;

/// A way in that is counted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Way {
    #[serde(rename = "i")]
    Invite {
        #[serde(rename = "c")]
        code: InviteCode,
        #[serde(rename = "i", default, skip_serializing_if = "Option::is_none")]
        inviter: Option<UserId>,
        #[serde(rename = "n", default, skip_serializing_if = "Option::is_none")]
        channel: Option<ChannelId>,
    },
    #[serde(rename = "v")]
    Vanity {
        #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
        code: Option<InviteCode>,
    },
}

impl Way {
    pub(crate) fn origin(&self) -> Origin {
        match self {
            Self::Invite {
                code,
                inviter,
                channel,
            } => Origin::Invite {
                code: code.clone(),
                inviter: *inviter,
                channel: *channel,
            },
            Self::Vanity { code } => Origin::Vanity { code: code.clone() },
        }
    }

    /// What distinguishes ways.
    pub(crate) const fn key(&self) -> WayKey<'_> {
        match self {
            Self::Invite { code, .. } => WayKey::Invite(code),
            Self::Vanity { code } => WayKey::Vanity(code.as_ref()),
        }
    }

    /// The code of the invite, if it is one.
    pub(crate) const fn invite(&self) -> Option<&InviteCode> {
        match self {
            Self::Invite { code, .. } => Some(code),
            Self::Vanity { .. } => None,
        }
    }

    /// Whether an origin is this way.
    pub(crate) fn is(&self, origin: &Origin) -> bool {
        match (self, origin) {
            (Self::Invite { code, .. }, Origin::Invite { code: other, .. }) => code == other,
            (Self::Vanity { code }, Origin::Vanity { code: other }) => match (code, other) {
                (Some(code), Some(other)) => code.eq_ignore_case(other),
                _ => true,
            },
            _ => false,
        }
    }
}

/// What distinguishes ways: the code. Each code that the vanity link has had is a way of
/// its own, with a count of its own.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum WayKey<'a> {
    Invite(&'a InviteCode),
    Vanity(Option<&'a InviteCode>),
}

/// How a count moved.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum MoveKind {
    #[serde(rename = "r")]
    Rose {
        #[serde(rename = "f")]
        from: u64,
        #[serde(rename = "t")]
        to: u64,
    },
    #[serde(rename = "a")]
    Appeared {
        #[serde(rename = "u")]
        uses: u64,
    },
    #[serde(rename = "v")]
    Vanished {
        #[serde(rename = "f", default, skip_serializing_if = "Option::is_none")]
        from: Option<u64>,
        #[serde(rename = "m", default, skip_serializing_if = "Option::is_none")]
        max_uses: Option<u64>,
    },
}

/// A count that moved between two answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Move {
    #[serde(rename = "w")]
    way: Way,
    #[serde(rename = "k")]
    kind: MoveKind,
    /// When the answer was asked for that told the earlier count.
    #[serde(rename = "s", with = "shape::at")]
    since: Timestamp,
    /// Whether the count may have moved though nobody came in just then.
    #[serde(rename = "p", default, skip_serializing_if = "shape::is_default")]
    phantom: bool,
    #[serde(rename = "b", with = "shape::maybe_at")]
    #[serde(default, skip_serializing_if = "shape::is_default")]
    created_at: Option<Timestamp>,
    #[serde(rename = "e", with = "shape::maybe_at")]
    #[serde(default, skip_serializing_if = "shape::is_default")]
    expires_at: Option<Timestamp>,
}

impl Move {
    pub(super) fn of_invite(
        code: &InviteCode,
        known: &Known,
        kind: MoveKind,
        since: Timestamp,
    ) -> Self {
        Self {
            way: Way::Invite {
                code: code.clone(),
                inviter: known.inviter(),
                channel: known.channel(),
            },
            kind,
            since,
            phantom: known.may_rise_for_nobody(),
            created_at: known.created_at(),
            expires_at: known.expires_at(),
        }
    }

    /// The same, which may have been counted before.
    pub(crate) const fn unsure(mut self) -> Self {
        self.phantom = true;
        self
    }

    /// The vanity link's count rose.
    pub(crate) const fn of_vanity(
        code: Option<InviteCode>,
        from: u64,
        to: u64,
        since: Timestamp,
    ) -> Self {
        Self {
            way: Way::Vanity { code },
            kind: MoveKind::Rose { from, to },
            since,
            phantom: false,
            created_at: None,
            expires_at: None,
        }
    }

    pub(crate) const fn way(&self) -> &Way {
        &self.way
    }

    /// When the answer was asked for that told the earlier count.
    pub(crate) const fn since(&self) -> Timestamp {
        self.since
    }

    /// Whether the count may have moved though nobody came in just then.
    pub(crate) const fn is_phantom(&self) -> bool {
        self.phantom
    }

    /// When the invite was made.
    pub(crate) const fn created_at(&self) -> Option<Timestamp> {
        self.created_at
    }

    /// When the invite expires.
    pub(crate) const fn expires_at(&self) -> Option<Timestamp> {
        self.expires_at
    }

    /// By how much the count moved at least and at most, for whomever.
    pub(crate) fn bounds(&self, exhausted: bool) -> (u64, Option<u64>) {
        match self.kind {
            MoveKind::Rose { from, to } => (to.saturating_sub(from), Some(to.saturating_sub(from))),
            MoveKind::Appeared { uses } => (uses, Some(uses)),
            MoveKind::Vanished { from, max_uses } => {
                let left = match (from, max_uses) {
                    (Some(from), Some(max @ 1..)) => Some(max.saturating_sub(from)),
                    (None, Some(max @ 1..)) => Some(max),
                    _ => None,
                };
                match left {
                    Some(left) if exhausted && from.is_some() => (left, Some(left)),
                    left => (0, left),
                }
            }
        }
    }

    /// Whether the invite was gone.
    pub(crate) const fn is_end(&self) -> bool {
        matches!(self.kind, MoveKind::Vanished { .. })
    }

    pub(crate) fn evidence(&self, received: Timestamp, exhausted: bool) -> Evidence {
        let between = (self.since, received);
        let (code, kind) = match &self.way {
            Way::Vanity { code } => {
                let (from, to) = match self.kind {
                    MoveKind::Rose { from, to } => (from, to),
                    MoveKind::Appeared { .. } | MoveKind::Vanished { .. } => (0, 0),
                };
                return Evidence::VanityRose {
                    code: code.clone(),
                    from,
                    to,
                    between,
                };
            }
            Way::Invite { code, .. } => (code.clone(), self.kind),
        };
        match kind {
            MoveKind::Rose { from, to } => Evidence::UsesRose {
                code,
                from,
                to,
                between,
            },
            MoveKind::Appeared { uses } => Evidence::Appeared {
                code,
                uses,
                between,
            },
            MoveKind::Vanished {
                from: Some(from),
                max_uses: Some(max_uses),
            } if exhausted => Evidence::Exhausted {
                code,
                from,
                max_uses,
                between,
            },
            MoveKind::Vanished { .. } => Evidence::Vanished {
                code,
                at_most: self.bounds(false).1,
                between,
            },
        }
    }
}

/// What an answer with counts is about.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
pub(crate) enum Source {
    /// The invites.
    #[serde(rename = "l")]
    List,
    /// The vanity link.
    #[serde(rename = "v")]
    Vanity,
}

/// When an answer was asked for and when it came: in between it was read.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Asked {
    #[serde(rename = "s", with = "shape::at")]
    sent: Timestamp,
    #[serde(rename = "r", with = "shape::at")]
    received: Timestamp,
}

impl Asked {
    /// When the answer was most likely read.
    fn read_at(self) -> Timestamp {
        let way = self.received.as_micros() - self.sent.as_micros();
        after(
            self.sent,
            Duration::from_micros(way.max(0).unsigned_abs() / 2),
        )
    }
}

/// One answer with counts, compared with the one before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Step {
    #[serde(rename = "k")]
    source: Source,
    #[serde(rename = "s", with = "shape::at")]
    sent: Timestamp,
    #[serde(rename = "r", with = "shape::at")]
    received: Timestamp,
    /// When the answer before it was asked for and came, if that was a little while ago.
    #[serde(rename = "b", default, skip_serializing_if = "shape::is_default")]
    before: Option<Asked>,
    /// When all joins that it counts have surely come; `None` if they have.
    #[serde(rename = "f", with = "shape::maybe_at")]
    #[serde(default, skip_serializing_if = "shape::is_default")]
    final_at: Option<Timestamp>,
    /// Whether counts may have moved for joins that nobody knows.
    #[serde(rename = "d", default, skip_serializing_if = "shape::is_default")]
    distrusted: bool,
    #[serde(rename = "m", default, skip_serializing_if = "Vec::is_empty")]
    moves: Vec<Move>,
}

impl Step {
    pub(super) const fn new(
        source: Source,
        sent: Timestamp,
        received: Timestamp,
        final_at: Timestamp,
        moves: Vec<Move>,
    ) -> Self {
        Self {
            source,
            sent,
            received,
            before: None,
            final_at: Some(final_at),
            distrusted: false,
            moves,
        }
    }

    /// The same, with the answer before it.
    pub(super) fn following(mut self, before: Option<&Self>) -> Self {
        self.before = before.map(Self::asked);
        self
    }

    const fn asked(&self) -> Asked {
        Asked {
            sent: self.sent,
            received: self.received,
        }
    }

    /// Between which moments a count most likely moved: when the earlier and the later
    /// answer were read, as far as that is known.
    pub(crate) fn likely_between(&self, moved: &Move) -> (Timestamp, Timestamp) {
        let before = self.before.filter(|before| before.sent == moved.since);
        let from = before.map_or(moved.since, Asked::read_at);
        (from, self.asked().read_at())
    }

    pub(crate) const fn source(&self) -> Source {
        self.source
    }

    /// When the answer was asked for.
    pub(crate) const fn sent(&self) -> Timestamp {
        self.sent
    }

    /// When the answer came.
    pub(crate) const fn received(&self) -> Timestamp {
        self.received
    }

    /// When all joins that it counts have surely come; `None` if they have.
    pub(crate) const fn final_at(&self) -> Option<Timestamp> {
        self.final_at
    }

    pub(crate) const fn is_final(&self) -> bool {
        self.final_at.is_none()
    }

    pub(super) const fn finish(&mut self) {
        self.final_at = None;
    }

    pub(super) const fn postpone(&mut self, until: Timestamp) {
        self.final_at = Some(until);
    }

    pub(crate) const fn is_distrusted(&self) -> bool {
        self.distrusted
    }

    pub(super) const fn distrust(&mut self) {
        self.distrusted = true;
    }

    pub(crate) fn moves(&self) -> &[Move] {
        &self.moves
    }

    pub(super) fn has_end_of(&self, code: &InviteCode) -> bool {
        let is_end = |moved: &Move| moved.is_end() && moved.way.invite() == Some(code);
        self.moves.iter().any(is_end)
    }

    pub(super) fn forget_end_of(&mut self, code: &InviteCode) {
        self.moves
            .retain(|moved| moved.way.invite() != Some(code) || !moved.is_end());
    }
}
