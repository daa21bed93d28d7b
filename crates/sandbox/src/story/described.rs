//! What there is before a story begins.

use super::account;
use crate::{
    Clock, Options, RateLimits, Running, Sandbox, SandboxError,
    world::{Effect, NewBot, NewGuild, NewInvite, Refusal, World},
};

/// How to start a sandbox whose world is described by name. See [`Sandbox::builder`].
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until `start`"]
pub struct SandboxBuilder {
    options: Options,
    guilds: Vec<NewGuildStory>,
    bots: Vec<NewBot>,
}

impl Sandbox {
    /// Describes a sandbox that has only the given guilds, no rate limits, and a port of its own.
    /// Any number of them can run in parallel.
    pub fn builder() -> SandboxBuilder {
        let mut options = Options::default().guilds(0).rate_limits(RateLimits::none());
        options.world.quirks.repeat_member_add = 0.0;
        SandboxBuilder {
            options,
            guilds: Vec::new(),
            bots: Vec::new(),
        }
    }
}

impl SandboxBuilder {
    /// Sets the seed. The same seed and calls give the same world.
    pub const fn seed(mut self, seed: u64) -> Self {
        self.options.world.seed = seed;
        self
    }

    /// Adds a guild.
    pub fn guild(mut self, guild: NewGuildStory) -> Self {
        self.guilds.push(guild);
        self
    }

    /// Adds a bot to the first one. It is in the guilds that name it, see
    /// [`NewGuildStory::bot`].
    pub fn bot(mut self, bot: NewBot) -> Self {
        self.bots.push(bot);
        self
    }

    /// Lets only [`WorldHandle::advance`](crate::WorldHandle::advance) move the clock.
    pub const fn stepped(mut self) -> Self {
        self.options.clock = Clock::Manual;
        self
    }

    /// Sets the rate limits; defaults to none.
    pub fn rate_limits(mut self, limits: RateLimits) -> Self {
        self.options.rate_limits = limits;
        self
    }

    /// Changes other options.
    pub fn options(mut self, change: impl FnOnce(&mut Options)) -> Self {
        change(&mut self.options);
        self
    }

    /// Starts the sandbox and creates the guilds.
    ///
    /// # Errors
    ///
    /// [`SandboxError::Listen`] if a fixed port is not available, [`SandboxError::World`] if the
    /// description is inconsistent.
    pub async fn start(self) -> Result<Running, SandboxError> {
        let running = Sandbox::start(self.options).await?;
        for bot in self.bots {
            running.employ(bot).map_err(SandboxError::World)?;
        }
        for guild in self.guilds {
            running.found(guild).map_err(SandboxError::World)?;
        }
        Ok(running)
    }
}

/// A guild to create, with members and invites by name.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct NewGuildStory {
    new: NewGuild,
    members: Vec<String>,
    bots: Vec<(String, u64)>,
    without_first_bot: bool,
    invites: Vec<(Option<String>, NewInvite)>,
}

impl NewGuildStory {
    /// Creates a guild with this name, without members except for its owner.
    pub fn named(name: impl Into<String>) -> Self {
        let mut new = NewGuild {
            members: 0,
            ..NewGuild::default()
        };
        new.name = Some(name.into());
        Self {
            new,
            ..Self::default()
        }
    }

    /// Sets the vanity code.
    pub fn vanity(mut self, code: impl Into<String>) -> Self {
        self.new.vanity_url_code = Some(code.into());
        self
    }

    /// Adds a feature, as Discord writes it.
    pub fn feature(mut self, name: impl Into<String>) -> Self {
        self.new.features.push(name.into());
        self
    }

    /// Sets the permissions of the first bot; defaults to [`permissions::BOT`](crate::world::permissions::BOT).
    pub const fn bot_permissions(mut self, permissions: u64) -> Self {
        self.new.bot_permissions = permissions;
        self
    }

    /// Adds a bot of [`SandboxBuilder::bot`], with these permissions.
    pub fn bot(mut self, name: impl Into<String>, permissions: u64) -> Self {
        self.bots.push((name.into(), permissions));
        self
    }

    /// Leaves out the first bot, which is in all other guilds.
    pub const fn without_first_bot(mut self) -> Self {
        self.without_first_bot = true;
        self
    }

    /// Enables membership screening.
    pub const fn screening(mut self) -> Self {
        self.new.screening = true;
        self
    }

    /// Sets the number of unnamed members; defaults to 0.
    pub const fn members(mut self, people: usize) -> Self {
        self.new.members = people;
        self
    }

    /// Adds a member with this name.
    pub fn member(mut self, name: impl Into<String>) -> Self {
        self.members.push(name.into());
        self
    }

    /// Adds an invite, created by the account of this name or by the owner.
    pub fn invite(mut self, by: Option<&str>, invite: NewInvite) -> Self {
        self.invites.push((by.map(String::from), invite));
        self
    }

    pub(super) fn make(mut self, world: &mut World) -> Result<(u64, Vec<Effect>), Refusal> {
        let first = (world.bot().id, self.new.bot_permissions);
        let mut bots = Vec::from_iter((!self.without_first_bot).then_some(first));
        for (name, permissions) in self.bots {
            let mut known = world.bots();
            let bot = known.find(|bot| bot.user.username == name);
            bots.push((bot.ok_or(Refusal::UnknownBot(name))?.id(), permissions));
        }
        self.new.bots = Some(bots);
        let (guild, mut effects) = world.create_guild(self.new)?;
        for name in &self.members {
            let user = account(world, name);
            world.settle(guild, user)?;
        }
        for (by, mut invite) in self.invites {
            invite.inviter_id = match by {
                Some(name) => Some(account(world, &name)),
                None => world.guild(guild).map(|guild| guild.owner_id),
            };
            effects.extend(world.create_invite(guild, invite)?.effects);
        }
        Ok((guild, effects))
    }
}
