//! Answers to "how did this member join".

use std::fmt;

use guestlist_model::{ChannelId, InviteCode, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::evidence::Evidence;
use crate::record::JoinKey;
use crate::tagged::tagged;

/// The answer to "how did this member join".
///
/// ```
/// use guestlist_model::{Id, Timestamp};
/// use guestlist_tracker::{Attribution, Certainty, JoinKey, Origin};
///
/// let (guild, user) = (Id::new_checked(1).ok_or("zero")?, Id::new_checked(2).ok_or("zero")?);
/// let now = Timestamp::from_secs(1_700_000_000);
/// let origin = Origin::invite("hB6mWNqr".parse()?);
/// let answer = Attribution::new(JoinKey::new(guild, user, now), Certainty::Confirmed(origin), now);
/// assert_eq!(answer.certainty.to_string(), "confirmed: invite hB6mWNqr");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Attribution {
    /// The join.
    pub key: JoinKey,
    /// The answer and its certainty.
    pub certainty: Certainty,
    /// The evidence for the answer.
    pub evidence: Vec<Evidence>,
    /// 0 for the first answer, increased with each refinement.
    pub revision: u32,
    /// When the tracker decided it.
    pub decided_at: Timestamp,
}

impl Attribution {
    /// Creates a first answer without evidence.
    #[must_use]
    pub const fn new(key: JoinKey, certainty: Certainty, decided_at: Timestamp) -> Self {
        Self {
            key,
            certainty,
            evidence: Vec::new(),
            revision: 0,
            decided_at,
        }
    }

    /// Sets the evidence.
    #[must_use]
    pub fn with_evidence(mut self, evidence: Vec<Evidence>) -> Self {
        self.evidence = evidence;
        self
    }

    /// Sets the revision.
    #[must_use]
    pub const fn with_revision(mut self, revision: u32) -> Self {
        self.revision = revision;
        self
    }
}

tagged! {
    "Certainty" as (tag = "certainty", content = "answer");

    /// How certain an answer is.
    ///
    /// ```
    /// use guestlist_tracker::{Candidate, Certainty, Origin};
    ///
    /// fn describe(certainty: &Certainty) -> String {
    ///     match certainty {
    ///         Certainty::Confirmed(origin) => format!("certainly {origin}"),
    ///         Certainty::Deduced(origin) => format!("{origin}, by deduction"),
    ///         Certainty::Ambiguous(candidates) | Certainty::Provisional(candidates) => {
    ///             format!("one of {} possibilities", candidates.len())
    ///         }
    ///         Certainty::Unknown(reason) => format!("unknown, because {reason}"),
    ///     }
    /// }
    ///
    /// let two = vec![Candidate::new(Origin::Discovery, 0.6), Candidate::new(Origin::Hub, 0.4)];
    /// assert_eq!(describe(&Certainty::Ambiguous(two)), "one of 2 possibilities");
    /// ```
    #[derive(Clone, Debug, PartialEq)]
    pub enum Certainty {
        /// Discord said so.
        Confirmed(Origin),
        /// The evidence leaves only this possibility.
        Deduced(Origin),
        /// There are several possibilities, most likely first. The weights are estimates and
        /// sum to 1.
        Ambiguous(Vec<Candidate>),
        /// A first estimate, before all evidence is in: like [`Ambiguous`](Self::Ambiguous), but
        /// not final. A later revision of the same join always replaces it.
        Provisional(Vec<Candidate>),
        /// There is no answer.
        Unknown(Reason),
    }
}

impl Certainty {
    /// The name, as the ledger stores it.
    #[must_use]
    pub const fn label(&self) -> &'static str {
        match self {
            Self::Confirmed(_) => "confirmed",
            Self::Deduced(_) => "deduced",
            Self::Ambiguous(_) => "ambiguous",
            Self::Provisional(_) => "provisional",
            Self::Unknown(_) => "unknown",
        }
    }

    /// The origin, if it is confirmed or deduced.
    #[must_use]
    pub const fn origin(&self) -> Option<&Origin> {
        match self {
            Self::Confirmed(origin) | Self::Deduced(origin) => Some(origin),
            Self::Ambiguous(_) | Self::Provisional(_) | Self::Unknown(_) => None,
        }
    }

    /// The candidates of an ambiguous or provisional answer, most likely first.
    #[must_use]
    pub fn candidates(&self) -> &[Candidate] {
        match self {
            Self::Ambiguous(candidates) | Self::Provisional(candidates) => candidates,
            Self::Confirmed(_) | Self::Deduced(_) | Self::Unknown(_) => &[],
        }
    }

    /// The most likely candidate, if its weight is at least [`Candidate::LIKELY`].
    #[must_use]
    pub fn likely(&self) -> Option<&Candidate> {
        let mut candidates = self.candidates().iter();
        candidates.find(|candidate| candidate.weight >= Candidate::LIKELY)
    }

    /// Whether the answer is final as far as counts are concerned. After that, only a
    /// confirmation, or what follows from one, can refine it.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        !matches!(self, Self::Provisional(_))
    }
}

/// Writes a sentence for people.
impl fmt::Display for Certainty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Confirmed(origin) => write!(f, "confirmed: {origin}"),
            Self::Deduced(origin) => write!(f, "deduced: {origin}"),
            Self::Ambiguous(candidates) | Self::Provisional(candidates) => {
                let likely = match self.likely() {
                    Some(_) => "likely ",
                    None => "",
                };
                write!(f, "{}: {likely}", self.label())?;
                for (index, candidate) in candidates.iter().enumerate() {
                    let before = if index == 0 { "" } else { ", or " };
                    write!(
                        f,
                        "{before}{} ({} %)",
                        candidate.origin,
                        candidate.percent()
                    )?;
                }
                Ok(())
            }
            Self::Unknown(reason) => write!(f, "unknown, because {reason}"),
        }
    }
}

/// One of several possibilities.
///
/// ```
/// use guestlist_tracker::{Candidate, Origin};
///
/// let candidate = Candidate::new(Origin::invite("hB6mWNqr".parse()?), 0.97);
/// assert_eq!(candidate.percent(), 97);
/// assert!(candidate.weight >= Candidate::LIKELY);
/// # Ok::<(), guestlist_model::CodeError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Candidate {
    /// The possible origin.
    pub origin: Origin,
    /// Its estimated probability, from 0 to 1.
    pub weight: f64,
}

impl Candidate {
    /// Creates a candidate.
    #[must_use]
    pub const fn new(origin: Origin, weight: f64) -> Self {
        Self { origin, weight }
    }

    /// A candidate with at least this weight is called likely.
    pub const LIKELY: f64 = 0.95;

    /// The weight as a rounded percentage, at most 99, because a candidate is never
    /// certain.
    #[must_use]
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is between 0 and 99"
    )]
    pub fn percent(&self) -> u8 {
        (self.weight * 100.0).round().clamp(0.0, 99.0) as u8
    }
}

tagged! {
    "Origin" as (tag = "origin");

    /// How a member joined.
    ///
    /// ```
    /// use guestlist_tracker::Origin;
    ///
    /// fn describe(origin: &Origin) -> String {
    ///     match origin {
    ///         Origin::Invite { code, inviter: Some(inviter), .. } => format!("{code}, by {inviter}"),
    ///         Origin::Invite { code, .. } => code.to_string(),
    ///         Origin::Vanity { .. } => "the vanity link".to_owned(),
    ///         other => format!("{other:?}"),
    ///     }
    /// }
    /// assert_eq!(describe(&Origin::Vanity { code: None }), "the vanity link");
    /// ```
    #[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
    #[non_exhaustive]
    pub enum Origin {
        /// Through an invite.
        Invite {
            /// Its code.
            code: InviteCode,
            /// The user who created it, if known.
            inviter: Option<UserId>,
            /// The channel it leads to, if known.
            channel: Option<ChannelId>,
        },
        /// Through the guild's vanity link.
        Vanity {
            /// The vanity code, if known.
            code: Option<InviteCode>,
        },
        /// A bot account that a user added, or a member whom a bot added.
        Bot {
            /// The user who added the bot, if known.
            added_by: Option<UserId>,
        },
        /// Through an integration, such as a Twitch subscription.
        Integration,
        /// Through server discovery.
        Discovery,
        /// Through a student hub.
        Hub,
        /// Through a linked lobby.
        LinkedLobby,
        /// Through a join request that a moderator accepted.
        ManualVerification,
        /// In another way, for which Discord has a number.
        Other {
            /// Discord's number.
            join_source_type: u64,
        },
        /// In a way that no visible count shows: without an invite, or through an invite that was
        /// never listed. This is only ever one of several candidates.
        Unseen,
    }
}

impl Origin {
    /// Creates the origin for an invite of which only the code is known.
    #[must_use]
    pub const fn invite(code: InviteCode) -> Self {
        Self::Invite {
            code,
            inviter: None,
            channel: None,
        }
    }

    /// Whether a count shows it.
    pub(crate) const fn is_counted(&self) -> bool {
        matches!(self, Self::Invite { .. } | Self::Vanity { .. })
    }

    /// The code that was used, including a vanity code.
    #[must_use]
    pub const fn code(&self) -> Option<&InviteCode> {
        match self {
            Self::Invite { code, .. } => Some(code),
            Self::Vanity { code } => code.as_ref(),
            _ => None,
        }
    }

    /// The code of the invite, if it is one that lists contain.
    pub(crate) const fn listed(&self) -> Option<&InviteCode> {
        match self {
            Self::Invite { code, .. } => Some(code),
            _ => None,
        }
    }

    /// The user who created the invite or added the bot.
    #[must_use]
    pub const fn inviter(&self) -> Option<UserId> {
        match self {
            Self::Invite { inviter, .. } => *inviter,
            Self::Bot { added_by } => *added_by,
            _ => None,
        }
    }

    /// The name, as the ledger stores it.
    #[must_use]
    pub const fn label(&self) -> &'static str {
        match self {
            Self::Invite { .. } => "invite",
            Self::Vanity { .. } => "vanity",
            Self::Bot { .. } => "bot",
            Self::Integration => "integration",
            Self::Discovery => "discovery",
            Self::Hub => "hub",
            Self::LinkedLobby => "linked_lobby",
            Self::ManualVerification => "manual_verification",
            Self::Other { .. } => "other",
            Self::Unseen => "unseen",
        }
    }

    /// Whether both are the same way to join, regardless of what else is known.
    #[must_use]
    pub fn same_way(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Invite { code: a, .. }, Self::Invite { code: b, .. }) => a == b,
            (Self::Vanity { .. }, Self::Vanity { .. }) | (Self::Bot { .. }, Self::Bot { .. }) => {
                true
            }
            (a, b) => a == b,
        }
    }
}

/// Writes a phrase that follows the certainty.
///
/// ```
/// use guestlist_tracker::Origin;
///
/// let told = Origin::Bot { added_by: None };
/// assert_eq!(told.to_string(), "bot account, or added by a bot");
/// ```
impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invite { code, .. } => write!(f, "invite {code}"),
            Self::Vanity { code: Some(code) } => write!(f, "vanity link {code}"),
            Self::Vanity { code: None } => f.write_str("vanity link"),
            Self::Bot {
                added_by: Some(user),
            } => write!(f, "added by {user}"),
            // Discord has one source for both.
            Self::Bot { added_by: None } => f.write_str("bot account, or added by a bot"),
            Self::Integration => f.write_str("integration"),
            Self::Discovery => f.write_str("server discovery"),
            Self::Hub => f.write_str("student hub"),
            Self::LinkedLobby => f.write_str("linked lobby"),
            Self::ManualVerification => f.write_str("accepted join request"),
            Self::Other { join_source_type } => write!(f, "join source {join_source_type}"),
            Self::Unseen => f.write_str("a way that changes no count"),
        }
    }
}

/// Why there is no answer.
///
/// ```
/// use guestlist_tracker::Reason;
///
/// assert_eq!(Reason::Offline.to_string(), "events were missed around the join");
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reason {
    /// The bot does not have the permission to list the guild's invites.
    MissingPermission,
    /// Discord lists the invites without their uses.
    UsesHidden,
    /// The first list of invites was requested after the member joined, or so shortly
    /// before that it may already count the join.
    NoBaseline,
    /// The invites could not be listed.
    Unreachable,
    /// No count increased that could include the member.
    NoCountMoved,
    /// The observations contradict each other.
    Contradiction,
    /// No search result said how the member joined, and the settings say that counts
    /// prove nothing ([`PhantomUses::Anywhere`](crate::PhantomUses::Anywhere)).
    Unproven,
    /// Events were missed around the join.
    Offline,
    /// Too many members joined at once.
    TooMany,
    /// The bot is no longer in the guild.
    LeftGuild,
}

impl Reason {
    /// Whether Discord stated the reason, or it follows without evidence.
    pub(crate) const fn is_told(self) -> bool {
        matches!(
            self,
            Self::MissingPermission | Self::UsesHidden | Self::TooMany | Self::LeftGuild
        )
    }

    /// The name, as the ledger stores it.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::MissingPermission => "missing_permission",
            Self::UsesHidden => "uses_hidden",
            Self::NoBaseline => "no_baseline",
            Self::Unreachable => "unreachable",
            Self::NoCountMoved => "no_count_moved",
            Self::Contradiction => "contradiction",
            Self::Unproven => "unproven",
            Self::Offline => "offline",
            Self::TooMany => "too_many",
            Self::LeftGuild => "left_guild",
        }
    }
}

/// Writes a clause that follows "unknown, because".
impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MissingPermission => {
                "the bot may not list this server's invites (it needs Manage Server)"
            }
            Self::UsesHidden => {
                "Discord hides how often invites were used (the bot needs Manage Server)"
            }
            Self::NoBaseline => "the first list of invites came too late to compare with",
            Self::Unreachable => "the invites could not be listed in time",
            Self::NoCountMoved => "no invite's count rose when the member joined",
            Self::Contradiction => "the counts and the joins contradict each other",
            Self::Unproven => {
                "no search said how the member joined, and the settings say that counts prove nothing"
            }
            Self::Offline => "events were missed around the join",
            Self::TooMany => "too many members joined at once",
            Self::LeftGuild => "the bot is no longer in this server",
        })
    }
}
