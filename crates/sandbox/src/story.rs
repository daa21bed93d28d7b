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

mod described;
mod expected;

use std::convert::Infallible;

pub use self::{
    described::{NewGuildStory, SandboxBuilder},
    expected::{Expected, NotSeen},
};
use crate::{
    Running, WorldHandle,
    world::{Bot, Entry, Joined, NewBot, NewInvite, NewUser, Refusal, Via, World},
};

impl Running {
    /// Creates a guild and returns its id.
    ///
    /// # Errors
    ///
    /// See [`World::create_guild`] and [`World::create_invite`].
    pub fn found(&self, guild: NewGuildStory) -> Result<u64, Refusal> {
        self.world().act(|world| guild.make(world))
    }

    /// Creates one more bot and returns its id.
    ///
    /// # Errors
    ///
    /// See [`World::create_bot`].
    pub fn employ(&self, bot: NewBot) -> Result<u64, Refusal> {
        self.world()
            .act(|world| Ok((world.create_bot(bot)?, Vec::new())))
    }

    /// Returns the bot with this name. It has a token.
    ///
    /// # Errors
    ///
    /// [`Refusal::UnknownBot`].
    pub fn bot(&self, name: &str) -> Result<Bot, Refusal> {
        let bot = self
            .bots()
            .into_iter()
            .find(|bot| bot.user.username == name);
        bot.ok_or_else(|| Refusal::UnknownBot(String::from(name)))
    }

    /// Returns the guild with this name.
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
}

/// An invite, known by its code.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct InviteHandle {
    /// Its code.
    pub code: String,
}

impl InviteHandle {
    /// Creates a handle on the invite with this code.
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

    /// Returns a person by name, who need not be a member of the guild. Creates an account if none has
    /// the name.
    #[must_use]
    pub fn member(&self, name: &str) -> MemberHandle {
        let Ok(id) = self
            .world
            .act(|world| Ok::<_, Infallible>((account(world, name), Vec::new())));
        MemberHandle {
            world: self.world.clone(),
            guild: self.id,
            id,
        }
    }

    /// Creates an invite, by the owner unless it has another inviter.
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

/// A person, and the guild in which they act. See [`GuildHandle::member`].
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

    /// Enters the voice channel of this name.
    ///
    /// # Errors
    ///
    /// See [`World::join_voice`].
    pub async fn enters_voice(&self, channel: &str) -> Result<(), Refusal> {
        self.world.act(|world| {
            let guild = world.guild(self.guild);
            let guild = guild.ok_or(Refusal::UnknownGuild(self.guild))?;
            let mut channels = guild.channels.values();
            let found = channels.find(|it| it.name == channel && it.has_voice());
            let found = found.ok_or(Refusal::UnknownChannel(0))?.id;
            Ok(((), world.join_voice(self.guild, self.id, found)?))
        })
    }

    /// Leaves the voice channel. A guest is out of the guild then.
    ///
    /// # Errors
    ///
    /// See [`World::leave_voice`].
    pub async fn leaves_voice(&self) -> Result<(), Refusal> {
        self.world
            .act(|world| Ok(((), world.leave_voice(self.guild, self.id)?)))
    }

    /// Leaves.
    ///
    /// # Errors
    ///
    /// See [`World::leave`].
    pub async fn leaves(&self) -> Result<(), Refusal> {
        self.world.leave(self.guild, self.id)
    }

    /// Creates an invite.
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

    /// Whether the person is in the guild.
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

/// The account with this name, made when needed.
fn account(world: &mut World, name: &str) -> u64 {
    match world.user_named(name) {
        Some(user) => user.id,
        None => world.create_user(NewUser::named(name)).id,
    }
}
