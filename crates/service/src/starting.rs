//! What a source of events reports while it cannot be opened.

use std::time::SystemTime;

use guestlist_client::Cause;
use guestlist_model::Timestamp;
use tokio::sync::watch;

use crate::{Affected, Status, Trouble};

/// Reports to the service's status why its source cannot be opened yet. See
/// [`Connect::report_to`](crate::Connect::report_to).
#[derive(Clone, Debug)]
pub struct Starting {
    status: watch::Sender<Status>,
}

impl Starting {
    pub(crate) const fn new(status: watch::Sender<Status>) -> Self {
        Self { status }
    }

    /// Reports that the source could not be opened, and that it will try again.
    pub fn failed(&self, cause: Cause) {
        let now = Timestamp::from(SystemTime::now());
        self.status.send_modify(|status| {
            let before = status.troubles.pop();
            let (since, times) = match before {
                Some(before) => (before.since, before.times + 1),
                None => (now, 1),
            };
            status.troubles.push(Trouble {
                about: Affected::Start,
                cause,
                since,
                times,
            });
        });
    }

    /// Reports that the source is open.
    pub fn succeeded(&self) {
        self.status.send_if_modified(|status| {
            let had = !status.troubles.is_empty();
            status.troubles.clear();
            had
        });
    }
}
