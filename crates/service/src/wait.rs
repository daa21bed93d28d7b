//! Errors of waiting.

use std::{error::Error, fmt, sync::Arc, time::Duration};

use guestlist_client::GatewayError;
use guestlist_ledger::{JoinRow, LedgerError};
use guestlist_model::UserId;

use crate::{ServiceError, Status};

/// The error of [`Running::wait_for_attribution`](crate::Running::wait_for_attribution)
/// and [`Running::wait_until_ready`](crate::Running::wait_until_ready).
///
/// ```no_run
/// # async fn example(running: guestlist_service::Running, user: guestlist_model::UserId) -> Result<(), std::convert::Infallible> {
/// use std::time::Duration;
/// use guestlist_service::WaitError;
///
/// match running.wait_for_attribution(user, Duration::from_secs(10)).await {
///     Ok(answer) => println!("{answer}"),
///     Err(WaitError::TimedOut(seen)) => println!("other members who joined: {:?}", seen.others),
///     Err(error) => println!("{error}"),
/// }
/// # Ok(()) }
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WaitError<E: Error + 'static = GatewayError> {
    /// There was no final answer in time. The message says what was seen instead.
    #[error("{0}")]
    TimedOut(Box<Seen>),
    /// The service was not ready in time.
    #[error("the service was not ready within {within:?}: {}", Doing(status))]
    NotReady {
        /// How long the call waited.
        within: Duration,
        /// The status of the service at that time.
        status: Box<Status>,
    },
    /// The service ended first. If it failed, the error says why.
    #[error("the service has ended")]
    Ended(#[source] Option<Arc<ServiceError<E>>>),
    /// The ledger cannot be read.
    #[error("the ledger failed")]
    Ledger(#[source] LedgerError),
}

/// What the service saw while there was no final answer.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Seen {
    /// The member whose answer was awaited.
    pub user: UserId,
    /// How long the call waited.
    pub within: Duration,
    /// The member's latest join, if the service saw it, with its first estimate if there
    /// is one.
    pub join: Option<JoinRow>,
    /// Other members who joined recently.
    pub others: Vec<UserId>,
    /// The status of the service at that time.
    pub status: Status,
}

impl Seen {
    pub(crate) fn new(
        user: UserId,
        within: Duration,
        join: Option<JoinRow>,
        others: Vec<UserId>,
        status: &Status,
    ) -> Self {
        Self {
            user,
            within,
            join,
            others,
            status: status.clone(),
        }
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (user, within) = (self.user, self.within);
        write!(f, "no final answer for user {user} within {within:?}: ")?;
        match &self.join {
            None => f.write_str("no join of this user is stored")?,
            Some(row) => {
                write!(f, "the join is stored, ")?;
                match &row.attribution {
                    Some(attribution) => write!(f, "with {}", attribution.certainty)?,
                    None => f.write_str("without an answer")?,
                }
                if row.left_at.is_some() {
                    f.write_str(", and the member has left again")?;
                }
            }
        }
        if self.join.is_none() {
            match &self.others[..] {
                [] => f.write_str(", and no other member joined")?,
                others => {
                    let others: Vec<String> = others.iter().map(ToString::to_string).collect();
                    write!(f, "; the latest joins are by {}", others.join(", "))?;
                }
            }
        }
        write!(f, "; {}", Doing(&self.status))
    }
}

/// Describes the status of a service.
struct Doing<'a>(&'a Status);

impl fmt::Display for Doing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Status {
            guilds,
            awaited,
            pending,
            requests,
            stats,
            ..
        } = self.0;
        write!(
            f,
            "{} of {} shards connected, {} of {} servers seen, {} lists of invites requested, \
             {requests} requests in progress, {pending} joins pending",
            self.0.connected(),
            self.0.expected_shards(),
            guilds,
            guilds + awaited,
            stats.list_requests,
        )
    }
}
