//! What attributions rest on.

use std::fmt;

use guestlist_model::{InviteCode, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::attribution::Origin;

/// One observation that an attribution rests on.
///
/// `between` are two local times: when the list with the earlier count was asked for,
/// and when the list with the later one had arrived.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(tag = "evidence", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Evidence {
    /// The uses of an invite went up.
    UsesRose {
        /// The invite.
        code: InviteCode,
        /// Its earlier uses.
        from: u64,
        /// Its later uses.
        to: u64,
        /// The times of the two lists.
        between: (Timestamp, Timestamp),
    },
    /// An invite that had not been listed before was there, used already.
    Appeared {
        /// The invite.
        code: InviteCode,
        /// Its uses.
        uses: u64,
        /// The times of the two lists.
        between: (Timestamp, Timestamp),
    },
    /// An invite was gone because it had been used as often as it might be.
    Exhausted {
        /// The invite.
        code: InviteCode,
        /// Its earlier uses.
        from: u64,
        /// How often it might be used.
        max_uses: u64,
        /// The times of the two lists.
        between: (Timestamp, Timestamp),
    },
    /// An invite was gone, and it is not known how often it was used at the last.
    Vanished {
        /// The invite.
        code: InviteCode,
        /// The most uses it can have had since the earlier list; `None` is without
        /// limit.
        at_most: Option<u64>,
        /// The times of the two lists.
        between: (Timestamp, Timestamp),
    },
    /// The count of the vanity link went up.
    VanityRose {
        /// The vanity code.
        code: Option<InviteCode>,
        /// The earlier count.
        from: u64,
        /// The later count.
        to: u64,
        /// The times of the two answers.
        between: (Timestamp, Timestamp),
    },
    /// So many joins shared these counts.
    Shared {
        /// How many, this one included.
        joins: u64,
    },
    /// There are more candidates than are listed.
    MoreWays {
        /// How many less likely ones are left out.
        ways: u64,
    },
    /// Some counts could not be compared with earlier ones, or counts are set to prove
    /// nothing: ways that are not listed are possible too.
    Uncompared,
    /// A search for the member told the way in.
    MembersSearch {
        /// Discord's number for the way.
        join_source_type: u64,
        /// The code.
        code: Option<InviteCode>,
        /// Who made the invite.
        inviter: Option<UserId>,
    },
    /// The audit log names who did it.
    AuditLog {
        /// The kind of entry: 28 a bot was added, 42 an invite was deleted.
        action_type: u64,
        /// Who did it.
        by: Option<UserId>,
        /// When.
        at: Timestamp,
    },
    /// The account is a bot's. Bots never come by an invite.
    BotFlag,
    /// Another way in had been deduced, which was false: an assumption about Discord did
    /// not hold.
    Contradicts {
        /// What had been deduced.
        deduced: Origin,
    },
}

impl Evidence {
    /// The name in the ledger.
    #[must_use]
    pub const fn label(&self) -> &'static str {
        match self {
            Self::UsesRose { .. } => "uses_rose",
            Self::Appeared { .. } => "appeared",
            Self::Exhausted { .. } => "exhausted",
            Self::Vanished { .. } => "vanished",
            Self::VanityRose { .. } => "vanity_rose",
            Self::Shared { .. } => "shared",
            Self::MoreWays { .. } => "more_ways",
            Self::Uncompared => "uncompared",
            Self::MembersSearch { .. } => "members_search",
            Self::AuditLog { .. } => "audit_log",
            Self::BotFlag => "bot_flag",
            Self::Contradicts { .. } => "contradicts",
        }
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UsesRose { code, from, to, .. } => {
                write!(f, "uses of {code} rose from {from} to {to}")
            }
            Self::Appeared { code, uses, .. } => {
                write!(f, "{code} was new and had been used {uses}\u{d7}")
            }
            Self::Exhausted {
                code,
                from,
                max_uses,
                ..
            } => write!(
                f,
                "{code} was used up: {from} of {max_uses} before, then gone"
            ),
            Self::Vanished {
                code,
                at_most: Some(uses),
                ..
            } => write!(f, "{code} was gone after at most {uses} more uses"),
            Self::Vanished {
                code,
                at_most: None,
                ..
            } => write!(f, "{code} was gone"),
            Self::VanityRose { code, from, to, .. } => {
                f.write_str("uses of the vanity link ")?;
                if let Some(code) = code {
                    write!(f, "{code} ")?;
                }
                write!(f, "rose from {from} to {to}")
            }
            Self::Shared { joins: 1 } => f.write_str("nobody else joined meanwhile"),
            Self::Shared { joins } => write!(f, "{joins} joins shared these counts"),
            Self::MoreWays { ways } => write!(f, "{ways} less likely ways are not listed"),
            Self::Uncompared => {
                f.write_str("some counts cannot be relied on, so other ways are possible")
            }
            Self::MembersSearch {
                join_source_type,
                code,
                inviter,
            } => {
                write!(f, "Discord's member search says source {join_source_type}")?;
                if let Some(code) = code {
                    write!(f, ", code {code}")?;
                }
                if let Some(inviter) = inviter {
                    write!(f, ", inviter {inviter}")?;
                }
                Ok(())
            }
            Self::AuditLog {
                action_type,
                by,
                at,
            } => {
                match action_type {
                    28 => f.write_str("the audit log has the bot added")?,
                    42 => f.write_str("the audit log has the invite deleted")?,
                    other => write!(f, "the audit log has action {other}")?,
                }
                if let Some(by) = by {
                    write!(f, " by {by}")?;
                }
                write!(f, " at {at}")
            }
            Self::BotFlag => f.write_str("the account is a bot's"),
            Self::Contradicts { deduced } => {
                write!(f, "{deduced} had been deduced, which was false")
            }
        }
    }
}
