//! A simulated Discord for everything around invites.
#![recursion_limit = "256"]

pub mod api;
mod control;
mod gateway;
pub mod json;
mod options;
mod running;
mod server;
pub mod world;

pub use self::{
    options::{Clock, Options},
    running::{Running, Sandbox, SandboxError, WorldHandle},
    server::{FaultRule, Limit, RateLimits},
};
