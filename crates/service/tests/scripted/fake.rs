//! A Discord of one guild a shard, played in memory: it counts uses, remembers
//! its members, numbers its events and replays them when a session is resumed.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{
        Arc, Mutex, MutexGuard,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use guestlist_model::{
    AuditLog, GuildId, Id, MemberSearch, RawFrame, ShardId, Timestamp, UserId, decode_invites,
};
use guestlist_service::{Connect, EventSource, GatewaySession, Requester, Signal, SignalKind};
use guestlist_tracker::{Failure, MemberQuery, Request, Response};
use serde_json::{Value, json};
use tokio::sync::mpsc;

/// A shard failed for good.
#[derive(Debug)]
pub(crate) struct Broken;

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("broken")
    }
}

impl std::error::Error for Broken {}

type Item = Signal<Broken>;

/// Someone who joined.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub(crate) user: UserId,
    pub(crate) joined_at: Timestamp,
    pub(crate) code: String,
}

struct Shard {
    id: ShardId,
    session: u64,
    events: Vec<(&'static str, Value)>,
    /// What the session's first event is in `events`.
    from: usize,
    live: Option<mpsc::UnboundedSender<Item>>,
    members: Vec<Member>,
    uses: BTreeMap<String, u64>,
    /// All who ever joined, as the truth has it.
    truth: Vec<Member>,
}

struct State {
    shards: Vec<Shard>,
    users: u64,
    last: i64,
    refuse: Option<Failure>,
    delay: Duration,
    /// A shard that connects later than the others, and what it has to say then.
    late: Option<usize>,
    kept: Vec<(usize, Item)>,
    stall: Option<Duration>,
}

/// The whole Discord. Clones are the same.
#[derive(Clone)]
pub(crate) struct Fake {
    state: Arc<Mutex<State>>,
    pub(crate) requests: Arc<AtomicUsize>,
    pub(crate) closed: Arc<AtomicUsize>,
}

/// A guild belongs to the shard that its id's time says.
pub(crate) fn guild(shard: usize) -> GuildId {
    Id::new_checked((214_576_721_192 + shard as u64) << 22).unwrap()
}

fn inviter(code: &str) -> String {
    (800_000_000_000_000_000 + u64::from(code.as_bytes()[0])).to_string()
}

const CODES: [&str; 3] = ["alpha", "beta", "gamma"];

impl Fake {
    pub(crate) fn new(shards: usize) -> Self {
        let count = u32::try_from(shards).unwrap();
        let shards = (0..count)
            .map(|number| Shard {
                id: ShardId::new(number, count).unwrap(),
                session: 1,
                events: Vec::new(),
                from: 0,
                live: None,
                members: Vec::new(),
                uses: CODES.into_iter().map(|code| (code.to_owned(), 3)).collect(),
                truth: Vec::new(),
            })
            .collect();
        let state = State {
            shards,
            users: 0,
            last: 0,
            refuse: None,
            delay: Duration::ZERO,
            late: None,
            kept: Vec::new(),
            stall: None,
        };
        Self {
            state: Arc::new(Mutex::new(state)),
            requests: Arc::default(),
            closed: Arc::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Somebody joins by this code.
    pub(crate) fn join(&self, shard: usize, code: &str) -> UserId {
        let mut state = self.state();
        state.users += 1;
        let user: UserId = Id::new_checked(700_000_000_000_000_000 + state.users).unwrap();
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap()
            .as_micros();
        state.last = i64::try_from(now).unwrap().max(state.last + 1);
        let member = Member {
            user,
            joined_at: Timestamp::from_micros(state.last),
            code: code.to_owned(),
        };
        let shard_state = &mut state.shards[shard];
        *shard_state.uses.get_mut(code).unwrap() += 1;
        shard_state.members.push(member.clone());
        shard_state.truth.push(member.clone());
        let mut data = member_json(&member);
        data["guild_id"] = json!(guild(shard));
        dispatch(shard_state, "GUILD_MEMBER_ADD", data);
        user
    }

    /// Every guild has so many more invites, which nobody uses.
    pub(crate) fn add_invites(&self, count: usize) {
        for shard in &mut self.state().shards {
            let more = (0..count).map(|number| (format!("unused{number}"), 0));
            shard.uses.extend(more);
        }
    }

    /// A use of this code is counted in every guild.
    pub(crate) fn use_up(&self, code: &str) {
        for shard in &mut self.state().shards {
            *shard.uses.get_mut(code).unwrap() += 1;
        }
    }

    /// Somebody joins by no code; only the event tells.
    pub(crate) fn join_unseen(&self, shard: usize) {
        self.join_counted(shard, "none");
    }

    /// Somebody joins whose use is counted already, or never.
    pub(crate) fn join_counted(&self, shard: usize, code: &str) {
        let uses = self.state().shards[shard].uses.clone();
        self.state().shards[shard].uses.insert(code.to_owned(), 0);
        self.join(shard, code);
        self.state().shards[shard].uses = uses;
    }

    /// The next event that is read takes so long, in which nothing else is done.
    pub(crate) fn stall(&self, span: Duration) {
        self.state().stall = Some(span);
    }

    /// Something happens that has nothing to do with invites.
    pub(crate) fn noise(&self, shard: usize) {
        dispatch(&mut self.state().shards[shard], "TYPING_START", json!({}));
    }

    /// Tells the service something as the gateway client would.
    pub(crate) fn tell(&self, shard: usize, kind: SignalKind<Broken>) {
        let state = self.state();
        let shard = &state.shards[shard];
        let live = shard.live.as_ref().expect("connected");
        live.send(Signal::new(shard.id, kind)).unwrap();
    }

    /// From now on the old session cannot be resumed.
    pub(crate) fn forget_session(&self, shard: usize) {
        let mut state = self.state();
        let shard = &mut state.shards[shard];
        shard.session += 1;
        shard.from = shard.events.len();
    }

    /// From now on, this shard does not resume before it is let.
    pub(crate) fn keep(&self, shard: usize) {
        self.state().late = Some(shard);
    }

    pub(crate) fn let_resume(&self) {
        let kept = {
            let mut state = self.state();
            state.late = None;
            std::mem::take(&mut state.kept)
        };
        for (shard, item) in kept {
            self.tell(shard, item.kind);
        }
    }

    pub(crate) fn refuse(&self, failure: Option<Failure>) {
        self.state().refuse = failure;
    }

    pub(crate) fn delay(&self, delay: Duration) {
        self.state().delay = delay;
    }

    /// Everyone who ever joined, by shard's guild.
    pub(crate) fn truth(&self) -> Vec<(GuildId, Member)> {
        let state = self.state();
        let shards = state.shards.iter().enumerate();
        shards
            .flat_map(|(n, shard)| {
                shard
                    .truth
                    .iter()
                    .map(move |member| (guild(n), member.clone()))
            })
            .collect()
    }

    pub(crate) fn is_connected(&self) -> bool {
        self.state()
            .shards
            .iter()
            .all(|shard| shard.live.as_ref().is_some_and(|live| !live.is_closed()))
    }
}

fn member_json(member: &Member) -> Value {
    json!({
        "user": {"id": member.user, "username": format!("user{}", member.user), "discriminator": "0", "avatar": null},
        "roles": [], "joined_at": member.joined_at, "deaf": false, "mute": false, "flags": 0, "pending": false,
    })
}

fn dispatch(state: &mut Shard, name: &'static str, data: Value) {
    state.events.push((name, data));
    let index = state.events.len() - 1;
    if let Some(live) = &state.live {
        let _ = live.send(event(state, index));
    }
}

/// Sequence 1 of a session is READY, 2 the guild; then the log.
fn sequence(state: &Shard, index: usize) -> u64 {
    (index - state.from) as u64 + 3
}

fn event(state: &Shard, index: usize) -> Item {
    let (name, data) = &state.events[index];
    let frame = frame(state.id, sequence(state, index), name, data);
    Signal::new(state.id, frame)
}

/// A frame as Discord sends it.
pub(crate) fn frame(shard: ShardId, sequence: u64, name: &str, data: &Value) -> SignalKind<Broken> {
    let text = json!({"op": 0, "s": sequence, "t": name, "d": data}).to_string();
    SignalKind::Frame(RawFrame::new(shard, text.into()))
}

/// A connection of all shards.
pub(crate) struct Connection {
    items: mpsc::UnboundedReceiver<Item>,
    fake: Fake,
}

impl Connect for Fake {
    type Source = Connection;
    type Error = Broken;

    async fn connect(self, resume: Vec<GatewaySession>) -> Result<Connection, Broken> {
        let (sender, items) = mpsc::unbounded_channel();
        let mut locked = self.state();
        let state = &mut *locked;
        for (number, shard) in state.shards.iter_mut().enumerate() {
            let session = format!("session-{}", shard.session);
            let saved = resume
                .iter()
                .find(|saved| [saved.shard, saved.shards] == <[u32; 2]>::from(shard.id));
            let (kept, is_late) = (&mut state.kept, state.late == Some(number));
            let id = shard.id;
            let mut send = |kind| {
                let item = Signal::new(id, kind);
                if is_late {
                    kept.push((number, item));
                } else {
                    sender.send(item).unwrap();
                }
            };
            match saved {
                Some(saved) if saved.session_id == session => {
                    let behind = usize::try_from(saved.sequence).unwrap().saturating_sub(2);
                    for index in shard.from + behind..shard.events.len() {
                        send(event(shard, index).kind);
                    }
                    // Its own number is of no importance here.
                    let last = sequence(shard, shard.events.len()) - 1;
                    send(frame(id, last, "RESUMED", &json!({})));
                }
                saved => {
                    if saved.is_some() {
                        send(SignalKind::SessionLost);
                    }
                    shard.session += 1;
                    shard.from = shard.events.len();
                    let session_id = format!("session-{}", shard.session);
                    send(SignalKind::Session {
                        session_id: session_id.clone(),
                        resume_url: "ws://fake".into(),
                        owner: None,
                    });
                    let ready = json!({
                        "v": 10, "user": {"id": "600", "username": "bot", "discriminator": "0", "avatar": null, "bot": true},
                        "session_id": session_id, "resume_gateway_url": "ws://fake", "shard": shard.id,
                        "guilds": [{"id": guild(number), "unavailable": true}],
                    });
                    send(frame(id, 1, "READY", &ready));
                    let home = json!({
                        "id": guild(number), "name": format!("Guild {number}"), "features": [], "unavailable": false,
                        "member_count": shard.members.len(), "owner_id": "601", "vanity_url_code": null,
                    });
                    send(frame(id, 2, "GUILD_CREATE", &home));
                }
            }
            shard.live = Some(sender.clone());
        }
        drop(locked);
        Ok(Connection { items, fake: self })
    }
}

impl EventSource for Connection {
    type Error = Broken;

    async fn next(&mut self) -> Option<Item> {
        let item = self.items.recv().await;
        let stall = self.fake.state().stall.take();
        if let Some(span) = stall {
            // On purpose: a busy machine stops everything.
            std::thread::sleep(span);
        }
        item
    }

    fn close(&mut self) {
        self.fake.closed.fetch_add(1, Ordering::Relaxed);
        for shard in &mut self.fake.state().shards {
            shard.live = None;
        }
    }
}

impl Requester for Fake {
    async fn request(&self, request: Request) -> Result<Response, Failure> {
        self.requests.fetch_add(1, Ordering::Relaxed);
        let delay = self.state().delay;
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        let state = self.state();
        if let Some(failure) = &state.refuse {
            return Err(failure.clone());
        }
        let number = usize::try_from((request.guild().get() - guild(0).get()) >> 22).unwrap();
        let shard = &state.shards[number];
        Ok(match request {
            Request::ListInvites { guild } => {
                let invites: Vec<Value> = shard
                    .uses
                    .iter()
                    .map(|(code, uses)| {
                        json!({
                            "code": code, "type": 0, "guild": {"id": guild, "name": "Guild", "features": []},
                            "channel": {"id": "602", "name": "lobby", "type": 0},
                            "inviter": {"id": inviter(code), "username": code, "discriminator": "0", "avatar": null},
                            "uses": uses, "max_uses": 0, "max_age": 0, "temporary": false,
                            "created_at": "2026-01-01T00:00:00+00:00", "expires_at": null,
                        })
                    })
                    .collect();
                let list = decode_invites(Value::from(invites).to_string().as_bytes()).unwrap();
                assert!(list.failed.is_empty());
                Response::Invites(list.invites)
            }
            Request::SearchMembers { query, limit, .. } => {
                let found: Vec<&Member> = shard
                    .members
                    .iter()
                    .rev()
                    .filter(|member| match &query {
                        MemberQuery::Users(users) => users.contains(&member.user),
                        MemberQuery::JoinedBetween { from, to } => {
                            member.joined_at >= *from && to.is_none_or(|to| member.joined_at <= to)
                        }
                        _ => false,
                    })
                    .collect();
                let members: Vec<Value> = found
                    .iter()
                    .take(limit.into())
                    .map(|member| {
                        json!({
                            "member": member_json(member), "source_invite_code": member.code,
                            "join_source_type": 5, "inviter_id": inviter(&member.code),
                        })
                    })
                    .collect();
                let answer = json!({
                    "guild_id": guild(number), "members": members, "page_result_count": members.len(),
                    "total_result_count": found.len(),
                });
                Response::Members(MemberSearch::from_slice(answer.to_string().as_bytes()).unwrap())
            }
            Request::AuditLog { .. } => {
                let empty = json!({"audit_log_entries": [], "users": []});
                Response::AuditLog(AuditLog::from_slice(empty.to_string().as_bytes()).unwrap())
            }
            _ => return Err(Failure::Unavailable),
        })
    }
}
