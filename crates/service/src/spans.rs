//! A span for each join, from its frame to its answer in the ledger.

use guestlist_tracker::Record;
use tracing::{Span, field::Empty};

use crate::open::OpenJoins;

/// The spans of joins. Empty unless a subscriber collects spans of `guestlist::join`.
#[derive(Debug, Default)]
pub(crate) struct Spans(OpenJoins<Span>);

impl Spans {
    /// Handles a record of the tracker.
    pub(crate) fn stated(&mut self, record: &Record) {
        match record {
            Record::Join(join) => {
                let (guild, user) = (join.key.guild, join.key.user);
                let span = tracing::debug_span!(
                    target: "guestlist::join", parent: None, "join", %guild, %user, certainty = Empty,
                );
                if !span.is_disabled() {
                    self.0.open(join.key, span);
                }
            }
            Record::Attribution(said) => {
                if let Some(span) = self.0.get(said.key) {
                    let certainty = said.certainty.label();
                    tracing::debug!(target: "guestlist::join", parent: span, certainty, "answered");
                }
            }
            _ => {}
        }
    }

    /// Handles stored records.
    pub(crate) fn stored(&mut self, records: &[Record]) {
        self.0.stored(records, |said, span| {
            span.record("certainty", said.certainty.label());
            tracing::debug!(target: "guestlist::join", parent: &span, "stored");
        });
    }
}
