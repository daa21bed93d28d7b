//! Entities seen before, to resolve the bare ids of later payloads.

use std::collections::{HashMap, VecDeque};
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::{Arc, PoisonError, RwLock};

use crate::{
    ChannelId, Event, GuildId, Invite, InviteChannel, InviteCode, InviteGuild, User, UserId,
};

const SHARDS: usize = 16;

/// Users, channels, guilds and invites seen lately, whether by REST or the gateway.
///
/// Cloning is cheap and gives the same cache. Each kind holds a bounded number of
/// entries, the oldest of which give way. What is seen again replaces what was there.
/// Locks are held for one look-up or one entry at a time.
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
    /// A cache that holds about 65,536 entries of each kind.
    #[must_use]
    pub fn new() -> Self {
        Self::with_capacity(1 << 16)
    }

    /// A cache that holds at most about so many entries of each kind (rounded up to a
    /// multiple of 16).
    #[must_use]
    pub fn with_capacity(capacity: usize) -> Self {
        Self(Arc::new(Inner {
            users: Table::new(capacity),
            channels: Table::new(capacity),
            guilds: Table::new(capacity),
            invites: Table::new(capacity),
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

    /// Puts in a user.
    pub fn insert_user(&self, user: &Arc<User>) {
        self.0.users.insert(user.id(), Arc::clone(user));
    }

    /// Puts in an invite and everyone and everything in it.
    pub fn insert_invite(&self, invite: &Invite) {
        for user in [invite.inviter(), invite.target_user()]
            .into_iter()
            .flatten()
        {
            self.insert_user(user);
        }
        if let Some(channel) = invite.channel() {
            self.0.channels.insert(channel.id(), Arc::clone(channel));
        }
        if let Some(guild) = invite.guild() {
            self.0.guilds.insert(guild.id(), Arc::clone(guild));
        }
        self.0.invites.insert(invite.code().clone(), invite.clone());
    }

    /// Puts in, brings up to date, or takes out what an event tells.
    pub fn insert_event(&self, event: &Event) {
        match event {
            Event::InviteCreate(invite) => self.insert_invite(invite),
            Event::InviteDelete(gone) => self.0.invites.remove(&gone.code),
            Event::MemberAdd(join) => self.insert_user(&join.member.user),
            Event::MemberUpdate(update) => self.insert_user(&update.member.user),
            Event::MemberRemove(leave) => self.insert_user(&leave.user),
            Event::Ready(ready) => self.insert_user(&ready.user),
            Event::GuildDelete(guild) if !guild.unavailable => self.0.guilds.remove(&guild.id),
            // What is known of the guild may have changed.
            Event::GuildUpdate(guild) => self.0.guilds.remove(&guild.id),
            Event::GuildDelete(_)
            | Event::GuildCreate(_)
            | Event::AuditLogEntry(_)
            | Event::Resumed
            | Event::Other { .. } => {}
        }
    }

    /// Forgets a user, as a person may ask for, with the invites that name them.
    pub fn remove_user(&self, id: UserId) {
        self.0.users.remove(&id);
        self.0.invites.retain(|invite| {
            invite.inviter_id() != Some(id)
                && invite.target_user().is_none_or(|user| user.id() != id)
        });
    }
}

impl Invite {
    /// The channel: the one in the payload, or else the one that the cache has.
    #[must_use]
    pub fn channel_in(&self, cache: &Cache) -> Option<Arc<InviteChannel>> {
        self.channel()
            .cloned()
            .or_else(|| cache.channel(self.channel_id()?))
    }

    /// The guild: the one in the payload, or else the one that the cache has.
    #[must_use]
    pub fn guild_in(&self, cache: &Cache) -> Option<Arc<InviteGuild>> {
        self.guild()
            .cloned()
            .or_else(|| cache.guild(self.guild_id()?))
    }

    /// Who made the invite, as the cache has them now, or else as the payload does.
    #[must_use]
    pub fn inviter_in(&self, cache: &Cache) -> Option<Arc<User>> {
        let inviter = self.inviter()?;
        Some(
            cache
                .user(inviter.id())
                .unwrap_or_else(|| Arc::clone(inviter)),
        )
    }

    /// The target user, as the cache has them now, or else as the payload does.
    #[must_use]
    pub fn target_user_in(&self, cache: &Cache) -> Option<Arc<User>> {
        let user = self.target_user()?;
        Some(cache.user(user.id()).unwrap_or_else(|| Arc::clone(user)))
    }
}

/// A map in parts with a lock each.
struct Table<K, V> {
    shards: [RwLock<Shard<K, V>>; SHARDS],
    hasher: RandomState,
    /// Of each part.
    capacity: usize,
}

struct Shard<K, V> {
    /// With each value when it was put in, to find its place in `order` again.
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
