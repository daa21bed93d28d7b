//! serenity's events, in order.
//!
//! serenity calls each handler in its own task, so a handler may see `GUILD_CREATE` before
//! the `READY` that came first. Its collectors are called where events arrive, in order,
//! but they can only be added once there is a context, and that comes with `READY`. So
//! events are taken from a collector that is added then, and those that came before it
//! from the handler. The handler sees every event, and leaves out what the collector has
//! seen.

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use guestlist::{ShardId, service::Feed};
use serenity::{
    all::{Context, Event},
    collector::collect,
};

/// How long after `READY` a handler's task may still bring what came before the collector.
/// serenity starts sessions at least this far apart.
const EARLY: Duration = Duration::from_secs(5);
/// How late a handler's task may be.
const LATE: Duration = Duration::from_secs(60);

pub(crate) struct Events {
    feed: Feed,
    /// By number.
    shards: Mutex<HashMap<u32, Shard>>,
}

#[derive(Default)]
struct Shard {
    session: Option<Session>,
    /// What the handler brought of a session whose `READY` it has not brought yet.
    held: VecDeque<(Instant, Event)>,
}

struct Session {
    id: ShardId,
    since: Instant,
    seen: Arc<Mutex<Seen>>,
    /// Ends the collector when it is dropped.
    _collector: Box<dyn Send + Sync>,
}

/// What the collector has seen, until the handler has seen it too.
#[derive(Default)]
struct Seen(VecDeque<(Instant, u64)>);

impl Events {
    pub(crate) fn new(feed: Feed) -> Self {
        Self {
            feed,
            shards: Mutex::default(),
        }
    }

    /// What the handler brings, in any order.
    pub(crate) fn raw(&self, context: &Context, event: &Event) {
        if !matters(event) {
            return;
        }
        let now = Instant::now();
        let mut shards = lock(&self.shards);
        let shard = shards.entry(context.shard_id.0).or_default();
        if let Event::Ready(ready) = event {
            let told = ready.ready.shard.map(|info| (info.id.0, info.total));
            let (number, count) = told.unwrap_or((context.shard_id.0, 1));
            let Ok(id) = ShardId::new(number, count) else {
                return;
            };
            hand_over(&self.feed, id, event);
            let seen = Arc::default();
            let collector = self.collector(context, id, &seen);
            for (since, event) in std::mem::take(&mut shard.held) {
                if now.duration_since(since) < LATE && !lock(&seen).take(&event) {
                    hand_over(&self.feed, id, &event);
                }
            }
            shard.session = Some(Session {
                id,
                since: now,
                seen,
                _collector: collector,
            });
            return;
        }
        if let Some(session) = &shard.session {
            if lock(&session.seen).take(event) {
                return;
            }
            if now.duration_since(session.since) < EARLY {
                hand_over(&self.feed, session.id, event);
                return;
            }
        }
        shard
            .held
            .retain(|(since, _)| now.duration_since(*since) < LATE);
        shard.held.push_back((now, event.clone()));
    }

    /// Sees everything from now on, in order.
    fn collector(
        &self,
        context: &Context,
        id: ShardId,
        seen: &Arc<Mutex<Seen>>,
    ) -> Box<dyn Send + Sync> {
        let (feed, seen) = (self.feed.clone(), Arc::clone(seen));
        let stream = collect(&context.shard, move |event| {
            if matters(event) {
                lock(&seen).add(event);
                hand_over(&feed, id, event);
            }
            None::<()>
        });
        Box::new(stream)
    }

    pub(crate) fn hand_over(&self, id: ShardId, event: &Event) {
        if matters(event) {
            hand_over(&self.feed, id, event);
        }
    }
}

impl Seen {
    fn add(&mut self, event: &Event) {
        let now = Instant::now();
        while self
            .0
            .front()
            .is_some_and(|(since, _)| now.duration_since(*since) >= LATE)
        {
            self.0.pop_front();
        }
        self.0.push_back((now, mark(event)));
    }

    /// Whether this was seen. Each time counts once.
    fn take(&mut self, event: &Event) -> bool {
        let mark = mark(event);
        let place = self.0.iter().position(|(_, other)| *other == mark);
        place.and_then(|place| self.0.remove(place)).is_some()
    }
}

/// Whether an event says something about joins and invites.
const fn matters(event: &Event) -> bool {
    matches!(
        event,
        Event::Ready(_)
            | Event::Resumed(_)
            | Event::GuildCreate(_)
            | Event::GuildUpdate(_)
            | Event::GuildDelete(_)
            | Event::GuildMemberAdd(_)
            | Event::GuildMemberUpdate(_)
            | Event::GuildMemberRemove(_)
            | Event::InviteCreate(_)
            | Event::InviteDelete(_)
            | Event::GuildAuditLogEntryCreate(_)
    )
}

/// Two copies of one event have the same mark.
fn mark(event: &Event) -> u64 {
    let mut hasher = DefaultHasher::new();
    match event {
        // Large, and the order of what is in it is not certain.
        Event::GuildCreate(event) => ("create", event.guild.id).hash(&mut hasher),
        event => json(event).hash(&mut hasher),
    }
    hasher.finish()
}

/// The frame, as far as serenity's types hold it.
fn json(event: &Event) -> Vec<u8> {
    // serenity's events always become JSON.
    serde_json::to_vec(event).unwrap_or_default()
}

fn hand_over(feed: &Feed, id: ShardId, event: &Event) {
    feed.frame(id, &json(event));
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for Events {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Events").finish_non_exhaustive()
    }
}
