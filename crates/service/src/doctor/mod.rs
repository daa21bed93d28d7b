//! Whether everything is there that tracking needs at Discord: what is missing, what that costs,
//! and what to do about it.

mod permissions;

use guestlist_client::{ApiError, Client};
use guestlist_model::GuildId;
use serde::Serialize;

pub use self::permissions::all as check_permissions;

/// How a check came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// All is there.
    Ok,
    /// Tracking works, but knows less.
    Warning,
    /// Tracking does not work.
    Problem,
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// What was checked, in a word.
    pub check: &'static str,
    /// How it came out.
    pub status: Outcome,
    /// What was found, and what it costs. It may have names from Discord in it.
    pub message: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

impl Finding {
    /// All is there.
    #[must_use]
    pub fn ok(check: &'static str, message: impl Into<String>) -> Self {
        Self {
            check,
            status: Outcome::Ok,
            message: message.into(),
            help: None,
        }
    }

    /// Tracking works, but knows less.
    #[must_use]
    pub fn warning(
        check: &'static str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self {
            check,
            status: Outcome::Warning,
            message: message.into(),
            help: Some(help.into()),
        }
    }

    /// Tracking does not work.
    #[must_use]
    pub fn problem(
        check: &'static str,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self {
            check,
            status: Outcome::Problem,
            message: message.into(),
            help: Some(help.into()),
        }
    }
}

/// Checks what the bot may do in one server, or in all that it is in.
///
/// # Errors
///
/// Discord does not say who the bot is, or which servers it is in.
pub async fn check_permissions_of(
    client: &Client,
    only: Option<GuildId>,
) -> Result<Vec<Finding>, ApiError> {
    let me = client.get_current_user().await?.id();
    let mut guilds = client.list_current_guilds().all().await?;
    guilds.retain(|it| only.is_none_or(|only| it.id == only));
    if let (Some(only), []) = (only, guilds.as_slice()) {
        return Ok(vec![Finding::problem(
            permissions::CHECK,
            format!("the bot is not in the server {only}"),
            "add the bot to it again, or forget about the server",
        )]);
    }
    Ok(check_permissions(client, me, &guilds).await)
}
