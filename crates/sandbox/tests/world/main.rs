//! Stories about the world itself, without sockets.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "tests say what they need"
)]

mod forms;
mod rest;
mod scenario;
#[path = "../spec/mod.rs"]
mod spec;
mod stories;

use guestlist_sandbox::{
    api::{self, Body, Request},
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
    call(world, "GET", path, &Request::new("GET", path))
}

pub(crate) fn post(world: &mut World, path: &str, body: &Value) -> (u16, Value) {
    call(world, "POST", path, &Request::new("POST", path).json(body))
}

/// Calls the API, and holds what it says against the specification.
fn call(world: &mut World, method: &str, path: &str, request: &Request) -> (u16, Value) {
    let reply = api::call(world, request);
    let answer = match &reply.body {
        Body::Json(value) => value.to_string(),
        _ => String::new(),
    };
    spec::hold(method, path, &request.body, reply.status, answer.as_bytes());
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
