//! A span for each join, from its frame to its answer in the ledger.

use std::collections::HashMap;

use guestlist_model::{Event, GuildId, UserId};
use guestlist_tracker::Record;
use tracing::{Span, field::Empty};

/// The maximum number of open spans. Further joins have none.
const MOST: usize = 10_000;

/// The joins that have no final answer in the ledger yet. Empty unless somebody collects
/// spans of `guestlist::join`.
#[derive(Debug, Default)]
pub(crate) struct Spans(HashMap<(GuildId, UserId), Span>);

impl Spans {
    /// An event was taken in.
    pub(crate) fn saw(&mut self, event: &Event) {
        let Event::MemberAdd(add) = event else {
            return;
        };
        let (guild, user) = (add.guild_id, add.member.user.id());
        let span = tracing::debug_span!(
            target: "guestlist::join", parent: None, "join", %guild, %user, certainty = Empty,
        );
        if !span.is_disabled() && self.0.len() < MOST {
            self.0.insert((guild, user), span);
        }
    }

    /// The tracker stated this.
    pub(crate) fn stated(&self, record: &Record) {
        if let Record::Attribution(said) = record
            && let Some(span) = self.0.get(&(said.key.guild, said.key.user))
        {
            let certainty = said.certainty.label();
            tracing::debug!(target: "guestlist::join", parent: span, certainty, "answered");
        }
    }

    /// These were stored.
    pub(crate) fn stored(&mut self, records: &[Record]) {
        if self.0.is_empty() {
            return;
        }
        for record in records {
            match record {
                Record::Attribution(said) if said.certainty.is_final() => {
                    if let Some(span) = self.0.remove(&(said.key.guild, said.key.user)) {
                        span.record("certainty", said.certainty.label());
                        tracing::debug!(target: "guestlist::join", parent: &span, "stored");
                    }
                }
                // Who leaves at once may never have an answer.
                Record::Leave(leave) => {
                    self.0.remove(&(leave.guild, leave.user));
                }
                _ => {}
            }
        }
    }
}
