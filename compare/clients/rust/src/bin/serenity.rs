//! serenity: the API's address is `proxy` of its HTTP client, and it asks the API for the gateway's.
//! Its rate limiter knows of no proxy and has to be off.

use std::sync::Arc;

use compare_clients::{Failure, Orders, Outcome, done, heard, id, say, setting, shown, text};
use serde_json::{Value, json};
use serenity::{
    all::{
        ChannelId, ClientBuilder, Context, CreateInvite, EventHandler, GatewayIntents, Guild,
        GuildId, Http, HttpBuilder, Invite, InviteCreateEvent, InviteDeleteEvent, InviteTargetType,
        Member, RichInvite, ScheduledEventId, User,
    },
    async_trait,
    builder::EditGuild,
};

fn invite(invite: &RichInvite) -> Value {
    json!({
        "code": invite.code,
        "uses": invite.uses,
        "max_uses": invite.max_uses,
        "max_age": invite.max_age,
        "temporary": invite.temporary,
        "inviter_id": invite.inviter.as_ref().map(|it| shown(it.id)),
        "channel_id": shown(invite.channel.id),
        "created_at": shown(invite.created_at),
    })
}

struct Ears;

#[async_trait]
impl EventHandler for Ears {
    async fn guild_create(&self, context: Context, guild: Guild, _is_new: Option<bool>) {
        let guild = json!({
            "id": shown(guild.id),
            "name": guild.name,
            "channels": guild.channels.len(),
            "roles": guild.roles.len(),
            "members": guild.member_count,
        });
        let user = shown(context.cache.current_user().id);
        say(&json!({"event": "ready", "user_id": user, "guilds": [guild]}));
    }

    async fn invite_create(&self, _: Context, it: InviteCreateEvent) {
        heard(
            "invite_create",
            json!({
                "code": it.code,
                "uses": it.uses,
                "max_uses": it.max_uses,
                "max_age": it.max_age,
                "temporary": it.temporary,
                "inviter_id": it.inviter.as_ref().map(|it| shown(it.id)),
                "channel_id": shown(it.channel_id),
                "created_at": it.created_at,
            }),
        );
    }

    async fn invite_delete(&self, _: Context, it: InviteDeleteEvent) {
        heard("invite_delete", json!({"code": it.code}));
    }

    async fn guild_member_addition(&self, _: Context, member: Member) {
        heard("member_add", json!({"user_id": shown(member.user.id)}));
    }

    async fn guild_member_removal(&self, _: Context, _: GuildId, user: User, _: Option<Member>) {
        heard("member_remove", json!({"user_id": shown(user.id)}));
    }
}

async fn act(http: &Http, what: &str, order: &Value) -> Outcome {
    Ok(match what {
        "list_guild" => {
            let list = GuildId::new(id(order, "guild")).invites(http).await?;
            list.iter().map(invite).collect()
        }
        "list_channel" => {
            let list = ChannelId::new(id(order, "channel")).invites(http).await?;
            list.iter().map(invite).collect()
        }
        "get_counts" => {
            let it = Invite::get(http, text(order, "code"), true, false, None).await?;
            json!({
                "code": it.code,
                "members": it.approximate_member_count,
                "online": it.approximate_presence_count,
            })
        }
        "get_event" => {
            let event = ScheduledEventId::new(id(order, "scheduled_event"));
            let it = Invite::get(http, text(order, "code"), false, false, Some(event)).await?;
            let Some(event) = it.scheduled_event else {
                return Err(Failure::Lacks(
                    "it reads the event by a name that Discord does not use",
                ));
            };
            json!({"event_id": shown(event.id), "event_name": event.name})
        }
        "create" => {
            let number = |name: &str| order[name].as_u64().expect("a number");
            let new = CreateInvite::new()
                .max_age(u32::try_from(number("max_age"))?)
                .max_uses(u8::try_from(number("max_uses"))?)
                .temporary(true)
                .unique(true)
                .target_type(InviteTargetType::EmbeddedApplication)
                .target_application_id(id(order, "application").into())
                .audit_log_reason(text(order, "reason"));
            let channel = ChannelId::new(id(order, "channel"));
            let made = channel.create_invite(http, new).await?;
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
            let reason = Some(text(order, "reason"));
            http.delete_invite(text(order, "code"), reason).await?;
            json!({"reason": true})
        }
        "vanity" => {
            let code = GuildId::new(id(order, "guild")).vanity_url(http).await?;
            json!({"code": code})
        }
        "pause" => {
            let guild = GuildId::new(id(order, "guild"));
            let mut features = guild.to_partial_guild(http).await?.features;
            features.push(String::from("INVITES_DISABLED"));
            guild
                .edit(http, EditGuild::new().features(features))
                .await?;
            Value::Null
        }
        _ => return Err(Failure::Lacks("no method for it")),
    })
}

#[tokio::main]
async fn main() {
    let http = HttpBuilder::new(&setting("TOKEN"))
        .proxy(setting("API"))
        .ratelimiter_disabled(true)
        .build();
    let intents = GatewayIntents::GUILDS
        | GatewayIntents::GUILD_INVITES
        | GatewayIntents::GUILD_MEMBERS
        | GatewayIntents::GUILD_MODERATION;
    let mut client = ClientBuilder::new_with_http(http, intents);
    client = client.event_handler(Ears);
    let mut client = client.await.expect("a client");
    let http = Arc::clone(&client.http);
    tokio::spawn(async move {
        let mut orders = Orders::new();
        while let Some((what, order)) = orders.next().await {
            let outcome = match act(&http, &what, &order).await {
                Err(Failure::Error(error)) if error.contains("429") => Err(Failure::Lacks(
                    "its rate limiter is off, as it has to be behind a proxy",
                )),
                outcome => outcome,
            };
            done(&what, outcome);
        }
    });
    client.start().await.expect("it runs");
}
