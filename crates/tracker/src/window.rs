//! Joins that wait, and the counts that moved meanwhile.

use guestlist_model::{ChannelId, GuildId, InviteCode, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::evidence::Evidence;
use crate::record::{Certainty, JoinKey, Origin};

/// A way in that is counted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "way", rename_all = "snake_case")]
pub(crate) enum Way {
    Invite {
        code: InviteCode,
        inviter: Option<UserId>,
        channel: Option<ChannelId>,
    },
    Vanity {
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

    /// What tells ways apart: the code of an invite, or `None` for the vanity link.
    pub(crate) const fn key(&self) -> Option<&InviteCode> {
        match self {
            Self::Invite { code, .. } => Some(code),
            Self::Vanity { .. } => None,
        }
    }

    /// Whether an origin is this way.
    pub(crate) fn is(&self, origin: &Origin) -> bool {
        match (self, origin) {
            (Self::Invite { code, .. }, Origin::Invite { code: other, .. }) => code == other,
            (Self::Vanity { .. }, Origin::Vanity { .. }) => true,
            _ => false,
        }
    }
}

/// How a count moved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum MoveKind {
    Rose {
        from: u64,
        to: u64,
    },
    Appeared {
        uses: u64,
    },
    Vanished {
        from: Option<u64>,
        max_uses: Option<u64>,
    },
}

/// A count that moved between two answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Move {
    pub(crate) way: Way,
    pub(crate) kind: MoveKind,
    /// When the answer was asked for that told the earlier count.
    pub(crate) since: Timestamp,
    pub(crate) phantom: bool,
    pub(crate) created_at: Option<Timestamp>,
    pub(crate) expires_at: Option<Timestamp>,
}

impl Move {
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
        match (&self.way, &self.kind) {
            (Way::Vanity { code }, MoveKind::Rose { from, to }) => Evidence::VanityRose {
                code: code.clone(),
                from: *from,
                to: *to,
                between,
            },
            (Way::Vanity { code }, _) => Evidence::VanityRose {
                code: code.clone(),
                from: 0,
                to: 0,
                between,
            },
            (Way::Invite { code, .. }, MoveKind::Rose { from, to }) => Evidence::UsesRose {
                code: code.clone(),
                from: *from,
                to: *to,
                between,
            },
            (Way::Invite { code, .. }, MoveKind::Appeared { uses }) => Evidence::Appeared {
                code: code.clone(),
                uses: *uses,
                between,
            },
            (Way::Invite { code, .. }, MoveKind::Vanished { from, max_uses }) => {
                match (from, max_uses) {
                    (Some(from), Some(max_uses)) if exhausted => Evidence::Exhausted {
                        code: code.clone(),
                        from: *from,
                        max_uses: *max_uses,
                        between,
                    },
                    _ => Evidence::Vanished {
                        code: code.clone(),
                        at_most: self.bounds(false).1,
                        between,
                    },
                }
            }
        }
    }
}

/// One answer with counts, compared with the one before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Step {
    pub(crate) number: u64,
    pub(crate) sent: Timestamp,
    pub(crate) received: Timestamp,
    /// When all joins that it counts have surely been told.
    pub(crate) final_at: Timestamp,
    pub(crate) is_final: bool,
    /// Whether it is a list of invites, not the vanity count.
    pub(crate) list: bool,
    /// Whether counts may have moved for joins that are not known.
    pub(crate) distrusted: bool,
    pub(crate) moves: Vec<Move>,
}

/// A join that is not yet done with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Waiting {
    pub(crate) user: UserId,
    pub(crate) joined_at: Timestamp,
    pub(crate) bot: bool,
    /// When its event was handed over.
    pub(crate) arrived: Timestamp,
    /// From when it has been waiting, if not since then: time in which nobody could ask
    /// does not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) waits_from: Option<Timestamp>,
    /// The first step that may count it.
    pub(crate) first_step: u64,
    /// Whether the invites had never been listed when it arrived.
    pub(crate) blind: bool,
    /// Whether it was found after a gap.
    pub(crate) caught_up: bool,
    pub(crate) left: bool,
    /// The last answer that was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) said: Option<Said>,
    /// What was deduced and is not told yet, because a confirmation is on its way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) deduced: Option<Deduced>,
    /// Searches that found nothing yet.
    pub(crate) attempts: u32,
    /// Not to be searched for before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) search_at: Option<Timestamp>,
    /// Whether asking about this member is over.
    pub(crate) asked_out: bool,
    /// Whether its own movement of a count has been seen.
    pub(crate) matched: bool,
    /// The invite that Discord named though it says that the way in was another: its count
    /// may have moved or not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) named: Option<InviteCode>,
    /// Whether the counts would explain it if nobody else turned up.
    #[serde(skip)]
    pub(crate) explained: bool,
}

/// An answer that counts leave no choice about.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Deduced {
    pub(crate) origin: Origin,
    pub(crate) evidence: Vec<Evidence>,
}

/// An answer that was given.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Said {
    pub(crate) certainty: Certainty,
    pub(crate) revision: u32,
    pub(crate) evidence: Vec<Evidence>,
}

impl Waiting {
    pub(crate) const fn key(&self, guild: GuildId) -> JoinKey {
        JoinKey::new(guild, self.user, self.joined_at)
    }

    /// From when its deadlines count.
    pub(crate) fn waits_from(&self) -> Timestamp {
        self.waits_from.unwrap_or(self.arrived)
    }

    /// The origin that Discord confirmed.
    pub(crate) fn confirmed(&self) -> Option<&Origin> {
        match self.said.as_ref().map(|said| &said.certainty) {
            Some(Certainty::Confirmed(origin)) => Some(origin),
            _ => None,
        }
    }

    /// The origin that is confirmed or deduced, told or not.
    pub(crate) fn origin(&self) -> Option<&Origin> {
        let said = self.said.as_ref();
        said.and_then(|said| said.certainty.origin())
            .or(self.deduced.as_ref().map(|deduced| &deduced.origin))
    }

    /// Whether the answer is confirmed or deduced, told or not.
    pub(crate) fn decided(&self) -> bool {
        self.origin().is_some()
    }
}

/// A join that is no longer kept though a count may still move for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Dropped {
    pub(crate) arrived: Timestamp,
    pub(crate) first_step: u64,
    /// The last step that can count it, if its movement has been seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) last_step: Option<u64>,
    /// Its way, if decided; otherwise it may be any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) origin: Option<Origin>,
}
