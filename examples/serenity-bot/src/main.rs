//! A serenity bot that says which invite each new member came in through.
//!
//! ```console
//! $ DISCORD_TOKEN=… cargo run -p serenity-bot
//! ```
//!
//! serenity does not hand over the JSON that the gateway sent, only its own
//! types, which are turned back into JSON here. What serenity's types do not
//! know is lost on the way: the flags and roles of an INVITE_CREATE, for
//! instance. The tracker lists invites anyway and learns of them a moment
//! later, so answers are as good, but some take one request more.
//!
//! serenity's HTTP client has no way to call an endpoint that it does not
//! know, such as the members search, so calls go through reqwest beside it.
//! They share no rate limiter: a 429 is told to the tracker, which waits.

use std::env;
use std::error::Error;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use guestlist::{Call, Config, Embedded, Record, Timestamp};
use serenity::all::{Client, Context, Event, GatewayIntents, RawEventHandler};
use serenity::async_trait;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{Instant, sleep_until};

/// What goes to the tracker's task.
enum Input {
    /// An event, as `{"t": …, "d": …}`.
    Event(Vec<u8>),
    /// The answer to a call, or why there is none.
    Answer(Call, Result<(u16, Vec<u8>), String>),
}

/// Hands every event on. Beside it, the bot may have its usual `EventHandler`.
struct Handler(UnboundedSender<Input>);

#[async_trait]
impl RawEventHandler for Handler {
    async fn raw_event(&self, _: Context, event: Event) {
        // Most events say nothing about joins and invites.
        let matters = matches!(
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
        );
        if matters && let Ok(json) = serde_json::to_vec(&event) {
            // Fails only when the bot is shutting down.
            let _ = self.0.send(Input::Event(json));
        }
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let token = env::var("DISCORD_TOKEN")?;
    let (sender, inputs) = unbounded_channel();
    tokio::spawn(track(token.clone(), sender.clone(), inputs));
    let intents = GatewayIntents::GUILDS
        | GatewayIntents::GUILD_MEMBERS
        | GatewayIntents::GUILD_INVITES
        | GatewayIntents::GUILD_MODERATION;
    let mut client = Client::builder(token, intents)
        .raw_event_handler(Handler(sender))
        .await?;
    client.start().await?;
    Ok(())
}

/// Owns the tracker.
async fn track(
    token: String,
    sender: UnboundedSender<Input>,
    mut inputs: UnboundedReceiver<Input>,
) {
    let http = reqwest::Client::new();
    let mut tracker = Embedded::new(Config::default());
    loop {
        while let Some(call) = tracker.next_call() {
            let (http, token, sender) = (http.clone(), token.clone(), sender.clone());
            tokio::spawn(async move {
                let result = ask(&http, &token, &call).await;
                let _ = sender.send(Input::Answer(
                    call,
                    result.map_err(|error| error.to_string()),
                ));
            });
        }
        while let Some(record) = tracker.next_record() {
            announce(&record);
        }
        tokio::select! {
            input = inputs.recv() => match input {
                Some(Input::Event(json)) => {
                    if let Err(error) = tracker.frame(now(), &json) {
                        eprintln!("an event is not understood: {error}");
                    }
                }
                Some(Input::Answer(call, Ok((status, body)))) => {
                    tracker.answer(now(), call.id, status, &body);
                }
                Some(Input::Answer(call, Err(why))) => tracker.lost(now(), call.id, why),
                None => return,
            },
            () = sleep_until(wake_at(&tracker)) => tracker.wake(now()),
        }
    }
}

async fn ask(
    http: &reqwest::Client,
    token: &str,
    call: &Call,
) -> Result<(u16, Vec<u8>), reqwest::Error> {
    let url = format!("https://discord.com/api/v10/{}", call.path);
    let request = match &call.body {
        Some(body) => http
            .post(url)
            .header("Content-Type", "application/json")
            .body(body.clone()),
        None => http.get(url),
    };
    let response = request
        .header("Authorization", format!("Bot {token}"))
        .header(
            "User-Agent",
            "DiscordBot (https://example.com/your-bot, 0.1.0)",
        )
        .timeout(Duration::from_secs(30))
        .send()
        .await?;
    Ok((response.status().as_u16(), response.bytes().await?.to_vec()))
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

#[cfg(test)]
mod tests {
    use super::*;

    /// What serenity makes of an event, as the tracker gets it.
    fn through_serenity(json: &str) -> guestlist::Event {
        let event: Event = serde_json::from_str(json).unwrap();
        let json = serde_json::to_vec(&event).unwrap();
        guestlist::Event::from_frame(&json).unwrap().unwrap().event
    }

    #[test]
    fn joins_and_invites_survive_the_detour() {
        let joined = through_serenity(
            r#"{"op": 0, "s": 5, "t": "GUILD_MEMBER_ADD", "d": {
                "guild_id": "613425648685547541", "roles": [], "deaf": false, "mute": false,
                "joined_at": "2026-03-01T18:30:12.123000+00:00", "flags": 1, "pending": false,
                "user": {"id": "80351110224678912", "username": "ferris", "discriminator": "0",
                         "global_name": null, "avatar": null, "public_flags": 0}}}"#,
        );
        let guestlist::Event::MemberAdd(add) = joined else {
            panic!("{joined:?}");
        };
        assert_eq!(add.guild_id.to_string(), "613425648685547541");

        let created = through_serenity(
            r#"{"op": 0, "s": 6, "t": "INVITE_CREATE", "d": {
                "guild_id": "613425648685547541", "channel_id": "613425648685547545",
                "code": "hB6mWNqr", "created_at": "2026-03-01T18:30:12.123000+00:00",
                "max_age": 0, "max_uses": 1, "temporary": false, "uses": 0, "expires_at": null}}"#,
        );
        let guestlist::Event::InviteCreate(invite) = created else {
            panic!("{created:?}");
        };
        assert_eq!(
            (invite.code().as_str(), invite.max_uses()),
            ("hB6mWNqr", Some(1))
        );
    }
}
