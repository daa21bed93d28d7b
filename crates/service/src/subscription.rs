//! Following what is stored.

use std::{collections::VecDeque, sync::Arc};

use guestlist_ledger::{Change, ChangeFilter, Cursor, LedgerError, Reports};
use tokio::sync::watch;

/// The number of entries to read from the ledger at once.
const PAGE: u32 = 256;

/// The changes that a service stores, in order.
///
/// A subscription reads the ledger's feed
/// ([`Reports::changes`](guestlist_ledger::Reports::changes)). A slow reader misses
/// nothing, uses no memory, and does not slow down the service. Store the
/// [`cursor`](Self::cursor) after the last processed change, and a later subscription
/// continues there, even in another process.
///
/// ```no_run
/// # async fn example(running: guestlist_service::Running) -> Result<(), guestlist_ledger::LedgerError> {
/// use guestlist_ledger::{ChangeFilter, ChangeKind, News};
///
/// let mut leaves = running.subscribe(ChangeFilter::new().kind(ChangeKind::Leave));
/// while let Some(change) = leaves.next().await? {
///     if let News::Leave(leave) = change.news {
///         println!("{} left", leave.user);
///     }
/// }
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Subscription<L> {
    ledger: Arc<L>,
    filter: ChangeFilter,
    cursor: Cursor,
    /// The position up to which the feed has been read: after all entries in `page`.
    read: Cursor,
    page: VecDeque<Change>,
    stored: watch::Receiver<Cursor>,
}

impl<L: Reports> Subscription<L> {
    pub(crate) const fn new(
        ledger: Arc<L>,
        filter: ChangeFilter,
        after: Cursor,
        stored: watch::Receiver<Cursor>,
    ) -> Self {
        Self {
            ledger,
            filter,
            cursor: after,
            read: after,
            page: VecDeque::new(),
            stored,
        }
    }

    /// The position after the change that [`next`](Self::next) returned last.
    #[must_use]
    pub const fn cursor(&self) -> Cursor {
        self.cursor
    }

    /// Returns the next change, or `None` when the service has ended and every change was
    /// returned.
    ///
    /// This method is cancel safe: no change is lost.
    ///
    /// # Errors
    ///
    /// [`LedgerError`] if the ledger cannot be read. The next call tries again.
    pub async fn next(&mut self) -> Result<Option<Change>, LedgerError> {
        loop {
            if let Some(change) = self.page.pop_front() {
                self.cursor = change.cursor;
                return Ok(Some(change));
            }
            let stored = *self.stored.borrow_and_update();
            if self.read < stored {
                let changes = self.ledger.changes(self.read, &self.filter, PAGE).await?;
                // Behind what is stored there may be nothing of these kinds.
                self.read = changes.next.max(self.read);
                if changes.entries.is_empty() {
                    self.read = self.read.max(stored);
                }
                self.page.extend(changes.entries);
            } else if self.stored.changed().await.is_err() {
                // The service has ended. What it stored last may not have been seen yet.
                if self.read >= *self.stored.borrow() {
                    return Ok(None);
                }
            }
        }
    }
}
