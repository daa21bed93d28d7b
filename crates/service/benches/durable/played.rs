//! A Discord that is played in this process: it hands frames to the service and answers its
//! requests, with the JSON that Discord would send.

use std::{
    collections::VecDeque,
    convert::Infallible,
    fmt::Write as _,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, SystemTime},
};

use guestlist_model::{GuildId, Id, RawFrame, ShardId, Timestamp};
use guestlist_service::{Connect, EventSource, GatewaySession, Requester, Signal, SignalKind};
use guestlist_testkit::Random;
use guestlist_tracker::{BarrierId, Failure, MemberQuery, Request, Response};
use tokio::{
    runtime::Handle,
    sync::mpsc,
    time::{Instant, sleep_until},
};

/// Frames that wait to be read, as in the buffers of a socket.
const BUFFERED: usize = 512;
/// How long the members search does not find a new member.
const INDEX_LAG: Duration = Duration::from_millis(1_500);

struct Member {
    user: u64,
    joined_at: Timestamp,
    invite: usize,
}

struct Guild {
    id: GuildId,
    uses: Vec<u64>,
    /// Everyone who joined, in order.
    members: Vec<Member>,
}

struct State {
    guilds: Vec<Guild>,
    random: Random,
    users: u64,
    sequence: u64,
    last: Timestamp,
    /// When the next request may be answered.
    next: Instant,
}

/// The whole Discord. Clones are the same.
#[derive(Clone)]
pub(crate) struct Played {
    state: Arc<Mutex<State>>,
    /// The time between two requests, if they are limited.
    pause: Option<Duration>,
    frames: mpsc::Sender<Signal<Infallible>>,
    /// Requests are answered there, so that this takes no time of the service's threads.
    threads: Handle,
}

/// The service's end of the connection.
pub(crate) struct Connection {
    /// What is told first: the session, READY, and the guilds.
    first: VecDeque<Signal<Infallible>>,
    frames: mpsc::Receiver<Signal<Infallible>>,
    sender: mpsc::Sender<Signal<Infallible>>,
    threads: Handle,
}

impl Played {
    pub(crate) fn new(
        guilds: u64,
        invites: usize,
        per_second: Option<u32>,
        threads: Handle,
    ) -> (Self, Connection) {
        let guild = |number: u64| Guild {
            id: Id::new_checked((214_576_721_192 + number) << 22).unwrap(),
            uses: vec![3; invites],
            members: Vec::new(),
        };
        let mut state = State {
            guilds: (0..guilds).map(guild).collect(),
            random: Random::new(1),
            users: 0,
            sequence: 0,
            last: Timestamp::from_micros(0),
            next: Instant::now(),
        };
        let first = state.first();
        let (sender, frames) = mpsc::channel(BUFFERED);
        let played = Self {
            state: Arc::new(Mutex::new(state)),
            pause: per_second.map(|it| Duration::from_secs(1) / it),
            frames: sender.clone(),
            threads: threads.clone(),
        };
        let connection = Connection {
            first,
            frames,
            sender,
            threads,
        };
        (played, connection)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Somebody joins somewhere. Waits while the service does not read.
    pub(crate) fn join(&self) {
        let frame = self.state().join();
        let _ = self.frames.blocking_send(frame);
    }

    /// The body of Discord's answer.
    fn answer(&self, request: &Request) -> Vec<u8> {
        let state = self.state();
        let Some(guild) = state.guilds.iter().find(|it| it.id == request.guild()) else {
            return Vec::new();
        };
        match request {
            Request::ListInvites { .. } => guild.list(),
            Request::SearchMembers { query, limit, .. } => guild.search(query, *limit),
            Request::VanityUrl { .. } => br#"{"code":null,"uses":0}"#.to_vec(),
            Request::AuditLog { .. } => {
                br#"{"audit_log_entries":[],"users":[],"integrations":[],"webhooks":[]}"#.to_vec()
            }
            _ => b"[]".to_vec(),
        }
    }
}

impl State {
    fn frame(&mut self, name: &str, data: &str) -> Signal<Infallible> {
        self.sequence += 1;
        let sequence = self.sequence;
        let text = format!(r#"{{"t":"{name}","s":{sequence},"op":0,"d":{data}}}"#);
        let frame = RawFrame::new(ShardId::ONE, text.into());
        Signal::new(ShardId::ONE, SignalKind::Frame(frame))
    }

    fn first(&mut self) -> VecDeque<Signal<Infallible>> {
        let session = SignalKind::Session {
            session_id: "played".to_owned(),
            resume_url: "ws://played".to_owned(),
            owner: None,
        };
        let mut first = VecDeque::from([Signal::new(ShardId::ONE, session)]);
        let ids: Vec<GuildId> = self.guilds.iter().map(|guild| guild.id).collect();
        let unavailable: Vec<String> = (ids.iter())
            .map(|id| format!(r#"{{"id":"{id}","unavailable":true}}"#))
            .collect();
        let ready = format!(
            r#"{{"v":10,"user":{{"id":"1","username":"bot","bot":true}},"session_id":"played","resume_gateway_url":"ws://played","shard":[0,1],"application":{{"id":"1","flags":0}},"guilds":[{}]}}"#,
            unavailable.join(",")
        );
        first.push_back(self.frame("READY", &ready));
        for id in ids {
            let guild = format!(
                r#"{{"id":"{id}","name":"Played","features":[],"vanity_url_code":null,"unavailable":false,"member_count":1,"members":[],"channels":[],"roles":[]}}"#
            );
            first.push_back(self.frame("GUILD_CREATE", &guild));
        }
        first
    }

    fn join(&mut self) -> Signal<Infallible> {
        self.users += 1;
        let now = Timestamp::from(SystemTime::now());
        self.last = now.max(self.last.saturating_add(Duration::from_micros(1)));
        let guilds = self.guilds.len() as u64;
        let of = usize::try_from(self.random.below(guilds)).unwrap();
        let guild = &mut self.guilds[of];
        let invites = guild.uses.len() as u64;
        let invite = usize::try_from(self.random.below(invites)).unwrap();
        let member = Member {
            user: 700_000_000_000_000_000 + self.users,
            joined_at: self.last,
            invite,
        };
        guild.uses[invite] += 1;
        let (id, json) = (guild.id, member.json());
        guild.members.push(member);
        let data = format!(r#"{{"guild_id":"{id}",{}"#, &json[1..]);
        self.frame("GUILD_MEMBER_ADD", &data)
    }
}

impl Member {
    fn json(&self) -> String {
        let Self {
            user, joined_at, ..
        } = self;
        format!(
            r#"{{"user":{{"username":"member{user}","public_flags":0,"primary_guild":null,"id":"{user}","global_name":"Member {user}","display_name_styles":null,"discriminator":"0","collectibles":null,"clan":null,"bot":false,"avatar_decoration_data":null,"avatar":"3ed4d48e2a3bff204fb1e17a0ef94e44"}},"unusual_dm_activity_until":null,"roles":[],"premium_since":null,"pending":false,"nick":null,"mute":false,"joined_at":"{joined_at}","flags":0,"deaf":false,"communication_disabled_until":null,"banner":null,"avatar":null}}"#
        )
    }
}

fn inviter(invite: usize) -> u64 {
    200_000_000_000_000_000 + invite as u64 % 50
}

impl Guild {
    fn code(&self, invite: usize) -> String {
        format!("{:05x}n{invite}", self.id.get() >> 22 & 0xf_ffff)
    }

    /// As it is in lists of invites.
    fn list(&self) -> Vec<u8> {
        let id = self.id;
        let mut json = String::from("[");
        for (invite, uses) in self.uses.iter().enumerate() {
            let (code, by) = (self.code(invite), inviter(invite));
            let comma = if invite == 0 { "" } else { "," };
            let _ = write!(
                json,
                r#"{comma}{{"type":0,"code":"{code}","inviter":{{"id":"{by}","username":"host{by}","avatar":null,"discriminator":"0","public_flags":0,"flags":0,"banner":null,"accent_color":null,"global_name":"Host","avatar_decoration_data":null,"collectibles":null,"banner_color":null,"clan":null,"primary_guild":null}},"expires_at":null,"guild":{{"id":"{id}","name":"Played","splash":null,"banner":null,"description":null,"icon":null,"features":[],"verification_level":0,"vanity_url_code":null,"nsfw_level":0,"nsfw":false,"premium_subscription_count":0,"premium_tier":0}},"guild_id":"{id}","channel":{{"id":"{id}","type":0,"name":"welcome"}},"uses":{uses},"max_uses":0,"max_age":0,"temporary":false,"created_at":"2023-01-01T00:00:00.000000+00:00"}}"#
            );
        }
        json.push(']');
        json.into_bytes()
    }

    /// The newest members that the index has.
    fn search(&self, query: &MemberQuery, limit: u16) -> Vec<u8> {
        let now = Timestamp::from(SystemTime::now());
        let matches = |member: &&Member| {
            let indexed = now.duration_since(member.joined_at).unwrap_or_default() >= INDEX_LAG;
            indexed
                && match query {
                    MemberQuery::Users(users) => users.iter().any(|it| it.get() == member.user),
                    MemberQuery::JoinedBetween { from, to } => {
                        member.joined_at >= *from && to.is_none_or(|to| member.joined_at <= to)
                    }
                    _ => false,
                }
        };
        // Nobody asks about earlier ones.
        let recent = (self.members.iter().rev()).take_while(|it| {
            now.duration_since(it.joined_at).unwrap_or_default() < Duration::from_secs(120)
        });
        let found: Vec<&Member> = recent.filter(matches).collect();
        let id = self.id;
        let mut json = format!(r#"{{"guild_id":"{id}","members":["#);
        for (place, member) in found.iter().take(usize::from(limit)).enumerate() {
            let comma = if place == 0 { "" } else { "," };
            let (code, by) = (self.code(member.invite), inviter(member.invite));
            let _ = write!(
                json,
                r#"{comma}{{"member":{},"source_invite_code":"{code}","join_source_type":5,"inviter_id":"{by}","integration_type":null}}"#,
                member.json()
            );
        }
        let (page, total) = (found.len().min(usize::from(limit)), found.len());
        let _ = write!(
            json,
            r#"],"page_result_count":{page},"total_result_count":{total}}}"#
        );
        json.into_bytes()
    }
}

impl Requester for Played {
    async fn request(&self, request: Request) -> Result<Response, Failure> {
        if let Some(pause) = self.pause {
            let mine = {
                let mut state = self.state();
                let mine = state.next.max(Instant::now());
                state.next = mine + pause;
                mine
            };
            sleep_until(mine).await;
        }
        let (played, asked) = (self.clone(), request.clone());
        let answered = self.threads.spawn(async move { played.answer(&asked) });
        let body = answered.await.unwrap_or_default();
        request.read_answer(200, &body)
    }
}

impl Connect for Connection {
    type Source = Self;
    type Error = Infallible;

    fn barriers(&self) -> bool {
        true
    }

    async fn connect(self, _: Vec<GatewaySession>) -> Result<Self, Infallible> {
        Ok(self)
    }
}

impl EventSource for Connection {
    type Error = Infallible;

    async fn next(&mut self) -> Option<Signal<Infallible>> {
        match self.first.pop_front() {
            Some(signal) => Some(signal),
            None => self.frames.recv().await,
        }
    }

    fn barrier(&mut self, shard: ShardId, barrier: BarrierId) {
        // Behind every frame that was sent so far.
        let (frames, signal) = (self.sender.clone(), SignalKind::Barrier(barrier));
        self.threads.spawn(async move {
            let _ = frames.send(Signal::new(shard, signal)).await;
        });
    }

    fn close(&mut self) {
        self.frames.close();
    }
}
