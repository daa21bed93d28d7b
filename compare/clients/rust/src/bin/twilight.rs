//! twilight: the API's address is `proxy` of the client, the gateway's `proxy_url` of the shard.

use std::{borrow::Cow, sync::Arc};

use compare_clients::{Failure, Orders, Outcome, done, heard, id, say, setting, shown, text};
use serde_json::{Value, json};
use twilight_gateway::{
    ConfigBuilder, Event, EventTypeFlags, Intents, Shard, ShardId, StreamExt as _,
};
use twilight_http::{Client, request::AuditLogReason as _};
use twilight_model::{
    guild::{
        Guild,
        invite::{Invite, TargetType},
    },
    id::Id,
    util::Timestamp,
};

fn iso(moment: Timestamp) -> Value {
    shown(moment.iso_8601())
}

fn invite(invite: &Invite) -> Value {
    json!({
        "code": invite.code,
        "uses": invite.uses,
        "max_uses": invite.max_uses,
        "max_age": invite.max_age,
        "temporary": invite.temporary,
        "inviter_id": invite.inviter.as_ref().map(|it| shown(it.id)),
        "channel_id": invite.channel.as_ref().map(|it| shown(it.id)),
        "created_at": invite.created_at.map(iso),
        "expires_at": invite.expires_at.map(iso),
    })
}

fn ready(user: &Value, guild: &Guild) {
    let guild = json!({
        "id": shown(guild.id),
        "name": guild.name,
        "channels": guild.channels.len(),
        "roles": guild.roles.len(),
        "members": guild.member_count,
    });
    let lacks = json!({
        "limited_globally": "it counts its requests, and tries again at once after such a 429",
    });
    say(&json!({"event": "ready", "user_id": user, "guilds": [guild], "lacks": lacks}));
}

fn hear(user: &mut Value, event: Event) {
    match event {
        Event::Ready(it) => *user = shown(it.user.id),
        Event::GuildCreate(it) => {
            if let twilight_model::gateway::payload::incoming::GuildCreate::Available(guild) = *it {
                ready(user, &guild);
            }
        }
        Event::InviteCreate(it) => heard(
            "invite_create",
            json!({
                "code": it.code,
                "uses": it.uses,
                "max_uses": it.max_uses,
                "max_age": it.max_age,
                "temporary": it.temporary,
                "inviter_id": it.inviter.as_ref().map(|it| shown(it.id)),
                "channel_id": shown(it.channel_id),
                "created_at": iso(it.created_at),
            }),
        ),
        Event::InviteDelete(it) => heard("invite_delete", json!({"code": it.code})),
        Event::MemberAdd(it) => heard("member_add", json!({"user_id": shown(it.user.id)})),
        Event::MemberRemove(it) => heard("member_remove", json!({"user_id": shown(it.user.id)})),
        _ => {}
    }
}

async fn act(http: &Client, what: &str, order: &Value) -> Outcome {
    Ok(match what {
        "list_guild" => {
            let list = http.guild_invites(Id::new(id(order, "guild"))).await?;
            list.models().await?.iter().map(invite).collect()
        }
        "list_channel" => {
            let list = http.channel_invites(Id::new(id(order, "channel"))).await?;
            list.models().await?.iter().map(invite).collect()
        }
        "get_counts" => {
            let it = http.invite(text(order, "code")).with_counts().await?;
            let it = it.model().await?;
            json!({
                "code": it.code,
                "members": it.approximate_member_count,
                "online": it.approximate_presence_count,
            })
        }
        "get_event" => return Err(Failure::Lacks("`invite` takes no event")),
        "create" => {
            let number = |name: &str| order[name].as_u64().expect("a number");
            let made = http
                .create_invite(Id::new(id(order, "channel")))
                .max_age(u32::try_from(number("max_age"))?)
                .max_uses(u16::try_from(number("max_uses"))?)
                .temporary(true)
                .unique(true)
                .target_type(TargetType::EmbeddedApplication)
                .target_application_id(Id::new(id(order, "application")))
                .reason(text(order, "reason"))
                .await?;
            let made = made.model().await?;
            let options = [
                "channel",
                "max_age",
                "max_uses",
                "temporary",
                "unique",
                "application",
                "reason",
            ];
            json!({"invite": invite(&made), "options": options})
        }
        "delete" => {
            let code = text(order, "code");
            http.delete_invite(code)
                .reason(text(order, "reason"))
                .await?;
            json!({"reason": true})
        }
        "vanity" => {
            let vanity = http.guild_vanity_url(Id::new(id(order, "guild"))).await?;
            let vanity = vanity.model().await?;
            json!({"code": vanity.code, "uses": vanity.uses})
        }
        "pause" => {
            let guild = Id::new(id(order, "guild"));
            let features = http.guild(guild).await?.model().await?.features;
            let features = features.into_iter().map(Cow::from);
            let mut features: Vec<String> = features.map(Cow::into_owned).collect();
            features.push(String::from("INVITES_DISABLED"));
            let features: Vec<&str> = features.iter().map(String::as_str).collect();
            http.update_guild(guild).features(&features).await?;
            Value::Null
        }
        _ => return Err(Failure::Lacks("no method for it")),
    })
}

#[tokio::main]
async fn main() {
    rustls::crypto::ring::default_provider()
        .install_default()
        .expect("nobody chose before");
    let address = setting("API").replacen("http://", "", 1);
    let http = Client::builder()
        .token(setting("TOKEN"))
        .proxy(address, true)
        .build();
    let http = Arc::new(http);
    let intents = Intents::GUILDS
        | Intents::GUILD_INVITES
        | Intents::GUILD_MEMBERS
        | Intents::GUILD_MODERATION;
    let config = ConfigBuilder::new(setting("TOKEN"), intents)
        .proxy_url(setting("GATEWAY"))
        .build();
    let mut shard = Shard::with_config(ShardId::ONE, config);
    tokio::spawn(async move {
        let mut orders = Orders::new();
        while let Some((what, order)) = orders.next().await {
            done(&what, act(&http, &what, &order).await);
        }
    });
    let mut user = Value::Null;
    while let Some(event) = shard.next_event(EventTypeFlags::all()).await {
        match event {
            Ok(event) => hear(&mut user, event),
            Err(error) => eprintln!("{error:?}"),
        }
    }
}
