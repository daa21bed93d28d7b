//! Making users, guilds, channels and roles.

use std::sync::Arc;

use rand::Rng;

use super::{
    Channel, Effect, EventKind, Guild, JoinSource, Member, Micros, Overwrite, Refusal, Role, User,
    World, permissions, time,
};

const FIRST: &[&str] = &[
    "amber", "brisk", "calm", "dusty", "early", "faint", "gentle", "hollow", "ivory", "jolly",
    "keen", "lunar", "mellow", "nimble", "odd", "pale", "quiet", "rapid", "silver", "tidal",
    "umber", "vivid", "wild", "young", "zesty",
];
const SECOND: &[&str] = &[
    "badger", "comet", "dune", "ember", "finch", "grove", "heron", "isle", "jackal", "kite",
    "lark", "maple", "newt", "otter", "pine", "quill", "raven", "sparrow", "thistle", "urchin",
    "vole", "willow", "yarrow", "zephyr", "wren",
];

/// An account to create.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct NewUser {
    /// The name; invented if absent.
    pub username: Option<String>,
    /// Whether it is a bot's account.
    pub bot: bool,
}

impl NewUser {
    /// Creates the account of a bot.
    #[must_use]
    pub fn bot() -> Self {
        Self {
            bot: true,
            ..Self::default()
        }
    }

    /// Creates the account of a person with this name.
    #[must_use]
    pub fn named(username: impl Into<String>) -> Self {
        Self {
            username: Some(username.into()),
            ..Self::default()
        }
    }
}

/// A guild to create.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct NewGuild {
    /// The name; invented if absent.
    pub name: Option<String>,
    /// The features.
    pub features: Vec<String>,
    /// The vanity code; also adds the feature `VANITY_URL`.
    pub vanity_url_code: Option<String>,
    /// The permissions of the first bot.
    pub bot_permissions: u64,
    /// The bots in it, with their permissions; if absent, the first bot alone, with
    /// `bot_permissions`.
    pub bots: Option<Vec<(u64, u64)>>,
    /// The number of members at the start, in addition to the owner.
    pub members: usize,
    /// Whether members have to pass membership screening.
    pub screening: bool,
}

impl Default for NewGuild {
    fn default() -> Self {
        Self {
            name: None,
            features: Vec::new(),
            vanity_url_code: None,
            bot_permissions: permissions::BOT,
            bots: None,
            members: 3,
            screening: false,
        }
    }
}

impl World {
    /// Creates an account, some years old.
    pub fn create_user(&mut self, new: NewUser) -> Arc<User> {
        let mut id = self.old_id(30 * time::DAY, 3000 * time::DAY);
        while self.users.contains_key(&id) {
            id += 1;
        }
        let rng = self.rng();
        let first = FIRST
            .get(rng.random_range(0..FIRST.len()))
            .unwrap_or(&"some");
        let second = SECOND
            .get(rng.random_range(0..SECOND.len()))
            .unwrap_or(&"one");
        let number: u16 = rng.random_range(1..10_000);
        let avatar = rng
            .random_bool(0.6)
            .then(|| format!("{:032x}", rng.random::<u128>()));
        let global_name = (!new.bot && rng.random_bool(0.5)).then(|| {
            let mut name = String::from(*first);
            if let Some(letter) = name.get_mut(..1) {
                letter.make_ascii_uppercase();
            }
            name
        });
        let user = Arc::new(User {
            id,
            username: new
                .username
                .unwrap_or_else(|| format!("{first}_{second}{number}")),
            global_name,
            discriminator: if new.bot {
                format!("{number:04}")
            } else {
                String::from("0")
            },
            bot: new.bot,
            avatar,
        });
        self.users.insert(id, Arc::clone(&user));
        user
    }

    /// Creates a guild with its bots, three channels and some members.
    ///
    /// # Errors
    ///
    /// [`Refusal::CodeTaken`], [`Refusal::Invalid`] for the vanity code,
    /// [`Refusal::UnknownUser`], [`Refusal::NotABot`] for bots that have no token.
    pub fn create_guild(&mut self, new: NewGuild) -> Result<(u64, Vec<Effect>), Refusal> {
        if let Some(code) = &new.vanity_url_code {
            self.check_vanity(code)?;
        }
        let first = (self.bot().id, new.bot_permissions);
        let mut bots = Vec::new();
        for (id, permissions) in new.bots.unwrap_or_else(|| vec![first]) {
            let user = self.known_user(id)?;
            self.bot_with(id).ok_or(Refusal::NotABot(id))?;
            bots.push((user, permissions));
        }
        let mut id = self.old_id(400 * time::DAY, 2500 * time::DAY);
        while self.guilds.contains_key(&id) {
            id += 1 << 22;
        }
        let owner = self.create_user(NewUser::default());
        let name = new.name.unwrap_or_else(|| {
            let rng = self.rng();
            let word = SECOND
                .get(rng.random_range(0..SECOND.len()))
                .unwrap_or(&"server");
            format!("The {word} room")
        });
        let mut guild = Guild {
            id,
            name,
            owner_id: owner.id,
            features: new.features.into_iter().collect(),
            vanity_code: None,
            vanity_uses: 0,
            screening: new.screening,
            indexed: true,
            invites_disabled_until: None,
            dms_disabled_until: None,
            channels: std::collections::BTreeMap::new(),
            roles: std::collections::BTreeMap::new(),
            members: std::collections::BTreeMap::new(),
            invites: std::collections::BTreeMap::new(),
            ended: Vec::new(),
            audit: Vec::new(),
            bans: std::collections::BTreeMap::new(),
            voice: std::collections::BTreeMap::new(),
            events: std::collections::BTreeMap::new(),
            former: std::collections::BTreeSet::new(),
        };
        let everyone = Role {
            id,
            name: String::from("@everyone"),
            permissions: permissions::EVERYONE,
            position: 0,
            color: 0,
            bot_id: None,
        };
        guild.roles.insert(id, everyone);
        let names = [("welcome", 0), ("general", 0), ("voice", 2)];
        for (position, (name, kind)) in names.into_iter().enumerate() {
            let channel = id + (u64::try_from(position).unwrap_or(0) + 1);
            let position = u32::try_from(position).unwrap_or(0);
            self.channel_guild.insert(channel, id);
            let name = String::from(name);
            let overwrites = Vec::new();
            guild.channels.insert(
                channel,
                Channel {
                    id: channel,
                    kind,
                    name,
                    position,
                    overwrites,
                },
            );
        }
        let day_one = self.now - 300 * time::DAY;
        guild
            .members
            .insert(owner.id, settled(owner, Vec::new(), day_one));
        for (place, (bot, permissions)) in (0_u32..).zip(bots) {
            let role = Role {
                id: id + 100 + u64::from(place),
                name: bot.username.clone(),
                permissions,
                position: 1 + place,
                color: 0,
                bot_id: Some(bot.id),
            };
            guild
                .members
                .insert(bot.id, settled(bot, vec![role.id], day_one + time::DAY));
            guild.roles.insert(role.id, role);
        }
        for _ in 0..new.members {
            let user = self.create_user(NewUser::default());
            let age = self.rng().random_range(time::DAY..298 * time::DAY);
            let joined_at = self.now - age;
            guild
                .members
                .insert(user.id, settled(user, Vec::new(), joined_at));
        }
        self.guilds.insert(id, guild);
        if let Some(code) = new.vanity_url_code {
            if let Some(guild) = self.guild_mut(id) {
                guild.features.insert(String::from("VANITY_URL"));
            }
            self.set_vanity(id, Some(code))?;
        }
        let mut effects = Vec::new();
        self.emit(id, EventKind::GuildCreate, &mut effects);
        Ok((id, effects))
    }

    /// The token of a person's own client. Bots do not have one.
    #[must_use]
    pub fn user_token(&self, user: u64) -> Option<String> {
        let user = self.user(user).filter(|user| !user.bot)?;
        let mixed = (self.seed() ^ user.id).wrapping_mul(0xc2b2_ae3d_27d4_eb4f);
        Some(format!("user.{}.{mixed:016x}", user.id))
    }

    /// The person whose token this is.
    pub(crate) fn user_by_token(&self, token: &str) -> Option<u64> {
        let (id, _) = token.strip_prefix("user.")?.split_once('.')?;
        let user = id.parse().ok()?;
        (self.user_token(user)? == token).then_some(user)
    }

    /// Makes a user a member who joined long ago, without any event.
    ///
    /// # Errors
    ///
    /// [`Refusal::UnknownGuild`], [`Refusal::UnknownUser`].
    pub fn settle(&mut self, guild_id: u64, user: u64) -> Result<(), Refusal> {
        let user = self.known_user(user)?;
        let joined_at = self.now - 200 * time::DAY;
        let guild = self
            .guild_mut(guild_id)
            .ok_or(Refusal::UnknownGuild(guild_id))?;
        let member = settled(user, Vec::new(), joined_at);
        guild.members.entry(member.user.id).or_insert(member);
        Ok(())
    }

    /// Creates a channel.
    ///
    /// # Errors
    ///
    /// [`Refusal::UnknownGuild`].
    pub fn create_channel(
        &mut self,
        guild_id: u64,
        name: impl Into<String>,
        kind: u8,
        overwrites: Vec<Overwrite>,
    ) -> Result<(u64, Vec<Effect>), Refusal> {
        let id = self.next_id();
        let guild = self
            .guild_mut(guild_id)
            .ok_or(Refusal::UnknownGuild(guild_id))?;
        let position = u32::try_from(guild.channels.len()).unwrap_or(u32::MAX);
        let channel = Channel {
            id,
            kind,
            name: name.into(),
            position,
            overwrites,
        };
        guild.channels.insert(id, channel.clone());
        self.channel_guild.insert(id, guild_id);
        let mut effects = Vec::new();
        self.emit(guild_id, EventKind::ChannelCreate(channel), &mut effects);
        Ok((id, effects))
    }

    /// Creates a role.
    ///
    /// # Errors
    ///
    /// [`Refusal::UnknownGuild`].
    pub fn create_role(
        &mut self,
        guild_id: u64,
        name: impl Into<String>,
        permissions: u64,
    ) -> Result<(u64, Vec<Effect>), Refusal> {
        self.create_role_of(guild_id, name.into(), permissions, None)
    }

    /// Makes a role, which may belong to a bot.
    pub(super) fn create_role_of(
        &mut self,
        guild_id: u64,
        name: String,
        permissions: u64,
        bot_id: Option<u64>,
    ) -> Result<(u64, Vec<Effect>), Refusal> {
        let id = self.next_id();
        let guild = self
            .guild_mut(guild_id)
            .ok_or(Refusal::UnknownGuild(guild_id))?;
        // A new role is the lowest; the others move up.
        let mut moved = Vec::new();
        for role in guild.roles.values_mut().filter(|role| role.position > 0) {
            role.position += 1;
            moved.push(role.clone());
        }
        let role = Role {
            id,
            name,
            permissions,
            position: 1,
            color: if bot_id.is_some() { 0 } else { 0x0034_98db },
            bot_id,
        };
        guild.roles.insert(id, role.clone());
        let mut effects = Vec::new();
        self.emit(guild_id, EventKind::RoleCreate(role), &mut effects);
        for role in moved {
            self.emit(guild_id, EventKind::RoleUpdate(role), &mut effects);
        }
        Ok((id, effects))
    }

    fn check_vanity(&self, code: &str) -> Result<(), Refusal> {
        let problem = "2 to 25 letters, digits and hyphens";
        let fits = (2..=25).contains(&code.len())
            && code
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        if !fits {
            return Err(Refusal::Invalid {
                field: "vanity_url_code",
                problem,
            });
        }
        if self.vanity(code).is_some() || self.code_guild.contains_key(code) {
            return Err(Refusal::CodeTaken(String::from(code)));
        }
        Ok(())
    }

    /// Sets or removes the vanity code. The count of its uses starts again at 0.
    ///
    /// # Errors
    ///
    /// [`Refusal::UnknownGuild`], [`Refusal::VanityNotAllowed`],
    /// [`Refusal::CodeTaken`], [`Refusal::Invalid`].
    pub fn set_vanity(
        &mut self,
        guild_id: u64,
        code: Option<String>,
    ) -> Result<Vec<Effect>, Refusal> {
        let guild = self
            .guild(guild_id)
            .ok_or(Refusal::UnknownGuild(guild_id))?;
        if !guild.may_have_vanity() {
            return Err(Refusal::VanityNotAllowed);
        }
        let old = guild.vanity_code.clone();
        if let Some(code) = code.as_deref().filter(|code| Some(*code) != old.as_deref()) {
            self.check_vanity(code)?;
        }
        if let Some(old) = old {
            self.vanity_guild.remove(&old.to_ascii_lowercase());
        }
        if let Some(code) = &code {
            self.vanity_guild
                .insert(code.to_ascii_lowercase(), guild_id);
        }
        if let Some(guild) = self.guild_mut(guild_id) {
            guild.vanity_code = code;
            guild.vanity_uses = 0;
        }
        let mut effects = Vec::new();
        self.emit(guild_id, EventKind::GuildUpdate, &mut effects);
        Ok(effects)
    }
}

fn settled(user: Arc<User>, roles: Vec<u64>, joined_at: Micros) -> Member {
    Member {
        user,
        nick: None,
        joined_at,
        roles,
        flags: 0,
        pending: false,
        temporary: false,
        guest_of: None,
        source: JoinSource {
            kind: 0,
            code: None,
            inviter: None,
        },
        indexed_at: joined_at,
    }
}
