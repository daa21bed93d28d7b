//! A twilight bot that says which invite each new member came in through.
//!
//! ```console
//! $ DISCORD_TOKEN=… cargo run -p twilight-bot
//! ```
//!
//! The shard hands over raw JSON, so that the tracker sees all that Discord
//! sends. What the tracker wants to know goes through the bot's own HTTP
//! client, and with that through its rate limiter.
//!
//! With `DISCORD_API=http://127.0.0.1:8080` it talks to a `guestlist sandbox`
//! on that port.

use std::error::Error;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;
use std::time::{Duration, SystemTime};

use futures_util::StreamExt;
use guestlist::{Call, Config, Embedded, Record, Timestamp};
use tokio::sync::mpsc;
use tokio::time::sleep;
use twilight_gateway::error::ReceiveMessageErrorType;
use twilight_gateway::{ConfigBuilder, Intents, Message, Shard, ShardId, ShardState};
use twilight_http::Client;
use twilight_http::error::ErrorType;
use twilight_http::request::{Method, RequestBuilder};

/// This bot is not sharded.
const SHARD: guestlist::ShardId = guestlist::ShardId::ONE;
/// How long to sleep if the tracker does not want to be woken.
const LONG: Duration = Duration::from_secs(3600);

/// An answer from Discord, or why there is none.
type Answer = (Call, Result<(u16, Vec<u8>), String>);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    rustls::crypto::ring::default_provider()
        .install_default()
        .map_err(|_| "another TLS provider is installed")?;
    let token = std::env::var("DISCORD_TOKEN")?;
    let intents = Intents::GUILDS
        | Intents::GUILD_MEMBERS
        | Intents::GUILD_INVITES
        | Intents::GUILD_MODERATION;
    let mut http = Client::builder().token(token.clone());
    let mut config = ConfigBuilder::new(token, intents);
    if let Ok(api) = std::env::var("DISCORD_API") {
        let (scheme, host) = api.split_once("://").ok_or("DISCORD_API is no URL")?;
        http = http.proxy(host.to_owned(), scheme == "http");
        // A sandbox has its gateway in the same place.
        config = config.proxy_url(api.replacen("http", "ws", 1));
    }
    let http = Arc::new(http.build());
    let mut shard = Shard::with_config(ShardId::ONE, config.build());

    let mut connected = false;
    let mut tracker = Embedded::new(Config::default());
    let (sender, mut answers) = mpsc::unbounded_channel::<Answer>();
    loop {
        while let Some(call) = tracker.next_call() {
            let (http, sender) = (Arc::clone(&http), sender.clone());
            tokio::spawn(async move {
                let result = ask(&http, &call).await;
                // Fails only when the bot is shutting down.
                let _ = sender.send((call, result));
            });
        }
        while let Some(record) = tracker.next_record() {
            announce(&record);
        }
        tokio::select! {
            // The timer comes last: what it leads to rests on all that has arrived.
            biased;
            Some((call, result)) = answers.recv() => match result {
                Ok((status, body)) => tracker.answer(now(), call.id, status, &body),
                Err(why) => tracker.lost(now(), call.id, why),
            },
            received = receive(&mut shard, &mut connected) => match received {
                Received::Frame(json) => {
                    if let Err(error) = tracker.frame(now(), SHARD, json.as_bytes()) {
                        eprintln!("an event is not understood: {error}");
                    }
                    // Here your bot handles the event itself.
                }
                Received::Disconnected => tracker.disconnected(now(), SHARD),
                Received::End => return Ok(()),
            },
            () = sleep(tracker.wake_in(now()).unwrap_or(LONG)) => tracker.wake(now()),
        }
    }
}

enum Received {
    Frame(String),
    /// The shard connects again by itself.
    Disconnected,
    End,
}

/// The next frame, or that the connection is gone. twilight has no message for
/// one that breaks off without a close frame: there, its state tells.
async fn receive(shard: &mut Shard, was_connected: &mut bool) -> Received {
    poll_fn(|context| {
        let message = shard.poll_next_unpin(context);
        let connected = !matches!(shard.state(), ShardState::Disconnected { .. });
        let broke_off = std::mem::replace(was_connected, connected) && !connected;
        Poll::Ready(match message {
            Poll::Ready(Some(Ok(Message::Text(json)))) => Received::Frame(json),
            Poll::Ready(Some(Ok(Message::Close(_)))) => Received::Disconnected,
            Poll::Ready(Some(Err(error))) => {
                eprintln!("the gateway had a problem: {error}");
                match error.into_parts().0 {
                    ReceiveMessageErrorType::Deserializing { event } => Received::Frame(event),
                    _ => Received::Disconnected,
                }
            }
            Poll::Ready(None) => Received::End,
            Poll::Pending if broke_off => Received::Disconnected,
            Poll::Pending => return Poll::Pending,
        })
    })
    .await
}

/// Makes a call through twilight, whatever the endpoint.
async fn ask(http: &Client, call: &Call) -> Result<(u16, Vec<u8>), String> {
    let method = match call.method {
        guestlist::Method::Get => Method::Get,
        guestlist::Method::Post => Method::Post,
    };
    let mut request = RequestBuilder::raw(method, call.path.clone());
    if let Some(body) = &call.body {
        request = request.body(body.clone().into_bytes());
    }
    let request = request.build().map_err(|error| error.to_string())?;
    match http.request::<()>(request).await {
        Ok(response) => {
            let status = response.status().get();
            let body = response.bytes().await.map_err(|error| error.to_string())?;
            Ok((status, body))
        }
        Err(error) => match error.kind() {
            ErrorType::Response { body, status, .. } => Ok((status.get(), body.clone())),
            _ => Err(error.to_string()),
        },
    }
}

/// Says what was found out. A better answer may follow for the same join.
fn announce(record: &Record) {
    if let Record::Attribution(attribution) = record {
        println!("{} joined: {}", attribution.key.user, attribution.certainty);
        for evidence in &attribution.evidence {
            println!("  {evidence}");
        }
    }
}

fn now() -> Timestamp {
    SystemTime::now().into()
}
