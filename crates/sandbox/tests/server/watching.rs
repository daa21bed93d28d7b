//! What a bot hears depends on its permissions, in the server and in each channel.

use guestlist_sandbox::{
    NewGuildStory, Running, Sandbox,
    world::{NewInvite, permissions},
};
use serde_json::{Value, json};

use crate::support::{Gateway, control, discord};

const GUILDS: u64 = 1;
const MEMBERS: u64 = 1 << 1;
const MODERATION: u64 = 1 << 2;
const INVITES: u64 = 1 << 6;

async fn start(may: u64, intents: u64, screening: bool) -> (Running, u64, Gateway) {
    let mut club = NewGuildStory::named("Club")
        .bot_permissions(may)
        .member("bob");
    if screening {
        club = club.screening();
    }
    let sandbox = Sandbox::builder().guild(club).stepped();
    let sandbox = sandbox.start().await.unwrap();
    let guild = sandbox.guild("Club").unwrap().id();
    let mut gateway = Gateway::connect(&sandbox, "v=10&encoding=json").await;
    gateway.identify(&sandbox, intents).await;
    (sandbox, guild, gateway)
}

/// A channel that gives the bot, or takes from it, some permissions.
async fn channel(sandbox: &Running, guild: u64, allow: u64, deny: u64) -> u64 {
    let overwrite = json!({
        "id": sandbox.client_id().to_string(), "type": 1,
        "allow": allow.to_string(), "deny": deny.to_string(),
    });
    let body = json!({"name": "hall", "permission_overwrites": [overwrite]});
    let made = control(sandbox, "POST", &format!("/guilds/{guild}/channels"), body).await;
    made["id"].as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn invites_are_told_where_the_bot_manages_the_channel() {
    use permissions::{ADMINISTRATOR, MANAGE_CHANNELS, MANAGE_GUILD, VIEW_CHANNEL};
    // What the bot may do in the server, what the channel gives and takes, and whether it hears.
    for (may, allow, deny, hears) in [
        (VIEW_CHANNEL | MANAGE_CHANNELS, 0, 0, true),
        (VIEW_CHANNEL | MANAGE_GUILD, 0, 0, false),
        (VIEW_CHANNEL, MANAGE_CHANNELS, 0, true),
        (VIEW_CHANNEL | MANAGE_CHANNELS, 0, MANAGE_CHANNELS, false),
        (VIEW_CHANNEL | MANAGE_CHANNELS, 0, VIEW_CHANNEL, false),
        (ADMINISTRATOR, 0, MANAGE_CHANNELS | VIEW_CHANNEL, true),
    ] {
        let (sandbox, guild, mut gateway) = start(may, INVITES, false).await;
        let hall = channel(&sandbox, guild, allow, deny).await;
        let world = sandbox.world();
        let made = world
            .create_invite(guild, NewInvite::default().to(hall))
            .unwrap();
        world.revoke_invite(&made.code, None).unwrap();
        if hears {
            assert_eq!(gateway.expect("INVITE_CREATE").await["code"], made.code);
            assert_eq!(gateway.expect("INVITE_DELETE").await["code"], made.code);
        }
        gateway.nothing().await;
    }
}

#[tokio::test]
async fn the_audit_log_bans_and_channels_are_told_to_those_who_may_see_them() {
    use permissions::{BAN_MEMBERS, VIEW_AUDIT_LOG, VIEW_CHANNEL};
    for (may, expected) in [
        (
            VIEW_AUDIT_LOG,
            &[
                "GUILD_BAN_ADD",
                "GUILD_MEMBER_REMOVE",
                "GUILD_AUDIT_LOG_ENTRY_CREATE",
            ][..],
        ),
        (BAN_MEMBERS, &["GUILD_BAN_ADD", "GUILD_MEMBER_REMOVE"]),
        (VIEW_CHANNEL, &["GUILD_MEMBER_REMOVE"]),
    ] {
        let (sandbox, guild, mut gateway) = start(may, MODERATION | MEMBERS, false).await;
        let bob = sandbox.guild("Club").unwrap().member("bob").id();
        control(
            &sandbox,
            "POST",
            &format!("/guilds/{guild}/members/{bob}/ban"),
            json!({}),
        )
        .await;
        for name in expected {
            gateway.expect(name).await;
        }
        gateway.nothing().await;
    }
    let (sandbox, guild, mut gateway) = start(VIEW_CHANNEL, GUILDS, false).await;
    gateway.expect("GUILD_CREATE").await;
    channel(&sandbox, guild, 0, VIEW_CHANNEL).await;
    gateway.nothing().await;
    channel(&sandbox, guild, 0, 0).await;
    gateway.expect("CHANNEL_CREATE").await;
}

#[tokio::test]
async fn somebody_who_passes_the_screening_is_no_longer_pending() {
    let (sandbox, guild, mut gateway) = start(permissions::BOT, MEMBERS, true).await;
    let path = format!("/guilds/{guild}");
    let features = discord(&sandbox, "GET", &path, "").await.json()["features"].clone();
    let gate = json!("MEMBER_VERIFICATION_GATE_ENABLED");
    assert!(features.as_array().unwrap().contains(&gate), "{features}");
    let world = sandbox.world();
    let made = world.create_invite(guild, NewInvite::default()).unwrap();
    let user = world.accept_invite(&made.code, None).unwrap().user_id;
    assert_eq!(gateway.expect("GUILD_MEMBER_ADD").await["pending"], true);
    let passes = format!("{path}/members/{user}/screening");
    control(&sandbox, "POST", &passes, json!({})).await;
    let updated = gateway.expect("GUILD_MEMBER_UPDATE").await;
    assert_eq!(
        (&updated["pending"], &updated["user"]["id"]),
        (&json!(false), &json!(user.to_string()))
    );
    control(&sandbox, "POST", &passes, json!({})).await;
    gateway.nothing().await;

    // Without the screening, nobody is pending; bots never are.
    control(&sandbox, "PATCH", &path, json!({"screening": false})).await;
    control(
        &sandbox,
        "POST",
        &format!("{path}/joins"),
        json!({"via": "hub"}),
    )
    .await;
    assert_eq!(gateway.expect("GUILD_MEMBER_ADD").await["pending"], false);
    control(&sandbox, "PATCH", &path, json!({"screening": true})).await;
    control(
        &sandbox,
        "POST",
        &format!("{path}/joins"),
        json!({"via": "bot"}),
    )
    .await;
    assert_eq!(gateway.expect("GUILD_MEMBER_ADD").await["pending"], false);
}

#[tokio::test]
async fn paused_invites_go_on_when_the_time_is_over() {
    let (sandbox, guild, mut gateway) = start(permissions::BOT, GUILDS, false).await;
    gateway.expect("GUILD_CREATE").await;
    let made = sandbox
        .world()
        .create_invite(guild, NewInvite::default())
        .unwrap();
    let now = control(&sandbox, "GET", "/clock", Value::Null).await["now_ms"]
        .as_i64()
        .unwrap();
    let until = guestlist_sandbox::world::time::format((now + 3_600_000) * 1_000);
    let path = format!("/guilds/{guild}/incident-actions");
    let body = json!({"invites_disabled_until": until}).to_string();
    let answer = discord(&sandbox, "PUT", &path, &body).await;
    assert_eq!(answer.json()["invites_disabled_until"], until);
    let told = gateway.expect("GUILD_UPDATE").await;
    assert_eq!(told["incidents_data"]["invites_disabled_until"], until);
    let joins = || sandbox.world().accept_invite(&made.code, None);
    joins().unwrap_err();
    control(&sandbox, "POST", "/clock", json!({"advance_ms": 3_599_999})).await;
    joins().unwrap_err();
    control(&sandbox, "POST", "/clock", json!({"advance_ms": 1})).await;
    joins().unwrap();
    let guild = discord(&sandbox, "GET", &format!("/guilds/{guild}"), "")
        .await
        .json();
    assert_eq!(guild["incidents_data"], Value::Null);
    // Nobody is told: the moment was known from the start. The clock asks for heartbeats alone.
    let before = gateway.sequence;
    gateway.catch_up().await;
    assert_eq!(gateway.sequence, before);
}
