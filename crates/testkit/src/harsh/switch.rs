//! The difficulties of a world: each kind is a switch.

use std::fmt;
use std::str::FromStr;

macro_rules! switches {
    ($($(#[doc = $doc:expr])+ $name:ident $text:literal $preset:ident,)+) => {
        /// One kind of difficulty.
        #[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
        pub enum Switch {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Switch {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// Its name in the output and in the environment variable.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                }
            }

            /// Whether Discord's documentation and the guide's assumptions allow it.
            #[must_use]
            pub const fn is_documented(self) -> bool {
                match self {
                    $(Self::$name => matches!(Preset::$preset, Preset::Documented),)+
                }
            }
        }
    };
}

#[derive(Clone, Copy)]
enum Preset {
    Documented,
    Beyond,
}

switches! {
    /// Delays have heavy tails, within the assumed limits.
    HeavyTails "heavy-tails" Documented,
    /// Lists and the vanity count come from a copy that is slightly outdated, and not
    /// always from the same copy.
    StaleLists "stale-lists" Documented,
    /// Members join before the guild is announced, and their uses appear after the first list.
    EarlyJoins "early-joins" Documented,
    /// Sessions end and are resumed.
    Outages "outages" Documented,
    /// Sessions end and are lost with the events on their way.
    LostSessions "lost-sessions" Documented,
    /// A connection is dead for up to 12 s before the bot notices.
    LateNotice "late-notice" Documented,
    /// The bot's permissions change: lists are denied or lack uses, the audit log is
    /// denied, events of a channel's invites are not sent.
    Permissions "permissions" Documented,
    /// The vanity code is set, changed and removed, and its count restarts.
    VanityChanges "vanity-changes" Documented,
    /// Discord's timestamps are wrong by up to a second.
    Skew "skew" Documented,
    /// Members who are already in the guild use invites that grant roles, which counts.
    MemberUses "member-uses" Documented,
    /// GUILD_MEMBER_ADD is sent twice.
    Duplicates "duplicates" Documented,
    /// Some events cannot be decoded.
    Garbled "garbled" Documented,
    /// There are several shards.
    Shards "shards" Documented,
    /// The audit log shows entries late.
    LateAudit "late-audit" Documented,
    /// Channels are deleted, and their invites with them.
    Channels "channels" Documented,
    /// The members search finds members late, or at first without their way in.
    LateIndex "late-index" Documented,
    /// The members search is denied, missing or not indexed for a time.
    SearchRefused "search-refused" Documented,
    /// The members search reports a vanity join as an invite's, or without the code.
    VanitySources "vanity-sources" Documented,
    /// The members search only has milliseconds.
    Milliseconds "milliseconds" Documented,
    /// Invites expire.
    Expiry "expiry" Documented,
    /// Bots are added and kicked.
    Bots "bots" Documented,
    /// A bot is added again within a minute by another member.
    BotsAgain "bots-again" Documented,
    /// Members leave and join again.
    Rejoins "rejoins" Documented,
    /// More members join than the tracker keeps in memory.
    Floods "floods" Documented,
    /// Requests fail, are rate limited, or are never answered.
    Failures "failures" Documented,
    /// The tracker is killed and restored.
    Restarts "restarts" Documented,
    /// The guild becomes unavailable, or the bot is removed and invited again.
    Removals "removals" Documented,
    /// Moderators manually approve members who applied through an invite.
    Verified "verified" Documented,

    /// Uses are counted later than assumed.
    CountsBeyond "counts-beyond" Beyond,
    /// Events arrive later than assumed.
    EventsBeyond "events-beyond" Beyond,
    /// A list lacks invites that exist.
    MissingInvites "missing-invites" Beyond,
    /// A dead connection is noticed late, although nothing proves that events arrive.
    BlindNotice "blind-notice" Beyond,
    /// Discord's timestamps are wrong by up to ten seconds.
    SkewBeyond "skew-beyond" Beyond,
    /// The host's clock is stepped.
    ClockSteps "clock-steps" Beyond,
    /// Invites are used without a join: by applicants who are not approved.
    NobodyUses "nobody-uses" Beyond,
    /// Integrations move the count of an invite.
    IntegrationUses "integration-uses" Beyond,
    /// Events are never sent.
    SilentLosses "silent-losses" Beyond,
    /// Any event may be sent twice.
    AnyTwice "any-twice" Beyond,
    /// The audit log shows entries later than assumed.
    AuditBeyond "audit-beyond" Beyond,
    /// Entries of the audit log are missing, or lack their code or target.
    AuditGaps "audit-gaps" Beyond,
    /// The members search returns the way in of an earlier join of the same member.
    StaleRows "stale-rows" Beyond,
    /// The members search sometimes returns members twice or omits them.
    FlakyRows "flaky-rows" Beyond,
    /// A vanity join is reported as an invite's while the vanity code is unknown.
    VanityUnknown "vanity-unknown" Beyond,
    /// The expiry of an invite is moved or removed.
    ExpiryChanges "expiry-changes" Beyond,
    /// INVITE_DELETE is sent when an invite expires.
    ExpiryEvents "expiry-events" Beyond,
    /// Roles are added to an invite and removed between two lists.
    RoleChanges "role-changes" Beyond,
}

impl fmt::Display for Switch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Which switches are on.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Switches(u64);

impl Switches {
    /// No switch: a calm world.
    pub const NONE: Self = Self(0);

    /// All switches that Discord's documentation and the guide's assumptions allow.
    #[must_use]
    pub fn documented() -> Self {
        let all = Switch::ALL.iter().copied();
        all.filter(|switch| switch.is_documented()).collect()
    }

    /// All switches.
    #[must_use]
    pub fn harsh() -> Self {
        Switch::ALL.iter().copied().collect()
    }

    /// Whether a switch is on.
    #[must_use]
    pub const fn has(self, switch: Switch) -> bool {
        self.0 & (1 << switch as u64) != 0
    }

    /// The same with one more switch on.
    #[must_use]
    pub const fn with(self, switch: Switch) -> Self {
        Self(self.0 | (1 << switch as u64))
    }

    /// The same with a switch off.
    #[must_use]
    pub const fn without(self, switch: Switch) -> Self {
        Self(self.0 & !(1 << switch as u64))
    }

    /// The switches that are on.
    pub fn iter(self) -> impl Iterator<Item = Switch> {
        let all = Switch::ALL.iter().copied();
        all.filter(move |switch| self.has(*switch))
    }
}

impl FromIterator<Switch> for Switches {
    fn from_iter<T: IntoIterator<Item = Switch>>(iter: T) -> Self {
        iter.into_iter().fold(Self::NONE, Self::with)
    }
}

/// Names separated by commas, or the name of a preset.
impl fmt::Display for Switches {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, switch) in self.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            write!(f, "{comma}{switch}")?;
        }
        Ok(())
    }
}

/// Reads what [`Switches`] display, with `documented`, `harsh` and `none` as short forms
/// and `-name` to turn one off.
impl FromStr for Switches {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut switches = Self::NONE;
        for name in text
            .split(',')
            .map(str::trim)
            .filter(|name| !name.is_empty())
        {
            let (name, on) = match name.strip_prefix('-') {
                Some(name) => (name, false),
                None => (name, true),
            };
            let found = Switch::ALL.iter().find(|switch| switch.name() == name);
            switches = match (name, found) {
                ("documented", _) => Self(switches.0 | Self::documented().0),
                ("harsh", _) => Self::harsh(),
                ("none", _) => Self::NONE,
                (_, Some(switch)) if on => switches.with(*switch),
                (_, Some(switch)) => switches.without(*switch),
                (_, None) => return Err(format!("there is no switch named {name}")),
            };
        }
        Ok(switches)
    }
}
