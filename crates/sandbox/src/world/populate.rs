//! The first day: a bot, some guilds, people and invites.

use std::{collections::BTreeMap, sync::Arc};

use rand::Rng;

use super::{
    Bot, Micros, NewBot, NewGuild, NewInvite, NewUser, Quirks, User, World, permissions, rng,
    snowflake, time,
};

/// Application flags: the three privileged intents, as unverified bots have
/// them (`*_LIMITED`).
pub(crate) const PRIVILEGED_LIMITED: u64 = 1 << 13 | 1 << 15 | 1 << 19;

/// The world at the start.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct WorldOptions {
    /// The seed of everything random.
    pub seed: u64,
    /// The time at the start.
    pub start: Micros,
    /// The number of guilds.
    pub guilds: usize,
    /// The number of members in each.
    pub members: usize,
    /// The number of invites in each.
    pub invites: usize,
    /// The application flags of the first bot, that is, its privileged intents.
    pub application_flags: u64,
    /// The names of more bots, which are in all guilds, with the same permissions as the first one.
    pub bots: Vec<String>,
    /// What it does where Discord's behaviour is undocumented.
    pub quirks: Quirks,
}

impl Default for WorldOptions {
    fn default() -> Self {
        Self {
            seed: 0,
            start: time::DEFAULT_START,
            guilds: 1,
            members: 12,
            invites: 5,
            application_flags: PRIVILEGED_LIMITED,
            bots: Vec::new(),
            quirks: Quirks::default(),
        }
    }
}

impl WorldOptions {
    /// Creates the default options with this seed.
    #[must_use]
    pub fn seeded(seed: u64) -> Self {
        Self {
            seed,
            ..Self::default()
        }
    }
}

impl World {
    /// Creates a world: guilds with members and invites. The first guild may
    /// have a vanity link and has one; every second one is in discovery.
    #[must_use]
    pub fn new(options: &WorldOptions) -> Self {
        let mut rng = rng(options.seed);
        let account = |id: u64, name: &str, bot: bool| {
            Arc::new(User {
                id,
                username: String::from(name),
                global_name: None,
                discriminator: String::from(if bot { "4242" } else { "0" }),
                bot,
                avatar: None,
            })
        };
        let made = snowflake(options.start - 500 * time::DAY);
        let bot = account(made | u64::from(rng.random::<u16>()), "guestlist", true);
        let bot_owner = account(
            snowflake(options.start - 900 * time::DAY) | 7,
            "botsmith",
            false,
        );
        let coin = rng.random();
        let mut world = Self {
            seed: options.seed,
            rng,
            now: options.start,
            last_id: 0,
            users: BTreeMap::from([
                (bot.id, Arc::clone(&bot)),
                (bot_owner.id, Arc::clone(&bot_owner)),
            ]),
            bot: Bot::new(options.seed, bot, bot_owner, options.application_flags),
            more_bots: Vec::new(),
            guilds: BTreeMap::new(),
            channel_guild: BTreeMap::new(),
            code_guild: BTreeMap::new(),
            vanity_guild: BTreeMap::new(),
            messages: BTreeMap::new(),
            message_bytes: 0,
            direct: BTreeMap::new(),
            commands: BTreeMap::new(),
            interactions: BTreeMap::new(),
            later: BTreeMap::new(),
            expiries: std::collections::BTreeSet::new(),
            swept: options.start,
            truth: Vec::new(),
            arrivals: BTreeMap::new(),
            reaccept_counts: options.quirks.reaccept_counts.unwrap_or(coin),
            quirks: options.quirks.clone(),
        };
        for name in &options.bots {
            // Refused only above a hundred: then there are enough.
            if world.create_bot(NewBot::named(name)).is_err() {
                break;
            }
        }
        for number in 0..options.guilds {
            world.first_guild(number, options);
        }
        world
    }

    fn first_guild(&mut self, number: usize, options: &WorldOptions) {
        let mut features = vec![String::from("COMMUNITY"), String::from("NEWS")];
        if number.is_multiple_of(2) {
            features.push(String::from("DISCOVERABLE"));
        }
        let vanity_url_code = number
            .is_multiple_of(3)
            .then(|| format!("guestlist-{number}"));
        let new = NewGuild {
            features,
            vanity_url_code,
            members: options.members,
            bots: Some(
                self.bots()
                    .map(|bot| (bot.id(), permissions::BOT))
                    .collect(),
            ),
            ..NewGuild::default()
        };
        let Ok((guild_id, _)) = self.create_guild(new) else {
            return;
        };
        for _ in 0..options.invites {
            let invite = self.some_old_invite(guild_id);
            // Refused only above a thousand: then there are enough.
            if self.create_invite(guild_id, invite).is_err() {
                break;
            }
        }
        if let Some(guild) = self.guild_mut(guild_id) {
            // They are older than any audit log.
            guild.audit.clear();
            guild.vanity_uses = if guild.vanity_code.is_some() { 17 } else { 0 };
        }
    }

    fn some_old_invite(&mut self, guild_id: u64) -> NewInvite {
        let Some(guild) = self.guild(guild_id) else {
            return NewInvite::default();
        };
        let people: Vec<u64> = guild
            .members
            .values()
            .filter(|it| !it.user.bot)
            .map(|it| it.user.id)
            .collect();
        let channels: Vec<u64> = guild.channels.keys().copied().collect();
        let rng = self.rng();
        let mut invite = NewInvite::default()
            .max_age(0)
            .uses(rng.random_range(0..40));
        invite.inviter_id = people
            .get(rng.random_range(0..people.len().max(1)))
            .copied();
        invite.channel_id = channels
            .get(rng.random_range(0..channels.len().max(1)))
            .copied();
        invite
    }

    /// Somebody new.
    pub(crate) fn newcomer(&mut self) -> u64 {
        self.create_user(NewUser::default()).id
    }
}
