//! Discord's REST API and gateway for everything around invites.
//!
//! [`Client`] has a method for each endpoint, and the folder `rest` has a file
//! for each. A method has the name of its file, and of the request that it
//! returns: [`Client::get_invite`] returns a [`GetInvite`]. A request has setters,
//! and is sent when it is awaited. Arguments are parsed beforehand: [`MaxAge`],
//! [`MaxUses`], [`Reason`], [`RoleIds`], [`TargetUsers`]. The code of an invite may
//! be an `InviteCode` or any text; [`ApiError::InvalidCode`] refuses what is not a
//! code. If Discord refuses a request, you get an [`ApiError`], which says what to
//! do about it. `reason` exists on each request for which Discord reads one.
//!
//! [`Gateway`] runs any number of shards and returns [`GatewayItem`]s:
//! events that are decoded as far as invites need, and sessions to store and
//! to resume from.
//!
//! [twilight](https://twilight.rs) handles transport, rate limits, sessions and
//! compression underneath. Both base URLs can be set, so the client also works
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
mod rest;
mod target_users;
mod token;
mod transport;

pub use base::{ApiBase, BaseError, GatewayUrl};
pub use client::{BuildError, Client, ClientBuilder};
pub use done::Done;
pub use error::{AnswerError, ApiError, LineError, TransportError};
pub use gateway::{
    Gateway, GatewayConfig, GatewayError, GatewayItem, Intents, Item, SavedSession, ShardRange,
    Shards,
};
pub use limits::{
    AuditLogLimit, Bounded, GuildsLimit, MaxAge, MaxAgeError, MaxUses, OutOfRange, SearchLimit,
};
pub use oauth::{AccessToken, ClientSecret, Granted, OauthClient, OauthError, SecretError};
pub use permissions::{Overwrite, OverwriteTarget, Permissions, Role};
pub use reason::{Reason, ReasonError};
pub use rest::*;
pub use target_users::{TargetUsers, TargetUsersError};
pub use token::{Token, TokenError};

/// Who asks and connects. See [Discord Docs/User Agent](https://discord.com/developers/docs/reference#user-agent).
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
