//! Checks whether the bot has everything that tracking needs: what is missing, the consequences,
//! and what to do about it.

mod permissions;

use guestlist_client::{ApiError, Client};
use guestlist_model::GuildId;
use serde::Serialize;

pub use self::permissions::all as check_permissions;

/// The outcome of a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Nothing is missing.
    Ok,
    /// Tracking works with limitations.
    Warning,
    /// Tracking does not work.
    Problem,
}

/// The result of one check.
///
/// ```no_run
/// # async fn example(client: guestlist_client::Client) -> Result<(), guestlist_client::ApiError> {
/// use guestlist_service::doctor::{Outcome, check_permissions_of};
///
/// for finding in check_permissions_of(&client, None).await? {
///     if finding.status != Outcome::Ok {
///         println!("{}; {}", finding.message, finding.help.unwrap_or_default());
///     }
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// What was checked, in one word.
    pub check: &'static str,
    /// The outcome.
    pub status: Outcome,
    /// What was found, and the consequences. It may contain names from Discord.
    pub message: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
}

impl Finding {
    /// Nothing is missing.
    #[must_use]
    pub fn ok(check: &'static str, message: impl Into<String>) -> Self {
        Self {
            check,
            status: Outcome::Ok,
            message: message.into(),
            help: None,
        }
    }

    /// Tracking works with limitations.
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

/// Checks the bot's permissions in one server, or in all of its servers.
///
/// # Errors
///
/// [`ApiError`] if Discord does not return the bot's user or its servers.
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
            "add the bot to the server again, or ignore this server",
        )]);
    }
    Ok(check_permissions(client, me, &guilds).await)
}
