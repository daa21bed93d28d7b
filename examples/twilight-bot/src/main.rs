//! A twilight bot that says which invite each new member came in through.
//!
//! ```console
//! $ DISCORD_TOKEN=… cargo run -p twilight-bot
//! ```
//!
//! The shard hands over raw JSON, so that the tracker sees all that Discord
//! sends. What the tracker wants to know goes through the bot's own HTTP
//! client, and with that through its rate limiter.

use std::error::Error;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use futures_util::StreamExt;
use guestlist::{Call, Config, Embedded, Record, Timestamp};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};
use twilight_gateway::{Intents, Message, Shard, ShardId};
use twilight_http::Client;
use twilight_http::error::ErrorType;
use twilight_http::request::{Method, RequestBuilder};

/// An answer from Discord, or why there is none.
type Answer = (Call, Result<(u16, Vec<u8>), String>);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    rustls::crypto::ring::default_provider()
        .install_default()
        .map_err(|_| "another TLS provider is installed")?;
    let token = std::env::var("DISCORD_TOKEN")?;
    let http = Arc::new(Client::new(token.clone()));
    let intents = Intents::GUILDS
        | Intents::GUILD_MEMBERS
        | Intents::GUILD_INVITES
        | Intents::GUILD_MODERATION;
    let mut shard = Shard::new(ShardId::ONE, token, intents);

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
            message = shard.next() => match message {
                Some(Ok(Message::Text(json))) => {
                    if let Err(error) = tracker.frame(now(), json.as_bytes()) {
                        eprintln!("an event is not understood: {error}");
                    }
                    // Here your bot handles the event itself.
                }
                Some(Ok(Message::Close(_))) => {}
                Some(Err(error)) => eprintln!("the gateway had a problem: {error}"),
                None => return Ok(()),
            },
            Some((call, result)) = answers.recv() => match result {
                Ok((status, body)) => tracker.answer(now(), call.id, status, &body),
                Err(why) => tracker.lost(now(), call.id, why),
            },
            () = sleep_until(wake_at(&tracker)) => tracker.wake(now()),
        }
    }
}

/// Makes a call through twilight, whatever the endpoint.
async fn ask(http: &Client, call: &Call) -> Result<(u16, Vec<u8>), String> {
    let method = if call.method == "POST" {
        Method::Post
    } else {
        Method::Get
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
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
}

/// When the tracker wants to be woken; in an hour if it does not.
fn wake_at(tracker: &Embedded) -> Instant {
    let wait = tracker.wake_at().map_or(3_600_000_000, |at| {
        at.as_micros().saturating_sub(now().as_micros())
    });
    Instant::now() + Duration::from_micros(u64::try_from(wait).unwrap_or_default())
}
