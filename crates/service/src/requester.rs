//! Where requests go.

use std::{future::Future, time::Duration};

use guestlist_client::{ApiError, AuditLogLimit, Client, SearchLimit};
use guestlist_model::{AuditAction, Timestamp};
use guestlist_tracker::{Failure, MemberQuery, Request, Response};

/// Asks Discord what the tracker wants to know.
///
/// A request is sent once; the tracker decides what is asked again and when.
pub trait Requester: Clone + Send + Sync + 'static {
    /// Sends a request.
    fn request(&self, request: Request) -> impl Future<Output = Result<Response, Failure>> + Send;
}

impl Requester for Client {
    async fn request(&self, request: Request) -> Result<Response, Failure> {
        match request {
            Request::ListInvites { guild } => {
                let list = self.list_guild_invites(guild).await.map_err(failure)?;
                for (index, error) in &list.failed {
                    tracing::warn!(%guild, index, %error, "an invite in the list is not understood");
                }
                Ok(if list.failed.is_empty() {
                    Response::Invites(list.invites)
                } else {
                    Response::SomeInvites(list.invites)
                })
            }
            Request::VanityUrl { guild } => self
                .vanity_url(guild)
                .await
                .map(Response::Vanity)
                .map_err(failure),
            Request::SearchMembers {
                guild,
                query,
                limit,
            } => {
                let search = self.search_members(guild, search_query(query)?);
                let limit = SearchLimit::new(u32::from(limit)).map_err(malformed)?;
                // The newest first, as Discord does by itself: the tracker goes on
                // before the oldest of a full page.
                search
                    .limit(limit)
                    .await
                    .map(Response::Members)
                    .map_err(failure)
            }
            Request::AuditLog {
                guild,
                action,
                limit,
            } => {
                let limit = AuditLogLimit::new(u32::from(limit)).map_err(malformed)?;
                let mut log = self.audit_log(guild).limit(limit);
                if let Some(action) = action {
                    log = log.action(AuditAction::new(u64::from(action)));
                }
                log.await.map(Response::AuditLog).map_err(failure)
            }
            other => Err(malformed(format_args!("no way to send {}", other.label()))),
        }
    }
}

fn search_query(query: MemberQuery) -> Result<guestlist_client::MemberQuery, Failure> {
    match query {
        MemberQuery::Users(users) => guestlist_client::MemberQuery::users(users).map_err(malformed),
        MemberQuery::JoinedBetween { from, to } => {
            // Discord compares milliseconds: one more, so that the last is included.
            let end = to.map_or_else(far_away, |to| to.saturating_add(Duration::from_millis(1)));
            guestlist_client::MemberQuery::joined_between(from, end).map_err(malformed)
        }
        _ => Err(malformed("no way to search for that")),
    }
}

/// "Until now", by whichever clock: the year 2100.
const fn far_away() -> Timestamp {
    Timestamp::from_secs(4_102_444_800)
}

fn malformed(error: impl std::fmt::Display) -> Failure {
    Failure::Other {
        status: 0,
        code: 0,
        message: error.to_string(),
    }
}

/// What a refusal means to the tracker.
fn failure(error: ApiError) -> Failure {
    match error {
        ApiError::MissingPermission => Failure::MissingPermission,
        ApiError::MissingAccess => Failure::MissingAccess,
        ApiError::UnknownInvite { .. } | ApiError::NotFound { .. } => Failure::NotFound,
        ApiError::VanityUnavailable => Failure::Unavailable,
        ApiError::RateLimited { retry_after, .. } => Failure::RateLimited { retry_after },
        ApiError::NotIndexed { retry_after } => Failure::NotReady { retry_after },
        ApiError::Api {
            status,
            code,
            message,
        } => Failure::Other {
            status,
            code,
            message,
        },
        // Worth another try, later: a token that is really gone ends the connection to
        // the gateway, and with it the service.
        error @ (ApiError::Unauthorized { .. }
        | ApiError::Transport(_)
        | ApiError::Timeout
        | ApiError::Decode(_)
        | ApiError::NotDiscord { .. }) => Failure::Transport(error.to_string()),
        error @ (ApiError::Banned
        | ApiError::LimitReached { .. }
        | ApiError::NoTargetUsers
        | ApiError::NotForBots
        | ApiError::InvalidForm { .. }
        | ApiError::TargetUsersFile { .. }) => Failure::Other {
            status: 400,
            code: 0,
            message: error.to_string(),
        },
    }
}
