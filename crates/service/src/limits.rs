//! The settings of a service.

use std::time::Duration;

/// The settings of a service.
#[derive(Clone, Debug)]
pub(crate) struct Limits {
    pub(crate) commit_every: Duration,
    pub(crate) grace: Duration,
    pub(crate) requests: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            commit_every: Duration::from_millis(100),
            grace: Duration::from_secs(5),
            requests: 64,
        }
    }
}
