//! Entities seen earlier, which resolve the bare ids in later payloads.

use std::collections::{HashMap, HashSet, VecDeque};
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::{Arc, PoisonError, RwLock};

use crate::{
    ChannelId, Event, GuildCreate, GuildId, Invite, InviteChannel, InviteCode, InviteGuild, User,
    UserId,
};

const SHARDS: usize = 16;

/// A cache of the users, channels, guilds and invites that REST or the gateway sent
/// recently.
///
/// Clones are cheap and share the same cache. The number of entries of each kind is
/// bounded: when a kind is full, its oldest entries are evicted. An entity that is
/// inserted again replaces the earlier one. A lock is held for one look-up or one entry
/// at a time.
///
/// [`insert_event`](Self::insert_event) keeps it up to date:
///
/// | event | what happens |
/// |---|---|
/// | READY | inserts the bot's user |
/// | GUILD_CREATE | inserts the guild and its channels; removes channels that are no longer listed, and their invites |
/// | GUILD_UPDATE | replaces the guild |
/// | GUILD_DELETE | removes the guild, its channels and its invites, unless the guild is only unavailable |
/// | CHANNEL_CREATE, CHANNEL_UPDATE | inserts the channel |
/// | CHANNEL_DELETE | removes the channel and its invites |
/// | INVITE_CREATE | inserts the invite and every entity in it |
/// | INVITE_DELETE | removes the invite |
/// | GUILD_MEMBER_ADD, _UPDATE, _REMOVE | inserts the user |
///
/// A user who leaves a guild stays in the cache, because the guild's invites may still
/// refer to them. [`remove_user`](Self::remove_user) removes a user.
///
/// ```
/// use guestlist_model::{Cache, Invite};
///
/// let cache = Cache::new();
/// let listed: Invite = r#"{"code":"a","channel":{"id":"5","name":"hall","type":0}}"#.parse()?;
/// cache.insert_invite(&listed);
/// let created: Invite = r#"{"code":"b","channel_id":"5"}"#.parse()?;
/// assert!(created.channel().is_none());
/// assert_eq!(created.channel_in(&cache).unwrap().name(), Some("hall"));
/// # Ok::<(), guestlist_model::DecodeError>(())
/// ```
#[derive(Clone)]
pub struct Cache(Arc<Inner>);

struct Inner {
    users: Table<UserId, Arc<User>>,
    channels: Table<ChannelId, Arc<InviteChannel>>,
    guilds: Table<GuildId, Arc<InviteGuild>>,
    invites: Table<InviteCode, Invite>,
    /// Which channels of a guild are cached, so that they are removed with it.
    channels_of: Table<GuildId, Vec<ChannelId>>,
}

impl Default for Cache {
    fn default() -> Self {
        Self::new()
    }
}

impl std::fmt::Debug for Cache {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Cache")
            .field("users", &self.0.users.len())
            .field("channels", &self.0.channels.len())
            .field("guilds", &self.0.guilds.len())
            .field("invites", &self.0.invites.len())
            .finish()
    }
}

impl Cache {
    /// Creates a cache for about 65,536 entries of each kind.
    #[must_use]
    pub fn new() -> Self {
        Self::with_capacity(1 << 16)
    }

    /// Creates a cache for about `capacity` entries of each kind (rounded up to a
    /// multiple of 16).
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self(Arc::new(Inner {
            users: Table::new(capacity),
            channels: Table::new(capacity),
            guilds: Table::new(capacity),
            invites: Table::new(capacity),
            channels_of: Table::new(capacity),
        }))
    }

    /// The user with an id.
    #[must_use]
    pub fn user(&self, id: UserId) -> Option<Arc<User>> {
        self.0.users.get(&id)
    }

    /// The channel with an id.
    #[must_use]
    pub fn channel(&self, id: ChannelId) -> Option<Arc<InviteChannel>> {
        self.0.channels.get(&id)
    }

    /// The guild with an id.
    #[must_use]
    pub fn guild(&self, id: GuildId) -> Option<Arc<InviteGuild>> {
        self.0.guilds.get(&id)
    }

    /// The invite with a code.
    #[must_use]
    pub fn invite(&self, code: &InviteCode) -> Option<Invite> {
        self.0.invites.get(code)
    }

    /// The cached channels of a guild.
    #[must_use]
    pub fn channels_of(&self, guild: GuildId) -> Vec<Arc<InviteChannel>> {
        let ids = self.0.channels_of.get(&guild).unwrap_or_default();
        ids.iter().filter_map(|id| self.channel(*id)).collect()
    }

    /// Inserts a channel of a guild.
    pub fn insert_channel(&self, guild: Option<GuildId>, channel: &Arc<InviteChannel>) {
        let id = channel.id();
        self.0.channels.insert(id, Arc::clone(channel));
        if let Some(guild) = guild {
            self.0.channels_of.change(guild, |ids| {
                if !ids.contains(&id) {
                    ids.push(id);
                }
            });
        }
    }

    /// Inserts a guild.
    pub fn insert_guild(&self, guild: &Arc<InviteGuild>) {
        self.0.guilds.insert(guild.id(), Arc::clone(guild));
    }

    /// Removes a guild, its channels and its invites.
    pub fn remove_guild(&self, id: GuildId) {
        self.0.guilds.remove(&id);
        for channel in self.0.channels_of.take(&id).unwrap_or_default() {
            self.0.channels.remove(&channel);
        }
        self.0
            .invites
            .retain(|invite| invite.guild_id() != Some(id));
    }

    /// Removes channels and their invites.
    fn remove_channels(&self, guild: Option<GuildId>, gone: &[ChannelId]) {
        for id in gone {
            self.0.channels.remove(id);
        }
        if let Some(guild) = guild {
            self.0
                .channels_of
                .change(guild, |ids| ids.retain(|id| !gone.contains(id)));
        }
        self.0
            .invites
            .retain(|invite| invite.channel_id().is_none_or(|id| !gone.contains(&id)));
    }

    /// Inserts an available guild with all its channels.
    fn insert_whole_guild(&self, created: &GuildCreate) {
        if created.unavailable {
            return;
        }
        if let Some(guild) = &created.guild {
            self.insert_guild(guild);
        }
        let held = self.0.channels_of.get(&created.id).unwrap_or_default();
        let listed: HashSet<_> = created
            .channels
            .iter()
            .map(|channel| channel.id())
            .collect();
        let gone: Vec<_> = held.into_iter().filter(|id| !listed.contains(id)).collect();
        if !gone.is_empty() {
            self.remove_channels(Some(created.id), &gone);
        }
        for channel in &created.channels {
            self.0.channels.insert(channel.id(), Arc::clone(channel));
        }
        self.0
            .channels_of
            .insert(created.id, listed.into_iter().collect());
    }

    /// Inserts a user.
    pub fn insert_user(&self, user: &Arc<User>) {
        self.0.users.insert(user.id(), Arc::clone(user));
    }

    /// Inserts an invite and every entity in it.
    pub fn insert_invite(&self, invite: &Invite) {
        for user in [invite.inviter(), invite.target_user()]
            .into_iter()
            .flatten()
        {
            self.insert_user(user);
        }
        if let Some(channel) = invite.channel() {
            self.insert_channel(invite.guild_id(), channel);
        }
        if let Some(guild) = invite.guild() {
            self.insert_guild(guild);
        }
        self.0.invites.insert(invite.code().clone(), invite.clone());
    }

    /// Applies an event: inserts, updates or removes entries as the table above says.
    pub fn insert_event(&self, event: &Event) {
        match event {
            Event::InviteCreate(invite) => self.insert_invite(invite),
            Event::InviteDelete(gone) => self.0.invites.remove(&gone.code),
            Event::MemberAdd(join) => self.insert_user(&join.member.user),
            Event::MemberUpdate(update) => self.insert_user(&update.member.user),
            Event::MemberRemove(leave) => self.insert_user(&leave.user),
            Event::Ready(ready) => self.insert_user(&ready.user),
            Event::GuildCreate(guild) => self.insert_whole_guild(guild),
            Event::GuildUpdate(updated) => match &updated.guild {
                Some(guild) => self.insert_guild(guild),
                // What is known of the guild may have changed.
                None => self.0.guilds.remove(&updated.id),
            },
            Event::GuildDelete(guild) if !guild.unavailable => self.remove_guild(guild.id),
            Event::ChannelCreate(event) | Event::ChannelUpdate(event) => {
                self.insert_channel(event.guild_id, &event.channel);
            }
            Event::ChannelDelete(event) => {
                self.remove_channels(event.guild_id, &[event.channel.id()]);
            }
            Event::GuildDelete(_)
            | Event::AuditLogEntry(_)
            | Event::Resumed
            | Event::Other { .. } => {}
        }
    }

    /// Removes a user and the invites that refer to them, for example because the person
    /// asked for it.
    pub fn remove_user(&self, id: UserId) {
        self.0.users.remove(&id);
        self.0.invites.retain(|invite| {
            invite.inviter_id() != Some(id)
                && invite.target_user().is_none_or(|user| user.id() != id)
        });
    }
}

impl Invite {
    /// The channel: the one in the payload, or else the cached one.
    #[must_use]
    pub fn channel_in(&self, cache: &Cache) -> Option<Arc<InviteChannel>> {
        self.channel()
            .cloned()
            .or_else(|| cache.channel(self.channel_id()?))
    }

    /// The guild: the one in the payload, or else the cached one.
    #[must_use]
    pub fn guild_in(&self, cache: &Cache) -> Option<Arc<InviteGuild>> {
        self.guild()
            .cloned()
            .or_else(|| cache.guild(self.guild_id()?))
    }

    /// The user who created the invite: the cached one, which may be newer, or else the
    /// one in the payload.
    #[must_use]
    pub fn inviter_in(&self, cache: &Cache) -> Option<Arc<User>> {
        let inviter = self.inviter()?;
        Some(
            cache
                .user(inviter.id())
                .unwrap_or_else(|| Arc::clone(inviter)),
        )
    }

    /// The target user: the cached one, which may be newer, or else the one in the
    /// payload.
    #[must_use]
    pub fn target_user_in(&self, cache: &Cache) -> Option<Arc<User>> {
        let user = self.target_user()?;
        Some(cache.user(user.id()).unwrap_or_else(|| Arc::clone(user)))
    }
}

/// A map in several parts, each with its own lock.
struct Table<K, V> {
    shards: [RwLock<Shard<K, V>>; SHARDS],
    hasher: RandomState,
    /// The capacity of each part.
    capacity: usize,
}

struct Shard<K, V> {
    /// Each value with the number of its insertion, which locates it in `order`.
    map: HashMap<K, (V, u64)>,
    /// Oldest first. Entries that were replaced or removed since stay until they come
    /// to the front, or until there are too many of them.
    order: VecDeque<(K, u64)>,
    tick: u64,
}

impl<K: Clone + Eq + Hash, V: Clone> Table<K, V> {
    fn new(capacity: usize) -> Self {
        Self {
            shards: std::array::from_fn(|_| {
                RwLock::new(Shard {
                    map: HashMap::new(),
                    order: VecDeque::new(),
                    tick: 0,
                })
            }),
            hasher: RandomState::new(),
            capacity: capacity.div_ceil(SHARDS).max(1),
        }
    }

    fn shard(&self, key: &K) -> &RwLock<Shard<K, V>> {
        let index = usize::try_from(self.hasher.hash_one(key) >> 60).unwrap_or(0);
        // The top four bits number one of the sixteen.
        let [first, ..] = &self.shards;
        self.shards.get(index).unwrap_or(first)
    }

    fn get(&self, key: &K) -> Option<V> {
        let shard = self
            .shard(key)
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        shard.map.get(key).map(|(value, _)| value.clone())
    }

    fn insert(&self, key: K, value: V) {
        let mut shard = self
            .shard(&key)
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let shard = &mut *shard;
        shard.tick += 1;
        let tick = shard.tick;
        shard.map.insert(key.clone(), (value, tick));
        shard.order.push_back((key, tick));
        while shard.map.len() > self.capacity {
            let Some((oldest, tick)) = shard.order.pop_front() else {
                break;
            };
            if shard.map.get(&oldest).is_some_and(|(_, at)| *at == tick) {
                shard.map.remove(&oldest);
            }
        }
        if shard.order.len() > 2 * self.capacity + 16 {
            let map = &shard.map;
            shard
                .order
                .retain(|(key, tick)| map.get(key).is_some_and(|(_, at)| at == tick));
        }
    }

    /// Changes a value in place; starts with a default value if there is none.
    fn change(&self, key: K, change: impl FnOnce(&mut V))
    where
        V: Default,
    {
        let mut shard = self
            .shard(&key)
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some((value, _)) = shard.map.get_mut(&key) {
            return change(value);
        }
        drop(shard);
        let mut value = V::default();
        change(&mut value);
        self.insert(key, value);
    }

    fn take(&self, key: &K) -> Option<V> {
        let mut shard = self
            .shard(key)
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        shard.map.remove(key).map(|(value, _)| value)
    }

    fn remove(&self, key: &K) {
        let mut shard = self
            .shard(key)
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        shard.map.remove(key);
    }

    fn retain(&self, keep: impl Fn(&V) -> bool) {
        for shard in &self.shards {
            let mut shard = shard.write().unwrap_or_else(PoisonError::into_inner);
            shard.map.retain(|_, (value, _)| keep(value));
        }
    }

    fn len(&self) -> usize {
        let of = |shard: &RwLock<Shard<K, V>>| {
            shard
                .read()
                .unwrap_or_else(PoisonError::into_inner)
                .map
                .len()
        };
        self.shards.iter().map(of).sum()
    }
}
