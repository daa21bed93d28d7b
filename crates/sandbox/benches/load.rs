//! How much a sandbox can take: `cargo bench -p guestlist-sandbox --bench load`.
//!
//! Everything runs in this process, clients and all, so that the figures are those of the machine
//! as a whole. It fails if a figure is not what it has to be on two idle cores.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "it measures, and has nothing to recover from"
)]

use std::time::{Duration, Instant};

use futures_util::{SinkExt as _, StreamExt as _};
use guestlist_sandbox::{
    Clock, Options, RateLimits, Running, Sandbox,
    world::{NewInvite, scenario::ScenarioOptions},
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async, tungstenite::Message};

/// For so long requests are made.
const MEASURED: Duration = Duration::from_secs(3);

/// How long a request may wait at most, whatever else goes on.
const LONGEST_WAIT: f64 = 50.0;

#[tokio::main]
async fn main() {
    let mut figures = Figures::default();
    let began = Instant::now();
    let running = start(3, 5).await;
    figures.at_most("start with 3 servers", millis(began.elapsed()), 20.0, "ms");
    drop(running);
    let before = memory();
    let began = Instant::now();
    let running = start(1000, 100).await;
    println!(
        "start with 1,000 servers of 100 invites: {:.0} ms",
        millis(began.elapsed())
    );
    figures.at_most("memory for them", grown(before), 80.0, "MB");
    requests(&running, &mut figures).await;
    dispatches(&running, &mut figures).await;
    drop(running);
    shards(&mut figures).await;
    step(&mut figures).await;
    raid(&mut figures).await;
    figures.tell();
}

/// What was measured, and what it had to be.
#[derive(Default)]
struct Figures {
    missed: Vec<String>,
}

impl Figures {
    fn at_most(&mut self, what: &str, measured: f64, most: f64, unit: &str) {
        self.note(what, measured, ("at most", most), unit, measured <= most);
    }

    fn at_least(&mut self, what: &str, measured: f64, least: f64, unit: &str) {
        self.note(what, measured, ("at least", least), unit, measured >= least);
    }

    fn note(&mut self, what: &str, measured: f64, wanted: (&str, f64), unit: &str, kept: bool) {
        let (kind, limit) = wanted;
        let line = format!("{what}: {measured:.1} {unit} ({kind} {limit:.0})");
        println!("{line}");
        if !kept {
            self.missed.push(line);
        }
    }

    fn tell(self) {
        assert!(self.missed.is_empty(), "missed: {:#?}", self.missed);
    }
}

fn millis(took: Duration) -> f64 {
    took.as_secs_f64() * 1000.0
}

/// By how many megabytes the memory has grown; 0 where the system does not tell.
fn grown(before: Option<u64>) -> f64 {
    let grown = memory().unwrap_or(0).saturating_sub(before.unwrap_or(0));
    f64::from(u32::try_from(grown / 1000).unwrap_or(u32::MAX))
}

async fn start(guilds: usize, invites: usize) -> Running {
    let mut options = Options::seeded(7)
        .guilds(guilds)
        .rate_limits(RateLimits::none());
    options.world.invites = invites;
    options.world.quirks.repeat_member_add = 0.0;
    Sandbox::start(options).await.unwrap()
}

/// Resident memory in kB, where the system tells it.
fn memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

/// Sends a request over a connection that stays open, and reads the answer.
async fn ask(stream: &mut TcpStream, path: &str, token: &str, buffer: &mut Vec<u8>) -> usize {
    let head = format!("GET {path} HTTP/1.1\r\nhost: x\r\nauthorization: Bot {token}\r\n\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    buffer.clear();
    loop {
        stream.read_buf(buffer).await.unwrap();
        let Some(end) = buffer.windows(4).position(|it| it == b"\r\n\r\n") else {
            continue;
        };
        let head = std::str::from_utf8(&buffer[..end]).unwrap().to_lowercase();
        let length = head
            .lines()
            .find_map(|it| it.strip_prefix("content-length: "));
        let whole = end + 4 + length.unwrap().parse::<usize>().unwrap();
        if buffer.len() >= whole {
            assert!(head.starts_with("http/1.1 200"), "{head}");
            return whole;
        }
    }
}

async fn requests(running: &Running, figures: &mut Figures) {
    let guild = running.guild_ids()[500];
    let new = NewInvite::default();
    let code = running.world().create_invite(guild, new).unwrap().code;
    let began = Instant::now();
    let clients = (0..16).map(|_| {
        let (address, token) = (running.address(), running.token().to_owned());
        let path = format!("/api/v10/invites/{code}");
        tokio::spawn(async move {
            let mut stream = TcpStream::connect(address).await.unwrap();
            let (mut made, mut buffer) = (0_u32, Vec::new());
            while began.elapsed() < MEASURED {
                ask(&mut stream, &path, &token, &mut buffer).await;
                made += 1;
            }
            made
        })
    });
    let made: u32 = futures_util::future::join_all(clients)
        .await
        .into_iter()
        .map(Result::unwrap)
        .sum();
    let rate = f64::from(made) / began.elapsed().as_secs_f64();
    figures.at_least("REST requests", rate, 15_000.0, "a second");
}

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn connect(running: &Running, shard: u64, shards: u64, intents: u64) -> Socket {
    let url = format!("{}/?v=10&encoding=json", running.gateway_url());
    let (mut socket, _) = connect_async(url).await.unwrap();
    let identify = json!({"op": 2, "d": {
        "token": running.token(), "intents": intents, "shard": [shard, shards],
        "properties": {"os": "linux", "browser": "bench", "device": "bench"},
    }});
    socket
        .send(Message::text(identify.to_string()))
        .await
        .unwrap();
    loop {
        let text = socket.next().await.unwrap().unwrap();
        if text.to_text().unwrap().starts_with("{\"t\":\"READY\"") {
            return socket;
        }
    }
}

async fn dispatches(running: &Running, figures: &mut Figures) {
    const EVENTS: usize = 50_000;
    let mut socket = connect(running, 0, 1, 1 << 6).await;
    let heard = tokio::spawn(async move {
        let mut heard = 0;
        while heard < EVENTS {
            let frame = socket.next().await.unwrap().unwrap();
            heard += usize::from(frame.to_text().unwrap().contains("INVITE_"));
        }
    });
    let (world, guilds) = (running.world(), running.guild_ids());
    let began = Instant::now();
    for number in 0..EVENTS / 2 {
        let guild = guilds[number % guilds.len()];
        let made = world.create_invite(guild, NewInvite::default()).unwrap();
        world.revoke_invite(&made.code, None).unwrap();
        if number % 64 == 0 {
            tokio::task::yield_now().await;
        }
    }
    heard.await.unwrap();
    let events = u32::try_from(EVENTS).expect("it fits");
    let rate = f64::from(events) / began.elapsed().as_secs_f64();
    figures.at_least("gateway dispatches", rate, 40_000.0, "a second");
}

/// A thousand shards connect, and all of them hear of what happens.
async fn shards(figures: &mut Figures) {
    const SHARDS: u64 = 1000;
    let running = start(3, 5).await;
    let before = memory();
    let began = Instant::now();
    let mut sockets = Vec::new();
    for shard in 0..SHARDS {
        sockets.push(connect(&running, shard, SHARDS, 1 << 6).await);
    }
    println!("1,000 shards connect: {:.0} ms", millis(began.elapsed()));
    println!("memory for them: {:.0} MB", grown(before));
    for socket in &mut sockets {
        let beat = json!({"op": 1, "d": null}).to_string();
        socket.send(Message::text(beat)).await.unwrap();
    }
    let mut heard = 0_u32;
    for socket in &mut sockets {
        let frame = socket.next().await.unwrap().unwrap();
        heard += u32::from(frame.to_text().unwrap().contains("\"op\":11"));
    }
    let all = f64::from(u32::try_from(SHARDS).expect("it fits"));
    figures.at_least("connected shards", f64::from(heard), all, "shards");
}

/// The longest that a request waits while the clock makes a step in which 50,000 people join, and
/// while the truth about them is read.
async fn step(figures: &mut Figures) {
    let options = Options::seeded(7)
        .guilds(3)
        .clock(Clock::Manual)
        .rate_limits(RateLimits::none());
    let running = Sandbox::start(options).await.unwrap();
    let world = running.world();
    world.start_scenario(ScenarioOptions::new(50_000).per_second(1000.0));
    let stepping = world.clone();
    let began = Instant::now();
    let step = tokio::task::spawn_blocking(move || stepping.advance(Duration::from_secs(86_400)));
    let longest = watch(&running, || step.is_finished()).await;
    step.await.unwrap();
    println!(
        "a step with 50,000 joins: {:.0} ms",
        millis(began.elapsed())
    );
    figures.at_most(
        "longest wait meanwhile",
        millis(longest),
        LONGEST_WAIT,
        "ms",
    );

    let began = Instant::now();
    let (address, token) = (running.address(), running.token().to_owned());
    let reader = tokio::spawn(async move {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let (mut after, mut pages, mut buffer) = (String::new(), 0, Vec::new());
        loop {
            let path = format!("/sandbox/truth?limit=1000{after}");
            let whole = ask(&mut stream, &path, &token, &mut buffer).await;
            let body = buffer[..whole].split(|byte| *byte == b'\n').next_back();
            let page: Value = serde_json::from_slice(body.unwrap()).unwrap();
            pages += 1;
            match page["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => return pages,
            }
        }
    });
    let longest = watch(&running, || reader.is_finished()).await;
    let pages = reader.await.unwrap();
    let took = millis(began.elapsed());
    println!("{pages} pages of the truth: {took:.0} ms");
    figures.at_most(
        "longest wait meanwhile",
        millis(longest),
        LONGEST_WAIT,
        "ms",
    );
}

/// The longest that a request waits while 2,000 people a second join, and a bot hears of them.
async fn raid(figures: &mut Figures) {
    let running = start(3, 5).await;
    let mut socket = connect(&running, 0, 1, 1 << 1 | 1 << 6).await;
    let heard = tokio::spawn(async move {
        let mut joins = 0_u32;
        while let Some(Ok(frame)) = socket.next().await {
            joins += u32::from(frame.to_text().unwrap_or("").contains("GUILD_MEMBER_ADD"));
        }
        joins
    });
    let raid = ScenarioOptions::new(6_000).per_second(2_000.0);
    running.world().start_scenario(raid);
    let end = Instant::now() + MEASURED;
    let longest = watch(&running, || Instant::now() >= end).await;
    figures.at_most(
        "longest wait in a raid",
        millis(longest),
        LONGEST_WAIT,
        "ms",
    );
    drop(running);
    let joins = heard.await.unwrap();
    figures.at_least(
        "joins that a bot heard of",
        f64::from(joins),
        3_000.0,
        "joins",
    );
}

async fn watch(running: &Running, done: impl Fn() -> bool) -> Duration {
    let mut stream = TcpStream::connect(running.address()).await.unwrap();
    let mut longest = Duration::ZERO;
    let mut buffer = Vec::new();
    while !done() {
        let asked = Instant::now();
        let path = "/api/v10/users/@me";
        ask(&mut stream, path, running.token(), &mut buffer).await;
        longest = longest.max(asked.elapsed());
    }
    longest
}
