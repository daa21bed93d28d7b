//! Answers, one after the other.

use std::{
    error::Error,
    fmt,
    future::poll_fn,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use futures_util::{Stream, stream};
use guestlist_client::GatewayError;
use guestlist_ledger::{JoinRow, News, Reports};
use guestlist_model::{GuildId, InviteCode, UserId, for_terminal};
use guestlist_tracker::{Attribution, Certainty, Join, Origin};
use tokio::sync::watch;

use crate::{Outcome, ServiceError, Subscription};

/// Who joined, and how they came in.
///
/// [`Display`](fmt::Display) writes it as a line for a log:
/// `ferris joined Rust: confirmed: invite hB6mWNqr, by nelly`.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Attributed {
    /// The join: who, where and when.
    pub join: Join,
    /// How they came in, how certain that is, and why.
    pub attribution: Attribution,
    /// The name of the server, if known.
    pub guild_name: Option<String>,
    /// The name of the inviter, if there is one and the name is known.
    pub inviter_name: Option<String>,
}

impl Attributed {
    /// What a row says, if it has an answer.
    #[must_use]
    pub fn new(row: JoinRow) -> Option<Self> {
        Some(Self {
            join: row.join,
            attribution: row.attribution?,
            guild_name: row.guild_name,
            inviter_name: row.inviter_name,
        })
    }

    /// Who joined.
    #[must_use]
    pub const fn user(&self) -> UserId {
        self.join.key.user
    }

    /// The server.
    #[must_use]
    pub const fn guild(&self) -> GuildId {
        self.join.key.guild
    }

    /// Whether this is more than a first estimate. A deduced or an ambiguous answer may
    /// still be confirmed later.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        self.attribution.certainty.is_final()
    }

    /// Whether Discord itself says so. Nothing changes such an answer.
    #[must_use]
    pub const fn is_confirmed(&self) -> bool {
        matches!(self.attribution.certainty, Certainty::Confirmed(_))
    }

    /// The way in, if it is confirmed or deduced.
    #[must_use]
    pub const fn origin(&self) -> Option<&Origin> {
        self.attribution.certainty.origin()
    }

    /// The invite's code, if it is confirmed or deduced that the member used an invite or
    /// the vanity link.
    #[must_use]
    pub fn code(&self) -> Option<&InviteCode> {
        self.origin().and_then(Origin::code)
    }

    /// Who made the invite or added the bot, if that is confirmed or deduced.
    #[must_use]
    pub fn inviter(&self) -> Option<UserId> {
        self.origin().and_then(Origin::inviter)
    }
}

impl fmt::Display for Attributed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.join.name {
            Some(name) => f.write_str(&for_terminal(name))?,
            None => write!(f, "user {}", self.user())?,
        }
        match &self.guild_name {
            Some(name) => write!(f, " joined {}", for_terminal(name))?,
            None => write!(f, " joined server {}", self.guild())?,
        }
        write!(f, ": {}", self.attribution.certainty)?;
        match (&self.inviter_name, self.inviter()) {
            (Some(name), Some(_)) => write!(f, ", by {}", for_terminal(name)),
            (None, Some(id)) => write!(f, ", by user {id}"),
            (_, None) => Ok(()),
        }
    }
}

/// Answers in the order in which they are stored: see
/// [`Running::attributions`](crate::Running::attributions).
///
/// It ends when the service has ended and every answer was returned. If the service failed,
/// the error is the last item. A reader may be as slow as it likes: it misses nothing, and
/// slows nothing.
pub struct Attributions<E: Error + 'static = GatewayError> {
    items: Pin<Box<dyn Stream<Item = Item<E>> + Send>>,
    finals: bool,
}

/// An answer, or why there is none.
type Item<E> = Result<Attributed, Arc<ServiceError<E>>>;

/// Where a stream is.
enum State<L, E: Error + 'static> {
    Reading(Subscription<L>, watch::Receiver<Option<Outcome<E>>>),
    Ended,
}

impl<E: Error + Send + Sync + 'static> Attributions<E> {
    pub(crate) fn new<L: Reports + 'static>(
        changes: Subscription<L>,
        outcome: watch::Receiver<Option<Outcome<E>>>,
    ) -> Self {
        let start = State::Reading(changes, outcome);
        let items = stream::unfold(start, |state| async move {
            let State::Reading(mut changes, mut outcome) = state else {
                return None;
            };
            loop {
                let row = match changes.next().await {
                    Ok(Some(change)) => match change.news {
                        News::Attribution(row) => row,
                        _ => continue,
                    },
                    Ok(None) => {
                        let ended = outcome.wait_for(Option::is_some).await.ok()?;
                        let error = ended.as_ref()?.as_ref().err()?;
                        return Some((Err(Arc::clone(error)), State::Ended));
                    }
                    Err(error) => {
                        let error = Arc::new(ServiceError::Ledger(error));
                        return Some((Err(error), State::Reading(changes, outcome)));
                    }
                };
                if let Some(answer) = Attributed::new(*row) {
                    return Some((Ok(answer), State::Reading(changes, outcome)));
                }
            }
        });
        Self {
            items: Box::pin(items),
            finals: false,
        }
    }
}

impl<E: Error + 'static> Attributions<E> {
    /// Leaves out first estimates ([`Attributed::is_final`]).
    #[must_use]
    pub fn finals(mut self) -> Self {
        self.finals = true;
        self
    }

    /// The next answer; `None` when the service has ended.
    ///
    /// Cancel safe: what is not returned is returned by the next call.
    ///
    /// # Errors
    ///
    /// When the ledger cannot be read: the next call tries again. When the service failed:
    /// then this is the last item.
    pub async fn next(&mut self) -> Option<Result<Attributed, Arc<ServiceError<E>>>> {
        poll_fn(|context| Pin::new(&mut *self).poll_next(context)).await
    }
}

impl<E: Error + 'static> Stream for Attributions<E> {
    type Item = Result<Attributed, Arc<ServiceError<E>>>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            match self.items.as_mut().poll_next(context) {
                Poll::Ready(Some(Ok(answer))) if self.finals && !answer.is_final() => {}
                polled => return polled,
            }
        }
    }
}

impl<E: Error + 'static> fmt::Debug for Attributions<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Attributions")
            .field("finals", &self.finals)
            .finish_non_exhaustive()
    }
}
