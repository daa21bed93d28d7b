//! A Discord without Discord: guilds, invites and members on a virtual clock.
//!
//! A [`World`] is pure. It does no input or output, reads no clock and draws
//! its chances from a seed, so the same commands give the same state and the
//! same [`Effect`]s every time. It knows the truth: for every join, which way
//! it came ([`World::true_joins`]).
//!
//! ```
//! use guestlist_sandbox::world::{NewInvite, World, WorldOptions};
//!
//! let mut world = World::new(&WorldOptions::default());
//! let guild = world.guild_ids()[0];
//! let made = world.create_invite(guild, NewInvite::default().max_uses(1))?;
//! let joined = world.accept_invite(&made.code, None)?;
//! assert!(joined.effects.iter().any(|effect| effect.name() == "GUILD_MEMBER_ADD"));
//! assert_eq!(world.true_joins().last().and_then(|join| join.code.clone()), Some(made.code));
//! # Ok::<(), guestlist_sandbox::world::Refusal>(())
//! ```

mod application;
mod audit;
mod bots;
mod chat;
mod commands;
mod create;
mod departures;
mod effect;
mod entities;
mod events;
mod invites;
mod members;
mod moderation;
pub mod permissions;
mod populate;
mod refusal;
pub mod scenario;
pub mod time;
mod truth;
mod voice;

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    sync::Arc,
};

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

pub(crate) use self::commands::{MOST_COMMANDS, Unanswerable};
pub use self::{
    application::PrivilegedIntent,
    audit::{
        AuditEntry, BOT_ADD, GUILD_UPDATE, INVITE_CREATE, INVITE_DELETE, INVITE_UPDATE,
        MEMBER_BAN_ADD, MEMBER_BAN_REMOVE, MEMBER_KICK, MEMBER_ROLE_UPDATE, MEMBER_UPDATE,
    },
    bots::{Bot, NewBot},
    chat::{Message, MessageText},
    commands::{Command, Interaction},
    create::{NewGuild, NewUser},
    effect::{Effect, EventKind, intents},
    entities::{
        Channel, EndedInvite, Ending, Guild, INVITE_APPLICATION_BYPASS, INVITE_IS_GUEST, Invite,
        JoinSource, MEMBER_DID_REJOIN, MEMBER_IS_GUEST, Member, Overwrite, Role, TargetUsers, User,
        Via,
    },
    events::{NewScheduledEvent, ScheduledEvent},
    invites::{MadeInvite, NewInvite},
    members::{Entry, Joined},
    populate::WorldOptions,
    refusal::Refusal,
    time::Micros,
    truth::{InviteKey, TrueInvite, TrueJoin},
};

/// What the world does where Discord's behaviour is undocumented or varies.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Quirks {
    /// Whether the INVITE_DELETE of an exhausted invite comes before the
    /// GUILD_MEMBER_ADD. If `None`, the world chooses at random each time.
    pub delete_before_add: Option<bool>,
    /// Whether `uses` rises when an existing member accepts an invite that grants roles.
    /// If `None`, the world chooses once, at random.
    pub reaccept_counts: Option<bool>,
    /// How often (0 to 1) GUILD_MEMBER_ADD is repeated.
    pub repeat_member_add: f64,
    /// How often (0 to 1) members-search shows a vanity join as an invite
    /// join (type 5) without inviter.
    pub vanity_as_invite: f64,
    /// Whether roles granted by an invite are on the new member, or
    /// come by a GUILD_MEMBER_UPDATE.
    pub roles_on_arrival: bool,
    /// How long members-search does not contain a new member.
    pub search_lag: Micros,
    /// How long a list shows the old `uses` after a join.
    pub uses_lag: Micros,
    /// How long the job takes that reads a file of target users.
    pub target_users_job: Micros,
}

impl Default for Quirks {
    fn default() -> Self {
        Self {
            delete_before_add: None,
            reaccept_counts: None,
            repeat_member_add: 0.02,
            vanity_as_invite: 0.1,
            roles_on_arrival: true,
            search_lag: 300 * time::MILLISECOND,
            uses_lag: 0,
            target_users_job: 500 * time::MILLISECOND,
        }
    }
}

/// Audit logs are looked through for what is too old so often.
const SWEEP: Micros = 3600 * time::SECOND;

/// A simulated Discord. See the [module](self).
#[derive(Clone, Debug)]
pub struct World {
    seed: u64,
    rng: ChaCha8Rng,
    now: Micros,
    last_id: u64,
    bot: Bot,
    more_bots: Vec<Bot>,
    users: BTreeMap<u64, Arc<User>>,
    guilds: BTreeMap<u64, Guild>,
    channel_guild: BTreeMap<u64, u64>,
    code_guild: BTreeMap<String, u64>,
    vanity_guild: BTreeMap<String, u64>,
    messages: BTreeMap<u64, Message>,
    message_bytes: usize,
    /// Channels of direct messages: of which bot they are, and with whom.
    direct: BTreeMap<u64, (u64, u64)>,
    commands: BTreeMap<u64, Command>,
    interactions: BTreeMap<u64, Interaction>,
    later: BTreeMap<(Micros, u64), Effect>,
    /// When invites end by age; those that ended otherwise are still in it.
    expiries: BTreeSet<(Micros, u64, String)>,
    /// When audit logs were last relieved of what is too old.
    swept: Micros,
    truth: Vec<TrueJoin>,
    arrivals: BTreeMap<(u64, u64), usize>,
    reaccept_counts: bool,
    /// What it does where Discord's behaviour is undocumented.
    pub quirks: Quirks,
}

impl World {
    /// The seed.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// The time in this world.
    #[must_use]
    pub const fn now(&self) -> Micros {
        self.now
    }

    /// The account of the first bot. Every world has one; [`World::create_bot`] makes more.
    #[must_use]
    pub const fn bot(&self) -> &Arc<User> {
        &self.bot.user
    }

    /// The owner of the bots' applications.
    #[must_use]
    pub const fn bot_owner(&self) -> &Arc<User> {
        &self.bot.owner
    }

    /// The ids of all guilds, ascending.
    #[must_use]
    pub fn guild_ids(&self) -> Vec<u64> {
        self.guilds.keys().copied().collect()
    }

    /// The ids of the first bot's guilds, ascending.
    #[must_use]
    pub fn bot_guild_ids(&self) -> Vec<u64> {
        self.guild_ids_of(self.bot.id())
    }

    /// The ids of a user's guilds, ascending.
    #[must_use]
    pub fn guild_ids_of(&self, user: u64) -> Vec<u64> {
        self.guilds
            .values()
            .filter(|guild| guild.members.contains_key(&user))
            .map(|guild| guild.id)
            .collect()
    }

    /// The guild with this id.
    #[must_use]
    pub fn guild(&self, id: u64) -> Option<&Guild> {
        self.guilds.get(&id)
    }

    /// The guild with this id, for changes that cause no events.
    #[must_use]
    pub fn guild_mut(&mut self, id: u64) -> Option<&mut Guild> {
        self.guilds.get_mut(&id)
    }

    /// The user with this id.
    #[must_use]
    pub fn user(&self, id: u64) -> Option<&Arc<User>> {
        self.users.get(&id)
    }

    /// The user with this name.
    #[must_use]
    pub fn user_named(&self, name: &str) -> Option<&Arc<User>> {
        self.users.values().find(|user| user.username == name)
    }

    /// A channel and the guild it is in.
    #[must_use]
    pub fn channel(&self, id: u64) -> Option<(&Guild, &Channel)> {
        let guild = self.guilds.get(self.channel_guild.get(&id)?)?;
        Some((guild, guild.channels.get(&id)?))
    }

    /// A valid invite and its guild.
    #[must_use]
    pub fn invite(&self, code: &str) -> Option<(&Guild, &Invite)> {
        let guild = self.guilds.get(self.code_guild.get(code)?)?;
        let invite = guild.invites.get(code)?;
        (!invite.is_expired(self.now)).then_some((guild, invite))
    }

    /// The guild with this vanity code, in any case.
    #[must_use]
    pub fn vanity(&self, code: &str) -> Option<&Guild> {
        self.guilds
            .get(self.vanity_guild.get(&code.to_ascii_lowercase())?)
    }

    /// Moves the clock, never backwards. Invites whose time is up end, in
    /// silence; delayed events come out.
    pub fn advance_to(&mut self, now: Micros) -> Vec<Effect> {
        if now < self.now {
            return Vec::new();
        }
        self.now = now;
        while let Some((at, _, _)) = self.expiries.first()
            && *at <= now
        {
            if let Some((_, guild, code)) = self.expiries.pop_first() {
                self.expire(guild, &code);
            }
        }
        if now - self.swept >= SWEEP {
            self.swept = now;
            for guild in self.guilds.values_mut() {
                audit::forget_old(guild, now);
            }
        }
        let mut due = VecDeque::new();
        while let Some(entry) = self.later.first_entry() {
            if entry.key().0 > now {
                break;
            }
            due.push_back(entry.remove());
        }
        due.into()
    }

    /// Ends an invite whose time is up, unless it has ended already, or another has its code.
    fn expire(&mut self, guild_id: u64, code: &str) {
        let invite = self.guild(guild_id).and_then(|it| it.invites.get(code));
        let expired = invite.filter(|it| it.is_expired(self.now));
        if let Some(at) = expired.and_then(|invite| invite.expires_at) {
            self.take_invite(guild_id, code, Ending::Expired, at, None);
        }
    }

    /// Moves the clock forward.
    pub fn advance(&mut self, by: Micros) -> Vec<Effect> {
        self.advance_to(self.now.saturating_add(by))
    }

    /// When the next delayed event is due.
    #[must_use]
    pub fn next_due(&self) -> Option<Micros> {
        self.later.keys().next().map(|(at, _)| *at)
    }

    /// A new snowflake, larger than all before it.
    pub(crate) fn next_id(&mut self) -> u64 {
        let base = snowflake(self.now);
        self.last_id = base.max(self.last_id + 1);
        self.last_id
    }

    /// A snowflake of some earlier day, as most users and guilds have.
    pub(crate) fn old_id(&mut self, youngest: Micros, oldest: Micros) -> u64 {
        let at = self.now - self.rng.random_range(youngest..=oldest);
        snowflake(at) | u64::from(self.rng.random::<u32>() & 0x003f_ffff)
    }

    /// A code of eight characters that is not in use.
    pub(crate) fn new_code(&mut self) -> String {
        const ALPHABET: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        loop {
            let code: String = (0..8)
                .filter_map(|_| ALPHABET.get(self.rng.random_range(0..ALPHABET.len())))
                .map(|byte| char::from(*byte))
                .collect();
            if !self.code_guild.contains_key(&code) && self.vanity(&code).is_none() {
                return code;
            }
        }
    }

    pub(crate) const fn rng(&mut self) -> &mut ChaCha8Rng {
        &mut self.rng
    }

    pub(crate) fn chance(&mut self, probability: f64) -> bool {
        self.rng.random_bool(probability.clamp(0.0, 1.0))
    }

    /// Keeps an event for later.
    pub(crate) fn emit_later(&mut self, at: Micros, effect: Effect) {
        let id = self.next_id();
        self.later.insert((at, id), effect);
    }
}

/// The first snowflake of a moment.
#[must_use]
pub fn snowflake(at: Micros) -> u64 {
    let millis = (at - time::DISCORD_EPOCH).max(0) / time::MILLISECOND;
    u64::try_from(millis).unwrap_or(0) << 22
}

fn rng(seed: u64) -> ChaCha8Rng {
    ChaCha8Rng::seed_from_u64(seed)
}
