//! Joins that have no final answer in the ledger yet.

use std::collections::HashMap;

use guestlist_model::{GuildId, UserId};
use guestlist_tracker::{Attribution, JoinKey, Record};

/// The maximum number of open joins. Further ones are not kept.
const MOST: usize = 10_000;

/// The data of each join until its answer is stored.
#[derive(Debug)]
pub(crate) struct OpenJoins<T>(HashMap<(GuildId, UserId), T>);

impl<T> Default for OpenJoins<T> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<T> OpenJoins<T> {
    /// Adds a join, which is stated once.
    pub(crate) fn open(&mut self, key: JoinKey, kept: T) {
        if self.0.len() < MOST {
            self.0.insert((key.guild, key.user), kept);
        }
    }

    /// The data of a join.
    pub(crate) fn get(&self, key: JoinKey) -> Option<&T> {
        self.0.get(&(key.guild, key.user))
    }

    /// Handles stored records. Passes on the data of each join that now has a final answer.
    pub(crate) fn stored(&mut self, records: &[Record], mut answered: impl FnMut(&Attribution, T)) {
        if self.0.is_empty() {
            return;
        }
        for record in records {
            match record {
                Record::Attribution(said) if said.certainty.is_final() => {
                    if let Some(kept) = self.0.remove(&(said.key.guild, said.key.user)) {
                        answered(said, kept);
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
