//! Events with numbers that go back, ids of another type, and servers of others.

use std::time::Duration;

use serde_json::{Value, json};

use crate::Rows;
use crate::discord::{Discord, GUILD, TOKEN, guild, member, now};
use crate::fault::{Fault, Gateway, Play, event};
use crate::track::Track;

const SOON: Duration = Duration::from_secs(40);

/// A session is there. Then these events come on it.
async fn row(name: &'static str, plays: Vec<Play>, cause: &'static str) {
    let discord = Discord::start().await;
    let track = Track::start(name, &discord);
    track.counts_a_join(&discord).await;
    discord.break_with(Fault::gateway(Gateway::AfterSession(plays)));
    discord.join();
    assert!(discord.tried(1, SOON).await, "{name}: there is no session");
    tokio::time::sleep(Duration::from_secs(2)).await;
    discord.mend();
    track.counts_a_join(&discord).await;
    if !cause.is_empty() {
        track.warned_once(cause);
    }
    let ended = track.bounded().await;
    println!("{name}: {} MB, {} lines", ended.memory, ended.lines);
}

fn flood(times: u64, of: impl Fn(u64) -> Play) -> Vec<Play> {
    (0..times).map(of).collect()
}

#[tokio::test]
async fn events_that_discord_never_sends() {
    let mut rows = Rows::new();
    let add = |sequence: u64, data: Value| event(sequence, "GUILD_MEMBER_ADD", &data);
    rows.row(row(
        "sequences that go back",
        flood(1000, |number| {
            add(
                3000 - number,
                member(&format!("8{number:017}"), &now(), GUILD),
            )
        }),
        "sequence numbers go back",
    ));
    rows.row(row(
        "ids of another type",
        flood(1000, |number| {
            add(
                10 + number,
                json!({"guild_id": 3, "user": {"id": [number]}, "joined_at": 5}),
            )
        }),
        "cannot be decoded",
    ));
    rows.row(row(
        "ids that are words",
        flood(1000, |number| {
            add(
                10 + number,
                member(&format!("{TOKEN}\u{1b}[2J\r\n{number}"), &now(), GUILD),
            )
        }),
        "",
    ));
    rows.row(row(
        "ids that are too large",
        flood(1000, |number| {
            add(
                10 + number,
                member("99999999999999999999999", &now(), GUILD),
            )
        }),
        "cannot be decoded",
    ));
    rows.row(row(
        "foreign servers",
        flood(3000, |number| {
            add(
                10 + number,
                member(
                    "800000000000000001",
                    &now(),
                    &(400_000_000_000_000_000 + (number << 22)).to_string(),
                ),
            )
        }),
        "",
    ));
    rows.row(row(
        "foreign servers that are announced",
        flood(1000, |number| {
            let mut data = guild();
            data["id"] = (400_000_000_000_000_000 + (number << 22))
                .to_string()
                .into();
            event(10 + number, "GUILD_CREATE", &data)
        }),
        "",
    ));
    rows.row(row(
        "READY twice",
        vec![event(
            10,
            "READY",
            &json!({"v": 10, "user": {"id": "9", "username": "bot"}, "guilds": [],
            "session_id": "other", "resume_gateway_url": "", "shard": [0, 1]}),
        )],
        "a second session on one connection",
    ));
    rows.row(row(
        "names with the token",
        flood(5, |number| {
            let mut data = member(&format!("8{number:017}"), &now(), GUILD);
            data["user"]["username"] = format!("{TOKEN}\u{1b}[2J\n").into();
            add(10 + number, data)
        }),
        "",
    ));
    rows.finish().await;
}
