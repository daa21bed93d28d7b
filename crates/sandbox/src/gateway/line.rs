//! The way from a session to the connection that serves it.

use tokio::sync::mpsc::{Receiver, Sender, channel, error::TrySendError};
use tokio_util::sync::CancellationToken;

use super::session::Outgoing;

/// So many frames may wait for a client to read them. One that is further behind is cut off.
const MOST_WAITING: usize = 100_000;

/// What a session knows of its connection.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    /// The number of the socket.
    pub(super) number: u64,
    sender: Sender<Outgoing>,
    overfull: CancellationToken,
}

impl Line {
    /// A line, and the end of it that the connection has.
    pub(super) fn new(number: u64) -> (Self, Receiver<Outgoing>) {
        let (sender, receiver) = channel(MOST_WAITING);
        let line = Self {
            number,
            sender,
            overfull: CancellationToken::new(),
        };
        (line, receiver)
    }

    /// Tells the connection to do something. If it does not keep up, it ends.
    pub(super) fn tell(&self, outgoing: Outgoing) {
        // A connection that is gone says so itself.
        if let Err(TrySendError::Full(_)) = self.sender.try_send(outgoing) {
            self.overfull.cancel();
        }
    }

    /// Waits until the client is too far behind.
    pub(super) async fn overfull(&self) {
        self.overfull.cancelled().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_line_that_is_not_read_ends() {
        let (line, receiver) = Line::new(1);
        for _ in 0..MOST_WAITING {
            line.tell(Outgoing::Abort);
        }
        assert!(!line.overfull.is_cancelled());
        line.tell(Outgoing::Abort);
        line.overfull().await;
        drop(receiver);
    }
}
