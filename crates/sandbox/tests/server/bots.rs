//! Several bots at the same time, each with its own token, guilds, permissions, intents and limits.

use std::time::Duration;

use guestlist_sandbox::{
    Expected, Limit, NewGuildStory, RateLimits, Running, Sandbox,
    world::{Bot, NewBot, NewInvite, PrivilegedIntent, permissions},
};
use serde_json::{Value, json};

use crate::support::{Gateway, Heard, control, discord_as, identify, send};

const GUILDS: u64 = 1;
const MEMBERS: u64 = 1 << 1;
const MODERATION: u64 = 1 << 2;
const INVITES: u64 = 1 << 6;
const MESSAGES: u64 = 1 << 9;
const CONTENT: u64 = 1 << 15;

/// Two servers. The greeter is in one, where it may only write; the other bot is in both.
async fn start(limits: RateLimits) -> (Running, Bot) {
    let write = permissions::VIEW_CHANNEL | permissions::SEND_MESSAGES;
    let sandbox = Sandbox::builder()
        .seed(7)
        .stepped()
        .rate_limits(limits)
        .bot(NewBot::named("greeter").without(PrivilegedIntent::Members))
        .guild(NewGuildStory::named("Club").bot("greeter", write))
        .guild(NewGuildStory::named("Pub"))
        .start()
        .await
        .unwrap();
    let greeter = sandbox.bot("greeter").unwrap();
    (sandbox, greeter)
}

async fn connect(running: &Running, token: &str, intents: u64) -> (Gateway, Value) {
    let mut gateway = Gateway::connect(running, "v=10&encoding=json").await;
    let ready = gateway.identify_as(token, intents).await;
    (gateway, ready)
}

#[tokio::test]
async fn each_bot_sees_what_its_guilds_intents_and_permissions_allow() {
    let (sandbox, greeter) = start(RateLimits::none()).await;
    let (club, pub_) = (
        sandbox.guild("Club").unwrap(),
        sandbox.guild("Pub").unwrap(),
    );
    let all = GUILDS | MODERATION | INVITES | MESSAGES;
    let (mut first, ready) = connect(&sandbox, sandbox.token(), all | MEMBERS).await;
    assert_eq!(ready["guilds"].as_array().unwrap().len(), 2);
    first.expect("GUILD_CREATE").await;
    first.expect("GUILD_CREATE").await;
    let (mut second, ready) = connect(&sandbox, &greeter.token, all).await;
    assert_eq!(ready["user"]["username"], "greeter");
    assert_eq!(ready["application"]["id"], greeter.id().to_string());
    let only = json!([{"id": club.id().to_string(), "unavailable": true}]);
    assert_eq!(ready["guilds"], only);
    let guild = second.expect("GUILD_CREATE").await;
    let own = guild["members"][0]["user"]["id"].as_str();
    assert_eq!(
        own,
        Some(&*greeter.id().to_string()),
        "its own member alone"
    );

    // The greeter manages no channels and reads no audit log; it is not in the pub.
    for guild in [&club, &pub_] {
        let invite = guild.invite(NewInvite::default()).await.unwrap();
        assert_eq!(first.expect("INVITE_CREATE").await["code"], invite.code);
        first.expect("GUILD_AUDIT_LOG_ENTRY_CREATE").await;
        guild.member("ada").joins_through(&invite).await.unwrap();
        first.expect("GUILD_MEMBER_ADD").await;
    }
    second.nothing().await;
    let listed = format!("/guilds/{}/invites", club.id());
    let refused = discord_as(&sandbox, &greeter.token, "GET", &listed, "").await;
    assert_eq!(refused.json()["code"], 50_013);
    let listed = format!("/guilds/{}/invites", pub_.id());
    let refused = discord_as(&sandbox, &greeter.token, "GET", &listed, "").await;
    assert_eq!(refused.json()["code"], 50_001);
    // A list of members is asked for in vain as well.
    let request = json!({"guild_id": pub_.id().to_string(), "query": "ada", "limit": 1});
    second.send(json!({"op": 8, "d": request})).await;
    second.nothing().await;

    // More permissions, more events; fewer intents, fewer sessions.
    let path = format!("/guilds/{}", club.id());
    let id = greeter.id().to_string();
    let more = (permissions::BOT).to_string();
    let changed = json!({"bots": [{"id": id, "permissions": more}]});
    control(&sandbox, "PATCH", &path, changed).await;
    first.expect("GUILD_ROLE_UPDATE").await;
    second.expect("GUILD_ROLE_UPDATE").await;
    let invite = club.invite(NewInvite::default()).await.unwrap();
    assert_eq!(second.expect("INVITE_CREATE").await["code"], invite.code);
    let mut third = Gateway::connect(&sandbox, "v=10&encoding=json").await;
    assert_eq!(third.frame().await["op"], 10);
    third.send(identify(&greeter.token, MEMBERS)).await;
    assert_eq!(
        third.hear().await,
        Heard::Closed(4014),
        "disabled for this bot"
    );
}

#[tokio::test]
async fn bots_come_and_go() {
    let (sandbox, greeter) = start(RateLimits::none()).await;
    let pub_ = sandbox.guild("Pub").unwrap().id();
    let (mut first, _) = connect(&sandbox, sandbox.token(), GUILDS | MEMBERS).await;
    first.expect("GUILD_CREATE").await;
    first.expect("GUILD_CREATE").await;
    let (mut second, _) = connect(&sandbox, &greeter.token, GUILDS).await;
    second.expect("GUILD_CREATE").await;

    let joins = format!("/guilds/{pub_}/joins");
    let id = greeter.id().to_string();
    let added = json!({"via": "bot", "user_id": id, "permissions": "1024"});
    control(&sandbox, "POST", &joins, added).await;
    let made = second.expect("GUILD_CREATE").await;
    assert_eq!(made["id"], pub_.to_string());
    let role = first.expect("GUILD_ROLE_CREATE").await["role"].clone();
    assert_eq!(
        (&role["managed"], &role["permissions"]),
        (&json!(true), &json!("1024"))
    );
    first.expect("GUILD_ROLE_UPDATE").await;
    let came = first.expect("GUILD_MEMBER_ADD").await;
    assert_eq!(
        (&came["user"]["id"], &came["roles"]),
        (&json!(id), &json!([role["id"]]))
    );

    let path = format!("/users/@me/guilds/{pub_}");
    let left = discord_as(&sandbox, &greeter.token, "DELETE", &path, "").await;
    assert_eq!(left.status, 204);
    assert_eq!(
        second.expect("GUILD_DELETE").await,
        json!({"id": pub_.to_string()})
    );
    let gone = first.expect("GUILD_ROLE_DELETE").await;
    assert_eq!(gone["role_id"], role["id"]);
    assert_eq!(first.expect("GUILD_MEMBER_REMOVE").await["user"]["id"], id);
    second.nothing().await;

    // One more at run time, with a token that the test chooses.
    let new = json!({"username": "logger", "token": "my.own.token", "guilds": [pub_.to_string()]});
    let made = control(&sandbox, "POST", "/bots", new.clone()).await;
    assert_eq!(
        (&made["token"], &made["guilds"]),
        (&json!("my.own.token"), &json!([pub_.to_string()]))
    );
    let (_, ready) = connect(&sandbox, "my.own.token", GUILDS).await;
    assert_eq!(ready["user"]["username"], "logger");
    let again = send(&sandbox, "POST", "/sandbox/bots", &[], &new.to_string()).await;
    assert_eq!(
        (again.status, &again.json()["field"]),
        (400, &json!("token"))
    );
    let bots = control(&sandbox, "GET", "/bots", Value::Null).await;
    assert_eq!(bots.as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn what_a_bot_does_is_known_to_be_its_own() {
    let (sandbox, greeter) = start(RateLimits::none()).await;
    let club = sandbox.guild("Club").unwrap();
    let more = json!({"bots": [{"id": greeter.id(), "permissions": permissions::BOT.to_string()}]});
    control(&sandbox, "PATCH", &format!("/guilds/{}", club.id()), more).await;
    let channels = format!("/guilds/{}/channels", club.id());
    let channels = discord_as(&sandbox, &greeter.token, "GET", &channels, "").await;
    let channel = channels.json()[0]["id"].as_str().unwrap().to_owned();
    for token in [sandbox.token(), &greeter.token] {
        let path = format!("/channels/{channel}/invites");
        let made = discord_as(&sandbox, token, "POST", &path, r#"{"max_uses": 4}"#).await;
        let me = discord_as(&sandbox, token, "GET", "/users/@me", "").await;
        assert_eq!(made.json()["inviter"]["id"], me.json()["id"]);
    }
    let path = format!("/guilds/{}/audit-logs?action_type=40", club.id());
    let log = discord_as(&sandbox, sandbox.token(), "GET", &path, "")
        .await
        .json();
    let by: Vec<&str> = log["audit_log_entries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["user_id"].as_str().unwrap())
        .collect();
    let (first, second) = (sandbox.client_id().to_string(), greeter.id().to_string());
    assert_eq!(by, [&*second, &*first], "the latest first");

    // Messages of others come without what they say, unless the bot may read it.
    let (mut blind, _) = connect(&sandbox, sandbox.token(), MESSAGES).await;
    let (mut reader, _) = connect(&sandbox, sandbox.token(), MESSAGES | CONTENT).await;
    let path = format!("/channels/{channel}/messages");
    discord_as(
        &sandbox,
        &greeter.token,
        "POST",
        &path,
        r#"{"content": "Hello"}"#,
    )
    .await;
    assert_eq!(blind.expect("MESSAGE_CREATE").await["content"], "");
    assert_eq!(reader.expect("MESSAGE_CREATE").await["content"], "Hello");
    let mention = json!({"content": format!("<@{first}>")}).to_string();
    discord_as(&sandbox, &greeter.token, "POST", &path, &mention).await;
    assert_ne!(blind.expect("MESSAGE_CREATE").await["content"], "");
    sandbox
        .expect(Expected::message("Hello").by(greeter.id()))
        .await
        .unwrap();
    let never = Expected::message("Hello").by(sandbox.client_id());
    sandbox
        .expect(never.within(Duration::from_millis(10)))
        .await
        .unwrap_err();
    let log = control(&sandbox, "GET", "/requests?limit=1", Value::Null).await;
    assert_eq!(log["requests"][0]["bot_id"], second);

    // Commands and direct messages are each bot's own.
    let command = r#"{"name": "who", "description": "Who?"}"#;
    let path = format!("/applications/{second}/commands");
    let refused = discord_as(&sandbox, sandbox.token(), "POST", &path, command).await;
    assert_eq!(refused.json()["code"], 50_001);
    let made = discord_as(&sandbox, &greeter.token, "POST", &path, command).await;
    assert_eq!(made.json()["application_id"], second);
    let (mut other, _) = connect(&sandbox, sandbox.token(), 0).await;
    let (mut own, _) = connect(&sandbox, &greeter.token, 0).await;
    let ada = club.member("ada");
    let invite = club.invite(NewInvite::default()).await.unwrap();
    ada.joins_through(&invite).await.unwrap();
    let used = json!({"command": "who", "user_id": ada.id().to_string()});
    control(
        &sandbox,
        "POST",
        &format!("/guilds/{}/interactions", club.id()),
        used,
    )
    .await;
    assert_eq!(
        own.expect("INTERACTION_CREATE").await["application_id"],
        second
    );
    other.nothing().await;
    let recipient = json!({"recipient_id": ada.id().to_string()}).to_string();
    let direct = discord_as(
        &sandbox,
        &greeter.token,
        "POST",
        "/users/@me/channels",
        &recipient,
    )
    .await;
    let path = format!(
        "/channels/{}/messages",
        direct.json()["id"].as_str().unwrap()
    );
    let hello = r#"{"content": "Hi"}"#;
    let refused = discord_as(&sandbox, sandbox.token(), "POST", &path, hello).await;
    assert_eq!(refused.json()["code"], 10_003);
    assert_eq!(
        discord_as(&sandbox, &greeter.token, "POST", &path, hello)
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn limits_and_sessions_are_counted_for_each() {
    let limit = Limit::new(1, Duration::from_secs(60));
    let limits = RateLimits::none().route("GET", "/users/@me", limit);
    let (sandbox, greeter) = start(limits).await;
    for token in [sandbox.token(), &greeter.token] {
        assert_eq!(
            discord_as(&sandbox, token, "GET", "/users/@me", "")
                .await
                .status,
            200
        );
        assert_eq!(
            discord_as(&sandbox, token, "GET", "/users/@me", "")
                .await
                .status,
            429
        );
    }
    let (mut first, ready) = connect(&sandbox, sandbox.token(), 0).await;
    let (mut second, _) = connect(&sandbox, &greeter.token, 0).await;
    let cut = json!({"bot_id": greeter.id().to_string()});
    let cut = control(&sandbox, "POST", "/gateway/drop", cut).await;
    assert_eq!(cut["dropped"], 1);
    assert_eq!(second.hear().await, Heard::Cut);
    first.nothing().await;
    let sessions = control(&sandbox, "GET", "/gateway", Value::Null).await;
    let id = json!(greeter.id().to_string());
    let mine = |it: &&Value| it["bot_id"] == id;
    let session = sessions.as_array().unwrap().iter().find(mine).unwrap();
    assert_eq!(session["connected"], false);

    // A session is of no use to another bot.
    let mut thief = Gateway::connect(&sandbox, "v=10&encoding=json").await;
    assert_eq!(thief.frame().await["op"], 10);
    let data = json!({"token": greeter.token, "session_id": ready["session_id"], "seq": 1});
    thief.send(json!({"op": 6, "d": data})).await;
    let frame = thief.frame().await;
    assert_eq!((&frame["op"], &frame["d"]), (&json!(9), &json!(false)));
}
