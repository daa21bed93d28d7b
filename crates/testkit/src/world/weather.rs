//! How fast and how faithfully things are told.

use super::Ms;

/// How things are told: the bounds of delays, in milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Weather {
    /// From the join to its event.
    pub event: (Ms, Ms),
    /// From the join to its count.
    pub count: (Ms, Ms),
    /// From a request to its reading.
    pub latency: (Ms, Ms),
    /// From the reading of a request to the arrival of its answer, if not the same.
    pub reply: Option<(Ms, Ms)>,
    /// From the join to the search index.
    pub index: (Ms, Ms),
    /// From the end of an invite to its entry in the audit log.
    pub audit: (Ms, Ms),
    /// Per thousand: requests that fail.
    pub failing: u64,
    /// Per thousand: joins that are told twice.
    pub twice: u64,
    /// Per thousand: joins whose event cannot be decoded.
    pub garbled: u64,
}

impl Weather {
    /// Everything is told at once, but the index takes a second.
    pub const CALM: Self = Self {
        event: (10, 10),
        count: (0, 0),
        latency: (20, 20),
        reply: None,
        index: (1000, 1000),
        audit: (0, 0),
        failing: 0,
        twice: 0,
        garbled: 0,
    };
}
