//! A simulated Discord for testing bots, with everything that concerns invites.
//!
//! A sandbox serves any client as Discord does: REST under `/api/v10`, and a
//! gateway with identify, resume and compression. You control it through the
//! control API under `/sandbox/` or, in the same process, through a
//! [`WorldHandle`]: create guilds and invites, let users join and leave, let
//! time pass, cut connections, swap events, make requests fail. The sandbox
//! also knows how every member really joined.
//!
//! ```no_run
//! use guestlist_sandbox::{Options, Sandbox, world::NewInvite};
//!
//! # async fn story() -> Result<(), Box<dyn std::error::Error>> {
//! let running = Sandbox::start(Options::seeded(7)).await?;
//! println!("{} opens with {}", running.api_url(), running.token());
//!
//! let guild = running.guild_ids()[0];
//! let made = running.world().create_invite(guild, NewInvite::default().max_uses(1))?;
//! let joined = running.world().accept_invite(&made.code, None)?;
//! // A connected bot has now seen INVITE_CREATE, GUILD_MEMBER_ADD and
//! // INVITE_DELETE, and the audit log has an entry.
//! # let _ = joined;
//! running.shutdown().await;
//! # Ok(())
//! # }
//! ```
//!
//! # Layers
//!
//! - [`world`]: pure state on a virtual clock, generated from a seed. Commands
//!   go in, [`world::Effect`]s come out. [`world::scenario`] generates mixed
//!   traffic.
//! - [`json`]: the JSON that Discord would send. It shares no types with the
//!   crates that read it.
//! - [`api`]: the REST endpoints over a world, without sockets. Simulations
//!   of thousands of seeds call it directly.
//! - the server, the gateway and the control API: sockets, tokens, rate
//!   limits, sessions, faults.
#![recursion_limit = "256"]

pub mod api;
mod control;
mod gateway;
pub mod json;
mod oauth;
mod options;
mod replay;
mod running;
mod server;
mod story;
pub mod world;

pub use self::{
    options::{Clock, Options},
    replay::{Recording, Replayed},
    running::{FaultGuard, Running, Sandbox, SandboxError, WorldHandle},
    server::{
        BodyFault, ConnectionFault, EventFault, FaultRule, FaultTarget, IdentifyLimit, Limit,
        RateLimits,
    },
    story::{
        Expected, GuildHandle, InviteHandle, MemberHandle, NewGuildStory, NotSeen, SandboxBuilder,
    },
};
