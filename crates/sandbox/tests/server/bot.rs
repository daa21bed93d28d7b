//! What a bot does about those who come: it greets, gives roles, throws out, answers commands.

use guestlist_sandbox::{
    Clock, Options, RateLimits, Running, Sandbox,
    world::{Entry, NewInvite, Via},
};
use serde_json::{Value, json};

use crate::support::{Gateway, control, discord, send};

const MEMBERS: u64 = 1 << 1;
const MODERATION: u64 = 1 << 2;
const MESSAGES: u64 = 1 << 9;

async fn start() -> (Running, u64) {
    let mut options = Options::seeded(8)
        .guilds(1)
        .clock(Clock::Manual)
        .rate_limits(RateLimits::none());
    options.world.quirks.repeat_member_add = 0.0;
    let running = Sandbox::start(options).await.unwrap();
    let guild = running.guild_ids()[0];
    (running, guild)
}

async fn connect(running: &Running, intents: u64) -> Gateway {
    let mut gateway = Gateway::connect(running, "v=10&encoding=json").await;
    gateway.identify(running, intents).await;
    gateway
}

fn join(running: &Running, guild: u64) -> u64 {
    let world = running.world();
    let made = world.create_invite(guild, NewInvite::default()).unwrap();
    world.accept_invite(&made.code, None).unwrap().user_id
}

async fn call(running: &Running, method: &str, path: &str, body: Value) -> (u16, Value) {
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    let answer = discord(running, method, path, &body).await;
    let json = if answer.body.is_empty() {
        Value::Null
    } else {
        answer.json()
    };
    (answer.status, json)
}

async fn role(running: &Running, guild: u64) -> String {
    let path = format!("/guilds/{guild}/roles");
    let made = control(running, "POST", &path, json!({"name": "guest"})).await;
    made["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_newcomer_is_greeted_and_gets_a_role() {
    let (running, guild) = start().await;
    let role = role(&running, guild).await;
    let mut gateway = connect(&running, MEMBERS | MODERATION | MESSAGES).await;
    let user = join(&running, guild);
    gateway.expect("GUILD_AUDIT_LOG_ENTRY_CREATE").await;
    gateway.expect("GUILD_MEMBER_ADD").await;

    let path = format!("/guilds/{guild}/members/{user}/roles/{role}");
    assert_eq!(call(&running, "PUT", &path, Value::Null).await.0, 204);
    let updated = gateway.expect("GUILD_MEMBER_UPDATE").await;
    assert_eq!(updated["roles"], json!([role]));
    let entry = gateway.expect("GUILD_AUDIT_LOG_ENTRY_CREATE").await;
    assert_eq!(
        (&entry["action_type"], &entry["changes"][0]["key"]),
        (&json!(25), &json!("$add"))
    );

    let channels = call(
        &running,
        "GET",
        &format!("/guilds/{guild}/channels"),
        Value::Null,
    )
    .await;
    let hall = format!(
        "/channels/{}/messages",
        channels.1[0]["id"].as_str().unwrap()
    );
    let hello = json!({"content": format!("Hello <@{user}>"), "embeds": [{"title": "Rules"}]});
    let (status, sent) = call(&running, "POST", &hall, hello).await;
    assert_eq!(
        (status, &sent["mentions"][0]["id"]),
        (200, &json!(user.to_string()))
    );
    let heard = gateway.expect("MESSAGE_CREATE").await;
    assert_eq!(
        (&heard["id"], &heard["guild_id"]),
        (&sent["id"], &json!(guild.to_string()))
    );
    let (status, error) = call(&running, "POST", &hall, json!({"content": " "})).await;
    assert_eq!((status, &error["code"]), (400, &json!(50_006)));

    let recipient = json!({"recipient_id": user.to_string()});
    let (_, direct) = call(&running, "POST", "/users/@me/channels", recipient.clone()).await;
    let (_, again) = call(&running, "POST", "/users/@me/channels", recipient).await;
    assert_eq!(direct["id"], again["id"]);
    let path = format!("/channels/{}/messages", direct["id"].as_str().unwrap());
    let (status, _) = call(&running, "POST", &path, json!({"content": "Welcome."})).await;
    assert_eq!(status, 200);
    let path = format!("/messages?user={user}");
    let told = control(&running, "GET", &path, Value::Null).await;
    assert_eq!(told[0]["content"], "Welcome.");
    let path = format!("/messages?guild={guild}");
    let told = control(&running, "GET", &path, Value::Null).await;
    assert_eq!(
        (told.as_array().unwrap().len(), &told[0]["id"]),
        (1, &sent["id"])
    );

    let member = format!("/guilds/{guild}/members/{user}");
    let (status, member) = call(&running, "PATCH", &member, json!({"nick": "Ada"})).await;
    assert_eq!((status, &member["nick"]), (200, &json!("Ada")));
    let path = format!("/guilds/{guild}/members/{user}/roles/{role}");
    assert_eq!(call(&running, "DELETE", &path, Value::Null).await.0, 204);
    let (_, who) = call(&running, "GET", &format!("/users/{user}"), Value::Null).await;
    assert_eq!(who["id"], user.to_string());
    assert_eq!(
        call(&running, "GET", "/users/5", Value::Null).await.1["code"],
        10_013
    );
}

#[tokio::test]
async fn a_raider_is_thrown_out_for_good() {
    let (running, guild) = start().await;
    let mut gateway = connect(&running, MEMBERS | MODERATION).await;
    let (kicked, banned) = (join(&running, guild), join(&running, guild));
    for _ in 0..2 {
        gateway.expect("GUILD_AUDIT_LOG_ENTRY_CREATE").await;
        gateway.expect("GUILD_MEMBER_ADD").await;
    }
    let path = format!("/guilds/{guild}/members/{kicked}");
    assert_eq!(call(&running, "DELETE", &path, Value::Null).await.0, 204);
    assert_eq!(
        gateway.expect("GUILD_MEMBER_REMOVE").await["user"]["id"],
        kicked.to_string()
    );
    let entry = gateway.expect("GUILD_AUDIT_LOG_ENTRY_CREATE").await;
    assert_eq!(entry["action_type"], 20);

    let path = format!("/guilds/{guild}/bans/{banned}");
    let token = format!("Bot {}", running.token());
    let headers = [
        ("authorization", token.as_str()),
        ("content-type", "application/json"),
        ("x-audit-log-reason", "raid%20of%20May"),
    ];
    let answer = send(&running, "PUT", &format!("/api/v10{path}"), &headers, "{}").await;
    assert_eq!(answer.status, 204);
    assert_eq!(
        gateway.expect("GUILD_BAN_ADD").await["user"]["id"],
        banned.to_string()
    );
    gateway.expect("GUILD_MEMBER_REMOVE").await;
    let entry = gateway.expect("GUILD_AUDIT_LOG_ENTRY_CREATE").await;
    assert_eq!(
        (&entry["action_type"], &entry["reason"]),
        (&json!(22), &json!("raid of May"))
    );
    let (_, ban) = call(&running, "GET", &path, Value::Null).await;
    assert_eq!(ban["reason"], "raid of May");
    let (_, bans) = call(
        &running,
        "GET",
        &format!("/guilds/{guild}/bans"),
        Value::Null,
    )
    .await;
    assert_eq!(bans.as_array().unwrap().len(), 1);
    let back = Entry::new(Via::GuildsJoin).user(banned);
    running.world().join(guild, back).unwrap_err();

    assert_eq!(call(&running, "DELETE", &path, Value::Null).await.0, 204);
    gateway.expect("GUILD_BAN_REMOVE").await;
    gateway.expect("GUILD_AUDIT_LOG_ENTRY_CREATE").await;
    assert_eq!(
        call(&running, "DELETE", &path, Value::Null).await.1["code"],
        10_026
    );
    running.world().join(guild, back).unwrap();
}

#[tokio::test]
async fn nobody_reaches_above_themselves() {
    let (running, guild) = start().await;
    let (_, own) = call(&running, "GET", &format!("/guilds/{guild}"), Value::Null).await;
    let owner = own["owner_id"].as_str().unwrap();
    let refused = (
        403,
        json!({"message": "Missing Permissions", "code": 50_013}),
    );
    for (method, path) in [
        ("DELETE", format!("/guilds/{guild}/members/{owner}")),
        ("PUT", format!("/guilds/{guild}/bans/{owner}")),
    ] {
        assert_eq!(
            call(&running, method, &path, json!({})).await,
            refused,
            "{path}"
        );
    }
    let roles = own["roles"].as_array().unwrap();
    let mine = roles.iter().find(|role| role["managed"] == true).unwrap();
    let path = format!(
        "/guilds/{guild}/members/{owner}/roles/{}",
        mine["id"].as_str().unwrap()
    );
    assert_eq!(call(&running, "PUT", &path, Value::Null).await, refused);
}

#[tokio::test]
async fn a_guild_pauses_its_invites_by_a_feature() {
    let (running, guild) = start().await;
    let mut gateway = connect(&running, 1).await;
    let before = gateway.expect("GUILD_CREATE").await;
    let made = running
        .world()
        .create_invite(guild, NewInvite::default())
        .unwrap();
    let path = format!("/guilds/{guild}");
    let features = |more: &[&str]| {
        let mut all = before["features"].as_array().unwrap().clone();
        all.extend(more.iter().map(|it| json!(it)));
        json!({"features": all, "name": "The quiet room"})
    };
    let paused = features(&["INVITES_DISABLED", "PARTNERED"]);
    let (status, body) = call(&running, "PATCH", &path, paused).await;
    assert_eq!((status, &body["name"]), (200, &json!("The quiet room")));
    let told = gateway.expect("GUILD_UPDATE").await;
    assert_eq!(told["features"], body["features"]);
    let has = |name: &str| body["features"].as_array().unwrap().contains(&json!(name));
    assert!(has("INVITES_DISABLED") && !has("PARTNERED"), "{body}");
    running.world().accept_invite(&made.code, None).unwrap_err();
    let (_, body) = call(&running, "PATCH", &path, features(&[])).await;
    assert_eq!(body["features"], before["features"]);
    running.world().accept_invite(&made.code, None).unwrap();
    let (_, log) = call(
        &running,
        "GET",
        &format!("{path}/audit-logs?action_type=1"),
        Value::Null,
    )
    .await;
    assert_eq!(log["audit_log_entries"].as_array().unwrap().len(), 2);
    let (status, error) = call(&running, "PATCH", &path, json!({"name": "x"})).await;
    assert_eq!((status, &error["code"]), (400, &json!(50_035)));
}

#[tokio::test]
async fn a_command_is_registered_used_and_answered() {
    let (running, guild) = start().await;
    let mut gateway = connect(&running, 0).await;
    let bot = running.client_id();
    let everywhere = format!("/applications/{bot}/commands");
    let here = format!("/applications/{bot}/guilds/{guild}/commands");
    let command = json!({"name": "who", "description": "Who invited me?"});
    let (status, made) = call(&running, "POST", &everywhere, command.clone()).await;
    assert_eq!((status, &made["type"]), (201, &json!(1)));
    let (status, same) = call(&running, "POST", &everywhere, command.clone()).await;
    assert_eq!((status, &same["id"]), (200, &made["id"]));
    let both = json!([command, {"name": "ban", "description": "Ban", "options": []}]);
    let (_, list) = call(&running, "PUT", &here, both).await;
    assert_eq!(list.as_array().unwrap().len(), 2);
    let (_, list) = call(&running, "PUT", &here, json!([])).await;
    assert_eq!(list, json!([]));
    let (_, list) = call(&running, "GET", &everywhere, Value::Null).await;
    assert_eq!(list[0]["id"], made["id"]);

    let user = join(&running, guild);
    let used = json!({"command": "who", "user_id": user.to_string()});
    let path = format!("/guilds/{guild}/interactions");
    let used = control(&running, "POST", &path, used).await;
    let heard = gateway.expect("INTERACTION_CREATE").await;
    assert_eq!(
        (&heard["data"]["name"], &heard["member"]["user"]["id"]),
        (&json!("who"), &json!(user.to_string()))
    );
    let (id, token) = (
        heard["id"].as_str().unwrap(),
        heard["token"].as_str().unwrap(),
    );
    assert_eq!(used["token"], token);
    let callback = format!("/api/v10/interactions/{id}/{token}/callback");
    let headers = [("content-type", "application/json")];
    // Discord takes the token in the path for all that is needed.
    let later = send(&running, "POST", &callback, &headers, r#"{"type": 5}"#).await;
    assert_eq!(later.status, 204);
    let twice = send(&running, "POST", &callback, &headers, r#"{"type": 5}"#).await;
    assert_eq!(twice.json()["code"], 40_060);
    let path = format!("/webhooks/{bot}/{token}/messages/@original");
    let text = json!({"content": "Ada did."});
    let (status, message) = call(&running, "PATCH", &path, text).await;
    assert_eq!((status, &message["content"]), (200, &json!("Ada did.")));
    let (_, message) = call(&running, "GET", &path, Value::Null).await;
    assert!(message["edited_timestamp"].is_string(), "{message}");
    let path = format!("/webhooks/{bot}/{token}");
    let (status, _) = call(&running, "POST", &path, json!({"content": "In May."})).await;
    assert_eq!(status, 200);
    let told = control(&running, "GET", "/messages", Value::Null).await;
    assert_eq!(told.as_array().unwrap().len(), 2);

    // Three seconds are all that a bot has.
    let used = json!({"command": "who", "user_id": user.to_string()});
    let path = format!("/guilds/{guild}/interactions");
    control(&running, "POST", &path, used).await;
    let heard = gateway.expect("INTERACTION_CREATE").await;
    control(&running, "POST", "/clock", json!({"advance_ms": 3001})).await;
    let (id, token) = (
        heard["id"].as_str().unwrap(),
        heard["token"].as_str().unwrap(),
    );
    let path = format!("/interactions/{id}/{token}/callback?with_response=true");
    let (status, error) = call(&running, "POST", &path, json!({"type": 5})).await;
    assert_eq!((status, &error["code"]), (404, &json!(10_062)));
    let path = format!("{everywhere}/{}", made["id"].as_str().unwrap());
    assert_eq!(call(&running, "DELETE", &path, Value::Null).await.0, 204);
}

#[tokio::test]
async fn an_invite_leads_to_an_event() {
    let (running, guild) = start().await;
    let mut gateway = connect(&running, 1 << 16).await;
    let path = format!("/guilds/{guild}/scheduled-events");
    let made = control(&running, "POST", &path, json!({"name": "Picnic"})).await;
    gateway.expect("GUILD_SCHEDULED_EVENT_CREATE").await;
    let id = made["id"].as_str().unwrap();
    let (_, list) = call(&running, "GET", &path, Value::Null).await;
    assert_eq!(list[0]["id"], id);
    let code = running
        .world()
        .create_invite(guild, NewInvite::default())
        .unwrap()
        .code;
    let ask = format!("/invites/{code}?guild_scheduled_event_id={id}");
    let (_, invite) = call(&running, "GET", &ask, Value::Null).await;
    assert_eq!(invite["guild_scheduled_event"]["name"], "Picnic");
    let new = json!({
        "name": "Concert", "privacy_level": 2, "entity_type": 3,
        "scheduled_start_time": "2026-02-01T20:00:00Z",
        "scheduled_end_time": "2026-02-01T22:00:00Z",
        "entity_metadata": {"location": "the hall"},
    });
    let (status, concert) = call(&running, "POST", &path, new).await;
    assert_eq!(
        (status, &concert["entity_metadata"]["location"]),
        (200, &json!("the hall"))
    );
    let one = format!("{path}/{}", concert["id"].as_str().unwrap());
    assert_eq!(call(&running, "GET", &one, Value::Null).await.0, 200);
    assert_eq!(call(&running, "DELETE", &one, Value::Null).await.0, 204);
    assert_eq!(
        call(&running, "GET", &one, Value::Null).await.1["code"],
        10_070
    );
    let (_, preview) = call(
        &running,
        "GET",
        &format!("/guilds/{guild}/preview"),
        Value::Null,
    )
    .await;
    assert_eq!(preview["id"], guild.to_string());
}
