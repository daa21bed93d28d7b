//! A scripted Discord with one server and one invite. It behaves well, until a test
//! breaks it, and again when the test mends it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};

use crate::fault::{Fault, Gateway, Play, Reply};
use crate::ws::Ws;

/// The bot's token, as long as Discord's.
pub(crate) const TOKEN: &str =
    "MTIzNDU2Nzg5MDEyMzQ1Njc4.s3cr3t.n0b0dy-may-write-this-down-0123456789";
/// The server.
pub(crate) const GUILD: &str = "300000000000000003";

/// A try of the client's: when, and what it asked for.
#[derive(Clone, Debug)]
pub(crate) struct Try {
    pub(crate) at: Instant,
    /// The path, or `gateway`.
    pub(crate) path: String,
    /// Whether the server was broken for it.
    pub(crate) broken: bool,
}

struct State {
    fault: Option<Fault>,
    tries: Vec<Try>,
    /// The members who joined, with the time.
    joined: Vec<(u64, String)>,
    /// The sequence number with which each of them was told last.
    told: Vec<u64>,
}

/// The server. It ends with the test's runtime.
#[derive(Clone)]
pub(crate) struct Discord {
    pub(crate) address: String,
    state: Arc<Mutex<State>>,
    sequence: Arc<AtomicU64>,
    /// How many members joined, for sessions to pass on.
    news: Arc<watch::Sender<usize>>,
    /// How many sessions are established and not broken.
    live: Arc<watch::Sender<usize>>,
}

impl Discord {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let this = Self {
            address: listener.local_addr().unwrap().to_string(),
            state: Arc::new(Mutex::new(State {
                fault: None,
                tries: Vec::new(),
                joined: Vec::new(),
                told: Vec::new(),
            })),
            sequence: Arc::new(AtomicU64::new(0)),
            news: Arc::new(watch::Sender::new(0)),
            live: Arc::new(watch::Sender::new(0)),
        };
        let server = this.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let server = server.clone();
                tokio::spawn(async move {
                    // Clients hang up on wrong answers.
                    let _ = server.serve(stream).await;
                });
            }
        });
        this
    }

    /// From now on, the server is broken.
    pub(crate) fn break_with(&self, fault: Fault) {
        self.state.lock().unwrap().fault = Some(fault);
    }

    /// From now on, the server behaves well.
    pub(crate) fn mend(&self) {
        self.state.lock().unwrap().fault = None;
        self.news.send_modify(|_| {});
    }

    fn fault(&self) -> Option<Fault> {
        self.state.lock().unwrap().fault.clone()
    }

    /// The tries that met the fault.
    pub(crate) fn broken_tries(&self) -> Vec<Try> {
        let state = self.state.lock().unwrap();
        let tries = state.tries.iter();
        tries.filter(|it| it.broken).cloned().collect()
    }

    pub(crate) fn tries(&self) -> Vec<Try> {
        self.state.lock().unwrap().tries.clone()
    }

    /// Waits until so many tries met the fault.
    pub(crate) async fn tried(&self, times: usize, within: Duration) -> bool {
        self.wait(within, || self.broken_tries().len() >= times)
            .await
    }

    /// Waits until there is a session.
    pub(crate) async fn connected(&self, within: Duration) -> bool {
        self.wait(within, || *self.live.borrow() > 0).await
    }

    async fn wait(&self, within: Duration, holds: impl Fn() -> bool) -> bool {
        let until = Instant::now() + within;
        while !holds() {
            if Instant::now() > until {
                return false;
            }
            sleep(Duration::from_millis(10)).await;
        }
        true
    }

    /// Somebody joins by the invite.
    pub(crate) fn join(&self) -> String {
        let mut state = self.state.lock().unwrap();
        let user = 900_000_000_000_000_000 + state.joined.len() as u64;
        state.joined.push((user, now()));
        self.news.send_replace(state.joined.len());
        user.to_string()
    }

    fn note(&self, path: &str, broken: bool) {
        self.state.lock().unwrap().tries.push(Try {
            at: Instant::now(),
            path: path.to_owned(),
            broken,
        });
    }

    async fn serve(&self, mut stream: TcpStream) -> std::io::Result<()> {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let byte = stream.read_u8().await?;
            head.push(byte);
        }
        let head = String::from_utf8_lossy(&head).into_owned();
        let path = head.split(' ').nth(1).unwrap_or_default();
        let path = path.trim_start_matches("/api/v10");
        let path = path.split('?').next().unwrap_or_default().to_owned();
        let header = |name: &str| {
            head.lines().find_map(|line| {
                let (key, value) = line.split_once(':')?;
                key.eq_ignore_ascii_case(name)
                    .then(|| value.trim().to_owned())
            })
        };
        let fault = self.fault();
        if let Some(key) = header("sec-websocket-key") {
            let fault = fault.and_then(|fault| fault.gateway);
            self.note("gateway", fault.is_some());
            return self.gateway(stream, &key, fault).await;
        }
        if let Some(length) = header("content-length") {
            let mut body = vec![0; length.parse().unwrap()];
            stream.read_exact(&mut body).await?;
        }
        let reply = fault.and_then(|fault| (fault.rest)(&path));
        self.note(&path, reply.is_some());
        let reply = reply.unwrap_or_else(|| self.good(&path));
        write(&mut stream, reply).await
    }

    /// What Discord answers.
    fn good(&self, path: &str) -> Reply {
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        let body = match parts.as_slice() {
            ["applications", "@me"] => json!({"id": "1", "name": "guestlist", "flags": 1 << 15}),
            ["gateway", "bot"] => self.gateway_bot(&format!("ws://{}", self.address)),
            ["guilds", _, "invites"] => {
                let uses = self.state.lock().unwrap().joined.len();
                json!([invite(uses)])
            }
            ["guilds", _, "vanity-url"] => json!({"code": null, "uses": 0}),
            ["guilds", _, "members-search"] => json!({"guild_id": GUILD, "members": [],
                "page_result_count": 0, "total_result_count": 0}),
            ["guilds", _, "audit-logs"] => json!({"audit_log_entries": [], "users": [],
                "integrations": [], "webhooks": [], "guild_scheduled_events": [], "threads": [],
                "application_commands": [], "auto_moderation_rules": []}),
            _ => {
                let body = json!({"code": 0, "message": "404: Not Found"});
                return Reply::json(404, &body);
            }
        };
        Reply::json(200, &body)
    }

    /// An answer that names this gateway.
    pub(crate) fn gateway_bot(&self, url: &str) -> Value {
        json!({"url": url, "shards": 1, "session_start_limit": {"total": 1000,
            "remaining": 1000, "reset_after": 86_400_000, "max_concurrency": 1}})
    }

    async fn gateway(
        &self,
        mut stream: TcpStream,
        key: &str,
        fault: Option<Gateway>,
    ) -> std::io::Result<()> {
        if let Some(Gateway::Instead(reply)) = fault {
            return write(&mut stream, reply).await;
        }
        let mut ws = Ws::accept(stream, key).await?;
        let interval = match &fault {
            Some(Gateway::NoHello) => return self.listen(&mut ws).await,
            Some(Gateway::Heartbeat(interval)) => interval.clone(),
            _ => json!(5_000),
        };
        ws.json(&json!({"op": 10, "d": {"heartbeat_interval": interval}}))
            .await?;
        let Some(first) = self.greeted(&mut ws).await? else {
            return Ok(());
        };
        if let Some(Gateway::BeforeSession(plays)) = &fault {
            return self.play(&mut ws, plays).await;
        }
        let resume = match &fault {
            Some(Gateway::ResumeAt(url)) => url.clone(),
            _ => format!("ws://{}/resume", self.address),
        };
        let mut told = self.state.lock().unwrap().joined.len();
        if first["op"] == 6 {
            // What was missed since, which is all that has not been told.
            let from = first["d"]["seq"].as_u64().unwrap();
            let sequences = self.state.lock().unwrap().told.clone();
            told = sequences.iter().take_while(|told| **told <= from).count();
            self.pass_on(&mut ws, &mut told).await?;
            self.dispatch(&mut ws, "RESUMED", json!({})).await?;
        } else {
            self.sequence.store(0, Ordering::SeqCst);
            self.dispatch(
                &mut ws,
                "READY",
                json!({"v": 10, "user": {"id": "9", "username": "bot"},
                    "guilds": [{"id": GUILD, "unavailable": true}], "session_id": "session",
                    "resume_gateway_url": resume, "shard": [0, 1]}),
            )
            .await?;
            self.dispatch(&mut ws, "GUILD_CREATE", guild()).await?;
        }
        if let Some(Gateway::AfterSession(plays)) = &fault {
            return self.play(&mut ws, plays).await;
        }
        self.live.send_modify(|live| *live += 1);
        let outcome = self.session(&mut ws, told).await;
        self.live.send_modify(|live| *live -= 1);
        outcome
    }

    /// Waits for IDENTIFY or RESUME.
    async fn greeted(&self, ws: &mut Ws) -> std::io::Result<Option<Value>> {
        while let Some(frame) = ws.receive().await? {
            match frame["op"].as_u64() {
                Some(2 | 6) => return Ok(Some(frame)),
                Some(1) => ws.json(&json!({"op": 11})).await?,
                _ => {}
            }
        }
        Ok(None)
    }

    /// Says nothing more, and reads.
    async fn listen(&self, ws: &mut Ws) -> std::io::Result<()> {
        while ws.receive().await?.is_some() {}
        Ok(())
    }

    /// A session that goes on, until a fault begins that is about sessions.
    async fn session(&self, ws: &mut Ws, mut told: usize) -> std::io::Result<()> {
        let mut news = self.news.subscribe();
        loop {
            let broken = self.fault().and_then(|fault| fault.gateway);
            if let Some(Gateway::AfterSession(plays)) = broken {
                self.note("gateway", true);
                return self.play(ws, &plays).await;
            }
            self.pass_on(ws, &mut told).await?;
            tokio::select! {
                received = ws.receive() => match received? {
                    Some(frame) if frame["op"] == 1 => ws.json(&json!({"op": 11})).await?,
                    Some(_) => {}
                    None => return Ok(()),
                },
                _ = news.changed() => {}
            }
        }
    }

    async fn pass_on(&self, ws: &mut Ws, told: &mut usize) -> std::io::Result<()> {
        let joined = self.state.lock().unwrap().joined.clone();
        for (place, (user, at)) in joined.iter().enumerate().skip(*told) {
            self.dispatch(ws, "GUILD_MEMBER_ADD", member(&user.to_string(), at, GUILD))
                .await?;
            let mut state = self.state.lock().unwrap();
            state.told.truncate(place);
            state.told.push(self.sequence.load(Ordering::SeqCst));
        }
        *told = joined.len();
        Ok(())
    }

    async fn dispatch(&self, ws: &mut Ws, name: &str, data: Value) -> std::io::Result<()> {
        let sequence = self.sequence.fetch_add(1, Ordering::SeqCst) + 1;
        ws.json(&json!({"op": 0, "s": sequence, "t": name, "d": data}))
            .await
    }

    async fn play(&self, ws: &mut Ws, plays: &[Play]) -> std::io::Result<()> {
        for play in plays {
            play.act(ws).await?;
        }
        // Acknowledges heartbeats, and stays, until it is well again.
        loop {
            match timeout(Duration::from_millis(50), ws.receive()).await {
                Ok(Ok(Some(frame))) if frame["op"] == 1 => ws.json(&json!({"op": 11})).await?,
                Ok(Ok(Some(_))) => {}
                Ok(Ok(None)) => return Ok(()),
                Ok(Err(error)) => return Err(error),
                // Hanging up, it gives way to a session that works.
                Err(_) if self.fault().is_none() => return Ok(()),
                Err(_) => {}
            }
        }
    }
}

fn invite(uses: usize) -> Value {
    json!({"code": "aB3dE", "type": 0, "uses": uses, "max_uses": 0, "max_age": 0,
        "temporary": false, "created_at": "2024-01-01T00:00:00+00:00", "expires_at": null,
        "guild": {"id": GUILD, "name": "Guild"},
        "channel": {"id": "500000000000000005", "name": "general", "type": 0},
        "inviter": {"id": "700000000000000007", "username": "ada"}})
}

pub(crate) fn guild() -> Value {
    json!({"id": GUILD, "name": "Guild", "member_count": 10, "features": [], "roles": [],
        "channels": [], "members": [], "owner_id": "700000000000000007"})
}

pub(crate) fn member(user: &str, at: &str, guild: &str) -> Value {
    json!({"guild_id": guild, "user": {"id": user, "username": "somebody"}, "roles": [],
        "joined_at": at, "flags": 0})
}

/// The time, as Discord writes it.
pub(crate) fn now() -> String {
    guestlist::Timestamp::from(std::time::SystemTime::now()).to_string()
}

async fn write(stream: &mut TcpStream, reply: Reply) -> std::io::Result<()> {
    match reply {
        Reply::Bytes(bytes) => stream.write_all(&bytes).await?,
        Reply::Stalled(bytes) => {
            stream.write_all(&bytes).await?;
            // Until the client is gone.
            stream.read_to_end(&mut Vec::new()).await?;
        }
        Reply::Endless(head, piece) => {
            stream.write_all(&head).await?;
            // As fast as a good line, and not as fast as this machine.
            loop {
                stream.write_all(&piece).await?;
                sleep(Duration::from_millis(1)).await;
            }
        }
    }
    Ok(())
}
