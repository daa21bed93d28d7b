//! The evidence for attributions.

use std::fmt;

use guestlist_model::{InviteCode, Timestamp, UserId};

use crate::attribution::Origin;
use crate::tagged::tagged;

tagged! {
    "Evidence" as (tag = "evidence");

    /// One observation that supports an attribution.
    ///
    /// `between` holds two local times: when the list with the earlier count was requested,
    /// and when the list with the later count arrived.
    ///
    /// ```
    /// use guestlist_tracker::Evidence;
    ///
    /// assert_eq!(Evidence::BotFlag.to_string(), "the account is a bot");
    /// assert_eq!(Evidence::Shared { joins: 3 }.to_string(), "3 joins shared these counts");
    /// ```
    #[derive(Clone, Debug, Eq, PartialEq)]
    #[non_exhaustive]
    pub enum Evidence {
        /// The uses of an invite rose.
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
        /// An invite that no earlier list contained appeared, and had been used.
        Appeared {
            /// The invite.
            code: InviteCode,
            /// Its uses.
            uses: u64,
            /// The times of the two lists.
            between: (Timestamp, Timestamp),
        },
        /// An invite disappeared because it was used up.
        Exhausted {
            /// The invite.
            code: InviteCode,
            /// Its earlier uses.
            from: u64,
            /// Its maximum number of uses.
            max_uses: u64,
            /// The times of the two lists.
            between: (Timestamp, Timestamp),
        },
        /// An invite disappeared, and its last count of uses is unknown.
        Vanished {
            /// The invite.
            code: InviteCode,
            /// The maximum number of uses since the earlier list; `None` means without limit.
            at_most: Option<u64>,
            /// The times of the two lists.
            between: (Timestamp, Timestamp),
        },
        /// The count of the vanity link rose.
        VanityRose {
            /// The vanity code.
            code: Option<InviteCode>,
            /// The earlier count.
            from: u64,
            /// The later count.
            to: u64,
            /// The times of the two responses.
            between: (Timestamp, Timestamp),
        },
        /// Several joins share these counts.
        Shared {
            /// The number of joins, including this one.
            joins: u64,
        },
        /// There are more candidates than those listed.
        MoreWays {
            /// How many less likely candidates are left out.
            ways: u64,
        },
        /// Some counts could not be compared with earlier ones, or the settings say that
        /// counts prove nothing. Other ways to join are therefore possible, too.
        Uncompared,
        /// A search for the member said how they joined.
        MembersSearch {
            /// Discord's number for the way to join.
            join_source_type: u64,
            /// The code.
            code: Option<InviteCode>,
            /// The user who created the invite.
            inviter: Option<UserId>,
        },
        /// The audit log contains an entry about it.
        AuditLog {
            /// The action: 28 for a bot that was added, 42 for an invite that was deleted.
            action_type: u64,
            /// The user who performed the action.
            by: Option<UserId>,
            /// The time of the entry.
            at: Timestamp,
        },
        /// The account is a bot. Bots cannot join through an invite.
        BotFlag,
        /// Another answer was deduced before and was wrong: an assumption about Discord did
        /// not hold.
        Contradicts {
            /// The wrong answer.
            deduced: Origin,
        },
    }
}

impl Evidence {
    /// The same by another clock.
    pub(crate) fn by_clock(mut self, told: impl Fn(Timestamp) -> Timestamp) -> Self {
        if let Self::UsesRose { between, .. }
        | Self::Appeared { between, .. }
        | Self::Exhausted { between, .. }
        | Self::Vanished { between, .. }
        | Self::VanityRose { between, .. } = &mut self
        {
            *between = (told(between.0), told(between.1));
        }
        self
    }

    /// The name, as the ledger stores it.
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
                "{code} was used up: it had {from} of {max_uses} uses, then disappeared"
            ),
            Self::Vanished {
                code,
                at_most: Some(uses),
                ..
            } => write!(f, "{code} disappeared after at most {uses} more uses"),
            Self::Vanished {
                code,
                at_most: None,
                ..
            } => write!(f, "{code} disappeared"),
            Self::VanityRose { code, from, to, .. } => {
                f.write_str("uses of the vanity link ")?;
                if let Some(code) = code {
                    write!(f, "{code} ")?;
                }
                write!(f, "rose from {from} to {to}")
            }
            Self::Shared { joins: 1 } => f.write_str("nobody else joined in the meantime"),
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
                write!(f, "Discord's members search says source {join_source_type}")?;
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
                    28 => f.write_str("the audit log says that the bot was added")?,
                    42 => f.write_str("the audit log says that the invite was deleted")?,
                    other => write!(f, "the audit log contains action {other}")?,
                }
                if let Some(by) = by {
                    write!(f, " by {by}")?;
                }
                write!(f, " at {at}")
            }
            Self::BotFlag => f.write_str("the account is a bot"),
            Self::Contradicts { deduced } => {
                write!(f, "an earlier deduction was wrong: {deduced}")
            }
        }
    }
}
