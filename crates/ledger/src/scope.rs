//! Scopes: the filters of reports. An empty scope matches everything.

use serde::{Deserialize, Serialize};
use std::{num::NonZeroI64, time::Duration};

use guestlist_model::{GuildId, InviteCode, Timestamp, UserId};
use guestlist_tracker::{Certainty, JoinKey};

use crate::Label;

/// The origins that a join can have, as
/// [`Origin::label`](guestlist_tracker::Origin::label).
pub const ORIGINS: [&str; 9] = [
    "invite",
    "vanity",
    "bot",
    "integration",
    "discovery",
    "hub",
    "linked_lobby",
    "manual_verification",
    "other",
];

/// The kinds of [`Certainty`], without their data.
///
/// ```
/// use guestlist_ledger::CertaintyKind;
///
/// let kind: CertaintyKind = "deduced".parse()?;
/// assert_eq!(kind, CertaintyKind::Deduced);
/// # Ok::<(), guestlist_ledger::NotACertainty>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CertaintyKind {
    /// Discord confirmed the answer.
    Confirmed,
    /// The evidence leaves only one possibility.
    Deduced,
    /// There are several candidates.
    Ambiguous,
    /// There is no answer, for a known reason.
    Unknown,
    /// The answer is a first estimate; a final answer follows.
    Provisional,
}

impl CertaintyKind {
    /// All kinds: final answers from certain to unknown, then provisional.
    pub const ALL: [Self; 5] = [
        Self::Confirmed,
        Self::Deduced,
        Self::Ambiguous,
        Self::Unknown,
        Self::Provisional,
    ];

    /// The kind of a certainty.
    #[must_use]
    pub const fn of(certainty: &Certainty) -> Self {
        match certainty {
            Certainty::Confirmed(_) => Self::Confirmed,
            Certainty::Deduced(_) => Self::Deduced,
            Certainty::Ambiguous(_) => Self::Ambiguous,
            Certainty::Unknown(_) => Self::Unknown,
            Certainty::Provisional(_) => Self::Provisional,
        }
    }

    /// The name, as the ledger stores it and reports print it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Deduced => "deduced",
            Self::Ambiguous => "ambiguous",
            Self::Unknown => "unknown",
            Self::Provisional => "provisional",
        }
    }
}

impl std::fmt::Display for CertaintyKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// The error for a word that is not the name of a certainty.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not one of confirmed, deduced, ambiguous, unknown, provisional")]
pub struct NotACertainty(String);

impl std::str::FromStr for CertaintyKind {
    type Err = NotACertainty;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.as_str().eq_ignore_ascii_case(word))
            .ok_or_else(|| NotACertainty(word.to_owned()))
    }
}

/// The filter of every report: which joins, and what belongs to them.
///
/// A join matches if it matches every filter that is set. For rows that are not joins,
/// each method of [`Reports`](crate::Reports) says how the filters apply.
///
/// ```
/// use std::time::Duration;
/// use guestlist_ledger::{CertaintyKind, Scope};
/// use guestlist_model::Timestamp;
///
/// let scope = Scope::new()
///     .certainty(CertaintyKind::Confirmed)
///     .since(Timestamp::from_secs(1_700_000_000))
///     .account_younger_than(Duration::from_secs(7 * 86_400));
/// assert!(scope.guild.is_none());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Scope {
    /// Only this guild.
    pub guild: Option<GuildId>,
    /// Only this member.
    pub user: Option<UserId>,
    /// Only joins attributed (confirmed or deduced) to this inviter.
    pub inviter: Option<UserId>,
    /// Only joins attributed (confirmed or deduced) to this code.
    pub code: Option<InviteCode>,
    /// At this time or later.
    pub since: Option<Timestamp>,
    /// Before this time.
    pub until: Option<Timestamp>,
    /// Only joins with this certainty.
    pub certainty: Option<CertaintyKind>,
    /// Only joins attributed (confirmed or deduced) to a code with this label.
    pub label: Option<Label>,
    /// Only joins with this origin (confirmed or deduced), one of [`ORIGINS`].
    pub origin: Option<String>,
    /// Only joins of current members (`true`), or of members who left (`false`).
    pub here: Option<bool>,
    /// Only joins of accounts that were younger than this when the member joined, by the
    /// time in the account's id. Forgotten people do not match.
    pub account_younger_than: Option<Duration>,
    /// Only members whose latest known name contains this text (ignoring case), or whose
    /// id it is.
    pub name: Option<String>,
}

macro_rules! setters {
    ($($(#[$doc:meta])* $name:ident: $type:ty),+ $(,)?) => {
        impl Scope {
            /// Creates a scope that matches everything.
            #[must_use]
            pub fn new() -> Self {
                Self::default()
            }
            $(
                $(#[$doc])*
                #[must_use]
                pub fn $name(mut self, $name: $type) -> Self {
                    self.$name = Some($name);
                    self
                }
            )+
        }
    };
}

setters! {
    /// Only this guild.
    guild: GuildId,
    /// Only this member.
    user: UserId,
    /// Only joins attributed to this inviter.
    inviter: UserId,
    /// Only joins attributed to this code.
    code: InviteCode,
    /// At this time or later.
    since: Timestamp,
    /// Before this time.
    until: Timestamp,
    /// Only joins with this certainty.
    certainty: CertaintyKind,
    /// Only joins attributed to a code with this label.
    label: Label,
    /// Only joins of current members (`true`), or of members who left (`false`).
    here: bool,
    /// Only joins of accounts that were younger than this when the member joined.
    account_younger_than: Duration,
}

impl Scope {
    /// Only joins with this origin, one of [`ORIGINS`].
    #[must_use]
    pub fn origin(mut self, origin: impl Into<String>) -> Self {
        self.origin = Some(origin.into());
        self
    }

    /// Only members whose latest known name contains this text, or whose id it is.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = Some(name.into());
        self
    }

    /// The same of all times.
    #[must_use]
    pub(crate) fn timeless(mut self) -> Self {
        (self.since, self.until) = (None, None);
        self
    }
}

/// A page of a long list.
///
/// ```no_run
/// # async fn example(ledger: &dyn guestlist_ledger::Reports) -> Result<(), guestlist_ledger::LedgerError> {
/// use guestlist_ledger::{Page, Scope};
///
/// let rows = ledger.joins(&Scope::new(), Page::first(100)).await?;
/// if let Some(last) = rows.last() {
///     let next = Page::first(100).after(last.join.key);
///     println!("{} more", ledger.joins(&Scope::new(), next).await?.len());
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Page {
    /// The maximum number of rows; all rows if `None`.
    pub limit: Option<u32>,
    /// Only rows after this join, in the order of the list (latest first): the key of the
    /// last row of the previous page.
    pub after: Option<JoinKey>,
}

impl Page {
    /// All rows.
    pub const ALL: Self = Self {
        limit: None,
        after: None,
    };

    /// Creates the first page with at most `limit` rows.
    #[must_use]
    pub const fn first(limit: u32) -> Self {
        Self {
            limit: Some(limit),
            after: None,
        }
    }

    /// Continues after this join.
    #[must_use]
    pub const fn after(mut self, key: JoinKey) -> Self {
        self.after = Some(key);
        self
    }
}

/// A filter for invites by whether they can be used. Discord sends no event when an
/// invite expires, so this depends on the time.
///
/// ```no_run
/// # async fn example(reports: &dyn guestlist_ledger::Reports, now: guestlist_model::Timestamp) -> Result<(), guestlist_ledger::LedgerError> {
/// use guestlist_ledger::{InviteStatus, Scope};
///
/// for row in reports.invites(&Scope::new(), InviteStatus::ActiveAt(now), Some(10)).await? {
///     println!("{}: {} joins", row.invite.code, row.joins());
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InviteStatus {
    /// All invites.
    #[default]
    Any,
    /// Invites that can be used at this time.
    ActiveAt(Timestamp),
    /// Invites that have ended or expired at this time.
    EndedAt(Timestamp),
}

/// How a [series](crate::Reports::series) divides time.
///
/// ```
/// use guestlist_ledger::Bucket;
/// use guestlist_model::Timestamp;
///
/// let noon = Timestamp::parse("2026-03-04T12:00:00Z")?; // a Wednesday
/// assert_eq!(Bucket::DAY.start(noon), Timestamp::parse("2026-03-04T00:00:00Z")?);
/// assert_eq!(Bucket::WEEK.start(noon), Timestamp::parse("2026-03-02T00:00:00Z")?);
/// # Ok::<(), guestlist_model::TimestampError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "UncheckedBucket")]
pub struct Bucket {
    /// The width in microseconds.
    width: NonZeroI64,
    /// The start of one bucket, in microseconds after 1970.
    origin: i64,
}

/// A bucket as it is read, before it is checked.
#[derive(Deserialize)]
struct UncheckedBucket {
    width: NonZeroI64,
    origin: i64,
}

impl TryFrom<UncheckedBucket> for Bucket {
    type Error = &'static str;

    fn try_from(bucket: UncheckedBucket) -> Result<Self, &'static str> {
        let UncheckedBucket { width, origin } = bucket;
        if width.is_positive() {
            Ok(Self { width, origin })
        } else {
            Err("the width of a bucket must be positive")
        }
    }
}

impl Bucket {
    /// Hours.
    pub const HOUR: Self = Self::seconds(3_600, 0);
    /// Days, from midnight UTC.
    pub const DAY: Self = Self::seconds(86_400, 0);
    /// Weeks, from Monday, midnight UTC. (1970 began on a Thursday.)
    pub const WEEK: Self = Self::seconds(7 * 86_400, 4 * 86_400);

    const fn seconds(width: i64, origin: i64) -> Self {
        match NonZeroI64::new(width * 1_000_000) {
            Some(width) => Self {
                width,
                origin: origin * 1_000_000,
            },
            None => Self {
                width: NonZeroI64::MIN,
                origin: 0,
            },
        }
    }

    /// Creates buckets of this width, starting from 1970 UTC; `None` if it is less than a
    /// microsecond or more than 292,000 years.
    #[must_use]
    pub fn of(width: Duration) -> Option<Self> {
        let width = i64::try_from(width.as_micros()).ok()?;
        Some(Self {
            width: NonZeroI64::new(width)?,
            origin: 0,
        })
    }

    /// Shifts the buckets so that one starts at this time, for example at midnight in a
    /// time zone.
    #[must_use]
    pub const fn from(mut self, origin: Timestamp) -> Self {
        self.origin = origin.as_micros();
        self
    }

    /// The width, in microseconds.
    #[must_use]
    pub const fn micros(self) -> i64 {
        self.width.get()
    }

    /// The start of one bucket, in microseconds after 1970.
    #[must_use]
    pub const fn origin(self) -> i64 {
        self.origin
    }

    /// The start of the bucket that contains the given time.
    #[must_use]
    pub const fn start(self, at: Timestamp) -> Timestamp {
        let into = (at.as_micros().wrapping_sub(self.origin)).wrapping_rem_euclid(self.width.get());
        Timestamp::from_micros(at.as_micros().saturating_sub(into))
    }
}
