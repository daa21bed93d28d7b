//! Tests that read as stories, and recordings that are played back.

use std::time::Duration;

use guestlist_sandbox::{
    Clock, Expected, NewGuildStory, Options, RateLimits, Running, Sandbox, SandboxError,
    world::{NewInvite, Via},
};
use serde_json::{Value, json};

use crate::support::{Gateway, control, discord, discord_as, send};

async fn club(seed: u64) -> Running {
    let club = NewGuildStory::named("Club")
        .vanity("club")
        .feature("DISCOVERABLE")
        .member("bob")
        .invite(Some("bob"), NewInvite::default().max_uses(1));
    let sandbox = Sandbox::builder().seed(seed).stepped().guild(club);
    sandbox.start().await.unwrap()
}

/// A bot that greets those who join and gives them a role.
async fn greet(sandbox: &Running, mut gateway: Gateway) {
    let guild = sandbox.guild("Club").unwrap().id();
    let path = format!("/guilds/{guild}/roles");
    let role = control(sandbox, "POST", &path, json!({"name": "guest"})).await;
    let role = role["id"].as_str().unwrap();
    let (_, added) = (gateway.frame().await, gateway.frame().await);
    let user = added["d"]["user"]["id"].as_str().unwrap();
    let channels = discord(sandbox, "GET", &format!("/guilds/{guild}/channels"), "").await;
    let channel = channels.json()[0]["id"].as_str().unwrap().to_owned();
    let hello = json!({"content": format!("Hello <@{user}>")}).to_string();
    discord(
        sandbox,
        "POST",
        &format!("/channels/{channel}/messages"),
        &hello,
    )
    .await;
    let path = format!("/guilds/{guild}/members/{user}/roles/{role}");
    discord(sandbox, "PUT", &path, "").await;
}

#[tokio::test]
async fn ada_joins_and_is_greeted() {
    let sandbox = club(7).await;
    let mut gateway = Gateway::connect(&sandbox, "v=10&encoding=json").await;
    gateway.identify(&sandbox, 1 << 1 | 1 << 6).await;
    sandbox.expect(Expected::connection()).await.unwrap();
    let club = sandbox.guild("Club").unwrap();
    let (ada, bob) = (club.member("ada"), club.member("bob"));
    assert!(bob.is_member() && !ada.is_member());
    let invite = bob.invites(|invite| invite.max_uses(2)).await.unwrap();

    let story = async {
        let joined = ada.joins_through(&invite).await.unwrap();
        assert_eq!(joined.inviter_id, Some(bob.id()));
        sandbox.expect(Expected::message("Hello")).await.unwrap();
        let role = Expected::request("PUT", "/guilds/*/members/*/roles/*");
        sandbox.expect(role).await.unwrap();
        assert_eq!(ada.roles(), ["guest"]);
    };
    tokio::join!(greet(&sandbox, gateway), story);
    ada.leaves().await.unwrap();
    assert!(!ada.is_member());
    ada.joins_by(Via::Discovery).await.unwrap();
    bob.revokes(&invite).await.unwrap();
    club.member("cy").joins_through(&invite).await.unwrap_err();

    let never = Expected::message("Goodbye").within(Duration::from_millis(20));
    let error = sandbox.expect(never).await.unwrap_err().to_string();
    assert!(
        error.contains("Goodbye") && error.contains("Hello"),
        "{error}"
    );
    assert!(sandbox.guild("Pub").is_err());
}

#[tokio::test]
async fn many_run_side_by_side_and_equal_seeds_tell_the_same() {
    let sandboxes = futures_util::future::join_all((0..8).map(|number| club(number % 2))).await;
    let mut told = Vec::new();
    for sandbox in &sandboxes {
        let invite = sandbox.guild("Club").unwrap();
        let invite = invite.invite(NewInvite::default()).await.unwrap();
        told.push(invite.code);
    }
    for (number, code) in told.iter().enumerate() {
        assert_eq!(*code, told[number % 2]);
    }
    assert_ne!(told[0], told[1]);
}

#[tokio::test]
async fn a_world_that_is_not_possible_does_not_start() {
    let twice = || NewGuildStory::named("Club").vanity("club");
    let builder = Sandbox::builder().guild(twice()).guild(twice());
    let error = builder.start().await.unwrap_err();
    assert!(matches!(error, SandboxError::World(_)), "{error}");
}

#[tokio::test]
async fn a_recording_is_played_back_to_the_byte() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("recording.ndjson");
    let mut options = Options::seeded(5)
        .clock(Clock::Manual)
        .rate_limits(RateLimits::none());
    options.record = Some(file.clone());
    options.world.bots = vec![String::from("greeter")];
    let running = Sandbox::start(options).await.unwrap();
    let guild = running.guild_ids()[0];
    let mut gateway = Gateway::connect(&running, "v=10&encoding=json").await;
    gateway.identify(&running, 1 << 6).await;
    let traffic = json!({"joins": 50, "seed": 7, "per_second": 20});
    control(&running, "POST", "/scenario", traffic).await;
    control(&running, "POST", "/clock", json!({"advance_ms": 60_000})).await;
    let path = format!("/guilds/{guild}/channels");
    let channels = discord(&running, "GET", &path, "").await.json();
    let path = format!("/channels/{}/invites", channels[0]["id"].as_str().unwrap());
    discord(&running, "POST", &path, r#"{"max_uses": 4}"#).await;
    discord(&running, "GET", &format!("/guilds/{guild}/invites"), "").await;
    discord(&running, "GET", "/users/5", "").await;
    let greeter = running.bot("greeter").unwrap();
    let made = discord_as(&running, &greeter.token, "POST", &path, "{}").await;
    assert_eq!(made.json()["inviter"]["username"], "greeter");
    control(&running, "GET", "/truth", Value::Null).await;
    gateway.expect("INVITE_CREATE").await;
    running.shutdown().await;

    let text = std::fs::read_to_string(&file).unwrap();
    let has = |kind: &str| text.lines().any(|line| line.contains(kind));
    assert!(
        has("INVITE_CREATE") && has("\"from\":\"client\""),
        "frames are in it"
    );
    let (again, recording) = Sandbox::replay(&file, 0).await.unwrap();
    let replayed = recording.play(&again).await;
    assert!(replayed.calls >= 8, "{replayed:?}");
    assert_eq!(replayed.different, []);

    // Another seed tells other things.
    let other = text.replacen("\"seed\":5", "\"seed\":6", 1);
    assert_ne!(other, text);
    std::fs::write(&file, other).unwrap();
    let (again, recording) = Sandbox::replay(&file, 0).await.unwrap();
    assert!(!recording.play(&again).await.different.is_empty());
    std::fs::write(&file, "{}").unwrap();
    let error = Sandbox::replay(&file, 0).await.unwrap_err();
    assert!(matches!(error, SandboxError::Recording { .. }), "{error}");
}

/// Everything that a sandbox says in a long conversation, to the byte, but for its address.
async fn conversation(seed: u64) -> Vec<String> {
    let options = Options::seeded(seed).clock(Clock::Manual);
    let running = Sandbox::start(options.rate_limits(RateLimits::none()))
        .await
        .unwrap();
    let guild = running.guild_ids()[0];
    let mut gateway = Gateway::connect(&running, "v=10&encoding=json").await;
    let everything = 0x31_ffff;
    gateway.identify(&running, everything).await;
    let mut told = Vec::new();
    let mut ask = async |method: &str, path: &str, body: Value| {
        let body = body.to_string();
        let answer = match path.strip_prefix("/sandbox") {
            Some(_) => send(&running, method, path, &[], &body).await,
            None => discord(&running, method, path, &body).await,
        };
        told.push(answer.text().to_owned());
        (!answer.body.is_empty()).then(|| answer.json())
    };
    let traffic = json!({"joins": 60, "seed": seed, "per_second": 20});
    ask("POST", "/sandbox/scenario", traffic).await;
    ask("POST", "/sandbox/bots", json!({"guilds": [guild]})).await;
    ask("POST", "/sandbox/clock", json!({"advance_ms": 600_000})).await;
    let path = format!("/guilds/{guild}");
    let channels = ask("GET", &format!("{path}/channels"), json!({}))
        .await
        .unwrap();
    let channel = format!("/channels/{}", channels[0]["id"].as_str().unwrap());
    let invites = format!("{channel}/invites");
    let made = ask("POST", &invites, json!({"max_uses": 4})).await.unwrap();
    let code = made["code"].as_str().unwrap();
    let joined = json!({"code": code});
    let joined = ask("POST", &format!("/sandbox{path}/joins"), joined)
        .await
        .unwrap();
    let member = format!("{path}/members/{}", joined["user_id"].as_str().unwrap());
    ask("PATCH", &member, json!({"nick": "Ada"})).await;
    let hello = json!({"content": "Hello"});
    ask("POST", &format!("{channel}/messages"), hello).await;
    let bot = running.client_id();
    let command = json!({"name": "who", "description": "Who?"});
    ask("POST", &format!("/applications/{bot}/commands"), command).await;
    let used = json!({"command": "who", "user_id": joined["user_id"]});
    ask("POST", &format!("/sandbox{path}/interactions"), used).await;
    ask("DELETE", &format!("/invites/{code}"), json!({})).await;
    ask("DELETE", &member, json!({})).await;
    for path in [
        "",
        "/invites",
        "/audit-logs",
        "/members?limit=1000",
        "/roles",
        "/vanity-url",
    ] {
        ask("GET", &format!("/guilds/{guild}{path}"), json!({})).await;
    }
    let search = json!({"limit": 1000});
    ask("POST", &format!("{path}/members-search"), search).await;
    for path in [
        "/truth",
        "/guilds",
        "/bots",
        "/messages",
        "/requests",
        "/gateway",
    ] {
        ask("GET", &format!("/sandbox{path}"), json!({})).await;
    }
    gateway.catch_up().await;
    assert!(gateway.texts.len() > 100, "{}", gateway.texts.len());
    told.append(&mut gateway.texts);
    let address = running.address().to_string();
    told.iter().map(|it| it.replace(&address, "-")).collect()
}

#[tokio::test]
async fn the_same_seed_and_calls_give_the_same_bytes() {
    let first = conversation(7).await;
    let again = conversation(7).await;
    for (number, (first, again)) in first.iter().zip(&again).enumerate() {
        assert_eq!(first, again, "the {number}th text");
    }
    assert_eq!(first.len(), again.len());
    let other = conversation(8).await;
    let same = first.iter().filter(|it| other.contains(it)).count();
    assert!(same < first.len() / 10, "{same} of {}", first.len());
}
