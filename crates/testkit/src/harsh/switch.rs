//! What a world may do to whoever watches it: each kind of harshness is a switch.

use std::fmt;
use std::str::FromStr;

macro_rules! switches {
    ($($(#[doc = $doc:expr])+ $name:ident $text:literal $preset:ident,)+) => {
        /// One kind of harshness.
        #[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
        pub enum Switch {
            $($(#[doc = $doc])+ $name,)+
        }

        impl Switch {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$name,)+];

            /// Its name, as a run prints it and takes it.
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
    /// Delays have heavy tails, within what is assumed of them.
    HeavyTails "heavy-tails" Documented,
    /// Lists and the vanity count are read from a copy that is a little old, and not
    /// always from the same one.
    StaleLists "stale-lists" Documented,
    /// People join before the guild is announced, and are counted after the first list.
    EarlyJoins "early-joins" Documented,
    /// Sessions end and are resumed.
    Outages "outages" Documented,
    /// Sessions end and are lost with what was on its way.
    LostSessions "lost-sessions" Documented,
    /// A connection is dead for up to 12 s before anybody notices.
    LateNotice "late-notice" Documented,
    /// The bot's permissions change: lists are refused or lack uses, the audit log is
    /// refused, events of a channel's invites are not sent.
    Permissions "permissions" Documented,
    /// The vanity code is set, changed and removed, and its count restarts.
    VanityChanges "vanity-changes" Documented,
    /// Discord's own times are up to a second off.
    Skew "skew" Documented,
    /// Members use invites that grant roles, and that counts.
    MemberUses "member-uses" Documented,
    /// GUILD_MEMBER_ADD comes twice.
    Duplicates "duplicates" Documented,
    /// Events come that cannot be decoded.
    Garbled "garbled" Documented,
    /// There are several shards.
    Shards "shards" Documented,
    /// The audit log shows entries late.
    LateAudit "late-audit" Documented,
    /// Channels are deleted, and their invites with them.
    Channels "channels" Documented,
    /// The members search finds people late, or answers without their way in at first.
    LateIndex "late-index" Documented,
    /// The members search is refused, absent or not indexed for a time.
    SearchRefused "search-refused" Documented,
    /// The members search calls a vanity join an invite's, or does not tell the code.
    VanitySources "vanity-sources" Documented,
    /// The members search tells milliseconds only.
    Milliseconds "milliseconds" Documented,
    /// Invites expire.
    Expiry "expiry" Documented,
    /// Bots are added and kicked.
    Bots "bots" Documented,
    /// A bot is added again within a minute, by somebody else.
    BotsAgain "bots-again" Documented,
    /// People leave and come again.
    Rejoins "rejoins" Documented,
    /// More people join than the tracker keeps in mind.
    Floods "floods" Documented,
    /// Requests fail, are rate limited, or are never answered.
    Failures "failures" Documented,
    /// The tracker is killed and restored.
    Restarts "restarts" Documented,
    /// The guild becomes unavailable, or the bot is removed and invited again.
    Removals "removals" Documented,
    /// Moderators let people in by hand who came by an invite.
    Verified "verified" Documented,

    /// Uses are counted later than is assumed.
    CountsBeyond "counts-beyond" Beyond,
    /// Events come later than is assumed.
    EventsBeyond "events-beyond" Beyond,
    /// A list lacks invites that exist.
    MissingInvites "missing-invites" Beyond,
    /// A dead connection is noticed late, though nothing proves that events arrive.
    BlindNotice "blind-notice" Beyond,
    /// Discord's own times are up to ten seconds off.
    SkewBeyond "skew-beyond" Beyond,
    /// The host's clock is stepped.
    ClockSteps "clock-steps" Beyond,
    /// Invites are used by nobody who joins: by people who apply and are not let in.
    NobodyUses "nobody-uses" Beyond,
    /// Integrations move the count of an invite.
    IntegrationUses "integration-uses" Beyond,
    /// Events are never sent.
    SilentLosses "silent-losses" Beyond,
    /// Any event comes twice.
    AnyTwice "any-twice" Beyond,
    /// The audit log shows entries later than is assumed.
    AuditBeyond "audit-beyond" Beyond,
    /// Entries of the audit log are absent, or lack their code or target.
    AuditGaps "audit-gaps" Beyond,
    /// The members search tells the way in of an earlier join of the same member.
    StaleRows "stale-rows" Beyond,
    /// The members search tells members twice, and leaves members out now and then.
    FlakyRows "flaky-rows" Beyond,
    /// A vanity join is told as an invite's while the vanity code is unknown.
    VanityUnknown "vanity-unknown" Beyond,
    /// The end of an invite is moved or lifted.
    ExpiryChanges "expiry-changes" Beyond,
    /// INVITE_DELETE comes when an invite expires.
    ExpiryEvents "expiry-events" Beyond,
    /// Roles are added to an invite and taken away between two lists.
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
    /// None: a calm world.
    pub const NONE: Self = Self(0);

    /// All that Discord's documentation and the assumptions in the guide allow.
    #[must_use]
    pub fn documented() -> Self {
        let all = Switch::ALL.iter().copied();
        all.filter(|switch| switch.is_documented()).collect()
    }

    /// All that there are.
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

/// Names with commas between, or the name of a preset.
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
/// and `-name` to take one away.
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
