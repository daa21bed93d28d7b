//! A world described and acted in by name, so that a test reads as a story.
//!
//! ```
//! use guestlist_sandbox::{Expected, NewGuildStory, Sandbox};
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! let sandbox = Sandbox::builder()
//!     .seed(7)
//!     .guild(NewGuildStory::named("Club").member("bob").vanity("club"))
//!     .start()
//!     .await?;
//! // Here the bot under test connects to `sandbox.api_url()` with `sandbox.token()`.
//! let club = sandbox.guild("Club")?;
//! let invite = club.member("bob").invites(|invite| invite.max_uses(2)).await?;
//! club.member("ada").joins_through(&invite).await?;
//! # let token = format!("Bot {}", sandbox.token());
//! # let address = sandbox.address();
//! # tokio::spawn(async move {
//! #     use tokio::io::AsyncWriteExt as _;
//! #     let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
//! #     let head = format!("GET /api/v10/users/@me HTTP/1.1\r\nhost: x\r\nauthorization: {token}\r\n\r\n");
//! #     stream.write_all(head.as_bytes()).await.unwrap();
//! #     std::future::pending::<()>().await
//! # });
//! // A bot that looks itself up when somebody joins has done so now.
//! sandbox.expect(Expected::request("GET", "/users/@me")).await?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::time::Duration;

use crate::{
    Clock, Options, RateLimits, Running, Sandbox, SandboxError, WorldHandle,
    server::like,
    world::{
        Effect, Entry, Joined, MessageText, NewGuild, NewInvite, NewUser, Refusal, Via, World,
    },
};

/// How to start a sandbox whose world is described by name. See [`Sandbox::builder`].
#[derive(Clone, Debug)]
#[must_use = "a builder does nothing until `start`"]
pub struct SandboxBuilder {
    options: Options,
    guilds: Vec<NewGuildStory>,
}

impl Sandbox {
    /// A sandbox without guilds but those that are described, without rate limits, on a port of
    /// its own: as many as you like can run side by side.
    pub fn builder() -> SandboxBuilder {
        let mut options = Options::default().guilds(0).rate_limits(RateLimits::none());
        options.world.quirks.repeat_member_add = 0.0;
        SandboxBuilder {
            options,
            guilds: Vec::new(),
        }
    }
}

impl SandboxBuilder {
    /// With this seed. The same seed and calls give the same world.
    pub const fn seed(mut self, seed: u64) -> Self {
        self.options.world.seed = seed;
        self
    }

    /// With this guild as well.
    pub fn guild(mut self, guild: NewGuildStory) -> Self {
        self.guilds.push(guild);
        self
    }

    /// With time that stands still until [`WorldHandle::advance`].
    pub const fn stepped(mut self) -> Self {
        self.options.clock = Clock::Manual;
        self
    }

    /// With these rate limits, such as `RateLimits::default()`.
    pub fn rate_limits(mut self, limits: RateLimits) -> Self {
        self.options.rate_limits = limits;
        self
    }

    /// With whatever else can be set.
    pub fn options(mut self, change: impl FnOnce(&mut Options)) -> Self {
        change(&mut self.options);
        self
    }

    /// Starts it.
    ///
    /// # Errors
    ///
    /// [`SandboxError::Listen`] if a fixed port is not available, [`SandboxError::World`] if the
    /// description does not fit together.
    pub async fn start(self) -> Result<Running, SandboxError> {
        let running = Sandbox::start(self.options).await?;
        for guild in self.guilds {
            running.found(guild).map_err(SandboxError::World)?;
        }
        Ok(running)
    }
}

/// A guild to be made, with people and invites by name.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct NewGuildStory {
    new: NewGuild,
    members: Vec<String>,
    invites: Vec<(Option<String>, NewInvite)>,
}

impl NewGuildStory {
    /// With this name.
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

    /// With this vanity code.
    pub fn vanity(mut self, code: impl Into<String>) -> Self {
        self.new.vanity_url_code = Some(code.into());
        self
    }

    /// With this feature, as Discord writes it.
    pub fn feature(mut self, name: impl Into<String>) -> Self {
        self.new.features.push(name.into());
        self
    }

    /// With these permissions of the bot.
    pub const fn bot_permissions(mut self, permissions: u64) -> Self {
        self.new.bot_permissions = permissions;
        self
    }

    /// With membership screening.
    pub const fn screening(mut self) -> Self {
        self.new.screening = true;
        self
    }

    /// With so many people without a name.
    pub const fn members(mut self, people: usize) -> Self {
        self.new.members = people;
        self
    }

    /// With this person.
    pub fn member(mut self, name: impl Into<String>) -> Self {
        self.members.push(name.into());
        self
    }

    /// With an invite: of somebody by name, or of the owner.
    pub fn invite(mut self, by: Option<&str>, invite: NewInvite) -> Self {
        self.invites.push((by.map(String::from), invite));
        self
    }

    fn make(self, world: &mut World) -> Result<(u64, Vec<Effect>), Refusal> {
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

/// The account with this name, made when needed.
fn account(world: &mut World, name: &str) -> u64 {
    match world.user_named(name) {
        Some(user) => user.id,
        None => world.create_user(NewUser::named(name)).id,
    }
}

/// An invite that somebody holds in their hands.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct InviteHandle {
    /// Its code.
    pub code: String,
}

impl InviteHandle {
    /// The invite with this code.
    #[must_use]
    pub fn new(code: impl Into<String>) -> Self {
        Self { code: code.into() }
    }
}

/// A guild by its name. See [`Running::guild`].
#[derive(Clone, Debug)]
pub struct GuildHandle {
    world: WorldHandle,
    id: u64,
}

impl GuildHandle {
    /// Its id.
    #[must_use]
    pub const fn id(&self) -> u64 {
        self.id
    }

    /// Somebody by their name, whether they are in the guild or not. An account is made when
    /// nobody has the name.
    #[must_use]
    pub fn member(&self, name: &str) -> MemberHandle {
        let user = self
            .world
            .act(|world| Ok::<_, Refusal>((account(world, name), Vec::new())));
        MemberHandle {
            world: self.world.clone(),
            guild: self.id,
            id: user.unwrap_or_default(),
        }
    }

    /// The owner makes an invite.
    ///
    /// # Errors
    ///
    /// See [`World::create_invite`].
    pub async fn invite(&self, invite: NewInvite) -> Result<InviteHandle, Refusal> {
        let owner = self
            .world
            .read(|world| world.guild(self.id).map(|guild| guild.owner_id));
        let invite = NewInvite {
            inviter_id: invite.inviter_id.or(owner),
            ..invite
        };
        let made = self.world.create_invite(self.id, invite)?;
        Ok(InviteHandle::new(made.code))
    }
}

/// A person by their name, and a guild. See [`GuildHandle::member`].
#[derive(Clone, Debug)]
pub struct MemberHandle {
    world: WorldHandle,
    guild: u64,
    id: u64,
}

impl MemberHandle {
    /// The account's id.
    #[must_use]
    pub const fn id(&self) -> u64 {
        self.id
    }

    /// Joins through an invite.
    ///
    /// # Errors
    ///
    /// See [`World::accept_invite`].
    pub async fn joins_through(&self, invite: &InviteHandle) -> Result<Joined, Refusal> {
        self.world.accept_invite(&invite.code, Some(self.id))
    }

    /// Joins in another way.
    ///
    /// # Errors
    ///
    /// See [`World::join`].
    pub async fn joins_by(&self, via: Via) -> Result<Joined, Refusal> {
        self.world.join(self.guild, Entry::new(via).user(self.id))
    }

    /// Leaves.
    ///
    /// # Errors
    ///
    /// See [`World::leave`].
    pub async fn leaves(&self) -> Result<(), Refusal> {
        self.world.leave(self.guild, self.id)
    }

    /// Makes an invite.
    ///
    /// # Errors
    ///
    /// See [`World::create_invite`].
    pub async fn invites(
        &self,
        change: impl FnOnce(NewInvite) -> NewInvite,
    ) -> Result<InviteHandle, Refusal> {
        let invite = change(NewInvite::default()).by(self.id);
        let made = self.world.create_invite(self.guild, invite)?;
        Ok(InviteHandle::new(made.code))
    }

    /// Deletes an invite.
    ///
    /// # Errors
    ///
    /// See [`World::revoke_invite`].
    pub async fn revokes(&self, invite: &InviteHandle) -> Result<(), Refusal> {
        self.world.revoke_invite(&invite.code, Some(self.id))
    }

    /// Whether they are in the guild.
    #[must_use]
    pub fn is_member(&self) -> bool {
        self.world.read(|world| {
            world
                .guild(self.guild)
                .is_some_and(|guild| guild.members.contains_key(&self.id))
        })
    }

    /// The names of their roles.
    #[must_use]
    pub fn roles(&self) -> Vec<String> {
        self.world.read(|world| {
            let guild = world.guild(self.guild);
            let member = guild.and_then(|guild| Some((guild, guild.members.get(&self.id)?)));
            let names = member.map(|(guild, member)| {
                let roles = member.roles.iter();
                let roles = roles.filter_map(|role| guild.roles.get(role));
                roles.map(|role| role.name.clone()).collect()
            });
            names.unwrap_or_default()
        })
    }
}

/// What the bot under test is to do. See [`Running::expect`].
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct Expected {
    what: What,
    within: Duration,
}

#[derive(Clone, Debug, PartialEq)]
enum What {
    Request { method: String, path: String },
    Message { text: String },
    Connection,
}

impl Expected {
    const fn new(what: What) -> Self {
        Self {
            what,
            within: Duration::from_secs(10),
        }
    }

    /// A request that succeeds, such as `("PUT", "/guilds/*/members/*/roles/*")`.
    pub fn request(method: &str, path: &str) -> Self {
        Self::new(What::Request {
            method: String::from(method),
            path: String::from(path),
        })
    }

    /// A message with this text in it.
    pub fn message(text: &str) -> Self {
        Self::new(What::Message {
            text: String::from(text),
        })
    }

    /// A connection to the gateway that is ready.
    pub const fn connection() -> Self {
        Self::new(What::Connection)
    }

    /// Within this time; ten seconds otherwise.
    pub const fn within(mut self, time: Duration) -> Self {
        self.within = time;
        self
    }
}

/// The bot did not do what was expected.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("within {within:?} there was no {what}; there were {seen}")]
#[non_exhaustive]
pub struct NotSeen {
    /// What was expected.
    pub what: String,
    /// For how long.
    pub within: Duration,
    /// What there was instead.
    pub seen: String,
}

impl Running {
    /// Makes a guild, and gives its id.
    ///
    /// # Errors
    ///
    /// See [`World::create_guild`] and [`World::create_invite`].
    pub fn found(&self, guild: NewGuildStory) -> Result<u64, Refusal> {
        self.world().act(|world| guild.make(world))
    }

    /// The guild with this name.
    ///
    /// # Errors
    ///
    /// [`Refusal::UnknownName`].
    pub fn guild(&self, name: &str) -> Result<GuildHandle, Refusal> {
        let world = self.world();
        let id = world.read(|world| {
            let mut guilds = world.guild_ids().into_iter();
            guilds.find(|id| world.guild(*id).is_some_and(|guild| guild.name == name))
        });
        match id {
            Some(id) => Ok(GuildHandle { world, id }),
            None => Err(Refusal::UnknownName(String::from(name))),
        }
    }

    /// Waits until the bot has done something, since the sandbox began or
    /// [`WorldHandle::forget_requests`].
    ///
    /// # Errors
    ///
    /// [`NotSeen`] if it did not in time.
    pub async fn expect(&self, expected: Expected) -> Result<(), NotSeen> {
        let waiting = async {
            while !self.has_seen(&expected.what) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        let done = tokio::time::timeout(expected.within, waiting).await;
        done.map_err(|_| {
            let (what, seen) = self.tell(&expected.what);
            NotSeen {
                what,
                within: expected.within,
                seen,
            }
        })
    }

    fn has_seen(&self, what: &What) -> bool {
        let core = self.core();
        match what {
            What::Request { method, path } => core.log.recent().any(|(its_method, its, status)| {
                its_method.eq_ignore_ascii_case(method) && like(its, path) && status < 300
            }),
            What::Message { text } => core
                .world
                .messages()
                .any(|message| says(&message.text, text)),
            What::Connection => core.sessions.any_connected(),
        }
    }

    fn tell(&self, what: &What) -> (String, String) {
        let core = self.core();
        match what {
            What::Request { method, path } => {
                let all = core
                    .log
                    .recent()
                    .map(|(method, path, status)| format!("{method} {path} ({status})"));
                let mut all: Vec<String> = all.collect();
                all.dedup();
                let from = all.len().saturating_sub(20);
                let last = all.get(from..).unwrap_or_default().join(", ");
                (format!("{method} {path}"), format!("[{last}]"))
            }
            What::Message { text } => {
                let all = core.world.messages().map(|it| it.text.content.as_str());
                let all: Vec<&str> = all.collect();
                (format!("message with {text:?}"), format!("{all:?}"))
            }
            What::Connection => (
                String::from("connection to the gateway"),
                String::from("no sessions"),
            ),
        }
    }
}

/// Whether a text is somewhere in a message.
fn says(message: &MessageText, text: &str) -> bool {
    let rich = message.embeds.iter().chain(&message.components);
    message.content.contains(text) || rich.map(ToString::to_string).any(|it| it.contains(text))
}
