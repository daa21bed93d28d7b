//! `GET /sandbox`: what is where.

use serde_json::{Value, json};

use super::Outcome;
use crate::{
    server::{Core, Shared},
    world::time,
};

pub(super) fn get(shared: &Shared, core: &Core) -> Outcome {
    let http = shared.gateway_url.replacen("ws://", "http://", 1);
    let first = core.world.first_bot();
    let bots: Vec<Value> = core
        .world
        .bots()
        .map(|bot| {
            let name = &bot.user.username;
            json!({"id": bot.id().to_string(), "username": name, "token": bot.token})
        })
        .collect();
    let guilds: Vec<Value> = core
        .world
        .guild_ids()
        .iter()
        .map(|guild| json!(guild.to_string()))
        .collect();
    Ok((
        200,
        json!({
            "seed": core.world.seed(),
            "now": time::format(core.world.now()),
            "api": http,
            "gateway": shared.gateway_url,
            "control": format!("{http}/sandbox"),
            "token": first.token,
            "client_id": first.id().to_string(),
            "client_secret": first.client_secret,
            "bot_id": first.id().to_string(),
            "bots": bots,
            "guilds": guilds,
            "requests": core.log.total(),
        }),
    ))
}

/// The frames after a number, or the latest. They are kept from the first call on.
pub(super) fn frames(shared: &Shared, core: &mut Core, query: &[(String, String)]) -> Outcome {
    let after = super::asked_number(query, "after")?.unwrap_or(0);
    shared.watch();
    Ok((200, core.frames.after(after)))
}
