//! The sandbox's world without sockets: what a gateway would send, and what the API answers.

use guestlist_sandbox::api::{self, Body, Request};
use guestlist_sandbox::json::{dispatch, gateway_guild};
use guestlist_sandbox::world::{Effect, EventKind, World};
use serde_json::Value;

/// Members that a `GUILD_CREATE` lists at most.
const LARGE_THRESHOLD: u64 = 250;

/// A guild's `GUILD_CREATE`.
///
/// # Panics
///
/// If there is no such guild.
#[must_use]
pub fn guild_create(world: &World, guild: u64) -> Value {
    let guild = world.guild(guild).unwrap();
    gateway_guild(world, guild, world.bot().id, u64::MAX, LARGE_THRESHOLD)
}

/// The events that the gateway sends of these effects: their names and their data.
#[must_use]
pub fn events(world: &World, effects: &[Effect]) -> Vec<(&'static str, Value)> {
    effects
        .iter()
        .filter(|effect| effect.is_visible() && !matches!(effect.kind, EventKind::ChannelCreate(_)))
        .map(|effect| dispatch(world, effect))
        .collect()
}

/// What the API answers: a status and a body.
///
/// # Panics
///
/// If a body is not JSON.
pub fn answer(world: &mut World, method: &str, path: &str, body: Option<&str>) -> (u16, String) {
    let mut request = Request::new(method, &format!("/{path}"));
    if let Some(body) = body {
        request = request.json(&serde_json::from_str(body).unwrap());
    }
    let reply = api::call(world, &request);
    match &reply.body {
        Body::Json(body) => (reply.status, body.to_string()),
        _ => panic!("{reply:?}"),
    }
}
