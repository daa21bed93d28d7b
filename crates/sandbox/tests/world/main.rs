//! Stories about the world itself, without sockets.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests say what they need"
)]

mod forms;
mod rest;
mod scenario;
mod stories;

use guestlist_sandbox::{
    api::{self, Request},
    world::{Effect, World, WorldOptions},
};
use serde_json::Value;

pub(crate) fn world() -> (World, u64) {
    let mut options = WorldOptions::seeded(11);
    options.quirks.repeat_member_add = 0.0;
    let world = World::new(&options);
    let guild = world.guild_ids()[0];
    (world, guild)
}

pub(crate) fn names(effects: &[Effect]) -> Vec<&'static str> {
    effects.iter().map(Effect::name).collect()
}

pub(crate) fn get(world: &mut World, path: &str) -> (u16, Value) {
    let reply = api::call(world, &Request::new("GET", path));
    (reply.status, reply.json().clone())
}

pub(crate) fn post(world: &mut World, path: &str, body: &Value) -> (u16, Value) {
    let reply = api::call(world, &Request::new("POST", path).json(body));
    (reply.status, reply.json().clone())
}

pub(crate) fn uses(world: &mut World, guild: u64, code: &str) -> Option<u64> {
    let (_, list) = get(world, &format!("/guilds/{guild}/invites"));
    let invite = list
        .as_array()
        .unwrap()
        .iter()
        .find(|it| it["code"] == code)?
        .clone();
    invite["uses"].as_u64()
}
