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
//!
//! Nor does serenity say when the connection is closed: of a shard's stages it
//! tells a few, and a broken connection only once there is another. Where it
//! matters that nothing is deduced in between, use twilight.
//!
//! With `DISCORD_API=http://127.0.0.1:8080` it talks to a `guestlist sandbox`
//! on that port.

use std::env;
use std::error::Error;
use std::time::{Duration, SystemTime};

use guestlist::{Call, Config, Embedded, Record, ShardId, Timestamp};
use serenity::all::{
    ClientBuilder, ConnectionStage, Context, Event, EventHandler, GatewayIntents, HttpBuilder,
    RawEventHandler, ShardStageUpdateEvent,
};
use serenity::async_trait;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::sleep;

/// `Client::start` makes one shard.
const SHARD: ShardId = ShardId::ONE;
/// How long to sleep if the tracker does not want to be woken.
const LONG: Duration = Duration::from_secs(3600);

/// What goes to the tracker's task.
enum Input {
    /// An event, as `{"t": …, "d": …}`.
    Event(Vec<u8>),
    /// The connection is gone.
    Disconnected,
    /// The answer to a call, or why there is none.
    Answer(Call, Result<(u16, Vec<u8>), String>),
}

/// Hands every event on. Beside it, the bot may have its usual `EventHandler`.
#[derive(Clone)]
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

#[async_trait]
impl EventHandler for Handler {
    async fn shard_stage_update(&self, _: Context, event: ShardStageUpdateEvent) {
        if event.old == ConnectionStage::Connected {
            let _ = self.0.send(Input::Disconnected);
        }
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let token = env::var("DISCORD_TOKEN")?;
    let mut http = HttpBuilder::new(&token);
    let mut api = "https://discord.com".to_owned();
    if let Ok(sandbox) = env::var("DISCORD_API") {
        // serenity's rate limiter would go to Discord all the same.
        http = http.proxy(&sandbox).ratelimiter_disabled(true);
        api = sandbox;
    }
    let (sender, inputs) = unbounded_channel();
    let caller = Caller {
        http: reqwest::Client::new(),
        api,
        token,
    };
    tokio::spawn(track(caller, sender.clone(), inputs));
    let intents = GatewayIntents::GUILDS
        | GatewayIntents::GUILD_MEMBERS
        | GatewayIntents::GUILD_INVITES
        | GatewayIntents::GUILD_MODERATION;
    let handler = Handler(sender);
    let mut client = ClientBuilder::new_with_http(http.build(), intents)
        .raw_event_handler(handler.clone())
        .event_handler(handler)
        .await?;
    client.start().await?;
    Ok(())
}

/// Owns the tracker.
async fn track(
    caller: Caller,
    sender: UnboundedSender<Input>,
    mut inputs: UnboundedReceiver<Input>,
) {
    let mut tracker = Embedded::new(Config::default());
    loop {
        while let Some(call) = tracker.next_call() {
            let (caller, sender) = (caller.clone(), sender.clone());
            tokio::spawn(async move {
                let result = caller.ask(&call).await.map_err(|error| error.to_string());
                let _ = sender.send(Input::Answer(call, result));
            });
        }
        while let Some(record) = tracker.next_record() {
            announce(&record);
        }
        tokio::select! {
            // The timer comes last: what it leads to rests on all that has arrived.
            biased;
            input = inputs.recv() => match input {
                Some(Input::Event(json)) => {
                    if let Err(error) = tracker.frame(now(), SHARD, &json) {
                        eprintln!("an event is not understood: {error}");
                    }
                }
                Some(Input::Disconnected) => tracker.disconnected(now(), SHARD),
                Some(Input::Answer(call, Ok((status, body)))) => {
                    tracker.answer(now(), call.id, status, &body);
                }
                Some(Input::Answer(call, Err(why))) => tracker.lost(now(), call.id, why),
                None => return,
            },
            () = sleep(tracker.wake_in(now()).unwrap_or(LONG)) => tracker.wake(now()),
        }
    }
}

/// What it takes to call Discord.
#[derive(Clone)]
struct Caller {
    http: reqwest::Client,
    api: String,
    token: String,
}

impl Caller {
    async fn ask(&self, call: &Call) -> Result<(u16, Vec<u8>), reqwest::Error> {
        let url = format!("{}/api/v10/{}", self.api, call.path);
        let request = match &call.body {
            Some(body) => self
                .http
                .post(url)
                .header("Content-Type", "application/json")
                .body(body.clone()),
            None => self.http.get(url),
        };
        let response = request
            .header("Authorization", format!("Bot {}", self.token))
            .header(
                "User-Agent",
                "DiscordBot (https://example.com/your-bot, 0.1.0)",
            )
            .timeout(Duration::from_secs(30))
            .send()
            .await?;
        Ok((response.status().as_u16(), response.bytes().await?.to_vec()))
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
