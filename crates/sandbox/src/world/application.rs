//! Which privileged intents a bot's application has switched on.
//!
//! See Discord Docs/Application#application-object-application-flags.

use super::WorldOptions;

/// An intent that an application has to enable before a bot may request it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PrivilegedIntent {
    /// `GUILD_PRESENCES`.
    Presences,
    /// `GUILD_MEMBERS`.
    Members,
    /// `MESSAGE_CONTENT`.
    MessageContent,
}

impl PrivilegedIntent {
    /// All variants.
    pub const ALL: [Self; 3] = [Self::Presences, Self::Members, Self::MessageContent];

    /// The flag of verified applications, and the `LIMITED` one of others:
    /// either will do.
    #[must_use]
    pub const fn flags(self) -> u64 {
        self.limited() | self.limited() >> 1
    }

    /// The flag of applications in fewer than a hundred guilds.
    const fn limited(self) -> u64 {
        match self {
            Self::Presences => 1 << 13,
            Self::Members => 1 << 15,
            Self::MessageContent => 1 << 19,
        }
    }

    pub(super) const fn switch(self, flags: u64, on: bool) -> u64 {
        if !on {
            flags & !self.flags()
        } else if flags & self.flags() == 0 {
            flags | self.limited()
        } else {
            flags
        }
    }
}

impl WorldOptions {
    /// Disables an intent of the first bot.
    #[must_use]
    pub const fn without(mut self, intent: PrivilegedIntent) -> Self {
        self.application_flags = intent.switch(self.application_flags, false);
        self
    }
}
