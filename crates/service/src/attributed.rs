//! A stream of answers.

use serde::{Deserialize, Serialize};
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

/// An answer: who joined, and how.
///
/// [`Display`](fmt::Display) writes a line for a log: `ferris joined Rust: confirmed:
/// invite hB6mWNqr, by nelly`.
///
/// ```no_run
/// use guestlist_service::Attributed;
///
/// fn greet(answer: &Attributed) -> Option<String> {
///     let name = answer.join.name.as_deref()?;
///     let inviter = answer.inviter_name.as_deref()?;
///     answer
///         .is_confirmed()
///         .then(|| format!("Welcome {name}, invited by {inviter}!"))
/// }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Attributed {
    /// The join: the member, the server and the time.
    pub join: Join,
    /// How the member joined, with certainty and evidence.
    pub attribution: Attribution,
    /// The name of the server, if known.
    pub guild_name: Option<String>,
    /// The name of the inviter, if there is one and its name is known.
    pub inviter_name: Option<String>,
}

impl Attributed {
    /// Creates an answer from a row of the ledger; `None` if the row has no answer.
    #[must_use]
    pub fn new(row: JoinRow) -> Option<Self> {
        Some(Self {
            join: row.join,
            attribution: row.attribution?,
            guild_name: row.guild_name,
            inviter_name: row.inviter_name,
        })
    }

    /// The member.
    #[must_use]
    pub const fn user(&self) -> UserId {
        self.join.key.user
    }

    /// The server.
    #[must_use]
    pub const fn guild(&self) -> GuildId {
        self.join.key.guild
    }

    /// Whether this is not just a first estimate. A deduced or ambiguous answer may still
    /// be confirmed later.
    #[must_use]
    pub const fn is_final(&self) -> bool {
        self.attribution.certainty.is_final()
    }

    /// Whether Discord confirmed the answer. Such an answer never changes.
    #[must_use]
    pub const fn is_confirmed(&self) -> bool {
        matches!(self.attribution.certainty, Certainty::Confirmed(_))
    }

    /// How the member joined, if that is confirmed or deduced.
    #[must_use]
    pub const fn origin(&self) -> Option<&Origin> {
        self.attribution.certainty.origin()
    }

    /// The code of the invite or the vanity link, if it is confirmed or deduced.
    #[must_use]
    pub fn code(&self) -> Option<&InviteCode> {
        self.origin().and_then(Origin::code)
    }

    /// The user who created the invite or added the bot, if confirmed or deduced.
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

/// A stream of answers in the order in which they are stored; see
/// [`Running::attributions`](crate::Running::attributions).
///
/// It ends when the service has ended and every answer was returned. If the service failed,
/// the error is the last item. A slow reader misses nothing and does not slow down the
/// service.
///
/// ```no_run
/// # async fn example(running: guestlist_service::Running) -> Result<(), Box<dyn std::error::Error>> {
/// let mut answers = running.attributions().finals();
/// while let Some(answer) = answers.next().await.transpose()? {
///     println!("{answer}");
/// }
/// # Ok(())
/// # }
/// ```
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
    /// Skips first estimates (see [`Attributed::is_final`]).
    #[must_use]
    pub fn finals(mut self) -> Self {
        self.finals = true;
        self
    }

    /// Returns the next answer, or `None` when the service has ended.
    ///
    /// This method is cancel safe: no answer is lost.
    ///
    /// # Errors
    ///
    /// [`ServiceError`] if the ledger cannot be read, in which case the next call tries
    /// again, or if the service failed, in which case this is the last item.
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
