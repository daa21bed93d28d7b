//! Voice channels, and guests, who are gone when they leave them.

use guestlist_sandbox::{
    NewGuildStory, Running, Sandbox,
    world::{INVITE_IS_GUEST, MEMBER_IS_GUEST, NewInvite},
};
use serde_json::{Value, json};

use crate::support::{Gateway, control, send};

const MEMBERS: u64 = 1 << 1;
const VOICE: u64 = 1 << 7;

/// A server, its voice channel, and a bot that listens.
async fn start() -> (Running, u64, String, Gateway) {
    let sandbox = Sandbox::builder().guild(NewGuildStory::named("Club").member("bob"));
    let sandbox = sandbox.start().await.unwrap();
    let guild = sandbox.guild("Club").unwrap().id();
    let told = control(&sandbox, "GET", &format!("/guilds/{guild}"), Value::Null).await;
    let channels = told["channels"].as_array().unwrap();
    let voice = channels.iter().find(|it| it["type"] == 2).unwrap();
    let voice = voice["id"].as_str().unwrap().to_owned();
    let mut gateway = Gateway::connect(&sandbox, "v=10&encoding=json").await;
    gateway.identify(&sandbox, MEMBERS | VOICE).await;
    (sandbox, guild, voice, gateway)
}

#[tokio::test]
async fn a_guest_who_leaves_the_voice_channel_is_gone() {
    let (sandbox, guild, voice, mut gateway) = start().await;
    let path = format!("/guilds/{guild}/invites");
    let invite = json!({"channel_id": voice, "flags": INVITE_IS_GUEST});
    let invite = control(&sandbox, "POST", &path, invite).await;
    let joins = format!("/guilds/{guild}/joins");
    let body = json!({"code": invite["code"], "voice": true});
    let joined = control(&sandbox, "POST", &joins, body).await;
    let added = gateway.expect("GUILD_MEMBER_ADD").await;
    assert_eq!(added["flags"], MEMBER_IS_GUEST);
    let state = gateway.expect("VOICE_STATE_UPDATE").await;
    assert_eq!(
        (&state["channel_id"], &state["user_id"]),
        (&json!(voice), &joined["user_id"])
    );
    assert_eq!(
        state["member"]["joined_at"],
        Value::Null,
        "a guest never joined"
    );

    let user = joined["user_id"].as_str().unwrap();
    let place = format!("/guilds/{guild}/members/{user}/voice");
    let other = json!({"name": "lounge", "type": 2});
    let other = control(
        &sandbox,
        "POST",
        &format!("/guilds/{guild}/channels"),
        other,
    )
    .await;
    let body = json!({"channel_id": other["id"]}).to_string();
    let refused = send(&sandbox, "POST", &format!("/sandbox{place}"), &[], &body).await;
    assert_eq!(
        (refused.status, &refused.json()["field"]),
        (400, &json!("channel_id"))
    );
    let left = control(&sandbox, "DELETE", &place, Value::Null).await;
    assert_eq!(left["member"], Value::Null);
    assert_eq!(
        gateway.expect("VOICE_STATE_UPDATE").await["channel_id"],
        Value::Null
    );
    assert_eq!(
        gateway.expect("GUILD_MEMBER_REMOVE").await["user"]["id"],
        user
    );
    let truth = control(&sandbox, "GET", "/truth", Value::Null).await;
    let join = &truth["joins"][0];
    assert!(
        join["guest"] == true && join["left_at"].is_string(),
        "{join}"
    );
}

#[tokio::test]
async fn a_member_who_leaves_the_voice_channel_stays() {
    let (sandbox, guild, voice, mut gateway) = start().await;
    let bob = sandbox.guild("Club").unwrap().member("bob");
    bob.enters_voice("voice").await.unwrap();
    let state = gateway.expect("VOICE_STATE_UPDATE").await;
    assert!(state["member"]["joined_at"].is_string(), "{state}");
    let mut late = Gateway::connect(&sandbox, "v=10&encoding=json").await;
    late.identify(&sandbox, 1).await;
    let created = late.expect("GUILD_CREATE").await;
    assert_eq!(created["voice_states"][0]["channel_id"], voice);
    bob.leaves_voice().await.unwrap();
    assert_eq!(
        gateway.expect("VOICE_STATE_UPDATE").await["channel_id"],
        Value::Null
    );
    bob.leaves_voice().await.unwrap();
    assert!(bob.is_member());

    // Whoever goes offline or is thrown out leaves the channel, too.
    bob.enters_voice("voice").await.unwrap();
    gateway.expect("VOICE_STATE_UPDATE").await;
    let path = format!("/guilds/{guild}/members/{}", bob.id());
    control(&sandbox, "POST", &format!("{path}/disconnect"), json!({})).await;
    assert_eq!(
        gateway.expect("VOICE_STATE_UPDATE").await["channel_id"],
        Value::Null
    );
    gateway.nothing().await;
    bob.enters_voice("voice").await.unwrap();
    gateway.expect("VOICE_STATE_UPDATE").await;
    control(&sandbox, "POST", &format!("{path}/kick"), json!({})).await;
    gateway.expect("VOICE_STATE_UPDATE").await;
    gateway.expect("GUILD_MEMBER_REMOVE").await;
    assert!(bob.enters_voice("general").await.is_err());
    let text = NewInvite::default();
    let text = sandbox.world().create_invite(guild, text).unwrap();
    let body = json!({"code": text.code, "voice": true}).to_string();
    let refused = send(
        &sandbox,
        "POST",
        &format!("/sandbox/guilds/{guild}/joins"),
        &[],
        &body,
    )
    .await;
    assert_eq!(refused.json()["field"], "voice");
}
