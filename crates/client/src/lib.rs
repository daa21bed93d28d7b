//! Discord's REST API and gateway, for everything that concerns invites.
//!
//! [`Client`] has a method for each endpoint. A method has the name of the request that
//! it returns: [`Client::get_invite`] returns a [`GetInvite`]. A request has setters, and
//! is sent when it is awaited. Arguments are checked when they are created: [`MaxAge`],
//! [`MaxUses`], [`Reason`], [`RoleIds`], [`TargetUsers`]. The code of an invite can be an
//! `InviteCode` or any text; if the text is not a code, the request fails with
//! [`ApiError::InvalidCode`]. If Discord rejects a request, the [`ApiError`] says what to
//! do about it. Each request for which Discord records a reason has a setter `reason`.
//!
//! [`Gateway`] runs any number of shards and returns [`GatewayItem`]s: frames with
//! events, and sessions to store and resume.
//!
//! [hyper](https://hyper.rs) transports requests, and [twilight](https://twilight.rs)'s rate
//! limiter decides when they are sent. What a server sends is limited in size and time, and
//! [`Repeated`] keeps it from filling the log. Both base URLs can be set, so the client also works
//! with a sandbox or any other server that implements Discord's API.
//!
//! The [`Token`] never appears in a URL, log, error or `Debug` output.

mod base;
mod client;
mod decode;
mod done;
mod error;
mod gateway;
mod hold;
mod lanes;
mod limits;
mod oauth;
mod percent;
mod permissions;
mod reason;
mod repeated;
mod rest;
mod target_users;
mod token;
mod transport;
mod words;

pub use base::{ApiBase, BaseError, GatewayUrl};
pub use client::{BuildError, Client, ClientBuilder};
pub use done::Done;
pub use error::{AnswerError, ApiError, LineError, TransportError};
pub use gateway::{
    Cause, CauseKind, Gateway, GatewayConfig, GatewayError, GatewayItem, Intents, Item,
    SavedSession, ShardRange, Shards,
};
pub use limits::{
    AuditLogLimit, Bounded, GuildsLimit, MaxAge, MaxAgeError, MaxUses, OutOfRange, SearchLimit,
};
pub use oauth::{AccessToken, ClientSecret, Granted, OauthClient, OauthError, SecretError};
pub use permissions::{Overwrite, OverwriteTarget, Permissions, Role};
pub use reason::{Reason, ReasonError};
pub use repeated::{Repeated, Times};
pub use rest::*;
pub use target_users::{TargetUsers, TargetUsersError};
pub use token::{Token, TokenError};

/// The User-Agent. See [Discord Docs/User
/// Agent](https://discord.com/developers/docs/reference#user-agent).
const AGENT: http::HeaderValue = http::HeaderValue::from_static(concat!(
    "DiscordBot (https://docs.rs/guestlist-client, ",
    env!("CARGO_PKG_VERSION"),
    ")"
));

/// Provides what twilight takes for granted.
fn runtime_and_crypto() -> Result<(), BuildError> {
    if tokio::runtime::Handle::try_current().is_err() {
        return Err(BuildError::NoRuntime);
    }
    // An error means that the program has installed a provider already, which
    // is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Ok(())
}

/// Compiles and runs the examples of the guide.
#[cfg(doctest)]
#[doc = include_str!("../../../docs/guide/client.md")]
struct Guide;
