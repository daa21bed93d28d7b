//! How much a sandbox can take: `cargo bench -p guestlist-sandbox --bench load`.
//!
//! Everything runs in this process, clients and all, so that the figures are those of the machine
//! as a whole.
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

#[tokio::main]
async fn main() {
    let began = Instant::now();
    let running = start(3, 5).await;
    print("start with 3 servers", began.elapsed());
    drop(running);
    let before = memory();
    let began = Instant::now();
    let running = start(1000, 100).await;
    print("start with 1,000 servers of 100 invites", began.elapsed());
    if let (Some(before), Some(after)) = (before, memory()) {
        println!(
            "memory for them: {} MB",
            (after.saturating_sub(before)) / 1000
        );
    }
    requests(&running).await;
    dispatches(&running).await;
    drop(running);
    shards().await;
    waits().await;
}

fn print(what: &str, took: Duration) {
    println!("{what}: {:.1} ms", took.as_secs_f64() * 1000.0);
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

async fn requests(running: &Running) {
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
    println!("REST requests: {rate:.0} a second");
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

async fn dispatches(running: &Running) {
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
    println!("gateway dispatches: {rate:.0} a second");
}

async fn shards() {
    let running = start(3, 5).await;
    let before = memory();
    let began = Instant::now();
    let mut sockets = Vec::new();
    for shard in 0..1000 {
        sockets.push(connect(&running, shard, 1000, 0).await);
    }
    print("1,000 shards connected", began.elapsed());
    if let (Some(before), Some(after)) = (before, memory()) {
        println!(
            "memory for them: {} MB",
            (after.saturating_sub(before)) / 1000
        );
    }
}

/// The longest that a request waits while the clock makes a step in which 50,000 people join, and
/// while the truth about them is read.
async fn waits() {
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
    print("a step with 50,000 joins", began.elapsed());
    print("the longest wait meanwhile", longest);

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
    print(&format!("{pages} pages of the truth"), began.elapsed());
    print("the longest wait meanwhile", longest);
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
